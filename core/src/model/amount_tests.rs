use proptest::prelude::*;

use super::*;

/// The one meaning, rounded to four decimals, or why there is none.
fn one(text: &str, own: &str) -> Result<f64, Reason> {
    let all = read(text, own)?;
    assert_eq!(all.len(), 1, "{text}: {all:?}");
    Ok((all[0].number * 10_000.0).round() / 10_000.0)
}

/// Expected: the sizes of the agreement of 1959 (NIST Special Publication 811, appendix B), by hand.
// Long because it is one table.
#[test]
fn amounts_as_parents_write_them() {
    for (text, own, expected) in [
        ("7.35", "kg", Ok(7.35)),
        ("7.35 kg", "kg", Ok(7.35)),
        ("７．３５ｋｇ", "kg", Ok(7.35)),
        ("7350g", "kg", Ok(7.35)),
        ("7,35", "kg", Ok(7.35)),
        ("7kg350", "kg", Ok(7.35)),
        ("7キロ350", "kg", Ok(7.35)),
        ("7キロ350グラム", "kg", Ok(7.35)),
        ("7 kg 350 g", "kg", Ok(7.35)),
        ("7キロと350グラム", "kg", Ok(7.35)),
        ("7キロ半", "kg", Ok(7.5)),
        ("3kg050", "g", Ok(3050.0)),
        // 35 g or 350 g: nobody knows.
        ("7キロ35", "kg", Err(Reason::UnknownUnit)),
        ("7kg1350g", "kg", Err(Reason::OutOfRange)),
        ("16.2 lb", "kg", Ok(7.3482)),
        ("16lb 3oz", "kg", Ok(7.3425)),
        ("16 lbs, 3.5 oz.", "kg", Ok(7.3567)),
        ("16 pounds 3 ounces", "kg", Ok(7.3425)),
        ("16lb16oz", "kg", Err(Reason::OutOfRange)),
        ("16.5lb 3oz", "kg", Err(Reason::NotANumber)),
        ("112oz", "kg", Ok(3.1751)),
        ("16lb3", "kg", Err(Reason::UnknownUnit)),
        ("2 bushels", "kg", Err(Reason::UnknownUnit)),
        ("66.5 cm", "kg", Err(Reason::UnknownUnit)),
        ("25.5in", "cm", Ok(64.77)),
        ("25.5\"", "cm", Ok(64.77)),
        ("2ft 1.5in", "cm", Ok(64.77)),
        ("2'1\"", "cm", Ok(63.5)),
        ("665mm", "cm", Ok(66.5)),
        ("0.665 m", "cm", Ok(66.5)),
        ("66センチ5ミリ", "cm", Ok(66.5)),
        ("66センチ5", "cm", Ok(66.5)),
        ("1m05", "cm", Ok(105.0)),
        ("㎏", "kg", Err(Reason::NotANumber)),
        ("7.35㎏", "kg", Ok(7.35)),
        ("99.5°F", "°C", Ok(37.5)),
        ("99.5 F", "°C", Ok(37.5)),
        ("37.5℃", "°C", Ok(37.5)),
        ("37度5分", "°C", Ok(37.5)),
        ("37度5", "°C", Ok(37.5)),
        ("３７度", "°C", Ok(37.0)),
        ("37度12分", "°C", Err(Reason::UnknownUnit)),
        ("37.5K", "°C", Err(Reason::UnknownUnit)),
        ("4 oz", "mL", Ok(118.2941)),
        ("4 fl oz", "mL", Ok(118.2941)),
        ("120cc", "mL", Ok(120.0)),
        ("120ミリ", "mL", Ok(120.0)),
        ("0.2L", "mL", Ok(200.0)),
        ("1時間30分", "min", Ok(90.0)),
        ("1h30m", "min", Ok(90.0)),
        ("1h30", "min", Ok(90.0)),
        ("1時間半", "min", Ok(90.0)),
        ("1.5 hours", "min", Ok(90.0)),
        ("90分", "min", Ok(90.0)),
        ("1:30", "min", Err(Reason::UnknownUnit)),
        ("5歳", "years", Ok(5.0)),
        ("5 kg", "years", Err(Reason::UnknownUnit)),
        ("", "kg", Err(Reason::NotANumber)),
        ("kg 7", "kg", Err(Reason::NotANumber)),
        ("7 35", "kg", Err(Reason::NotANumber)),
        ("7.", "kg", Err(Reason::NotANumber)),
        ("1e3", "kg", Err(Reason::UnknownUnit)),
        ("7,3,5", "kg", Err(Reason::NotANumber)),
        ("1,234.5g", "g", Ok(1234.5)),
        ("-3", "kg", Ok(-3.0)),
        // As keyboards write it.
        ("7。35", "kg", Ok(7.35)),
        ("7、35kg", "kg", Ok(7.35)),
        ("16ポンド、3オンス", "kg", Ok(7.3425)),
        ("7きろ350ぐらむ", "kg", Ok(7.35)),
        ("7㌔350", "kg", Ok(7.35)),
        ("66せんち5みり", "cm", Ok(66.5)),
        ("1じかん30ぷん", "min", Ok(90.0)),
        ("37ど5ぶ", "°C", Ok(37.5)),
        ("37度半", "°C", Ok(37.5)),
        ("37.5度C", "°C", Ok(37.5)),
        ("37.5 ºC", "°C", Ok(37.5)),
        ("37.5˚C", "°C", Ok(37.5)),
        ("99.5ºF", "°C", Ok(37.5)),
        ("99.5 degrees F", "°C", Ok(37.5)),
        // Fractions of ounces and pounds; what is not one is no digit.
        ("16½ lb", "kg", Ok(7.4843)),
        ("16lb 3½oz", "kg", Ok(7.3567)),
        ("½ lb", "kg", Ok(0.2268)),
        ("7 lb 8 1/2 oz", "kg", Err(Reason::NotANumber)),
        ("7²", "kg", Err(Reason::NotANumber)),
        ("①", "kg", Err(Reason::NotANumber)),
        ("7⅓ lb", "kg", Err(Reason::NotANumber)),
        ("16 kg/m²", "kg/m2", Ok(16.0)),
        ("3回目", "", Ok(3.0)),
        ("3回", "", Ok(3.0)),
        ("3kg", "", Err(Reason::UnknownUnit)),
        ("7 350 g", "kg", Err(Reason::NotANumber)),
        ("7.3〜7.4", "kg", Err(Reason::NotANumber)),
        ("約7.35", "kg", Err(Reason::NotANumber)),
    ] {
        assert_eq!(one(text, own), expected, "{text} in {own}");
    }
}

#[test]
fn a_comma_before_three_digits_is_left_to_the_range() {
    let meant = |text, own| read(text, own).unwrap().into_iter().map(|amount| amount.number).collect::<Vec<f64>>();
    assert_eq!(meant("7,350", "kg"), [7350.0, 7.35]);
    assert_eq!(meant("7,350 g", "kg"), [7.35, 0.00735]);
    assert_eq!(meant("1,234,567", "g"), [1_234_567.0]);
}

#[test]
fn words_that_name_units() {
    for word in ["lb", "LB", "kg", "℃", "°F", "㎝", "ポンド", "mL", "fl oz", "min"] {
        assert!(is_unit(word), "{word}");
    }
    for word in ["", "morning", "朝", "left", "JST", "回"] {
        assert!(!is_unit(word), "{word}");
    }
    assert!(same_unit("LB", "pounds", "kg") && !same_unit("lb", "kg", "kg"));
    assert!(counts_the_rest("lb", "oz", "kg") && counts_the_rest("h", "min", "min"));
    assert!(!counts_the_rest("kg", "g", "kg") && !counts_the_rest("kg", "lb", "kg"));
}

proptest! {
    #[test]
    fn no_text_is_read_that_a_person_would_not_call_an_amount(text in ".{0,24}", own in 0..7_usize) {
        let own = ["kg", "g", "cm", "mL", "min", "°C", "years"][own];
        if let Ok(all) = read(&text, own) {
            prop_assert!(!all.is_empty() && all.iter().all(|amount| amount.number.is_finite()));
            let digit = |c: char| c.nfkc().any(|c| c.is_ascii_digit());
            prop_assert!(text.chars().any(digit));
        }
    }

    #[test]
    fn every_weight_reads_the_same_in_each_way_of_writing_it(grams in 500_u32..40_000) {
        let (kilos, rest) = (grams / 1000, grams % 1000);
        for text in [
            format!("{grams}g"), format!("{kilos}.{rest:03}"), format!("{kilos}kg{rest:03}"), format!("{kilos}キロ{rest}グラム"),
        ] {
            prop_assert_eq!(one(&text, "kg"), Ok(f64::from(grams) / 1000.0), "{}", text);
        }
    }

    #[test]
    fn pounds_and_ounces_are_the_same_as_ounces(ounces in 16_u32..800) {
        let (pounds, rest) = (ounces / 16, ounces % 16);
        let whole = one(&format!("{ounces}oz"), "kg");
        prop_assert_eq!(one(&format!("{pounds}lb {rest}oz"), "kg"), whole);
    }
}

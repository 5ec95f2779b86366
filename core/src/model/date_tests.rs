use super::*;

fn ymd(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

#[test]
fn dates_as_people_write_them() {
    for (text, expected, why) in [
        ("2024-05-03", Some((2024, 5, 3)), "ISO 8601"),
        ("2024/5/3", Some((2024, 5, 3)), "slashes without zeros"),
        ("2024年5月3日", Some((2024, 5, 3)), "Japanese"),
        ("20240503", Some((2024, 5, 3)), "eight digits"),
        ("２０２４－０５－０３", Some((2024, 5, 3)), "full-width"),
        ("令和6年5月3日", Some((2024, 5, 3)), "era"),
        ("令和 ６年 ５月 ３日", Some((2024, 5, 3)), "era, full-width, blanks"),
        ("R6.5.3", Some((2024, 5, 3)), "era letter"),
        ("r6/5/3", Some((2024, 5, 3)), "small era letter"),
        ("令和元年5月1日", Some((2019, 5, 1)), "first day of Reiwa"),
        ("平成31年4月30日", Some((2019, 4, 30)), "last day of Heisei"),
        ("令和元年4月30日", None, "Reiwa had not begun"),
        ("平成31年5月1日", None, "Heisei was over"),
        ("昭和64年1月7日", Some((1989, 1, 7)), "last day of Showa"),
        ("昭和64年1月8日", None, "Showa was over"),
        ("S60.12.1", Some((1985, 12, 1)), "a mother's birthday"),
        ("2023-02-29", None, "no such day"),
        ("2024-02-29", Some((2024, 2, 29)), "leap day"),
        ("24-05-03", None, "two-digit years are ambiguous"),
        ("2024-05", None, "a month is no day"),
        ("2024-5-3-1", None, "too much"),
        ("明日", None, "no date"),
        ("2024/11/5(火)", Some((2024, 11, 5)), "day of the week"),
        ("2024年11月5日（火）", Some((2024, 11, 5)), "in wide brackets"),
        ("2024年11月5日火曜日", Some((2024, 11, 5)), "written out"),
        ("令和6年11月4日(月・祝)", Some((2024, 11, 4)), "a holiday"),
        ("2024/11/5(水)", None, "it was a Tuesday"),
        ("Tue, Nov 5, 2024", Some((2024, 11, 5)), "in English"),
        ("5 November 2024", Some((2024, 11, 5)), "as our own booklet writes it"),
        ("November 5, 2024", Some((2024, 11, 5)), "as Americans write it"),
        ("5 Nov. 2024", Some((2024, 11, 5)), "shortened"),
        ("5 Nob 2024", None, "no month"),
        ("Nov 5 2024", Some((2024, 11, 5)), "without a comma"),
        ("05-Nov-2024", Some((2024, 11, 5)), "as databases write it"),
        ("5th November 2024", Some((2024, 11, 5)), "said aloud"),
        ("November 1st, 2024", Some((2024, 11, 1)), "said aloud"),
        ("Sunday, 1st September 2024", Some((2024, 9, 1)), "a month that begins like an ending"),
        ("31 Nov 2024", None, "no such day"),
        ("5 Nov 24", None, "two digits are ambiguous here too"),
        ("Nov 52024", Some((2024, 11, 5)), "what folding leaves of it"),
        ("令6.11.5", Some((2024, 11, 5)), "one sign of the era"),
        ("㋿6年11月5日", Some((2024, 11, 5)), "the era's own sign"),
        ("平31.4.30", Some((2019, 4, 30)), "its last day"),
        ("平31.5.1", None, "over"),
        ("昭64.1.7", Some((1989, 1, 7)), "its last day"),
        ("大正15年12月24日", Some((1926, 12, 24)), "its last day"),
        ("大正15年12月25日", None, "over"),
        ("昭和元年12月25日", Some((1926, 12, 25)), "its first day"),
        ("2024/11/4(月・休)", Some((2024, 11, 4)), "a day off"),
        ("2024/11/4(月・振休)", Some((2024, 11, 4)), "instead of a Sunday"),
        ("2024/11/4[月祝]", Some((2024, 11, 4)), "a holiday, short"),
        ("2024/11/5(祝)", None, "no day of the week"),
        ("11/5/2024", None, "May or November"),
        ("2024/11/5(仏滅)", None, "something else in brackets"),
        ("", None, "nothing"),
        ("令和0年1月1日", None, "no year zero"),
        ("11111111", None, "eight digits are not always a date"),
        ("令和5709年2月22日", None, "no such year of an era"),
        ("--", None, "only signs"),
    ] {
        assert_eq!(parse_date(text), expected.map(|(y, m, d)| ymd(y, m, d)), "{text}: {why}");
    }
}

#[test]
fn days_as_they_are_said() {
    let today = ymd(2024, 3, 1);
    for (text, expected) in [
        ("今日", Some(ymd(2024, 3, 1))),
        ("けさ", Some(ymd(2024, 3, 1))),
        ("昨日", Some(ymd(2024, 2, 29))),
        ("昨夜", Some(ymd(2024, 2, 29))),
        (" Yesterday ", Some(ymd(2024, 2, 29))),
        ("おととい", Some(ymd(2024, 2, 28))),
        ("３日前", Some(ymd(2024, 2, 27))),
        ("三日前", Some(ymd(2024, 2, 27))),
        ("3 days ago", Some(ymd(2024, 2, 27))),
        ("1週間前", Some(ymd(2024, 2, 23))),
        ("二週間前", Some(ymd(2024, 2, 16))),
        ("2 weeks ago", Some(ymd(2024, 2, 16))),
        ("400日前", None),
        ("-3日前", None),
        ("日前", None),
        ("明日", None),
        ("先月", None),
    ] {
        assert_eq!(day_named(text, today), expected, "{text}");
    }
}

#[test]
fn achievement_dates_keep_their_precision() {
    for (text, expected) in [
        ("2024-05-03", Some("2024-05-03")),
        ("2024-05-03~", Some("2024-05-03~")),
        ("令和6年5月3日ごろ", Some("2024-05-03~")),
        ("約2024/5/3", Some("2024-05-03~")),
        ("about 2024-05-03", Some("2024-05-03~")),
        ("2024-05", Some("2024-05")),
        ("令和6年5月", Some("2024-05")),
        ("令和元年5月頃", Some("2019-05")),
        ("不明", Some("unknown")),
        ("2024", None),
        ("2024-13", None),
        ("soon", None),
    ] {
        assert_eq!(ApproxDate::parse(text).map(|d| d.to_string()).as_deref(), expected, "{text}");
    }
}

#[test]
fn gestation_in_weeks_and_days() {
    for (text, days) in [
        ("38w2d", Some(268)),
        ("38週2日", Some(268)),
        ("38+2", Some(268)),
        ("40w", Some(280)),
        ("40", Some(280)),
        ("22w7d", None),
        ("46w", None),
        ("", None),
        ("w", None),
    ] {
        assert_eq!(Gestation::parse(text).map(Gestation::days), days, "{text}");
    }
    assert_eq!(Gestation::from_days(268).unwrap().to_string(), "38w2d");
}

#[test]
fn ages_in_months_and_days() {
    for (born, on, expected, why) in [
        (ymd(2024, 1, 31), ymd(2024, 2, 29), Some((1, 0)), "the last day stands for a missing day"),
        (ymd(2024, 2, 29), ymd(2025, 2, 28), Some((12, 0)), "born on a leap day"),
        (ymd(2024, 4, 1), ymd(2024, 4, 30), Some((0, 29)), "days before the first month"),
        (ymd(2024, 4, 1), ymd(2024, 3, 31), None, "before birth"),
    ] {
        assert_eq!(months_and_days(born, on), expected, "{why}");
    }
}

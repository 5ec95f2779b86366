//! The growth engine against figures from outside our code.

use crate::fixture_text;
use ayumi_core::growth::batch::score_csv;
use ayumi_core::growth::{Indicator, Note, Posture, Query, Reference, score};
use ayumi_core::model::date::Gestation;
use ayumi_core::model::notebook::Sex;

/// `fixtures/growth/who_expected.csv`: WHO's own survey file with the z-scores of WHO's macro (two decimals), and
/// rows of two independent programs, extremes and day 730/731 included.
#[test]
fn who_equals_whos_own_figures() {
    let text = fixture_text("growth/who_expected.csv");
    let mut out = Vec::new();
    let report = score_csv(Reference::Who, text.as_bytes(), &mut out, &mut |_| ()).unwrap();
    let mut reader = csv::Reader::from_reader(out.as_slice());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (expected, decimals, z) = (column("expected_z"), column("decimals"), column("z"));
    let mut by_indicator = std::collections::BTreeMap::new();
    let mut worst: f64 = 0.0;
    for (i, row) in reader.records().enumerate() {
        let row = row.unwrap();
        let (want, got): (f64, f64) = (row[expected].parse().unwrap(), row[z].parse().unwrap_or(f64::NAN));
        let allowed = if &row[decimals] == "4" { 0.000_5 } else { 0.005_1 };
        assert!((want - got).abs() <= allowed, "row {}: {row:?}", i + 2);
        worst = worst.max((want - got).abs() / allowed);
        *by_indicator.entry(row[column("indicator")].to_owned()).or_insert(0) += 1;
    }
    assert!(report.rows >= 3000 && report.rows == report.scored);
    assert_eq!(by_indicator.len(), Indicator::COUNT, "all seven indicators");
    println!("{by_indicator:?}, greatest difference {:.0} % of what is allowed", worst * 100.0);
}

/// Every printed percentile of the survey of 2023 comes back as itself, on both whole days around its band's middle.
#[test]
fn jp2023_gives_back_every_printed_percentile() {
    let table = fixture_text("growth/jp2023_percentiles.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut seen = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let cell = |name: &str| &row[header.iter().position(|h| h == name).unwrap()];
        let indicator = match cell("measure") {
            "weight" => Indicator::Wfa,
            "length_height" => Indicator::Lhfa,
            _ => Indicator::Hcfa,
        };
        let middle = cell("age_days").parse().unwrap_or_else(|_| {
            let month = |name: &str| cell(name).parse::<f64>().unwrap();
            (month("age_months_from") + month("age_months_to_excl")) / 2.0 * 30.4375
        });
        for percent in [3.0, 10.0, 25.0, 50.0, 75.0, 90.0, 97.0] {
            for day in [middle.floor(), middle.ceil()] {
                let query = Query {
                    sex: Sex::from_key(cell("sex")).unwrap(),
                    age_days: Some(day),
                    indicator,
                    value: cell(&format!("p{percent}")).parse().unwrap(),
                    stature_cm: None,
                    posture: None,
                    gestation: None,
                };
                let scored = score(Reference::Jp2023, &query).unwrap();
                assert!((scored.percentile - percent).abs() < 1e-6, "{row:?} p{percent} day {day}: {scored:?}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 130 * 7 * 2);
}

/// jp2000: at whole months the median has z 0, and one SD above the height's mean z 1.
#[test]
fn jp2000_gives_back_its_tables() {
    let query = |indicator, sex: &str, month: f64, value| Query {
        sex: Sex::from_key(sex).unwrap(),
        age_days: Some(month * 30.4375),
        indicator,
        value,
        stature_cm: None,
        posture: None,
        gestation: None,
    };
    // jp2000_mean_sd_height_weight_monthly.csv: boys, month 2: 57.865 ± 2.212 cm.
    let tall = score(Reference::Jp2000, &query(Indicator::Lhfa, "male", 2.0, 57.865 + 2.212)).unwrap();
    assert!((tall.z - 1.0).abs() < 1e-9);
    // jp2000_lms_weight_bmi_monthly.csv: boys, month 1: M 4.37326 kg.
    let median = score(Reference::Jp2000, &query(Indicator::Wfa, "male", 1.0, 4.373_26)).unwrap();
    assert!(median.z.abs() < 1e-9);
    // The same file's point where weight's LMS was checked against the paper (Isojima 2016, table 2): 3 months, boys.
    assert!(score(Reference::Jp2000, &query(Indicator::Hcfa, "male", 1.0, 40.0)).is_err());
}

fn row(sex: &str, day: f64, indicator: &str, value: f64) -> Query {
    let (sex, indicator) = (Sex::from_key(sex).unwrap(), Indicator::from_key(indicator).unwrap());
    Query { sex, age_days: Some(day), indicator, value, stature_cm: None, posture: None, gestation: None }
}

fn near(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() < 0.000_06
}

/// Cases K8a and K8d, and what lies around them. Figures of WHO: `rcpchgrowth` 4.6.5 with `reference="who"` (its last
/// corrected day is 730 days of corrected age); jp2023 by its own value at the age without correction.
#[test]
fn k8_correction_ends_by_corrected_age_at_two_years_with_who_and_three_with_japan() {
    let early = |weeks: &str, query: Query| Query { gestation: Gestation::parse(weeks), ..query };
    for (query, z, corrected, why) in [
        (early("30w0d", row("male", 790.0, "lhfa", 85.0)), -0.8293, true, "K8a: corrected age 720 days"),
        (early("30w0d", row("male", 759.0, "wfa", 7.81)), -3.6349, true, "K8d"),
        (early("30w0d", row("male", 800.0, "wfa", 11.0)), -0.8696, true, "the last day, 730"),
        (early("30w0d", row("male", 801.0, "wfa", 11.0)), -1.1821, false, "two years"),
        (early("35w0d", row("male", 765.0, "wfa", 11.0)), -0.8696, true, "late preterm, the last day"),
        (early("37w0d", row("male", 720.0, "wfa", 11.0)), -0.8235, false, "not preterm"),
    ] {
        let found = score(Reference::Who, &query).unwrap();
        assert!((found.z - z).abs() < 0.000_6, "{why}: {}", found.z);
        assert_eq!(found.notes[0] == Some(Note::CorrectedAge), corrected, "{why}");
    }
    for indicator in ["wfa", "lhfa", "hcfa"] {
        let value =
            [("wfa", 11.5), ("lhfa", 85.0), ("hcfa", 47.5)].into_iter().find(|(key, _)| *key == indicator).unwrap().1;
        for (reference, until) in [(Reference::Jp2023, 1096.0), (Reference::Jp2000, 1096.0), (Reference::Who, 731.0)] {
            for days in [730.0, 731.0, 1090.0, 1095.0, 1096.0, 1200.0] {
                let Ok(found) = score(reference, &early("30w0d", row("female", days + 70.0, indicator, value))) else {
                    continue;
                };
                let used = if days < until { days } else { days + 70.0 };
                let plain = score(reference, &row("female", used, indicator, value)).unwrap();
                assert!(near(found.z, plain.z), "{reference:?} {indicator} {days}: {} {}", found.z, plain.z);
                assert_eq!(found.age_used_days, Some(used), "{reference:?} {indicator} {days}");
            }
        }
    }
}

/// Cases K9a and K9d and their kind. Source: WHO's anthro package, `R/z-score.R`: under nine months (age / 30.4375 < 9) a
/// standing height is implausible and its posture taken as missing.
#[test]
fn k9_nothing_is_added_for_standing_before_nine_months() {
    let standing = |query: Query| Query { posture: Some(Posture::Standing), ..query };
    for (query, z, why) in [
        (row("male", 200.0, "lhfa", 66.0), -1.1678, "K9a"),
        (row("male", 273.0, "lhfa", 70.0), -0.8596, "K9d: 8.97 months"),
    ] {
        let found = score(Reference::Who, &standing(query)).unwrap();
        assert!(near(found.z, z), "{why}: {}", found.z);
        assert_eq!(found.notes, [None, Some(Note::StandingTooEarly)], "{why}");
    }
    let adjusted = score(Reference::Who, &standing(row("male", 274.0, "lhfa", 70.0))).unwrap();
    assert_eq!(adjusted.notes, [None, Some(Note::PostureAdjusted)], "nine months");
    // The other indicators that know a stature: as if nobody had written how it was taken.
    for indicator in ["bfa", "wfl", "wfh"] {
        let query = Query {
            stature_cm: Some(66.0),
            ..row("female", 200.0, indicator, if indicator == "bfa" { 17.0 } else { 7.0 })
        };
        let (with, without) =
            (score(Reference::Who, &standing(query)).unwrap(), score(Reference::Who, &query).unwrap());
        assert!(near(with.z, without.z), "{indicator}");
    }
    assert!(
        score(Reference::Who, &standing(row("female", 200.0, "wfa", 7.0))).unwrap().notes == [None, None],
        "weight"
    );
}

/// WHO 2007 from five years on, height and BMI to 19, weight to ten. Figures: `rcpchgrowth` 4.6.5 with `reference="who"`, after
/// ten years the medians that WHO's tables print; all of WHO's survey of that age stands in `who_expected.csv`.
#[test]
fn who_2007_follows_at_five_years() {
    for (query, stature, z) in [
        (row("male", 1857.0, "wfa", 18.0), None, -0.214_671),
        (row("female", 2500.0, "lhfa", 118.0), None, -0.356_233),
        (row("female", 2500.0, "bfa", 15.0), Some(118.0), -0.234_428),
        (row("male", 3600.0, "wfa", 31.2), None, 0.101_480),
        (row("male", 2500.0, "wfa", 60.0), None, 7.716_409),
        (row("male", 2500.0, "bfa", 25.0), Some(118.0), 4.431_985),
    ] {
        let found = score(Reference::Who, &Query { stature_cm: stature, ..query }).unwrap();
        assert!(near(found.z, z), "{query:?}: {}", found.z);
        assert_eq!(found.edition, "WHO 2007");
    }
    assert_eq!(score(Reference::Who, &row("male", 1856.0, "wfa", 18.0)).unwrap().edition, "WHO 2006");
    for (query, why) in [
        (row("male", 3653.0, "wfa", 31.0), "after ten years"),
        (row("female", 6940.0, "lhfa", 163.0), "after 19 years"),
        (row("female", 6940.0, "bfa", 21.0), "after 19 years"),
        (row("male", 1857.0, "hcfa", 51.0), "no head after five"),
        (row("male", 1857.0, "acfa", 17.0), "no arm after five"),
    ] {
        assert_eq!(score(Reference::Who, &query).unwrap_err(), Note::AgeOutOfRange, "{why}");
    }
    // The last row of each table, at its last month: what WHO prints, and both ends belong to it.
    let month = |months: f64| months * 30.4375;
    for (query, stature) in [
        (row("male", month(228.0), "lhfa", 176.5432), None),
        (row("female", month(228.0), "lhfa", 163.1548), None),
        (row("female", month(228.0), "bfa", 21.4269), Some(163.1548)),
        (row("male", month(120.0), "wfa", 31.1586), None),
    ] {
        let found = score(Reference::Who, &Query { stature_cm: stature, ..query }).unwrap();
        assert!(near(found.z, 0.0), "{query:?}: {}", found.z);
    }
    // Where the two meet, no child leaps: the medians differ by less than half a centimetre and 0.2 kg.
    for sex in [Sex::Female, Sex::Male] {
        for (indicator, most) in [(Indicator::Wfa, 0.2), (Indicator::Lhfa, 0.5), (Indicator::Bfa, 0.2)] {
            let at = |day| ayumi_core::growth::who::lms_at_day(indicator, sex, day).unwrap().m;
            assert!((at(1857) - at(1856)).abs() < most, "{indicator:?}");
        }
    }
}

/// The size at a preterm birth: the same answer in a table as in the app.
#[test]
fn a_preterm_birth_is_compared_with_its_week_in_tables_too() {
    let born = Query { gestation: Gestation::parse("31w4d"), ..row("male", 0.0, "wfa", 1.5) };
    let found = score(Reference::Jp2023, &born).unwrap();
    assert_eq!((found.edition, found.notes[0]), ("在胎期間別出生時体格標準値", Some(Note::BirthSize)));
    assert_eq!(score(Reference::Who, &born).unwrap_err(), Note::BeforeTerm);
    assert_eq!(score(Reference::Jp2023, &Query { age_days: Some(3.0), ..born }).unwrap_err(), Note::BeforeTerm);
}

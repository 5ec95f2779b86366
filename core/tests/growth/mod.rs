//! The growth engine against figures from outside our code.

use crate::fixture_text;
use ayumi_core::growth::batch::score_csv;
use ayumi_core::growth::{Indicator, Query, Reference, score};
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

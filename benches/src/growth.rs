//! Growth: z-scores through the library, rows through the table scorer, and two Python packages on the same rows.

use std::process::Command;
use std::time::Instant;

use ayumi_core::growth::batch::score_csv;
use ayumi_core::growth::{Indicator, Query, Reference, score};
use ayumi_core::model::notebook::Sex;

use crate::table::{Outcome, row};

/// The rows that every program scores: weight for age and length/height for age of children up to five years.
fn rows(count: u32) -> impl Iterator<Item = (Sex, u32, Indicator, f64)> {
    let mut state = 20_061_u64;
    (0..count).map(move |i| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let day = (state >> 33) as u32 % 1827;
        let spread = ((state >> 20) % 200) as f64 / 1000.0 - 0.1;
        let sex = if i % 2 == 0 { Sex::Female } else { Sex::Male };
        let age = f64::from(day) / 365.25;
        match i % 4 < 2 {
            true => (sex, day, Indicator::Wfa, (3.3 + 6.0 * age.powf(0.6)) * (1.0 + spread)),
            false => (sex, day, Indicator::Lhfa, (50.0 + 25.5 * age.powf(0.57)) * (1.0 + spread / 3.0)),
        }
    })
}

pub(crate) fn run() -> Outcome<()> {
    let count = 2_000_000;
    let queries: Vec<Query> = rows(count)
        .map(|(sex, day, indicator, value)| Query {
            sex,
            age_days: Some(f64::from(day)),
            indicator,
            value,
            stature_cm: None,
            posture: None,
            gestation: None,
        })
        .collect();
    let mut sum = 0.0;
    for query in &queries[..1000] {
        sum += score(Reference::Who, query).map_or(0.0, |s| s.z);
    }
    let start = Instant::now();
    for query in &queries {
        sum += score(Reference::Who, query).map_or(0.0, |s| s.z);
    }
    let per_second = f64::from(count) / start.elapsed().as_secs_f64();
    row(
        "WHO z-scores through the library, one core",
        &format!("{:.2} million/s", per_second / 1e6),
        "",
        None,
        "≥ 1 million/s",
    );

    let mut table = String::from("sex,age_days,indicator,value\n");
    for (sex, day, indicator, value) in rows(count / 2) {
        table += &format!("{},{day},{},{value:.3}\n", sex.key(), indicator.key());
    }
    let mut out = Vec::with_capacity(table.len() * 2);
    let start = Instant::now();
    let report = score_csv(Reference::Who, table.as_bytes(), &mut out, &mut |_| ())?;
    let rows_per_second = report.rows as f64 / start.elapsed().as_secs_f64();
    row(
        "`growth score`, CSV in and out",
        &format!("{:.0} thousand rows/s", rows_per_second / 1e3),
        "",
        None,
        "≥ 300 thousand/s",
    );
    // Keeps the sum, and with it the work, alive.
    assert!(sum.is_finite());
    peers(per_second)
}

fn peers(ours: f64) -> Outcome<()> {
    let Ok(python) = std::env::var("AYUMI_BENCH_PYTHON") else {
        println!("(growth's peers were not run: no AYUMI_BENCH_PYTHON; `cargo xtask bench` installs them)");
        return Ok(());
    };
    let table: String = rows(4000)
        .map(|(sex, day, indicator, value)| format!("{},{day},{},{value:.3}\n", sex.key(), indicator.key()))
        .collect();
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), table)?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/growth.py");
    let output = Command::new(python).arg(script).arg(file.path()).output()?;
    for line in String::from_utf8(output.stdout)?.lines() {
        let Some((name, per_second)) = line.split_once('\t') else { continue };
        let theirs: f64 = per_second.parse()?;
        row(
            &format!("the same rows beside {name}"),
            &format!("{ours:.0}/s"),
            &format!("{theirs:.0}/s"),
            Some(ours / theirs),
            "times faster",
        );
    }
    Ok(())
}

#![no_main]
//! Another app's table, with a mapping in its first line.
mod book;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (book, id) = book::book();
    let mut mapping = ayumi_core::app::CsvMapping::default();
    let table = match data.split_first() {
        Some((0, rest)) => {
            let (line, table) = rest.split_at(rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()));
            if mapping.map(&String::from_utf8_lossy(line)).is_err() {
                return;
            }
            table
        }
        _ => data,
    };
    if let Ok(plan) = book.import().plan_csv(*id, table, &mapping) {
        for row in &plan.rows {
            let _ = (plan.fields(row), row.outcome.key());
        }
    }
});

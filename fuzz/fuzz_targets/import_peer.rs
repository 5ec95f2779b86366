#![no_main]
//! Another app's own file: text or table, known by its form.
mod book;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (book, id) = book::book();
    if let Ok(plan) = book.import().plan_csv(*id, data, &Default::default()) {
        for row in &plan.rows {
            let _ = (plan.fields(row), row.outcome.key());
        }
        let _ = plan.summary();
    }
});

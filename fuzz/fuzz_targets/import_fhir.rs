#![no_main]
//! FHIR of anybody's, into a notebook that was named or not; what can be planned must also be written.
mod book;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (book, id) = book::book();
    for notebook in [Some(*id), None] {
        if let Ok(plan) = book.import().plan_fhir(notebook, data) {
            for row in &plan.rows {
                let _ = (plan.fields(row), row.outcome.key());
            }
            if notebook.is_some() {
                book.import().apply(plan, true).unwrap();
            }
        }
    }
});

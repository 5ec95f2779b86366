//! Every kind of entry with every field answered, and photos: out of one device into another and on into a third, by each of our
//! forms, twice. What comes out is what went in.

use ayumi_core::app::{FieldType, KINDS, NotebookType};
use ayumi_core::model::kind::COMMON;
use ayumi_core::model::value::Fields;

use super::*;

/// An answer that the field takes, at an end of its range.
fn answer(field_type: FieldType) -> Option<Value> {
    let first_two = |options: &[&str]| {
        let mut chosen: Vec<String> = options.iter().take(2).map(|option| (*option).to_owned()).collect();
        chosen.sort();
        json!(chosen)
    };
    Some(match field_type {
        FieldType::Text(max) => {
            "一行目, \"引用\"\n'=1+1 👶🏽".chars().take(max).collect::<String>().trim().to_owned().into()
        }
        FieldType::Integer { max, .. } => max.into(),
        FieldType::Decimal { max, .. } => max.into(),
        FieldType::Date => "2024-06-02".into(),
        FieldType::ApproxDate => "2024-06-02~".into(),
        FieldType::DateTime => "2024-06-02T07:40".into(),
        FieldType::Time => "07:40".into(),
        FieldType::Gestation => "38w2d".into(),
        FieldType::Code(options) => (*options.last()?).into(),
        FieldType::Flags(options) => first_two(options),
        FieldType::YesNo | FieldType::YesNoUnsure => "no".into(),
        FieldType::BloodPressure => "118/72".into(),
        FieldType::Teeth(options) => json!({"51": options.first()?}),
        // A photo's, which is made with its entry.
        FieldType::Reference => return None,
    })
}

/// A notebook of a type on a device of its own.
fn begun(book: &Handbook, notebook: NotebookType) -> NotebookId {
    match notebook {
        NotebookType::Child => scratch::child(book, "2024-05-03"),
        NotebookType::Pregnancy => book.notebooks().add_pregnancy(day("2027-04-01")).unwrap(),
        NotebookType::Private => book.notebooks().add_private().unwrap(),
    }
}

/// With an entry of each kind that stands in it, two of them with photos.
fn full(notebook: NotebookType) -> (TempDir, Handbook, NotebookId, usize) {
    let (folder, book) = empty();
    let id = begun(&book, notebook);
    let made = |kind: &str| ["profile", "photo"].contains(&kind);
    let kinds: Vec<_> = KINDS.iter().filter(|kind| !made(kind.id) && kind.notebooks.contains(&notebook)).collect();
    for (number, kind) in kinds.iter().enumerate() {
        let of =
            |field: &ayumi_core::app::FieldDef| Some((field.key.replace('*', "walks_3"), answer(field.field_type)?));
        let fields: Fields = kind.fields.iter().chain(COMMON).filter_map(of).collect();
        let new =
            NewEntry::checked(id, kind.id, day("2024-06-02"), &fields).unwrap_or_else(|e| panic!("{}: {e}", kind.id));
        let new = match number {
            0 => new.with_photo(&picture(90)).unwrap().with_photo(&picture(120)).unwrap(),
            1 => new.with_photo(&picture(200)).unwrap(),
            _ => new,
        };
        book.entries().add(&new).unwrap_or_else(|e| panic!("{}: {e}", kind.id));
    }
    (folder, book, id, kinds.len())
}

/// What stands in a notebook, without ids; a photo with what it belongs to and what it shows.
fn content(book: &Handbook, notebook: NotebookId, photos: bool) -> Vec<String> {
    let every = ListFilter { limit: 999, about_baby_too: true, ..ListFilter::default() };
    let found = book.entries().list(notebook, &every).unwrap();
    let shown = |entry: &ayumi_core::app::EntryView| {
        let mut fields = entry.fields.clone();
        if let Some(of) = fields.remove("of") {
            let host = found.iter().find(|other| json!(other.id) == of).unwrap();
            let pixels = book.entries().photo(entry.name()).unwrap();
            return (true, json!([entry.kind, entry.on, fields, host.kind, host.fields, pixels]).to_string());
        }
        (false, json!([entry.kind, entry.on, fields]).to_string())
    };
    let mut all: Vec<String> =
        found.iter().map(shown).filter(|(photo, _)| photos || !photo).map(|(_, words)| words).collect();
    all.sort();
    all
}

/// Takes a file in on a device of its own, twice. `into` begins the notebook for a form that does not.
fn taken(
    file: &str,
    into: Option<NotebookType>,
    plan: impl Fn(&Handbook, Option<NotebookId>, &str) -> ImportPlan,
) -> (TempDir, Handbook, NotebookId) {
    let (folder, book) = empty();
    let notebook = into.map(|notebook| begun(&book, notebook));
    let first = plan(&book, notebook, file);
    assert_eq!(
        first.count("problem"),
        0,
        "{:?}",
        first.rows.iter().find(|row| matches!(row.outcome, Outcome::Problem(_)))
    );
    let here = first.notebook().unwrap();
    book.import().apply(first, false).unwrap();
    let again = plan(&book, Some(here).filter(|_| notebook.is_some()), file);
    assert_eq!(["add", "update", "problem"].map(|key| again.count(key)), [0; 3], "twice is once");
    (folder, book, here)
}

#[test]
fn every_kind_and_its_photos_come_back_by_json_fhir_and_csv_and_go_on_from_there() {
    let mut kinds = 0;
    for notebook in [NotebookType::Child, NotebookType::Pregnancy, NotebookType::Private] {
        let (_folder, book, id, count) = full(notebook);
        kinds += count;
        assert_eq!(content(&book, id, true).len(), count + 3.min(1 + count));
        let json_plan = |book: &Handbook, _: Option<NotebookId>, file: &str| book.import().plan_json(file).unwrap();
        let fhir_plan = |book: &Handbook, _: Option<NotebookId>, file: &str| {
            book.import().plan_fhir(None, file.as_bytes()).unwrap()
        };
        let csv_plan =
            |book: &Handbook, into: Option<NotebookId>, file: &str| planned(book, into.unwrap(), "", &[], file);
        let whole = content(&book, id, true);
        let (_second, second, there) = taken(&book.export().json(id).unwrap(), None, json_plan);
        assert!(content(&second, there, true) == whole, "JSON, {notebook:?}");
        let (_third, third, there) = taken(&second.export().json(there).unwrap(), None, json_plan);
        assert!(content(&third, there, true) == whole, "JSON, and on from there, {notebook:?}");

        let (_second, second, there) = taken(&book.export().fhir(id).unwrap(), None, fhir_plan);
        assert!(content(&second, there, true) == whole, "FHIR, {notebook:?}");
        let (_third, third, there) = taken(&second.export().fhir(there).unwrap(), None, fhir_plan);
        assert!(content(&third, there, true) == whole, "FHIR, and on from there, {notebook:?}");

        // A table holds no pictures, and says that they are left out.
        let words = content(&book, id, false);
        let table = book.export().csv(id).unwrap();
        let (_second, second, there) = taken(&table, Some(notebook), csv_plan);
        assert!(content(&second, there, false) == words, "CSV, {notebook:?}");
        let (_fresh, fresh) = empty();
        let into = begun(&fresh, notebook);
        let plan = planned(&fresh, into, "", &[], &table);
        let photos: u64 =
            plan.left_out.iter().filter(|left| left.why == Reason::PhotoNotThere).map(|left| left.rows).sum();
        assert_eq!(photos as usize, whole.len() - words.len());
        let (_third, third, there) = taken(&second.export().csv(there).unwrap(), Some(notebook), csv_plan);
        assert!(content(&third, there, false) == words, "CSV, and on from there, {notebook:?}");
    }
    assert!(kinds + 2 >= KINDS.len(), "every kind stands in some notebook: {kinds} of {}", KINDS.len());
}

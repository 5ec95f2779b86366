//! Our own files, coming back: changed, doubled, deleted, damaged, or for another child.

use super::*;

fn export(book: &Handbook, child: NotebookId) -> Value {
    serde_json::from_str(&book.export().json(child).unwrap()).unwrap()
}

fn entry<'a>(file: &'a mut Value, kind: &str) -> &'a mut Value {
    file["entries"].as_array_mut().unwrap().iter_mut().find(|entry| entry["kind"] == kind).unwrap()
}

/// What a JSON file would do, without rows that are there already.
fn news(book: &Handbook, file: &Value) -> Vec<(&'static str, Value)> {
    let plan = book.import().plan_json(&file.to_string()).unwrap();
    let mut all = rows(&plan);
    all.retain(|(key, _)| *key != "already_there");
    all.into_iter().map(|(key, what)| if key == "problem" { (key, what) } else { (key, Value::Null) }).collect()
}

/// Case 8: one flipped bit, and the photo was gone without a word.
#[test]
fn a_photo_that_does_not_come_whole_is_told() {
    let (_folder, book, child) = filled();
    let mut file = export(&book, child);
    let jpeg = file["photos"][0]["jpeg"].as_str().unwrap().to_owned();
    let flipped = format!("{}{}{}", &jpeg[..40], if &jpeg[40..41] == "A" { "B" } else { "A" }, &jpeg[41..]);
    for damaged in [flipped.as_str(), &jpeg[..80], "no base64"] {
        file["photos"][0]["jpeg"] = json!(damaged);
        let (_other_folder, other) = empty();
        let plan = other.import().plan_json(&file.to_string()).unwrap();
        assert_eq!(rows(&plan).iter().filter(|row| **row == ("problem", json!("photo_damaged"))).count(), 1);
        assert_eq!(reason(other.import().apply(plan, false)), Reason::PhotoDamaged);
        assert!(news(&book, &file).is_empty(), "where the photo is, its bytes are not needed");
    }
    file["photos"] = json!([]);
    let (_other_folder, other) = empty();
    let plan = other.import().plan_json(&file.to_string()).unwrap();
    assert_eq!((plan.left_out[0].what.as_str(), plan.left_out[0].rows), ("photo", 1));
    assert_eq!(plan.left_out[0].why, Reason::PhotoNotThere);
    let here = plan.notebook().unwrap();
    other.import().apply(plan, false).unwrap();
    // Case 9, the core's half: what an export would lack can be asked.
    assert_eq!(other.export().missing_photos(here).unwrap().len(), 1);
}

/// Case 12, and the same in JSON.
#[test]
fn a_value_that_was_changed_in_the_file_is_an_update() {
    let (_folder, book, child) = filled();
    let table = book.export().csv(child).unwrap();
    let update = |table: &str| planned(&book, child, "", &[], table);
    assert_eq!(update(&table).count("already_there"), 3, "the photo, too");
    let changed = table.replace("weight,7.35", "weight,7.4");
    let plan = update(&changed);
    assert_eq!((plan.count("update"), plan.count("already_there")), (1, 2));
    let row = plan.rows.iter().find(|row| row.outcome == Outcome::Update).unwrap();
    assert_eq!(json!(plan.fields(row)), json!({"weight": 7.4}));
    assert_eq!(book.import().apply(plan, false).unwrap(), 1);
    let weight = || all(&book, child).iter().find(|entry| entry[1] == "growth").unwrap()[3]["weight"].clone();
    assert_eq!(weight(), json!(7.4));
    assert_eq!(update(&changed).count("already_there"), 3, "twice is once");
    // The older table tells what stood here before: it undoes nothing, and says so.
    assert_eq!(rows(&update(&table)).iter().filter(|row| **row == ("problem", json!("changed_since"))).count(), 1);
    assert_eq!(weight(), json!(7.4));
    // A value that does not fit, a day before the birth, a fact of a photo.
    for (from, to, why) in [
        ("weight,7.4", "weight,7400", "out_of_range"),
        ("2024-11-05,growth", "2020-11-05,growth", "before_birth"),
        ("width,32", "width,33", "not_by_hand"),
    ] {
        let plan = update(&changed.replace(from, to));
        assert!(rows(&plan).contains(&("problem", json!(why))), "{why}: {:?}", rows(&plan));
    }
    // An emptied cell clears; a row that was taken out says nothing.
    let emptied = update(&changed.replace("note,'=1+1", "note,"));
    assert_eq!(emptied.count("update"), 1);
    let shorter: String =
        changed.lines().filter(|line| !line.contains("note")).map(|line| format!("{line}\n")).collect();
    assert_eq!(update(&shorter).count("already_there"), 3);

    let mut file = export(&book, child);
    assert!(news(&book, &file).is_empty());
    entry(&mut file, "growth")["fields"]["weight"] = json!(7.6);
    assert_eq!(news(&book, &file), [("update", Value::Null)]);
    book.import().apply(book.import().plan_json(&file.to_string()).unwrap(), false).unwrap();
    assert_eq!(weight(), json!(7.6));
    entry(&mut file, "photo")["fields"]["width"] = json!(33);
    assert_eq!(news(&book, &file), [("problem", json!("not_by_hand"))]);
}

/// Case 13.
#[test]
fn our_table_of_a_notebook_with_a_photo_can_be_taken_in() {
    let (_folder, book, child) = filled();
    let table = book.export().csv(child).unwrap();
    let (_other_folder, other, there) = with_child();
    let plan = planned(&other, there, "", &[], &table);
    assert_eq!((plan.count("add"), plan.count("problem")), (2, 0));
    assert_eq!((plan.left_out[0].what.as_str(), plan.left_out[0].why), ("photo", Reason::PhotoNotThere));
    assert_eq!(other.import().apply(plan, false).unwrap(), 2);
    let words = |all: Vec<Value>| all.into_iter().filter(|entry| entry[1] != "photo").collect::<Vec<_>>();
    assert_eq!(all(&other, there), words(all(&book, child)));
}

#[test]
fn what_comes_back_doubled_deleted_or_for_another_child_is_told() {
    let (_folder, book, child) = filled();
    let table = book.export().csv(child).unwrap();
    let mut file = export(&book, child);
    // Doubled: rows of a table that are the same are one; an entry twice in a file is a problem.
    let body = table.split_once('\n').unwrap().1;
    assert_eq!(planned(&book, child, "", &[], &format!("{table}{body}")).count("already_there"), 3);
    let other_day = format!("{table}{}", body.replace("2024-11-05", "2024-11-04"));
    assert!(rows(&planned(&book, child, "", &[], &other_day)).contains(&("problem", json!("twice_in_file"))));
    let again = entry(&mut file, "growth").clone();
    file["entries"].as_array_mut().unwrap().push(again);
    assert_eq!(news(&book, &file), [("problem", json!("twice_in_file"))]);
    let (_third_folder, third) = empty();
    assert_eq!(third.import().plan_json(&file.to_string()).unwrap().count("problem"), 1, "on a new device, too");
    file["entries"].as_array_mut().unwrap().pop();
    // For another child of this device.
    let twin = NewChild { name: "うみ".into(), sex: Sex::Male, born: day("2024-05-03"), ..NewChild::default() };
    let twin = book.notebooks().add_child(&twin).unwrap();
    let plan = planned(&book, twin, "", &[], &table);
    assert_eq!(rows(&plan), [("problem", json!("in_another_notebook")), ("problem", json!("in_another_notebook"))]);
    // Deleted here.
    let growth = all(&book, child).into_iter().find(|entry| entry[1] == "growth").unwrap();
    let id: ayumi_core::app::EntryId = growth[0].as_str().unwrap().parse().unwrap();
    book.entries().delete(id).unwrap();
    assert!(rows(&planned(&book, child, "", &[], &table)).contains(&("problem", json!("deleted_here"))));
    assert_eq!(news(&book, &file), [("problem", json!("deleted_here"))]);
    let plan = book.import().plan_json(&file.to_string()).unwrap();
    book.import().apply(plan, true).unwrap();
    assert!(book.entries().show(id).unwrap().deleted, "a file brings nothing back");
}

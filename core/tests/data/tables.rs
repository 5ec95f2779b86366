//! Another app's table.

use super::*;

/// Cases 1: 16.2 lb became 16.2 kg, 25.5 in became 25.5 cm. Expected by the agreement of 1959: 1 lb = 0.45359237 kg, 1 in = 2.54 cm.
#[test]
fn a_unit_in_a_header_a_column_or_a_cell_is_converted() {
    let (_folder, book, child) = with_child();
    for (kind, table, expected) in [
        ("growth", "date,Weight (lb)\n2024-11-05,16.2\n", json!({"weight": 7.348})),
        ("growth", "date,Height (in)\n2024-11-05,25.5\n", json!({"length": 64.77})),
        ("growth", "date,weight,weight unit\n2024-11-05,15.875,LB\n", json!({"weight": 7.201})),
        ("growth", "date,weight,height\n2024-11-05,16lb 3oz,\"2'1\"\"\"\n", json!({"weight": 7.343, "length": 63.5})),
        ("growth", "date,Weight (lb),Weight (oz)\n2024-11-05,16,3\n", json!({"weight": 7.343})),
        ("growth", "date,head_circumference_in\n2024-11-05,16.5\n", json!({"head": 41.91})),
        ("growth", "日付,体重(ｇ),身長（mm）\n2024-11-05,7350,665\n", json!({"weight": 7.35, "length": 66.5})),
        ("growth", "date,weight\n2024-11-05,\"7,35\"\n", json!({"weight": 7.35})),
        ("temperature", "date,Temperature (°F)\n2024-11-05,99.5\n", json!({"value": 37.5})),
        ("temperature", "date,temp,temp unit\n2024-11-05,99.5,F\n", json!({"value": 37.5})),
        ("feeding", "date,amount (oz)\n2024-11-05,4\n", json!({"amount_ml": 118})),
        ("feeding", "date,minutes (h)\n2024-11-05,1.5\n", json!({"minutes": 90})),
    ] {
        let plan = planned(&book, child, kind, &[], table);
        let fields = match rows(&plan).as_slice() {
            [("add", fields)] => {
                let mut fields = fields.clone();
                fields.as_object_mut().unwrap().remove("on");
                fields
            }
            other => panic!("{table}: {other:?}"),
        };
        assert_eq!(fields, expected, "{table}");
    }
}

#[test]
fn an_unknown_unit_is_never_the_fields_own() {
    let (_folder, book, child) = with_child();
    for (kind, table, expected) in [
        ("growth", "date,Weight (bushels)\n2024-11-05,7.3\n", "unknown_unit"),
        ("growth", "date,weight,weight unit\n2024-11-05,7.3,catty\n", "unknown_unit"),
        ("growth", "date,Weight (in)\n2024-11-05,7.3\n", "unknown_unit"),
        ("growth", "date,weight\n2024-11-05,7.3 catties\n", "unknown_unit"),
        ("growth", "date,weight_kg,weight unit\n2024-11-05,16.2,lb\n", "ambiguous"),
        ("growth", "date,weight,weight unit\n2024-11-05,16.2 lb,kg\n", "ambiguous"),
        ("temperature", "date,Temperature (K)\n2024-11-05,37.5\n", "unknown_unit"),
    ] {
        assert_eq!(rows(&planned(&book, child, kind, &[], table)), [("problem", json!(expected))], "{table}");
    }
    // The person may say which it is.
    let table = "date,Weight (at home)\n2024-11-05,16.2\n";
    assert_eq!(rows(&planned(&book, child, "", &[], table)), [("problem", json!("unknown_unit"))]);
    let plan = planned(&book, child, "", &["Weight (at home)=weight:lb"], table);
    assert_eq!(plan.fields(&plan.rows[0])["weight"], 7.348);
}

/// Case 2.
#[test]
fn equal_readings_at_different_times_are_two_and_the_times_are_kept() {
    let (_folder, book, child) = with_child();
    let table = "date,temperature\n2024-11-05 08:00,37.5\n2024-11-05 12:00,37.5\n";
    let plan = planned(&book, child, "temperature", &[], table);
    assert_eq!(
        rows(&plan),
        [
            ("add", json!({"on": "2024-11-05", "at": "08:00", "value": 37.5})),
            ("add", json!({"on": "2024-11-05", "at": "12:00", "value": 37.5}))
        ]
    );
    assert_eq!(book.import().apply(plan, false).unwrap(), 2);
    let again = planned(&book, child, "temperature", &[], table);
    assert_eq!(again.count("already_there"), 2, "now both were there before the file");
    // Days only: two rows are two, and twice the file is still two.
    let table = "date,weight\n2024-11-05,7.35\n2024-11-05,7.35\n";
    let plan = planned(&book, child, "", &[], table);
    assert_eq!((plan.count("add"), plan.count("already_there")), (2, 0));
    book.import().apply(plan, false).unwrap();
    assert_eq!(planned(&book, child, "", &[], table).count("already_there"), 2);
    let three = format!("{table}2024-11-05,7.35\n");
    let plan = planned(&book, child, "", &[], &three);
    assert_eq!((plan.count("add"), plan.count("already_there")), (1, 2));
}

#[test]
fn a_time_that_has_no_place_is_told() {
    let (_folder, book, child) = with_child();
    let plan = planned(&book, child, "", &[], "日時,メモ2,体重\n2024/11/5(火) 8:00,x,7.35\n2024-11-06,,7.4\n");
    assert_eq!(plan.count("add"), 2);
    let told: Vec<_> = plan.left_out.iter().map(|left| (left.what.as_str(), left.rows, left.why)).collect();
    assert_eq!(told, [("メモ2", 0, Reason::NoField), ("日時", 1, Reason::NoPlaceForTime)]);
    // A timestamp in universal time is what clocks in Japan showed.
    let plan = planned(&book, child, "temperature", &[], "timestamp,temp\n2024-11-05T20:00:00Z,37.5\n");
    assert_eq!(rows(&plan), [("add", json!({"on": "2024-11-06", "at": "05:00", "value": 37.5}))]);
}

/// Each peer's file as its fixture has it: what would be taken, what is left out and why.
#[test]
fn a_peers_file_is_known_by_its_form_and_nothing_is_dropped_in_silence() {
    let (_folder, book, child) = with_child();
    for (name, add, problems, left_out) in [
        ("piyolog_month.txt", 10, &[][..], &["おしっこ", "うんち", "寝る"][..]),
        ("huckleberry.csv", 8, &[], &["Diaper", "Pump", "Meds"]),
        ("nara.csv", 0, &["before_birth"; 8], &["Diaper", "Vaccine", "Profile", "[Sleep] Duration (Seconds)"]),
        ("baby_buddy_weight.csv", 0, &["no_unit"; 2], &[]),
    ] {
        let text = crate::fixture_text(&format!("peers/{name}"));
        let plan = book.import().plan_csv(child, text.as_bytes(), &CsvMapping::default()).unwrap();
        let why: Vec<_> = rows(&plan).into_iter().filter(|(key, _)| *key == "problem").map(|(_, why)| why).collect();
        let left: Vec<&str> = plan.left_out.iter().map(|left| left.what.as_str()).collect();
        assert_eq!((plan.count("add"), left.as_slice()), (add, left_out), "{name}: {why:?}");
        if name == "nara.csv" {
            // Its child was born before ours; one number has no unit, and is refused for that.
            assert_eq!(why.iter().filter(|why| **why == json!("no_unit")).count(), 1, "{why:?}");
        } else {
            assert_eq!(why, problems.iter().map(|why| json!(why)).collect::<Vec<_>>(), "{name}");
        }
    }
    // What the app does not say, the person may.
    let text = crate::fixture_text("peers/baby_buddy_weight.csv").replace("2020-", "2025-");
    let plan = planned(&book, child, "", &["weight=weight:lb"], &text);
    assert_eq!(json!(plan.fields(&plan.rows[0])["weight"]), json!(4.74));
}

/// A peer's file may be about several children, or about another one: only the notebook's own child's values come in.
#[test]
fn a_peers_file_about_another_child_does_not_come_into_a_notebook() {
    let (_folder, book, child) = with_child();
    let table = |second: &str| {
        format!(
            "id,child_id,child_first_name,child_last_name,temperature,time,notes,tags\n1,1,さくら,,37.5,2025-02-17 09:31:49,,\n2,{second},,37.9,2025-02-17 09:31:49,,\"6,10\"\n"
        )
    };
    let outcome = |second: &str| {
        let plan = planned(&book, child, "", &[], &table(second));
        let left = plan.left_out.iter().map(|left| format!("{} {}", left.what, left.rows)).collect::<Vec<_>>();
        (plan.count("add"), plan.count("problem"), left.join(", "))
    };
    assert_eq!(outcome("1,さくら"), (2, 0, "tags 0".to_owned()), "one child");
    assert_eq!(outcome("2,はると"), (1, 0, "はると 1, tags 0".to_owned()), "the other one is left out");
    let (_other_folder, book) = empty();
    let other = NewChild { name: "そら".into(), sex: Sex::Male, born: day("2024-05-03"), ..NewChild::default() };
    let child = book.notebooks().add_child(&other).unwrap();
    let plan = planned(&book, child, "", &[], &table("2,はると"));
    assert_eq!(rows(&plan), [("problem", json!("several_children")), ("problem", json!("several_children"))]);
    let piyolog = crate::fixture_text("peers/piyolog_month.txt").replace("0歳", "2歳");
    let plan = book.import().plan_csv(child, piyolog.as_bytes(), &CsvMapping::default()).unwrap();
    assert_eq!((plan.count("add"), plan.count("problem")), (0, 10), "a child of two years");
    assert!(rows(&plan).iter().all(|row| *row == ("problem", json!("in_another_notebook"))));
}

/// Case 3.
#[test]
fn a_row_with_more_cells_than_the_header_is_a_problem() {
    let (_folder, book, child) = with_child();
    let table =
        "date,weight,length\n2024-11-05,7,35,66,5\n2024-11-06,7.4,66\n2024-11-07,\"7.4\"5,66\n2024-11-08,7.5,66,,\n";
    let plan = planned(&book, child, "", &[], table);
    let outcomes: Vec<_> =
        rows(&plan).into_iter().map(|(key, why)| if key == "problem" { why } else { json!(key) }).collect();
    assert_eq!(outcomes, [json!("row_too_long"), json!("add"), json!("bad_quotes"), json!("add")]);
    let open = "date,weight,note\n2024-11-05,7,\"open\n2024-11-06,7.4,\n";
    assert_eq!(rows(&planned(&book, child, "", &[], open)), [("problem", json!("bad_quotes"))]);
}

/// Case 4.
#[test]
fn what_the_person_maps_wins_over_a_column_that_is_guessed() {
    let (_folder, book, child) = with_child();
    let table = "date,weight,weight_kg\n2024-11-05,16.2,7.35\n";
    let plan = planned(&book, child, "", &["weight_kg=weight"], table);
    assert_eq!(plan.fields(&plan.rows[0])["weight"], 7.35);
    assert_eq!(plan.ignored_columns(), ["weight"]);
    let mut mapping = CsvMapping::default();
    for pair in ["weight=weight", "weight_kg=weight"] {
        mapping.map(pair).unwrap();
    }
    assert_eq!(reason(book.import().plan_csv(child, table.as_bytes(), &mapping)), Reason::MappedTwice);
}

/// Baby Buddy's tables say no units: what the person says of them is taken, and all else is read as the app wrote it.
#[test]
fn a_unit_that_another_app_does_not_say_is_said_by_the_person() {
    let (_folder, book, child) = with_child();
    let weights = crate::fixture_text("peers/baby_buddy_weight.csv").replace("2020-", "2025-");
    let feeds = crate::fixture_text("peers/baby_buddy_feeding.csv").replace("2020-", "2025-");
    let found = |table: &str, maps: &[&str]| rows(&planned(&book, child, "", maps, table));
    assert_eq!(found(&weights, &[])[0], ("problem", json!("no_unit")));
    let kg = found(&weights, &["weight=weight:kg"]);
    assert_eq!(kg[1], ("add", json!({"on": "2025-02-07", "weight": 10.17, "note": "a note"})));
    let lb = found(&weights, &["weight=weight:lb"]);
    assert_eq!(lb[1].1["weight"], json!(4.613));
    // Without the app's own form nobody would know the day, the time and what it was.
    let bottle = json!({"on": "2025-02-16", "at": "09:21", "what": "formula", "amount_ml": 50});
    assert_eq!(found(&feeds, &["amount=amount_ml:oz"])[1], ("add", bottle));
    // Another field than the app's own: the person's word counts, and the table is read by it.
    let told = found(&weights, &["weight=head:cm"]);
    assert_eq!(told[0], ("problem", json!("improbable")), "a head of 10.45 cm");
}

/// A list of vaccinations as clinics' portals and families' spreadsheets have it.
#[test]
fn a_table_of_vaccinations_is_read_with_the_names_on_the_labels() {
    let (_folder, book, child) = with_child();
    let table = "接種日,ワクチン名,回数,ロット番号\n2024/7/10(水),ゴービック水性懸濁注シリンジ,1回目,A1\n2024/7/10,ロタリックス内用液,1,\n\
                 令和6年7月10日,プレベナー20水性懸濁注,１,B\n2024/7/10,B型肝炎ワクチン,第1回,\n2024/7/10,ロタ,1,\n";
    let found = rows(&planned(&book, child, "immunisation", &[], table));
    let dose = |vaccine: &str, lot: Option<&str>| {
        let mut fields = json!({"on": "2024-07-10", "vaccine": vaccine, "dose_no": 1});
        if let Some(lot) = lot {
            fields["maker_lot"] = lot.into();
        }
        ("add", fields)
    };
    assert_eq!(found[..3], [dose("dpt_ipv_hib", Some("A1")), dose("rotarix", None), dose("pcv20", Some("B"))]);
    assert_eq!(found[3], ("problem", json!("not_a_number")), "what is not understood is not guessed");
    assert_eq!(found[4], ("problem", json!("not_an_option")), "one of two brands");
}

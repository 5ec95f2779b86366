//! A document of a fixed child, frozen: what another program was once given, it is given again.

use std::collections::BTreeMap;

use ayumi_core::app::{Locale, NotebookType};
use ayumi_core::content::Content;
use ayumi_core::content::moment::Anchors;
use ayumi_core::content::series::Subject;
use ayumi_core::fhir::FileEntry;
use ayumi_core::fhir::write::{Document, document, person_reference};
use ayumi_core::model::notebook::Sex;
use ayumi_core::vaccines::{Given, Person, fhir, next_doses};
use serde_json::{Value, json};

use super::{day, fields, id, root};

/// Entries of kinds, days and answers, numbered from `first`.
fn numbered<const N: usize>(first: u64, all: [(&str, &str, Value); N]) -> Vec<FileEntry> {
    let entry = |((kind, on, answers), number): ((&str, &str, Value), u64)| FileEntry {
        id: id(number),
        kind: kind.into(),
        on: Some(day(on)),
        fields: fields(answers),
    };
    all.into_iter().zip(first..).map(entry).collect()
}

/// A child of almost two years: each resource that is written, each type of answer.
fn child() -> Value {
    let profile = fields(json!({
        "notebook_type": "child", "name": "さくら <b>", "sex": "female", "born": "2024-05-03", "due": "2024-05-10", "multiple": 1,
    }));
    let all = [
        (
            "delivery",
            "2024-05-03",
            json!({"datetime": "2024-05-03T14:05", "weight": 3050, "length": 49.5, "head": 33, "chest": 32.5, "ga": "39w0d", "findings": ["other"]}),
        ),
        (
            "neonate_early",
            "2024-05-08",
            json!({"age_days": 5, "weight": 2980, "discharge_on": "2024-05-09", "discharge_weight": 3010}),
        ),
        (
            "growth",
            "2024-11-05",
            json!({"weight": 7.35, "length": 66.5, "posture": "lying", "head": 42.3, "chest": 43, "note": "=1+1"}),
        ),
        ("growth", "2025-05-05", json!({"weight": 9.1})),
        (
            "wellchild",
            "2024-09-05",
            json!({"checkup": "3-4m", "weight": 6.2, "teeth": {"51": "sound", "61": "sound"}, "u_protein": "+", "hip_limited": "no"}),
        ),
        ("guardian_3-4m", "2024-09-05", json!({"head_control": "2024-08~", "worry": "unsure", "child_seat": "yes"})),
        (
            "immunisation",
            "2024-07-04",
            json!({"vaccine": "hepb", "dose_no": 1, "maker_lot": "Y012A", "doctor": "山田", "site_note": "左上腕"}),
        ),
        (
            "immunisation",
            "2024-07-05",
            json!({"vaccine": "other", "maker_lot": "A型肝炎 B1", "remark": "渡航前\n2回目は半年後"}),
        ),
        ("temperature", "2024-11-06", json!({"value": 37.5, "at": "07:40", "note": "元気"})),
        ("temperature", "2024-11-07", json!({"value": 36.8})),
        ("diary", "2024-11-06", json!({"text": "一行目\n\"二行目\" <script>", "mood": "good"})),
        ("mother_postpartum", "2024-06-03", json!({"bp": "118/72", "weight": 54.2, "u_protein": "-"})),
        ("sleep", "2024-11-06", json!({"from": "20:30", "to": "06:10", "recorded_by": "guardian"})),
    ];
    let mut entries = numbered(100, all);
    let picture = std::fs::read(root().join("fuzz/seeds/photo/small.jpg")).unwrap();
    let answers =
        fields(json!({"of": id(102).to_string(), "caption": "お風呂", "width": 8, "height": 8, "sha256": "00"}));
    entries.push(FileEntry { id: id(200), kind: "photo".into(), on: Some(day("2024-11-05")), fields: answers });
    let person = Person {
        anchors: Anchors { born: Some(day("2024-05-03")), ..Anchors::default() },
        sex: Sex::Female,
        subject: Subject::Child,
    };
    let content = Content::default();
    let given = [Given { on: day("2024-07-04"), product: "hepb".into() }];
    let today = day("2026-04-20");
    let next: Vec<_> = next_doses(content.vaccines().unwrap(), &person, &given, today).into_iter().take(4).collect();
    document(&Document {
        id: id(1),
        person: id(2),
        written: today.and_hms_opt(9, 30, 0).unwrap(),
        locale: Locale::Ja,
        notebook: NotebookType::Child,
        profile: &profile,
        entries: &entries,
        photos: &BTreeMap::from([(id(200), picture)]),
        next_doses: Some(fhir::recommendation(&next, &person_reference(id(1)), today, str::to_owned)),
    })
}

/// A pregnancy: the person is the mother.
fn pregnancy() -> Value {
    let profile = fields(json!({"notebook_type": "pregnancy", "due": "2026-08-01"}));
    let all = [
        (
            "prenatal_visit",
            "2026-03-02",
            json!({"ga": "20w3d", "bp": "110/70", "weight": 55.5, "oedema": "±", "efw": 350}),
        ),
        ("immunisation", "2026-04-02", json!({"vaccine": "flu_inj"})),
        ("temperature", "2026-04-03", json!({"value": 36.9})),
    ];
    let entries = numbered(300, all);
    super::of(11, NotebookType::Pregnancy, &profile, &entries)
}

#[test]
fn documents_are_as_they_were_frozen() {
    for (name, made) in [("child", child()), ("pregnancy", pregnancy())] {
        let path = root().join(format!("fixtures/fhir/written/{name}.json"));
        let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
        if std::env::var_os("AYUMI_ACCEPT").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let frozen = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            text == frozen,
            "fixtures/fhir/written/{name}.json differs: AYUMI_ACCEPT=1 writes it; look at what changed"
        );
    }
}

pub(super) fn documents() -> [Value; 2] {
    [child(), pregnancy()]
}

/// A mother's care is hers, also in her child's document; nothing of the child is said to be hers.
#[test]
fn nobody_s_values_stand_under_another_s_name() {
    let [child, pregnancy] = documents();
    let resources = |document: &Value| document["entry"].as_array().unwrap().clone();
    let of_kind = |all: &[Value], kind: &str| -> Vec<Value> {
        all.iter().filter(|entry| entry["resource"]["resourceType"] == kind).cloned().collect()
    };
    let all = resources(&child);
    let mother = of_kind(&all, "RelatedPerson");
    let patient = of_kind(&all, "Patient");
    assert_eq!((mother.len(), patient.len()), (1, 1));
    for entry in &all {
        let tag = entry["resource"]["identifier"]["value"].as_str().unwrap_or_default();
        if tag.starts_with("mother_postpartum/") {
            assert_eq!(entry["resource"]["subject"]["reference"], mother[0]["fullUrl"]);
        }
    }
    assert!(
        of_kind(&all, "Observation").iter().all(|one| one["resource"]["subject"]["reference"] == patient[0]["fullUrl"])
    );
    let all = resources(&pregnancy);
    let observed: Vec<_> =
        of_kind(&all, "Observation").iter().map(|one| one["resource"]["code"]["coding"][0]["code"].clone()).collect();
    assert_eq!(observed, ["8310-5"], "a temperature; neither her weight nor the baby's is given as the other's");
    assert!(
        of_kind(&all, "Patient")[0]["resource"].get("name").is_none(),
        "a pregnancy's notebook knows no name of hers"
    );
}

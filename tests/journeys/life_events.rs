//! Birth, twins, loss, death (design.md, invariant 7).

use ayumi_core::app::{Error, ListFilter, NewChild, NewEntry};
use ayumi_core::growth::Reference;
use ayumi_core::model::notebook::{EndReason, Sex};
use ayumi_tests::handbook::{day, scratch};

#[test]
fn twins_get_a_notebook_each_and_share_the_pregnancy() {
    let (_folder, book) = scratch();
    let notebooks = book.notebooks();
    let pregnancy = notebooks.add_pregnancy(day("2026-06-15")).unwrap();
    let baby = |name: &str, sex| NewChild { name: name.into(), sex, born: day("2026-04-17"), ..NewChild::default() };
    let twins = notebooks.birth(pregnancy, &[baby("そら", Sex::Male), baby("うみ", Sex::Female)]).unwrap();
    assert_eq!(twins.len(), 2);
    for (i, id) in twins.iter().enumerate() {
        let view = notebooks.find(*id).unwrap();
        assert_eq!(view.profile.pregnancy, Some(pregnancy.to_string()));
        assert_eq!((view.profile.multiple, view.profile.birth_order), (Some(2), Some(i as i64 + 1)));
        // 59 days before the due date: 280 − 59 = 221 days = 31w4d.
        assert_eq!(view.profile.gestation_at_birth().unwrap().to_string(), "31w4d");
    }
    assert_eq!(notebooks.list().unwrap().len(), 3);
    // Size at birth of a preterm baby is compared with babies of the same week.
    let fields = [("weight", "1500"), ("datetime", "2026-04-17T10:00")];
    book.entries().add(&NewEntry::typed(twins[0], "delivery", "2026-04-17", &fields).unwrap()).unwrap();
    let found = book.growth().measurements(twins[0], Reference::Jp2023).unwrap();
    assert_eq!(found[0].reference.as_deref(), Some("在胎期間別出生時体格標準値"));
    assert_eq!(found[0].corrected_age_days, Some(-59));
    // A second child cannot come from a child's notebook.
    assert!(matches!(notebooks.birth(twins[0], &[baby("x", Sex::Male)]), Err(Error::Invalid { .. })));
    // All or none: a child without a name makes no notebook of its sibling either.
    assert!(notebooks.birth(pregnancy, &[baby("a", Sex::Male), baby(" ", Sex::Male)]).is_err());
    assert_eq!(notebooks.list().unwrap().len(), 3);
}

#[test]
fn after_a_loss_the_baby_is_silent_and_the_mothers_care_stays() {
    let (_folder, book) = scratch();
    let notebooks = book.notebooks();
    let id = notebooks.add_pregnancy(day("2026-09-01")).unwrap();
    let add = |kind: &str, fields: &[(&str, &str)]| {
        book.entries().add(&NewEntry::typed(id, kind, "2026-03-01", fields).unwrap()).unwrap();
    };
    add("prenatal_visit", &[("weight", "54.2"), ("efw", "300"), ("ga", "20w0d")]);
    add("mother_postpartum", &[("bp", "110/70")]);
    add("delivery", &[("findings", "stillbirth")]);
    add("temperature", &[("value", "36.8")]);
    assert_eq!(book.growth().measurements(id, Reference::Jp2023).unwrap().len(), 1);
    let kinds = |all: bool| -> Vec<String> {
        let filter = ListFilter { about_baby_too: all, ..ListFilter::default() };
        book.entries().list(id, &filter).unwrap().into_iter().map(|entry| entry.kind).collect()
    };
    assert_eq!(kinds(false).len(), 4);
    notebooks.end(id, EndReason::Loss, day("2026-03-02")).unwrap();
    assert_eq!(kinds(false), ["mother_postpartum", "prenatal_visit"]);
    assert_eq!(kinds(true).len(), 4, "nothing is erased");
    assert!(book.growth().measurements(id, Reference::Jp2023).unwrap().is_empty());
    for file in [book.export().html(id).unwrap(), book.export().json(id).unwrap(), book.export().csv(id).unwrap()] {
        assert!(!file.contains("stillbirth") && !file.contains("死産"), "{file}");
        assert!(!file.contains("出産予定日"));
    }
    notebooks.reopen(id).unwrap();
    assert_eq!(kinds(false).len(), 4, "a mistaken tap is taken back");
}

#[test]
fn reasons_fit_their_notebooks() {
    let (_folder, book) = scratch();
    let notebooks = book.notebooks();
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day("2024-05-03"), ..NewChild::default() };
    let child = notebooks.add_child(&child).unwrap();
    let invalid = |reason, on: &str| matches!(notebooks.end(child, reason, day(on)), Err(Error::Invalid { .. }));
    assert!(invalid(EndReason::Loss, "2025-01-01"));
    assert!(invalid(EndReason::Death, "2024-05-02"), "not before the birth");
    assert!(invalid(EndReason::Death, "2026-05-01"), "not in the future");
    book.entries().add(&NewEntry::typed(child, "growth", "2025-01-01", &[("weight", "8")]).unwrap()).unwrap();
    notebooks.end(child, EndReason::Death, day("2025-02-01")).unwrap();
    assert!(book.growth().measurements(child, Reference::Jp2023).unwrap().is_empty());
    assert!(book.growth().chart(child, ayumi_core::app::Measure::Weight, Reference::Jp2023).is_err());
    assert_eq!(book.entries().list(child, &ListFilter::default()).unwrap().len(), 1, "a keepsake that can be opened");
}

//! What comes next, as a family meets it: agenda, self-check, vaccinations, a municipality's own content, silence.

use ayumi_core::app::{CheckState, Config, Error, Handbook, ListFilter, MarkState, NewChild, NewEntry};
use ayumi_core::checks::Answer;
use ayumi_core::content::item::OfferKind;
use ayumi_core::model::NotebookId;
use ayumi_core::model::date::Gestation;
use ayumi_core::model::notebook::{EndReason, Sex};
use ayumi_core::texts::Locale;
use ayumi_tests::fixture_text;
use ayumi_tests::handbook::{config_on, day, scratch_on};

fn child(book: &Handbook, born: &str) -> NotebookId {
    let new = NewChild { name: "さくら".into(), sex: Sex::Female, born: day(born), ..NewChild::default() };
    book.notebooks().add_child(&new).unwrap()
}

fn add(book: &Handbook, notebook: NotebookId, kind: &str, on: &str, fields: &[(&str, &str)]) {
    book.entries().add(&NewEntry::typed(notebook, kind, on, fields).unwrap()).unwrap();
}

/// Key, first day, last day of everything on the agenda within so many days.
fn agenda(book: &Handbook, notebook: NotebookId, to: &str) -> Vec<(String, String, String)> {
    let shown = |day: Option<chrono::NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
    let items = book.agenda().list(notebook, None, Some(day(to))).unwrap();
    items.into_iter().map(|item| (item.key, item.from.to_string(), shown(item.to))).collect()
}

fn has(list: &[(String, String, String)], key: &str, from: &str, to: &str) -> bool {
    list.contains(&(key.into(), from.into(), to.into()))
}

#[test]
fn a_newborns_deadlines_are_counted_as_the_law_counts() {
    let (_folder, book) = scratch_on("2026-11-22");
    let id = child(&book, "2026-11-20");
    let list = agenda(&book, id, "2027-12-31");
    for (key, from, to, why) in [
        ("BIRTH_REG", "2026-11-20", "2026-12-03", "14 days with the birth day as the first"),
        ("CHILD_ALLOW", "2026-11-21", "2026-12-05", "15 days from the day after the birth"),
        ("LEAVE_POST", "2026-11-21", "2027-01-15", "8 weeks after the day of birth"),
        ("LUMP_SUM", "2026-11-20", "2028-11-20", "two years"),
        ("PNC", "2026-11-20", "2027-11-19", "up to the day before the first birthday"),
        ("WC_3_4M", "2027-02-19", "2027-04-19", "from attaining 3 months to the day before 5"),
        ("JP-PCV/1", "2027-01-19", "2027-06-19", "standard: attaining 2 to 7 months"),
        ("CHECK/2m", "2027-01-20", "2027-03-19", "the first self-check"),
    ] {
        assert!(has(&list, key, from, to), "{key}: {why}: {list:#?}");
    }
    assert!(list.iter().all(|(key, ..)| key != "WC_5Y"), "only where it is offered");
    let items = book.agenda().list(id, None, None).unwrap();
    for key in ["WC_1M", "NBS", "VITK", "HEALTH_INS"] {
        let item = items.iter().find(|item| item.key == key).unwrap();
        assert!(
            item.undated && item.to.is_none() && !item.when.contains('月'),
            "unconfirmed: no day is told: {item:?}"
        );
    }
    let legal: Vec<&str> = items.iter().filter(|item| item.legal).map(|item| item.key.as_str()).collect();
    assert!(legal.contains(&"BIRTH_REG") && !legal.contains(&"BIRTH_CARD") && !legal.contains(&"WC_3_4M"), "{legal:?}");
    assert!(
        items.iter().all(|item| !item.title.is_empty() && !item.by.is_empty() && !item.force.is_empty()),
        "all in words"
    );
}

/// The rules are of one fiscal year; a handbook opened later says so beside the plan.
#[test]
fn rules_whose_year_is_over_say_so() {
    for (today, told) in [("2027-03-31", false), ("2027-04-01", true)] {
        let (_folder, book) = scratch_on(today);
        let id = child(&book, "2026-11-20");
        assert_eq!(book.vaccines().rules_note().unwrap().is_some(), told, "{today}");
        assert_eq!(book.export().html(id).unwrap().contains("きまりは2027年3月31日まで"), told, "{today}");
    }
}

#[test]
fn what_is_done_leaves_the_agenda() {
    let (_folder, book) = scratch_on("2026-11-22");
    let id = child(&book, "2025-05-03");
    assert!(agenda(&book, id, "2026-12-31").iter().any(|(key, ..)| key == "WC_18M"));
    add(&book, id, "wellchild", "2026-11-20", &[("checkup", "1y6m"), ("weight", "10.2")]);
    add(&book, id, "immunisation", "2026-11-20", &[("vaccine", "mr")]);
    let list = agenda(&book, id, "2026-12-31");
    assert!(list.iter().all(|(key, ..)| key != "WC_18M" && key != "JP-MR1/1"), "{list:?}");
    // 27 days after the other live vaccine.
    let varicella = book.vaccines().plan(id).unwrap().into_iter().find(|dose| dose.next.series == "JP-VAR").unwrap();
    assert_eq!(varicella.next.earliest, Some(day("2026-12-18")));
    let mark = book.agenda().mark(id, "LUMP_SUM", MarkState::Done).unwrap();
    assert!(agenda(&book, id, "2026-12-31").iter().all(|(key, ..)| key != "LUMP_SUM"));
    book.entries().delete(mark).unwrap();
    assert!(agenda(&book, id, "2026-12-31").iter().any(|(key, ..)| key == "LUMP_SUM"), "a mistaken tap is taken back");
    assert!(
        matches!(book.agenda().mark(id, "JP-VAR/1", MarkState::Done), Err(Error::Invalid { .. })),
        "a dose is written down instead"
    );
}

/// Weekly from 36 weeks on, and no last visit: a pregnancy past its due date goes on.
#[test]
fn prenatal_checks_follow_the_weeks_and_never_run_out() {
    for (today, due, last, from, to, why) in [
        ("2026-11-22", "2027-06-20", None, "2026-11-22", "2026-12-20", "10 weeks: within four weeks"),
        (
            "2026-11-22",
            "2027-02-10",
            Some("2026-11-20"),
            "2026-12-04",
            "2026-12-10",
            "28 weeks: two weeks after the last",
        ),
        ("2026-11-22", "2026-12-10", Some("2026-11-19"), "2026-11-26", "2026-12-02", "37 weeks: a week after the last"),
        ("2026-11-22", "2026-11-18", Some("2026-11-16"), "2026-11-23", "2026-11-29", "40 weeks 4 days: it goes on"),
    ] {
        let (_folder, book) = scratch_on(today);
        let id = book.notebooks().add_pregnancy(day(due)).unwrap();
        if let Some(last) = last {
            add(&book, id, "prenatal_visit", last, &[("weight", "55")]);
        }
        let list = agenda(&book, id, "2027-03-01");
        assert!(has(&list, "PRENATAL", from, to), "{why}: {list:?}");
    }
}

#[test]
fn a_pregnancy_across_the_start_of_the_rsv_programme_and_twins() {
    let (_folder, book) = scratch_on("2026-03-10");
    let id = book.notebooks().add_pregnancy(day("2026-05-20")).unwrap();
    let list = agenda(&book, id, "2026-12-31");
    assert!(
        has(&list, "JP-RSV-MAT/1", "2026-04-01", "2026-04-28"),
        "clipped by the first day of the programme: {list:?}"
    );
    assert!(has(&list, "LEAVE_PRE", "2026-04-09", "2026-05-20"), "six weeks with the due date");
    book.notebooks().edit(id, &[("multiple", "2")]).unwrap();
    assert!(has(&agenda(&book, id, "2026-12-31"), "LEAVE_PRE", "2026-02-12", "2026-05-20"), "fourteen weeks for twins");
    // The due date is corrected: everything moves with it.
    book.notebooks().edit(id, &[("due", "2026-05-27")]).unwrap();
    assert!(has(&agenda(&book, id, "2026-12-31"), "JP-RSV-MAT/1", "2026-04-01", "2026-05-05"));
    // Her dose is hers; the baby's page tells of it.
    add(&book, id, "immunisation", "2026-03-09", &[("vaccine", "rsv_maternal")]);
    let baby = NewChild { name: "そら".into(), sex: Sex::Male, born: day("2026-03-10"), ..NewChild::default() };
    let twins = book.notebooks().birth(id, &[baby.clone(), NewChild { name: "うみ".into(), ..baby }]).unwrap();
    assert!(book.vaccines().mother_rsv(twins[0]).unwrap().unwrap().contains("2026年3月9日"));
    let list = agenda(&book, id, "2026-12-31");
    assert!(has(&list, "PPC_1", "2026-03-20", "2026-03-30"), "the mother's checks stand in her notebook: {list:?}");
    assert!(list.iter().all(|(key, ..)| key != "PRENATAL" && key != "INT_2"), "the pregnancy is over");
    assert!(agenda(&book, twins[0], "2026-12-31").iter().all(|(key, ..)| !key.starts_with("PPC")), "not twice");
}

#[test]
fn after_a_loss_nothing_speaks_of_a_baby_and_the_mothers_items_stay() {
    let (folder, book) = scratch_on("2026-11-22");
    let id = book.notebooks().add_pregnancy(day("2027-02-10")).unwrap();
    add(&book, id, "prenatal_visit", "2026-11-10", &[("weight", "54.2"), ("efw", "987"), ("ga", "26w6d")]);
    assert!(agenda(&book, id, "2027-03-01").iter().any(|(key, ..)| key == "JP-RSV-MAT/1"));
    book.notebooks().end(id, EndReason::Loss, day("2026-11-20")).unwrap();
    let list = agenda(&book, id, "2027-03-01");
    let keys: Vec<&str> = list.iter().map(|(key, ..)| key.as_str()).collect();
    assert_eq!(keys.len(), 7, "{keys:?}");
    for key in ["BENEFIT_2", "LEAVE_POST", "LUMP_SUM", "PNC", "PPC_1", "PPC_2", "STILLBIRTH_REG"] {
        assert!(keys.contains(&key), "{key} is hers: {keys:?}");
    }
    assert!(has(&list, "PPC_1", "2026-11-30", "2026-12-10"), "counted from the day of the loss");
    assert!(has(&list, "BENEFIT_2", "2026-11-20", "2028-11-20"), "two years to claim it");
    assert!(book.vaccines().plan(id).unwrap().is_empty());
    assert!(book.checks().due(id).unwrap().is_empty());
    for file in [book.export().html(id).unwrap(), book.export().json(id).unwrap(), book.export().csv(id).unwrap()] {
        for word in ["efw", "赤ちゃん", "胎児", "JP-RSV", "RSウイルス", "できたね", "2027-02-10", "2027年2月10日"]
        {
            assert!(!file.contains(word), "{word}");
        }
        // A number of its own; within an id three digits may stand by chance.
        let mut numbers = file.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        assert!(!numbers.any(|number| number == "987" || number == "987g"), "{file}");
    }
    // What the file does hold comes back on another phone, still silent.
    let json = book.export().json(id).unwrap();
    let (_other_folder, other) = scratch_on("2026-11-22");
    let plan = other.import().plan_json(&json).unwrap();
    let there = plan.notebook().unwrap();
    assert!(other.import().apply(plan, false).unwrap() > 0);
    assert_eq!(agenda(&other, there, "2027-03-01").len(), 7);
    for reminder in book.agenda().reminders(id, 365).unwrap() {
        assert_eq!((reminder.title.as_str(), reminder.text.contains("アプリ")), ("あゆみ", true));
    }
    drop(book);
    // Every word that can still be seen, in three languages.
    for locale in Locale::ALL {
        let book = Handbook::open(&Config { locale, ..config_on(folder.path(), "2026-11-22") }).unwrap();
        let items = book.agenda().list(id, None, None).unwrap();
        assert_eq!(items.len(), 7);
        for word in ["赤ちゃん", "あかちゃん", "胎児", "baby", "出産", "産婦", "うんだ", "birth", "mother"]
        {
            assert!(
                items.iter().all(|item| !item.title.contains(word) && !item.how.contains(word)),
                "{word}: {items:#?}"
            );
        }
    }
    let book = Handbook::open(&config_on(folder.path(), "2026-11-22")).unwrap();
    book.notebooks().reopen(id).unwrap();
    assert!(agenda(&book, id, "2027-03-01").iter().any(|(key, ..)| key == "LEAVE_PRE"), "a mistaken tap is taken back");
}

#[test]
fn after_a_childs_death_only_the_mothers_own_stays() {
    let (_folder, book) = scratch_on("2026-11-22");
    let id = child(&book, "2026-11-01");
    book.checks().answer(id, "2m", &[("m_limbs", Answer::Yes)], None, None).unwrap();
    assert!(agenda(&book, id, "2027-06-01").len() > 10);
    book.notebooks().end(id, EndReason::Death, day("2026-11-20")).unwrap();
    let keys: Vec<String> = agenda(&book, id, "2027-06-01").into_iter().map(|(key, ..)| key).collect();
    assert_eq!(keys, ["LEAVE_POST", "PNC", "LUMP_SUM", "PPC_2"], "hers, for she has no notebook of the pregnancy");
    assert!(book.vaccines().plan(id).unwrap().is_empty() && book.checks().due(id).unwrap().is_empty());
    assert!(matches!(book.checks().questions(id, "2m"), Err(Error::NotFound { .. })));
    assert!(!book.export().html(id).unwrap().contains("できたね"));
}

#[test]
fn reminders_are_one_a_day_and_say_nothing() {
    let (_folder, book) = scratch_on("2026-11-22");
    let id = child(&book, "2026-11-20");
    let all = book.agenda().reminders(id, 120).unwrap();
    let mut days: Vec<_> = all.iter().map(|reminder| reminder.at.date()).collect();
    let count = days.len();
    days.dedup();
    assert_eq!(count, days.len(), "never two on one day");
    assert!(days.contains(&day("2026-11-30")), "three days before the registration ends");
    for one in &all {
        let words = format!("{}{}", one.title, one.text);
        for word in ["さくら", "予防接種", "健診", "子", "赤"] {
            assert!(!words.contains(word), "{words}");
        }
    }
}

#[test]
fn answers_are_kept_one_by_one_for_weeks_and_by_two_carers() {
    let (folder, book) = scratch_on("2026-11-22");
    let id = child(&book, "2025-05-03");
    let checks = book.checks();
    let open = checks.due(id).unwrap().into_iter().find(|check| check.state == CheckState::Open).unwrap();
    assert_eq!(open.check, "18m");
    checks.answer(id, "18m", &[("m_stand", Answer::Yes)], None, None).unwrap();
    checks
        .answer(id, "18m", &[("m_climb", Answer::read("m_climb", "まだ").unwrap())], Some("夜よく起きます"), None)
        .unwrap();
    assert_eq!(checks.result(id, "18m").unwrap().offer, OfferKind::Desk, "a worry outranks the rest");
    drop((checks, book));
    // Weeks later, on the same phone.
    let book = Handbook::open(&config_on(folder.path(), "2026-12-20")).unwrap();
    let checks = book.checks();
    let questions = checks.questions(id, "18m").unwrap();
    assert_eq!(questions.iter().filter(|question| question.answer.is_some()).count(), 2, "go on where it was left");
    let rest: Vec<(&str, Answer)> = questions
        .iter()
        .filter(|question| question.answer.is_none())
        .map(|question| (question.item.as_str(), Answer::Yes))
        .collect();
    checks.answer(id, "18m", &rest, None, None).unwrap();
    assert_eq!(checks.result(id, "18m").unwrap().offer, OfferKind::Desk, "the worry still stands");
    checks.answer(id, "18m", &[], Some(""), None).unwrap();
    assert_eq!(checks.result(id, "18m").unwrap().offer, OfferKind::None, "taken back; climbing is still in its range");
    assert_eq!(checks.due(id).unwrap().into_iter().find(|check| check.check == "18m").unwrap().state, CheckState::Done);
    // Another carer's answers, as sync will bring them: an entry of his own.
    let his = [("check", "18m"), ("carer", "父"), ("answer.m_climb", "yes"), ("answer.m_stand", "notyet")];
    add(&book, id, "self_check", "2026-12-20", &his);
    let result = checks.result(id, "18m").unwrap();
    let climb = result.strengths.iter().find(|strength| strength.item == "m_climb").unwrap();
    assert_eq!(climb.by.len(), 2, "both answers are kept: {climb:?}");
    assert!(result.strengths.iter().any(|strength| strength.item == "m_stand"), "one of them has seen it");
    assert!(
        matches!(checks.answer(id, "18m", &[("m_hop", Answer::Yes)], None, None), Err(Error::Invalid { .. })),
        "not asked here"
    );
    assert!(Answer::read("m_stand", "maybe").is_err_and(|why| why.field == "m_stand"));
    assert!(matches!(checks.answer(id, "19m", &[("m_stand", Answer::Yes)], None, None), Err(Error::Invalid { .. })));
    assert!(book.export().html(id).unwrap().contains("ソファなどに、手伝いなしでのぼる"));
}

#[test]
fn a_preterm_child_is_asked_at_its_corrected_age() {
    let (_folder, book) = scratch_on("2026-11-22");
    let early = NewChild {
        name: "そら".into(),
        sex: Sex::Male,
        born: day("2025-05-03"),
        gestation: Gestation::parse("30w0d"),
        ..NewChild::default()
    };
    let id = book.notebooks().add_child(&early).unwrap();
    let open = book.checks().due(id).unwrap().into_iter().find(|check| check.state == CheckState::Open).unwrap();
    assert_eq!(open.check, "16m", "18 months old, 16 corrected");
    assert!(book.checks().result(id, "16m").unwrap().corrected);
    // Vaccinations and check-ups follow the birthday.
    assert!(agenda(&book, id, "2026-12-31").iter().any(|(key, from, _)| key == "WC_18M" && from == "2026-11-03"));
}

#[test]
fn a_city_brings_its_own_windows_desks_items_and_words() {
    let (_folder, book) = scratch_on("2026-11-22");
    let id = child(&book, "2026-11-20");
    let text = fixture_text("municipality/sample.toml");
    assert_eq!(book.contents().install(&text).unwrap().id, "jp.000000.mihon");
    let list = agenda(&book, id, "2027-12-31");
    assert!(has(&list, "WC_1M", "2026-12-18", "2026-12-31"), "the municipality says when: {list:?}");
    assert!(has(&list, "WC_3_4M", "2027-03-19", "2027-04-19"), "its own month");
    assert!(list.iter().all(|(key, ..)| key != "WC_9_10M"), "not offered here");
    let items = book.agenda().list(id, None, None).unwrap();
    assert!(items.iter().any(|item| item.title.contains("見本市の保健師がうかがいます")), "its own words");
    let desk = book.desks().find("development").unwrap().unwrap();
    assert_eq!(desk.name, "見本市こども家庭センター");
    // 22 November 2026 is a Sunday, the 23rd a holiday.
    assert_eq!(desk.open_now, Some(false));
    assert!(desk.state.contains("2026年11月24日 8:30"), "{}", desk.state);
    assert!(
        desk.meanwhile.iter().all(|other| other.topics.contains(&"mind".to_owned())),
        "words are no sudden illness"
    );
    let night = book.desks().list(Some("night_illness")).unwrap();
    assert_eq!(night.iter().map(|desk| desk.id.as_str()).collect::<Vec<_>>(), ["night", "8000"]);
    let older = text.replace("version = 1", "version = 0");
    assert!(matches!(book.contents().install(&older), Err(Error::Invalid { .. })));
    let newer = text.replace("version = 1", "version = 2");
    book.contents().install(&newer).unwrap();
    assert!(
        matches!(book.contents().install(&text), Err(Error::Invalid { .. })),
        "an older edition never replaces a newer one"
    );
    assert_eq!(book.contents().list().unwrap().len(), 1);
    // Its own item is asked, and a list of entries shows it in its own words.
    let toddler = child(&book, "2024-09-10");
    book.checks().answer(toddler, "26m", &[("mihon_park", Answer::Yes)], None, None).unwrap();
    let sitting = book.entries().list(toddler, &ListFilter::default()).unwrap().remove(0);
    assert!(sitting.lines(&book).iter().any(|line| line.label.contains("広場で")), "{:?}", sitting.lines(&book));
    assert!(book.export().csv(toddler).unwrap().contains("広場で、ほかの親子にかかわろうとする"));
    book.contents().remove("jp.000000.mihon").unwrap();
    let again = agenda(&book, id, "2027-12-31");
    assert!(again.iter().any(|(key, _, to)| key == "WC_1M" && to.is_empty()), "nobody says when any more: {again:?}");
}

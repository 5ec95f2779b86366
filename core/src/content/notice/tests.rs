//! The validator of notices says what is wrong and what to write.

use super::*;
use crate::content::read_pack;

const SAMPLE: &str = include_str!("../../../../fixtures/municipal/notices.toml");

#[track_caller]
fn refused(from: &str, to: &str, words: &str) {
    assert!(SAMPLE.contains(from), "{from}");
    let problems = read_pack(&SAMPLE.replacen(from, to, 1)).err().unwrap_or_default();
    assert!(problems.iter().any(|problem| problem.to_string().contains(words)), "{to}: {problems:?}");
}

#[test]
fn the_sample_is_read_and_says_how_it_is_shown() {
    let pack = read_pack(SAMPLE).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!((pack.notice.len(), pack.area.len()), (9, 2));
    let level = |id: &str| pack.notice.iter().find(|notice| notice.key() == id).map(Notice::level);
    assert_eq!(level("water/1"), Some(Level::Urgent));
    assert_eq!(level("parents-class/2"), Some(Level::Important));
    assert_eq!(level("checkup-18m/1"), Some(Level::Info));
    let title = &pack.notice[0].title;
    assert_eq!(title.in_language("ja-easy").text, "1歳(さい)6か月(げつ)健診(けんしん)の お知(し)らせ");
    assert!(title.in_language("vi").only_japanese && !title.in_language("en").only_japanese);
    let desk = &pack.desk[0];
    assert_eq!((desk.second.as_deref(), desk.consults, desk.professions.len()), (Some("night"), true, 2));
}

#[test]
fn a_notice_says_what_is_wrong_and_what_to_write() {
    for (from, to, words) in [
        ("id = \"water\"", "id = \"Water\"", "small letters"),
        ("id = \"twins\"", "id = \"first\"", "there twice"),
        ("message = \"update\"", "message = \"alert\"", "an alert names nothing"),
        ("references = [\"parents-class/1\"]", "references = []", "names what it replaces"),
        ("references = [\"parents-class/1\"]", "references = [\"parents-class/9\"]", "not in this file"),
        ("references = [\"parents-class/1\"]", "references = [\"parents-class/2\"]", "earlier alert or update"),
        (
            "references = [\"water/1\"]",
            "references = [\"water/1\", \"parents-class/1\"]",
            "another message names already",
        ),
        ("sent = \"2026-11-24 10:00\"", "sent = \"2026-11-19 10:00\"", "earlier alert or update"),
        (
            "sent = \"2026-11-29 18:00\"",
            "sent = \"2026-11-29 18:00\"\nexpires = \"2026-12-01\"",
            "a cancel has no expires",
        ),
        ("expires = \"2026-12-02\"\n", "", "until when it is shown"),
        ("expires = \"2026-12-02\"", "expires = \"2026-11-28\"", "after sent"),
        ("expires = \"2026-12-02\"", "expires = \"2028-12-02\"", "at most 400 days"),
        ("expires = \"2026-12-02\"", "expires = \"soon\"", "is no time"),
        ("area = [\"south\"]", "area = [\"east\"]", "there is no area"),
        ("area = [\"south\"]", "area = [\"south\"]\nmultiple = true", "says nothing of a baby"),
        ("area = [\"south\"]", "income = 3", "income"),
        ("age_days = [548, 730]", "age_days = [730, 548]", "from not after to"),
        ("age_days = [548, 730]", "age_days = [548, 730]\npregnancy_weeks = [1, 2]", "born and not born"),
        ("pregnancy_weeks = [16, 34]", "pregnancy_weeks = [16, 60]", "at most 45"),
        ("language = [\"ja\", \"en\"]", "language = [\"日本語\"]", "is no language"),
        ("event = \"WC_18M\"", "event = \"BIRTH_REG\"", "a check-up of a child"),
        ("event = \"WC_18M\"", "event = \"WC_99\"", "a check-up of a child"),
        ("months = 19", "months = 190", "months of age"),
        ("desk = \"centre\"", "desk = \"nowhere\"", "there is no desk"),
        ("title = { ja = \"ふたごの会\" }", "title = { en = \"Twins\" }", "needs Japanese"),
        ("title = { ja = \"ふたごの会\" }", "title = { ja = \"ふたごの会\", en = \"Twins\" }", "the same languages"),
        ("title = { ja = \"ふたごの会\" }", "title = { ja = \" \" }", "from 1 to 80"),
        ("title = { ja = \"ふたごの会\" }", "title = { ja = \"ふた\\u0007ごの会\" }", "control character"),
        ("about = \"everyone\"", "link = \"http://x\"", "https://"),
        ("second = \"night\"", "second = \"nobody\"", "another desk of this file"),
        ("second = \"night\"", "second = \"centre\"", "another desk of this file"),
        ("professions = [\"midwife\"]", "professions = [\"wizard\"]", "wizard"),
    ] {
        refused(from, to, words);
    }
}

#[test]
fn what_is_told_in_confidence_goes_on_only_to_a_desk_that_is_as_confidential() {
    // The night desk listens to minds: the centre is not confidential.
    refused(
        "consults = true\nprofessions = [\"midwife\"]",
        "consults = true\nsecond = \"centre\"",
        "must be confidential",
    );
    refused("consults = true\nprofessions = [\"midwife\"]", "successor = \"centre\"", "must be confidential");
    // Also where it listens to nothing but what anybody asks.
    let general = SAMPLE.replacen("topics = [\"general\", \"mind\"]", "topics = [\"general\"]", 1);
    let general = general.replacen("consults = true\nprofessions = [\"midwife\"]", "second = \"centre\"", 1);
    let problems = read_pack(&general).err().unwrap_or_default();
    assert!(problems.iter().any(|problem| problem.what.contains("must be confidential")), "{problems:?}");
    let ring = SAMPLE.replacen("second = \"night\"", "successor = \"night\"", 1);
    let ring = ring.replacen("consults = true\nprofessions = [\"midwife\"]", "successor = \"centre\"", 1);
    let problems = read_pack(&ring).err().unwrap_or_default();
    assert!(problems.iter().any(|problem| problem.what.contains("lead back")), "{problems:?}");
}

//! Each release rule by itself.

use super::*;
use crate::content::read_pack;

const HEAD: &str = "format = 1\n[pack]\nid = \"jp.000000.a\"\nversion = VERSION\nname = [\"見本市\", \"{見本市|みほんし}\", \"Sample\"]\nmunicipality = \"000000\"\n";
const DESK: &str = "[[desk]]\nid = \"centre\"\ntopics = [\"general\"]\nname = [\"窓口\", \"{窓口|まどぐち}\", \"Desk\"]\nconsults = true\nprofessions = [\"midwife\"]\n";
const HEAT: &str = "[[notice]]\nid = \"heat\"\nsent = \"2026-11-20 10:00\"\nexpires = \"2026-12-05\"\ntitle = { ja = \"暑さ\" }\ntext = { ja = \"水を飲みましょう\" }\n";
const URGENT: &str = "[[notice]]\nid = \"water\"\nsent = \"2026-11-30 10:00\"\nexpires = \"2026-12-05\"\nseverity = \"severe\"\nurgency = \"immediate\"\ntitle = { ja = \"水\" }\ntext = { ja = \"飲まないでください\" }\n";

fn named(version: u32, parts: &[&str]) -> Vec<Named> {
    let text = format!("{}{}", HEAD.replace("VERSION", &version.to_string()), parts.concat());
    vec![("a.toml".into(), read_pack(&text).unwrap())]
}

fn found(former: &[Named], next: &[Named], people: &[&str], now: &str) -> Vec<String> {
    let people: Vec<String> = people.iter().map(|name| (*name).to_owned()).collect();
    let now = NaiveDateTime::parse_from_str(now, "%Y-%m-%d %H:%M").unwrap();
    problems(former, next, &people, now).iter().map(ToString::to_string).collect()
}

#[test]
fn a_message_that_was_sent_is_never_changed_and_stays_until_its_time_is_over() {
    let before = named(1, &[HEAT]);
    let other = named(2, &[&HEAT.replace("水を飲みましょう", "木かげで休みましょう")]);
    let gone = named(2, &[]);
    let changed = found(&before, &other, &["a"], "2026-11-21 09:00");
    assert!(changed.len() == 1 && changed[0].contains("write an update or a cancel"), "{changed:?}");
    assert_eq!(found(&before, &other, &["a"], "2026-11-20 09:00"), Vec::<String>::new(), "it was not sent yet");
    let missing = found(&before, &gone, &["a"], "2026-12-05 23:00");
    assert!(missing.len() == 1 && missing[0].contains("is missing"), "{missing:?}");
    assert_eq!(found(&before, &gone, &["a"], "2026-12-06 00:00"), Vec::<String>::new(), "its time is over");
}

#[test]
fn an_urgent_message_needs_two_names_and_its_cancellation_one() {
    let now = "2026-11-30 10:00";
    let urgent = named(1, &[URGENT]);
    for people in [&[][..], &["a"], &["a", "a "], &["a", " "]] {
        let refused = found(&[], &urgent, people, now);
        assert!(refused.len() == 1 && refused[0].contains("two people"), "{people:?}: {refused:?}");
    }
    assert_eq!(found(&[], &urgent, &["a", "b"], now), Vec::<String>::new());
    let cancel = "[[notice]]\nid = \"water\"\nversion = 2\nmessage = \"cancel\"\nreferences = [\"water/1\"]\nsent = \"2026-11-30 12:00\"\nseverity = \"severe\"\nurgency = \"immediate\"\ntitle = { ja = \"水\" }\ntext = { ja = \"飲めます\" }\n";
    assert_eq!(found(&urgent, &named(2, &[URGENT, cancel]), &["a"], now), Vec::<String>::new());
}

#[test]
fn a_desk_that_families_write_to_is_closed_only_with_a_successor() {
    let other = DESK.replace("\"centre\"", "\"new\"");
    let before = named(1, &[DESK]);
    let refused = found(&before, &named(2, &[&other]), &["a"], "2026-11-30 10:00");
    assert!(refused.len() == 1 && refused[0].contains("successor"), "{refused:?}");
    let announced = named(2, &[&format!("{DESK}successor = \"new\"\n"), &other]);
    assert_eq!(found(&before, &announced, &["a"], "2026-11-30 10:00"), Vec::<String>::new());
    assert_eq!(found(&announced, &named(3, &[&other]), &["a"], "2026-11-30 10:00"), Vec::<String>::new());
}

#[test]
fn a_changed_file_has_a_higher_version_and_what_two_files_say_is_refused() {
    let refused = found(&named(3, &[]), &named(3, &[HEAT]), &["a"], "2026-11-30 10:00");
    assert!(refused.len() == 1 && refused[0].contains("version 3: 4 or more"), "{refused:?}");
    assert_eq!(found(&named(3, &[HEAT]), &named(3, &[HEAT]), &["a"], "2026-11-30 10:00"), Vec::<String>::new());
    let mut two = named(1, &[HEAT]);
    two.push(("b.toml".into(), two[0].1.clone()));
    let refused = found(&[], &two, &["a"], "2026-11-30 10:00");
    assert!(
        refused.iter().any(|problem| problem.contains("notice \"heat/1\": in a.toml and in b.toml")),
        "{refused:?}"
    );
    two[1].1.pack.municipality = Some("000001".into());
    assert!(found(&[], &two, &["a"], "2026-11-30 10:00").iter().any(|problem| problem.contains("one in all files")));
}

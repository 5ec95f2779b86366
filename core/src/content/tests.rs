use super::item::OfferRule;
use super::moment::{Anchors, Distance, Moment};
use super::profession::Profession;
use super::*;
use crate::model::kind::Record;
use crate::model::kinds::SelfCheck;
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn days_are_read_as_people_write_them() {
    let life = Anchors {
        born: Some(day("2026-01-15")),
        due: Some(day("2026-04-23")),
        ended: Some(day("2026-03-02")),
        notified: Some(day("2025-09-01")),
    };
    for (words, expected) in [
        ("birth", "2026-01-15"),
        ("birth + 13 days", "2026-01-28"),
        ("birth + 5 months - 1 days", "2026-06-14"),
        ("birth 14w6d", "2026-04-29"),
        ("pregnancy 28w0d", "2026-01-29"),
        ("due - 56 days", "2026-02-26"),
        ("due - 56 days + 2 years", "2028-02-26"),
        ("attain 12", "2027-01-14"),
        ("after attain 18 (B)", "2027-07-15"),
        ("preschool year start", "2031-04-01"),
        ("preschool year end", "2032-03-31"),
        ("fiscal year of 12 start", "2037-04-01"),
        ("fiscal year of 16 end", "2042-03-31"),
        ("ended + 1 years - 1 days", "2027-03-01"),
        ("notice", "2025-09-01"),
        ("2027-03-31", "2027-03-31"),
    ] {
        let moment: Moment = words.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(moment.on(&life), Some(day(expected)), "{words}");
    }
    for words in
        ["", "attain", "attain twelve", "birth + days", "birth + 1 weeks", "birth 14w7d", "2027-02-30", "attain 12 (D)"]
    {
        assert!(words.parse::<Moment>().is_err(), "{words}");
    }
    assert_eq!("attain 12".parse::<Moment>().unwrap().on(&Anchors::default()), None, "no birth, no day");
    assert_eq!("27 days".parse::<Distance>().unwrap().after(day("2026-04-07")), Some(day("2026-05-05")));
    assert_eq!("3 months".parse::<Distance>().unwrap().after(day("2025-11-30")), Some(day("2026-03-01")));
    assert_eq!("2.5 months".parse::<Distance>().unwrap().after(day("2025-07-25")), Some(day("2025-10-10")));
    assert!("2.5 days".parse::<Distance>().is_err());
    assert!("27".parse::<Distance>().is_err() && "3 weeks".parse::<Distance>().is_err());
}

#[test]
fn our_own_content_is_there() {
    let content = Content::default();
    assert!(content.items().len() > 200, "{}", content.items().len());
    assert_eq!(content.vaccines().map(|rules| rules.series.len()), Some(19));
    assert!(content.agenda().is_some_and(|rules| rules.event.len() > 30));
    assert!(!content.desks(Topic::Development, day("2026-11-22")).is_empty());
    assert_eq!(content.checks().bands.len(), 30);
}

/// Every word that the data can ask for is there, and none is left over.
#[test]
fn words_and_data_fit_each_other() {
    let content = Content::default();
    let (rules, vaccines, agenda) = (content.checks(), content.vaccines().unwrap(), content.agenda().unwrap());
    let mut keys: BTreeSet<String> = BTreeSet::new();
    for event in &agenda.event {
        keys.insert(format!("event.{}", event.id));
        keys.insert(format!("by.{}", event.by));
        keys.insert(format!("force.{}", event.force.key()));
        if event.after_loss.is_some() {
            keys.insert(format!("event.{}.after_loss", event.id));
        }
        if event.to_abroad.is_some() {
            keys.extend(["abroad", "abroad.how"].map(|part| format!("event.{}.{part}", event.id)));
        }
        if event.undated_to.is_some() {
            keys.insert(format!("agenda.undated.{}", event.by));
        }
    }
    // How to go about it: for any event, in any case of it that has words.
    let how: Vec<String> =
        keys.iter().filter(|key| key.starts_with("event.")).map(|key| format!("{key}.how")).collect();
    keys.extend(vaccines.series.iter().map(|series| format!("series.{}", series.id)));
    keys.extend(
        vaccines.series.iter().filter_map(|series| series.either.as_ref()).map(|word| format!("series.{word}")),
    );
    keys.extend(rules.rule.iter().map(OfferRule::words_key));
    keys.extend(rules.notices.iter().map(|notice| format!("check.notice.{notice}")));
    keys.extend(
        vaccines.series.iter().flat_map(|series| &series.extension).map(|extension| format!("why.{}", extension.id)),
    );
    for rule in &content.leads().rule {
        keys.extend([format!("lead.{}", rule.id), format!("lead.{}.title", rule.id)]);
        keys.insert(format!("lead.within.{}", rule.within.key()));
        keys.extend(rule.clinics.iter().map(|clinic| format!("lead.clinic.{}", clinic.key())));
    }
    keys.extend(["in_hospital", "weight_past", "own", "then", "mark"].map(|word| format!("lead.{word}")));
    keys.extend(Topic::ALL.map(|topic| format!("topic.{}", topic.key())));
    let boxes = SelfCheck::KIND.field("notices").unwrap().field_type.options();
    assert_eq!(boxes, rules.notices, "an entry takes the boxes that the rules know");
    let there = texts::insight_keys();
    let missing: Vec<&String> = keys.difference(&there).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for prefix in ["event.", "series.", "check.because.", "check.notice.", "lead.", "topic."] {
        let special = ["event.PRENATAL", "event.SELF_CHECK", "event.VACCINE", "check.notice.title"];
        let left: Vec<&String> = there
            .difference(&keys)
            .filter(|key| key.starts_with(prefix) && !special.iter().any(|known| key.starts_with(known)))
            .filter(|key| !how.contains(key))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn the_closed_lists_of_packs_are_those_of_the_thread_protocol() {
    use ayumi_protocol::municipal::thread;
    let theirs: Vec<&str> = thread::Profession::ALL.iter().map(|one| one.key()).collect();
    assert_eq!(Profession::ALL.map(Profession::key).to_vec(), theirs);
    let theirs: Vec<_> = thread::Topic::ALL.iter().map(|one| (one.key(), one.is_own())).collect();
    assert_eq!(Topic::ALL.map(|one| (one.key(), one.is_own())).to_vec(), theirs);
}

/// Who answers at a desk, in words.
#[test]
fn every_profession_has_words_in_three_languages() {
    for (profession, locale) in Profession::ALL.iter().flat_map(|one| Locale::ALL.map(|locale| (one, locale))) {
        assert!(!texts::municipal(&format!("profession.{}", profession.key()), locale).is_empty(), "{profession:?}");
    }
}

const HEAD: &str = "format = 1\n[pack]\nid = \"jp.000000.test\"\nversion = 1\nname = [\"試\", \"し\", \"test\"]\n";

fn problems(rest: &str) -> Vec<String> {
    read_pack(&format!("{HEAD}{rest}")).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn a_pack_says_what_is_wrong_and_where() {
    assert_eq!(problems(""), Vec::<String>::new());
    let item = |change: (&str, &str)| {
        let text = "[[item]]\nid = \"own\"\narea = \"motor\"\nrange = [18, 24]\nbands = [20]\nsource = \"city guide\"\n\
                    text = [\"走る\", \"はしる\", \"runs\"]\nlook = [\"公園で\", \"こうえんで\", \"in a park\"]\n\
                    play = [\"よーいどん\", \"よーい どん\", \"ready, go\"]\n";
        problems(&text.replace(change.0, change.1))
    };
    assert_eq!(item(("", "")), Vec::<String>::new());
    for (from, to, words) in [
        ("range = [18, 24]", "range = [24, 18]", "from not after to"),
        ("bands = [20]", "bands = [19]", "there is no check at 19 months"),
        ("bands = [20]", "bands = [54]", "say why in note"),
        ("source = \"city guide\"\n", "", "name the source"),
        ("\"走る\"", "\"他の子より早く走る\"", "compares"),
        ("\"走る\"", "\"\"", "日本語 is empty"),
        ("\"runs\"", "\"80% run\"", "frighten"),
        ("source = \"city guide\"", "rows = [\"runs_well\"]", "range must be"),
        ("source = \"city guide\"", "rows = [\"nothing\"]", "not in milestones.csv"),
        ("source = \"city guide\"", "rows = [\"two_words_together\"]", "another area"),
        ("area = \"motor\"", "area = \"walking\"", "line 8"),
        ("bands = [20]", "bnads = [20]", "line 10"),
        ("id = \"own\"", "id = \"Own Item\"", "small letters"),
    ] {
        let found = item((from, to));
        assert!(found.iter().any(|problem| problem.contains(words)), "{to}: {found:?}");
    }
    for (rest, words) in [
        ("[vaccines]\n", "line"),
        ("[[desk]]\nid = \"d\"\ntopics = [\"weather\"]\nname = [\"窓\", \"ま\", \"desk\"]\n", "line"),
        ("[words]\n\"lead.stool_pale\" = [\"a\", \"b\", \"c\"]\n", "a professional signs"),
        ("[[programme]]\nevent = \"WC_99\"\n", "no such event"),
        ("[[programme]]\nevent = \"WC_5Y\"\nfrom = \"sometime\"\n", "is no day"),
        (
            "[[desk]]\nid = \"d\"\ntopics = [\"development\"]\nname = [\"窓\", \"ま\", \"desk\"]\nhours = [{ days = \"mo-fr\", from = \"08:30\", to = \"17:15\" }]\n",
            "mon-fri",
        ),
        (
            "[[desk]]\nid = \"d\"\ntopics = [\"development\"]\nname = [\"窓\", \"ま\", \"desk\"]\nways = [{ kind = \"web\", value = \"http://x\" }]\n",
            "https",
        ),
        ("[words]\n\"event.NOTHING\" = [\"a\", \"b\", \"c\"]\n", "no such key"),
        ("[words]\n\"agenda.until\" = [\"まで\", \"{date}まで\", \"until {date}\"]\n", "日本語 needs {date}"),
        ("without_items = [\"nothing\"]\n", "line"),
    ] {
        let found = problems(rest);
        assert!(found.iter().any(|problem| problem.contains(words)), "{rest}: {found:?}");
    }
    let newer = HEAD.replace("format = 1", "format = 2");
    assert!(read_pack(&newer).is_err_and(|found| found[0].what.contains("newer")), "a newer format is refused");
}

#[test]
fn a_municipality_replaces_and_adds() {
    let pack = read_pack(&format!(
        "{HEAD}[[desk]]\nid = \"town\"\ntopics = [\"development\"]\nname = [\"窓口\", \"まど\", \"Desk\"]\n\
         [words]\n\"event.WC_3Y\" = [\"3歳児健診(歯科も)\", \"3さい けんしん\", \"3-year check with teeth\"]\n"
    ))
    .unwrap();
    let content = Content::with(Some(pack));
    assert_eq!(content.word("event.WC_3Y", Locale::Ja), "3歳児健診(歯科も)");
    assert_eq!(content.word("event.WC_18M", Locale::Ja), "1歳6か月児健診");
    let desks = content.desks(Topic::Development, day("2026-11-22"));
    assert_eq!(desks.iter().map(|desk| desk.name[2].as_str()).collect::<Vec<_>>(), ["Desk"]);
}

/// What the triage data says of each flag (schema 1.0.0 of 2026-11-22), in the order of its acts: `LEVEL CONFIDENCE ID…`.
const TRIAGE: &str = "119 A SEIZ5 SEIZREP CONSC BREATH CYAN
119 C CHOKE ANAPH HEAD BURN
crisis C SELFHARM
clinic_now C PREG_BLEED PREG_HDP PREG_FM PP_BLEED
see_now A FEV3M NODRINK VOMREP PAIN
see_now B INTUSS
see_now C SEIZ1 BILE POISON
see_soon B STOOL PUPIL
office_hours B FEV4D";

#[test]
fn all_twenty_five_flags_stand_in_the_guide_and_none_with_a_milder_act() {
    let guide = guide();
    let mut walked = 0;
    for line in TRIAGE.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        for id in &words[2..] {
            let flag = guide.flag.iter().find(|flag| flag.id == *id).unwrap_or_else(|| panic!("{id} is left out"));
            assert_eq!(flag.level.key(), words[0], "{id}");
            assert_eq!(format!("{:?}", flag.confidence), words[1], "{id}");
            assert!(flag.act() <= flag.level, "{id}: never milder");
            let unconfirmed = words[1] == "C" && !["119", "crisis"].contains(&words[0]);
            assert_eq!(flag.act() < flag.level, unconfirmed, "{id}: stronger until somebody confirms it");
            assert!(guide.words(flag.act()).is_some_and(|act| !act.steps.is_empty() && !act.tell.is_empty()), "{id}");
            walked += 1;
        }
    }
    assert_eq!((walked, guide.flag.len()), (25, 25));
}

/// No illness is named to a carer, and each text is there in three languages.
#[test]
fn the_guide_names_no_illness_and_every_topic_leads_to_somebody() {
    let guide = guide();
    let lists = guide.act.iter().flat_map(|act| [&act.steps, &act.dont, &act.tell]).flatten();
    let own = guide.flag.iter().flat_map(|flag| flag.steps.iter().chain(&flag.dont).chain([&flag.ask]));
    for words in lists.chain(own) {
        for text in words {
            assert!(!text.trim().is_empty(), "{words:?}");
            for illness in ["病気", "疑い", "診断", "腸重積", "アナフィラキシー", "胆道閉鎖", "syndrome", "diagnos"]
            {
                assert!(!text.contains(illness), "{text}");
            }
        }
    }
    for topic in Topic::ALL.into_iter().filter(|topic| *topic != Topic::Dental) {
        assert!(!guide.flags(Some(topic)).is_empty(), "{topic:?}");
    }
    let acts: Vec<_> = guide.flags(None).iter().map(|flag| flag.act()).collect();
    assert!(acts.is_sorted(), "the strongest first");
}

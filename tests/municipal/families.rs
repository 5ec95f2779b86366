//! Families that a notice concerns and others, whose phones ask for the same.

use ayumi_core::app::{EndReason, Error, Fetch, Fetched, Fetching, Locale, NoticeState};
use ayumi_tests::family::wait;
use ayumi_tests::handbook::day;

use super::town::*;

const HEAT: &str = "[[notice]]\nid = \"water\"\nabout = \"everyone\"\nsent = \"2026-11-30 09:00\"\nexpires = \"2026-12-10\"\n\
    severity = \"severe\"\nurgency = \"immediate\"\ntitle = { ja = \"水道水を飲まないでください\", en = \"Do not drink tap water\" }\n\
    text = { ja = \"給水車が来ます\", en = \"A tanker comes\" }\n";

#[test]
fn a_notice_concerns_one_family_and_not_the_other_each_with_its_reason_and_their_requests_are_the_same() {
    let (town, time) = (Town::new("jp.000000"), time());
    let area = "[[area]]\nid = \"north\"\nname = [\"北地区\", \"{北地区|きたちく}\", \"North\"]\n";
    town.publish(&pack(1, &[area, CHECKUP, CLASS, HEAT]), NOW - 3600);
    let mirror = Mirror::new(town.shown());

    let one = Phone::new(&time, Locale::En);
    one.child("Hana", "2025-05-20");
    one.follow(&mirror.address);
    one.book.municipality().choose_area(Some("north")).unwrap();
    one.book.municipality().choose_language(Some("vi")).unwrap();
    let of_one = mirror.heard();

    let other = Phone::new(&time, Locale::Ja);
    other.book.notebooks().add_pregnancy(day("2027-04-19")).unwrap();
    other.follow(&mirror.address);
    let of_other = mirror.heard();

    let shown = one.book.notices().list(false).unwrap();
    let found: Vec<_> = shown.iter().map(|notice| (notice.id.as_str(), notice.because.join(" / "))).collect();
    assert_eq!(
        found,
        [
            ("water", "because it is for every family".to_owned()),
            ("checkup", "because Hana is 1 year 6 months".to_owned())
        ],
        "urgent first"
    );
    assert!(shown[1].remarks.iter().any(|remark| remark.contains("Japanese only")), "{:?}", shown[1].remarks);
    let shown = other.book.notices().list(false).unwrap();
    let found: Vec<_> = shown.iter().map(|notice| (notice.id.as_str(), notice.because.join(" / "))).collect();
    assert_eq!(
        found,
        [("water", "すべてのご家庭へのお知らせなので".to_owned()), ("class", "妊娠20週なので".to_owned())]
    );

    assert_eq!(of_one, of_other, "byte for byte, whatever the family");
    assert_eq!(of_one.len(), 3, "root statements, manifest, one file: {of_one:?}");
    for phone in [&one, &other] {
        phone.book.notices().read("water").unwrap();
        assert_eq!(phone.looks().0, "unchanged");
    }
    let again = mirror.heard();
    assert_eq!(again.len(), 2, "{again:?}");
    assert_eq!(again[0], again[1], "also of who has read what");
    for request in of_one.iter().chain(&again) {
        let names: Vec<&str> = request.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0)).collect();
        assert!(names.iter().all(|name| ["accept", "host", "if-none-match"].contains(name)), "{request}");
    }
}

#[test]
fn a_notice_is_new_then_read_corrected_cancelled_for_two_days_and_over() {
    let (town, time) = (Town::new("jp.000000"), time());
    town.publish(&pack(1, &[CHECKUP]), NOW - 3600);
    let mirror = Mirror::new(town.shown());
    let phone = Phone::new(&time, Locale::Ja);
    phone.child("はな", "2025-05-20");
    phone.follow(&mirror.address);
    let state = |id: &str| {
        let all = phone.book.notices().list(true).unwrap();
        all.into_iter().find(|notice| notice.id == id).map(|notice| (notice.version, notice.state))
    };
    let notices = phone.book.notices();
    assert_eq!((state("checkup"), notices.unread().unwrap()), (Some((1, NoticeState::New)), 1));
    notices.read("checkup").unwrap();
    assert_eq!((state("checkup"), notices.unread().unwrap()), (Some((1, NoticeState::Read)), 0));

    let update = "[[notice]]\nid = \"checkup\"\nversion = 2\nmessage = \"update\"\nreferences = [\"checkup/1\"]\nsent = \"2026-11-30 09:30\"\n\
        expires = \"2026-12-25\"\ntitle = { ja = \"1歳6か月児健診の場所\" }\ntext = { ja = \"市役所で\" }\n[notice.audience]\nage_days = [548, 730]\n";
    town.publish(&pack(2, &[CHECKUP, update]), NOW);
    mirror.show(town.shown());
    assert_eq!(phone.looks().0, "updated");
    assert_eq!(state("checkup"), Some((2, NoticeState::Corrected)));
    let corrected = notices.read("checkup").unwrap();
    assert!(corrected.remarks[0].contains("訂正"), "{:?}", corrected.remarks);

    let cancel = "[[notice]]\nid = \"checkup\"\nversion = 3\nmessage = \"cancel\"\nreferences = [\"checkup/2\"]\nsent = \"2026-11-30 09:45\"\n\
        title = { ja = \"中止\" }\ntext = { ja = \"健診は延期です\" }\n";
    town.publish(&pack(3, &[CHECKUP, update, cancel]), NOW);
    mirror.show(town.shown());
    assert_eq!(phone.looks().0, "updated");
    let shown = notices.list(false).unwrap();
    assert_eq!((shown.len(), shown[0].state), (1, NoticeState::Cancelled));
    assert!(shown[0].remarks.iter().any(|remark| remark.contains("健診は延期です")));
    notices.shown(&shown).unwrap();
    time.pass(49 * 3_600_000);
    assert!(notices.list(false).unwrap().is_empty(), "48 hours from when it came");
    assert_eq!(state("checkup"), Some((2, NoticeState::Cancelled)));
}

#[test]
fn after_a_loss_the_feed_goes_on_and_nothing_about_a_baby_is_shown() {
    let (town, time) = (Town::new("jp.000000"), time());
    town.publish(&pack(1, &[CLASS, HEAT]), NOW - 3600);
    let mirror = Mirror::new(town.shown());
    let phone = Phone::new(&time, Locale::Ja);
    let pregnancy = phone.book.notebooks().add_pregnancy(day("2027-04-19")).unwrap();
    phone.follow(&mirror.address);
    assert_eq!(phone.notices(), ["water", "class"]);
    phone.book.notices().shown(&phone.book.notices().list(false).unwrap()).unwrap();
    phone.book.notebooks().end(pregnancy, EndReason::Loss, day("2026-11-29")).unwrap();
    assert_eq!(phone.notices(), ["water"]);
    assert_eq!(phone.book.notices().read("class"), Err(Error::NotFound { what: ayumi_core::app::Thing::Notice }));
    assert_eq!(phone.looks().0, "unchanged", "its requests tell nobody of it");
}

#[test]
fn who_leaves_keeps_nothing_of_the_municipality_and_who_comes_back_compares_anew() {
    let (town, time) = (Town::new("jp.000000"), time());
    let desk = "[[desk]]\nid = \"centre\"\ntopics = [\"general\"]\nname = [\"見本市窓口\", \"{窓口|まどぐち}\", \"Sample desk\"]\n\
        professions = [\"midwife\", \"nurse\"]\nconsults = true\nways = [{ kind = \"phone\", value = \"000-000-0000\" }]\n\
        hours = [{ days = \"mon-fri\", from = \"08:30\", to = \"17:15\" }]\nclosed_on = [\"2027-12-31\"]\n";
    town.publish(&pack(1, &[desk, CHECKUP]), NOW - 3600);
    let mirror = Mirror::new(town.shown());
    let phone = Phone::new(&time, Locale::Ja);
    phone.child("はな", "2025-05-20");
    phone.follow(&mirror.address);
    let desks = phone.book.desks().list(Some("general")).unwrap();
    let centre = desks.iter().find(|desk| desk.id == "centre").unwrap();
    // Monday 30 November 2026, ten o'clock in Japan.
    assert_eq!((centre.open_now, centre.consults, centre.answers.as_str()), (Some(true), true, "助産師、看護師"));
    time.pass(8 * 3_600_000);
    let closed =
        phone.book.desks().list(Some("general")).unwrap().into_iter().find(|desk| desk.id == "centre").unwrap();
    assert_eq!(closed.opens_at.map(|at| at.to_string()).as_deref(), Some("2026-12-01 08:30:00"));
    phone.book.notices().read("checkup").unwrap();
    phone.book.municipality().leave().unwrap();
    assert!(phone.book.municipality().show().unwrap().is_none());
    assert!(phone.notices().is_empty());
    assert!(phone.book.desks().list(Some("general")).unwrap().iter().all(|desk| desk.id != "centre"));
    assert!(phone.check().is_err());
    assert!(phone.book.municipality().leave().is_err());
    let report = phone.follow(&mirror.address);
    assert!(report.never_compared);
    assert_eq!(phone.book.notices().unread().unwrap(), 1, "new once more");
}

#[test]
fn what_outlives_a_damaged_file_bars_the_way_to_an_earlier_edition() {
    let (town, time) = (Town::new("jp.000000"), time());
    town.publish(&pack(1, &[CHECKUP]), NOW - 3600);
    let first = town.shown();
    town.publish(&pack(2, &[CHECKUP, CLASS]), NOW - 1800);
    let mirror = Mirror::new(town.shown());
    let phone = Phone::new(&time, Locale::Ja);
    phone.follow(&mirror.address);
    let phone = phone.salvaged();
    mirror.show(first);
    assert_eq!(phone.looks(), ("refused".to_owned(), Some("lower_edition".to_owned())));
    mirror.show(town.shown());
    let report = phone.check().unwrap();
    assert_eq!((report.outcome.as_str(), report.never_compared), ("updated", false), "and nobody compares words again");
}

/// A feed that is reached from anywhere, without sockets.
struct Afar(Shown);

impl Fetch for Afar {
    fn fetch<'a>(&'a self, path: &'a str, _: Option<&'a str>, _: usize) -> Fetching<'a> {
        let body = match path {
            "/feed/manifest" => Some(self.0.manifest.clone()),
            "/feed/roots" => Some(self.0.roots.clone()),
            other => self.0.files.get(other.trim_start_matches("/feed/")).cloned(),
        };
        let (status, body) = body.map_or((404, Vec::new()), |body| (200, body));
        Box::pin(std::future::ready(Ok(Fetched { status, body, date: None })))
    }
}

#[test]
fn from_an_address_alone_nothing_is_followed_before_six_words_were_compared() {
    let town = Town::new("jp.000000");
    town.publish(&pack(1, &[CHECKUP]), NOW - 3600);
    let (afar, phone) = (Afar(town.shown()), Phone::new(&time(), Locale::Ja));
    phone.child("はな", "2025-05-20");
    let municipality = phone.book.municipality();
    let met = wait(municipality.meet("https://ayumi.city.example", &afar)).unwrap();
    assert!(!met.follows);
    assert_eq!([met.words.hiragana, met.words.english], town.keys.compared(), "as the office printed them");
    assert!(wait(municipality.check(&afar)).is_err(), "not before");
    assert!(phone.notices().is_empty());
    // Somebody else's keys under the same name have other words.
    let impostor = Town::new("jp.000000");
    assert_ne!(impostor.keys.compared(), town.keys.compared());
    municipality.words_match().unwrap();
    assert_eq!(wait(municipality.check(&afar)).unwrap().outcome, "updated");
    assert_eq!(phone.notices(), ["checkup"]);
    let again = wait(municipality.meet("https://other.example", &Afar(impostor_shown(&impostor))));
    assert!(again.is_err(), "one municipality at a time: leave it first");
}

fn impostor_shown(impostor: &Town) -> Shown {
    impostor.publish(&pack(1, &[CHECKUP]), NOW - 3600);
    impostor.shown()
}

//! The printed handbook and the page for nursery, as files: what stands in them, and what does not.

use ayumi_core::app::{
    Answer, Area, Gestation, Handbook, Locale, Measure, NewChild, NewEntry, NotebookId, OwnWords, Paper, Reason,
    Reference, Sex, steps_svg,
};

use crate::scratch::{child, day, handbook};

fn add(book: &Handbook, child: NotebookId, kind: &str, on: &str, fields: &[(&str, &str)]) {
    book.entries().add(&NewEntry::typed(child, kind, on, fields).unwrap()).unwrap();
}

/// A girl of 20 months with doses, feeds, sleeps, findings and a self-check.
fn filled(locale: Locale) -> (tempfile::TempDir, Handbook, NotebookId) {
    let (folder, book) = handbook(day("2026-01-10"), locale);
    let id = child(&book, "2024-05-03");
    add(
        &book,
        id,
        "immunisation",
        "2024-07-05",
        &[("vaccine", "hepb"), ("dose_no", "1"), ("maker_lot", "AB12"), ("doctor", "みほん医院")],
    );
    add(&book, id, "immunisation", "2025-10-20", &[("vaccine", "flu_inj"), ("dose_no", "1")]);
    for (at, ml) in [("06:00", "100"), ("09:00", "120"), ("12:30", "90")] {
        add(&book, id, "feeding", "2024-08-01", &[("at", at), ("what", "formula"), ("amount_ml", ml)]);
    }
    add(
        &book,
        id,
        "feeding",
        "2024-08-03",
        &[("at", "07:00"), ("what", "formula"), ("amount_ml", "110"), ("note", "よく飲んだ")],
    );
    add(&book, id, "sleep", "2024-08-01", &[("from", "20:30"), ("to", "05:00")]);
    add(&book, id, "sleep", "2024-08-01", &[("from", "13:00"), ("to", "14:15")]);
    add(
        &book,
        id,
        "wellchild",
        "2025-11-10",
        &[("checkup", "1y6m"), ("weight", "10"), ("length", "80"), ("eyes_finding", "no"), ("ears_finding", "yes")],
    );
    book.checks()
        .answer(id, "18m", &[("m_climb", Answer::Yes), ("m_stand", Answer::NotYet)], Some("よく泣きます"), None)
        .unwrap();
    (folder, book, id)
}

#[test]
fn the_contents_name_the_sheet_of_each_chapter() {
    for locale in Locale::ALL {
        let (_folder, book, id) = filled(locale);
        for paper in [Paper::A5, Paper::A4] {
            let html = book.export().booklet(id, paper).unwrap();
            let sheets: Vec<&str> = html.split("<div class=\"sheet\">").skip(1).collect();
            let lines: Vec<&str> = html.split("<span class=\"page\" data-for=\"").skip(1).collect();
            assert!(lines.len() >= 6 && sheets.len() >= 5, "{} lines, {} sheets", lines.len(), sheets.len());
            for line in lines {
                let (anchor, rest) = line.split_once("\">").unwrap();
                let page: usize = rest.split('<').next().unwrap().parse().unwrap();
                assert!(sheets[page - 1].contains(&format!("<h2 id=\"{anchor}\"")), "{anchor} on {page}");
            }
            let contents = html.find("<h2 id=\"contents\"").unwrap();
            assert!(html.find("<h2 id=").unwrap() == contents, "the contents come first");
            assert_eq!(html.matches("<div class=\"pair\">").count(), sheets.len().div_ceil(2));
        }
    }
}

#[test]
fn feeds_and_sleeps_are_sums_of_days_and_months() {
    let (_folder, book, id) = filled(Locale::Ja);
    let html = book.export().html(id).unwrap();
    for wanted in [
        "2024年(令和6年)8月",
        "記録のある日 2日",
        "この月の合計 授乳4回 420 mL",
        "記録のある1日あたり 授乳2.0回 210 mL",
        "<b>1日</b> 授乳3回 310 mL",
        "<b>1日</b> 2回 9時間45分",
        "よく飲んだ",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
    assert!(!html.contains("06:00"), "no line for each feed");
}

#[test]
fn doses_stand_in_the_handbooks_grid_and_what_nobody_must_have_is_marked() {
    let (_folder, book, id) = filled(Locale::Ja);
    let html = book.export().html(id).unwrap();
    let bare = html.replace("</span><wbr><span class=\"nb\">", "");
    let row = bare.split("<tr>").find(|row| row.contains("AB12")).unwrap();
    let order = ["B型肝炎", "1回", "2024年(令和6年)7月5日", "AB12", "みほん医院"]
        .map(|cell| row.find(cell).unwrap_or_else(|| panic!("{cell}: {row}")));
    assert!(order.is_sorted(), "vaccine, dose, day, lot, clinic: {row}");
    let given = bare.split("<tr>").find(|row| row.contains("2025年(令和7年)10月20日")).unwrap();
    assert!(given.contains("インフルエンザ") && given.contains("(任意・有料)"), "{given}");
    for dose in book.vaccines().plan(id).unwrap().iter().filter(|dose| !dose.routine) {
        let told = &dose.status_words;
        assert!(!told.contains("受けどき"), "nobody has to: {} {told}", dose.title);
    }
    let open = book.vaccines().plan(id).unwrap();
    assert!(open.iter().any(|dose| !dose.routine && dose.status_words.contains("任意・有料")), "{open:?}");
}

#[test]
fn findings_are_there_or_not_and_measurements_keep_their_places() {
    let (_folder, book, id) = filled(Locale::Ja);
    let html = book.export().html(id).unwrap();
    for wanted in ["<dt>目の所見</dt><dd>なし</dd>", "<dt>耳の所見</dt><dd>あり</dd>", "10.00 kg", "80.0 cm"]
    {
        assert!(html.contains(wanted), "{wanted}");
    }
}

#[test]
fn what_stands_under_many_lines_stands_once() {
    let (_folder, book, id) = filled(Locale::Ja);
    let html = book.export().html(id).unwrap();
    let how = "日にちはかかりつけ医と相談して決めます。";
    let agenda = html.split("<h2 id=\"agenda\"").nth(1).unwrap().split("<h2 ").next().unwrap();
    assert!(book.agenda().list(id, None, None).unwrap().iter().filter(|item| item.how == how).count() > 1);
    assert_eq!(agenda.matches(how).count(), 1, "{agenda}");
    assert!(agenda.matches("※1").count() > 2, "a mark at each line, and at the note");
}

#[test]
fn a_child_born_early_has_both_ages() {
    let (_folder, book) = handbook(day("2026-01-10"), Locale::Ja);
    let early = NewChild {
        name: "そら".into(),
        sex: Sex::Male,
        born: day("2025-05-03"),
        gestation: Gestation::parse("31w4d"),
        ..NewChild::default()
    };
    let id = book.notebooks().add_child(&early).unwrap();
    add(&book, id, "growth", "2025-11-05", &[("weight", "6.5")]);
    add(&book, id, "milestone", "2025-11-06", &[("what", "rolling_over")]);
    let html = book.export().html(id).unwrap();
    assert_eq!(html.matches("6か月 (修正4か月)").count(), 2, "on every card");
    let chart = book.export().svg(id, Measure::Weight, Reference::Jp2023).unwrap();
    assert!(chart.contains("修正月齢") && chart.contains(">月齢<"), "both scales");
}

#[test]
fn a_chart_is_told_in_its_language_with_its_units() {
    for (locale, percentile, age) in
        [(Locale::Ja, "97%タイル", "5か月 7.00 kg"), (Locale::En, "P97", "5 months: 7.00 kg")]
    {
        let (_folder, book) = handbook(day("2024-12-10"), locale);
        let id = child(&book, "2024-05-03");
        add(&book, id, "growth", "2024-10-05", &[("weight", "7")]);
        let chart = book.export().svg(id, Measure::Weight, Reference::Jp2023).unwrap();
        let desc = chart.split("<desc>").nth(1).unwrap().split("</desc>").next().unwrap();
        assert!(desc.contains(age) && !desc.contains(" d:"), "{desc}");
        assert!(chart.contains(percentile), "the curves are named with their unit");
        assert!(chart.contains("100"), "and what that is");
        add(&book, id, "growth", "2024-11-05", &[("weight", "7.35"), ("length", "66")]);
        let index = book.export().svg(id, Measure::Bmi, Reference::Who).unwrap();
        assert!(index.contains("kg/m²") && !index.contains("kg/m2"));
    }
}

/// 7 pt are 2.47 mm; the picture is 122 mm wide on A5.
#[test]
fn letters_of_a_chart_are_at_least_seven_points_on_a5() {
    let (_folder, book, id) = filled(Locale::Ja);
    for drawn in [
        book.export().svg(id, Measure::Weight, Reference::Jp2023).unwrap(),
        steps_svg::draw("歩み", "ことば", &[("運動".into(), book.checks().trend(id, Area::Motor).unwrap())]),
    ] {
        let width: f64 = drawn.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let sizes: Vec<f64> =
            drawn.split("font-size=\"").skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect();
        assert!(!sizes.is_empty());
        for size in sizes {
            assert!(size * 122.0 / width / 25.4 * 72.0 >= 7.0, "{size} of {width}");
        }
    }
}

#[test]
fn a_step_says_what_was_new_and_only_what_was_answered_is_drawn() {
    let (_folder, book, id) = filled(Locale::Ja);
    let areas: Vec<(String, Vec<_>)> =
        Area::ALL.into_iter().map(|area| (area.key().to_owned(), book.checks().trend(id, area).unwrap())).collect();
    let drawn = steps_svg::draw("歩み", "くらべません", &areas);
    assert!(drawn.contains("ソファなどに") && drawn.contains("くらべません"));
    assert_eq!(drawn.matches("<g transform").count(), 1, "one look, one footprint");
    for area in ["language", "social", "daily_life"] {
        assert!(!drawn.contains(area), "nothing was asked there: {area}");
    }
}

#[test]
fn the_page_for_nursery_grades_nothing_and_says_nothing_that_is_still_to_come() {
    let (_folder, book, id) = filled(Locale::Ja);
    let own = OwnWords { likes: vec!["石あつめ<b>".into()], helps: vec!["先に短く伝える".into()] };
    let page = book.export().nursery(id, &own).unwrap();
    for wanted in [
        "こんなことが好き",
        "石あつめ&lt;b&gt;",
        "こうするとうまくいく",
        "先に短く伝える",
        "できること",
        "ソファなどに",
        "評価や診断ではありません",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    let body = page.split("<body>").nth(1).unwrap();
    for refused in ["ささえなしで、しっかり立つ", "まだ", "よく泣きます", "点", "%", "窓口", "か月ごろまで", "これから"]
    {
        assert!(!body.contains(refused), "{refused}");
    }
    assert_eq!(page.matches("<div class=\"sheet\">").count(), 1, "one page");
    assert!(book.export().nursery(id, &OwnWords::default()).unwrap().contains("できること"), "without own words too");
}

#[test]
fn more_words_than_a_page_holds_are_refused_and_not_cut() {
    let (_folder, book, id) = filled(Locale::Ja);
    let own = OwnWords { likes: vec!["あ".repeat(900); 3], helps: Vec::new() };
    let refused = book.export().nursery(id, &own).unwrap_err();
    assert!(
        matches!(refused, ayumi_core::app::Error::Invalid { ref why } if why.reason == Reason::TooLong),
        "{refused:?}"
    );
    // Nothing to say at all is an error too, not an empty page.
    let (_folder, book) = handbook(day("2026-01-10"), Locale::Ja);
    let id = child(&book, "2024-05-03");
    assert!(book.export().nursery(id, &OwnWords::default()).is_err());
}

use super::*;

/// Each line as it would be shown: row, kind, day and fields; what is left out with its name.
fn shown(told: &[Told]) -> Vec<String> {
    let fields = |fields: &[(&str, String)]| {
        let answered = fields.iter().filter(|(_, text)| !text.trim().is_empty());
        answered.map(|(key, text)| format!("{key}={}", text.trim())).collect::<Vec<_>>().join(" ")
    };
    let line = |told: &Told| match &told.what {
        What::Entry { kind, on, fields: all } => format!("{} {kind} {on} {}", told.row, fields(all)),
        What::LeftOut(what, _) => format!("{} left out: {what}", told.row),
        What::Column(what) => format!("column left out: {what}"),
        What::Problem(why) => format!("{} problem: {}", told.row, why.reason.key()),
    };
    told.iter().map(line).collect()
}

fn fixture(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/peers").join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_month_of_piyolog() {
    let told = piyolog::read(&fixture("piyolog_month.txt"));
    assert_eq!(
        shown(&told),
        [
            "6 sleep 2024-07-31 from=19:35 to=04:15",
            "7 feeding 2024-08-01 at=04:20 what=formula amount_ml=110ml note=たくさん飲んだ",
            "8 feeding 2024-08-01 at=07:10 what=breast minutes=12 amount_ml=50ml",
            "9 feeding 2024-08-01 at=08:00 what=expressed amount_ml=60ml",
            "10 temperature 2024-08-01 at=15:05 value=36.4°C",
            "11 left out: おしっこ",
            "12 left out: うんち",
            "13 growth 2024-08-01 weight=5.45kg",
            "14 growth 2024-08-01 length=60.2cm",
            "15 feeding 2024-08-01 at=18:10 what=weaning_food note=おかゆ",
            "24 diary 2024-08-01 text=お食い初めだよ\n\n二行目",
            "32 sleep 2024-08-01 from=20:00 to=05:00",
            "34 left out: 寝る",
        ]
    );
}

#[test]
fn a_day_of_piyolog_in_either_language() {
    let day = "【ぴよログ】2023/12/31(水)\nごふあ (0歳1か月0日)\n\n08:45 AM   ミルク 140ml   たくさん    飲んだ\n12:15 AM   体温 36.4°C   \n";
    assert_eq!(
        shown(&piyolog::read(day)),
        [
            "4 feeding 2023-12-31 at=08:45 what=formula amount_ml=140ml note=たくさん    飲んだ",
            "5 temperature 2023-12-31 at=00:15 value=36.4°C"
        ]
    );
    let english =
        "[PiyoLog]Thu, Jun 13, 2022\nbaby (0y0m22d)\n\n23:00   Body Temp. 98.6°F   \n23:10   Formula 4oz   \n";
    assert_eq!(
        shown(&piyolog::read(english)),
        ["4 temperature 2022-06-13 at=23:00 value=98.6°F", "5 feeding 2022-06-13 at=23:10 what=formula amount_ml=4oz"]
    );
}

fn table(name: &str) -> Table {
    Table::read(&fixture(name)).unwrap()
}

#[test]
fn huckleberry() {
    let table = table("huckleberry.csv");
    assert!(huckleberry::is_one(&table) && !nara::is_one(&table) && !baby_buddy::is_one(&table));
    assert_eq!(
        shown(&huckleberry::read(&table, &Units::new())),
        [
            "2 feeding 2026-01-01 at=08:00 what=breast minutes=10",
            "3 feeding 2026-01-01 at=14:00 what=other amount_ml=190ml",
            "4 feeding 2026-01-01 at=17:00 what=expressed amount_ml=150ml",
            "5 feeding 2026-01-01 at=12:00 what=formula amount_ml=3 oz note=changed by, gran",
            "6 feeding 2026-05-31 at=16:00 what=weaning_food note=Carrot, sweet potato / LOVED",
            "7 sleep 2026-01-01 from=22:00 to=06:00",
            "8 left out: Diaper",
            "9 left out: Pump",
            "10 left out: Meds",
            "11 growth 2026-01-12 weight=5 kg length=65 cm head=40 cm note=growth note",
            "12 temperature 2026-01-01 at=23:00 value=37.4°C",
        ]
    );
}

#[test]
fn nara() {
    let table = table("nara.csv");
    assert!(nara::is_one(&table) && !huckleberry::is_one(&table) && !baby_buddy::is_one(&table));
    assert_eq!(
        shown(&nara::read(&table, &Units::new())),
        [
            "2 feeding 2024-01-12 at=12:00 what=formula amount_ml=80 ml",
            "3 feeding 2024-01-12 at=15:00 what=expressed amount_ml=40 ml",
            "3 feeding 2024-01-12 at=15:00 what=formula amount_ml=50 ml",
            "4 feeding 2024-01-12 at=16:00 what=other amount_ml=3 floz",
            "5 feeding 2024-01-12 at=18:00 what=breast minutes=360 s",
            "6 sleep 2024-01-12 from=20:00 to=04:00",
            "7 growth 2024-01-12 weight=18.125 lb length=25.5 in head=40 cm note=at the clinic",
            "8 growth 2024-01-13 weight=5 (unit?)",
            "9 left out: Diaper",
            "10 left out: Vaccine",
            "11 left out: Profile",
        ]
    );
}

#[test]
fn baby_buddy_is_asked_for_the_unit_that_its_tables_lack() {
    for (name, expected) in [
        ("baby_buddy_weight.csv", "2 growth 2020-02-14 weight=10.45 (unit?)"),
        ("baby_buddy_head.csv", "2 growth 2022-05-25 head=11.9 (unit?)"),
        ("baby_buddy_temperature.csv", "2 temperature 2020-02-17 at=09:31 value=100.2 °F"),
        ("baby_buddy_sleep.csv", "2 sleep 2020-02-17 from=00:14 to=02:48"),
        ("baby_buddy_feeding.csv", "2 feeding 2020-02-17 at=03:04 what=breast minutes=8"),
        ("baby_buddy_note.csv", "2 diary 2020-02-17 text=Night response author resource reduce evening."),
    ] {
        let table = table(name);
        assert!(baby_buddy::is_one(&table), "{name}");
        assert_eq!(shown(&baby_buddy::read(&table, &Units::new()))[0], expected, "{name}");
    }
}

/// What is written in two units, or whose other half nobody wrote down, is not another number.
#[test]
fn piyologs_times_are_what_they_say() {
    let day = |lines: &str| format!("【ぴよログ】2024/8/1(木)\nテスト (0歳2か月10日)\n\n{lines}\n");
    for (lines, expected) in [
        ("07:10   母乳 左 1時間5分 / 右 5分   ", "4 feeding 2024-08-01 at=07:10 what=breast minutes=70"),
        ("07:10   母乳 左7分 ▶ 右5分   ", "4 feeding 2024-08-01 at=07:10 what=breast minutes=12"),
        ("07:10   母乳 右 5分   ", "4 feeding 2024-08-01 at=07:10 what=breast minutes=5"),
        ("07:10   母乳   ", "4 feeding 2024-08-01 at=07:10 what=breast"),
        ("01:00   寝る   \n20:00   起きる (2時間0分)   ", "4 left out: 寝る / 5 sleep 2024-08-01 from=18:00 to=20:00"),
        ("18:00   寝る   \n20:00   起きる (2時間0分)   ", "5 sleep 2024-08-01 from=18:00 to=20:00"),
        ("18:00   寝る   \n20:00   起きる   ", "5 sleep 2024-08-01 from=18:00 to=20:00"),
    ] {
        assert_eq!(shown(&piyolog::read(&day(lines))).join(" / "), expected, "{lines}");
    }
    assert_eq!(piyolog::born(&day("")).unwrap().to_string(), "2024-05-22");
    let english = "[PiyoLog]Thu, Jun 13, 2022\nbaby (0y0m22d)\n\n";
    assert_eq!(piyolog::born(english).unwrap().to_string(), "2022-05-22");
    assert_eq!(piyolog::born("【ぴよログ】2024年8月\n----------\n2024/8/1(木)\nテスト\n"), None);
}

#[test]
fn a_feed_without_a_duration_is_as_long_as_its_sides() {
    let text = fixture("huckleberry.csv").replace(",0:10,00:06R,Breast,00:04L,", ",,00:06R,Breast,00:04L,");
    let table = Table::read(&text).unwrap();
    assert_eq!(
        shown(&huckleberry::read(&table, &Units::new()))[0],
        "2 feeding 2026-01-01 at=08:00 what=breast minutes=600 s"
    );
}

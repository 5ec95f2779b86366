//! Store: saving, importing, opening, paging, searching, memory.

use std::sync::Arc;
use std::time::Instant;

use ayumi_core::app::ports::{Clock, SystemClock};
use ayumi_core::app::{Config, Handbook, ListFilter, NewChild, NewEntry};
use ayumi_core::model::NotebookId;
use ayumi_core::model::notebook::Sex;
use ayumi_tests::handbook::FixedKey;
use chrono::{Days, NaiveDate};

use crate::floor;
use crate::table::{Outcome, median, ratio, row, shown};

fn config(folder: &std::path::Path) -> Config {
    Config::new(folder.to_owned(), Arc::new(FixedKey([5; 32])))
}

/// The same on a fixed day.
pub(crate) fn config_on(folder: &std::path::Path, today: NaiveDate) -> Config {
    Config { clock: Some(Arc::new(Fixed(today))), ..config(folder) }
}

struct Fixed(NaiveDate);

impl Clock for Fixed {
    fn now_ms(&self) -> u64 {
        SystemClock.now_ms()
    }

    fn today(&self) -> NaiveDate {
        self.0
    }
}

fn born() -> NaiveDate {
    NaiveDate::from_ymd_opt(2019, 5, 3).unwrap_or_default()
}

fn begin(folder: &std::path::Path) -> Outcome<(Handbook, NotebookId)> {
    let book = Handbook::create(&config(folder), "母")?;
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: born(), ..NewChild::default() };
    let id = book.notebooks().add_child(&child)?;
    Ok((book, id))
}

const NOTES: [&str; 6] = [
    "夜泣きが続いた。",
    "離乳食をよく食べた。",
    "小児科で相談した。",
    "とくになし",
    "機嫌がよく、よく笑う。",
    "発熱 37.8℃、翌日解熱。",
];

/// Entries as a family types them over seven years; one in a thousand has a rare word.
fn entry(book: NotebookId, i: usize) -> Outcome<NewEntry> {
    // Some eight entries a day, in the order of the days.
    let on = (born() + Days::new((i / 8) as u64 % 2550)).to_string();
    let note = if i % 1000 == 7 {
        "じんましんが出た。".to_owned()
    } else {
        format!("{} {i}", NOTES[i % NOTES.len()])
    };
    let weight = format!("{:.2}", 3.0 + (i / 8) as f64 / 150.0);
    Ok(match i % 3 {
        0 => NewEntry::typed(book, "growth", &on, &[("weight", &weight), ("note", &note)])?,
        1 => NewEntry::typed(book, "diary", &on, &[("text", &note)])?,
        _ => NewEntry::typed(book, "feeding", &on, &[("at", "06:30"), ("amount_ml", "120"), ("note", &note)])?,
    })
}

pub(crate) fn save_one() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (book, child) = begin(folder.path())?;
    let bare = floor::open(&folder.path().join("bare.db"))?;
    let body = r#"{"f":{"note":{"v":"夜泣きが続いた。 1234"},"on":{"v":"2024-05-03"},"weight":{"v":9.12}}}"#;
    // In turns, so that both meet the same disk; both files hold some thousand rows already.
    for i in 0..3000 {
        book.entries().add(&entry(child, i)?)?;
        floor::insert(&bare, body)?;
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for i in 0..2000 {
        let new = entry(child, i * 3)?;
        let start = Instant::now();
        book.entries().add(&new)?;
        ours.push(start.elapsed());
        let start = Instant::now();
        floor::insert(&bare, body)?;
        theirs.push(start.elapsed());
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    let (a, b) = (ours[ours.len() / 2], theirs[theirs.len() / 2]);
    row(
        "save one entry, durable (median)",
        &shown(a),
        &format!("{} bare SQLCipher insert", shown(b)),
        ratio(a, b),
        "≤ 1.5",
    );
    let (a, b) = (ours[ours.len() * 99 / 100], theirs[theirs.len() * 99 / 100]);
    row("save one entry, durable (p99)", &shown(a), &shown(b), ratio(a, b), "");
    Ok(())
}

pub(crate) fn import_many() -> Outcome<()> {
    let count = 10_000;
    let mut csv = String::from("日付,体重(kg),身長,頭囲,メモ\n");
    for i in 0..count {
        // As another app writes its table: day by day.
        let on = born() + Days::new((i / 4) as u64);
        // About as a child grows: what no child of an age measures would be asked back, not written.
        let years = (i / 4) as f64 / 365.25;
        let (first, later) = (years.min(1.0).sqrt(), |from: f64, to: f64| (years.min(to) - from).max(0.0));
        let weight = 3.3 + 6.2 * first + 2.3 * later(1.0, 10.0) + 4.0 * later(10.0, 17.0);
        let length = 49.0 + 26.0 * first + 7.0 * later(1.0, 10.0) + 4.5 * later(10.0, 17.0);
        let head = 34.0 + 12.0 * first + later(1.0, 5.0);
        csv += &format!(
            "{on},{:.2},{:.1},{:.1},{} {i}\n",
            weight + (i % 20) as f64 / 50.0,
            length + (i % 20) as f64 / 20.0,
            head + (i % 10) as f64 / 10.0,
            NOTES[i % 6]
        );
    }
    let (mut ours, mut theirs, mut first_search) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        let folder = tempfile::tempdir()?;
        let (book, child) = begin(folder.path())?;
        let start = Instant::now();
        let plan = book.import().plan_csv(child, csv.as_bytes(), &Default::default())?;
        let planned = start.elapsed();
        let written = book.import().apply(plan, false)?;
        ours.push((start.elapsed(), planned));
        assert_eq!(written, count);
        let start = Instant::now();
        let word = ListFilter { search: Some("発熱".into()), limit: 50, ..ListFilter::default() };
        assert_eq!(book.entries().list(child, &word)?.len(), 50);
        first_search.push(start.elapsed());
        // The same bytes that the store keeps of an entry: what it shows and what was written.
        let shown = book.entries().list(child, &ListFilter { limit: u32::MAX, ..ListFilter::default() })?;
        let bodies: Vec<String> = shown
            .iter()
            .map(|e| {
                let fields = serde_json::to_string(&e.fields).unwrap_or_default();
                format!("{fields}{{\"f\":{fields}}}{}{}", e.id, e.notebook)
            })
            .collect();
        let mut bare = floor::open(&folder.path().join("bare.db"))?;
        let start = Instant::now();
        let tx = bare.transaction()?;
        for body in &bodies {
            floor::insert(&tx, body)?;
        }
        tx.commit()?;
        theirs.push(start.elapsed());
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    first_search.sort_unstable();
    let ((a, planned), b) = (ours[2], theirs[2]);
    let what = format!("import 10,000 entries of a CSV (planning {})", shown(planned));
    row(&what, &shown(a), &format!("{} bare SQLCipher transaction", shown(b)), ratio(a, b), "≤ 4");
    row("the first search after it (makes the index, once)", &shown(first_search[2]), "", None, "");
    Ok(())
}

pub(crate) fn seven_years() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (book, child) = begin(folder.path())?;
    let entries: Vec<NewEntry> = (0..20_000).map(|i| entry(child, i)).collect::<Outcome<_>>()?;
    for part in entries.chunks(1000) {
        book.entries().add_all(part)?;
    }
    let picture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/photos/garden.jpg"))?;
    let photo = entry(child, 1)?.with_photo(&picture)?;
    for _ in 0..20 {
        book.entries().add_all(&vec![photo.clone(); 25])?;
    }
    book.maintain()?;
    drop(book);
    // The bare file: as many rows of the same size, and the first fifty of them read.
    let bare_path = folder.path().join("bare.db");
    let bare = floor::open(&bare_path)?;
    bare.execute_batch("BEGIN")?;
    for i in 0..20_000 {
        floor::insert(&bare, &format!("{{\"note\":\"{} {i}\",\"weight\":9.12,\"on\":\"2024-05-03\"}}", NOTES[i % 6]))?;
    }
    bare.execute_batch("COMMIT")?;
    drop(bare);

    let filter =
        |search: Option<&str>| ListFilter { limit: 50, search: search.map(str::to_owned), ..ListFilter::default() };
    let config = config(folder.path());
    let ours = median(21, || {
        let book = Handbook::open(&config)?;
        assert_eq!(book.entries().list(child, &filter(None))?.len(), 50);
        Ok(())
    })?;
    let theirs = median(21, || {
        let bare = floor::open(&bare_path)?;
        let mut statement = bare.prepare("SELECT n, body FROM bare ORDER BY n DESC LIMIT 50")?;
        let rows = statement.query_map([], |r| r.get::<_, String>(1))?.collect::<Result<Vec<_>, _>>()?;
        assert_eq!(rows.len(), 50);
        Ok(())
    })?;
    row(
        "7 years (20,500 entries, 500 photos): open to first page",
        &shown(ours),
        &format!("{} bare open and 50 rows", shown(theirs)),
        ratio(ours, theirs),
        "≤ 3",
    );

    let book = Handbook::open(&config)?;
    let page = median(201, || {
        assert_eq!(book.entries().list(child, &filter(None))?.len(), 50);
        Ok(())
    })?;
    row("a page of 50 entries", &shown(page), "", None, "≤ 1 ms");
    let mut after = None;
    let mut pages = 0;
    let start = Instant::now();
    loop {
        let found = book.entries().list(child, &ListFilter { limit: 50, after, ..ListFilter::default() })?;
        let Some(last) = found.last() else { break };
        after = Some(last.place);
        pages += 1;
    }
    let each = start.elapsed() / pages;
    row(&format!("each of all {pages} pages, one after the other"), &shown(each), "", None, "≤ 1 ms");
    for (what, word) in [
        ("search: a rare word", "じんましん"),
        ("search: in a sixth of all", "相談"),
        ("search: nothing found", "ぞうさん"),
        ("search: one character", "熱"),
    ] {
        let time = median(51, || {
            book.entries().list(child, &filter(Some(word)))?;
            Ok(())
        })?;
        row(what, &shown(time), "", None, "≤ 10 ms");
    }
    let growth = median(5, || {
        book.growth().measurements(child, Default::default())?;
        Ok(())
    })?;
    row("all growth measurements (6,667 weights) with curves and words", &shown(growth), "", None, "");
    drop(book);
    // In a process of its own, which has not touched anything else.
    let output = std::process::Command::new(std::env::current_exe()?)
        .args(["memory", &folder.path().display().to_string(), &child.to_string()])
        .output()?;
    let grown: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
    row("memory growth: open, all pages, four searches, one chart", &format!("{grown:.1} MB"), "", None, "≤ 20 MB");
    Ok(())
}

/// In a fresh process: how much memory grows while a handbook is opened, paged through, searched and charted.
pub(crate) fn memory(folder: &str, child: &str) -> Outcome<()> {
    let before = resident();
    let book = Handbook::open(&config(folder.as_ref()))?;
    let child: NotebookId = child.parse()?;
    let mut after = None;
    let mut most = 0;
    loop {
        let found = book.entries().list(child, &ListFilter { limit: 50, after, ..ListFilter::default() })?;
        let Some(last) = found.last() else { break };
        after = Some(last.place);
        most = most.max(resident());
    }
    for word in ["じんましん", "相談", "ぞうさん", "熱"] {
        let filter = ListFilter { limit: 50, search: Some(word.into()), ..ListFilter::default() };
        book.entries().list(child, &filter)?;
        most = most.max(resident());
    }
    book.growth().measurements(child, Default::default())?;
    most = most.max(resident());
    println!("{:.3}", most.saturating_sub(before) as f64 / 1e6);
    Ok(())
}

/// Resident memory of this process in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) * 1024
}

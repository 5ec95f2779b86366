//! The same calls as Kotlin's and Swift's, from Rust: what the border itself costs is the difference.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ayumi_core::app::{Config, Draft, NewChild};
use ayumi_core::model::NotebookId;
use ayumi_core::model::notebook::Sex;
use ayumi_ffi::handbook::Handbook;
use ayumi_tests::handbook::FixedKey;

use crate::table::Outcome;

/// What the three languages write: growth with two values and a note.
fn draft(child: NotebookId, i: usize) -> Outcome<Draft> {
    let fields = [
        ("weight", format!("{}.{}", 8 + i % 4, i % 10)),
        ("length", format!("{}", 70 + i % 20)),
        ("note", format!("{i}回目")),
    ];
    Ok(Draft {
        notebook: child,
        kind: "growth".into(),
        on: "2026-04-19".parse()?,
        fields: fields.into_iter().map(|(key, text)| (key.to_owned(), text)).collect::<HashMap<_, _>>(),
        photos: Vec::new(),
    })
}

fn median(mut times: Vec<Duration>) -> u128 {
    times.sort();
    times[times.len() / 2].as_nanos() / 100
}

/// Prints tenths of microseconds: page, save, cold start.
pub(crate) fn run() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let config = || Config::new(folder.path().to_owned(), Arc::new(FixedKey([7; 32])));
    let book = Handbook::create(config(), "母".into())?;
    let child = book.notebooks().add_child(NewChild {
        name: "さくら".into(),
        sex: Sex::Female,
        born: "2024-05-03".parse()?,
        ..NewChild::default()
    })?;
    let entries = book.entries();
    for i in 0..200 {
        entries.add(draft(child, i)?)?;
    }
    book.finish();
    let start = Instant::now();
    let book = Handbook::open(config())?;
    book.entries().shown(child, None)?;
    let cold = start.elapsed();
    let entries = book.entries();
    let time = |runs: usize, work: &mut dyn FnMut(usize) -> Outcome<()>| -> Outcome<u128> {
        let mut times = Vec::with_capacity(runs);
        for i in 0..runs {
            let start = Instant::now();
            work(i)?;
            times.push(start.elapsed());
        }
        // The first half warms up whatever warms up.
        Ok(median(times.split_off(runs / 2)))
    };
    let page = time(2000, &mut |_| {
        assert_eq!(entries.shown(child, None)?.len(), 50);
        Ok(())
    })?;
    let save = time(1000, &mut |i| {
        entries.add(draft(child, i)?)?;
        Ok(())
    })?;
    println!("rust {page} {save} {}", cold.as_micros() * 10);
    Ok(())
}

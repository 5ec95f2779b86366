//! The office's rules, without a server: one program, one module per idea.
//!
//! `cargo test -p ayumi-municipal --test office week::` runs one of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

mod clocks;
mod dice;
mod hours;
mod moves;
mod replies;
mod town;
mod week;

/// Returns how many of `all` rounds of a long test to play: a tenth, or all of them with `AYUMI_LONG`.
fn rounds(all: u64) -> u64 {
    if std::env::var_os("AYUMI_LONG").is_some() { all } else { all / 10 }
}

/// Returns the seeds to play: all rounds, or those of `AYUMI_SEEDS=FROM..TO`.
fn seeds(all: u64) -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("AYUMI_SEEDS") else { return 0..rounds(all) };
    let (from, to) = text.split_once("..").expect("AYUMI_SEEDS=FROM..TO");
    from.parse().unwrap()..to.parse().unwrap()
}

/// Plays every seed on all cores; returns those that failed, and stops after five of them.
fn play_all(seeds: std::ops::Range<u64>, play: impl Fn(u64) + Sync) -> Vec<u64> {
    use std::sync::atomic::{AtomicU64, Ordering};
    let next = AtomicU64::new(seeds.start);
    let failed = std::sync::Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || failed.lock().unwrap().len() >= 5 {
                        break;
                    }
                    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(seed))).is_err() {
                        failed.lock().unwrap().push(seed);
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

/// Writes a line that is seen although the test passes: how much of a long test was played.
fn show(line: &str) {
    use std::io::Write;
    // Written past the harness, which keeps back what passing tests print.
    let _ = writeln!(std::io::stderr(), "{line}");
}

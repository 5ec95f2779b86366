//! What long tests share: numbers from a seed, which seeds to play, playing them on all cores, and a line that says how much was.
//!
//! A tenth of the rounds is played, all of them with `AYUMI_LONG` (`cargo xtask test --long`); `AYUMI_SEEDS=FROM..TO` plays others.

mod dice;

use std::io::Write;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

pub use dice::Dice;

/// After so many seeds that failed no other one is begun.
const FAILED: usize = 5;

/// Returns how many of `all` rounds of a long test to play: a tenth, or all of them with `AYUMI_LONG`.
pub fn rounds(all: u64) -> u64 {
    if std::env::var_os("AYUMI_LONG").is_some() { all } else { all / 10 }
}

/// Returns the seeds to play: as many as there are rounds, or those of `AYUMI_SEEDS=FROM..TO`.
///
/// # Panics
/// If `AYUMI_SEEDS` is not that.
pub fn seeds(all: u64) -> Range<u64> {
    std::env::var("AYUMI_SEEDS").map_or_else(|_| 0..rounds(all), |text| range(&text))
}

fn range(text: &str) -> Range<u64> {
    let (from, to) = text.split_once("..").unwrap_or(("0", text));
    let number = |text: &str| text.trim().parse::<u64>().expect("AYUMI_SEEDS=FROM..TO");
    number(from)..number(to)
}

/// Plays every seed on all cores; returns those that failed, and begins no other after five of them.
pub fn play_all(seeds: Range<u64>, play: impl Fn(u64) + Sync) -> Vec<u64> {
    let next = AtomicU64::new(seeds.start);
    let failed: Mutex<Vec<u64>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || failed.lock().unwrap().len() >= FAILED {
                        break;
                    }
                    if catch_unwind(AssertUnwindSafe(|| play(seed))).is_err() {
                        failed.lock().unwrap().push(seed);
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

/// Writes a line that is seen although the test passes: how much of a long test was played.
pub fn show(line: &str) {
    // Written past the harness, which keeps back what passing tests print.
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_seed_is_played_once_and_what_failed_is_told() {
        let played = Mutex::new(Vec::new());
        let failed = play_all(10..110, |seed| {
            played.lock().unwrap().push(seed);
            assert!(seed % 50 != 0, "seed {seed}");
        });
        let played = played.into_inner().unwrap();
        assert_eq!(played.len(), 100);
        assert_eq!(played.into_iter().collect::<BTreeSet<_>>(), (10..110).collect());
        assert_eq!(failed.into_iter().collect::<BTreeSet<_>>(), [50, 100].into());
    }

    #[test]
    fn a_test_that_fails_always_ends_soon() {
        let failed = play_all(0..1_000_000, |seed| panic!("seed {seed}"));
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        assert!((FAILED..FAILED + threads).contains(&failed.len()), "{failed:?}");
    }

    #[test]
    fn a_range_of_seeds_is_read_as_one_writes_it() {
        assert_eq!((range("7..9"), range("30"), range(" 7 .. 9 ")), (7..9, 0..30, 7..9));
    }
}

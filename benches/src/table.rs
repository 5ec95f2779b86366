//! Measuring, and rows of the printed table.

use std::time::{Duration, Instant};

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Returns the median time of a closure, after one warm-up.
pub(crate) fn median(runs: usize, mut work: impl FnMut() -> Outcome<()>) -> Outcome<Duration> {
    work()?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// Prints a row of the table.
pub(crate) fn row(what: &str, ours: &str, theirs: &str, ratio: Option<f64>, bar: &str) {
    let ratio = ratio.map_or_else(String::new, |r| format!("{r:.2}"));
    println!("| {what} | {ours} | {theirs} | {ratio} | {bar} |");
}

/// Returns a time in µs or ms.
pub(crate) fn shown(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    if us < 1000.0 { format!("{us:.0} µs") } else { format!("{:.2} ms", us / 1000.0) }
}

/// Returns how many times the floor it took.
pub(crate) fn ratio(ours: Duration, floor: Duration) -> Option<f64> {
    Some(ours.as_secs_f64() / floor.as_secs_f64())
}

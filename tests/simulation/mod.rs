//! A family, its phones and a municipality, played from one seed: clocks that are wrong and jump, a network that
//! drops, duplicates, repeats late, cuts and answers nonsense, phones that are killed and opened again, a server that
//! is away, wiped, or put back from a backup, members who come and go. After every story: all phones of a notebook
//! show the same; no value that was confirmed is lost; nothing deleted comes back by itself; nobody reads what was
//! not granted; the server holds no word.
//!
//! A tenth of the ten thousand families is played, all of them with `cargo xtask test --long`; `AYUMI_SEEDS=FROM..TO`
//! plays others. A failure names its seed. The story follows from the seed alone; keys and ids are random as always.

mod hostile;
mod judging;
pub(crate) mod network;
mod story;
mod truth;
mod words;

use std::sync::Mutex;

use ayumi_play::{play_all, seeds};

/// How many families the long test plays.
const FAMILIES: u64 = 10_000;

#[test]
fn whatever_happens_a_family_keeps_its_words() {
    let range = seeds(FAMILIES);
    let told = Mutex::new(story::Told::default());
    let failed = play_all(range.clone(), |seed| {
        let one = story::play(seed);
        told.lock().unwrap().add(&one);
    });
    let told = told.into_inner().unwrap();
    let played = range.end - range.start;
    ayumi_play::show(&format!("{played} of {FAMILIES} families; --long plays all. Seeds {range:?}: {told:?}"));
    assert!(failed.is_empty(), "seeds that failed: {failed:?}; play one with AYUMI_SEEDS=N..N+1");
    if played >= 1_000 {
        assert!(told.everything_happened(), "something was never played: {told:?}");
    }
}

//! How often somebody may try to sign in. Whoever guesses waits; whoever is known by their browser is not kept waiting by others
//! who guess; nobody waits for ever.

use std::time::Duration;

use ayumi_protocol::key::{Hash, hash_for};
use ayumi_protocol::municipal::thread::UnixMs;
use ayumi_protocol::purpose;

/// How long tries are counted, from the first on.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Tries of a known browser for its account, and of all unknown ones together for one account.
pub const PER_ACCOUNT: u32 = 5;
/// Tries of an address, for whichever account.
pub const PER_ADDRESS: u32 = 100;

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket {
    /// Its name: a hash, so that neither a name that was tried nor an address is kept.
    pub name: Hash,
    /// How many tries it has.
    pub most: u32,
}

fn bucket(kind: u8, parts: &[&[u8]], most: u32) -> Bucket {
    let mut bytes = vec![kind];
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    Bucket { name: hash_for(purpose::OFFICE_TRIES, &bytes), most }
}

/// Returns where a try is counted. A name that nobody has is counted as one that somebody has.
pub fn buckets(name: &str, known_browser: Option<&Hash>, address: &str) -> [Bucket; 2] {
    let account = match known_browser {
        Some(browser) => bucket(1, &[name.as_bytes(), browser], PER_ACCOUNT),
        None => bucket(2, &[name.as_bytes()], PER_ACCOUNT),
    };
    [account, bucket(3, &[address.as_bytes()], PER_ADDRESS)]
}

/// The tries of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub tries: u32,
    /// Since when.
    pub began: UnixMs,
}

impl Count {
    /// Counts one more try; a window that is over begins anew.
    ///
    /// # Errors
    /// Until when to wait. What waits is not counted.
    pub fn one_more(before: Option<Self>, most: u32, now: UnixMs) -> Result<Self, UnixMs> {
        match before.filter(|before| before.began.after(WINDOW) > now && before.began <= now) {
            None => Ok(Self { tries: 1, began: now }),
            Some(before) if before.tries < most => Ok(Self { tries: before.tries + 1, ..before }),
            Some(before) => Err(before.began.after(WINDOW)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_tries_then_a_wait_that_ends() {
        let minute = |minute: u64| UnixMs(1_000_000 + minute * 60_000);
        let mut count = None;
        for tries in 1..=5 {
            count = Some(Count::one_more(count, PER_ACCOUNT, minute(tries)).unwrap());
        }
        assert_eq!(Count::one_more(count, PER_ACCOUNT, minute(6)), Err(minute(16)));
        assert_eq!(Count::one_more(count, PER_ACCOUNT, minute(15)), Err(minute(16)), "a try does not make it longer");
        assert_eq!(Count::one_more(count, PER_ACCOUNT, minute(16)), Ok(Count { tries: 1, began: minute(16) }));
        assert!(Count::one_more(count, PER_ACCOUNT, minute(0)).is_ok(), "a clock that was set back locks nobody out");
    }

    #[test]
    fn a_known_browser_is_counted_apart_and_names_are_never_joined_wrongly() {
        let [known, address] = buckets("sato", Some(&[1; 32]), "192.0.2.1");
        let [unknown, same] = buckets("sato", None, "192.0.2.1");
        assert!(known != unknown && address == same && address != known);
        assert_ne!(buckets("sato", Some(&[2; 32]), "192.0.2.1")[0], known);
        assert_ne!(buckets("192.0.2.1", None, "sato")[0].name, address.name);
    }
}

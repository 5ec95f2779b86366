//! Passwords: which are taken, and their hashes. 15 to 128 signs, nothing that everybody tries first, and no rotation
//! (NIST SP 800-63B-4, 3.1.1.2).

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The fewest and the most signs.
const SIGNS: std::ops::RangeInclusive<usize> = 15..=128;
/// How many signs must be left beside what everybody tries first.
const OWN_SIGNS: usize = 8;
/// How many different signs there must be.
const DIFFERENT: usize = 6;
/// Signs of a run (1234, abcd, aaaa) that count for nothing.
const RUN: usize = 4;

/// What everybody tries first: words and rows of keys, as they stand in lists of stolen passwords, and ours.
const BLOCKED: &[&str] = &[
    "password",
    "passw0rd",
    "pass",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx",
    "1q2w3e4r",
    "admin",
    "welcome",
    "letmein",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "dragon",
    "monkey",
    "master",
    "login",
    "secret",
    "sakura",
    "nippon",
    "japan",
    "hoken",
    "boshi",
    "techo",
    "ayumi",
    "kosodate",
    "yakuba",
    "yakusho",
    "2024",
    "2025",
    "2026",
    "2027",
];

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Fewer than 15 signs.
    #[error("fewer than 15 signs")]
    Short,
    /// More than 128 signs.
    #[error("more than 128 signs")]
    Long,
    /// What everybody tries first: common words, rows of keys, the own name.
    #[error("too easy to guess")]
    Common,
}

/// A password that may be set, in the one form in which it is hashed.
pub struct Password(Zeroizing<String>);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Full width and half width are one.
fn normal(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.nfkc().collect())
}

impl Password {
    /// Takes a password that somebody chose. `names` are what stands on the same page: the account's, the municipality's.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn chosen(text: &str, names: &[&str]) -> Result<Self, NotTaken> {
        let text = normal(text);
        match text.chars().count() {
            count if count < *SIGNS.start() => return Err(NotTaken::Short),
            count if count > *SIGNS.end() => return Err(NotTaken::Long),
            _ => {}
        }
        let mut own = Zeroizing::new(text.to_lowercase());
        let names = names.iter().map(|name| name.to_lowercase()).filter(|name| name.chars().count() >= 3);
        for word in BLOCKED.iter().map(|word| (*word).to_owned()).chain(names) {
            own = Zeroizing::new(own.replace(&word, ""));
        }
        let own: Zeroizing<Vec<char>> = Zeroizing::new(without_runs(&own));
        let different: std::collections::BTreeSet<&char> = own.iter().collect();
        if own.len() < OWN_SIGNS || different.len() < DIFFERENT { Err(NotTaken::Common) } else { Ok(Self(text)) }
    }
}

/// Returns the signs that are in no run.
fn without_runs(text: &str) -> Vec<char> {
    let signs: Vec<char> = text.chars().collect();
    let step = |place: usize| i64::from(u32::from(signs[place + 1])) - i64::from(u32::from(signs[place]));
    let mut own = Vec::new();
    let mut start = 0;
    while start < signs.len() {
        let mut end = start + 1;
        while end < signs.len() && (-1..=1).contains(&step(end - 1)) && step(end - 1) == step(start) {
            end += 1;
        }
        if end - start < RUN {
            own.extend_from_slice(&signs[start..end]);
        }
        start = end;
    }
    own
}

/// What is kept of a password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PasswordHash {
    /// Random.
    pub salt: [u8; 16],
    /// argon2id of it.
    pub hash: [u8; 32],
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// No hash could be made now: too many wait, or there is no memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many sign in at once")]
pub struct Busy;

/// Hashes passwords, a few at once: each takes 19 MiB and some tens of milliseconds. It blocks its thread, and is never called
/// while a transaction is open.
#[derive(Debug)]
pub struct Hasher {
    free: Mutex<Free>,
    freed: Condvar,
    most_waiting: usize,
}

#[derive(Debug)]
struct Free {
    places: usize,
    waiting: usize,
}

impl Hasher {
    /// Hashes so many at once, and lets so many wait.
    pub const fn new(at_once: usize, most_waiting: usize) -> Self {
        Self { free: Mutex::new(Free { places: at_once, waiting: 0 }), freed: Condvar::new(), most_waiting }
    }

    /// Returns the hash of a password.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn hash(&self, password: &Password, salt: [u8; 16]) -> Result<PasswordHash, Busy> {
        self.hash_text(&password.0, salt)
    }

    /// Whether a text is the password of a hash. Without a hash it takes as long, and is not.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn is(&self, text: &str, known: Option<&PasswordHash>) -> Result<bool, Busy> {
        let salt = known.map_or([0; 16], |known| known.salt);
        // What is longer than any password is hashed as what it is not: of one length.
        let text = normal(text);
        let bounded: Zeroizing<String> = Zeroizing::new(text.chars().take(*SIGNS.end() + 1).collect());
        let found = self.hash_text(&bounded, salt)?;
        let expected = known.map_or([0; 32], |known| known.hash);
        let same = found.hash.iter().zip(&expected).fold(0, |other, (a, b)| other | (a ^ b)) == 0;
        Ok(known.is_some() && same)
    }

    fn hash_text(&self, text: &str, salt: [u8; 16]) -> Result<PasswordHash, Busy> {
        let _place = self.take()?;
        // 19 MiB, two passes, one lane: OWASP's and RFC 9106's smaller choice.
        let params = Params::new(19_456, 2, 1, Some(32)).map_err(|_| Busy)?;
        let mut hash = [0; 32];
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon.hash_password_into(text.as_bytes(), &salt, &mut hash).map_err(|_| Busy)?;
        Ok(PasswordHash { salt, hash })
    }

    fn take(&self) -> Result<Place<'_>, Busy> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.places == 0 && free.waiting >= self.most_waiting {
            return Err(Busy);
        }
        free.waiting += 1;
        while free.places == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        free.waiting -= 1;
        free.places -= 1;
        Ok(Place(self))
    }
}

/// One of the places; given back when it is dropped.
struct Place<'a>(&'a Hasher);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.free.lock().unwrap_or_else(PoisonError::into_inner).places += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_fifteen_to_a_hundred_and_twenty_eight_signs_and_is_not_what_everybody_tries() {
        let judge = |text: &str| Password::chosen(text, &["sato", "jp.131130"]).map(drop);
        for fine in
            ["correct horse battery", "すいかを三つ買って帰る夕方の駅", "xK4-pw9_Lm2=vT7", &"ab1c9xyz".repeat(16)]
        {
            assert_eq!(judge(fine), Ok(()), "{fine}");
        }
        assert_eq!(judge("xK4-pw9_Lm2=vT"), Err(NotTaken::Short));
        assert_eq!(judge(&"ab1c9xyz".repeat(17)), Err(NotTaken::Long));
        for common in [
            "passwordpassword",
            "Password12345678",
            "qwertyuiopasdfghjkl",
            "aaaaaaaaaaaaaaaaaaaa",
            "ababababababababab",
            "abcdefghijklmnopqrst",
            "satosatosatosato2026",
            "jp.131130jp.131130",
            "ｐａｓｓｗｏｒｄ１２３４５６７８",
        ] {
            assert_eq!(judge(common), Err(NotTaken::Common), "{common}");
        }
    }

    #[test]
    fn full_width_and_half_width_are_the_same_password() {
        let hasher = Hasher::new(2, 8);
        let chosen = Password::chosen("Ｃｏｒｒｅｃｔ horse 電池 staple", &[]).unwrap();
        let hash = hasher.hash(&chosen, [3; 16]).unwrap();
        assert_eq!(hasher.is("Correct horse 電池 staple", Some(&hash)), Ok(true));
        assert_eq!(hasher.is("Correct horse 電池 stapl", Some(&hash)), Ok(false));
        assert_eq!(hasher.is("Correct horse 電池 staple", None), Ok(false), "no account has no password");
    }

    /// argon2id with version 0x13, from the reference implementation's own test (phc-winner-argon2, src/test.c): t = 2,
    /// m = 2^16 KiB, p = 1, "password", "somesalt".
    #[test]
    fn the_hash_is_argon2id() {
        let params = Params::new(65_536, 2, 1, Some(32)).unwrap();
        let mut hash = [0; 32];
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon.hash_password_into(b"password", b"somesalt", &mut hash).unwrap();
        let expected = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7";
        assert_eq!(ayumi_protocol::Hex(hash).to_string(), expected);
    }

    #[test]
    fn no_more_wait_than_may() {
        let hasher = Hasher::new(1, 0);
        let place = hasher.take().map_err(drop);
        assert!(place.is_ok());
        assert_eq!(hasher.is("whoever comes now", None), Err(Busy));
        drop(place);
        assert_eq!(hasher.is("whoever comes then", None), Ok(false));
    }
}

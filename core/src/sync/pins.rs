//! Which server is believed: the one whose key was shown first, or whose key a code names; and who follows it.
//!
//! A server's challenge is signed with its present key and holds the hash of the next one. Both are kept, so a server may change
//! its key and nobody else can take its place.

use ayumi_protocol::exchange::{Challenge, server_key_hash};
use ayumi_protocol::key::Hash;

/// Bytes of a server key's hash that a code carries: sixteen letters.
pub const FINGERPRINT_BYTES: usize = 10;

/// What a code says of its server's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; FINGERPRINT_BYTES]);

impl Fingerprint {
    /// Returns what a code says of a key.
    pub fn of(key: &[u8; 32]) -> Self {
        let mut start = [0; FINGERPRINT_BYTES];
        start.copy_from_slice(&server_key_hash(key)[..FINGERPRINT_BYTES]);
        Self(start)
    }
}

/// Letters of a fingerprint, in the order of their values.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Fingerprint {
    /// Returns its sixteen letters, as a municipality's pack has them.
    pub fn to_letters(self) -> String {
        let bits = self.0.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        (0..16).rev().map(|at| LETTERS[(bits >> (5 * at) & 31) as usize] as char).collect()
    }

    /// Reads its letters; `None` if it is none.
    pub fn from_letters(text: &str) -> Option<Self> {
        let value = |c: u8| LETTERS.iter().position(|letter| *letter == c);
        let bits = text.bytes().try_fold(0_u128, |bits, c| Some(bits << 5 | value(c)? as u128))?;
        let mut print = [0; FINGERPRINT_BYTES];
        print.copy_from_slice(&bits.to_be_bytes()[16 - FINGERPRINT_BYTES..]);
        (text.len() == 16).then_some(Self(print))
    }
}

/// Returns what a municipality's pack says of a server's key: the first sixteen letters of its hash.
pub fn key_letters(key: &[u8; 32]) -> String {
    Fingerprint::of(key).to_letters()
}

/// Returns the place that is dialled for an address: `https://host:port`.
pub fn place_of(address: &str) -> String {
    let address = address.to_ascii_lowercase();
    let (scheme, rest) = address.split_once("://").unwrap_or(("https", &address));
    let host = rest.split('/').next().unwrap_or_default();
    let has_port = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
    let port = if has_port {
        ""
    } else if scheme == "https" {
        ":443"
    } else {
        ":80"
    };
    format!("{scheme}://{host}{port}")
}

/// What is kept of the server that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pins {
    /// Its key.
    pub key: [u8; 32],
    /// The hash of the key that will follow.
    pub next: Hash,
}

impl Pins {
    /// Whether a fingerprint is of this key, or of the one that will follow.
    pub fn fit(&self, named: Fingerprint) -> bool {
        Fingerprint::of(&self.key) == named || self.next[..FINGERPRINT_BYTES] == named.0
    }
}

/// It is not the server that is known, or that a code names; or it has not the key that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the server that is known")]
pub struct AnotherServer;

/// Decides whether a challenge is of the server that is meant. Without anything known the first one is believed.
///
/// # Errors
/// [`AnotherServer`].
pub fn believe(known: Option<&Pins>, named: Option<Fingerprint>, challenge: &Challenge) -> Result<Pins, AnotherServer> {
    let key = challenge.server_key;
    let follows = |known: &Pins| known.key == key || known.next == server_key_hash(&key);
    let is_known = known.is_none_or(follows);
    // A code that names a key which has been replaced since is believed through the keys that were kept meanwhile.
    let replaced = |named| known.is_some_and(|known| Fingerprint::of(&known.key) == named && is_known);
    let is_named = named.is_none_or(|named| Fingerprint::of(&key) == named || replaced(named));
    if is_known && is_named && challenge.is_genuine() {
        Ok(Pins { key, next: challenge.next })
    } else {
        Err(AnotherServer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::keys::SecretKeys;
    use ayumi_protocol::exchange::CHALLENGE_PURPOSE;

    fn keys(number: u8) -> SecretKeys {
        SecretKeys::from_bytes([number; 32], [number; 32])
    }

    fn key(number: u8) -> [u8; 32] {
        keys(number).public().sign
    }

    /// A server with the first key that says that the second one will follow.
    fn server(now: u8, next: u8) -> Challenge {
        let (challenge, store_epoch, server_key) = ([1; 24], [2; 16], key(now));
        let next = server_key_hash(&key(next));
        let unsigned = Challenge { challenge, server_ms: 7, store_epoch, server_key, next, signature: [0; 64] };
        let signature = keys(now).sign(CHALLENGE_PURPOSE, &unsigned.signed_bytes());
        Challenge { signature, ..unsigned }
    }

    #[test]
    fn letters_of_a_fingerprint_come_back() {
        for (bytes, letters) in [([0; 10], "0000000000000000"), ([0xff; 10], "ZZZZZZZZZZZZZZZZ")] {
            assert_eq!(
                (Fingerprint(bytes).to_letters(), Fingerprint::from_letters(letters)),
                (letters.into(), Some(Fingerprint(bytes)))
            );
        }
        let print = Fingerprint([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(print.to_letters(), "041061050R3GG28A");
        assert_eq!(Fingerprint::from_letters("041061050R3GG28A"), Some(print));
        for wrong in ["", "041061050R3GG28", "041061050R3GG28AA", "041061050R3GG28U", "041061050r3gg28a"] {
            assert_eq!(Fingerprint::from_letters(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_place_that_is_dialled_has_its_port() {
        for (address, place) in [
            ("https://Ayumi.example/", "https://ayumi.example:443"),
            ("https://ayumi.example:8443/app", "https://ayumi.example:8443"),
            ("https://[::1]", "https://[::1]:443"),
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
        ] {
            assert_eq!(place_of(address), place);
        }
    }

    #[test]
    fn a_key_is_believed_if_it_is_known_named_or_follows_and_no_other_is() {
        let known = Pins { key: key(1), next: server_key_hash(&key(2)) };
        let named = |number| Some(Fingerprint::of(&key(number)));
        let stolen = Challenge { server_key: key(1), ..server(9, 2) };
        for (why, known, named, challenge, expected) in [
            ("the first contact", None, None, server(1, 2), true),
            ("the one that the code names", None, named(1), server(1, 2), true),
            ("another one than the code names", None, named(1), server(9, 2), false),
            ("the known one", Some(&known), None, server(1, 2), true),
            ("the known one with another successor", Some(&known), None, server(1, 3), true),
            ("the one that follows", Some(&known), None, server(2, 3), true),
            ("another one", Some(&known), None, server(9, 2), false),
            ("the one after the next", Some(&known), None, server(3, 4), false),
            ("the known one, and a code of another server", Some(&known), named(9), server(1, 2), false),
            ("the one that follows, and a code from before", Some(&known), named(1), server(2, 3), true),
            ("the code's server, while another one is known", Some(&known), named(9), server(9, 9), false),
            ("a known key that it does not have", Some(&known), named(1), stolen, false),
        ] {
            let found = believe(known, named, &challenge);
            assert_eq!(found.is_ok(), expected, "{why}");
            assert!(found.is_err() || found == Ok(Pins { key: challenge.server_key, next: challenge.next }), "{why}");
        }
    }
}

//! The server's key: signs the ends of logs, by which a phone can prove what the server has, and tokens (challenges,
//! tokens), which every process on the same store can verify without reading it.

use ayumi_protocol::NotebookId;
use ayumi_protocol::end::{End, SignedEnd};
use ayumi_protocol::exchange::{CHALLENGE_PURPOSE, Challenge, Token, server_key_hash};
use ayumi_protocol::gone::{Gone, WhyGone};
use ayumi_protocol::key::{Hash, KeyId, to_sign};
use ayumi_protocol::purpose;
use ayumi_protocol::receipt::Receipt;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};

/// The lifetime of a challenge, in milliseconds.
const CHALLENGE_MS: u64 = 60_000;
/// The lifetime of a token, in milliseconds.
const TOKEN_MS: u64 = 24 * 60 * 60 * 1000;

/// Signs ends and tokens with the store's key.
pub struct Signer {
    pair: Ed25519KeyPair,
    tokens: hmac::Key,
    store_epoch: [u8; 16],
    /// The hash of the key that will take this one's place.
    next: Hash,
    /// The public key, and behind it those in whose place it came.
    own: Vec<[u8; 32]>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

/// The operating system gives no random numbers, or the stored seed is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key to sign with")]
pub struct NoKey;

/// Returns random bytes of the operating system.
///
/// # Errors
/// [`NoKey`] if the operating system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], NoKey> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoKey)?;
    Ok(bytes)
}

impl Signer {
    /// Derives the keys from the store's seed and epoch.
    ///
    /// # Errors
    /// [`NoKey`] if the seed does not have 32 bytes.
    pub fn new(seed: &[u8], store_epoch: [u8; 16]) -> Result<Self, NoKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoKey)?;
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, seed), purpose::SERVER_TOKENS.as_bytes());
        let tokens = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
        let mut signer = Self { pair, tokens, store_epoch, next: [0; 32], own: Vec::new() };
        signer.next = server_key_hash(&signer.public_key());
        signer.own.push(signer.public_key());
        Ok(signer)
    }

    /// Says in place of which public keys this one came: what they signed, this server signed.
    #[must_use]
    pub fn following(mut self, former: &[[u8; 32]]) -> Self {
        self.own.extend_from_slice(former);
        self
    }

    /// Says which public key will take this one's place; without it none will.
    #[must_use]
    pub fn followed_by(self, next: &[u8; 32]) -> Self {
        Self { next: server_key_hash(next), ..self }
    }

    /// Returns a challenge as it is sent, signed, for this moment.
    pub fn signed_challenge(&self, now_ms: u64) -> Challenge {
        let unsigned = self.challenge_of(self.challenge(now_ms), now_ms);
        let mut signature = [0; 64];
        let bytes = to_sign(CHALLENGE_PURPOSE, &unsigned.signed_bytes());
        signature.copy_from_slice(self.pair.sign(&bytes).as_ref());
        Challenge { signature, ..unsigned }
    }

    /// Returns a challenge that was given before, as far as its caller signed it.
    pub fn challenge_of(&self, challenge: Token, server_ms: u64) -> Challenge {
        let (store_epoch, server_key) = (self.store_epoch, self.public_key());
        Challenge { challenge, server_ms, store_epoch, server_key, next: self.next, signature: [0; 64] }
    }

    /// Returns the public key; phones pin it at their first contact with the server.
    pub fn public_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key.copy_from_slice(self.pair.public_key().as_ref());
        key
    }

    /// Returns the public key, and behind it those in whose place it came: an owner who names one of them means this server.
    pub fn own_keys(&self) -> &[[u8; 32]] {
        &self.own
    }

    /// Returns the store epoch.
    pub const fn store_epoch(&self) -> [u8; 16] {
        self.store_epoch
    }

    /// Signs the end of a log; the same end always gets the same signature.
    pub fn end(&self, notebook: NotebookId, end: &End) -> SignedEnd {
        self.signed(notebook, self.store_epoch, end)
    }

    fn signed(&self, notebook: NotebookId, store_epoch: [u8; 16], end: &End) -> SignedEnd {
        let bytes = SignedEnd::signed_bytes(notebook, &store_epoch, end);
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(&to_sign(SignedEnd::PURPOSE, &bytes)).as_ref());
        SignedEnd { notebook, store_epoch, end: *end, signature }
    }

    /// Whether this server made a receipt, under this key or one before it, for this notebook.
    pub fn made(&self, receipt: &Receipt, notebook: NotebookId) -> bool {
        receipt.is_by(&self.own, notebook)
    }

    /// Returns what this server signed earlier as it is shown to devices, which may know the present key alone.
    pub fn renewed(&self, signed: &SignedEnd) -> SignedEnd {
        if signed.is_signed_by(self.public_key()) {
            return *signed;
        }
        self.signed(signed.notebook, signed.store_epoch, &signed.end)
    }

    /// Signs that a notebook is gone.
    pub fn gone(&self, notebook: NotebookId, why: WhyGone, when_ms: u64) -> Gone {
        let server_key = self.public_key();
        let bytes = Gone::signed_bytes(&server_key, notebook, why, when_ms);
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(&to_sign(Gone::PURPOSE, &bytes)).as_ref());
        Gone { server_key, notebook, why, when_ms, signature }
    }

    /// Makes a challenge for this moment.
    pub fn challenge(&self, now_ms: u64) -> Token {
        self.make("challenge", now_ms, &[])
    }

    /// Verifies that this is a challenge of the last minute.
    pub fn is_challenge(&self, challenge: &Token, now_ms: u64) -> bool {
        let made = time_of(challenge);
        self.is_made_here("challenge", challenge, &[]) && made <= now_ms && now_ms - made <= CHALLENGE_MS
    }

    /// Makes a token for a key in a notebook.
    pub fn token(&self, notebook: NotebookId, author: KeyId, now_ms: u64) -> Token {
        self.make("token", now_ms + TOKEN_MS, &[notebook.as_bytes(), &author.0[..]].concat())
    }

    /// Whether this is a token for a key in a notebook that is not over.
    pub fn is_token(&self, token: &Token, notebook: NotebookId, author: KeyId, now_ms: u64) -> bool {
        let whose = [notebook.as_bytes(), &author.0[..]].concat();
        let lives = time_of(token).checked_sub(now_ms).is_some_and(|left| (1..=TOKEN_MS).contains(&left));
        lives && self.is_made_here("token", token, &whose)
    }

    fn make(&self, purpose: &str, time: u64, whose: &[u8]) -> Token {
        let mut token = [0; 24];
        token[..8].copy_from_slice(&time.to_be_bytes());
        token[8..].copy_from_slice(&self.mac(purpose, time, whose));
        token
    }

    fn is_made_here(&self, purpose: &str, token: &Token, whose: &[u8]) -> bool {
        // Compared as MACs of themselves, so that timing reveals nothing.
        let expected = hmac::sign(&self.tokens, &self.mac(purpose, time_of(token), whose));
        hmac::verify(&self.tokens, &token[8..], expected.as_ref()).is_ok()
    }

    /// Authenticates a token. The store epoch is part of it, so after a restore every phone proves its key again.
    fn mac(&self, purpose: &str, time: u64, whose: &[u8]) -> [u8; 16] {
        let text = [purpose.as_bytes(), &[0], &self.store_epoch, &time.to_be_bytes(), whose].concat();
        let mut mac = [0; 16];
        mac.copy_from_slice(&hmac::sign(&self.tokens, &text).as_ref()[..16]);
        mac
    }
}

fn time_of(token: &Token) -> u64 {
    token[..8].iter().fold(0, |time, byte| time << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_signed_under_a_former_key_is_own_and_is_shown_under_the_present_one() {
        let [then, stranger] = [1, 3].map(|seed| Signer::new(&[seed; 32], [2; 16]).unwrap());
        let now = Signer::new(&[2; 32], [4; 16]).unwrap().following(&[then.public_key()]);
        let (notebook, end) = (NotebookId::from_slice(&[9; 16]).unwrap(), End { taken_at: 7, ..End::default() });
        let receipt = |by: &Signer| Receipt::of(by.public_key(), by.end(notebook, &end));
        assert!(now.made(&receipt(&then), notebook) && now.made(&receipt(&now), notebook));
        assert!(!now.made(&receipt(&stranger), notebook), "a key that was never this server's");
        assert!(!then.made(&receipt(&now), notebook), "one that came later is unknown");
        let shown = now.renewed(&then.end(notebook, &end));
        assert!(shown.is_signed_by(now.public_key()));
        assert_eq!((shown.store_epoch, shown.end), ([2; 16], end), "it says the same");
        assert_eq!(now.renewed(&now.end(notebook, &end)), now.end(notebook, &end));
    }

    #[test]
    fn tokens_are_for_one_purpose_one_key_one_time_one_store_epoch() {
        let signer = Signer::new(&[1; 32], [2; 16]).unwrap();
        let other = Signer::new(&[1; 32], [3; 16]).unwrap();
        let (notebook, author, now) = (NotebookId::from_slice(&[9; 16]).unwrap(), KeyId([4; 16]), 1_800_000_000_000);
        let challenge = signer.challenge(now);
        assert!(signer.is_challenge(&challenge, now) && signer.is_challenge(&challenge, now + CHALLENGE_MS));
        for (why, good) in [
            ("too late", signer.is_challenge(&challenge, now + CHALLENGE_MS + 1)),
            ("from the future", signer.is_challenge(&challenge, now - 1)),
            ("another store epoch", other.is_challenge(&challenge, now)),
            ("a token is no challenge", signer.is_challenge(&signer.token(notebook, author, now - TOKEN_MS), now)),
        ] {
            assert!(!good, "{why}");
        }
        let token = signer.token(notebook, author, now);
        assert!(signer.is_token(&token, notebook, author, now));
        let stranger = KeyId([5; 16]);
        for (why, good) in [
            ("another key", signer.is_token(&token, notebook, stranger, now)),
            ("over", signer.is_token(&token, notebook, author, now + TOKEN_MS)),
            ("another store epoch, token", other.is_token(&token, notebook, author, now)),
            ("a challenge is no token", signer.is_token(&signer.challenge(now + 5), notebook, author, now)),
        ] {
            assert!(!good, "{why}");
        }
        for at in 0..24 {
            let mut changed = token;
            changed[at] ^= 1;
            assert!(!signer.is_token(&changed, notebook, author, now), "byte {at}");
        }
    }
}

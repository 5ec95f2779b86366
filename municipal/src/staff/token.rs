//! What a browser or a link carries: random bytes, of which only a hash is kept.

use ayumi_protocol::key::{Hash, hash_for};
use ayumi_protocol::{Hex, purpose};
use zeroize::Zeroizing;

/// A token of so many random bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Token<const N: usize>(Zeroizing<[u8; N]>);

/// The cookie of a session: 256 bits.
pub type SessionToken = Token<32>;
/// The cookie by which a browser is known: 128 bits.
pub type BrowserToken = Token<16>;
/// A one-time link: 128 bits.
pub type LinkToken = Token<16>;

impl<const N: usize> std::fmt::Debug for Token<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl<const N: usize> Token<N> {
    /// Takes fresh random bytes.
    pub fn new(bytes: [u8; N]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads what a browser sent; `None` if it is none.
    pub fn from_text(text: &str) -> Option<Self> {
        text.parse::<Hex<N>>().ok().map(|hex| Self::new(hex.0))
    }

    /// Returns it as a browser sends it.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(Hex(*self.0).to_string())
    }

    /// Returns what is kept of a cookie.
    pub fn cookie_hash(&self) -> Hash {
        hash_for(purpose::OFFICE_SESSION, &*self.0)
    }

    /// Returns what is kept of a link.
    pub fn link_hash(&self) -> Hash {
        hash_for(purpose::OFFICE_LINK, &*self.0)
    }
}

/// Returns what is kept of a code that goes another way than its link. Both together open; the code alone is too short to.
pub fn code_hash(link: &LinkToken, code: &str) -> Hash {
    hash_for(purpose::OFFICE_LINK, &[&*link.0, code.trim().as_bytes()].concat())
}

//! The code under which two devices meet: one shows it, somebody types it into the other. 80 random bits, new each time.

use ayumi_protocol::purpose;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::code::{NoCode, read, write};
use crate::crypto::keys::derive;
use crate::crypto::{NoRandomness, random};

/// The letter before it.
const KIND: u8 = b'N';
const SECRET: usize = 10;

/// Opens a connection between two devices, for as long as one of them waits. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct MeetingCode([u8; SECRET]);

impl std::fmt::Debug for MeetingCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MeetingCode(…)")
    }
}

impl MeetingCode {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self(random()?))
    }

    /// The code, as text.
    pub fn to_text(&self) -> String {
        write(KIND, &self.0)
    }

    /// Reads a code, however it is spaced.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn from_text(text: &str) -> Result<Self, NoCode> {
        read(KIND, text, SECRET)?.try_into().map(Self).map_err(|_| NoCode)
    }

    /// The key that both sides begin with.
    pub(super) fn key(&self) -> Zeroizing<[u8; 32]> {
        let mut padded = Zeroizing::new([0; 32]);
        padded[..SECRET].copy_from_slice(&self.0);
        Zeroizing::new(derive(&padded, &[], purpose::NEARBY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_as_it_is_shown_and_each_is_another() {
        let (one, other) = (MeetingCode::generate().unwrap(), MeetingCode::generate().unwrap());
        assert_eq!(MeetingCode::from_text(&one.to_text().to_lowercase().replace('-', " ")), Ok(one.clone()));
        assert_ne!(*one.key(), *other.key());
        assert_eq!(one.to_text().len(), 28, "one line to type: {}", one.to_text());
        assert_eq!(MeetingCode::from_text(&one.to_text().replace('N', "J")), Err(NoCode));
    }
}

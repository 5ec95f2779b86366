//! A municipality's ticket, from a slip of paper: one notebook may begin with it at the municipality's server.

use ayumi_protocol::exchange::{Admission, admission_hash};
use ayumi_protocol::key::Hash;

use super::code::{NoCode, read, write};
use crate::crypto::{NoRandomness, random};

/// A ticket. It names nobody, and is the same for everybody until a notebook begins with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TicketCode(Admission);

impl std::fmt::Debug for TicketCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketCode(…)")
    }
}

impl TicketCode {
    /// Makes a new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self(random()?))
    }

    /// Returns what is shown to the server.
    pub const fn expose(&self) -> Admission {
        self.0
    }

    /// Returns what a server keeps of it.
    pub fn hash(&self) -> Hash {
        admission_hash(&self.0)
    }

    /// Returns the code, as text or for a picture.
    pub fn to_text(&self) -> String {
        write(b'T', &self.0)
    }

    /// Reads a code, however it is spaced.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn from_text(text: &str) -> Result<Self, NoCode> {
        let bytes = read(b'T', text, size_of::<Admission>())?;
        Ok(Self(bytes.try_into().map_err(|_| NoCode)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_comes_back_however_it_is_typed_and_is_no_other_code() {
        let ticket = TicketCode::generate().unwrap();
        let text = ticket.to_text();
        assert_eq!(text.len(), 1 + 31 + 8, "31 letters in groups: {text}");
        assert_ne!(TicketCode::generate().unwrap(), ticket);
        for typed in [text.clone(), text.to_lowercase(), text.replace('-', ""), text.replace('0', "o")] {
            assert_eq!(TicketCode::from_text(&typed), Ok(ticket), "{typed}");
        }
        for wrong in ["", "T", &text[..text.len() - 1], &text.replacen('T', "R", 1)] {
            assert_eq!(TicketCode::from_text(wrong), Err(NoCode), "{wrong}");
        }
        assert_eq!(format!("{ticket:?}"), "TicketCode(…)");
    }
}

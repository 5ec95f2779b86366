//! One look at what a family wrote, or one act of the office: the row of a chain.
//!
//! ```text
//! 1        the form
//! tree     1: threads and the office's own acts, 2: forms about a danger
//! chain    16 bytes: the thread's id
//! before   32 bytes: the hash of the row before; zeros for the first
//! at       8 bytes: milliseconds since 1970
//! staff    0, or 1 and 16 bytes
//! profession, desk    length and text; empty for the server itself
//! purpose  1 byte
//! fields   1 byte: one bit for each
//! reason   length and bytes: sealed like the words of the thread
//! ```

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::key::{Hash, hash_for};
use crate::municipal::thread::id::DeskId;
use crate::municipal::thread::{Profession, RandomId, UnixMs};
use crate::purpose;

/// The newest form.
const FORM: u8 = 1;
/// The most bytes of a desk's key or a profession's.
const KEY_BYTES: usize = 64;
/// The most bytes of a reason, sealed.
pub const REASON_BYTES: usize = 2048;

/// Which tree a chain stands in. Nobody can tell from the one what is in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tree {
    /// Threads, and the office's own acts.
    Common,
    /// Forms that somebody may be in danger.
    Danger,
}

impl Tree {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Common, Self::Danger];

    /// Returns its key in databases.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Danger => "danger",
        }
    }
}

/// Declares a closed list whose bytes are frozen.
macro_rules! bytes {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $byte:literal $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$row])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns its byte.
            pub const fn byte(self) -> u8 {
                match self {
                    $(Self::$variant => $byte,)*
                }
            }
        }
    };
}

bytes! {
    /// Why somebody looked, or what they did.
    Purpose {
        /// To answer a thread that they hold.
        1 Answer,
        /// To supervise, with a reason.
        2 Supervise,
        /// As the second person of a form about a danger.
        3 Second,
        /// To print it.
        4 Print,
        /// To answer a request for disclosure.
        5 Disclose,
        /// A photo.
        6 Photo,
        /// Rights or factors of somebody's account were changed.
        16 Account,
        /// The database was put back from a backup.
        17 Restored,
        /// A thread's key was destroyed.
        18 Destroyed,
    }
}

bytes! {
    /// What was shown. Its byte is the place of a bit.
    Field {
        /// What was said.
        0 Words,
        /// A photo.
        1 Photo,
        /// The summary of a hand-over.
        2 Summary,
        /// The safe contact.
        3 Contact,
        /// Notes among staff.
        4 Notes,
    }
}

/// A row of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Which tree its chain stands in.
    pub tree: Tree,
    /// Which chain: a thread's id, or [`Self::OFFICE`].
    pub chain: RandomId,
    /// The hash of the row before; zeros for the first.
    pub before: Hash,
    /// When.
    pub at: UnixMs,
    /// Who, and by which profession; `None` for the server itself.
    pub staff: Option<(RandomId, Profession)>,
    /// At which desk; empty for none.
    pub desk: DeskId,
    /// Why.
    pub purpose: Purpose,
    /// What was shown, each once, in their order.
    pub fields: Vec<Field>,
    /// The reason that was typed, sealed.
    pub reason: Vec<u8>,
}

impl AuditEntry {
    /// The chain of the office's own acts.
    pub const OFFICE: RandomId = RandomId::from_random([0; 16]);

    /// Returns its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(FORM).u8(if self.tree == Tree::Common { 1 } else { 2 });
        writer.raw(self.chain.as_bytes()).raw(&self.before).u64(self.at.0);
        match &self.staff {
            Some((staff, profession)) => writer.u8(1).raw(staff.as_bytes()).blob(profession.key().as_bytes()),
            None => writer.u8(0).blob(&[]),
        };
        let fields = self.fields.iter().fold(0_u8, |bits, field| bits | 1 << field.byte());
        writer.blob(self.desk.0.as_bytes()).u8(self.purpose.byte()).u8(fields).blob(&self.reason);
        writer.0
    }

    /// Reads a row.
    ///
    /// # Errors
    /// [`FormatError`] for anything but the one form of a row.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "audit entry");
        let wrong = FormatError { what: "audit entry" };
        let tree = match (reader.u8()?, reader.u8()?) {
            (FORM, 1) => Tree::Common,
            (FORM, 2) => Tree::Danger,
            _ => return Err(wrong),
        };
        let chain = id(reader.array()?)?;
        let (before, at) = (reader.array()?, UnixMs(reader.u64()?));
        let staff = match reader.u8()? {
            0 => None,
            1 => Some(id(reader.array()?)?),
            _ => return Err(wrong),
        };
        let profession = reader.blob(KEY_BYTES)?;
        let profession = Profession::ALL.iter().copied().find(|one| one.key().as_bytes() == profession);
        let staff = match (staff, profession) {
            (Some(staff), Some(profession)) => Some((staff, profession)),
            (None, None) => None,
            _ => return Err(wrong),
        };
        let desk = DeskId::from(std::str::from_utf8(reader.blob(KEY_BYTES)?).map_err(|_| wrong.clone())?);
        let purpose = reader.u8()?;
        let purpose = Purpose::ALL.iter().copied().find(|one| one.byte() == purpose).ok_or(wrong.clone())?;
        let bits = reader.u8()?;
        let fields = Field::ALL.iter().copied().filter(|field| bits & 1 << field.byte() != 0).collect();
        let entry =
            Self { tree, chain, before, at, staff, desk, purpose, fields, reason: reader.blob(REASON_BYTES)?.to_vec() };
        reader.end()?;
        // Whatever else could be read two ways, too.
        if entry.to_bytes() == bytes { Ok(entry) } else { Err(wrong) }
    }

    /// Returns its hash, to which the next row is linked.
    pub fn hash(&self) -> Hash {
        Self::hash_of(&self.to_bytes())
    }

    /// Returns the hash of a row's bytes.
    pub fn hash_of(bytes: &[u8]) -> Hash {
        hash_for(purpose::AUDIT, bytes)
    }
}

fn id(bytes: [u8; 16]) -> Result<RandomId, FormatError> {
    let id = RandomId::from_random(bytes);
    if *id.as_bytes() == bytes { Ok(id) } else { Err(FormatError { what: "audit entry" }) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::municipal::audit) fn entry() -> AuditEntry {
        AuditEntry {
            tree: Tree::Common,
            chain: RandomId::from_random([0xab; 16]),
            before: [7; 32],
            at: UnixMs(1_796_083_200_000),
            staff: Some((RandomId::from_random([0xcd; 16]), Profession::Midwife)),
            desk: "child".into(),
            purpose: Purpose::Supervise,
            fields: vec![Field::Words, Field::Contact],
            reason: vec![1, 2, 3],
        }
    }

    #[test]
    fn a_row_has_one_form_and_it_is_frozen() {
        let bytes = entry().to_bytes();
        crate::frozen::is("audit_1", &bytes);
        assert_eq!(AuditEntry::from_bytes(&bytes), Ok(entry()));
        let server = AuditEntry { staff: None, desk: "".into(), purpose: Purpose::Restored, fields: vec![], ..entry() };
        assert_eq!(AuditEntry::from_bytes(&server.to_bytes()), Ok(server));
    }

    #[test]
    fn every_other_byte_makes_another_row_or_none() {
        let bytes = entry().to_bytes();
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut other = bytes.clone();
                other[place] ^= 1 << bit;
                assert_ne!(AuditEntry::hash_of(&other), entry().hash());
                if let Ok(read) = AuditEntry::from_bytes(&other) {
                    assert_ne!(read, entry(), "{place}");
                    assert_eq!(read.to_bytes(), other, "{place}");
                }
            }
        }
        assert!(AuditEntry::from_bytes(&bytes[1..]).is_err());
        assert!(AuditEntry::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }
}

//! Who looked at a family's words, and how anybody finds out that a row is not as it was.
//!
//! A row is written in the transaction that shows the words. Rows of a thread are linked by hashes; the ends of all chains are
//! signed each day, and the signed text leaves the office. What the office alone could hide, the text from outside shows.
//!
//! | module | idea |
//! |---|---|
//! | [`kept`] | rows as the database keeps them, and how one is added |
//! | [`heads`] | the signed ends of a day, and the word of a restore |
//! | [`mod@verify`] | compares what is kept with itself, and with what was signed |
//! | [`finding`] | what can be wrong with it |
//! | `chain` | what is wrong with one chain |

mod chain;
pub mod finding;
pub mod heads;
pub mod kept;
pub mod verify;

use ayumi_protocol::key::Hash;
use ayumi_protocol::municipal::audit::{AuditEntry, ChainHead, Tree};
use ayumi_protocol::municipal::thread::RandomId;

pub use finding::Finding;
pub use verify::verify;

/// A row as it is kept: its bytes, and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    /// In which tree.
    pub tree: Tree,
    /// Its number among all rows of the tree.
    pub place: u64,
    /// In which chain.
    pub chain: RandomId,
    /// Its number in the chain.
    pub number: u64,
    /// Its hash, as it was written.
    pub hash: Hash,
    /// Its bytes.
    pub body: Vec<u8>,
}

impl KeptRow {
    /// Returns what it says, if its bytes are those of its hash and its chain.
    pub(crate) fn entry(&self) -> Option<AuditEntry> {
        let entry = AuditEntry::from_bytes(&self.body).ok()?;
        let is_own = entry.tree == self.tree && entry.chain == self.chain;
        (is_own && AuditEntry::hash_of(&self.body) == self.hash).then_some(entry)
    }
}

/// What the office signed, and what only it knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptHead {
    /// Its number.
    pub number: u64,
    /// As it was signed.
    pub body: Vec<u8>,
    /// How many rows the danger tree had.
    pub danger_through: u64,
    /// The random leaf before the danger tree's own.
    pub blind: [u8; 32],
}

/// Everything that is kept of a municipality's audit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// All rows, in the order of tree and place.
    pub rows: Vec<KeptRow>,
    /// Where each chain is said to end.
    pub ends: Vec<(Tree, ChainHead)>,
    /// What was signed, in the order of its numbers.
    pub heads: Vec<KeptHead>,
}

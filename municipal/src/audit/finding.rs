//! What can be wrong with what is kept of the audit.

use ayumi_protocol::municipal::audit::Tree;

/// One thing that is not as it was written; or, of a restore, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A row says something else than was written.
    Edited {
        /// In which tree.
        tree: Tree,
        /// Which row.
        place: u64,
    },
    /// A row is missing between others.
    Removed {
        /// In which tree.
        tree: Tree,
        /// Before which row.
        before: u64,
    },
    /// Rows are missing at the end.
    RemovedAtEnd {
        /// In which tree.
        tree: Tree,
    },
    /// A row was not there when the others were written.
    Inserted {
        /// In which tree.
        tree: Tree,
        /// Which row.
        place: u64,
    },
    /// Rows stand in another order than they were written in.
    Swapped {
        /// In which tree.
        tree: Tree,
        /// The first that stands too early.
        place: u64,
    },
    /// The database is of before a head that is known outside, and nobody said so.
    OlderBackup {
        /// The newest head that it has; 0 for none.
        kept: u64,
        /// The newest that is known.
        known: u64,
    },
    /// All rows fit together and not with what was signed: the chains were written anew.
    Rewritten {
        /// The first head with which they do not fit.
        number: u64,
    },
    /// A head is not signed by the municipality, or cannot be read.
    Unsigned {
        /// Which.
        number: u64,
    },
    /// No harm: the database was put back, and a signed head says what was lost by it.
    Restored {
        /// Which head says so.
        number: u64,
    },
}

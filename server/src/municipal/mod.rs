//! The databases of the municipality's side. Rules and SQL are `ayumi_municipal`'s; here are files, connections and roles. Nothing
//! is shared with the notebook channel: other files, other keys, another database and role.
//!
//! | module | idea |
//! |---|---|
//! | [`sqlite`] | one encrypted file for each municipality |
//! | [`postgres`] | one database, kept apart by row-level security that binds everybody |
//! | [`week_keys`] | the keys of weeks, and what was forgotten |
//! | `file_key` | where the key of a file lies: never beside it |

mod file_key;
pub mod postgres;
pub mod sqlite;
pub mod week_keys;

pub use postgres::PostgresOffice;
pub use sqlite::SqliteOffice;
pub use week_keys::WeekKeys;

/// Why the municipality's side does not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The database cannot be used, or another process has it.
    #[error("the database cannot be used")]
    Unavailable,
    /// The tables are of another version: they are made anew, or brought up to date, by the owner of the database.
    #[error("the tables are of another version")]
    OtherVersion,
    /// The runtime role is a superuser, for whom no row-level security counts.
    #[error("the database role is a superuser, or may become one")]
    Superuser,
    /// The runtime role is exempt from row-level security.
    #[error("the database role is exempt from row-level security")]
    Exempt,
    /// The runtime role owns a table, and could take row-level security away from it.
    #[error("the database role owns tables")]
    Owner,
    /// A table has no row-level security that binds everybody to the tenant.
    #[error("a table is not bound to the municipality")]
    NotForced,
    /// The name of the runtime role is not of small letters, digits and underscores.
    #[error("not the name of a role")]
    Role,
    /// The folder of keys and the folder of files lie within each other: a backup of one would hold both.
    #[error("keys and data must not lie within each other")]
    KeysBesideData,
    /// There is a file, and its key is not where it should be.
    #[error("the key of a municipality's file is missing")]
    NoKey,
    /// The key that is there opens another file.
    #[error("the key does not open the municipality's file")]
    OtherKey,
    /// The key's file cannot be read or written, or holds no key.
    #[error("the file of a key cannot be used")]
    KeyFile,
}

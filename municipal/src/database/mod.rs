//! What a rule needs of a database: statements with `$1` parameters, inside one transaction of one tenant.
//!
//! Every statement is written once, beside its rule, and runs on SQLite and PostgreSQL; the drivers stand in the server and hold
//! no SQL of their own. `$1` is always the tenant: the transaction itself puts it there, and a rule's values begin at `$2`.
//!
//! | module | idea |
//! |---|---|
//! | [`value`] | what goes into a statement and comes back |
//! | [`migrations`] | the tables, each with its term |
//! | [`dialect`] | the few statements that are of one database alone |

pub mod dialect;
pub mod migrations;
pub mod value;

use std::borrow::Cow;

pub use value::{Fields, Record, Value};

use crate::tenant::Tenant;

/// A statement of SQL under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it is called: unique, and without a place in the database.
    pub name: &'static str,
    /// Its text. `$1` is the tenant.
    pub text: Cow<'static, str>,
}

impl Statement {
    /// Names a statement.
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text: Cow::Borrowed(text) }
    }
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads, beside others.
    Read,
    /// Writes: one after the other in each tenant, so that no rule decides about what another one changes meanwhile.
    Write,
}

/// Which kind of constraint refused a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// A key is taken.
    Unique,
    /// What it refers to is not there, or it is referred to.
    Reference,
    /// A rule of the row itself.
    Check,
    /// A value is missing.
    Missing,
    /// A value is of another kind.
    Kind,
}

/// Why a statement was not done. Never with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// The database cannot be used now.
    #[error("the database cannot be used")]
    Unavailable,
    /// No such tenant is kept here.
    #[error("no such municipality is kept here")]
    NoTenant,
    /// A row would be another tenant's.
    #[error("a row of another municipality")]
    OtherTenant,
    /// The database refuses a row.
    #[error("the database refuses the row")]
    Refused(Constraint),
    /// A transaction that only reads must not write.
    #[error("this transaction only reads")]
    ReadOnly,
    /// The transaction took too long, or one of its statements failed before.
    #[error("the transaction is over")]
    Over,
    /// A row that was read is none.
    #[error("a row cannot be read")]
    Unreadable,
}

/// Where the rows of all tenants are.
pub trait Database: Send + Sync {
    /// One transaction of one tenant.
    type Transaction: Transaction;

    /// Begins one.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`] or [`DatabaseError::NoTenant`].
    fn begin(
        &self,
        tenant: &Tenant,
        access: Access,
    ) -> impl Future<Output = Result<Self::Transaction, DatabaseError>> + Send;
}

/// A transaction of one tenant. Dropped without [`Self::commit`], it did nothing. After an error it does nothing more. Nothing that
/// takes long (a password's hash, a request) belongs between its statements.
pub trait Transaction: Send {
    /// Returns whose it is.
    fn tenant(&self) -> &Tenant;

    /// Runs a statement; `values` are `$2` and so on.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn run(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> impl Future<Output = Result<Vec<Record>, DatabaseError>> + Send;

    /// Makes it last.
    ///
    /// # Errors
    /// [`DatabaseError`]; then it did nothing.
    fn commit(self) -> impl Future<Output = Result<(), DatabaseError>> + Send;
}

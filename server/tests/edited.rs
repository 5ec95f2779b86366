//! A database whose statements a test edits while they run.

use std::sync::{Arc, Mutex};

use ayumi_municipal::Tenant;
use ayumi_municipal::database::{DatabaseError, Record, Statement, Transaction, Value};

/// What a statement said.
pub(crate) type Said = (&'static str, Result<Vec<Record>, DatabaseError>);

/// A transaction in which one statement has lost what keeps it to its tenant. It notes all answers.
pub(crate) struct Edited<T> {
    inner: T,
    /// The statement without its tenant; none for all as they are.
    without: Option<&'static str>,
    pub(crate) said: Arc<Mutex<Vec<Said>>>,
}

/// Takes every predicate of the tenant out of a statement; `None` if it has none.
pub(crate) fn without_tenant(statement: &Statement) -> Option<Statement> {
    let text = statement.text.replace("tenant = $1", "$1 = $1");
    (text != statement.text).then(|| Statement { name: statement.name, text: text.into() })
}

impl<T> Edited<T> {
    pub(crate) fn new(inner: T, without: Option<&'static str>) -> Self {
        Self { inner, without, said: Arc::default() }
    }
}

impl<T: Transaction> Transaction for Edited<T> {
    fn tenant(&self) -> &Tenant {
        self.inner.tenant()
    }

    async fn run(&mut self, statement: &Statement, values: &[Value]) -> Result<Vec<Record>, DatabaseError> {
        let edited = (self.without == Some(statement.name)).then(|| without_tenant(statement).unwrap());
        let done = self.inner.run(edited.as_ref().unwrap_or(statement), values).await;
        self.said.lock().unwrap().push((statement.name, done.clone()));
        done
    }

    async fn commit(self) -> Result<(), DatabaseError> {
        self.inner.commit().await
    }
}

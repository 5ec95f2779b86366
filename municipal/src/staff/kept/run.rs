//! Runs a statement for one row, or for none.

use crate::database::{DatabaseError, Record, Statement, Transaction, Value};

pub(super) async fn one<T: Transaction>(
    transaction: &mut T,
    statement: &Statement,
    values: &[Value],
) -> Result<Option<Record>, DatabaseError> {
    Ok(transaction.run(statement, values).await?.into_iter().next())
}

pub(super) async fn only<T: Transaction>(
    transaction: &mut T,
    statement: &Statement,
    values: &[Value],
) -> Result<(), DatabaseError> {
    transaction.run(statement, values).await.map(drop)
}

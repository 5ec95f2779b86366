//! PostgreSQL: one database for all municipalities. The owner of the tables makes them and does nothing else; the server's own role
//! is bound by row-level security, or the server does not start.

use std::error::Error;

use ayumi_municipal::Tenant;
use ayumi_municipal::database::dialect::postgres as dialect;
use ayumi_municipal::database::{
    Access, Constraint, Database, DatabaseError, Record, Statement, Transaction, Value, migrations,
};
use deadpool_postgres::{Object, Pool};
use tokio::runtime::Handle;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

use super::StartError;
use crate::postgres::{Address, pool};

/// Transactions at once.
const MOST: usize = 16;

/// The database of all municipalities of this server.
pub struct PostgresOffice {
    pool: Pool,
    /// Where what was begun and dropped is taken back.
    runtime: Handle,
}

impl std::fmt::Debug for PostgresOffice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresOffice(…)")
    }
}

fn unavailable<T>(_: T) -> StartError {
    StartError::Unavailable
}

impl PostgresOffice {
    /// Makes the tables, or brings them up to date, as their owner; lets the runtime role use them. Run by hand, not by the server.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn migrate(owner: &Address, runtime_role: &str) -> Result<(), StartError> {
        let pool = pool(owner, 1).map_err(unavailable)?;
        let client = pool.get().await.map_err(unavailable)?;
        client.batch_execute(dialect::BEGIN_WRITE).await.map_err(unavailable)?;
        client.batch_execute(dialect::ONE_MIGRATION).await.map_err(unavailable)?;
        client.batch_execute(dialect::VERSION_TABLE).await.map_err(unavailable)?;
        let version = version(&client).await?;
        for migration in migrations::ALL.iter().filter(|migration| migration.number > version) {
            let sql = dialect::migration(migration, runtime_role).ok_or(StartError::Role)?;
            client.batch_execute(&sql).await.map_err(unavailable)?;
        }
        client.batch_execute(dialect::COMMIT).await.map_err(unavailable)
    }

    /// Connects as the runtime role.
    ///
    /// # Errors
    /// [`StartError`], also if this role could read another municipality's rows.
    pub async fn open(address: &Address) -> Result<Self, StartError> {
        let pool = pool(address, MOST).map_err(unavailable)?;
        let client = pool.get().await.map_err(unavailable)?;
        let role = client.query_one(dialect::ROLE, &[]).await.map_err(unavailable)?;
        let [superuser, exempt, owner, may_become] = [0, 1, 2, 3].map(|column| role.try_get::<_, bool>(column));
        if superuser.map_err(unavailable)? {
            return Err(StartError::Superuser);
        }
        if exempt.map_err(unavailable)? {
            return Err(StartError::Exempt);
        }
        if may_become.map_err(unavailable)? {
            return Err(StartError::Superuser);
        }
        if owner.map_err(unavailable)? {
            return Err(StartError::Owner);
        }
        if version(&client).await? != migrations::VERSION {
            return Err(StartError::OtherVersion);
        }
        if !client.query(dialect::NOT_FORCED, &[]).await.map_err(unavailable)?.is_empty() {
            return Err(StartError::NotForced);
        }
        drop(client);
        Ok(Self { pool, runtime: Handle::current() })
    }
}

async fn version(client: &Object) -> Result<u32, StartError> {
    // A database without tables has no version.
    let version = client.query_one(dialect::VERSION, &[]).await.map_err(|_| StartError::OtherVersion)?;
    u32::try_from(version.get::<_, i64>(0)).map_err(|_| StartError::OtherVersion)
}

impl Database for PostgresOffice {
    type Transaction = PostgresTransaction;

    async fn begin(&self, tenant: &Tenant, access: Access) -> Result<PostgresTransaction, DatabaseError> {
        let client = self.pool.get().await.map_err(|_| DatabaseError::Unavailable)?;
        let tenant = tenant.clone();
        // From here on it is taken back, whatever happens.
        let transaction =
            PostgresTransaction { client: Some(client), tenant, failed: false, runtime: self.runtime.clone() };
        transaction.start(access).await.map_err(|error| reason(&error))?;
        Ok(transaction)
    }
}

/// A transaction of one municipality.
pub struct PostgresTransaction {
    client: Option<Object>,
    tenant: Tenant,
    /// Whether a statement failed: then nothing goes on.
    failed: bool,
    runtime: Handle,
}

impl std::fmt::Debug for PostgresTransaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresTransaction(…)")
    }
}

impl PostgresTransaction {
    /// Begins, and says whose the transaction is: the only place where that is said.
    async fn start(&self, access: Access) -> Result<(), tokio_postgres::Error> {
        let Some(client) = &self.client else { return Ok(()) };
        let begin = match access {
            Access::Read => dialect::BEGIN_READ,
            Access::Write => dialect::BEGIN_WRITE,
        };
        client.batch_execute(begin).await?;
        let statement = client.prepare_cached(dialect::SET_TENANT).await?;
        client.execute(&statement, &[&self.tenant.as_str()]).await?;
        if access == Access::Write {
            let statement = client.prepare_cached(dialect::ONE_WRITER).await?;
            client.execute(&statement, &[&self.tenant.as_str()]).await?;
        }
        Ok(())
    }

    async fn query(&self, text: &str, values: &[Value]) -> Result<Vec<Record>, DatabaseError> {
        let client = self.client.as_ref().ok_or(DatabaseError::Over)?;
        let values = [&[self.tenant.as_str().into()], values].concat();
        let bound: Vec<Bound<'_>> = values.iter().map(Bound).collect();
        let bound: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let prepared = client.prepare_cached(text).await.map_err(|error| reason(&error))?;
        let rows = client.query(&prepared, &bound).await.map_err(|error| reason(&error))?;
        rows.iter().map(record).collect()
    }
}

impl Transaction for PostgresTransaction {
    fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    async fn run(&mut self, statement: &Statement, values: &[Value]) -> Result<Vec<Record>, DatabaseError> {
        if self.failed {
            return Err(DatabaseError::Over);
        }
        let done = self.query(&statement.text, values).await;
        self.failed = done.is_err();
        done
    }

    async fn commit(mut self) -> Result<(), DatabaseError> {
        let client = self.client.as_ref().ok_or(DatabaseError::Over)?;
        if self.failed {
            // COMMIT alone would roll back silently.
            return Err(DatabaseError::Over);
        }
        client.batch_execute(dialect::COMMIT).await.map_err(|error| reason(&error))?;
        self.client = None;
        Ok(())
    }
}

impl Drop for PostgresTransaction {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            self.runtime.spawn(async move {
                if client.batch_execute(dialect::ROLL_BACK).await.is_err() {
                    // Nobody goes on with a connection of which it is not known where it stands.
                    drop(Object::take(client));
                }
            });
        }
    }
}

/// A value as PostgreSQL takes it.
#[derive(Debug)]
struct Bound<'a>(&'a Value);

/// A value of another kind than the statement asks for.
#[derive(Debug, thiserror::Error)]
#[error("a value of another kind")]
struct OtherKind;

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Number(number) if *ty == Type::INT8 => number.to_sql(ty, out),
            Value::Number(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Value::Text(text) if *ty == Type::TEXT => text.to_sql(ty, out),
            Value::Bytes(bytes) if *ty == Type::BYTEA => bytes.to_sql(ty, out),
            _ => Err(Box::new(OtherKind)),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA].contains(ty)
    }

    tokio_postgres::types::to_sql_checked!();
}

fn record(row: &Row) -> Result<Record, DatabaseError> {
    let value = |(place, column): (usize, &tokio_postgres::Column)| {
        let value = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(place).map(Value::from),
            Type::INT4 => row.try_get::<_, Option<i32>>(place).map(|number| number.map(i64::from).into()),
            Type::TEXT => row.try_get::<_, Option<&str>>(place).map(Value::from),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(place).map(Value::from),
            _ => return Err(DatabaseError::Unreadable),
        };
        value.map_err(|_| DatabaseError::Unreadable)
    };
    row.columns().iter().enumerate().map(value).collect::<Result<_, _>>().map(Record)
}

/// What an error of PostgreSQL means, without its text.
fn reason(error: &tokio_postgres::Error) -> DatabaseError {
    let Some(code) = error.code() else {
        let is_other_kind = error.source().is_some_and(|source| source.is::<OtherKind>());
        return if is_other_kind { DatabaseError::Refused(Constraint::Kind) } else { DatabaseError::Unavailable };
    };
    match *code {
        SqlState::UNIQUE_VIOLATION => DatabaseError::Refused(Constraint::Unique),
        SqlState::FOREIGN_KEY_VIOLATION => DatabaseError::Refused(Constraint::Reference),
        SqlState::CHECK_VIOLATION => DatabaseError::Refused(Constraint::Check),
        SqlState::NOT_NULL_VIOLATION => DatabaseError::Refused(Constraint::Missing),
        // Also a right that the role does not have: nothing of ours asks for one.
        SqlState::INSUFFICIENT_PRIVILEGE => DatabaseError::OtherTenant,
        SqlState::READ_ONLY_SQL_TRANSACTION => DatabaseError::ReadOnly,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => DatabaseError::Over,
        _ => DatabaseError::Unavailable,
    }
}

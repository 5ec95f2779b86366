//! SQLite: one encrypted file for each municipality. Each file has a thread that writes and one that reads, beside the threads that
//! wait for the network; a transaction has its thread until it ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use ayumi_municipal::Tenant;
use ayumi_municipal::database::dialect::sqlite as dialect;
use ayumi_municipal::database::{
    Access, Constraint, Database, DatabaseError, Record, Statement, Transaction, Value, migrations,
};
use ayumi_sqlcipher::private;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, ffi};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::StartError;
use super::file_key::{self, FileKey};
use crate::sqlite::lock;

/// How long a transaction may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

type Answer<T> = oneshot::Sender<Result<T, DatabaseError>>;

/// One step of a transaction.
enum Step {
    Run { text: String, values: Vec<Value>, answer: Answer<Vec<Record>> },
    Commit(Answer<()>),
}

/// A transaction that begins.
struct Begin {
    access: Access,
    steps: mpsc::Receiver<Step>,
    begun: Answer<()>,
}

/// One municipality's file.
struct OfficeFile {
    writer: mpsc::Sender<Begin>,
    reader: mpsc::Sender<Begin>,
    /// The lock goes with the process, however it ends.
    _lock: File,
}

/// The files of all municipalities of this server.
pub struct SqliteOffice {
    files: BTreeMap<Tenant, OfficeFile>,
}

impl std::fmt::Debug for SqliteOffice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteOffice(…)")
    }
}

impl SqliteOffice {
    /// Opens or makes a file for each municipality in `data`, with its key from `keys`.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open<'a>(
        data: &Path,
        keys: &Path,
        tenants: impl IntoIterator<Item = &'a Tenant>,
    ) -> Result<Self, StartError> {
        file_key::must_lie_apart(keys, data)?;
        private::folder(data).map_err(|_| StartError::Unavailable)?;
        let open = |tenant: &Tenant| Ok((tenant.clone(), open_file(data, keys, tenant)?));
        Ok(Self { files: tenants.into_iter().map(open).collect::<Result<_, StartError>>()? })
    }

    /// Copies a municipality's file as it is at this moment, under the same key, also while a server has it open.
    ///
    /// # Errors
    /// [`StartError`]; also if the copy is there already.
    pub fn back_up(data: &Path, keys: &Path, tenant: &Tenant, to: &Path) -> Result<(), StartError> {
        let path = path_of(data, tenant);
        if !path.exists() || to.exists() {
            return Err(StartError::Unavailable);
        }
        file_key::must_lie_apart(keys, to)?;
        let connection = connect(&path, &file_key::of(keys, tenant, true)?)?;
        // An empty file is written over, with the permissions that it has.
        private::file(to).map_err(|_| StartError::Unavailable)?;
        let to = to.to_str().ok_or(StartError::Unavailable)?;
        connection.execute(dialect::COPY, [to]).map(drop).map_err(|_| StartError::Unavailable)
    }
}

impl Database for SqliteOffice {
    type Transaction = SqliteTransaction;

    async fn begin(&self, tenant: &Tenant, access: Access) -> Result<SqliteTransaction, DatabaseError> {
        let file = self.files.get(tenant).ok_or(DatabaseError::NoTenant)?;
        let (steps, received) = mpsc::channel();
        let (begun, answered) = oneshot::channel();
        let jobs = match access {
            Access::Read => &file.reader,
            Access::Write => &file.writer,
        };
        jobs.send(Begin { access, steps: received, begun }).map_err(|_| DatabaseError::Unavailable)?;
        answered.await.map_err(|_| DatabaseError::Unavailable)??;
        Ok(SqliteTransaction { tenant: tenant.clone(), steps })
    }
}

/// A transaction on one municipality's file.
pub struct SqliteTransaction {
    tenant: Tenant,
    steps: mpsc::Sender<Step>,
}

impl std::fmt::Debug for SqliteTransaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteTransaction(…)")
    }
}

impl SqliteTransaction {
    async fn step<T>(&self, step: impl FnOnce(Answer<T>) -> Step) -> Result<T, DatabaseError> {
        let (answer, answered) = oneshot::channel();
        self.steps.send(step(answer)).map_err(|_| DatabaseError::Over)?;
        answered.await.map_err(|_| DatabaseError::Over)?
    }
}

impl Transaction for SqliteTransaction {
    fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    async fn run(&mut self, statement: &Statement, values: &[Value]) -> Result<Vec<Record>, DatabaseError> {
        let text = statement.text.clone().into_owned();
        let values = [&[self.tenant.as_str().into()], values].concat();
        self.step(|answer| Step::Run { text, values, answer }).await
    }

    async fn commit(self) -> Result<(), DatabaseError> {
        self.step(Step::Commit).await
    }
}

fn path_of(data: &Path, tenant: &Tenant) -> PathBuf {
    data.join(format!("municipality-{tenant}.db"))
}

fn open_file(data: &Path, keys: &Path, tenant: &Tenant) -> Result<OfficeFile, StartError> {
    let path = path_of(data, tenant);
    let lock = lock(&path).map_err(|_| StartError::Unavailable)?;
    // Only a file that is not there yet: closing one that SQLite has open would take its locks away.
    let is_there = path.exists();
    let key = file_key::of(keys, tenant, is_there)?;
    if !is_there {
        private::file(&path).map_err(|_| StartError::Unavailable)?;
    }
    let writer = connect(&path, &key)?;
    migrate(&writer)?;
    let reader = connect(&path, &key)?;
    Ok(OfficeFile { writer: start(writer)?, reader: start(reader)?, _lock: lock })
}

fn connect(path: &Path, key: &FileKey) -> Result<Connection, StartError> {
    let unavailable = |_: rusqlite::Error| StartError::Unavailable;
    ayumi_sqlcipher::link();
    let connection = Connection::open(path).map_err(unavailable)?;
    connection.execute_batch(&Zeroizing::new(dialect::unlock(key))).map_err(unavailable)?;
    connection.query_row(dialect::LOOK, [], |row| row.get::<_, i64>(0)).map_err(|error| match error {
        rusqlite::Error::SqliteFailure(failure, _) if failure.code == ffi::ErrorCode::NotADatabase => {
            StartError::OtherKey
        }
        _ => StartError::Unavailable,
    })?;
    connection.execute_batch(dialect::SET_UP).map_err(unavailable)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// Brings the tables up to date.
fn migrate(connection: &Connection) -> Result<(), StartError> {
    let unavailable = |_: rusqlite::Error| StartError::Unavailable;
    connection.execute_batch(dialect::BEGIN_WRITE).map_err(unavailable)?;
    let version: u32 = connection.query_row(dialect::VERSION, [], |row| row.get(0)).map_err(unavailable)?;
    if version > migrations::VERSION {
        return Err(StartError::OtherVersion);
    }
    for migration in migrations::ALL.iter().filter(|migration| migration.number > version) {
        connection.execute_batch(&dialect::migration(migration)).map_err(unavailable)?;
    }
    connection.execute_batch(dialect::COMMIT).map_err(unavailable)
}

/// Starts the thread of a connection; it ends when nobody can begin a transaction any more.
fn start(connection: Connection) -> Result<mpsc::Sender<Begin>, StartError> {
    let (sender, begins) = mpsc::channel::<Begin>();
    let serve = move || {
        for begin in begins {
            serve(&connection, begin);
        }
    };
    std::thread::Builder::new().name("office-db".into()).spawn(serve).map_err(|_| StartError::Unavailable)?;
    Ok(sender)
}

/// Does one transaction, step by step.
fn serve(connection: &Connection, begin: Begin) {
    let sql = match begin.access {
        Access::Read => dialect::BEGIN_READ,
        Access::Write => dialect::BEGIN_WRITE,
    };
    let done = connection.execute_batch(sql).map_err(|error| reason(&error));
    let is_begun = done.is_ok();
    // Whoever asked may be gone; then no step comes.
    let _ = begin.begun.send(done);
    if is_begun && !steps(connection, &begin.steps) {
        // Fails only where SQLite has rolled back by itself.
        let _ = connection.execute_batch(dialect::ROLL_BACK);
    }
}

/// Does the steps of a transaction; returns whether it was committed.
fn steps(connection: &Connection, steps: &mpsc::Receiver<Step>) -> bool {
    while let Ok(step) = steps.recv_timeout(PATIENCE) {
        match step {
            Step::Run { text, values, answer } => {
                let done = run(connection, &text, &values).map_err(|error| reason(&error));
                let failed = done.is_err();
                let _ = answer.send(done);
                if failed {
                    return false;
                }
            }
            Step::Commit(answer) => {
                let done = connection.execute_batch(dialect::COMMIT).map_err(|error| reason(&error));
                let is_done = done.is_ok();
                let _ = answer.send(done);
                return is_done;
            }
        }
    }
    false
}

/// A value as SQLite takes it.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Number(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn run(connection: &Connection, text: &str, values: &[Value]) -> rusqlite::Result<Vec<Record>> {
    let mut statement = connection.prepare_cached(text)?;
    // For SQLite `$2` is a name and not a place.
    for (place, value) in values.iter().enumerate() {
        if let Some(index) = statement.parameter_index(&format!("${}", place + 1))? {
            statement.raw_bind_parameter(index, Bound(value))?;
        }
    }
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let value = |column| {
            Ok(match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Number(number),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
                // No table has one.
                ValueRef::Real(number) => Value::Number(number as i64),
            })
        };
        records.push(Record((0..columns).map(value).collect::<rusqlite::Result<_>>()?));
    }
    Ok(records)
}

/// What an error of SQLite means, without its text.
fn reason(error: &rusqlite::Error) -> DatabaseError {
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return DatabaseError::Unavailable };
    match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => DatabaseError::Refused(Constraint::Unique),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => DatabaseError::Refused(Constraint::Reference),
        ffi::SQLITE_CONSTRAINT_CHECK => DatabaseError::Refused(Constraint::Check),
        ffi::SQLITE_CONSTRAINT_NOTNULL => DatabaseError::Refused(Constraint::Missing),
        ffi::SQLITE_CONSTRAINT_DATATYPE => DatabaseError::Refused(Constraint::Kind),
        _ if failure.code == ffi::ErrorCode::ReadOnly => DatabaseError::ReadOnly,
        _ => DatabaseError::Unavailable,
    }
}

//! Where the contract runs: a folder of encrypted files, and a PostgreSQL that the tests start.

use std::path::PathBuf;
use std::sync::OnceLock;

use ayumi_municipal::Tenant;
use ayumi_municipal::database::{Access, Database, DatabaseError, Record, Statement, Transaction, Value};
use ayumi_protocol::municipal::feed::MunicipalityName;
use ayumi_server::municipal::{PostgresOffice, SqliteOffice};
use ayumi_server::postgres::Address;
use ayumi_tests::postgres::shared;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Two municipalities, 港区 and 世田谷区 by their codes.
pub(crate) fn tenants() -> [Tenant; 2] {
    ["jp.131032", "jp.131121"].map(|name| Tenant::from(name.parse::<MunicipalityName>().unwrap()))
}

/// A place in which both municipalities are kept.
pub(crate) trait Place: Sized {
    type Database: Database<Transaction: 'static> + 'static;

    fn new() -> Self;
    async fn open(&self) -> Self::Database;

    /// Does a statement as somebody who has everything: the key of the file, or the superuser's password.
    fn attack(open: &Open<Self>, tenant: &Tenant, sql: &'static str, values: &[Value]);

    /// Everything that lies in the database, as somebody finds it who has a dump or the file and no key.
    fn dump(&self) -> Vec<u8>;
}

/// An open place.
pub(crate) struct Open<P: Place> {
    pub(crate) place: P,
    pub(crate) database: P::Database,
    pub(crate) runtime: Runtime,
}

impl<P: Place> Open<P> {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let place = P::new();
        let database = runtime.block_on(place.open());
        Self { place, database, runtime }
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn begin(&self, tenant: &Tenant, access: Access) -> <P::Database as Database>::Transaction {
        self.wait(self.database.begin(tenant, access)).unwrap()
    }

    /// Does one statement of a test's own in a transaction of its own.
    pub(crate) fn try_sql(
        &self,
        tenant: &Tenant,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Vec<Record>, DatabaseError> {
        let mut transaction = self.begin(tenant, Access::Write);
        let records = self.wait(transaction.run(&Statement::new("test", sql), values))?;
        self.wait(transaction.commit())?;
        Ok(records)
    }

    pub(crate) fn sql(&self, tenant: &Tenant, sql: &'static str) -> Vec<Record> {
        self.try_sql(tenant, sql, &[]).unwrap()
    }
}

/// A folder for files, and one for keys.
pub(crate) struct Sqlite(TempDir);

impl Sqlite {
    pub(crate) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.0.path().join("keys")
    }

    pub(crate) fn file(&self, tenant: &Tenant) -> PathBuf {
        self.data().join(format!("municipality-{tenant}.db"))
    }
}

impl Place for Sqlite {
    type Database = SqliteOffice;

    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> SqliteOffice {
        SqliteOffice::open(&self.data(), &self.keys(), &tenants()).unwrap()
    }

    fn attack(open: &Open<Self>, tenant: &Tenant, sql: &'static str, values: &[Value]) {
        open.try_sql(tenant, sql, values).unwrap();
    }

    fn dump(&self) -> Vec<u8> {
        let entries = std::fs::read_dir(self.data()).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| std::fs::read(path).unwrap()).collect()
    }
}

/// A database of its own.
pub(crate) struct Postgres(String);

/// The server's own role.
pub(crate) const RUNTIME: &str = "office";
/// The role that owns the tables.
pub(crate) const OWNER: &str = "office_owner";

impl Postgres {
    /// The address for a role.
    pub(crate) fn address(&self, role: &str) -> Address {
        Address { url: self.0.replace("user=ayumi", &format!("user={role}")), ..Address::default() }
    }

    pub(crate) fn name(&self) -> &str {
        self.0.rsplit('=').next().unwrap()
    }

    /// What a role gets for some SQL, or what PostgreSQL says instead.
    pub(crate) fn ask(&self, role: &str, sql: &str) -> Result<String, String> {
        let mut psql = shared().program("psql");
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        let out = psql.arg(format!("--username={role}")).arg("--command").arg(sql).arg(self.name()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        if out.status.success() { Ok(text(out.stdout)) } else { Err(text(out.stderr)) }
    }

    /// The tables made by their owner.
    pub(crate) fn empty() -> Self {
        static ROLES: OnceLock<()> = OnceLock::new();
        let place = Self(shared().database());
        ROLES.get_or_init(|| {
            place.ask("ayumi", &format!("CREATE ROLE {OWNER} LOGIN; CREATE ROLE {RUNTIME} LOGIN")).unwrap();
        });
        let grants =
            format!("GRANT CREATE, USAGE ON SCHEMA public TO {OWNER}; GRANT USAGE ON SCHEMA public TO {RUNTIME}");
        place.ask("ayumi", &grants).unwrap();
        place
    }
}

impl Place for Postgres {
    type Database = PostgresOffice;

    fn new() -> Self {
        let place = Self::empty();
        Runtime::new().unwrap().block_on(PostgresOffice::migrate(&place.address(OWNER), RUNTIME)).unwrap();
        place
    }

    async fn open(&self) -> PostgresOffice {
        PostgresOffice::open(&self.address(RUNTIME)).await.unwrap()
    }

    fn attack(open: &Open<Self>, tenant: &Tenant, sql: &'static str, values: &[Value]) {
        let literal = |value: &Value| match value {
            Value::Null => "NULL".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => format!("'{text}'"),
            Value::Bytes(bytes) => {
                format!("'\\x{}'::bytea", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
            }
        };
        let all: Vec<Value> = std::iter::once(tenant.as_str().into()).chain(values.iter().cloned()).collect();
        // The last first, so that `$1` is not read in `$10`.
        let places = all.iter().enumerate().rev();
        let sql =
            places.fold(sql.to_owned(), |sql, (place, value)| sql.replace(&format!("${}", place + 1), &literal(value)));
        open.place.ask("ayumi", &sql).unwrap();
    }

    fn dump(&self) -> Vec<u8> {
        let dump = shared().program("pg_dump").arg(self.name()).output().unwrap();
        assert!(dump.status.success());
        // Bytes are dumped as hex digits: looked at as they are, too.
        let text = String::from_utf8(dump.stdout).unwrap();
        let unhexed = text.split("\\\\x").skip(1).flat_map(|part| {
            let digits: Vec<u8> = part.bytes().take_while(u8::is_ascii_hexdigit).collect();
            let value = |digit: u8| (digit as char).to_digit(16).unwrap() as u8;
            digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect::<Vec<_>>()
        });
        unhexed.chain(text.bytes()).collect()
    }
}

//! A real PostgreSQL for one test process: made in a scratch folder, listening on a socket there, gone with the
//! process.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running cluster.
pub struct Cluster {
    folder: TempDir,
    bin: PathBuf,
    port: u16,
    /// A shell that ends PostgreSQL and takes its folder away when its standard input closes: so the database goes
    /// when this process does, however that is.
    keeper: Child,
}

/// Where Debian puts the programs.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL is needed: `cargo xtask test` installs it (Debian: postgresql)")
}

/// PostgreSQL does not run as root: then its own user does. What stands before a program's name.
fn as_user() -> &'static [&'static str] {
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    if root { &["runuser", "-u", "postgres", "--"] } else { &["env"] }
}

/// Starts PostgreSQL in the folder `$1` and ends it when standard input closes.
const SERVE: &str = "cd \"$1\"; \"$2\" -D \"$1/data\" -c config_file=\"$1/ayumi.conf\" -c hba_file=\"$1/data/pg_hba.conf\" \
                     -c ident_file=\"$1/data/pg_ident.conf\" >\"$1/log\" 2>&1 & P=$!; read -r _; kill -INT $P; wait $P";

/// Does what follows the folder `$0`, then takes the folder away, which is ours and not PostgreSQL's user's.
const KEEP: &str = "\"$@\"; rm -rf \"$0\"";

impl Cluster {
    /// Makes and starts one. `settings` are lines of its configuration.
    ///
    /// # Panics
    /// If PostgreSQL is missing or does not start.
    pub fn start(settings: &str) -> Self {
        Self::start_on(5432, settings)
    }

    /// The same on a port, by which its socket is named, too; `settings` give the port and may listen to a network.
    ///
    /// # Panics
    /// If PostgreSQL is missing or does not start.
    pub fn start_on(port: u16, settings: &str) -> Self {
        let bin = programs();
        let folder = tempfile::Builder::new().prefix("ayumi-pg").tempdir().expect("a scratch folder");
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(folder.path(), permissions).expect("permissions");
        let data = folder.path().join("data");
        let user = as_user();
        let made = Command::new(user[0])
            .args(&user[1..])
            .arg(bin.join("initdb"))
            .args(["--no-sync", "--auth=trust", "--username=ayumi", "--encoding=UTF8", "--locale=C", "--pgdata"])
            .arg(&data)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb").success(), "initdb");
        let own =
            format!("listen_addresses = ''\nunix_socket_directories = '{}'\n{settings}\n", folder.path().display());
        let config = folder.path().join("ayumi.conf");
        std::fs::write(&config, own).expect("configuration");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEP]).arg(folder.path()).args(user).args(["sh", "-c", SERVE, "keeper"]);
        keeper.arg(folder.path()).arg(bin.join("postgres"));
        let keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a shell");
        let cluster = Self { folder, bin, port, keeper };
        let begun = Instant::now();
        while !cluster.is_ready() {
            let log = || std::fs::read_to_string(cluster.folder.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(60), "PostgreSQL does not start: {}", log());
            std::thread::yield_now();
        }
        cluster
    }

    fn is_ready(&self) -> bool {
        let quiet = Command::new(self.bin.join("pg_isready"))
            .args(["--quiet", "--username=ayumi", &format!("--port={}", self.port), "--host"])
            .arg(self.folder.path())
            .status();
        quiet.is_ok_and(|status| status.success())
    }

    /// A program of PostgreSQL's, on this cluster.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.arg("--username=ayumi").arg(format!("--port={}", self.port)).arg("--host").arg(self.folder.path());
        command
    }

    /// A new, empty database; its address.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("ayumi_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let made = self.program("createdb").arg(&name).status().expect("createdb");
        assert!(made.success(), "createdb");
        self.address(&name)
    }

    /// The address of a database.
    pub fn address(&self, name: &str) -> String {
        format!("host={} user=ayumi dbname={name}", self.folder.path().display())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut input) = self.keeper.stdin.take() {
            let _ = input.write_all(b"end\n");
        }
        let _ = self.keeper.wait();
    }
}

/// The cluster that all tests of this process share.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start("fsync = off"))
}

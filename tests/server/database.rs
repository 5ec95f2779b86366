//! PostgreSQL behind a network: TLS with a certificate that is checked, a password apart from the address.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use ayumi_server::keys::Keys;
use ayumi_server::postgres::{Address, PostgresLog};
use ayumi_server::sqlite::SqliteLog;
use ayumi_tests::postgres::Cluster;
use rcgen::{CertifiedKey, generate_simple_self_signed};

/// PostgreSQL reads a key that belongs to its own user, or to root's and is for its group.
fn key_for_the_database(path: &Path, pem: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, pem).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    if root {
        assert!(Command::new("chown").arg("postgres").arg(path).status().unwrap().success());
    }
}

#[test]
fn the_database_is_reached_by_tls_and_one_that_cannot_prove_itself_is_not() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert;
    let [chain, key, strange] = ["chain.pem", "key.pem", "strange.pem"].map(|name| folder.path().join(name));
    std::fs::write(&chain, cert.pem()).unwrap();
    std::fs::write(&strange, other.pem()).unwrap();
    key_for_the_database(&key, &signing_key.serialize_pem());
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = format!(
        "fsync = off\nport = {port}\nlisten_addresses = 'localhost'\nssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'",
        chain.display(),
        key.display()
    );
    let cluster = Cluster::start_on(port, &settings);
    let mut psql = cluster.program("psql");
    let made = psql
        .args(["--quiet", "--dbname=postgres", "--command"])
        .arg("CREATE ROLE carrier LOGIN PASSWORD 'secret' SUPERUSER");
    assert!(made.status().unwrap().success());
    let url = format!("host=localhost port={port} user=carrier dbname=postgres sslmode=require");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let open = |roots: Option<&Path>| {
        let address = Address { url: url.clone(), password: Some("secret".into()), roots: roots.map(Path::to_owned) };
        runtime.block_on(PostgresLog::open(&address, &Keys::given([7; 32]), 1 << 20)).is_ok()
    };
    assert!(open(Some(&chain)));
    assert!(!open(Some(&strange)), "another certificate");
    assert!(!open(None), "no root of the web knows it");
    let seen = cluster.program("psql").args(["--tuples-only", "--dbname=postgres", "--command"]).arg(
        "SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'carrier' AND NOT s.ssl",
    ).output().unwrap();
    assert_eq!(String::from_utf8(seen.stdout).unwrap().trim(), "0", "nobody came without TLS");
}

/// Chains of version 1 cannot be read: a server that took such a store would answer "not now" for ever.
#[test]
fn a_store_of_another_version_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.db");
    drop(SqliteLog::open(&path, &Keys::given([7; 32]), 1 << 20).unwrap());
    for version in [1, 3] {
        ayumi_sqlcipher::link();
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(&format!("PRAGMA user_version = {version}")).unwrap();
        drop(connection);
        assert!(SqliteLog::open(&path, &Keys::given([7; 32]), 1 << 20).is_err(), "version {version}");
    }
    let connection = rusqlite::Connection::open(&path).unwrap();
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 3);
}

//! The server's key: apart from its data, for its owner alone, the same for as long as the store lives.

use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ayumi_protocol::exchange::server_key_hash;
use ayumi_server::keys::{Keys, OpenError};
use ayumi_server::log::Log;
use ayumi_server::postgres::PostgresLog;
use ayumi_server::sqlite::SqliteLog;

use super::family::{Family, NOW, Phone};
use super::store::{Place, Postgres, Sqlite, Store};

/// The key's file, as an operator sees it.
fn key_file(folder: &Path) -> std::path::PathBuf {
    folder.join("keys/server.key")
}

fn holds(dump: &[u8], part: &[u8]) -> bool {
    dump.windows(part.len()).any(|window| window == part)
}

/// A store with something in it; its dump, and the public key.
fn used<P: Place>() -> (P, [u8; 32]) {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let family = Family::founded(&mother);
    log.append_statement(family.statements[0].clone(), NOW).unwrap();
    log.append_envelope(mother.writes(&family, b"one"), NOW).unwrap();
    let public = log.log().signer().public_key();
    let Store { place, log, .. } = log;
    drop(log);
    (place, public)
}

fn no_key_in(dump: &[u8], folder: &Path, public: &[u8; 32]) {
    let hex = std::fs::read_to_string(key_file(folder)).unwrap();
    assert!(holds(dump, public), "the public half is there, so the search finds what there is");
    assert_eq!(hex.lines().count(), 2, "the present key and the next one");
    for hex in hex.lines() {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let seed: Vec<u8> = (0..32).map(|byte| digit(byte * 2)).collect();
        assert!(!holds(dump, &seed) && !holds(dump, hex.as_bytes()) && !holds(dump, hex.to_uppercase().as_bytes()));
    }
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&key_file(folder)), mode(&folder.join("keys"))), (0o600, 0o700));
}

#[test]
fn neither_a_store_nor_its_backup_holds_the_servers_key() {
    let (place, public) = used::<Sqlite>();
    let folder = place.0.path();
    no_key_in(&place.dump(), folder, &public);
    let backup = folder.join("backup.db");
    SqliteLog::back_up(&place.file(), &backup).unwrap();
    no_key_in(&std::fs::read(backup).unwrap(), folder, &public);
    let (place, public) = used::<Postgres>();
    no_key_in(&place.dump(), place.1.path(), &public);
}

/// Another key would halt every phone.
fn its_own_key_only<L: Log, F: Future<Output = Result<L, OpenError>>>(
    folder: &Path,
    public: [u8; 32],
    open: impl Fn(Keys) -> F,
) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let own = || Keys::in_folder(folder.join("keys"));
    let public_of = |keys: Keys| runtime.block_on(async { open(keys).await.map(|log| log.signer().public_key()) });
    assert_eq!(public_of(own()), Ok(public), "the same at every start");
    let aside = folder.join("aside");
    std::fs::rename(key_file(folder), &aside).unwrap();
    assert_eq!(public_of(own()), Err(OpenError::NoKey));
    assert!(!key_file(folder).exists(), "and none is made unasked");
    assert_eq!(public_of(Keys::given([9; 32])), Err(OpenError::OtherKey));
    std::fs::write(key_file(folder), "no key\n").unwrap();
    assert_eq!(public_of(own()), Err(OpenError::KeyFile));
    std::fs::rename(&aside, key_file(folder)).unwrap();
    assert_eq!(public_of(own()), Ok(public), "put back, it goes on");
    // Changed, the next one takes its place: the one of which the challenge spoke.
    let challenge = |keys: Keys| {
        runtime.block_on(async { open(keys).await.map(|log| log.signer().signed_challenge(NOW)) }).unwrap()
    };
    let before = challenge(own());
    let after = challenge(own().rotating());
    assert!(before.is_genuine() && after.is_genuine());
    assert_eq!((before.server_key, before.next), (public, server_key_hash(&after.server_key)));
    assert_ne!(after.next, server_key_hash(&after.server_key), "and another one will follow");
    assert_eq!(challenge(own()).server_key, after.server_key, "also after the next start");
    assert_eq!(public_of(Keys::given([9; 32]).rotating()), Err(OpenError::OtherKey));
    std::fs::remove_file(key_file(folder)).unwrap();
    let new = public_of(own().replacing()).unwrap();
    assert_ne!(new, public, "lost, and the operator says so");
    assert_eq!(public_of(own()), Ok(new));
}

/// What was signed under them counts for ever; who takes the file cannot sign with them.
#[test]
fn a_change_keeps_the_public_halves_of_all_keys_before_it_and_no_secret() {
    let (place, public) = used::<Sqlite>();
    let folder = place.0.path().to_owned();
    let keys = || Keys::in_folder(folder.join("keys"));
    let file = || std::fs::read_to_string(key_file(&folder)).unwrap();
    let secret = file().lines().next().unwrap().to_owned();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut before = vec![hex(&public)];
    for _ in 0..3 {
        let log = SqliteLog::open(&place.file(), &keys().rotating(), 1 << 20).unwrap();
        assert_eq!(file().lines().skip(2).collect::<Vec<_>>(), before);
        assert!(!file().contains(&secret));
        before.push(hex(&log.signer().public_key()));
    }
    // A backup from before all changes opens, too, and the same text in the environment is the same keys.
    let old = folder.join("old");
    std::fs::create_dir(&old).unwrap();
    let as_then = Keys::from_hex(&format!("{secret} {secret}")).unwrap();
    drop(SqliteLog::open(&old.join("server.db"), &as_then, 1 << 20).unwrap());
    let open =
        |keys: &Keys| SqliteLog::open(&old.join("server.db"), keys, 1 << 20).map(|log| hex(&log.signer().public_key()));
    assert_eq!(open(&Keys::from_hex(&file()).unwrap()), Ok(before[3].clone()));
    assert_eq!(open(&keys()), Ok(before[3].clone()));
}

#[test]
fn a_store_opens_with_its_own_key_only() {
    let (place, public) = used::<Sqlite>();
    its_own_key_only(place.0.path(), public, |keys| {
        let file = place.file();
        async move { SqliteLog::open(&file, &keys, 1 << 20) }
    });
    let (place, public) = used::<Postgres>();
    its_own_key_only(place.1.path(), public, |keys| {
        let address = place.address();
        async move { PostgresLog::open(&address, &keys, 1 << 20).await }
    });
}

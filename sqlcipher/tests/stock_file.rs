//! The file format is stock SQLCipher 4: a file that the stock tool wrote opens here, page by page too.
//!
//! `fixtures/db/stock_sqlcipher.db` was written by SQLCipher with OpenSSL (PyPI sqlcipher3-binary 0.6.0), raw key
//! 0x2a…2a. The other way round (the stock tool reads and writes a file of ours) runs in `cargo xtask test`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

use ayumi_sqlcipher::page::{PAGE_LEN, PageReader};
use rusqlite::Connection;

const STOCK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/db/stock_sqlcipher.db");

/// The same by the same tool, with Ayumi's page size.
const STOCK_2048: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/db/stock_sqlcipher_2048.db");

fn open(path: &std::path::Path, key: &str) -> rusqlite::Result<Connection> {
    ayumi_sqlcipher::link();
    let connection = Connection::open(path)?;
    connection.execute_batch(&format!("PRAGMA key = \"{key}\""))?;
    Ok(connection)
}

#[test]
fn a_file_of_the_stock_tool_opens() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("stock.db");
    std::fs::copy(STOCK, &copy).unwrap();
    let connection = open(&copy, &format!("x'{}'", "2a".repeat(32))).unwrap();
    let texts: i64 =
        connection.query_row("SELECT count(*) FROM t WHERE text LIKE 'あゆみ %'", [], |r| r.get(0)).unwrap();
    assert_eq!(texts, 200);
    let broken: Vec<String> = connection
        .prepare("PRAGMA cipher_integrity_check")
        .unwrap()
        .query_map([], |r| r.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(broken.is_empty());
    let provider: String = connection.query_row("PRAGMA cipher_provider", [], |r| r.get(0)).unwrap();
    assert_eq!(provider, "ring");
}

#[test]
fn its_pages_open_one_by_one() {
    let bytes = std::fs::read(STOCK_2048).unwrap();
    let salt: [u8; 16] = bytes[..16].try_into().unwrap();
    let pages = PageReader::new(&[0x2a; 32], &salt);
    for (i, page) in bytes.chunks_exact(PAGE_LEN).enumerate() {
        let page: &[u8; PAGE_LEN] = page.try_into().unwrap();
        let number = u32::try_from(i).unwrap() + 1;
        assert!(pages.open(number, page).is_some(), "page {number}");
        assert!(pages.open(number + 1, page).is_none(), "the tag covers the number");
        let mut flipped = *page;
        flipped[1000] ^= 1;
        assert!(pages.open(number, &flipped).is_none());
    }
    assert!(pages.open(1, bytes[..PAGE_LEN].try_into().unwrap()).unwrap().starts_with(b"SQLite format 3\0"));
}

/// The provider's derivations (PBKDF2 with SHA-512, SHA-256, SHA-1) by way of a passphrase, which Ayumi itself never
/// uses.
#[test]
fn passphrases_and_older_formats_work_as_in_the_stock_tool() {
    let folder = tempfile::tempdir().unwrap();
    for (version, file) in [(4, "four.db"), (3, "three.db"), (2, "two.db"), (1, "one.db")] {
        let path = folder.path().join(file);
        for write in [true, false] {
            let connection = open(&path, "a passphrase").unwrap();
            connection.execute_batch(&format!("PRAGMA cipher_compatibility = {version}")).unwrap();
            if write {
                connection.execute_batch("CREATE TABLE t (n); INSERT INTO t VALUES (7)").unwrap();
            } else {
                assert_eq!(connection.query_row("SELECT n FROM t", [], |r| r.get::<_, i64>(0)).unwrap(), 7);
            }
        }
        assert!(open(&path, "another").unwrap().query_row("SELECT n FROM t", [], |_| Ok(())).is_err());
    }
}

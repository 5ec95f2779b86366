//! Compiles the SQLCipher amalgamation with the crypto provider of this crate and only the SQLite parts in use.

fn main() {
    let dir = sqlcipher_src::source_dir();
    let mut build = cc::Build::new();
    build.file(dir.join(sqlcipher_src::SOURCE_FILE)).include(dir).warnings(false);
    for define in [
        // SQLCipher itself
        "SQLITE_HAS_CODEC",
        "SQLCIPHER_OMIT_LOG",
        // What Ayumi uses
        "SQLITE_CORE",
        "SQLITE_ENABLE_FTS5",
        "SQLITE_ENABLE_API_ARMOR",
        "HAVE_USLEEP",
        "HAVE_ISNAN",
        "HAVE_LOCALTIME_R",
        // What it does not: less code on the phone, fewer doors
        "SQLITE_OMIT_LOAD_EXTENSION",
        "SQLITE_OMIT_DEPRECATED",
        "SQLITE_OMIT_SHARED_CACHE",
        "SQLITE_OMIT_TCL_VARIABLE",
        "SQLITE_OMIT_DECLTYPE",
        "SQLITE_OMIT_JSON",
        "SQLITE_OMIT_DATETIME_FUNCS",
        "SQLITE_OMIT_TRACE",
        "SQLITE_OMIT_GET_TABLE",
        "SQLITE_OMIT_COMPLETE",
        "SQLITE_LIKE_DOESNT_MATCH_BLOBS",
    ] {
        build.define(define, None);
    }
    for (define, value) in [
        ("SQLCIPHER_CRYPTO_CUSTOM", "ayumi_sqlcipher_provider_setup"),
        ("SQLITE_EXTRA_INIT", "sqlcipher_extra_init"),
        ("SQLITE_EXTRA_SHUTDOWN", "sqlcipher_extra_shutdown"),
        ("HAVE_STDINT_H", "1"),
        // Nothing decrypted may reach a temporary file.
        ("SQLITE_TEMP_STORE", "3"),
        ("SQLITE_THREADSAFE", "1"),
        ("SQLITE_DEFAULT_FOREIGN_KEYS", "1"),
        ("SQLITE_DQS", "0"),
        ("SQLITE_DEFAULT_MEMSTATUS", "0"),
        ("SQLITE_MAX_EXPR_DEPTH", "100"),
        ("SQLITE_TRUSTED_SCHEMA", "0"),
        // What every file of Ayumi uses, so that opening one need not say it: an exclusive lock, FULL durability, four
        // megabytes of cache, a log that is folded into the file from eight megabytes on (or when the file is closed)
        // and then cut back to four.
        ("SQLITE_DEFAULT_LOCKING_MODE", "1"),
        ("SQLITE_DEFAULT_SYNCHRONOUS", "2"),
        ("SQLITE_DEFAULT_WAL_SYNCHRONOUS", "2"),
        ("SQLITE_DEFAULT_CACHE_SIZE", "-4000"),
        ("SQLITE_DEFAULT_JOURNAL_SIZE_LIMIT", "4194304"),
        ("SQLITE_DEFAULT_WAL_AUTOCHECKPOINT", "4000"),
    ] {
        build.define(define, value);
    }
    build.compile("ayumi_sqlcipher");
    println!("cargo:rerun-if-changed=build.rs");
}

//! A handbook to import into, made once per process.

use std::sync::{Arc, OnceLock};

use ayumi_core::app::ports::{KeyVault, VaultError};
use ayumi_core::app::{Config, Handbook, NewChild};
use ayumi_core::crypto::FileKey;
use ayumi_core::model::NotebookId;
use ayumi_core::model::date::parse_date;

struct Key;

impl KeyVault for Key {
    fn load(&self) -> Result<Option<FileKey>, VaultError> {
        Ok(Some(FileKey::from_bytes([5; 32])))
    }

    fn keep(&self, _: FileKey) -> Result<(), VaultError> {
        Ok(())
    }
}

pub fn book() -> &'static (Handbook, NotebookId) {
    static BOOK: OnceLock<(Handbook, NotebookId)> = OnceLock::new();
    BOOK.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap().keep();
        let config = Config::new(folder, Arc::new(Key));
        let book = Handbook::create(&config, "x").unwrap();
        let child = NewChild { name: "x".into(), born: parse_date("2020-01-01").unwrap(), ..NewChild::default() };
        let id = book.notebooks().add_child(&child).unwrap();
        (book, id)
    })
}

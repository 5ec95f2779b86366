// The handbook that the examples in the documentation open: a scratch folder, a fixed key and day, one child of six
// months. Each example takes it in with hidden lines.

use ayumi_core::app::ports::{Clock, KeyVault, VaultError};
use ayumi_core::app::{Config, FileKey, Handbook, NewChild, NotebookId};
use ayumi_core::chrono::NaiveDate;
use std::sync::Arc;

struct FixedKey;

impl KeyVault for FixedKey {
    fn load(&self) -> Result<Option<FileKey>, VaultError> {
        Ok(Some(FileKey::from_bytes([1; 32])))
    }

    fn keep(&self, _: FileKey) -> Result<(), VaultError> {
        Ok(())
    }
}

/// The fifth of November 2024.
struct FixedDay;

impl Clock for FixedDay {
    fn now_ms(&self) -> u64 {
        1_730_775_600_000
    }

    fn today(&self) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 11, 5).unwrap()
    }
}

/// Makes the handbook, and the notebook of a child born on 3 May 2024.
fn handbook(folder: &std::path::Path) -> Result<(Handbook, NotebookId), Box<dyn std::error::Error>> {
    let config = Config { clock: Some(Arc::new(FixedDay)), ..Config::new(folder.to_owned(), Arc::new(FixedKey)) };
    let handbook = Handbook::create(&config, "母")?;
    let born = NaiveDate::from_ymd_opt(2024, 5, 3).ok_or("a day")?;
    let child = handbook.notebooks().add_child(&NewChild { name: "さくら".into(), born, ..NewChild::default() })?;
    Ok((handbook, child))
}

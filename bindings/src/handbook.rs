//! Opening and closing a handbook; one object per capability.
//!
//! ```
//! use std::sync::Arc;
//! use ayumi_core::app::ports::{KeyVault, VaultError};
//! use ayumi_core::app::{Config, Draft, NewChild};
//! use ayumi_core::crypto::FileKey;
//! use ayumi_ffi::handbook::Handbook;
//!
//! struct FixedKey; // on a phone: Keychain or Keystore
//! impl KeyVault for FixedKey {
//!     fn load(&self) -> Result<Option<FileKey>, VaultError> { Ok(Some(FileKey::from_bytes([1; 32]))) }
//!     fn keep(&self, _: FileKey) -> Result<(), VaultError> { Ok(()) }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let handbook = Handbook::create(Config::new(folder.path().to_owned(), Arc::new(FixedKey)), "母".into())?;
//! let child = handbook.notebooks().add_child(NewChild {
//!     name: "さくら".into(),
//!     born: "2024-05-03".parse()?,
//!     ..NewChild::default()
//! })?;
//! let fields = [("weight".to_owned(), "7350g".to_owned())].into();
//! handbook.entries().add(Draft {
//!     notebook: child,
//!     kind: "growth".into(),
//!     on: "2024-11-05".parse()?,
//!     fields,
//!     photos: Vec::new(),
//! })?;
//! assert_eq!(handbook.entries().shown(child, None)?[0].lines[0].text, "7.35 kg");
//! # Ok(())
//! # }
//! ```

use std::path::Path;
use std::sync::Arc;

use ayumi_core::app::doctor::{self, Checkup, Salvaged};
use ayumi_core::app::ports::ProgressListener;
use ayumi_core::app::{self, ChangeListener, Config, DeskView, KindForm, Observation};
use ayumi_core::model::{EntryId, NotebookId};

use crate::Result;
use crate::exchange::{Contents, Exchange};
use crate::insight::{Agenda, Checks, Growth, Vaccines};
use crate::quiet::calmly;
use crate::records::{Entries, Notebooks};
use crate::slot::Slot;
use crate::together::{Members, Sync};

/// A device's handbook (電子母子健康手帳): all notebooks that it holds, in one encrypted file.
///
/// Open it once and keep it while the app runs. Everything but sync works offline, returns at once, and is on the disk when the
/// call returns. Calls may come from any thread; a call takes some milliseconds at most, so lists and saves may run where the app
/// draws. `docs/integrate.md` has the same in Kotlin and Swift.
#[derive(uniffi::Object)]
pub struct Handbook {
    slot: Arc<Slot>,
}

#[uniffi::export]
impl Handbook {
    /// Makes this device's handbook. `carer` is how the person who keeps it is called in the family.
    ///
    /// Fails with `AlreadyThere` if there is one: open it. With `NoKey` if the vault cannot keep a key.
    #[uniffi::constructor]
    pub fn create(config: Config, carer: String) -> Result<Arc<Self>> {
        Self::made(|| app::Handbook::create(&config, &carer))
    }

    /// Opens this device's handbook.
    ///
    /// Fails with `NotFound` if there is none yet, `NoKey`, `WrongKey`, `Damaged` (offer `salvage`), `NewerFile` (offer the
    /// update), `InUse` (another process has it).
    #[uniffi::constructor]
    pub fn open(config: Config) -> Result<Arc<Self>> {
        Self::made(|| app::Handbook::open(&config))
    }

    /// Unpacks a file of `pack` on a device that has no handbook yet. All or nothing; the file stays as it is.
    ///
    /// Fails with `Invalid` for a code that does not open this file; `AlreadyThere`.
    #[uniffi::constructor]
    pub fn unpack(config: Config, from: String, code: String) -> Result<Arc<Self>> {
        Self::made(|| app::Handbook::unpack(&config, Path::new(&from), &code))
    }

    /// Pregnancies, children, the carer's own.
    pub fn notebooks(&self) -> Arc<Notebooks> {
        Arc::new(Notebooks { slot: self.slot.clone() })
    }

    /// What is written in them.
    pub fn entries(&self) -> Arc<Entries> {
        Arc::new(Entries { slot: self.slot.clone() })
    }

    /// Measurements on the curves.
    pub fn growth(&self) -> Arc<Growth> {
        Arc::new(Growth { slot: self.slot.clone() })
    }

    /// The self-check (できたね!チェック).
    pub fn checks(&self) -> Arc<Checks> {
        Arc::new(Checks { slot: self.slot.clone() })
    }

    /// Vaccinations.
    pub fn vaccines(&self) -> Arc<Vaccines> {
        Arc::new(Vaccines { slot: self.slot.clone() })
    }

    /// What comes next.
    pub fn agenda(&self) -> Arc<Agenda> {
        Arc::new(Agenda { slot: self.slot.clone() })
    }

    /// Files in and out.
    pub fn exchange(&self) -> Arc<Exchange> {
        Arc::new(Exchange { slot: self.slot.clone() })
    }

    /// Content packs of a municipality.
    pub fn contents(&self) -> Arc<Contents> {
        Arc::new(Contents { slot: self.slot.clone() })
    }

    /// The way to the municipality's server and back.
    pub fn sync(&self) -> Arc<Sync> {
        Arc::new(Sync { slot: self.slot.clone() })
    }

    /// Who else reads and writes.
    pub fn members(&self) -> Arc<Members> {
        Arc::new(Members { slot: self.slot.clone() })
    }

    /// The form: kinds of entries that a notebook has, their fields, options, ranges, all with labels.
    pub fn form(&self, notebook: NotebookId) -> Result<Vec<KindForm>> {
        self.slot.with("form", |book| book.form(notebook))
    }

    /// An entry as a form that is filled in: each answered field as it would be typed.
    pub fn filled_in(&self, entry: EntryId) -> Result<std::collections::HashMap<String, String>> {
        self.slot.with("filled_in", |book| book.filled_in(entry))
    }

    /// The desk for a topic (`development`, `pregnancy`), and who is there while it is closed.
    pub fn desk(&self, topic: String) -> Result<Option<DeskView>> {
        self.slot.with("desk", |book| book.desk(&topic))
    }

    /// Who keeps this handbook on this device.
    pub fn carer(&self) -> Result<String> {
        self.slot.with("carer", app::Handbook::carer)
    }

    /// Tells a listener everything once, at once, and from then on what may have changed, until the value that is returned goes.
    /// Kotlin has `changes` and `watch` as a `Flow`, Swift as an `AsyncStream`.
    pub fn observe(&self, listener: Arc<dyn ChangeListener>) -> Result<Arc<Observation>> {
        self.slot.with("observe", |book| Ok(Arc::new(book.observe(listener))))
    }

    /// Work for idle moments: brings the search index up to date. Returns how many entries were indexed.
    pub fn maintain(&self) -> Result<u64> {
        self.slot.with("maintain", |book| Ok(book.maintain()? as u64))
    }

    /// Looks at the whole file; repairs nothing. Damage is a finding, not an error.
    #[uniffi::method(default(progress = None))]
    pub fn check_file(&self, progress: Option<Arc<dyn ProgressListener>>) -> Result<Checkup> {
        self.slot.with("check_file", |book| {
            book.check(&mut |done, of| {
                if let Some(progress) = &progress {
                    progress.progress(done, of);
                }
            })
        })
    }

    /// Packs the whole handbook into one encrypted file for the device that takes this one's place. Returns the code that opens
    /// it, kept nowhere.
    ///
    /// Fails with `AlreadyThere` if there is a file at `to`.
    pub fn pack(&self, to: String) -> Result<String> {
        self.slot.with("pack", |book| book.pack(Path::new(&to)))
    }

    /// Closes the file, for every object that came from this one; a sync on its way is stopped first. Calls after it fail with
    /// `NotFound(Handbook)`. Not needed when an app ends: what was written is on the disk.
    pub fn finish(&self) {
        self.slot.close();
    }
}

impl Handbook {
    fn made(make: impl FnOnce() -> Result<app::Handbook>) -> Result<Arc<Self>> {
        calmly(|| Ok(Arc::new(Self { slot: Slot::new(make()?) })))
    }
}

/// Saves what can be read of a damaged handbook: the file is set aside whole, a new one takes its place. Call it after `Damaged`,
/// when the carer agreed. Nothing is moved before the new file is complete.
#[uniffi::export(default(progress = None))]
pub fn salvage(config: Config, progress: Option<Arc<dyn ProgressListener>>) -> Result<Salvaged> {
    calmly(|| {
        doctor::salvage(&config, &mut |done| {
            if let Some(progress) = &progress {
                progress.progress(done, 0);
            }
        })
    })
}

/// Version of this library.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

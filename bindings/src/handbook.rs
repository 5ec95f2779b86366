//! Opening and closing a handbook; one object per capability.
//!
//! ```
//! use std::sync::Arc;
//! use ayumi_core::app::ports::{KeyVault, VaultError};
//! use ayumi_core::app::{Config, Draft, FileKey, NewChild};
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
use ayumi_core::app::{self, ChangeListener, ChangeSubscription, Config, DeskView, EntryName, KindForm, NotebookId};
use ayumi_core::chrono::NaiveDate;

use crate::Result;
use crate::exchange::{Contents, Exchange};
use crate::insight::{Agenda, Checks, Growth, Vaccines};
use crate::municipal::{Guide, Municipality, Notices};
use crate::panic::catch_panic;
use crate::records::{Entries, Notebooks};
use crate::slot::Slot;
use crate::together::{Members, Sync};

/// A device's handbook (電子母子健康手帳): all notebooks that it holds, in one encrypted file.
///
/// Open it once and keep it while the app runs. Everything but sync works offline, returns at once, and is on the disk
/// when the call returns. Calls may come from any thread; a call takes some milliseconds at most, so lists and saves
/// may run where the app draws. `docs/integrate.md` has the same in Kotlin and Swift.
#[derive(uniffi::Object)]
pub struct Handbook {
    slot: Arc<Slot>,
}

#[uniffi::export]
impl Handbook {
    /// Creates this device's handbook. `carer` is what the family calls the carer who uses it (母).
    ///
    /// Fails with `AlreadyThere` if there is one: open it. With `NoKey` if the vault cannot keep a key.
    #[uniffi::constructor]
    pub fn create(config: Config, carer: String) -> Result<Arc<Self>> {
        Self::build(|| app::Handbook::create(&config, &carer))
    }

    /// Opens this device's handbook.
    ///
    /// Fails with `NotFound` if there is none yet, `NoKey`, `WrongKey`, `Damaged` (offer `salvage`), `NewerFile` (offer
    /// the update), `InUse` (another process has it).
    #[uniffi::constructor]
    pub fn open(config: Config) -> Result<Arc<Self>> {
        Self::build(|| app::Handbook::open(&config))
    }

    /// Unpacks a transfer file of `pack` on a device that has no handbook yet. All or nothing; the file stays as it is.
    ///
    /// Fails with `Invalid` for a code that does not open this file; `AlreadyThere`.
    #[uniffi::constructor]
    pub fn unpack(config: Config, from: String, code: String) -> Result<Arc<Self>> {
        Self::build(|| app::Moving::unpack(&config, Path::new(&from), &code))
    }

    /// Notebooks: pregnancies, children, the carer's own.
    pub fn notebooks(&self) -> Arc<Notebooks> {
        Arc::new(Notebooks { slot: self.slot.clone() })
    }

    /// Entries of the notebooks.
    pub fn entries(&self) -> Arc<Entries> {
        Arc::new(Entries { slot: self.slot.clone() })
    }

    /// Growth: measurements, charts.
    pub fn growth(&self) -> Arc<Growth> {
        Arc::new(Growth { slot: self.slot.clone() })
    }

    /// The self-check (できたね!チェック).
    pub fn checks(&self) -> Arc<Checks> {
        Arc::new(Checks { slot: self.slot.clone() })
    }

    /// Vaccinations (予防接種).
    pub fn vaccines(&self) -> Arc<Vaccines> {
        Arc::new(Vaccines { slot: self.slot.clone() })
    }

    /// The agenda: what comes next, in one list.
    pub fn agenda(&self) -> Arc<Agenda> {
        Arc::new(Agenda { slot: self.slot.clone() })
    }

    /// The guide to red flags: what to do now.
    pub fn guide(&self) -> Arc<Guide> {
        Arc::new(Guide { slot: self.slot.clone() })
    }

    /// The municipality whose feed is followed.
    pub fn municipality(&self) -> Arc<Municipality> {
        Arc::new(Municipality { slot: self.slot.clone() })
    }

    /// What the municipality tells this family.
    pub fn notices(&self) -> Arc<Notices> {
        Arc::new(Notices { slot: self.slot.clone() })
    }

    /// Export and import.
    pub fn exchange(&self) -> Arc<Exchange> {
        Arc::new(Exchange { slot: self.slot.clone() })
    }

    /// Content packs of a municipality.
    pub fn contents(&self) -> Arc<Contents> {
        Arc::new(Contents { slot: self.slot.clone() })
    }

    /// Sync with the municipality's server.
    pub fn sync(&self) -> Arc<Sync> {
        Arc::new(Sync { slot: self.slot.clone() })
    }

    /// Members of the notebooks.
    pub fn members(&self) -> Arc<Members> {
        Arc::new(Members { slot: self.slot.clone() })
    }

    /// Returns the kinds of entries that a notebook has, with their fields, options and ranges, all labelled.
    pub fn form(&self, notebook: NotebookId) -> Result<Vec<KindForm>> {
        self.slot.with("form", |handbook| handbook.form().kinds(notebook))
    }

    /// Returns the answered fields of an entry, each as it would be typed into the form.
    pub fn filled_in(&self, entry: EntryName) -> Result<std::collections::HashMap<String, String>> {
        self.slot.with("filled_in", |handbook| handbook.form().filled_in(entry))
    }

    /// Lists every desk, or those for a topic, the municipality's first.
    #[uniffi::method(default(topic = None))]
    pub fn desks(&self, topic: Option<String>) -> Result<Vec<DeskView>> {
        self.slot.with("desks", |handbook| handbook.desks().list(topic.as_deref()))
    }

    /// Returns the desk for a topic (`development`, `mind`, `night_illness`, …), with the desks to turn to while it is closed.
    pub fn desk(&self, topic: String) -> Result<Option<DeskView>> {
        self.slot.with("desk", |handbook| handbook.desks().find(&topic))
    }

    /// Returns the name of the carer who uses this device's handbook.
    pub fn carer(&self) -> Result<String> {
        self.slot.with("carer", app::Handbook::carer)
    }

    /// Returns today on the carer's own calendar: the day of what is written without one.
    pub fn today(&self) -> Result<NaiveDate> {
        self.slot.with("today", |handbook| Ok(handbook.today()))
    }

    /// Immediately notifies the listener of all topics, then of each change, until the returned value is dropped.
    ///
    /// Kotlin has `changes` and `watch` as a `Flow`, Swift as an `AsyncStream`.
    pub fn observe(&self, listener: Arc<dyn ChangeListener>) -> Result<Arc<ChangeSubscription>> {
        self.slot.with("observe", |handbook| Ok(Arc::new(handbook.observe(listener))))
    }

    /// Brings the search index up to date; call it in idle moments. Returns how many entries were indexed.
    pub fn maintain(&self) -> Result<u64> {
        self.slot.with("maintain", |handbook| Ok(handbook.maintain()? as u64))
    }

    /// Checks the whole file; repairs nothing. Damage is a finding, not an error.
    #[uniffi::method(default(progress = None))]
    pub fn check_file(&self, progress: Option<Arc<dyn ProgressListener>>) -> Result<Checkup> {
        self.slot.with("check_file", |handbook| {
            handbook.doctor().examine(&mut |done, of| {
                if let Some(progress) = &progress {
                    progress.progress(done, of);
                }
            })
        })
    }

    /// Packs the whole handbook into one encrypted transfer file for a new device. Returns the code that opens it; it
    /// is stored nowhere.
    ///
    /// Fails with `AlreadyThere` if there is a file at `to`.
    pub fn pack(&self, to: String) -> Result<String> {
        self.slot.with("pack", |handbook| handbook.moving().pack(Path::new(&to)))
    }

    /// Closes the file for every object that came from this one; a sync in progress is stopped first.
    ///
    /// Later calls fail with `NotFound(Handbook)`. Not needed when an app ends: every change is on the disk already.
    pub fn finish(&self) {
        self.slot.close();
    }
}

impl Handbook {
    fn build(make: impl FnOnce() -> Result<app::Handbook>) -> Result<Arc<Self>> {
        catch_panic(|| Ok(Arc::new(Self { slot: Slot::new(make()?) })))
    }
}

/// Saves the readable part of a damaged handbook: the file is set aside whole, a new one takes its place.
///
/// Call it after `Damaged`, when the carer agreed. Nothing is moved before the new file is complete.
#[uniffi::export(default(progress = None))]
pub fn salvage(config: Config, progress: Option<Arc<dyn ProgressListener>>) -> Result<Salvaged> {
    catch_panic(|| {
        doctor::salvage(&config, &mut |done| {
            if let Some(progress) = &progress {
                progress.progress(done, 0);
            }
        })
    })
}

/// Deletes this device's handbook for good: its file, and files that a repair set aside. Call it behind `Members.forget_me` and
/// `finish`.
///
/// Fails with `NotFound` if there is none; `InUse` while it is open.
#[uniffi::export]
pub fn delete_handbook(config: Config) -> Result<()> {
    catch_panic(|| app::Handbook::delete(&config))
}

/// Returns the version of this library.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

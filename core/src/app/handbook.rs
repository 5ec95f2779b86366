//! The handbook of a device: its file, its caches, its clock. Capabilities stand in the wings above it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ayumi_protocol::{EntryId, NotebookId};
use chrono::{NaiveDate, NaiveDateTime};
use uuid::Uuid;

use crate::app::adopt::adopt;
use crate::app::error::{Error, Result, Thing};
use crate::app::facts::Facts;
use crate::app::ids::IdSource;
use crate::app::observe::{ChangeListener, ChangeSubscription, Locked, Observers, Topic};
use crate::app::ports::{Clock, Connectivity, KeyVault, LogLevel, LogSink, SystemClock};
use crate::app::view::NotebookView;
use crate::content::Content;
use crate::crypto::FileKey;
use crate::model::field::{FieldDef, FieldType};
use crate::model::limits;
use crate::store::{Db, StoreError, open};
use crate::texts::Locale;

/// Where the handbook is and who helps it.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Config {
    /// The device's folder: the app's own, out of the reach of other apps and of backups in the clear.
    pub folder: PathBuf,
    /// Keeps the key.
    pub vault: Arc<dyn KeyVault>,
    /// Language of words.
    pub locale: Locale,
    /// Tells the time; without one the device's own clock.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub clock: Option<Arc<dyn Clock>>,
    /// Tells what network there is; without one it is tried.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub connectivity: Option<Arc<dyn Connectivity>>,
    /// Takes lines of the log; without one there is none.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub log: Option<Arc<dyn LogSink>>,
    /// A certificate (PEM) to trust besides the roots of the web, for a municipality's own.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub certificate: Option<Vec<u8>>,
}

impl Config {
    /// With the device's own clock, in Japanese.
    pub fn new(folder: PathBuf, vault: Arc<dyn KeyVault>) -> Self {
        Self { folder, vault, locale: Locale::Ja, clock: None, connectivity: None, log: None, certificate: None }
    }

    /// What tells the time.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_deref().unwrap_or(&SystemClock)
    }
}

/// A device's handbook: all notebooks that it holds.
///
/// ```
/// use std::sync::Arc;
/// use ayumi_core::app::{Config, Handbook, NewChild, NewEntry, ports::{KeyVault, VaultError}};
/// use ayumi_core::crypto::FileKey;
/// use ayumi_core::model::{date::parse_date, notebook::Sex};
///
/// struct FixedKey; // on a phone: Keychain or Keystore
/// impl KeyVault for FixedKey {
///     fn load(&self) -> Result<Option<FileKey>, VaultError> { Ok(Some(FileKey::from_bytes([1; 32]))) }
///     fn keep(&self, _: FileKey) -> Result<(), VaultError> { Ok(()) }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let config = Config::new(folder.path().to_owned(), Arc::new(FixedKey));
/// let handbook = Handbook::create(&config, "母")?;
/// let child = handbook.notebooks().add_child(&NewChild {
///     name: "さくら".into(),
///     sex: Sex::Female,
///     born: parse_date("令和6年5月3日").ok_or("date")?,
///     ..NewChild::default()
/// })?;
/// let id = handbook.entries().add(&NewEntry::typed(child, "growth", "2024-11-05", &[("weight", "7350g")])?)?;
/// assert_eq!(handbook.entries().show(id)?.fields["weight"], 7.35);
/// let curve = handbook.growth().measurements(child, Default::default())?;
/// assert!(curve[0].percentile.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Handbook {
    pub(in crate::app) inner: Arc<Inner>,
}

pub(in crate::app) struct Inner {
    db: Mutex<Db>,
    /// Cached notebook profiles: read with every entry, changed rarely.
    profiles: Mutex<BTreeMap<NotebookId, NotebookView>>,
    ids: Mutex<IdSource>,
    /// Read when first needed, so that opening stays fast.
    pub(in crate::app) content: Mutex<Option<Arc<Content>>>,
    /// Cached facts for the engines, each with the edition of the file that it was read at.
    pub(in crate::app) facts: Mutex<BTreeMap<NotebookId, (u64, Arc<Facts>)>>,
    /// One sync at a time.
    pub(in crate::app) syncing: AtomicBool,
    observers: Observers,
    pub(in crate::app) config: Config,
}

/// The vault's key, or a new one that it keeps.
pub(in crate::app) fn key_for_new_file(config: &Config) -> Result<FileKey> {
    if let Some(key) = config.vault.load()? {
        return Ok(key);
    }
    let key = FileKey::generate()?;
    config.vault.keep(key.clone())?;
    Ok(key)
}

/// Makes the device's folder. Where it cannot be, that is why: not that there is no handbook yet.
pub(in crate::app) fn make_folder(config: &Config) -> Result<()> {
    open::private_folder(&config.folder).map_err(|error| match StoreError::from(error) {
        StoreError::Missing => Error::NotFound { what: Thing::Folder },
        other => other.into(),
    })
}

impl Handbook {
    /// Makes this device's handbook.
    ///
    /// # Errors
    /// [`Error::AlreadyThere`], [`Error::NotFound`] if the folder cannot be made there, [`Error::NoKey`], [`Error::Io`],
    /// [`Error::DiskFull`].
    pub fn create(config: &Config, carer: &str) -> Result<Self> {
        let carer = FieldDef::new("carer", FieldType::Text(limits::SHORT_TEXT_CHARS)).read(carer)?;
        if open::file_path(&config.folder).metadata().is_ok_and(|file| file.len() > 0) {
            return Err(Error::AlreadyThere { what: Thing::Handbook });
        }
        make_folder(config)?;
        let key = key_for_new_file(config)?;
        let db = Db::create(&config.folder, &key, carer.as_str().unwrap_or_default())?;
        Ok(Self::with(db, config))
    }

    /// Opens this device's handbook. Where its folder cannot be written, it is read from a copy, and nothing can be written.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoKey`], [`Error::WrongKey`], [`Error::Damaged`], [`Error::NewerFile`],
    /// [`Error::InUse`].
    pub fn open(config: &Config) -> Result<Self> {
        // Missing, or out of reach: the operating system says which.
        open::file_path(&config.folder).metadata().map_err(|error| Error::from(StoreError::from(error)))?;
        let key = config.vault.load()?.ok_or(Error::NoKey)?;
        let started = std::time::Instant::now();
        let mut db = Db::open(&config.folder, &key)?;
        if !db.is_read_only() {
            adopt(&mut db, config.clock().now_ms())?;
        }
        let handbook = Self::with(db, config);
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        handbook.log(LogLevel::Info, "opened", &[("ms", ms)]);
        Ok(handbook)
    }

    /// Deletes this device's handbook: its file, and files that a repair set aside. Nothing brings it back but a server, other
    /// members or a transfer file. Close it before, and let the vault forget the key afterwards.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none; [`Error::InUse`] while it is open; [`Error::Io`]: try again.
    pub fn delete(config: &Config) -> Result<()> {
        if !open::file_path(&config.folder).exists() {
            return Err(Error::NotFound { what: Thing::Handbook });
        }
        Ok(open::delete(&config.folder)?)
    }

    pub(in crate::app) fn with(db: Db, config: &Config) -> Self {
        Self {
            inner: Arc::new(Inner {
                db: Mutex::new(db),
                profiles: Mutex::default(),
                ids: Mutex::default(),
                content: Mutex::default(),
                facts: Mutex::default(),
                syncing: AtomicBool::new(false),
                observers: Observers::default(),
                config: config.clone(),
            }),
        }
    }

    /// Work for idle moments: brings the search index up to date. Returns how many entries were indexed.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn maintain(&self) -> Result<usize> {
        Ok(self.db().index(true)?)
    }

    /// Who keeps this handbook on this device.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn carer(&self) -> Result<String> {
        Ok(self.db().carer()?)
    }

    /// The device's folder.
    pub fn folder(&self) -> &Path {
        &self.inner.config.folder
    }

    /// Today on the carer's own calendar: the day of what is written without one.
    pub fn today(&self) -> NaiveDate {
        self.clock().today()
    }

    /// Language of words.
    pub fn locale(&self) -> Locale {
        self.inner.config.locale
    }

    /// Locks the store. Observers are notified after the guard is dropped.
    pub(in crate::app) fn db(&self) -> Locked<'_> {
        // A panic elsewhere while the store was locked left a transaction that was rolled back: going on is safe.
        self.inner.observers.guard(self.inner.db.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Cached notebook profiles.
    pub(in crate::app) fn profiles(&self) -> MutexGuard<'_, BTreeMap<NotebookId, NotebookView>> {
        self.inner.profiles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::app) fn clock(&self) -> &dyn Clock {
        self.inner.config.clock()
    }

    /// A new UUIDv7 from the injected clock.
    pub(in crate::app) fn new_uuid(&self) -> Result<Uuid> {
        let mut ids = self.inner.ids.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ids.next(self.clock().now_ms())?)
    }

    pub(in crate::app) fn new_entry_id(&self) -> Result<EntryId> {
        Ok(EntryId::new(self.new_uuid()?))
    }

    /// Notifies a listener of all topics at once, then of each change, until the returned value is dropped.
    pub fn observe(&self, listener: Arc<dyn ChangeListener>) -> ChangeSubscription {
        self.inner.observers.add(listener)
    }

    pub(in crate::app) fn changed(&self, topics: &[Topic]) {
        self.inner.observers.notify(topics);
    }

    /// The carer's own day and time of day.
    pub(in crate::app) fn now(&self) -> NaiveDateTime {
        self.clock().here()
    }

    /// Day and time in Japan, for the hours of desks.
    pub(in crate::app) fn now_in_japan(&self) -> NaiveDateTime {
        self.clock().japan()
    }
}

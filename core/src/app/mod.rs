//! What a carer can do: the door for shells. The only module that sees the store and, later, sync.
//!
//! [`Handbook`] opens a device's file; one small object per capability does the work. Results are ready to show
//! (localised words, formatted numbers, chart series); shells hold no rules.
//!
//! | object | idea |
//! |---|---|
//! | [`Notebooks`] | pregnancy, child, private; birth, loss |
//! | [`Entries`] | add, edit, delete, undo, restore, list, search, photos |
//! | [`GrowthDoor`] | measurements on curves, charts |
//! | [`Checks`] | the self-check: questions, answers, what it shows, the desk |
//! | [`Vaccines`] | the next doses, visits, FHIR |
//! | [`Agenda`] | one list of what comes next, reminders |
//! | [`sync`] | sending and fetching, sealed end to end |
//! | [`Members`] | who reads and writes: invitations, roles, removal, recovery |
//! | [`Contents`] | a municipality's content |
//! | [`Export`], [`Import`] | JSON, CSV, printable HTML, SVG |
//! | [`doctor`] | what is wrong, and saving what can be read |

mod agenda;
pub mod chart_svg;
mod checks;
mod content;
mod desks;
pub mod doctor;
mod entries;
mod error;
mod export;
mod facts;
mod form;
mod growth;
mod ids;
mod import;
mod log;
mod members;
mod moving;
#[cfg(feature = "nearby")]
mod nearby;
mod notebooks;
mod observe;
pub mod ports;
pub mod steps_svg;
pub mod sync;
mod vaccines;
mod view;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ayumi_protocol::control::Role;
use ayumi_protocol::{EntryId, NotebookId};
use uuid::Uuid;

pub use agenda::{Agenda, AgendaItem, Reminder};
pub use checks::{CarerAnswer, CheckResult, CheckState, CheckView, Checks, Months, Question, ResultItem, TrendStep};
pub use content::{Contents, PackView, check_pack};
pub use desks::{DeskView, WayView};
pub use entries::{Draft, Entries, NewEntry, ShownEntry};
pub use error::{Error, Thing};
pub use export::Export;
pub use form::{FieldForm, KindForm, OptionForm};
pub use growth::{Chart, GrowthDoor, Measure, Measurement, Span};
pub use import::{CsvMapping, Import, ImportPlan, ImportRow, ImportSummary, Outcome, RowProblem};
pub use members::{Holding, MemberView, Members, NewInvitation, Recovery};
#[cfg(feature = "nearby")]
pub use nearby::Host;
pub use notebooks::{NewChild, NotebookView, Notebooks};
pub use observe::{ChangeListener, Observation, Topic};
use ports::{Clock, Connectivity, KeyVault, LogLevel, LogSink, SystemClock};
pub use vaccines::{DoseNumber, DoseView, Vaccines, VisitView, plan_for};
pub use view::{Conflict, ConflictValue, EntryView, ListFilter, VersionView, state_key};
pub use words::Line;

use crate::crypto::FileKey;
use crate::store::Db;
use crate::texts::Locale;

/// Result of the public door.
pub type Result<T> = std::result::Result<T, Error>;

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
    inner: Arc<Inner>,
}

struct Inner {
    db: Mutex<Db>,
    /// What is told of notebooks: asked with every entry, changed rarely.
    known: Mutex<BTreeMap<NotebookId, NotebookView>>,
    ids: Mutex<ids::IdSource>,
    /// Read when first needed, so that opening stays fast.
    content: Mutex<Option<Arc<crate::content::Content>>>,
    /// What engines ask of a notebook, until something is written.
    facts: Mutex<BTreeMap<NotebookId, (u64, Arc<facts::Facts>)>>,
    /// One sync at a time.
    syncing: std::sync::atomic::AtomicBool,
    observers: observe::Observers,
    config: Config,
}

/// The vault's key, or a new one that it keeps.
fn key_for_new_file(config: &Config) -> Result<FileKey> {
    if let Some(key) = config.vault.load()? {
        return Ok(key);
    }
    let key = FileKey::generate()?;
    config.vault.keep(key.clone())?;
    Ok(key)
}

impl Handbook {
    /// Makes this device's handbook.
    ///
    /// # Errors
    /// [`Error::AlreadyThere`], [`Error::NoKey`], [`Error::Io`], [`Error::DiskFull`].
    pub fn create(config: &Config, carer: &str) -> Result<Self> {
        let carer = crate::model::field::FieldDef {
            key: "carer",
            field_type: crate::model::field::FieldType::Text(crate::model::limits::SHORT_TEXT_CHARS),
        }
        .read(carer)?;
        if crate::store::open::file_path(&config.folder).metadata().is_ok_and(|file| file.len() > 0) {
            return Err(Error::AlreadyThere { what: Thing::Handbook });
        }
        std::fs::create_dir_all(&config.folder).map_err(|error| Error::from(crate::store::StoreError::from(error)))?;
        let key = key_for_new_file(config)?;
        let db = Db::create(&config.folder, &key, carer.as_str().unwrap_or_default())?;
        Ok(Self::with(db, config))
    }

    /// Opens this device's handbook.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoKey`], [`Error::WrongKey`], [`Error::Damaged`], [`Error::NewerFile`],
    /// [`Error::InUse`].
    pub fn open(config: &Config) -> Result<Self> {
        if !crate::store::open::file_path(&config.folder).exists() {
            return Err(Error::NotFound { what: Thing::Handbook });
        }
        let key = config.vault.load()?.ok_or(Error::NoKey)?;
        let started = std::time::Instant::now();
        let book = Self::with(Db::open(&config.folder, &key)?, config);
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        book.log(LogLevel::Info, "opened", &[("ms", ms)]);
        Ok(book)
    }

    fn with(db: Db, config: &Config) -> Self {
        Self {
            inner: Arc::new(Inner {
                db: Mutex::new(db),
                known: Mutex::default(),
                ids: Mutex::default(),
                content: Mutex::default(),
                facts: Mutex::default(),
                syncing: std::sync::atomic::AtomicBool::new(false),
                observers: observe::Observers::default(),
                config: config.clone(),
            }),
        }
    }

    /// Notebooks.
    pub fn notebooks(&self) -> Notebooks {
        Notebooks { book: self.clone() }
    }

    /// Entries.
    pub fn entries(&self) -> Entries {
        Entries { book: self.clone() }
    }

    /// Growth.
    pub fn growth(&self) -> GrowthDoor {
        GrowthDoor { book: self.clone() }
    }

    /// The self-check.
    pub fn checks(&self) -> Checks {
        Checks { book: self.clone() }
    }

    /// Vaccinations.
    pub fn vaccines(&self) -> Vaccines {
        Vaccines { book: self.clone() }
    }

    /// What comes next.
    pub fn agenda(&self) -> Agenda {
        Agenda { book: self.clone() }
    }

    /// Content packs.
    pub fn contents(&self) -> Contents {
        Contents { book: self.clone() }
    }

    /// Export.
    pub fn export(&self) -> Export {
        Export { book: self.clone() }
    }

    /// Import.
    pub fn import(&self) -> Import {
        Import { book: self.clone() }
    }

    /// Sync with the municipality's server.
    pub fn sync(&self) -> sync::Sync {
        sync::Sync { book: self.clone() }
    }

    /// Who else reads and writes.
    pub fn members(&self) -> Members {
        Members { book: self.clone() }
    }

    /// Work for idle moments: brings the search index up to date. Returns how many entries were indexed.
    ///
    /// # Errors
    /// Those of the file.
    pub fn maintain(&self) -> Result<usize> {
        Ok(self.db().index(true)?)
    }

    /// Who keeps this handbook on this device.
    ///
    /// # Errors
    /// Those of the file.
    pub fn carer(&self) -> Result<String> {
        Ok(self.db().carer()?)
    }

    /// The device's folder.
    pub fn folder(&self) -> &Path {
        &self.inner.config.folder
    }

    /// Language of words.
    pub fn locale(&self) -> Locale {
        self.inner.config.locale
    }

    /// The file. Whoever observes is told what was written once it is let go of.
    fn db(&self) -> observe::Locked<'_> {
        self.inner.lock()
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<NotebookId, NotebookView>> {
        self.inner.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this device may do in a notebook; `None` once it is no member any more.
    fn role(&self, notebook: NotebookId) -> Result<Option<Role>> {
        let db = self.db();
        let Some(channel) = crate::store::channel::find(db.reader(), notebook)? else {
            return Ok(Some(ayumi_protocol::control::Role::Owner));
        };
        let role = sync::role_in(&sync::load(db.reader(), &channel)?);
        Ok(role.filter(|_| !channel.removed))
    }

    /// Whether this device may write in a notebook. What a reader wrote would be refused by everybody else: better said at once.
    fn check_may_write(&self, view: &NotebookView) -> Result<()> {
        let allowed = view.role.is_some_and(|role| role >= Role::Writer);
        let why = crate::model::Invalid::new(
            "notebook",
            view.role.map_or("none", Role::key),
            "a notebook in which you may write",
        );
        if allowed { Ok(()) } else { Err(why.into()) }
    }

    fn clock(&self) -> &dyn Clock {
        self.inner.config.clock()
    }

    /// A new UUIDv7 from the injected clock.
    fn new_uuid(&self) -> Result<Uuid> {
        let mut ids = self.inner.ids.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ids.next(self.clock().now_ms())?)
    }

    fn new_entry_id(&self) -> Result<EntryId> {
        Ok(EntryId::new(self.new_uuid()?))
    }

    fn new_notebook_id(&self) -> Result<NotebookId> {
        Ok(NotebookId::new(self.new_uuid()?))
    }
}

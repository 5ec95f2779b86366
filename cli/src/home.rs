//! Where the handbook lies and where its key comes from: `AYUMI_KEY`, else the operating system's key store, else a
//! file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ayumi_core::app::ports::{Clock, KeyVault, SystemClock, VaultError};
use ayumi_core::app::{Config, Error, FileKey, Handbook, Locale, Thing};
use chrono::NaiveDate;
use etcetera::BaseStrategy;
use zeroize::Zeroizing;

use crate::args::GlobalArgs;
use crate::output::{Failure, for_owner_only, hint, read_file};
use crate::words::said;

const SERVICE: &str = "ayumi";
/// Holds the name under which the key store keeps the key; the name is no secret.
const NAME_FILE: &str = "keyring";
const KEY_FILE: &str = "key";

/// The folder of this device's handbook.
pub(crate) fn folder(args: &GlobalArgs) -> Result<PathBuf, Failure> {
    if let Some(home) = &args.home {
        return Ok(home.clone());
    }
    let base = etcetera::choose_base_strategy();
    base.map(|base| base.data_dir().join("ayumi"))
        .map_err(|_| Failure::Input("no home folder; give one with --home DIR".into()))
}

/// What the core needs to open the handbook of this command.
pub(crate) fn config(args: &GlobalArgs) -> Result<Config, Failure> {
    config_in(folder(args)?, args.today, args.locale)
}

/// The same for a folder and a day of its own.
pub(crate) fn config_in(folder: PathBuf, today: Option<NaiveDate>, locale: Locale) -> Result<Config, Failure> {
    let vault: Arc<dyn KeyVault> = match std::env::var("AYUMI_KEY") {
        Ok(text) => {
            let text = Zeroizing::new(text);
            let key = FileKey::from_hex(&text)
                .ok_or_else(|| Failure::Input("AYUMI_KEY does not fit; allowed: 64 hex digits".into()))?;
            Arc::new(GivenKey(key))
        }
        Err(_) => Arc::new(FolderKey(folder.clone(), locale)),
    };
    let clock = today.map(|today| -> Arc<dyn Clock> { Arc::new(FixedDay(today)) });
    Ok(Config { locale, clock, ..Config::new(folder, vault) })
}

/// How often a handbook that another command has open is tried. Opening waits a tenth of a second for it each time: six
/// seconds in all.
const TRIES: u32 = 60;

/// Opens the handbook of this command. Waits a moment for another command of the same device.
pub(crate) fn open(args: &GlobalArgs) -> Result<Handbook, Failure> {
    Ok(open_with(&config(args)?)?)
}

/// The same with the certificate that `AYUMI_CA` names, for what fetches a municipality's feed.
pub(crate) fn open_reading(args: &GlobalArgs) -> Result<Handbook, Failure> {
    let certificate = std::env::var_os("AYUMI_CA").map(|path| read_file(Path::new(&path))).transpose()?;
    Ok(open_with(&Config { certificate, ..config(args)? })?)
}

/// The same with what the core needs.
pub(crate) fn open_with(config: &Config) -> Result<Handbook, Error> {
    for _ in 1..TRIES {
        match Handbook::open(config) {
            Err(Error::InUse) => {}
            other => return other,
        }
    }
    Handbook::open(config)
}

/// Why a handbook cannot be made in a folder, if the folder is why: the core says only that it could not be read or written.
pub(crate) fn why_not(config: &Config, error: Error) -> Failure {
    let about_folder = matches!(error, Error::Io | Error::NotFound { what: Thing::Handbook | Thing::Folder });
    let made = std::fs::DirBuilder::new().recursive(true).create(&config.folder);
    match made {
        Err(reason) if about_folder => Failure::File(config.folder.display().to_string(), reason.kind()),
        _ => error.into(),
    }
}

/// `--today`: another calendar day; stamps keep following the real clock.
struct FixedDay(NaiveDate);

impl Clock for FixedDay {
    fn now_ms(&self) -> u64 {
        SystemClock.now_ms()
    }

    fn today(&self) -> NaiveDate {
        self.0
    }
}

/// From `AYUMI_KEY`.
struct GivenKey(FileKey);

impl KeyVault for GivenKey {
    fn load(&self) -> Result<Option<FileKey>, VaultError> {
        Ok(Some(self.0.clone()))
    }

    fn keep(&self, _: FileKey) -> Result<(), VaultError> {
        Ok(())
    }
}

/// From the operating system's key store, or the file beside the handbook where there is none.
struct FolderKey(PathBuf, Locale);

impl KeyVault for FolderKey {
    fn load(&self) -> Result<Option<FileKey>, VaultError> {
        if let Ok(name) = std::fs::read_to_string(self.0.join(NAME_FILE)) {
            let entry = keyring::Entry::new(SERVICE, name.trim()).map_err(|_| VaultError::Unavailable)?;
            let text = Zeroizing::new(entry.get_password().map_err(|_| VaultError::Unavailable)?);
            return FileKey::from_hex(&text).map(Some).ok_or(VaultError::Unavailable);
        }
        match std::fs::read_to_string(self.0.join(KEY_FILE)) {
            Ok(text) => FileKey::from_hex(&Zeroizing::new(text)).map(Some).ok_or(VaultError::Unavailable),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(VaultError::Unavailable),
        }
    }

    fn keep(&self, key: FileKey) -> Result<(), VaultError> {
        if let Some(name) = keep_in_system(&key) {
            return std::fs::write(self.0.join(NAME_FILE), name).map_err(|_| VaultError::Unavailable);
        }
        write_key(&self.0.join(KEY_FILE), &key).map_err(|_| VaultError::Unavailable)?;
        let words = "this computer has no key store that can be used. The key lies in the handbook's folder \
                     (file \"key\"): whoever copies the folder can read the handbook. Set AYUMI_KEY to keep it elsewhere.";
        hint(&format!("ayumi: {}: {}", said(self.1, "warning"), said(self.1, words)));
        Ok(())
    }
}

/// Deletes the key of a handbook that is gone, wherever this shell kept it.
pub(crate) fn forget_key(args: &GlobalArgs) -> Result<(), Failure> {
    let folder = folder(args)?;
    if let Ok(name) = std::fs::read_to_string(folder.join(NAME_FILE)) {
        // One that the key store has no more is gone already.
        let _ = keyring::Entry::new(SERVICE, name.trim()).and_then(|entry| entry.delete_credential());
    }
    for name in [NAME_FILE, KEY_FILE] {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::File(folder.join(name).display().to_string(), error.kind()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Keeps the key in the operating system's store and reads it back; the name it has there, or `None` if that failed.
fn keep_in_system(key: &FileKey) -> Option<String> {
    let random: [u8; 8] = ayumi_core::app::random().ok()?;
    let name = format!("handbook-{:016x}", u64::from_be_bytes(random));
    let entry = keyring::Entry::new(SERVICE, &name).ok()?;
    entry.set_password(&key.to_hex()).ok()?;
    let back = Zeroizing::new(entry.get_password().ok()?);
    (FileKey::from_hex(&back)? == *key).then_some(name)
}

/// Writes the key so that only the owner can read it, and so that it is there after a power cut.
fn write_key(path: &Path, key: &FileKey) -> std::io::Result<()> {
    let mut file = for_owner_only(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(key.to_hex().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

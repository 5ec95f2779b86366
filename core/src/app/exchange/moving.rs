//! Moving: everything in one encrypted file, without any server.

use std::path::Path;

use crate::app::adopt::adopt;
use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::{Config, Handbook, key_for_new_file, make_folder};
use crate::app::judging::judge_file;
use crate::model::{Invalid, Reason};
use crate::store::is_own_file;
use crate::store::moving::unpack;
use crate::store::open;
use crate::store::{Db, StoreError};
use crate::sync::code::MovingCode;

/// Moves the whole handbook to another device in one transfer file.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// let file = folder.path().join("transfer.ayumi");
/// let code = handbook.moving().pack(&file)?; // read it out, or write it down: it is kept nowhere
/// assert!(file.exists() && code.starts_with("M-"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Moving {
    pub(in crate::app) handbook: Handbook,
}

impl Moving {
    /// Packs the whole handbook into one encrypted file: every notebook with its history and photos, its place among
    /// the members, settings, what waits to be sent. Returns the code that opens it; it is kept nowhere.
    ///
    /// The file is for the device that takes this one's place: with its first sync it takes new keys there, and this one is told
    /// so with its next sync and sends nothing more. A second device comes in by an invitation instead.
    ///
    /// # Errors
    /// [`Error::AlreadyThere`] if there is a file at `to`, or the name is the handbook's own; [`Error::DiskFull`], [`Error::Io`]: nothing is left behind.
    pub fn pack(&self, to: &Path) -> Result<String> {
        if is_own_file(self.handbook.folder(), to) {
            return Err(Error::AlreadyThere { what: Thing::File });
        }
        let code = MovingCode::generate()?;
        match self.handbook.db().pack(to, &code.key()) {
            Ok(()) => Ok(code.to_text()),
            Err(StoreError::Exists) => Err(Error::AlreadyThere { what: Thing::File }),
            Err(StoreError::Missing) => Err(Error::NotFound { what: Thing::Folder }),
            Err(error) => Err(error.into()),
        }
    }

    /// Unpacks a file of [`Moving::pack`] on a device that has no handbook yet. All or nothing; the file stays as it
    /// is.
    ///
    /// # Errors
    /// [`Error::AlreadyThere`] if this device has a handbook; [`Error::Invalid`] for a code that does not open this
    /// file; [`Error::NotFound`]; [`Error::Damaged`]; [`Error::NewerFile`]; [`Error::NoKey`]; [`Error::DiskFull`].
    pub fn unpack(config: &Config, from: &Path, code: &str) -> Result<Handbook> {
        let wrong = || {
            Invalid::new("code", "this code", "the code that was shown when this file was made")
                .because(Reason::NotACode)
        };
        let code = MovingCode::from_text(code).map_err(|_| wrong())?;
        if !from.exists() {
            return Err(Error::NotFound { what: Thing::File });
        }
        if open::file_path(&config.folder).metadata().is_ok_and(|file| file.len() > 0) {
            return Err(Error::AlreadyThere { what: Thing::Handbook });
        }
        // The key may be kept in the folder.
        make_folder(config)?;
        let key = key_for_new_file(config)?;
        match unpack(from, &code.key(), &config.folder, &key) {
            Ok(()) => {
                let mut db = Db::open(&config.folder, &key)?;
                adopt(&mut db, config.clock().now_ms())?;
                // Whoever made the file: what it brings is judged like what comes by sync.
                judge_file(&mut db)?;
                Ok(Handbook::with(db, config))
            }
            Err(StoreError::WrongKey) => Err(wrong().into()),
            Err(error) => Err(error.into()),
        }
    }
}

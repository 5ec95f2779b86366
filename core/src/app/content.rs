//! Content of this device: ours, and a municipality's pack on top.

use std::sync::{Arc, PoisonError};

use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::Handbook;
use crate::app::pinned::keep_named;
use crate::content::pack::{Pack, PackProblem};
use crate::content::signature::PublisherKey;
use crate::content::{Content, feed, in_locale, read_pack};
use crate::model::{Invalid, Reason};
use crate::store::packs::{self, StoredPack};
use crate::store::{Db, municipality};
use crate::sync::pins::Fingerprint;

/// Content packs of a handbook.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// assert!(handbook.contents().list()?.is_empty(), "none is installed; ours is always there");
/// assert!(handbook.contents().install("no pack").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Contents {
    pub(super) handbook: Handbook,
}

/// A pack that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PackView {
    /// Stable key, the same in every language.
    pub id: String,
    /// Its edition.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// Whether this version of the app can use it.
    pub usable: bool,
}

/// Checks a pack without a handbook: every problem, with its place, or its name.
///
/// ```
/// let problems = ayumi_core::app::check_pack("format = 1\n[pack]\nid = \"jp.012345\"\nversion = 1\nname = [\"\", \"\", \"\"]");
/// assert!(problems.unwrap_err()[0].to_string().contains("日本語 is empty"));
/// ```
///
/// # Errors
/// The problems.
pub fn check_pack(text: &str) -> std::result::Result<Pack, Vec<PackProblem>> {
    read_pack(text)
}

impl Contents {
    /// Installs a file that the carer chose, in place of the municipality that was there.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the first problem of the file, or if a newer edition is there.
    pub fn install(&self, text: &str) -> Result<PackView> {
        self.put(text, false)
    }

    fn put(&self, text: &str, signed: bool) -> Result<PackView> {
        let pack = read_pack(text).map_err(|problems| {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            let more = problems.len().saturating_sub(1);
            let more =
                if more > 0 { format!(" ({more} more; \"ayumi content check\" lists them)") } else { String::new() };
            Invalid::new("content", "this file", format!("a content pack; {first}{more}")).because(Reason::NotAPack)
        })?;
        let kept = StoredPack { id: pack.pack.id.clone(), version: pack.pack.version, body: text.to_owned() };
        let mut db = self.handbook.db();
        if let Some(there) = packs::version(db.reader(), &kept.id)?.filter(|there| *there > kept.version) {
            return Err(Invalid::new("version", &kept.version.to_string(), format!("{there} or newer"))
                .because(Reason::NotAPack)
                .into());
        }
        // Only what the municipality signed says which server is believed.
        let named = pack.pack.server.as_ref().filter(|_| signed);
        let named = named.and_then(|server| Some((server.address.as_str(), Fingerprint::from_letters(&server.key)?)));
        db.write(|tx| {
            packs::put(tx, &kept)?;
            keep_named(tx, named)
        })?;
        drop(db);
        self.handbook.forget_content();
        let name = in_locale(&pack.pack.name, self.handbook.locale()).to_owned();
        Ok(PackView { id: kept.id, version: kept.version, name, usable: true })
    }

    /// Installs what came over a network: only with the publisher's signature.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the signature does not fit; as [`Self::install`].
    pub fn install_signed(&self, text: &str, signature: &[u8], publisher: &PublisherKey) -> Result<PackView> {
        publisher.check(text.as_bytes(), signature).map_err(|_| {
            Invalid::new("content", "this file", "a pack signed by the municipality's own key")
                .because(Reason::NotAPack)
        })?;
        self.put(text, true)
    }

    /// What is installed.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn list(&self) -> Result<Vec<PackView>> {
        let kept = packs::all(self.handbook.db().reader())?;
        let view = |kept: StoredPack| {
            let pack = read_pack(&kept.body).ok();
            let name = pack.as_ref().map(|pack| in_locale(&pack.pack.name, self.handbook.locale()).to_owned());
            PackView { usable: pack.is_some(), name: name.unwrap_or_default(), id: kept.id, version: kept.version }
        };
        Ok(kept.into_iter().map(view).collect())
    }

    /// Takes a pack away.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn remove(&self, id: &str) -> Result<()> {
        let there = self.handbook.db().write(|tx| {
            keep_named(tx, None)?;
            packs::remove(tx, id)
        })?;
        self.handbook.forget_content();
        if there { Ok(()) } else { Err(Error::NotFound { what: Thing::ContentPack }) }
    }
}

impl Handbook {
    /// Content, read when first needed. A pack that cannot be used any more (after an update, say) is left aside: ours
    /// stands alone then.
    pub(super) fn content(&self) -> Result<Arc<Content>> {
        let mut kept = self.inner.content.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = &*kept {
            return Ok(content.clone());
        }
        let fed = fed(&self.db())?;
        let municipal = match fed {
            Some(pack) => Some(pack),
            None => packs::all(self.db().reader())?.into_iter().find_map(|kept| read_pack(&kept.body).ok()),
        };
        let content = Arc::new(Content::with(municipal));
        *kept = Some(content.clone());
        Ok(content)
    }

    /// What was read of content is read again.
    pub(super) fn forget_content(&self) {
        *self.inner.content.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What the municipality that is followed publishes: it stands before a file that was installed by hand.
fn fed(db: &Db) -> Result<Option<Pack>> {
    let follows = municipality::find(db.reader())?.is_some_and(|kept| kept.follows);
    let files = if follows { municipality::files(db.reader())? } else { Vec::new() };
    Ok(feed::packs::together(files.iter().map(|file| (file.path.as_str(), file.body.as_slice()))))
}

//! What is answered of a feed: read once, verified, kept in memory, and read again when its folder changed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ayumi_protocol::Hex;

use super::folder::{Folder, Published};

/// How often the folder is looked at, however often somebody asks.
const LOOKED_EVERY: Duration = Duration::from_secs(1);

/// An edition as it is answered: the same bytes for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// The manifest.
    pub manifest: Vec<u8>,
    /// Its hash in quotation marks.
    pub etag: String,
    /// The root statements.
    pub roots: Vec<u8>,
    /// Files by their hash in hex digits, those of the edition before too.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Edition {
    fn of(published: Published) -> Self {
        Self {
            etag: format!("\"{}\"", Hex(published.signed.hash())),
            manifest: published.signed.to_bytes(),
            roots: published.roots,
            files: published.files.into_iter().map(|(hash, body)| (hash.to_string(), body)).collect(),
        }
    }
}

/// What the folder was like when it was read.
type Mark = Option<(SystemTime, u64)>;

#[derive(Debug, Default)]
struct State {
    edition: Option<Arc<Edition>>,
    mark: Mark,
    looked: Option<Instant>,
}

/// A feed that is answered from memory.
#[derive(Debug)]
pub struct Served {
    folder: Folder,
    state: Mutex<State>,
}

impl Served {
    /// Serves the feed of a folder, also one that is published later.
    pub fn from(folder: PathBuf) -> Self {
        Self { folder: Folder::at(folder), state: Mutex::default() }
    }

    fn mark(&self) -> Mark {
        let file = self.folder.path().join("manifest").metadata().ok()?;
        Some((file.modified().ok()?, file.len()))
    }

    /// Returns the edition that is published now. An edition that no phone would take is not served: the one before stays.
    pub fn now(&self) -> Option<Arc<Edition>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.is_some_and(|looked| looked.elapsed() < LOOKED_EVERY) {
            return state.edition.clone();
        }
        state.looked = Some(Instant::now());
        let mark = self.mark();
        if mark != state.mark {
            match self.folder.published() {
                Ok(published) => {
                    state.edition = published.map(|published| Arc::new(Edition::of(published)));
                    state.mark = mark;
                }
                Err(error) => tracing::warn!(%error, "the feed's folder holds what cannot be served"),
            }
        }
        state.edition.clone()
    }
}

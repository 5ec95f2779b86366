//! Asks a municipality's feed, text by text, and counts what came.

use ayumi_protocol::municipal::feed::limits::{ROOT_BYTES, ROOTS};
use ayumi_protocol::municipal::feed::{ClientVersion, FeedFile};

use crate::app::error::{Error, Result};
use crate::store::municipality::StoredFile;
use crate::sync::feed::{Fetch, Fetched};

/// The paths of a feed; a file is `/feed/HASH`.
pub(super) const MANIFEST: &str = "/feed/manifest";
const ROOT_STATEMENTS: &str = "/feed/roots";
const OK: u16 = 200;
pub(super) const NOT_MODIFIED: u16 = 304;

/// The client's version, as manifests name the oldest one.
pub(super) fn own_version() -> ClientVersion {
    env!("CARGO_PKG_VERSION").parse().unwrap_or(ClientVersion(0, 0, 0))
}

/// Asks a feed, and counts what came.
pub(super) struct Asking<'a> {
    feed: &'a dyn Fetch,
    pub(super) bytes: u64,
    /// The server's time, as the last reply bore it.
    pub(super) date: Option<u64>,
}

impl<'a> Asking<'a> {
    pub(super) const fn new(feed: &'a dyn Fetch) -> Self {
        Self { feed, bytes: 0, date: None }
    }

    pub(super) async fn ask(&mut self, path: &str, validator: Option<&str>, longest: usize) -> Result<Fetched> {
        let fetched = self.feed.fetch(path, validator, longest).await.map_err(|_| Error::Offline)?;
        self.bytes += fetched.body.len() as u64;
        self.date = fetched.date.or(self.date);
        match fetched.status {
            OK | NOT_MODIFIED => Ok(fetched),
            _ => Err(Error::Offline),
        }
    }

    pub(super) async fn roots(&mut self) -> Result<Vec<u8>> {
        Ok(self.ask(ROOT_STATEMENTS, None, ROOT_BYTES * ROOTS).await?.body)
    }

    /// Fetches the files of an edition in its order, those that are here already from here. Where one cannot be had, those
    /// behind it are not asked for.
    pub(super) async fn files(&mut self, files: &[FeedFile], here: &[StoredFile]) -> Vec<Vec<u8>> {
        let mut served = Vec::new();
        for file in files {
            let known = here.iter().find(|known| known.hash == file.hash.0);
            let bytes = match known {
                Some(known) => known.body.clone(),
                None => {
                    let longest = usize::try_from(file.length).unwrap_or(usize::MAX);
                    match self.ask(&format!("/feed/{}", file.hash), None, longest).await {
                        Ok(fetched) => fetched.body,
                        Err(_) => break,
                    }
                }
            };
            let good = file.verify(&bytes).is_ok();
            served.push(bytes);
            if !good {
                break;
            }
        }
        served
    }
}

//! One look at a municipality's feed: fetch, judge, take an edition whole or not at all.

use ayumi_protocol::municipal::feed::limits::MANIFEST_BYTES;
use ayumi_protocol::municipal::feed::{FeedFile, FeedRefusal};

use super::asking::{Asking, MANIFEST, NOT_MODIFIED, own_version};
use super::kept::{Kept, find, nobody, written};
use super::municipality::Municipality;
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::pinned::keep_named;
use crate::content::feed::check::{Came, Next, Step, check};
use crate::content::feed::outcome::{Outcome, reason_words};
use crate::content::feed::packs;
use crate::content::feed::take::take;
use crate::store::municipality::{self as store, StoredFile, StoredMunicipality};
use crate::store::{StoreError, Tx};
use crate::sync::feed::Fetch;
use crate::sync::pins::Fingerprint;
use crate::texts::{self, long_date};

/// What became of a look at the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct FeedReport {
    /// `unchanged`, `updated`, `stale` or `refused`.
    pub outcome: String,
    /// Why, if it is stale or refused: a key of the table of refusals.
    pub reason: Option<String>,
    /// What to tell a carer, in sentences.
    pub words: Vec<String>,
    /// When the server answered, in milliseconds since 1970.
    pub checked_at: u64,
    /// Whether what is shown was compared with nothing earlier.
    pub never_compared: bool,
    /// Bytes of all bodies that were fetched.
    pub bytes: u64,
}

/// What a look leaves behind.
struct Looked {
    kept: Kept,
    outcome: Outcome,
    told: Option<FeedRefusal>,
    /// The files of a new edition.
    files: Option<Vec<StoredFile>>,
}

impl Municipality {
    /// Looks at the feed of the municipality that is followed, and takes a newer edition whole or not at all. Whatever is
    /// refused, what was shown goes on being shown.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`] if none is followed; [`crate::app::Error::Offline`] if its server does not answer; any [store
    /// error](crate::app::Error#store-errors).
    pub async fn check(&self, feed: &dyn Fetch) -> Result<FeedReport> {
        let before = self.followed(feed).await?;
        let mut asking = Asking::new(feed);
        let looked = self.look(before.clone(), &mut asking).await?;
        self.write(&before, &looked)?;
        Ok(self.report(&looked, asking.bytes))
    }

    /// The municipality that is followed; met again by what outlived a damaged file, if that is all there is.
    async fn followed(&self, feed: &dyn Fetch) -> Result<Kept> {
        match self.handbook.kept()? {
            Some(kept) if kept.stored.follows => Ok(kept),
            Some(_) => Err(nobody()),
            None => self.met_again(feed).await,
        }
    }

    async fn look(&self, before: Kept, asking: &mut Asking<'_>) -> Result<Looked> {
        let validator = before.pinned.validator();
        let came = asking.ask(MANIFEST, validator.as_deref(), MANIFEST_BYTES).await?;
        let clock = self.handbook.feed_clock(asking.date);
        let judged = match came.status {
            NOT_MODIFIED => Came::NotModified,
            _ => Came::Manifest(&came.body),
        };
        let mut step = check(&before.pinned, judged, None, clock);
        if step.next == Next::NeedsRoots {
            let roots = asking.roots().await?;
            step = check(&before.pinned, judged, Some(&roots), clock);
        }
        let Step { mut pinned, told, next } = step;
        let (outcome, files) = match next {
            Next::Ends(outcome) => (outcome, None),
            // Asked with the statements, it does not ask for them again.
            Next::NeedsRoots => (Outcome::Refused { reason: FeedRefusal::SkippedRoot }, None),
            Next::NeedsFiles(candidate) => {
                let here = store::files(self.handbook.db().reader())?;
                let named = candidate.files().to_vec();
                let served = asking.files(&named, &here).await;
                let (outcome, _) = take(&mut pinned, candidate, &served, own_version());
                let stored =
                    |(file, body): (FeedFile, Vec<u8>)| StoredFile { path: file.path, hash: file.hash.0, body };
                let files = named.into_iter().zip(served).map(stored).collect();
                (outcome, (outcome == Outcome::Updated).then_some(files))
            }
        };
        let mut kept = Kept { pinned, ..before };
        kept.stored.checked = Some(self.handbook.clock().now_ms());
        kept.stored.outcome = Some(written(outcome));
        Ok(Looked { kept, outcome, told, files })
    }

    /// Writes what a look brought, unless another one did meanwhile, or the municipality was left.
    fn write(&self, before: &Kept, looked: &Looked) -> Result<()> {
        let mut db = self.handbook.db();
        let Some(now) = find(db.reader())? else { return Ok(()) };
        if now.pinned != before.pinned || now.stored.address != before.stored.address {
            return Ok(());
        }
        // What the carer chose meanwhile stays chosen.
        let Kept { stored, pinned } = looked.kept.clone();
        let stored = StoredMunicipality { checked: stored.checked, outcome: stored.outcome, ..now.stored };
        let kept = Kept { stored, pinned };
        db.write(|tx| {
            kept.put(tx)?;
            let Some(files) = &looked.files else { return Ok(()) };
            store::put_files(tx, files)?;
            name_server(tx, files)
        })?;
        drop(db);
        self.handbook.forget_content();
        Ok(())
    }

    fn report(&self, looked: &Looked, bytes: u64) -> FeedReport {
        let never_compared = looked.kept.pinned.never_compared();
        let mut words = self.handbook.words_of_look(looked.outcome, looked.told);
        if never_compared && looked.files.is_some() {
            words.push(texts::municipal("feed.never_compared", self.handbook.locale()).to_owned());
        }
        FeedReport {
            outcome: looked.outcome.key().to_owned(),
            reason: looked.outcome.reason().map(|reason| reason.key().to_owned()),
            words,
            checked_at: looked.kept.stored.checked.unwrap_or_default(),
            never_compared,
            bytes,
        }
    }
}

/// What the edition says of the municipality's server for handbooks.
fn name_server(tx: &Tx<'_>, files: &[StoredFile]) -> std::result::Result<(), StoreError> {
    let pack = packs::together(files.iter().map(|file| (file.path.as_str(), file.body.as_slice())));
    let server = pack.and_then(|pack| pack.pack.server);
    let named =
        server.as_ref().and_then(|server| Some((server.address.as_str(), Fingerprint::from_letters(&server.key)?)));
    keep_named(tx, named)
}

impl Handbook {
    /// What to tell of a look: what is shown, why nothing newer is, and what was odd about the keys.
    pub(super) fn words_of_look(&self, outcome: Outcome, told: Option<FeedRefusal>) -> Vec<String> {
        let locale = self.locale();
        let since = match outcome {
            Outcome::Stale { since: Some(since), .. } => {
                long_date(crate::model::japan::in_japan(since.saturating_mul(1000)).date(), locale)
            }
            _ => String::new(),
        };
        let told = told.filter(|told| outcome.reason() != Some(*told)).map(|told| reason_words(told, locale));
        let words = outcome.words(locale).into_iter().chain(told).filter(|words| !words.is_empty());
        words.map(|words| words.replace("{date}", &since)).collect()
    }
}

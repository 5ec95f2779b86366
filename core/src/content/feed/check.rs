//! A manifest that came, beside what is pinned.

use ayumi_protocol::Hex;
use ayumi_protocol::municipal::feed::chain::{self, Reached};
use ayumi_protocol::municipal::feed::limits::AHEAD_SECONDS;
use ayumi_protocol::municipal::feed::manifest::is_signed;
use ayumi_protocol::municipal::feed::{FeedFile, FeedRefusal, Manifest, Signed};

use super::clock::Clock;
use super::outcome::Outcome;
use super::pinned::Pinned;

/// What a server answered to the request for the manifest.
#[derive(Debug, Clone, Copy)]
pub enum Came<'a> {
    /// It is the one that the phone named.
    NotModified,
    /// These bytes.
    Manifest(&'a [u8]),
}

/// What follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The look is over.
    Ends(Outcome),
    /// The root statements are to be fetched; then the same is asked again with them.
    NeedsRoots,
    /// The manifest is good: its files are to be fetched; see [`super::take`].
    NeedsFiles(Candidate),
}

/// A good manifest of a higher edition, whose files are not here yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub(super) manifest: Manifest,
    pub(super) hash: Hex<32>,
}

impl Candidate {
    /// Lists its files, in the order in which they are fetched.
    pub fn files(&self) -> &[FeedFile] {
        &self.manifest.files
    }
}

/// What is pinned now, and what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is pinned now: a good root statement stays, whatever the manifest is.
    pub pinned: Pinned,
    /// What is to be told of the root statements beside what follows.
    pub told: Option<FeedRefusal>,
    /// What follows.
    pub next: Next,
}

/// Judges what came. `roots` are the root statements, if they were fetched.
pub fn check(pinned: &Pinned, came: Came<'_>, roots: Option<&[u8]>, clock: Clock) -> Step {
    let mut step = Step { pinned: pinned.clone(), told: None, next: Next::NeedsRoots };
    if let Some(roots) = roots {
        step.told = roll_over(&mut step.pinned, roots);
    }
    let read = match came {
        Came::NotModified => {
            step.next = Next::Ends(step.pinned.standing(clock));
            return step;
        }
        Came::Manifest(bytes) => Manifest::from_bytes(bytes),
    };
    let newer_root = |manifest: &Manifest| {
        manifest.municipality == pinned.root.municipality && manifest.root > step.pinned.root.number
    };
    step.next = match read {
        Ok((manifest, _)) if newer_root(&manifest) && roots.is_none() => Next::NeedsRoots,
        Ok((manifest, _)) if newer_root(&manifest) => {
            let reason = step.told.unwrap_or(FeedRefusal::SkippedRoot);
            Next::Ends(Outcome::Refused { reason })
        }
        Ok((manifest, signed)) => judge(&step.pinned, manifest, &signed, clock),
        Err(reason) => Next::Ends(Outcome::Refused { reason }),
    };
    step
}

/// Walks from the pinned root statement as far as the fetched ones lead.
fn roll_over(pinned: &mut Pinned, roots: &[u8]) -> Option<FeedRefusal> {
    let file = match chain::from_bytes(roots) {
        Ok(file) => file,
        Err(refusal) => return Some(refusal),
    };
    let known = Reached { statement: pinned.root.clone(), hash: pinned.root_hash.0 };
    let (reached, told) = chain::advance(known, &file);
    (pinned.root, pinned.root_hash) = (reached.statement, Hex(reached.hash));
    told
}

/// Judges a manifest that can be read, under the root that is known.
fn judge(pinned: &Pinned, manifest: Manifest, signed: &Signed, clock: Clock) -> Next {
    let (feed, place, hash) = (&pinned.root.feed, manifest.place(), Hex(signed.hash()));
    let refused = |reason| Next::Ends(Outcome::Refused { reason });
    if manifest.municipality != pinned.root.municipality {
        return refused(FeedRefusal::OtherMunicipality);
    }
    if manifest.key < feed.number {
        return refused(FeedRefusal::RevokedKey);
    }
    if manifest.key > feed.number {
        return refused(FeedRefusal::SkippedKey);
    }
    if !is_signed(signed, feed) {
        return refused(FeedRefusal::Signature);
    }
    if pinned.is_another(place, hash) {
        return refused(FeedRefusal::TwoManifests);
    }
    if pinned.held.as_ref().is_some_and(|held| held.place == place) {
        return Next::Ends(pinned.standing(clock));
    }
    if pinned.highest.is_some_and(|highest| place < highest) {
        return refused(FeedRefusal::LowerEdition);
    }
    match untimely(pinned, &manifest, clock) {
        Some(reason) => not_taken(pinned, reason),
        None => Next::NeedsFiles(Candidate { manifest, hash }),
    }
}

/// Why a manifest is not of this time, if it is not.
fn untimely(pinned: &Pinned, manifest: &Manifest, clock: Clock) -> Option<FeedRefusal> {
    let ends = pinned.root.feed.ends;
    if pinned.held.as_ref().is_some_and(|held| clock.is_before(held.made)) {
        return Some(FeedRefusal::PhoneClock);
    }
    if manifest.made > ends {
        return Some(FeedRefusal::KeyEnded);
    }
    if manifest.made > clock.now.saturating_add(AHEAD_SECONDS) {
        let wrong = clock.may_be_wrong(manifest.made, manifest.expires);
        return Some(if wrong { FeedRefusal::PhoneClock } else { FeedRefusal::FromTheFuture });
    }
    clock.over(manifest.made, ends, manifest.expires).map(|(reason, _)| reason)
}

/// What is told of a manifest that is not of this time: what is shown may be old; where nothing is shown, it was refused.
fn not_taken(pinned: &Pinned, reason: FeedRefusal) -> Next {
    Next::Ends(match &pinned.held {
        Some(held) if reason.is_stale() => {
            let since = (reason != FeedRefusal::PhoneClock).then_some(held.expires.min(pinned.root.feed.ends));
            Outcome::Stale { reason, since }
        }
        _ => Outcome::Refused { reason },
    })
}

//! What a phone keeps of a municipality's feed, and what another place told it.

use ayumi_protocol::Hex;
use ayumi_protocol::municipal::feed::chain::{self, Reached};
use ayumi_protocol::municipal::feed::{
    ClientVersion, FeedFile, FeedRefusal, Manifest, MunicipalityName, Place, RootStatement,
};
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::outcome::Outcome;

/// What a phone keeps of a municipality's feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// The newest root statement that was verified.
    pub root: RootStatement,
    /// Its hash.
    pub root_hash: Hex<32>,
    /// The highest place that was taken, or that a code, a letter or another device named.
    pub highest: Option<Place>,
    /// The hash of that manifest, where it was taken or named, too.
    pub highest_hash: Option<Hex<32>>,
    /// The edition that is shown.
    pub held: Option<Held>,
    /// Whether an edition was ever compared with an earlier one.
    pub compared: bool,
    /// When the first edition was made that asks for a newer client than this one, in seconds since 1970.
    pub behind_since: Option<u64>,
}

/// The edition that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Where it stands.
    pub place: Place,
    /// The manifest's hash; in quotation marks it is the validator of the next request.
    pub hash: Hex<32>,
    /// When it was made.
    pub made: u64,
    /// Until when it is fresh.
    pub expires: u64,
    /// The oldest client that it asks for.
    pub oldest_client: Option<ClientVersion>,
    /// The head of the office's audit chains.
    pub audit_head: Option<Hex<32>>,
    /// Its files.
    pub files: Vec<FeedFile>,
}

/// What a code, a letter or a carer's private notebook says of a municipality, so that nobody shows an older feed to who
/// comes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The municipality.
    pub municipality: MunicipalityName,
    /// The fingerprint of its root keys.
    pub fingerprint: Hex<32>,
    /// The highest place that was seen there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest: Option<Place>,
    /// The hash of that manifest, where it was held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<Hex<32>>,
}

impl Pinned {
    /// Begins with a municipality whose root keys have a fingerprint: from a code or letter, or compared by six words. Beside
    /// it stands what is to be told of the file of root statements.
    ///
    /// # Errors
    /// Why the file does not lead to a root of that municipality.
    pub fn meet(seen: &Seen, roots: &[u8], clock: Clock) -> Result<(Self, Option<FeedRefusal>), FeedRefusal> {
        let (reached, told) = chain::meet(&seen.fingerprint.0, &chain::from_bytes(roots)?)?;
        if reached.statement.municipality != seen.municipality {
            return Err(FeedRefusal::OtherMunicipality);
        }
        let Reached { statement: root, hash } = reached;
        let mut pinned = Self {
            root,
            root_hash: Hex(hash),
            highest: None,
            highest_hash: None,
            held: None,
            compared: false,
            behind_since: None,
        };
        pinned.hear(seen.highest, seen.hash, clock);
        Ok((pinned, told))
    }

    /// Takes over the highest place that another place names, and its manifest's hash. A place that nobody can have reached is not
    /// believed. Another manifest of an edition that is known is told; the first one stands.
    pub fn hear(&mut self, highest: Option<Place>, hash: Option<Hex<32>>, clock: Clock) -> Option<FeedRefusal> {
        let place = highest.filter(|place| place.can_be(clock.now))?;
        self.compared = true;
        if Some(place) > self.highest {
            (self.highest, self.highest_hash) = (Some(place), hash);
        } else if Some(place) == self.highest {
            self.highest_hash = self.highest_hash.or(hash);
        }
        self.is_another(place, hash?).then_some(FeedRefusal::TwoManifests)
    }

    /// Whether a manifest is another one than the one that is known of its edition.
    pub(super) fn is_another(&self, place: Place, hash: Hex<32>) -> bool {
        let held = self.held.as_ref().filter(|held| held.place == place).map(|held| held.hash);
        let named = self.highest_hash.filter(|_| self.highest == Some(place));
        held.or(named).is_some_and(|known| known != hash)
    }

    /// Returns what belongs into the carer's private notebook.
    pub fn seen(&self) -> Seen {
        Seen {
            municipality: self.root.municipality.clone(),
            fingerprint: Hex(self.root.fingerprint()),
            highest: self.highest,
            hash: self.highest_hash,
        }
    }

    /// Whether what is shown was compared with nothing earlier: a first meeting without a code, a letter or another device.
    pub const fn never_compared(&self) -> bool {
        !self.compared
    }

    /// Returns the validator of the next request: the hash that this phone computed, in quotation marks. It sends no other.
    pub fn validator(&self) -> Option<String> {
        self.held.as_ref().map(|held| format!("\"{}\"", held.hash))
    }

    /// Says whether what is shown is fresh.
    pub fn standing(&self, clock: Clock) -> Outcome {
        let Some(held) = &self.held else { return Outcome::Refused { reason: FeedRefusal::Cut } };
        if clock.is_before(held.made) {
            return Outcome::Stale { reason: FeedRefusal::PhoneClock, since: None };
        }
        if held.place.key < self.root.feed.number {
            return Outcome::Refused { reason: FeedRefusal::RevokedKey };
        }
        // Another device of the carer, or a letter, knows of a later one.
        if self.highest > Some(held.place) {
            return Outcome::Refused { reason: FeedRefusal::LowerEdition };
        }
        let over = clock.over(held.made, self.root.feed.ends, held.expires);
        over.map_or(Outcome::Unchanged, |(reason, since)| Outcome::Stale { reason, since })
    }

    /// Shows an edition from now on.
    pub(super) fn hold(&mut self, manifest: Manifest, hash: Hex<32>, own: ClientVersion) {
        let behind = manifest.oldest_client.is_some_and(|oldest| own < oldest);
        self.behind_since = behind.then(|| self.behind_since.unwrap_or(manifest.made));
        self.compared |= self.held.is_some();
        let place = manifest.place();
        if Some(place) >= self.highest {
            (self.highest, self.highest_hash) = (Some(place), Some(hash));
        }
        let Manifest { made, expires, oldest_client, audit_head, files, .. } = manifest;
        self.held = Some(Held { place, hash, made, expires, oldest_client, audit_head, files });
    }
}

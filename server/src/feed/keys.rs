//! The keys of a feed. Three root keys are shown once, to be printed; what is kept in the folder is the feed key and the
//! statements that name it, never beside the feed itself.

use std::path::{Path, PathBuf};

use ayumi_municipal::feed::{Founding, first_statement, next_statement};
use ayumi_protocol::municipal::feed::chain::{self, Reached};
use ayumi_protocol::municipal::feed::root::KeyState;
use ayumi_protocol::municipal::feed::{RootStatement, Signed};
use ayumi_protocol::{Hex, purpose, words};
use ayumi_sqlcipher::private;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::{FeedError, read, write_whole};
use crate::signer::random;

/// The feed keys, the newest last: a line of hex digits each.
const KEY: &str = "feed.key";
/// The root statements.
const ROOTS: &str = "roots";

/// A root key, which lies on paper only.
#[derive(Clone, PartialEq, Eq)]
pub struct RootKey([u8; 32]);

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootKey(…)")
    }
}

impl RootKey {
    /// Spells it in words, for paper.
    pub fn words(&self) -> Vec<String> {
        words::spell(&self.0).to_vec()
    }

    /// Reads it from its words, however they are set apart.
    pub fn from_words(text: &str) -> Option<Self> {
        words::read_key(text).map(Self)
    }
}

/// New root keys, and the words of their fingerprint.
#[derive(Debug, Clone)]
pub struct Printed {
    /// The three root keys, to be printed and kept apart; nothing keeps them.
    pub keys: [RootKey; 3],
    /// The municipality's name in signed texts.
    pub municipality: String,
    /// The six words that families compare, in hiragana.
    pub compared: Vec<String>,
    /// The same in English.
    pub compared_in_english: Vec<String>,
}

/// The keys in a folder.
pub struct FeedKeys {
    folder: PathBuf,
    seeds: Vec<[u8; 32]>,
    roots: Vec<Signed>,
    newest: RootStatement,
}

impl std::fmt::Debug for FeedKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FeedKeys(…)")
    }
}

fn pair(seed: &[u8; 32]) -> Result<Ed25519KeyPair, FeedError> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| FeedError::NoKeys)
}

fn public(seed: &[u8; 32]) -> Result<Hex<32>, FeedError> {
    let pair = pair(seed)?;
    Ok(Hex(pair.public_key().as_ref().try_into().map_err(|_| FeedError::NoKeys)?))
}

fn sign(seed: &[u8; 32], bytes: &[u8]) -> Result<[u8; 64], FeedError> {
    pair(seed)?.sign(bytes).as_ref().try_into().map_err(|_| FeedError::NoKeys)
}

fn new_seed() -> Result<[u8; 32], FeedError> {
    random::<32>().map_err(|_| FeedError::NoRandomness)
}

fn new_root() -> Result<([RootKey; 3], [Hex<32>; 3]), FeedError> {
    let seeds = [new_seed()?, new_seed()?, new_seed()?];
    let publics = [public(&seeds[0])?, public(&seeds[1])?, public(&seeds[2])?];
    Ok((seeds.map(RootKey), publics))
}

fn signed(statement: &RootStatement, keys: &[&RootKey]) -> Result<Signed, FeedError> {
    let mut text = statement.unsigned()?;
    for key in keys {
        let signature = sign(&key.0, &text.to_sign(purpose::ROOT))?;
        text.add(public(&key.0)?.0, signature);
    }
    Ok(text)
}

fn printed(keys: [RootKey; 3], statement: &RootStatement) -> Printed {
    let print = statement.fingerprint();
    Printed {
        keys,
        municipality: statement.municipality.to_string(),
        compared: words::in_hiragana(&print).to_vec(),
        compared_in_english: words::in_english(&print).to_vec(),
    }
}

impl FeedKeys {
    /// Makes the keys of a new feed in a folder. What is returned is to be printed; it is kept nowhere.
    ///
    /// # Errors
    /// [`FeedError::KeysThere`], [`FeedError::NoRandomness`], [`FeedError::Refused`], [`FeedError::Io`].
    pub fn make(folder: &Path, founding: Founding, now: u64) -> Result<Printed, FeedError> {
        if folder.join(KEY).exists() || folder.join(ROOTS).exists() {
            return Err(FeedError::KeysThere);
        }
        let (keys, root) = new_root()?;
        let seed = new_seed()?;
        let statement = first_statement(founding, root, public(&seed)?, now);
        let text = signed(&statement, &[&keys[0], &keys[1]])?;
        private::folder(folder)?;
        let made = Self { folder: folder.to_owned(), seeds: vec![seed], roots: vec![text], newest: statement };
        made.keep()?;
        Ok(printed(keys, &made.newest))
    }

    /// Reads the keys of a folder.
    ///
    /// # Errors
    /// [`FeedError::NoKeys`] if they are not there, or lead nowhere; [`FeedError::Io`].
    pub fn load(folder: &Path) -> Result<Self, FeedError> {
        let (Some(key), Some(roots)) = (read(&folder.join(KEY))?, read(&folder.join(ROOTS))?) else {
            return Err(FeedError::NoKeys);
        };
        let text = String::from_utf8(key).map_err(|_| FeedError::NoKeys)?;
        let seeds: Option<Vec<[u8; 32]>> =
            text.split_ascii_whitespace().map(|line| line.parse::<Hex<32>>().ok().map(|hex| hex.0)).collect();
        let roots = chain::from_bytes(&roots)?;
        let Reached { statement, .. } = reached(&roots)?;
        Ok(Self { folder: folder.to_owned(), seeds: seeds.ok_or(FeedError::NoKeys)?, roots, newest: statement })
    }

    /// Names the next feed key, which revokes the one before; with `new_root` also three new root keys, which are returned to be
    /// printed. Two of the root keys that count now sign it.
    ///
    /// # Errors
    /// [`FeedError::NotTwo`]; as [`Self::make`].
    pub fn rotate(&mut self, signers: &[RootKey], new_root_keys: bool, now: u64) -> Result<Option<Printed>, FeedError> {
        let mut two: Vec<&RootKey> = Vec::new();
        for key in signers {
            if self.newest.root.contains(&public(&key.0)?) && !two.contains(&key) {
                two.push(key);
            }
        }
        if two.len() < 2 {
            return Err(FeedError::NotTwo);
        }
        let seed = new_seed()?;
        let fresh = if new_root_keys { Some(new_root()?) } else { None };
        let statement = next_statement(&self.newest, public(&seed)?, fresh.as_ref().map(|(_, root)| *root), now);
        if let Some((keys, _)) = &fresh {
            two.extend([&keys[0], &keys[1]]);
        }
        let text = signed(&statement, &two)?;
        chain::after(&self.newest, &text)?;
        self.seeds.push(seed);
        self.roots.push(text);
        self.newest = statement;
        self.keep()?;
        Ok(fresh.map(|(keys, _)| printed(keys, &self.newest)))
    }

    /// Writes the keys first: a key that no statement names harms nobody.
    fn keep(&self) -> Result<(), FeedError> {
        let lines: String = self.seeds.iter().map(|seed| format!("{}\n", Hex(*seed))).collect();
        write_whole(&self.folder, KEY, lines.as_bytes())?;
        Ok(write_whole(&self.folder, ROOTS, &self.roots_file())?)
    }

    /// Returns the file of root statements.
    pub fn roots_file(&self) -> Vec<u8> {
        chain::to_bytes(&self.roots)
    }

    /// Returns the newest root statement.
    pub const fn newest(&self) -> &RootStatement {
        &self.newest
    }

    /// Returns the six words that families compare, in hiragana and in English.
    pub fn compared(&self) -> [Vec<String>; 2] {
        let print = self.newest.fingerprint();
        [words::in_hiragana(&print).to_vec(), words::in_english(&print).to_vec()]
    }

    /// Warns of the feed key's end: within so many days, 0 once it is over; `None` while it is farther away.
    pub fn ends_within_days(&self, now: u64) -> Option<u64> {
        match self.newest.feed.state(now) {
            KeyState::Good => None,
            KeyState::EndsWithin(days) => Some(days),
            KeyState::Ended => Some(0),
        }
    }

    /// Signs with the feed key that the newest statement names.
    pub(super) fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], FeedError> {
        for seed in &self.seeds {
            if public(seed)? == self.newest.feed.key {
                return sign(seed, bytes);
            }
        }
        Err(FeedError::NoKeys)
    }
}

/// Walks a file of root statements from its first one to its end.
pub(super) fn reached(roots: &[Signed]) -> Result<Reached, FeedError> {
    let first = chain::begin(roots.first().ok_or(FeedError::NoKeys)?)?;
    match chain::advance(first, roots) {
        (reached, None) => Ok(reached),
        (_, Some(refusal)) => Err(refusal.into()),
    }
}

//! Where the store's signing key lies: in a file of its own, never in the database or a backup of it.
//!
//! Phones keep the key that a server showed first, and stop at another one. So the store remembers the public half, and a
//! server without the key that belongs to it does not start.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ayumi_sqlcipher::private;

use crate::log::LogError;
use crate::signer::{NoKey, Signer, random};

/// The name of the file in its folder.
const FILE: &str = "server.key";

/// The secret half of the server's key.
type Seed = [u8; 32];

/// Where the key is.
#[derive(Clone)]
enum Source {
    Given(Seed),
    Folder(PathBuf),
}

/// Where the store's key comes from.
#[derive(Clone)]
pub struct Keys {
    source: Source,
    may_replace: bool,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// Why a store does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The database cannot be used, another process has it, or it is of another version.
    #[error("the database cannot be used")]
    Unavailable,
    /// The store has a key, and it is not where it should be.
    #[error("the key of this store is missing")]
    NoKey,
    /// The key that is there belongs to another store.
    #[error("the key does not belong to this store")]
    OtherKey,
    /// The key's file cannot be read or written, or holds no key.
    #[error("the file of the key cannot be used")]
    KeyFile,
}

impl From<LogError> for OpenError {
    fn from(_: LogError) -> Self {
        Self::Unavailable
    }
}

impl From<NoKey> for OpenError {
    fn from(_: NoKey) -> Self {
        Self::Unavailable
    }
}

/// What to do with the key that a store has and the one that is there.
#[derive(Debug, PartialEq, Eq)]
enum Decision {
    /// It is the store's.
    Use,
    /// It becomes the store's.
    Register,
    /// A new one is made, and becomes the store's.
    Make,
}

/// Decides by the public halves.
fn decide(of_store: Option<&[u8; 32]>, there: Option<&[u8; 32]>, may_replace: bool) -> Result<Decision, OpenError> {
    match (of_store, there) {
        (None, None) => Ok(Decision::Make),
        (None, Some(_)) => Ok(Decision::Register),
        (Some(known), Some(there)) if known == there => Ok(Decision::Use),
        (Some(_), Some(_)) if may_replace => Ok(Decision::Register),
        (Some(_), None) if may_replace => Ok(Decision::Make),
        (Some(_), Some(_)) => Err(OpenError::OtherKey),
        (Some(_), None) => Err(OpenError::NoKey),
    }
}

impl Keys {
    /// Takes a key as it is.
    pub const fn given(seed: [u8; 32]) -> Self {
        Self { source: Source::Given(seed), may_replace: false }
    }

    /// Reads a key from hex digits, as they stand in an environment.
    pub fn from_hex(text: &str) -> Option<Self> {
        seed_of(text).map(Self::given)
    }

    /// Takes the key from a folder, and makes it there for a new store.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { source: Source::Folder(folder), may_replace: false }
    }

    /// Lets another key take the place of the store's: it is lost, and phones will stop until a carer goes on.
    #[must_use]
    pub fn replacing(self) -> Self {
        Self { may_replace: true, ..self }
    }

    /// Returns the folder of the key, if it lies in one.
    pub fn folder(&self) -> Option<&Path> {
        match &self.source {
            Source::Given(_) => None,
            Source::Folder(folder) => Some(folder),
        }
    }

    /// Returns the store's signer. `of_store` is the public key that the store has; the answer's second half is the one
    /// that it has to keep now.
    pub(crate) fn signer(
        &self,
        of_store: Option<[u8; 32]>,
        store_epoch: [u8; 16],
    ) -> Result<(Signer, Option<[u8; 32]>), OpenError> {
        let there = self.load()?.map(|seed| Signer::new(&seed, store_epoch)).transpose()?;
        let public = there.as_ref().map(Signer::public_key);
        match (decide(of_store.as_ref(), public.as_ref(), self.may_replace)?, there) {
            (Decision::Use, Some(signer)) => Ok((signer, None)),
            (Decision::Register, Some(signer)) => Ok((signer, public)),
            (Decision::Make | Decision::Use | Decision::Register, _) => {
                let signer = Signer::new(&self.make()?, store_epoch)?;
                let public = signer.public_key();
                Ok((signer, Some(public)))
            }
        }
    }

    fn load(&self) -> Result<Option<Seed>, OpenError> {
        let folder = match &self.source {
            Source::Given(seed) => return Ok(Some(*seed)),
            Source::Folder(folder) => folder,
        };
        match fs::read_to_string(folder.join(FILE)) {
            Ok(text) => seed_of(&text).map(Some).ok_or(OpenError::KeyFile),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(OpenError::KeyFile),
        }
    }

    /// Makes a key and its file, which is there whole or not at all.
    fn make(&self) -> Result<Seed, OpenError> {
        let Source::Folder(folder) = &self.source else { return Err(OpenError::NoKey) };
        let seed = random::<32>()?;
        write_whole(folder, &seed).map_err(|_| OpenError::KeyFile)?;
        Ok(seed)
    }
}

fn write_whole(folder: &Path, seed: &Seed) -> io::Result<()> {
    private::folder(folder)?;
    let unfinished = folder.join(format!("{FILE}.new"));
    let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = private::file(&unfinished)?;
    file.set_len(0)?;
    file.write_all(format!("{hex}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(FILE))?;
    // The name, too, is there after a power cut.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

fn seed_of(text: &str) -> Option<Seed> {
    let digits = text.trim_ascii();
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut seed = [0; 32];
    for (byte, pair) in seed.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_takes_its_own_key_and_another_one_only_when_told_to() {
        let (mine, other) = (&[1; 32], &[2; 32]);
        for (of_store, there, may_replace, expected) in [
            (None, None, false, Ok(Decision::Make)),
            (None, Some(mine), false, Ok(Decision::Register)),
            (Some(mine), Some(mine), false, Ok(Decision::Use)),
            (Some(mine), Some(mine), true, Ok(Decision::Use)),
            (Some(mine), None, false, Err(OpenError::NoKey)),
            (Some(mine), Some(other), false, Err(OpenError::OtherKey)),
            (Some(mine), None, true, Ok(Decision::Make)),
            (Some(mine), Some(other), true, Ok(Decision::Register)),
        ] {
            assert_eq!(decide(of_store, there, may_replace), expected, "{of_store:?} {there:?} {may_replace}");
        }
    }

    #[test]
    fn a_key_is_sixty_four_hex_digits() {
        let text = "0f".repeat(32);
        assert_eq!(seed_of(&format!("{text}\n")), Some([15; 32]));
        for wrong in ["", &text[1..], &format!("{text}0"), &text.replace('f', "g"), &"あ".repeat(64)] {
            assert_eq!(seed_of(wrong), None, "{wrong}");
        }
    }
}

//! Where the store's signing key lies: in a file of its own, never in the database or a backup of it.
//!
//! Phones keep the key that a server showed first and the hash of the next one, and stop at any other. So the store remembers
//! the public half, and a server without the key that belongs to it does not start. The file holds the present key, the
//! next one, and the public halves of those before it, each a line of hex digits: what was signed under them counts for ever.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ayumi_sqlcipher::private;

use crate::log::LogError;
use crate::signer::{NoKey, Signer, random};

/// The name of the file in its folder.
const FILE: &str = "server.key";

/// The secret half of a server's key.
type Seed = [u8; 32];

/// A server's keys.
#[derive(Clone)]
struct Chain {
    now: Seed,
    /// Takes its place; the same if none does.
    next: Seed,
    /// The public halves of those before it, the last one last: a store that has not heard of a change yet knows one of them.
    former: Vec<[u8; 32]>,
}

/// Where the key is.
#[derive(Clone)]
enum Source {
    Given(Chain),
    Folder(PathBuf),
}

/// Where the store's key comes from.
#[derive(Clone)]
pub struct Keys {
    source: Source,
    may_replace: bool,
    rotates: bool,
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
    /// There is no next key that could take the present one's place.
    #[error("there is no next key")]
    NoNextKey,
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

/// Decides by the public halves; `former` are those that the key there took the place of.
fn decide(
    of_store: Option<&[u8; 32]>,
    there: Option<&[u8; 32]>,
    former: &[[u8; 32]],
    may_replace: bool,
) -> Result<Decision, OpenError> {
    match (of_store, there) {
        (None, None) => Ok(Decision::Make),
        (None, Some(_)) => Ok(Decision::Register),
        (Some(known), Some(there)) if known == there => Ok(Decision::Use),
        // The key was changed, and the store has not heard of it yet.
        (Some(known), Some(_)) if former.contains(known) => Ok(Decision::Register),
        (Some(_), Some(_)) if may_replace => Ok(Decision::Register),
        (Some(_), None) if may_replace => Ok(Decision::Make),
        (Some(_), Some(_)) => Err(OpenError::OtherKey),
        (Some(_), None) => Err(OpenError::NoKey),
    }
}

impl Keys {
    /// Takes a key as it is.
    pub const fn given(seed: [u8; 32]) -> Self {
        let chain = Chain { now: seed, next: seed, former: Vec::new() };
        Self { source: Source::Given(chain), may_replace: false, rotates: false }
    }

    /// Reads the present key, the next one and the public halves of former ones from hex digits with blanks between them, as they
    /// stand in an environment.
    pub fn from_hex(text: &str) -> Option<Self> {
        let chain = chain_of(text)?;
        Some(Self { source: Source::Given(chain), may_replace: false, rotates: false })
    }

    /// Takes the key from a folder, and makes it there for a new store.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { source: Source::Folder(folder), may_replace: false, rotates: false }
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

    /// Puts the next key in the place of the present one, and makes another next one: phones that know this server follow.
    #[must_use]
    pub fn rotating(self) -> Self {
        Self { rotates: true, ..self }
    }

    /// Returns the store's signer. `of_store` is the public key that the store has; the answer's second half is the one
    /// that it has to keep now.
    pub(crate) fn signer(
        &self,
        of_store: Option<[u8; 32]>,
        store_epoch: [u8; 16],
    ) -> Result<(Signer, Option<[u8; 32]>), OpenError> {
        let there = self.load()?;
        let public = there.as_ref().map(|chain| public_of(&chain.now)).transpose()?;
        let former = there.as_ref().map(|chain| chain.former.clone()).unwrap_or_default();
        let (chain, now) = match (decide(of_store.as_ref(), public.as_ref(), &former, self.may_replace)?, there) {
            (Decision::Use, Some(chain)) => (chain, None),
            (Decision::Register, Some(chain)) => (chain, public),
            (Decision::Make | Decision::Use | Decision::Register, _) => {
                let (now, next) = (random::<32>()?, random::<32>()?);
                let chain = Chain { now, next, former: Vec::new() };
                self.keep(&chain)?;
                (chain, Some(public_of(&now)?))
            }
        };
        if !self.rotates {
            return Ok((chain.signer(store_epoch)?, now));
        }
        if chain.next == chain.now {
            return Err(OpenError::NoNextKey);
        }
        let former = [chain.former, vec![public_of(&chain.now)?]].concat();
        let chain = Chain { now: chain.next, next: random::<32>()?, former };
        // The file first: a store that does not hear of it knows the former key.
        self.keep(&chain)?;
        Ok((chain.signer(store_epoch)?, Some(public_of(&chain.now)?)))
    }

    fn load(&self) -> Result<Option<Chain>, OpenError> {
        let folder = match &self.source {
            Source::Given(chain) => return Ok(Some(chain.clone())),
            Source::Folder(folder) => folder,
        };
        match fs::read_to_string(folder.join(FILE)) {
            Ok(text) => chain_of(&text).map(Some).ok_or(OpenError::KeyFile),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(OpenError::KeyFile),
        }
    }

    /// Writes the file of the keys, which is there whole or not at all.
    fn keep(&self, chain: &Chain) -> Result<(), OpenError> {
        let Source::Folder(folder) = &self.source else { return Err(OpenError::NoKey) };
        write_whole(folder, FILE, &chain.text()).map_err(|_| OpenError::KeyFile)
    }
}

impl Chain {
    fn signer(&self, store_epoch: [u8; 16]) -> Result<Signer, OpenError> {
        let signer = Signer::new(&self.now, store_epoch)?.followed_by(&public_of(&self.next)?);
        Ok(signer.following(&self.former))
    }

    fn text(&self) -> String {
        let line = |seed: &Seed| seed.iter().map(|byte| format!("{byte:02x}")).chain(["\n".into()]).collect::<String>();
        [&self.now, &self.next].into_iter().chain(&self.former).map(line).collect()
    }
}

/// The public half of a key.
fn public_of(seed: &Seed) -> Result<[u8; 32], OpenError> {
    Ok(Signer::new(seed, [0; 16])?.public_key())
}

/// Reads the present key, the next and the former ones; a key alone has no next one.
fn chain_of(text: &str) -> Option<Chain> {
    let keys: Vec<[u8; 32]> = text.split_ascii_whitespace().map(bytes_of).collect::<Option<_>>()?;
    match keys.as_slice() {
        [now] => Some(Chain { now: *now, next: *now, former: Vec::new() }),
        [now, next, former @ ..] => Some(Chain { now: *now, next: *next, former: former.to_vec() }),
        [] => None,
    }
}

/// Writes a file for its owner only, which is there whole or not at all.
pub(crate) fn write_whole(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    private::folder(folder)?;
    let unfinished = folder.join(format!("{name}.new"));
    let mut file = private::file(&unfinished)?;
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))?;
    // The name, too, is there after a power cut.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// Reads 32 bytes from hex digits.
pub(crate) fn bytes_of(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim_ascii();
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_takes_its_own_key_and_another_one_only_when_told_to() {
        let (mine, other) = (&[1; 32], &[2; 32]);
        let none: &[[u8; 32]] = &[];
        for (of_store, there, former, may_replace, expected) in [
            (None, None, none, false, Ok(Decision::Make)),
            (None, Some(mine), none, false, Ok(Decision::Register)),
            (Some(mine), Some(mine), none, false, Ok(Decision::Use)),
            (Some(mine), Some(mine), none, true, Ok(Decision::Use)),
            (Some(mine), None, none, false, Err(OpenError::NoKey)),
            (Some(mine), Some(other), none, false, Err(OpenError::OtherKey)),
            (Some(mine), Some(other), &[*other], false, Err(OpenError::OtherKey)),
            (Some(mine), Some(other), &[*mine], false, Ok(Decision::Register)),
            // A backup from before two changes.
            (Some(mine), Some(other), &[*mine, [3; 32]], false, Ok(Decision::Register)),
            (Some(mine), None, none, true, Ok(Decision::Make)),
            (Some(mine), Some(other), none, true, Ok(Decision::Register)),
        ] {
            let found = decide(of_store, there, former, may_replace);
            assert_eq!(found, expected, "{of_store:?} {there:?} {former:?} {may_replace}");
        }
    }

    #[test]
    fn a_key_is_sixty_four_hex_digits() {
        let text = "0f".repeat(32);
        assert_eq!(bytes_of(&format!("{text}\n")), Some([15; 32]));
        for wrong in ["", &text[1..], &format!("{text}0"), &text.replace('f', "g"), &"あ".repeat(64)] {
            assert_eq!(bytes_of(wrong), None, "{wrong}");
        }
    }
}

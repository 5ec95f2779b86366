//! Which root statement may follow another one: the file of all of them, from the first on.
//!
//! The file is the statements in order, as [`super::signed`] has them, with an empty line between two. A phone keeps the
//! newest statement that it has verified and walks from there.

use super::limits::{END_NOTICE_SECONDS, ROOT_BYTES, ROOT_KEYS, ROOT_SIGNERS, ROOTS};
use super::refusal::FeedRefusal;
use super::root::RootStatement;
use super::signed::{Signed, whole};
use crate::key::Hash;
use crate::purpose;

/// The newest root statement that was reached, and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The statement.
    pub statement: RootStatement,
    /// SHA-256 of its first line.
    pub hash: Hash,
}

/// Writes the file of root statements.
pub fn to_bytes(statements: &[Signed]) -> Vec<u8> {
    let all: Vec<Vec<u8>> = statements.iter().map(Signed::to_bytes).collect();
    all.join(&b"\n"[..])
}

/// Reads the file of root statements. What each says, and who signed it, is not verified here.
///
/// # Errors
/// [`FeedRefusal::TooLong`], [`FeedRefusal::Cut`] or [`FeedRefusal::Unreadable`].
pub fn from_bytes(bytes: &[u8]) -> Result<Vec<Signed>, FeedRefusal> {
    let text = whole(bytes, ROOT_BYTES * ROOTS)?;
    let parts: Vec<&str> = text.split("\n\n").collect();
    if parts.len() > ROOTS {
        return Err(FeedRefusal::TooLong);
    }
    if text.ends_with('\n') {
        return Err(FeedRefusal::Cut);
    }
    // Each has the line feed that was split off.
    let read = |part: &str| match part.len() {
        length if length >= ROOT_BYTES => Err(FeedRefusal::TooLong),
        _ => Signed::of_text(part, 2 * ROOT_KEYS),
    };
    parts.into_iter().map(read).collect()
}

/// Verifies a statement with which somebody begins: two of its own three root keys signed it.
///
/// # Errors
/// Those of [`RootStatement::of`], or [`FeedRefusal::Root`].
pub fn begin(signed: &Signed) -> Result<Reached, FeedRefusal> {
    own(RootStatement::of(signed)?, signed)
}

/// Verifies that two of a statement's own three root keys signed it.
fn own(statement: RootStatement, signed: &Signed) -> Result<Reached, FeedRefusal> {
    if signed.signers(purpose::ROOT, &statement.root) < ROOT_SIGNERS {
        return Err(FeedRefusal::Root);
    }
    Ok(Reached { statement, hash: signed.hash() })
}

/// Verifies the statement behind another one: of the same municipality, the next number, signed by two of the three keys of
/// before and by two of its own. It names the same feed key, or the next one.
///
/// # Errors
/// Those of [`RootStatement::of`], [`FeedRefusal::OtherMunicipality`], [`FeedRefusal::SkippedRoot`],
/// [`FeedRefusal::SkippedKey`] or [`FeedRefusal::Root`].
pub fn after(before: &RootStatement, signed: &Signed) -> Result<Reached, FeedRefusal> {
    follow(before, RootStatement::of(signed)?, signed)
}

/// Verifies a statement that was read behind another one.
fn follow(before: &RootStatement, next: RootStatement, signed: &Signed) -> Result<Reached, FeedRefusal> {
    if next.municipality != before.municipality {
        return Err(FeedRefusal::OtherMunicipality);
    }
    if Some(next.number) != before.number.checked_add(1) {
        return Err(FeedRefusal::SkippedRoot);
    }
    if signed.signers(purpose::ROOT, &before.root) < ROOT_SIGNERS {
        return Err(FeedRefusal::Root);
    }
    let same_key = next.feed.number == before.feed.number && next.feed.key == before.feed.key;
    let next_key = next.feed.number == before.feed.number + 1 && next.feed.key != before.feed.key;
    if !(same_key || next_key) {
        return Err(FeedRefusal::SkippedKey);
    }
    let told_in_time = next.ends.is_none_or(|ends| {
        before.ends == Some(ends) || ends.checked_sub(next.made).is_some_and(|left| left >= END_NOTICE_SECONDS)
    });
    if !told_in_time || next.sample != before.sample {
        return Err(FeedRefusal::Root);
    }
    own(next, signed)
}

/// Walks from a verified statement as far as a file leads, and says why no further. Statements up to the known number are
/// not read again; another one with the known number, signed as well, is told as a fork and changes nothing.
pub fn advance(from: Reached, file: &[Signed]) -> (Reached, Option<FeedRefusal>) {
    let mut reached = from;
    let mut forked = None;
    for signed in file {
        let next = match RootStatement::of(signed) {
            Ok(next) => next,
            Err(refusal) => return (reached, Some(refusal)),
        };
        if next.number < reached.statement.number {
            continue;
        }
        if next.number == reached.statement.number {
            let another = signed.hash() != reached.hash;
            if another && signed.signers(purpose::ROOT, &reached.statement.root) >= ROOT_SIGNERS {
                forked = Some(FeedRefusal::RootFork);
            }
            continue;
        }
        match follow(&reached.statement, next, signed) {
            Ok(next) => (reached, forked) = (next, None),
            Err(refusal) => return (reached, Some(refusal)),
        }
    }
    (reached, forked)
}

/// Finds the statement whose root keys have a fingerprint, and walks from there as far as the file leads.
///
/// # Errors
/// [`FeedRefusal::OtherMunicipality`] if there is none; those of [`begin`].
pub fn meet(fingerprint: &Hash, file: &[Signed]) -> Result<(Reached, Option<FeedRefusal>), FeedRefusal> {
    let mut read = file.iter().filter_map(|signed| Some((RootStatement::of(signed).ok()?, signed)));
    let first = read.find(|(statement, _)| statement.fingerprint() == *fingerprint);
    let (statement, signed) = first.ok_or(FeedRefusal::OtherMunicipality)?;
    Ok(advance(own(statement, signed)?, file))
}

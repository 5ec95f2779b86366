//! A receipt: an end of a log that a server signed earlier, as a device shows it to that server again, under whichever of its keys it
//! was signed. It speaks for the statements up to its head; for envelopes it brings the last items before the end, from which the
//! signed prefix follows.
//!
//! ```text
//! server's key 32 | signed end 161 | items: count, and unless it is 0: prefix before them 16, each hash 32, time taken (difference)
//! ```
//! Times are told from the end's own.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::Hash;
use crate::notebook::end::SignedEnd;
use crate::notebook::prefix::{Prefix, extend};

/// The last items of a log before one of its ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    /// Names the log up to the first of them.
    pub before: Prefix,
    /// Their hashes, and when they were taken.
    pub items: Vec<(Hash, u64)>,
}

impl Run {
    /// Returns what names the log behind the last of them.
    pub fn prefix(&self) -> Prefix {
        self.items.iter().fold(self.before, |prefix, (item, taken_at)| extend(&prefix, item, *taken_at))
    }
}

/// A receipt, as it is shown to the server that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The server's key at that time.
    pub server_key: [u8; 32],
    /// What it signed.
    pub signed: SignedEnd,
    /// What stood before the end; nothing if the receipt is shown for statements.
    pub run: Run,
}

impl Receipt {
    /// Makes a receipt for statements alone.
    pub const fn of(server_key: [u8; 32], signed: SignedEnd) -> Self {
        Self { server_key, signed, run: Run { before: [0; 16], items: Vec::new() } }
    }

    /// Whether a server made it that has, or once had, one of these keys, and for this notebook.
    pub fn is_by(&self, keys: &[[u8; 32]], notebook: NotebookId) -> bool {
        let known = self.signed.notebook == notebook && keys.contains(&self.server_key);
        known && self.signed.is_signed_by(self.server_key)
    }

    /// Returns the hashes of the items that it proves to have stood in the log: those of the run, if the signed prefix follows from
    /// them. Whose receipt it is, [`Self::is_by`] says.
    pub fn proven(&self) -> impl Iterator<Item = &Hash> {
        let follows = !self.run.items.is_empty() && self.run.prefix() == self.signed.end.prefix;
        self.run.items.iter().filter(move |_| follows).map(|(item, _)| item)
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.raw(&self.server_key).raw(&self.signed.to_bytes()).varint(self.run.items.len() as u64);
        if self.run.items.is_empty() {
            return;
        }
        out.raw(&self.run.before);
        let mut time = self.signed.end.taken_at;
        for (item, taken_at) in &self.run.items {
            out.raw(item).zigzag(taken_at.wrapping_sub(time) as i64);
            time = *taken_at;
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let server_key = reader.array()?;
        let signed = SignedEnd::from_bytes(reader.raw(SignedEnd::BYTES)?)?;
        let count = reader.count(33)?;
        if count == 0 {
            return Ok(Self::of(server_key, signed));
        }
        let before = reader.array()?;
        let (mut time, mut items) = (signed.end.taken_at, Vec::with_capacity(count));
        for _ in 0..count {
            let item = reader.array()?;
            time = time.wrapping_add(reader.zigzag()? as u64);
            items.push((item, time));
        }
        Ok(Self { server_key, signed, run: Run { before, items } })
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;
    use crate::key::to_sign;
    use crate::notebook::end::End;

    fn notebook() -> NotebookId {
        NotebookId::from_slice(&[9; 16]).unwrap()
    }

    /// A receipt of the server with this seed for a log of five items, of which it brings the last three.
    fn receipt(seed: u8) -> Receipt {
        let items: Vec<(Hash, u64)> = (1..=5).map(|n| ([n; 32], 1000 + u64::from(n))).collect();
        let all = Run { before: [0; 16], items: items.clone() };
        let before = Run { before: [0; 16], items: items[..2].to_vec() }.prefix();
        let end = End { position: 5, prefix: all.prefix(), head: [1; 32], taken_at: 1005 };
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let bytes = SignedEnd::signed_bytes(notebook(), &[8; 16], &end);
        let signature = pair.sign(&to_sign(SignedEnd::PURPOSE, &bytes)).as_ref().try_into().unwrap();
        let signed = SignedEnd { notebook: notebook(), store_epoch: [8; 16], end, signature };
        let server_key = pair.public_key().as_ref().try_into().unwrap();
        Receipt { server_key, signed, run: Run { before, items: items[2..].to_vec() } }
    }

    fn proves(receipt: &Receipt) -> Vec<u8> {
        receipt.proven().map(|hash| hash[0]).collect()
    }

    #[test]
    fn a_receipt_proves_what_its_prefix_follows_from_and_nothing_else() {
        let good = receipt(1);
        assert_eq!(proves(&good), [3, 4, 5]);
        let changed = |change: fn(&mut Run)| {
            let mut receipt = good.clone();
            change(&mut receipt.run);
            receipt
        };
        for (why, receipt) in [
            ("another item", changed(|run| run.items[1].0 = [7; 32])),
            ("another time", changed(|run| run.items[1].1 += 1)),
            ("one more", changed(|run| run.items.push(([6; 32], 1006)))),
            ("one less", changed(|run| _ = run.items.pop())),
            ("another order", changed(|run| run.items.swap(0, 1))),
            ("another beginning", changed(|run| run.before = [0; 16])),
            ("a hole", changed(|run| _ = run.items.remove(1))),
            ("nothing", changed(|run| run.items.clear())),
        ] {
            assert_eq!(proves(&receipt), [0; 0], "{why}");
        }
    }

    #[test]
    fn a_receipt_is_of_a_key_that_the_server_has_or_had() {
        let (now, then, stranger) = (receipt(1), receipt(2), receipt(3));
        let keys = [now.server_key, then.server_key];
        assert!(now.is_by(&keys, notebook()) && then.is_by(&keys, notebook()));
        assert!(!stranger.is_by(&keys, notebook()), "a key that was never this server's");
        let named = Receipt { server_key: now.server_key, ..stranger };
        assert!(!named.is_by(&keys, notebook()), "nor one that only says so");
        let other = NotebookId::from_slice(&[8; 16]).unwrap();
        assert!(!now.is_by(&keys, other), "another notebook's");
        let renamed = Receipt { signed: SignedEnd { notebook: other, ..now.signed }, ..now };
        assert!(!renamed.is_by(&keys, other), "nor if it is given this one's name");
    }
}

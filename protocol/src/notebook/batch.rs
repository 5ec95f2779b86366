//! A batch of changes as it is sealed: column by column, so that what is alike lies together and compresses well.
//!
//! ```text
//! seed 16 | former key: 0, or 1 and 32 bytes | peer heads: count, each author 16, sequence 8, attempt 4, hash 16
//! columns of the changes ([`columns`])
//! ```
//!
//! Counts are varints. The notebook is the envelope's, and so is the device of every stamp: the author's name in short. Frozen:
//! `fixtures/protocol/batch_2.hex`.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, KeyId};
use crate::limits;
use crate::notebook::author_hash::{Seed, leaf_key, leaf_of};
use crate::notebook::change::Change;
use crate::notebook::columns;
use crate::notebook::envelope::Tail;

/// Where another author's chain ended when a batch was sealed, for every one that moved since its author's last envelope.
/// It proves nothing and halts nothing; what it names and nobody has is missing somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerHead {
    /// The other author.
    pub author: KeyId,
    /// The sequence of the last envelope.
    pub sequence: u64,
    /// Its attempt.
    pub attempt: u32,
    /// The first 16 bytes of its hash.
    pub hash: [u8; 16],
}

impl PeerHead {
    /// Names the end of an author's chain.
    pub fn of(author: KeyId, tail: &Tail) -> Self {
        let mut hash = [0; 16];
        hash.copy_from_slice(&tail.hash[..16]);
        Self { author, sequence: tail.sequence, attempt: tail.attempt, hash }
    }
}

/// Writes what a batch holds besides its changes.
pub(super) fn write_besides(out: &mut Writer, former_key: Option<&[u8; 32]>, peer_heads: &[PeerHead]) {
    match former_key {
        None => _ = out.u8(0),
        Some(key) => _ = out.u8(1).raw(key),
    }
    out.varint(peer_heads.len() as u64);
    for head in peer_heads {
        out.raw(&head.author.0).u64(head.sequence).u32(head.attempt).raw(&head.hash);
    }
}

/// Reads what an author's batch holds besides its changes.
pub(super) fn read_besides(
    reader: &mut Reader<'_>,
    author: KeyId,
) -> Result<(Option<[u8; 32]>, Vec<PeerHead>), FormatError> {
    let former_key = match reader.u8()? {
        0 => None,
        1 => Some(reader.array()?),
        _ => return Err(reader.wrong()),
    };
    let mut peer_heads: Vec<PeerHead> = Vec::new();
    for _ in 0..reader.count(PEER_HEAD_BYTES)? {
        let (peer, sequence) = (KeyId(reader.array()?), reader.u64()?);
        let head = PeerHead { author: peer, sequence, attempt: reader.u32()?, hash: reader.array()? };
        if peer == author || peer_heads.last().is_some_and(|last| last.author >= peer) {
            return Err(reader.wrong());
        }
        peer_heads.push(head);
    }
    Ok((former_key, peer_heads))
}

/// What is sealed in one envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Keys the leaves; random.
    pub seed: Seed,
    /// The key of the epoch before the envelope's, in an author's first envelope of an epoch: a member to whom its maker gave
    /// another one gets it so from everybody else, and the chain's commitment proves it.
    pub former_key: Option<[u8; 32]>,
    /// Rising by author, without the batch's own.
    pub peer_heads: Vec<PeerHead>,
    /// The changes, all of one notebook and one author.
    pub changes: Vec<Change>,
}

/// A batch that was read, and the leaves of its changes, over their bodies as they stood in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The batch.
    pub batch: Batch,
    /// One for each change, in order.
    pub leaves: Vec<Hash>,
    /// Bytes of each body. The bodies stand at the end of what was read, one behind the other.
    pub lengths: Vec<usize>,
}

impl Batch {
    /// Returns the leaves of the changes, in order.
    pub fn leaves(&self) -> Vec<Hash> {
        let leaf =
            |(place, change): (u32, &Change)| leaf_of(&leaf_key(&self.seed, place), change, change.body().as_bytes());
        (0..).zip(&self.changes).map(leaf).collect()
    }

    /// Encodes the batch, its changes in the order given.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.raw(&self.seed);
        write_besides(&mut out, self.former_key.as_ref(), &self.peer_heads);
        let bodies: Vec<String> = self.changes.iter().map(Change::body).collect();
        let changes: Vec<_> = self.changes.iter().zip(bodies.iter().map(String::as_bytes)).collect();
        columns::write(&mut out, &changes);
        out.0
    }

    /// Reads a batch of an author back: every stamp in it is the author's.
    ///
    /// # Errors
    /// If it is none, or one of its changes is none: a batch is taken whole or not at all.
    pub fn from_bytes(notebook: NotebookId, author: KeyId, bytes: &[u8]) -> Result<Decoded, FormatError> {
        let mut reader = Reader::new(bytes, "batch of changes");
        let seed = reader.array()?;
        let (former_key, peer_heads) = read_besides(&mut reader, author)?;
        let read = columns::read(&mut reader, notebook, author.into(), limits::BATCH_CHANGES)?;
        reader.end()?;
        let leaf_of = |(place, (change, body)): (u32, &(Change, &[u8]))| leaf_of(&leaf_key(&seed, place), change, body);
        let leaves = (0..).zip(&read).map(leaf_of).collect();
        let (changes, lengths) = read.into_iter().map(|(change, body)| (change, body.len())).unzip();
        Ok(Decoded { batch: Self { seed, former_key, peer_heads, changes }, leaves, lengths })
    }
}

/// Bytes of one peer head.
const PEER_HEAD_BYTES: usize = 44;

/// The length that a text of this length is padded to: the lower bits are rounded up, so that sizes tell little (Padmé,
/// Nikitin and others 2019: at most 12 % more, `O(log log n)` bits leak).
///
/// ```
/// use ayumi_protocol::batch::padded;
/// assert_eq!((padded(0), padded(9), padded(1000), padded(100_000)), (0, 10, 1024, 100_352));
/// ```
pub const fn padded(length: usize) -> usize {
    if length < 2 {
        return length;
    }
    let exponent = usize::BITS - 1 - length.leading_zeros();
    let kept = u32::BITS - exponent.leading_zeros();
    let mask = (1_usize << (exponent - kept)) - 1;
    (length + mask) & !mask
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{EntryId, Hlc, Stamp};

    fn notebook() -> NotebookId {
        NotebookId::from_slice(&[7; 16]).unwrap()
    }

    const AUTHOR: KeyId = KeyId([0, 0, 0, 0, 0, 0, 0, 0xaa, 1, 1, 1, 1, 1, 1, 1, 1]);

    fn batch(changes: Vec<Change>) -> Batch {
        let head = |author| PeerHead { author: KeyId([author; 16]), sequence: 7, attempt: 1, hash: [author; 16] };
        Batch { seed: [3; 16], former_key: Some([9; 32]), peer_heads: vec![head(1), head(2)], changes }
    }

    fn decoded(changes: &[Change]) -> Option<Vec<Change>> {
        let batch = batch(changes.to_vec());
        let decoded = Batch::from_bytes(notebook(), AUTHOR, &batch.to_bytes()).ok()?;
        assert_eq!(decoded.leaves, batch.leaves(), "what its author signs is what everybody else computes");
        assert_eq!(decoded.batch, batch);
        Some(decoded.batch.changes)
    }

    #[test]
    fn the_form_is_frozen() {
        let change = |id: &str, stamp: &str, kind: &str, body: &str| {
            Change::from_parts(id.parse().unwrap(), notebook(), kind, stamp.parse().unwrap(), body).unwrap()
        };
        let changes = [
            change(
                "01890a5d-ac96-774b-bcce-b302099a8057",
                "0000018a00000000-00000000000000aa",
                "growth",
                r#"{"n":{"weight":9.1}}"#,
            ),
            change(
                "01890a5d-ac97-774b-bcce-b302099a8058",
                "0000018a00010000-00000000000000aa",
                "diary",
                r#"{"n":{"text":"笑った"}}"#,
            ),
            change(
                "01890a5d-ac96-774b-bcce-b302099a8057",
                "0000018a00020000-00000000000000aa",
                "growth",
                r#"{"f":{"weight":{"v":9.2,"r":["0000018a00000000-00000000000000aa"]}}}"#,
            ),
        ];
        assert_eq!(decoded(&changes).unwrap(), changes);
        crate::frozen::is("batch_2", &batch(changes.to_vec()).to_bytes());
    }

    #[test]
    fn peer_heads_stand_in_one_order_only_and_name_nobodys_own() {
        let mut twice = batch(Vec::new());
        twice.peer_heads.swap(0, 1);
        assert!(Batch::from_bytes(notebook(), AUTHOR, &twice.to_bytes()).is_err());
        twice.peer_heads[1] = twice.peer_heads[0];
        assert!(Batch::from_bytes(notebook(), AUTHOR, &twice.to_bytes()).is_err());
        let mut own = batch(Vec::new());
        own.peer_heads[0].author = AUTHOR;
        assert!(Batch::from_bytes(notebook(), KeyId([9; 16]), &own.to_bytes()).is_ok());
        assert!(Batch::from_bytes(notebook(), AUTHOR, &own.to_bytes()).is_err());
    }

    /// A few hundred bytes, packed, that would have kept a phone busy for a minute.
    #[test]
    fn more_changes_than_there_may_be_are_refused() {
        let change = |n: usize| {
            let entry = EntryId::from_slice(&(n as u128).to_be_bytes()).unwrap();
            Change::from_parts(entry, notebook(), "diary", Stamp { hlc: Hlc(n as u64), device: AUTHOR.into() }, "{}")
                .unwrap()
        };
        let changes: Vec<Change> = (0..=limits::BATCH_CHANGES).map(change).collect();
        assert_eq!(decoded(&changes), None);
        assert_eq!(decoded(&changes[1..]).unwrap(), changes[1..]);
    }

    proptest! {
        #[test]
        fn batches_come_back(rows in proptest::collection::vec(
            (any::<[u8; 16]>(), any::<u64>(), "[a-z_]{1,12}", "[ぁ-んa-z ]{0,20}"), 0..40)
        ) {
            let changes: Vec<Change> = rows
                .into_iter()
                .map(|(id, clock, kind, note)| {
                    let body = serde_json::json!({"n": {"note": note}}).to_string();
                    let stamp = Stamp { hlc: Hlc(clock), device: AUTHOR.into() };
                    Change::from_parts(EntryId::from_slice(&id).unwrap(), notebook(), &kind, stamp, &body).unwrap()
                })
                .collect();
            prop_assert_eq!(decoded(&changes).unwrap(), changes);
        }

        #[test]
        fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
            let _ = Batch::from_bytes(notebook(), AUTHOR, &bytes);
        }

        #[test]
        fn padding_only_adds_and_at_most_an_eighth(length in 0_usize..10_000_000) {
            let padded = padded(length);
            prop_assert!(padded >= length && padded <= length + length / 8 + 1);
            prop_assert_eq!(super::padded(padded), padded);
        }
    }
}

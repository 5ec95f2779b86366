//! What is sealed in a part of a snapshot: everything that stands in a notebook's log before it, in as few envelopes
//! as can be, so that a server may let go of the many small ones.
//!
//! ```text
//! tails: count, each author 16, sequence, hash 32 | a batch of changes, the newest first
//! ```
//! Only the first part has tails: the ends of all authors' chains before it. Frozen:
//! `fixtures/protocol/snapshot_1.hex`.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::KeyId;
use crate::notebook::accept::Tail;
use crate::notebook::batch;
use crate::notebook::change::Change;

/// The ends of authors' chains.
pub type Tails = Vec<(KeyId, Tail)>;

pub(crate) fn write_tails(out: &mut Writer, tails: &[(KeyId, Tail)]) {
    out.varint(tails.len() as u64);
    for (author, tail) in tails {
        out.raw(&author.0).varint(tail.sequence).raw(&tail.hash);
    }
}

pub(crate) fn read_tails(reader: &mut Reader<'_>) -> Result<Tails, FormatError> {
    let mut tails = Vec::new();
    for _ in 0..reader.count(49)? {
        let author = KeyId(reader.array()?);
        tails.push((author, Tail { sequence: reader.varint()?, hash: reader.array()? }));
    }
    Ok(tails)
}

/// Encodes a part.
pub fn encode(tails: &[(KeyId, Tail)], changes: &[Change]) -> Vec<u8> {
    let mut out = Writer::default();
    write_tails(&mut out, tails);
    out.raw(&batch::encode(changes));
    out.0
}

/// Reads a part.
///
/// # Errors
/// If it is none.
pub fn decode(notebook: NotebookId, bytes: &[u8]) -> Result<(Tails, Vec<Change>), FormatError> {
    let mut reader = Reader::new(bytes, "part of a snapshot");
    let tails = read_tails(&mut reader)?;
    let rest = reader.left();
    let changes = batch::decode(notebook, reader.raw(rest)?)?;
    Ok((tails, changes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::notebook::change::FieldChange;
    use crate::{DeviceId, EntryId, Hlc, Stamp};

    fn part() -> (Tails, Vec<Change>) {
        let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
        let change = Change {
            entry: EntryId::from_slice(&[8; 16]).unwrap(),
            notebook,
            kind: "growth".into(),
            stamp: Stamp { hlc: Hlc(77), device: DeviceId(5) },
            fields: [("weight".to_owned(), FieldChange { value: 7.35.into(), replaces: Default::default() })].into(),
            deletes: None,
        };
        (vec![(KeyId([1; 16]), Tail { sequence: 300, hash: [2; 32] })], vec![change])
    }

    #[test]
    fn a_part_comes_back_and_its_form_is_frozen() {
        let (tails, changes) = part();
        let bytes = encode(&tails, &changes);
        let notebook = changes[0].notebook;
        assert_eq!(decode(notebook, &bytes), Ok((tails, changes)));
        crate::frozen::is("snapshot_1", &bytes);
        assert!((0..bytes.len()).all(|length| decode(notebook, &bytes[..length]).is_err()));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
            let _ = decode(NotebookId::from_slice(&[9; 16]).unwrap(), &bytes);
        }
    }
}

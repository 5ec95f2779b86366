//! The archive of a notebook that begins anew: packed from the log as it is kept, sealed like a photo. Whether it proves anything,
//! [`Archive::words`] says.

use std::collections::BTreeMap;

use ayumi_protocol::archive::Archive;
use ayumi_protocol::batch::padded;
use ayumi_protocol::blob::{SNAPSHOT_HEAD, archive_name};
use ayumi_protocol::control::State;
use ayumi_protocol::envelope::Frame;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::limits;
use ayumi_protocol::opening::Held;

use super::blob;
use super::reader::Reader;
use super::snapshot::Packing;

/// A level of zstd that takes its time: an archive is made once.
const LEVEL: i32 = 12;
/// Bytes of an archive, packed, that fit into its chunks; its length and its maker's control head stand before it.
const PACKED: usize = limits::ARCHIVE_CHUNKS as usize * blob::CHUNK;

/// Gathers what is kept of a log, author by author, each author's envelopes in their order.
pub struct Gathering<'r> {
    reader: &'r Reader,
    packing: Packing<'r>,
    ends: BTreeMap<KeyId, Frame>,
}

impl<'r> Gathering<'r> {
    /// Begins one.
    pub const fn new(reader: &'r Reader) -> Self {
        Self { reader, packing: Packing::new(reader), ends: BTreeMap::new() }
    }

    /// Takes the next envelope that counts.
    pub fn take(&mut self, held: &Held) {
        let frame = held.frame();
        self.ends.insert(frame.header.author, frame);
        self.packing.take(held);
    }

    /// Makes the archive, with the statements of the chain. `None` without any word in it.
    pub fn finish(self, statements: Vec<Vec<u8>>) -> Option<Archive> {
        let state = self.reader.state()?;
        let parts: Vec<_> = self.packing.into_parts().into_iter().filter(|part| part.counts(state)).collect();
        let notebook = self.reader.notebook();
        (!parts.is_empty()).then(|| Archive { notebook, statements, ends: self.ends.into_values().collect(), parts })
    }
}

/// Packs an archive. `None` if it is larger than one may be.
pub fn pack(archive: &Archive) -> Option<Vec<u8>> {
    let bytes = archive.to_bytes();
    let packed = zstd::bulk::compress(&bytes, LEVEL).ok().filter(|_| bytes.len() <= limits::ARCHIVE_BYTES)?;
    (padded(packed.len() + SNAPSHOT_HEAD + size_of::<u64>()) <= PACKED).then_some(packed)
}

/// Reads a packed archive. `None` if it is none.
pub fn unpack(packed: &[u8]) -> Option<Archive> {
    let bytes = zstd::bulk::decompress(packed, limits::ARCHIVE_BYTES).ok()?;
    Archive::from_bytes(&bytes).ok()
}

/// Seals a packed archive in the epoch of a control head that its maker knows, in chunks as a server keeps them: the same head, the
/// same chunks. `None` without the epoch's key.
pub fn seal(reader: &Reader, head: &Hash, packed: &[u8]) -> Option<Vec<Vec<u8>>> {
    let state = reader.state()?;
    let epoch = state.epoch_at(state.place_of(head)?);
    let inside = [&head[..], packed].concat();
    let mut chunks = blob::seal(reader.key(epoch)?, epoch, &archive_name(reader.notebook()), &inside).ok()?;
    let first = chunks.first_mut()?;
    *first = [&head[..], first].concat();
    Some(chunks)
}

/// Opens the chunks of an archive. `None` if they are none, or if its maker did not know the last statement that erased words.
pub fn open(reader: &Reader, chunks: &[Vec<u8>]) -> Option<Vec<u8>> {
    let (first, rest) = chunks.split_first()?;
    let (_, first) = first.split_at_checked(SNAPSHOT_HEAD)?;
    let chunks: Vec<Vec<u8>> = std::iter::once(first.to_vec()).chain(rest.iter().cloned()).collect();
    let inside = blob::open(|epoch| reader.key(epoch), &archive_name(reader.notebook()), &chunks).ok()?;
    let (head, packed) = inside.split_first_chunk::<SNAPSHOT_HEAD>()?;
    knows_what_was_erased(reader.state()?, head).then(|| packed.to_vec())
}

/// Whether whoever knew a control head knew all statements that erased words.
pub fn knows_what_was_erased(state: &State, head: &Hash) -> bool {
    let erased = state.last_erasure();
    state.place_of(head).is_some_and(|head| erased.is_none_or(|erased| erased <= head))
}

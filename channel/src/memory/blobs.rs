//! Blobs of a store in memory: photos, thumbnails and snapshots, in chunks.

use std::collections::BTreeMap;

use ayumi_protocol::NotebookId;
use ayumi_protocol::blob::{BlobName, BlobReply, hash_over};
use ayumi_protocol::key::{Hash, hash};

use crate::chunks::that_fit;
use crate::log::Chunk;

/// Every blob, by notebook and name.
#[derive(Clone, Default)]
pub(super) struct Blobs(BTreeMap<(NotebookId, BlobName), Blob>);

#[derive(Clone)]
struct Blob {
    of: u32,
    /// By their numbers.
    chunks: BTreeMap<u32, StoredChunk>,
}

#[derive(Clone)]
struct StoredChunk {
    hash: Hash,
    bytes: Vec<u8>,
}

impl Blobs {
    /// Whether a chunk would be stored. Another total means other content under the same name: the first stays.
    pub(super) fn lacks(&self, chunk: &Chunk) -> bool {
        let there = self.0.get(&(chunk.notebook, chunk.name));
        there.is_none_or(|blob| blob.of == chunk.of && !blob.chunks.contains_key(&chunk.number))
    }

    /// Stores a chunk that it lacks.
    pub(super) fn put(&mut self, chunk: Chunk) {
        let new = Blob { of: chunk.of, chunks: BTreeMap::new() };
        let blob = self.0.entry((chunk.notebook, chunk.name)).or_insert(new);
        blob.chunks.insert(chunk.number, StoredChunk { hash: hash(&chunk.bytes), bytes: chunk.bytes });
    }

    /// The state of a blob; with `from`, also its chunks from this one on.
    pub(super) fn state(&self, notebook: NotebookId, name: BlobName, from: Option<u32>) -> BlobReply {
        let Some(Blob { of, chunks }) = self.0.get(&(notebook, name)) else { return BlobReply::default() };
        let there = u32::try_from((0..*of).take_while(|number| chunks.contains_key(number)).count()).unwrap_or(*of);
        let wanted = from.map_or(there, |from| from.min(there));
        let given = (wanted..there).take(2).filter_map(|number| Some(chunks.get(&number)?.bytes.clone())).collect();
        let hashes: Vec<Hash> = chunks.values().map(|chunk| chunk.hash).collect();
        let hash = if there == *of { hash_over(&hashes) } else { Hash::default() };
        BlobReply { of: *of, there, hash, chunks: given }
    }

    /// Gives blobs of one chunk, as many as fit.
    pub(super) fn gather(&self, notebook: NotebookId, names: Vec<BlobName>) -> Vec<Vec<u8>> {
        let alone = |name| self.0.get(&(notebook, name)).filter(|blob| blob.of == 1)?.chunks.get(&0);
        that_fit(names.into_iter().map(|name| alone(name).map_or_else(Vec::new, |chunk| chunk.bytes.clone())))
    }

    /// Drops a blob, and returns how many bytes it had.
    pub(super) fn drop(&mut self, notebook: NotebookId, name: BlobName) -> u64 {
        let gone = self.0.remove(&(notebook, name));
        gone.map_or(0, |blob| blob.chunks.values().map(|chunk| chunk.bytes.len() as u64).sum())
    }

    /// Drops all of a notebook.
    pub(super) fn drop_all(&mut self, notebook: NotebookId) {
        self.0.retain(|(id, _), _| *id != notebook);
    }

    /// Everything that is stored, as bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for ((id, name), blob) in &self.0 {
            all.extend([&id.as_bytes()[..], name].concat());
            all.extend(blob.chunks.values().flat_map(|chunk| &chunk.bytes));
        }
        all
    }
}

//! How big things may be. A device refuses to write more; a server and every reader refuse to take more.

/// Characters of one text field.
pub const TEXT_CHARS: usize = 10_000;
/// Characters of a short text: a name, a place.
pub const SHORT_TEXT_CHARS: usize = 200;
/// Bytes of one change as stored.
pub const CHANGE_BYTES: usize = 256 * 1024;
/// Bytes of one photo as kept, after it was scaled.
pub const PHOTO_BYTES: usize = 1024 * 1024;
/// Pixels of a photo's longer edge, as kept.
pub const PHOTO_EDGE: u32 = 2048;
/// Pixels of a thumbnail's longer edge.
pub const THUMBNAIL_EDGE: u32 = 256;
/// Bytes of a thumbnail as it is made now: sealed, all of them are as long.
pub const THUMBNAIL_BYTES: usize = THUMBNAIL_BLOCK - 8;
/// Bytes to a multiple of which a thumbnail and its length are padded.
pub const THUMBNAIL_BLOCK: usize = 16 * 1024;

/// Bytes of one envelope.
pub const ENVELOPE_BYTES: usize = 1024 * 1024;
/// Changes in one envelope: what each of them costs a phone is paid by everybody who reads it.
pub const BATCH_CHANGES: usize = 2_500;
/// Changes of one entry by one author, along its line; erased ones are not counted.
pub const ENTRY_CHANGES: usize = 1000;
/// Bytes of an envelope's content, unpacked.
pub const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of an opening, sealed: what an envelope holds, and the keys of its leaves.
pub const OPENING_BYTES: usize = ENVELOPE_BYTES + 128 * 1024;
/// Bytes of an opening's content, unpacked.
pub const OPENED_BYTES: usize = BATCH_BYTES + 512 * 1024;
/// Bytes of one control statement.
pub const STATEMENT_BYTES: usize = 256 * 1024;
/// Statements of one chain.
pub const STATEMENTS: usize = 4096;
/// The last of them, which only removals, new keys, recoveries and leaving may take.
pub const LAST_STATEMENTS: usize = 64;
/// Lines that a cutoff names the ends of.
pub const CUTOFF_LINES: usize = 16;
/// Changes, and whole envelopes, that one statement erases.
pub const ERASED_AT_ONCE: usize = 1000;
/// Statements of one member who is no owner.
pub const OWN_STATEMENTS: usize = 256;
/// Members, open invitations and the recovery sheet of one notebook together.
pub const HOLDERS: usize = 64;
/// Bytes of a member's sealed label.
pub const LABEL_BYTES: usize = 512;
/// Bytes of one wrapped key.
pub const WRAP_BYTES: usize = 256;

/// Statements and envelopes of one request.
pub const PIECES: usize = 1024;
/// Signed ends of one request.
pub const ENDS: usize = 64;
/// Items before the signed ends of one request.
pub const PROVEN_ITEMS: usize = 8192;
/// Bytes of one request: an envelope or two, and their surroundings.
pub const REQUEST_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of items in one reply, whatever was asked for; one item may be longer.
pub const PAGE_BYTES: usize = 1024 * 1024;
/// Bytes of one chunk of a photo or a snapshot, sealed.
pub const CHUNK_BYTES: usize = 256 * 1024 + 16;
/// Chunks of one photo or snapshot.
pub const CHUNKS: u32 = 4096;
/// Chunks of one photo: [`PHOTO_BYTES`] in pieces of 128 KiB, with their padding and to spare.
pub const PHOTO_CHUNKS: u32 = 16;
/// Blobs of one chunk, thumbnails, that are asked for together.
pub const GATHERED: usize = 64;
/// Chunks of one snapshot.
pub const SNAPSHOT_CHUNKS: u32 = 64;
/// Bytes of a snapshot, unpacked.
pub const SNAPSHOT_BYTES: usize = 16 * 1024 * 1024;
/// Changes in one snapshot.
pub const SNAPSHOT_CHANGES: usize = 100_000;
/// Parts of one snapshot: one of each author, and one more behind each envelope that its maker could not tell.
pub const SNAPSHOT_PARTS: usize = 1024;
/// Bytes of an archive, unpacked.
pub const ARCHIVE_BYTES: usize = 16 * 1024 * 1024;
/// Chunks of one archive.
pub const ARCHIVE_CHUNKS: u32 = 64;
/// Bytes of what is in a drawer.
pub const DRAWER_BYTES: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// Another team's client must know them: a request beyond one is refused.
    #[test]
    fn the_limits_of_the_documentation_are_those_of_the_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md");
        let text = std::fs::read_to_string(path).unwrap();
        let (_, table) = text.split_once("## Limits").unwrap();
        for (what, number) in [
            ("bytes of a request", REQUEST_BYTES),
            ("pieces of a request", PIECES),
            ("signed ends of a request", ENDS),
            ("items before the signed ends of a request", PROVEN_ITEMS),
            ("bytes of items in a reply, at least one item", PAGE_BYTES),
            ("bytes of an envelope", ENVELOPE_BYTES),
            ("bytes of an envelope's content, unpacked", BATCH_BYTES),
            ("bytes of an opening, sealed", OPENING_BYTES),
            ("bytes of an opening's content, unpacked", OPENED_BYTES),
            ("changes in an envelope", BATCH_CHANGES),
            ("changes of one entry by one author", ENTRY_CHANGES),
            ("bytes of a change's body", CHANGE_BYTES),
            ("bytes of a statement", STATEMENT_BYTES),
            ("statements of a chain", STATEMENTS),
            ("of them at the end, for what protects", LAST_STATEMENTS),
            ("changes and whole envelopes that a statement erases", ERASED_AT_ONCE),
            ("statements that erase or give new keys, of a person who is no owner", OWN_STATEMENTS),
            ("ends of lines that a cutoff names", CUTOFF_LINES),
            ("holders of a notebook", HOLDERS),
            ("bytes of a label", LABEL_BYTES),
            ("bytes of a wrap", WRAP_BYTES),
            ("bytes of a chunk, sealed", CHUNK_BYTES),
            ("chunks of a photo", PHOTO_CHUNKS as usize),
            ("bytes of a photo", PHOTO_BYTES),
            ("pixels of a photo's longer edge", PHOTO_EDGE as usize),
            ("bytes of a thumbnail, as one is made now", THUMBNAIL_BYTES),
            ("pixels of a thumbnail's longer edge", THUMBNAIL_EDGE as usize),
            ("blobs of one chunk that are asked for together", GATHERED),
            ("chunks of a blob", CHUNKS as usize),
            ("bytes of a snapshot, unpacked", SNAPSHOT_BYTES),
            ("changes in a snapshot", SNAPSHOT_CHANGES),
            ("parts of a snapshot", SNAPSHOT_PARTS),
            ("chunks of a snapshot", SNAPSHOT_CHUNKS as usize),
            ("bytes of an archive, unpacked", ARCHIVE_BYTES),
            ("chunks of an archive", ARCHIVE_CHUNKS as usize),
            ("bytes in a drawer", DRAWER_BYTES),
        ] {
            assert!(table.contains(&format!("| {what} | {number} |")), "{what}: {number}");
        }
    }
}

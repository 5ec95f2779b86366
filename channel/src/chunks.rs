//! How much of what lies in chunks goes into one reply.

/// The most bytes of chunks in one reply.
pub const CHUNKS_BYTES: usize = 1024 * 1024;

/// Takes chunks that were asked for together until they are more than one reply has, but at least one.
pub fn that_fit(chunks: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let (mut fit, mut bytes) = (Vec::new(), 0);
    for chunk in chunks {
        bytes += chunk.len();
        if bytes > CHUNKS_BYTES && !fit.is_empty() {
            break;
        }
        fit.push(chunk);
    }
    fit
}

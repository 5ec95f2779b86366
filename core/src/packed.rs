//! Files that the build compressed, unpacked when they are first read.

use std::io;

/// A file of the build: `packed!("texts/form.toml.zst")`.
macro_rules! packed {
    ($name:literal) => {
        $crate::packed::unpack(include_bytes!(concat!(env!("OUT_DIR"), "/", $name)))
    };
}
/// The same as text: `packed_text!("texts/form.toml")`.
macro_rules! packed_text {
    ($name:literal) => {
        String::from_utf8($crate::packed::unpack(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".zst"))))
            .unwrap_or_default()
    };
}
pub(crate) use {packed, packed_text};

/// Its length, then one frame. The build made it; one that cannot be read (which cannot be shipped) is empty.
pub(crate) fn unpack(packed: &[u8]) -> Vec<u8> {
    let read = || -> io::Result<Vec<u8>> {
        let (length, frame) = packed.split_first_chunk::<4>().ok_or(io::ErrorKind::UnexpectedEof)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(io::Error::other)?;
        zstd::bulk::decompress(frame, length)
    };
    read().unwrap_or_default()
}

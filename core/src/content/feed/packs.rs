//! The content packs of an edition, as one.

use ayumi_protocol::municipal::feed::FeedRefusal;

use super::take::{PACKED, UNPACKED_BYTES, unpack};
use crate::content::pack::Pack;
use crate::content::read_pack;

/// The path of a text, packed or not.
pub fn unpacked_path(path: &str) -> &str {
    path.strip_suffix(PACKED).unwrap_or(path)
}

/// Whether a path of an edition names a content pack.
pub fn is_pack(path: &str) -> bool {
    unpacked_path(path).ends_with(".toml")
}

/// Reads a content pack as it was served.
///
/// # Errors
/// [`FeedRefusal::Unreadable`] for what cannot be unpacked or is no text.
pub fn text_of(path: &str, served: &[u8]) -> Result<String, FeedRefusal> {
    String::from_utf8(unpack(path, served, UNPACKED_BYTES)?).map_err(|_| FeedRefusal::Unreadable)
}

/// Packs a text by its path, as it will be served: the same bytes each time.
///
/// # Errors
/// [`FeedRefusal::TooLong`] if it cannot be packed.
pub fn packed(path: &str, text: &str) -> Result<(String, Vec<u8>), FeedRefusal> {
    let bytes = zstd::bulk::compress(text.as_bytes(), 19).map_err(|_| FeedRefusal::TooLong)?;
    Ok((format!("{path}{PACKED}"), bytes))
}

/// Puts the packs of an edition together, in its order. One that this version cannot use is left aside; `None` if none is left.
pub fn together<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Option<Pack> {
    let texts = files.filter(|(path, _)| is_pack(path)).filter_map(|(path, served)| text_of(path, served).ok());
    texts.filter_map(|text| read_pack(&text).ok()).reduce(Pack::joined)
}

impl Pack {
    /// Puts another pack behind this one; this one's head stays.
    #[must_use]
    pub(crate) fn joined(mut self, other: Self) -> Self {
        let Self { pack: _, item, without_items, programme, desk, area, notice, words, .. } = other;
        self.item.extend(item);
        self.without_items.extend(without_items);
        self.programme.extend(programme);
        self.desk.extend(desk);
        self.area.extend(area);
        self.notice.extend(notice);
        self.words.extend(words);
        self
    }
}

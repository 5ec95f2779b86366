//! Photos of a JSON file: their bytes must be those that their entries tell of.

use std::collections::{HashMap, HashSet};

use ayumi_protocol::EntryId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::json_file::{File, FileEntry};
use crate::crypto::sha256_hex;
use crate::model::kind::Record;
use crate::model::kinds::Photo;
use crate::model::{Invalid, Reason, limits};

/// What a file has of the photo that an entry tells of.
pub(super) enum Pixels {
    /// The photo and its small picture.
    Whole(Vec<u8>, Vec<u8>),
    /// Bytes that are not those of the entry.
    Damaged(Invalid),
    /// Nothing.
    Absent,
}

/// The photos of a file.
pub(super) struct Photos<'a> {
    jpegs: HashMap<EntryId, &'a str>,
}

impl<'a> Photos<'a> {
    pub(super) fn of(file: &'a File) -> Self {
        Self { jpegs: file.photos.iter().map(|photo| (photo.id, photo.jpeg.as_str())).collect() }
    }

    /// How many belong to no entry of the file.
    pub(super) fn without_entry(&self, file: &File) -> usize {
        let told: HashSet<EntryId> =
            file.entries.iter().filter(|entry| entry.kind == Photo::KIND.id).filter_map(|entry| entry.id).collect();
        self.jpegs.keys().filter(|id| !told.contains(id)).count()
    }

    /// The pixels that an entry tells of.
    pub(super) fn pixels(&self, entry: &FileEntry) -> Pixels {
        let Some((id, jpeg)) = entry.id.and_then(|id| Some((id, self.jpegs.get(&id)?))) else { return Pixels::Absent };
        let sum = entry.fields.get("sha256").and_then(Value::as_str);
        let data = STANDARD.decode(jpeg).ok().filter(|data| data.len() <= limits::PHOTO_BYTES);
        let whole = data.filter(|data| sum == Some(sha256_hex(data).as_str()));
        let both = whole.and_then(|data| Some((crate::photo::thumbnail_of(&data).ok()?, data)));
        match both {
            Some((thumb, data)) => Pixels::Whole(data, thumb),
            None => {
                let allowed = "the picture that its entry tells of: these bytes were changed on the way";
                Pixels::Damaged(Invalid::new(Photo::KIND.id, &id.to_string(), allowed).because(Reason::PhotoDamaged))
            }
        }
    }
}

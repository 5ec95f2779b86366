//! Reading what can be read of a damaged file, setting it aside, and going on with a new one.
//!
//! Each page of the file and of its write-ahead log is opened by itself; the rows of the change log and the photos that
//! are found make a new file through the same code that writes every change. The damaged file is kept, whole.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ayumi_protocol::{Change, EntryId, NotebookId, Stamp};
use ayumi_sqlcipher::page::PageReader;

use super::changes::{Applier, Delivery};
use super::entries;
use super::error::StoreError;
use super::leaf::{Column, rows};
use super::membership::Memberships;
use super::open::{self, FILE_NAME, NEW_NAME, SET_ASIDE, file_path};
use super::pages::{Spot, images, wal_path};
use super::photos;
use super::settings::{self, CLOCK};
use super::tables::{self, Rows, Table};
use super::trees;
use crate::crypto::{self, FileKey};
use crate::model::kind::Record;
use crate::model::kinds::Photo;
use crate::model::naming::EntryKey;

/// What was saved, and where the damaged file is now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Salvaged {
    /// Entries in the new file.
    pub entries: u64,
    /// Changes in the new file: entries with their history.
    pub changes: u64,
    /// Photos in the new file.
    pub photos: u64,
    /// Photo entries whose pixels could not be read.
    pub photos_lost: u64,
    /// Notebooks whose own facts (name, birth) could not be read; they have a stand-in that a carer fills again.
    pub facts_lost: u64,
    /// Changes that may not stand in their notebook, as this version judges: kept, shown to nobody.
    pub apart: u64,
    /// Pages of the damaged file that could not be read.
    pub pages_lost: u64,
    /// Pages it had.
    pub pages: u64,
    /// Folder that keeps the damaged file.
    pub set_aside: PathBuf,
}

/// What the pages held.
#[derive(Default)]
struct Found {
    changes: BTreeMap<(EntryKey, Stamp), Change>,
    /// Every row that may be a photo's: where no tree names its page, a thumbnail has a row of the same pattern.
    photos: BTreeMap<EntryKey, Vec<Place>>,
    settings: HashMap<String, String>,
    memberships: Memberships,
    pages: u64,
    pages_lost: u64,
}

/// Where a photo's row stands; its bytes are read when they are written, one at a time.
type Place = (Spot, u32);

/// Reads the damaged file, writes a new one, and puts it in the old one's place. Nothing is put in place before the new
/// file is complete; the damaged one is moved into a folder of its own.
pub fn salvage(folder: &Path, key: &FileKey, progress: &mut dyn FnMut(u64)) -> Result<Salvaged, StoreError> {
    let _lock = open::lock(folder)?;
    let path = file_path(folder);
    let pages = PageReader::new(key.expose(), &key.file_salt());
    let by_number = newest_places(&path, &pages)?;
    let overflow = |number: u32| by_number.get(&number).and_then(|spot| spot.open(&path, &pages, number));
    let owners = trees::owners(&overflow);
    let mut found = Found::default();
    for image in images(&path)? {
        let image = image?;
        found.pages += 1;
        progress(found.pages);
        match pages.open(image.number, &image.bytes) {
            Some(plain) => {
                // The trees are those of the newest images; an older image may have been another table's page.
                let newest = by_number.get(&image.number) == Some(&image.spot);
                let owner = owners.get(&image.number).copied().filter(|_| newest);
                gather(&mut found, (image.spot, image.number), owner, rows(&plain, image.number, &overflow));
            }
            None => found.pages_lost += 1,
        }
    }
    if found.pages == found.pages_lost {
        return Err(StoreError::WrongKey);
    }
    let new_path = folder.join(NEW_NAME);
    remove_with_wal(&new_path)?;
    let mut salvaged = write_new(&new_path, key, &found, |(spot, number)| {
        let plain = spot.open(&path, &pages, *number)?;
        let photo_of = |columns: Vec<Column>| read_photo(&columns).map(|(key, data)| (key, data.to_vec()));
        Some(rows(&plain, *number, &overflow).into_iter().filter_map(photo_of).collect())
    })?;
    salvaged.set_aside = set_aside(folder)?;
    std::fs::rename(&new_path, &path)?;
    File::open(folder)?.sync_all()?;
    Ok(salvaged)
}

/// For each page number the newest place that can be read.
fn newest_places(path: &Path, pages: &PageReader) -> Result<HashMap<u32, Spot>, StoreError> {
    let mut places = HashMap::new();
    for image in images(path)? {
        let image = image?;
        if pages.open(image.number, &image.bytes).is_some() {
            places.insert(image.number, image.spot);
        }
    }
    Ok(places)
}

fn gather(found: &mut Found, place: Place, owner: Option<&Table>, rows: Vec<Vec<Column>>) {
    for columns in rows {
        match (tables::read_as(owner, &columns), columns.as_slice()) {
            (Some(Rows::Changes), _) => {
                let one = |change: Change| ((EntryKey::of(&change), change.stamp), change);
                found.changes.extend(read_change(&columns).map(one));
            }
            (Some(Rows::Photos), _) => {
                if let Some((key, _)) = read_photo(&columns) {
                    found.photos.entry(key).or_default().push(place);
                }
            }
            (Some(Rows::Settings), [_, Column::Text(key), Column::Text(value)]) => {
                found.settings.insert(key.clone(), value.clone());
            }
            (Some(Rows::Memberships), _) => found.memberships.gather(&columns),
            _ => {}
        }
    }
}

/// Reads a row of `changes` or `apart`; `None` if its body is no change.
fn read_change(columns: &[Column]) -> Option<Change> {
    let (entry, notebook, kind, stamp, body) = match columns {
        [
            Column::Blob(entry),
            Column::Blob(notebook),
            Column::Text(kind),
            Column::Blob(stamp),
            Column::Integer(_),
            Column::Integer(_),
            Column::Text(body),
        ]
        | [
            Column::Null,
            Column::Blob(entry),
            Column::Blob(notebook),
            Column::Text(kind),
            Column::Blob(stamp),
            Column::Text(body),
        ] => (entry, notebook, kind, stamp, body),
        _ => return None,
    };
    let entry = EntryId::from_slice(entry).ok()?;
    let notebook = NotebookId::from_slice(notebook).ok()?;
    Change::from_parts(entry, notebook, kind, Stamp::from_slice(stamp).ok()?, body).ok()
}

/// Reads a row of `photo_data` or `photos`: the key of an entry and a JPEG.
fn read_photo(columns: &[Column]) -> Option<(EntryKey, &[u8])> {
    let [Column::Null, Column::Blob(id), Column::Blob(notebook), Column::Blob(data)] = columns else { return None };
    let (id, notebook) = (EntryId::from_slice(id).ok()?, NotebookId::from_slice(notebook).ok()?);
    let jpeg = data.starts_with(&[0xff, 0xd8]);
    jpeg.then_some((EntryKey::new(notebook, Photo::KIND.id, id), data))
}

/// Returns the photo among the JPEGs stored under its entry's id, one of which is its thumbnail.
///
/// The entry's `sha256` decides; without it (the entry's changes are lost) the longest is the photo.
fn pick_photo(mut candidates: impl Iterator<Item = Vec<u8>>, sha256: Option<&str>) -> Option<Vec<u8>> {
    match sha256 {
        Some(sum) => candidates.find(|data| crypto::sha256_hex(data) == sum),
        None => candidates.max_by_key(Vec::len),
    }
}

fn write_new(
    path: &Path,
    key: &FileKey,
    found: &Found,
    photos_at: impl Fn(&Place) -> Option<Vec<(EntryKey, Vec<u8>)>>,
) -> Result<Salvaged, StoreError> {
    let mut connection = open::create_at(path, key)?;
    let tx = connection.transaction()?;
    for setting in settings::ALL.iter().filter(|setting| setting.survives_salvage) {
        if let Some(text) = found.settings.get(setting.name).filter(|text| (setting.is_readable)(text)) {
            settings::set_text(&tx, setting.name, text)?;
        }
    }
    let clock = found.changes.values().map(|change| change.stamp.hlc).max().unwrap_or_default();
    CLOCK.set(&tx, &clock)?;
    let mut applier = Applier::default();
    // In the order of their stamps, so that notebooks and lists come out as they grew.
    let mut changes: Vec<&Change> = found.changes.values().collect();
    changes.sort_by_key(|change| change.stamp);
    for change in changes {
        // Sent again: the server answers a repeat with the first answer, and it may be what was lost there.
        applier.apply(&tx, change, Delivery::Waiting)?;
    }
    found.memberships.write(&tx)?;
    let mut saved = 0;
    for (key, places) in &found.photos {
        let entry = entries::find(&tx, key)?;
        let sha256 = entry.as_ref().and_then(|entry| entry.fields.get("sha256")?.as_str());
        // The newest first: what is read last is newest.
        let rows = places.iter().rev().filter_map(&photos_at).flatten();
        let candidates = rows.filter(|(other, _)| other == key).map(|(_, data)| data);
        let Some(data) = pick_photo(candidates, sha256) else { continue };
        if let Ok(thumb) = crate::photo::thumbnail_of(&data) {
            photos::add(&tx, key, &data, &thumb)?;
            saved += 1;
        }
    }
    tx.commit()?;
    let photo_entries: i64 =
        connection
            .query_row("SELECT count(*) FROM entries WHERE kind = 'photo' AND deleted = 0", [], |row| row.get(0))?;
    let (entries, changes) = entries::counts(&connection)?;
    // Folds the WAL into the file, so that renaming moves everything.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(Salvaged {
        entries,
        changes,
        photos: saved,
        photos_lost: u64::try_from(photo_entries).unwrap_or(0).saturating_sub(saved),
        facts_lost: 0,
        apart: 0,
        pages_lost: found.pages_lost,
        pages: found.pages,
        set_aside: PathBuf::new(),
    })
}

fn remove_with_wal(path: &Path) -> Result<(), StoreError> {
    for file in [path.to_owned(), wal_path(path)] {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Moves the damaged file and its WAL into the first free folder `damaged-N`.
fn set_aside(folder: &Path) -> Result<PathBuf, StoreError> {
    let mut n = 0_u32;
    loop {
        n += 1;
        let target = folder.join(format!("{SET_ASIDE}{n}"));
        match std::fs::create_dir(&target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            other => other?,
        }
        let path = file_path(folder);
        if wal_path(&path).exists() {
            std::fs::rename(wal_path(&path), target.join(FILE_NAME).with_extension("db-wal"))?;
        }
        std::fs::rename(&path, target.join(FILE_NAME))?;
        return Ok(target);
    }
}

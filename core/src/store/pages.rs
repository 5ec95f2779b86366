//! The stored pages of a file and of its write-ahead log (WAL), still sealed.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use ayumi_sqlcipher::page::{PAGE_LEN, PageReader};

use super::error::StoreError;
use crate::crypto::FileKey;

/// One stored page, still sealed.
pub(super) struct Image {
    /// The page's number; the first is 1.
    pub(super) number: u32,
    pub(super) bytes: Box<[u8; PAGE_LEN]>,
    pub(super) spot: Spot,
}

/// Where an image of a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    offset: u64,
    in_wal: bool,
}

impl Spot {
    /// Opens the page at this spot; `None` if it cannot be read.
    pub(super) fn open(self, path: &Path, pages: &PageReader, number: u32) -> Option<Box<[u8; PAGE_LEN]>> {
        let mut file = File::open(if self.in_wal { wal_path(path) } else { path.to_owned() }).ok()?;
        file.seek(SeekFrom::Start(self.offset)).ok()?;
        let mut bytes = Box::new([0; PAGE_LEN]);
        file.read_exact(&mut *bytes).ok()?;
        pages.open(number, &bytes)
    }
}

const WAL_HEADER: u64 = 32;
const FRAME_HEADER: usize = 24;

/// The write-ahead log (WAL) of a file.
pub(super) fn wal_path(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// Returns every page of the file, then every page of its WAL, each as it was stored.
///
/// Of the WAL only the frames of its present round count, up to the last one that ended a transaction: a transaction
/// that was never committed must not appear.
pub(super) fn images(path: &Path) -> Result<impl Iterator<Item = io::Result<Image>> + use<>, StoreError> {
    let mut file = BufReader::new(File::open(path)?);
    let mut number = 0;
    let pages = std::iter::from_fn(move || {
        number += 1;
        let mut bytes = Box::new([0; PAGE_LEN]);
        match file.read_exact(&mut *bytes) {
            Ok(()) => Some(Ok(Image {
                number,
                bytes,
                spot: Spot { offset: u64::from(number - 1) * PAGE_LEN as u64, in_wal: false },
            })),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(error) => Some(Err(error)),
        }
    });
    Ok(pages.chain(wal_images(&wal_path(path))?))
}

fn wal_images(path: &Path) -> Result<impl Iterator<Item = io::Result<Image>> + use<>, StoreError> {
    let mut frames = Vec::new();
    if let Ok(file) = File::open(path) {
        let mut file = BufReader::new(file);
        let mut head = [0; WAL_HEADER as usize];
        let round = file.read_exact(&mut head).is_ok().then(|| head[16..24].to_vec());
        let mut committed = 0;
        let mut frame = vec![0; FRAME_HEADER + PAGE_LEN];
        while round.is_some() && file.read_exact(&mut frame).is_ok() {
            let word = |at: usize| u32::from_be_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]);
            if round.as_deref() != Some(&frame[8..16]) {
                break;
            }
            let offset = WAL_HEADER + (frames.len() * (FRAME_HEADER + PAGE_LEN) + FRAME_HEADER) as u64;
            frames.push((word(0), offset));
            if word(4) != 0 {
                committed = frames.len();
            }
        }
        frames.truncate(committed);
    }
    let path = path.to_owned();
    Ok(frames.into_iter().map(move |(number, offset)| {
        let mut bytes = Box::new([0; PAGE_LEN]);
        let mut file = File::open(&path)?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut *bytes)?;
        Ok(Image { number, bytes, spot: Spot { offset, in_wal: true } })
    }))
}

/// Whether the key opens any page of the file or of its WAL.
pub(super) fn some_page_opens(path: &Path, key: &FileKey) -> Result<bool, StoreError> {
    let pages = PageReader::new(key.expose(), &key.file_salt());
    Ok(images(path)?.any(|image| image.is_ok_and(|image| pages.open(image.number, &image.bytes).is_some())))
}

//! The tables written since the last call, which observers are notified of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use super::error::StoreError;

/// What was written. A write that was rolled back may be among it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Touched {
    /// Entries and notebooks.
    pub records: bool,
    /// Photos.
    pub photos: bool,
    /// Content packs, a municipality's feed, what was done with notices.
    pub content: bool,
}

/// Set by SQLite with every row.
#[derive(Debug, Default)]
pub(super) struct Marks {
    records: AtomicBool,
    photos: AtomicBool,
    content: AtomicBool,
}

impl Marks {
    pub(super) fn on(connection: &mut Connection) -> Result<Arc<Self>, StoreError> {
        let marks = Arc::new(Self::default());
        let kept = marks.clone();
        connection.update_hook(Some(move |_, _: &str, table: &str, _| {
            let mark = match table {
                "entries" | "notebooks" => &kept.records,
                "photos" | "photo_data" => &kept.photos,
                "packs" | "municipality" | "feed_files" | "notice_marks" => &kept.content,
                _ => return,
            };
            mark.store(true, Ordering::Relaxed);
        }))?;
        Ok(marks)
    }

    pub(super) fn take(&self) -> Touched {
        let take = |mark: &AtomicBool| mark.swap(false, Ordering::Relaxed);
        Touched { records: take(&self.records), photos: take(&self.photos), content: take(&self.content) }
    }
}

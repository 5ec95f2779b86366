//! Whether a file that a command would write is one of the handbook's own.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder of the handbook that this process works on.
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Names the folder whose files no output may replace.
pub(crate) fn protect(folder: PathBuf) {
    // The first one counts: a process works on one handbook.
    let _ = FOLDER.set(folder);
}

/// Whether writing there would replace a file of the handbook, by whatever path or link.
pub(crate) fn is_own(path: &Path) -> bool {
    FOLDER.get().is_some_and(|folder| ayumi_core::app::is_own_file(folder, path))
}

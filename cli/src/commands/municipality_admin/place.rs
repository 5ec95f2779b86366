//! Where the keys lie, what time it is, and how a failure is told.

use std::path::{Path, PathBuf};

use ayumi_core::app::ports::{Clock, SystemClock};
use ayumi_server::feed::FeedError;

use crate::output::Failure;

/// What failed with a feed, as a line.
pub(super) fn failed(error: FeedError) -> Failure {
    match error {
        FeedError::Io(error) => Failure::File("feed".into(), error.kind()),
        FeedError::NotTwo | FeedError::Refused(_) => Failure::Input(error.to_string()),
        other => Failure::Other(other.to_string()),
    }
}

/// The folder of the keys: as named, else beside the data.
pub(super) fn keys_folder(named: Option<&Path>, data: &Path) -> Result<PathBuf, Failure> {
    let whole = |path: &Path| {
        std::path::absolute(path).map_err(|error| Failure::File(path.display().to_string(), error.kind()))
    };
    let data = whole(data)?;
    let folder = match named {
        Some(named) => whole(named)?,
        None => {
            let mut name = data.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
            name.push("-keys");
            data.with_file_name(name)
        }
    };
    if folder.starts_with(&data) {
        return Err(Failure::Input(
            "--keys: a folder inside the data; allowed: one outside, so that no backup of the data holds the key"
                .into(),
        ));
    }
    Ok(folder)
}

/// Now, in milliseconds since 1970.
pub(super) fn now_ms() -> u64 {
    SystemClock.now_ms()
}

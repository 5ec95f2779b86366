//! Where the keys lie, what time it is, and how a failure is told.

use std::path::{Path, PathBuf};

use ayumi_core::app::ports::{Clock, SystemClock};
use ayumi_server::feed::FeedError;

use crate::commands::keys_place::{self, NoPlace, inside_the_data, whole};
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
    let (named, data) = (named.map(whole).transpose()?, whole(data)?);
    keys_place::keys_folder(named.as_deref(), Some(&data)).map_err(|no_place| match no_place {
        NoPlace::InsideTheData => inside_the_data(),
        NoPlace::NotNamed => Failure::Input("--keys: missing; allowed: the folder of the keys".into()),
    })
}

/// Now, in milliseconds since 1970.
pub(super) fn now_ms() -> u64 {
    SystemClock.now_ms()
}

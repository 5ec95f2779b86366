//! Where keys lie: in a folder that is named, else beside the data; never inside, where a backup of the data would take them along.

use std::path::{Path, PathBuf};

use crate::output::Failure;

/// Why there is no such folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// A backup of the data's folder would take the key along.
    InsideTheData,
    /// Nothing was said, and there is no folder to put one beside.
    NotNamed,
}

/// A path as it is from the root on.
pub(super) fn whole(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::File(path.display().to_string(), error.kind()))
}

/// Decides the folder. Both paths are whole; `data` is none for a database elsewhere.
pub(super) fn keys_folder(named: Option<&Path>, data: Option<&Path>) -> Result<PathBuf, NoPlace> {
    match (named, data) {
        (Some(named), Some(data)) if named.starts_with(data) => Err(NoPlace::InsideTheData),
        (Some(named), _) => Ok(named.to_owned()),
        (None, data) => {
            let beside = data.and_then(|data| {
                let mut name = data.file_name()?.to_owned();
                name.push("-keys");
                Some(data.with_file_name(name))
            });
            beside.ok_or(NoPlace::NotNamed)
        }
    }
}

/// Says that the folder that was named is inside the data.
pub(super) fn inside_the_data() -> Failure {
    Failure::Input(
        "--keys: a folder inside the data; allowed: one outside, so that no backup of the data holds the key".into(),
    )
}

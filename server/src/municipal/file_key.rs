//! Where the key of a municipality's file lies: in a folder of its own, never beside the file that it opens.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use ayumi_municipal::Tenant;
use ayumi_protocol::Hex;
use zeroize::Zeroizing;

use super::StartError;
use crate::keys::{bytes_of, write_whole};
use crate::signer::random;

/// The key of a file.
pub(super) type FileKey = Zeroizing<[u8; 32]>;

/// Returns a path as it is without links and `..`, also where its last parts are not there yet.
fn plain(path: &Path) -> Result<PathBuf, StartError> {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).map_err(|_| StartError::KeyFile)?.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
        if let Ok(there) = plain.canonicalize() {
            plain = there;
        }
    }
    Ok(plain)
}

/// Verifies that keys and data lie apart.
pub(super) fn must_lie_apart(keys: &Path, data: &Path) -> Result<(), StartError> {
    let (keys, data) = (plain(keys)?, plain(data)?);
    if keys.starts_with(&data) || data.starts_with(&keys) { Err(StartError::KeysBesideData) } else { Ok(()) }
}

/// Returns the key of a tenant's file, and makes one if there is neither key nor file.
pub(super) fn of(keys: &Path, tenant: &Tenant, file_is_there: bool) -> Result<FileKey, StartError> {
    let name = format!("municipality-{tenant}.key");
    match fs::read_to_string(keys.join(&name)).map(Zeroizing::new) {
        Ok(text) => bytes_of(&text).map(Zeroizing::new).ok_or(StartError::KeyFile),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StartError::KeyFile),
        Err(_) if file_is_there => Err(StartError::NoKey),
        Err(_) => {
            let key: FileKey = Zeroizing::new(random::<32>().map_err(|_| StartError::Unavailable)?);
            let text = Zeroizing::new(format!("{}\n", Hex(*key)));
            write_whole(keys, &name, &text).map_err(|_| StartError::KeyFile)?;
            Ok(key)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_data_lie_apart_whatever_the_paths_look_like() {
        let root = std::env::temp_dir();
        let at = |path: &str| root.join("ayumi-not-there").join(path);
        for (keys, data, apart) in [
            ("keys", "data", true),
            ("data-keys", "data", true),
            ("data", "data", false),
            ("data/keys", "data", false),
            ("keys", "keys/data", false),
            ("keys", "data/../keys/x", false),
        ] {
            let found = must_lie_apart(&at(keys), &at(data));
            assert_eq!(found.is_ok(), apart, "{keys} {data}");
        }
    }
}

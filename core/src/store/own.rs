//! Which files are the handbook's own, so that no output replaces one of them.

use std::path::{Path, PathBuf};

use super::open::FILE_NAME;

/// What the names of the handbook's files begin with: the file itself, its log, its lock, what a repair sets aside.
const STEM: &str = "handbook.";
/// Names under which a shell may keep the key, or say where it is.
const KEYS: &[&str] = &["key", "keyring"];

/// Returns whether a path leads to a file of the handbook in this folder, or to a name that is kept for one: by another spelling,
/// through a link, or from another place where the folder is mounted.
pub fn is_own_file(folder: &Path, path: &Path) -> bool {
    let mut path = path.to_owned();
    // A link that leads nowhere yet would make the file that it names.
    for _ in 0..8 {
        if names_own(folder, &path) || is_one_of(folder, &path) {
            return true;
        }
        let Ok(target) = std::fs::read_link(&path) else { return false };
        path = path.parent().unwrap_or(Path::new(".")).join(target);
    }
    true
}

/// Whether the last name of a path is kept for the handbook, and the rest leads to its folder.
fn names_own(folder: &Path, path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    // File systems of phones and desktops may take large and small letters for the same.
    let name = name.to_string_lossy().to_lowercase();
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    (name.starts_with(STEM) || KEYS.contains(&name.as_str())) && same(folder, parent)
}

/// Whether a path is the same file as one of the handbook's.
fn is_one_of(folder: &Path, path: &Path) -> bool {
    if !path.exists() {
        return false;
    }
    let own = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    own.chain([folder.join(FILE_NAME)]).filter(|file| names_own(folder, file)).any(|file| same(&file, path))
}

/// Whether two paths lead to the same place.
fn same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| -> Option<PathBuf> { path.canonicalize().ok() };
    if real(one).is_some_and(|path| real(other) == Some(path)) {
        return true;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let place = |path: &Path| path.metadata().ok().map(|found| (found.dev(), found.ino()));
        place(one).is_some_and(|found| place(other) == Some(found))
    }
    #[cfg(not(unix))]
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Case 14: `export --out HOME/handbook.db` replaced the handbook.
    #[test]
    fn no_path_and_no_link_to_a_file_of_the_handbook_is_anything_else() {
        let scratch = tempfile::tempdir().unwrap();
        let home = scratch.path().join("home");
        std::fs::create_dir(&home).unwrap();
        for name in ["handbook.db", "key", "other.json"] {
            std::fs::write(home.join(name), name).unwrap();
        }
        let beside = scratch.path().join("beside.json");
        std::fs::write(&beside, "x").unwrap();
        let own = |path: &Path| is_own_file(&home, path);
        for name in ["handbook.db", "handbook.db-wal", "handbook.lock", "key", "keyring", "HANDBOOK.DB", "Key"] {
            assert!(own(&home.join(name)), "{name}");
        }
        assert!(own(&home.join("../home/./handbook.db")) && own(&scratch.path().join("home/../home/key")));
        for path in [home.join("other.json"), home.join("new.json"), beside, scratch.path().join("handbook.db")] {
            assert!(!own(&path), "{path:?}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            let link = |name: &str, to: &Path| {
                let link = scratch.path().join(name);
                symlink(to, &link).unwrap();
                link
            };
            assert!(own(&link("to-file", &home.join("handbook.db"))));
            assert!(own(&link("to-nothing-yet", &home.join("handbook.db-wal"))));
            assert!(own(&link("to-link", &scratch.path().join("to-file"))));
            assert!(own(&link("to-folder", &home).join("key")));
            assert!(!own(&link("to-other", &home.join("other.json"))));
            assert!(own(&link("round", &scratch.path().join("round"))), "a link to itself is written by nobody");
            let hard = scratch.path().join("hard.json");
            std::fs::hard_link(home.join("handbook.db"), &hard).unwrap();
            assert!(own(&hard), "another name of the same file");
        }
    }
}

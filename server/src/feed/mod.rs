//! A municipality's feed on its own machine.
//!
//! | module | idea |
//! |---|---|
//! | [`keys`] | three root keys for paper, the feed key in a folder apart from the data |
//! | [`folder`] | editions: files by their hash, and the manifest that names them |
//! | [`served`] | what is answered, read once and kept in memory |

pub mod folder;
pub mod keys;
pub mod served;

use std::io;

use ayumi_municipal::feed::NoEdition;
use ayumi_protocol::municipal::feed::FeedRefusal;

pub use ayumi_municipal::feed::Founding;
pub use ayumi_protocol::municipal::feed::MunicipalityName;

/// Why something of a feed cannot be made or published.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// There are keys already.
    #[error("there are keys of a feed already")]
    KeysThere,
    /// There are no keys, or they cannot be read.
    #[error("the keys of the feed are missing, or cannot be read")]
    NoKeys,
    /// Fewer than two of the three root keys were given.
    #[error("two of the three root keys are needed, and these are not two of them")]
    NotTwo,
    /// The feed that is there is another municipality's.
    #[error("the feed in this folder is of other keys")]
    OtherFeed,
    /// Somebody else publishes now.
    #[error("another program publishes in this folder now")]
    InUse,
    /// No edition follows.
    #[error(transparent)]
    NoEdition(#[from] NoEdition),
    /// No phone would take it.
    #[error("no phone would take it: {0}")]
    Refused(#[from] FeedRefusal),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
    /// A file could not be read or written.
    #[error("a file could not be read or written")]
    Io(#[from] io::Error),
}

/// Reads a file, if it is there.
fn read(path: &std::path::Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file that is there whole or not at all, also after a power cut.
fn write_whole(folder: &std::path::Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let unfinished = folder.join(format!("{name}.new"));
    let mut file = ayumi_sqlcipher::private::file(&unfinished)?;
    file.set_len(0)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, folder.join(name))?;
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

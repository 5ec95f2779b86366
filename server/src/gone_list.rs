//! The list of what was closed or forgotten, beside the server's key: outside of the store and of every backup of it, so that
//! a backup that is put back brings nothing of it back.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ayumi_protocol::gone::WhyGone;
use ayumi_protocol::key::Hash;
use ayumi_sqlcipher::private;

use crate::gone::Trace;
use crate::log::Log;

/// The name of the file in its folder.
const FILE: &str = "gone.list";

/// Why list and store do not know the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The file cannot be read or written, or a line of it is none.
    #[error("the list of what is gone cannot be used")]
    File,
    /// The store cannot be used now.
    #[error("the database cannot be used")]
    Store,
}

/// The file: a line for each notebook, the hash of its id, why, since when. Lists of several machines are put together by
/// putting one behind the other.
#[derive(Debug, Clone)]
pub struct GoneList(PathBuf);

impl GoneList {
    /// The list in the folder of the keys.
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// Reads it; empty if there is none yet.
    ///
    /// # Errors
    /// [`ListError::File`].
    pub fn read(&self) -> Result<Vec<Trace>, ListError> {
        let text = match fs::read_to_string(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(|_| ListError::File)?,
        };
        text.lines().map(|line| trace_of(line).ok_or(ListError::File)).collect()
    }

    /// Adds what is not there yet.
    ///
    /// # Errors
    /// [`ListError::File`].
    pub fn add(&self, traces: &[Trace]) -> Result<(), ListError> {
        let known: BTreeSet<Hash> = self.read()?.into_iter().map(|trace| trace.hash).collect();
        let new: String = traces.iter().filter(|trace| !known.contains(&trace.hash)).map(line_of).collect();
        if new.is_empty() { Ok(()) } else { self.append(&new).map_err(|_| ListError::File) }
    }

    /// One write behind the end: what another process adds at the same time stays.
    fn append(&self, lines: &str) -> io::Result<()> {
        if let Some(folder) = self.0.parent() {
            private::folder(folder)?;
        }
        if !self.0.exists() {
            private::file(&self.0)?;
        }
        let mut file = fs::OpenOptions::new().append(true).open(&self.0)?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()
    }

    /// Makes a store and the list know the same: what is listed leaves the store, what left the store is listed. Returns how
    /// many notebooks left it.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn agree_with<L: Log>(&self, log: &L) -> Result<u64, ListError> {
        let gone = log.forget_again(self.read()?).await.map_err(|_| ListError::Store)?;
        self.add(&log.traces().await.map_err(|_| ListError::Store)?)?;
        Ok(gone)
    }
}

fn line_of(trace: &Trace) -> String {
    let hash: String = trace.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hash} {} {}\n", trace.why.key(), trace.when_ms)
}

fn trace_of(line: &str) -> Option<Trace> {
    let mut words = line.split_ascii_whitespace();
    let (hash, why, when) = (words.next()?, words.next()?, words.next()?);
    let whole = hash.len() == 64 && hash.is_ascii() && words.next().is_none();
    let digits = (0..32).map(|at| u8::from_str_radix(hash.get(2 * at..2 * at + 2)?, 16).ok());
    let bytes: Vec<u8> = digits.collect::<Option<_>>()?;
    let trace = Trace { hash: bytes.try_into().ok()?, why: WhyGone::from_key(why)?, when_ms: when.parse().ok()? };
    whole.then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back_and_what_is_none_is_noticed() {
        let one = Trace { hash: [1; 32], why: WhyGone::Closed, when_ms: 7 };
        let hash = "01".repeat(32);
        assert_eq!(line_of(&one), format!("{hash} closed 7\n"));
        assert_eq!(trace_of(line_of(&one).trim_end()), Some(one));
        let wrong = [
            String::new(),
            "01 closed 7".into(),
            format!("{hash} gone 7"),
            format!("{hash} closed"),
            format!("{hash}01 closed 7"),
        ];
        for wrong in wrong {
            assert_eq!(trace_of(&wrong), None, "{wrong}");
        }
    }
}

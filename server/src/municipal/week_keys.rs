//! The keys of weeks and the list of what was forgotten: in the folder of keys, outside of the database and of every backup of it.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ayumi_municipal::Tenant;
use ayumi_municipal::database::{Access, Database, Transaction};
use ayumi_municipal::sealing::kept::{self, NoWords};
use ayumi_municipal::sealing::{Week, WeekKey, Weeks};
use ayumi_protocol::Hex;
use ayumi_protocol::municipal::thread::{RandomId, ThreadId, UnixMs};
use ayumi_sqlcipher::private;
use zeroize::Zeroizing;

use super::StartError;
use crate::keys::{bytes_of, write_whole};
use crate::signer::random;

/// Keys that are wrapped anew in one transaction.
const AT_ONCE: u32 = 200;

/// Where a municipality's keys of weeks lie.
#[derive(Debug, Clone)]
pub struct WeekKeys {
    folder: PathBuf,
    tenant: Tenant,
}

fn failed(_: io::Error) -> StartError {
    StartError::KeyFile
}

impl WeekKeys {
    /// Takes the folder of keys.
    pub const fn in_folder(folder: PathBuf, tenant: Tenant) -> Self {
        Self { folder, tenant }
    }

    fn prefix(&self) -> String {
        format!("municipality-{}.week-", self.tenant)
    }

    fn file(&self, week: Week) -> String {
        format!("{}{}.key", self.prefix(), week.0)
    }

    fn weeks(&self) -> Result<Vec<Week>, StartError> {
        let prefix = self.prefix();
        let mut weeks = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(&prefix)?.strip_suffix(".key")?.parse().ok());
            weeks.extend(number.map(Week));
        }
        Ok(weeks)
    }

    /// Reads all keys that are there, and makes this week's.
    ///
    /// # Errors
    /// [`StartError::KeyFile`], or [`StartError::Unavailable`] without random numbers.
    pub fn open(&self, now: UnixMs) -> Result<Weeks, StartError> {
        private::folder(&self.folder).map_err(failed)?;
        let mut weeks = Weeks::default();
        for week in self.weeks()? {
            let text = Zeroizing::new(fs::read_to_string(self.folder.join(self.file(week))).map_err(failed)?);
            weeks.0.insert(week, WeekKey::new(bytes_of(&text).ok_or(StartError::KeyFile)?));
        }
        let present = Week::of(now);
        if weeks.newest().is_none_or(|(newest, _)| newest < present) {
            let bytes = Zeroizing::new(random::<32>().map_err(|_| StartError::Unavailable)?);
            let text = Zeroizing::new(format!("{}\n", Hex(*bytes)));
            write_whole(&self.folder, &self.file(present), &text).map_err(failed)?;
            weeks.0.insert(present, WeekKey::new(*bytes));
        }
        Ok(weeks)
    }

    /// Once a day: this week's key, all threads' keys wrapped under it, and keys that are over destroyed.
    ///
    /// # Errors
    /// [`NoWords`], or [`DatabaseError::Unavailable`](ayumi_municipal::database::DatabaseError) where the folder cannot be used.
    pub async fn turn<D: Database>(&self, database: &D, now: UnixMs) -> Result<Weeks, NoWords> {
        let unavailable = |_: StartError| ayumi_municipal::database::DatabaseError::Unavailable;
        let mut weeks = self.open(now).map_err(unavailable)?;
        loop {
            let mut fresh = Vec::new();
            for _ in 0..AT_ONCE {
                fresh.push(random::<12>().map_err(|_| ayumi_municipal::database::DatabaseError::Unavailable)?);
            }
            let mut transaction = database.begin(&self.tenant, Access::Write).await?;
            let most = AT_ONCE;
            let done = kept::wrap_anew(&mut transaction, &weeks, most, || fresh.pop().unwrap_or_default()).await?;
            transaction.commit().await?;
            if done == 0 {
                break;
            }
        }
        // Nothing hangs on them any more.
        let over: Vec<Week> = weeks.0.keys().copied().filter(|week| week.is_over(now)).collect();
        for week in over {
            destroy(&self.folder.join(self.file(week))).map_err(|error| unavailable(failed(error)))?;
            weeks.0.remove(&week);
        }
        Ok(weeks)
    }

    fn list(&self) -> PathBuf {
        self.folder.join(format!("municipality-{}.forgotten", self.tenant))
    }

    /// Erases a thread: first its id is listed, then its key and words are deleted. Returns whether they were there.
    ///
    /// # Errors
    /// [`NoWords::Database`].
    pub async fn erase<D: Database>(&self, database: &D, thread: ThreadId) -> Result<bool, NoWords> {
        let unavailable = |_: io::Error| ayumi_municipal::database::DatabaseError::Unavailable;
        append(&self.list(), &format!("{}\n", thread.0)).map_err(unavailable)?;
        let mut transaction = database.begin(&self.tenant, Access::Write).await?;
        let was_there = kept::erase(&mut transaction, thread).await?;
        transaction.commit().await?;
        Ok(was_there)
    }

    /// At each start, before the first request: what is listed is deleted again. Returns how many a backup had brought back.
    ///
    /// # Errors
    /// [`NoWords::Database`], also for a list that cannot be read.
    pub async fn forget_again<D: Database>(&self, database: &D) -> Result<usize, NoWords> {
        let unavailable = ayumi_municipal::database::DatabaseError::Unavailable;
        let text = match fs::read_to_string(self.list()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            text => text.map_err(|_| unavailable)?,
        };
        let ids: BTreeSet<RandomId> =
            text.lines().map(|line| line.parse().map_err(|_| unavailable)).collect::<Result<_, _>>()?;
        let mut transaction = database.begin(&self.tenant, Access::Write).await?;
        let mut back = 0;
        for id in ids {
            back += usize::from(kept::erase(&mut transaction, ThreadId(id)).await?);
        }
        transaction.commit().await?;
        Ok(back)
    }
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private::folder(folder)?;
    }
    if !path.exists() {
        private::file(path)?;
    }
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

/// Writes a key over, then takes its file away.
fn destroy(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(&[b'0'; 65])?;
    file.sync_all()?;
    fs::remove_file(path)
}

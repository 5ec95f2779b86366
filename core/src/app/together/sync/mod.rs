//! Sync: what this device wrote goes to the municipality's server, what others wrote comes from it, sealed end to end.
//!
//! Everything works without it. It runs in a budget, goes on where it stopped, and never holds up an entry: the file is locked
//! only for the moments in which a page is written.

mod again;
mod apply;
mod photos;
mod prepare;
mod snapshot;
mod talk;
#[cfg(feature = "http")]
mod way;

use std::sync::atomic::{AtomicBool, Ordering};

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Role;

use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::Handbook;
use crate::app::membership::{load, role_in};
use crate::app::observe::Topic;
use crate::app::ports::{LogLevel, Network};
use crate::store::settings::{READ_BY, SERVER, SNAPSHOT_AFTER, SYNC_FAILURES, SYNC_NOT_BEFORE};
use crate::store::{channel, entries, outbox};
use crate::sync::backoff::wait_ms;
use crate::sync::reader::Halt;
use crate::sync::transport::Transport;
pub(in crate::app) use prepare::{add_pending, channel_of};
pub(in crate::app) use talk::{Asked, Ended, Talk};

/// The way to the server and back.
#[derive(Clone)]
pub struct Sync {
    pub(in crate::app) handbook: Handbook,
}

/// How much a sync may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "SyncBudget"))]
pub struct Budget {
    /// Milliseconds; `None` for as long as it takes. What is begun is ended, so it may take a moment longer.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub time_ms: Option<u64>,
    /// Nobody is waiting for it: after a failure it asks nobody before [`SyncReport::retry_ms`] have passed. A carer's tap asks at once.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub background: bool,
}

/// How a sync ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SyncOutcome {
    /// Everything is sent and everything has come.
    #[default]
    Done,
    /// The budget is used up, or the server refuses something for a reason that only a newer version of the app knows; the next sync goes on.
    More,
    /// The server cannot be reached, or asks to wait. Entries wait safely; try again later.
    Offline,
    /// No server is known yet.
    NoServer,
    /// The server has no room left for a notebook.
    Full,
    /// A notebook has stopped: its server, or a copy of this device, shows another past. A carer decides.
    Halted,
    /// Another sync of this handbook is running.
    Busy,
}

impl SyncOutcome {
    /// A stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::More => "more",
            Self::Offline => "offline",
            Self::NoServer => "no_server",
            Self::Full => "full",
            Self::Halted => "halted",
            Self::Busy => "busy",
        }
    }
}

/// What a sync did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SyncReport {
    /// How it ended.
    pub outcome: SyncOutcome,
    /// Changes that the server took.
    pub pushed: u64,
    /// Changes that came.
    pub pulled: u64,
    /// Bytes of bodies sent.
    pub bytes_up: u64,
    /// Bytes of bodies that came.
    pub bytes_down: u64,
    /// Questions asked.
    pub round_trips: u64,
    /// Changes that wait to be sent.
    pub waiting: u64,
    /// Changes that the server will not take.
    pub refused: u64,
    /// Milliseconds to wait before the next try, after a failure.
    pub retry_ms: u64,
}

/// Where a notebook stands on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SyncState {
    /// The notebook.
    pub notebook: NotebookId,
    /// What this device may do there; `None` once it is no member any more.
    pub role: Option<Role>,
    /// Why nothing more is sent, until a carer decides.
    pub halted: Option<Halt>,
    /// Changes that wait.
    pub waiting: u64,
    /// Changes that the server will not take.
    pub refused: u64,
    /// Items that only a newer version can read.
    pub unread: u64,
}

/// Told while a sync runs: how much of the notebook that is read now has come, as positions in its log.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + std::marker::Sync);

/// Frees the handbook for the next sync, however this one ends: also when its future is dropped.
struct Running<'a>(&'a AtomicBool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Sync {
    /// The server's address, if one is known.
    ///
    /// # Errors
    /// Those of the file.
    pub fn server(&self) -> Result<Option<String>> {
        Ok(SERVER.get(self.handbook.db().reader())?)
    }

    /// Remembers the server. Another one than before begins anew: everything is sent there, nothing is lost. The old one keeps
    /// what it has until it is asked to delete it.
    ///
    /// # Errors
    /// Those of the file.
    pub fn set_server(&self, address: &str) -> Result<()> {
        let mut db = self.handbook.db();
        let known = SERVER.get(db.reader())?;
        if known.as_deref() == Some(address) {
            return Ok(());
        }
        let ids = channel::all(db.reader())?;
        db.write(|tx| {
            begin_elsewhere(tx, ids)?;
            forget_failures(tx)?;
            SERVER.set(tx, &address.to_owned())
        })?;
        Ok(())
    }

    /// The next log that is met is not the one that was met last.
    #[cfg(feature = "nearby")]
    pub(in crate::app) fn begin_elsewhere(&self) -> Result<()> {
        let mut db = self.handbook.db();
        let ids = channel::all(db.reader())?;
        Ok(db.write(|tx| begin_elsewhere(tx, ids))?)
    }

    /// Sends and fetches what there is, within a budget. Dropping the future cancels it and loses nothing.
    ///
    /// # Errors
    /// Those of the file; what concerns the server is an outcome.
    pub async fn run(&self, way: &dyn Transport, budget: Budget, progress: Progress<'_>) -> Result<SyncReport> {
        let mut report = SyncReport::default();
        if self.handbook.inner.syncing.swap(true, Ordering::AcqRel) {
            report.outcome = SyncOutcome::Busy;
            return Ok(report);
        }
        let _running = Running(&self.handbook.inner.syncing);
        if budget.background {
            report.retry_ms = self.wait_ms()?;
            if report.retry_ms > 0 {
                report.outcome = SyncOutcome::Offline;
                return Ok(report);
            }
        }
        let network = self.handbook.network();
        if network == Network::Absent {
            // Not a failure: nobody was asked, and the next try need not wait.
            report.outcome = SyncOutcome::Offline;
            return Ok(report);
        }
        self.read_again_after_an_update()?;
        let end = budget.time_ms.map(|time| self.handbook.clock().now_ms().saturating_add(time));
        let mut talk = Talk::new(self.handbook.clone(), way, end, &mut report);
        let ids = self.notebooks()?;
        let mut worst = SyncOutcome::Done;
        // Words before pictures, for all notebooks. Pictures wait for a network that costs nothing, unless somebody asked.
        let pictures = network == Network::Free || !budget.background;
        for id in &ids {
            let ended = talk.notebook(*id, progress).await?;
            worst = worst.max(outcome_of(ended));
            if matches!(ended, Ended::Offline | Ended::More) {
                break;
            }
        }
        for id in &ids {
            if worst == SyncOutcome::Done && pictures {
                worst = worst.max(outcome_of(talk.photos(*id).await?));
            }
        }
        let retry_after = talk.retry_after;
        report.outcome = worst;
        self.finish(&mut report, &ids, retry_after)?;
        self.handbook.log_sync(&report);
        self.handbook.changed(&[Topic::Sync, Topic::Members]);
        Ok(report)
    }

    /// All that can be synced: notebooks of this file, and those that were joined and have not come yet.
    fn notebooks(&self) -> Result<Vec<NotebookId>> {
        let db = self.handbook.db();
        let mut ids = entries::notebooks(db.reader())?;
        for id in channel::all(db.reader())? {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    fn finish(&self, report: &mut SyncReport, ids: &[NotebookId], retry_after: Option<u64>) -> Result<()> {
        let mut db = self.handbook.db();
        for id in ids {
            let (waiting, refused) = outbox::counts(db.reader(), *id)?;
            report.waiting += waiting;
            report.refused += refused;
        }
        let failures = SYNC_FAILURES.get(db.reader())?.unwrap_or(0);
        if report.outcome == SyncOutcome::Offline {
            let failures = failures.saturating_add(1);
            let random = u64::from_be_bytes(crate::crypto::random()?);
            report.retry_ms = wait_ms(failures, random, retry_after);
            let not_before = self.handbook.clock().now_ms().saturating_add(report.retry_ms);
            db.write(|tx| {
                SYNC_NOT_BEFORE.set(tx, &not_before)?;
                SYNC_FAILURES.set(tx, &failures)
            })?;
        } else if failures > 0 {
            db.write(forget_failures)?;
        }
        Ok(())
    }

    /// Milliseconds until the next try in the background; a clock that was set back does not make it longer than it can be.
    fn wait_ms(&self) -> Result<u64> {
        let not_before = SYNC_NOT_BEFORE.get(self.handbook.db().reader())?;
        let left = not_before.unwrap_or(0).saturating_sub(self.handbook.clock().now_ms());
        Ok(if left > 2 * crate::sync::backoff::LONGEST_MS { 0 } else { left })
    }

    /// Items of a newer form are kept as bytes; after an update their logs are read again from the beginning.
    fn read_again_after_an_update(&self) -> Result<()> {
        let mut db = self.handbook.db();
        let version = env!("CARGO_PKG_VERSION");
        let known = READ_BY.get(db.reader())?;
        if known.as_deref() == Some(version) {
            return Ok(());
        }
        let ids = channel::all(db.reader())?;
        db.write(|tx| {
            for id in ids {
                if channel::unread(tx, id)? > 0
                    && let Some(mut channel) = channel::find(tx, id)?
                {
                    again::forget(tx, &mut channel)?;
                }
            }
            READ_BY.set(tx, &version.to_owned())
        })?;
        Ok(())
    }

    /// Makes snapshots after so many items of a log instead of the usual number: for trying out.
    ///
    /// # Errors
    /// Those of the file.
    pub fn set_snapshot_after(&self, items: u64) -> Result<()> {
        Ok(self.handbook.db().write(|tx| SNAPSHOT_AFTER.set(tx, &items))?)
    }

    /// The network has changed: the next try need not wait.
    ///
    /// # Errors
    /// Those of the file.
    pub fn network_changed(&self) -> Result<()> {
        Ok(self.handbook.db().write(forget_failures)?)
    }

    /// Where each notebook stands.
    ///
    /// # Errors
    /// Those of the file.
    pub fn states(&self) -> Result<Vec<SyncState>> {
        let ids = self.notebooks()?;
        ids.into_iter().map(|id| self.state(id)).collect()
    }

    /// Where one notebook stands.
    ///
    /// # Errors
    /// Those of the file.
    pub fn state(&self, notebook: NotebookId) -> Result<SyncState> {
        let mut db = self.handbook.db();
        if outbox::is_behind(db.reader())? {
            db.write(outbox::gather)?;
        }
        let (waiting, refused) = outbox::counts(db.reader(), notebook)?;
        let mut state = SyncState { notebook, role: Some(Role::Owner), halted: None, waiting, refused, unread: 0 };
        if let Some(channel) = channel::find(db.reader(), notebook)? {
            let reader = load(db.reader(), &channel)?;
            state.role = role_in(&reader).filter(|_| !channel.removed);
            state.halted = channel.halted.as_deref().and_then(Halt::from_key);
            state.unread = channel::unread(db.reader(), notebook)?;
        }
        Ok(state)
    }

    /// A carer decided to go on with a notebook that had stopped, and to believe the server: its log is read again from the
    /// beginning, what is missing there is sent again, and the chain of members that it shows counts. Look at the list of members
    /// afterwards: somebody who had been taken out may be in it again.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the notebook was never synced.
    pub fn go_on(&self, notebook: NotebookId) -> Result<()> {
        let mut db = self.handbook.db();
        let mut channel = channel::find(db.reader(), notebook)?.ok_or(Error::NotFound { what: Thing::Notebook })?;
        channel.halted = None;
        Ok(db.write(|tx| {
            outbox::gather(tx)?;
            again::forget(tx, &mut channel)?;
            channel::doubt_statements(tx, notebook)
        })?)
    }
}

fn forget_failures(tx: &rusqlite::Transaction<'_>) -> std::result::Result<(), crate::store::StoreError> {
    SYNC_NOT_BEFORE.set(tx, &0)?;
    SYNC_FAILURES.set(tx, &0)
}

/// Another log takes the place of the one that is known: everything waits until it is seen there.
fn begin_elsewhere(
    tx: &rusqlite::Transaction<'_>,
    ids: Vec<NotebookId>,
) -> std::result::Result<(), crate::store::StoreError> {
    outbox::gather(tx)?;
    for id in ids {
        if let Some(mut channel) = channel::find(tx, id)? {
            (channel.store_epoch, channel.server_key) = (None, None);
            again::forget(tx, &mut channel)?;
        }
    }
    Ok(())
}

impl Handbook {
    pub(in crate::app) fn log_sync(&self, report: &SyncReport) {
        let numbers = [
            ("pushed", report.pushed),
            ("pulled", report.pulled),
            ("bytes_up", report.bytes_up),
            ("bytes_down", report.bytes_down),
            ("questions", report.round_trips),
            ("waiting", report.waiting),
            ("refused", report.refused),
        ];
        self.log(LogLevel::Info, &format!("sync.{}", report.outcome.key()), &numbers);
    }
}

const fn outcome_of(ended: Ended) -> SyncOutcome {
    match ended {
        Ended::Done | Ended::Removed => SyncOutcome::Done,
        Ended::More | Ended::NotUnderstood => SyncOutcome::More,
        Ended::Offline => SyncOutcome::Offline,
        Ended::Full => SyncOutcome::Full,
        Ended::Halted => SyncOutcome::Halted,
    }
}

//! Runs a sync: all notebooks, words before thumbnails before photos, within a budget; waits longer after each failure.

use std::sync::atomic::{AtomicBool, Ordering};

use ayumi_protocol::NotebookId;

use super::outcome::{describe, outcome_of};
use super::reopen::after_an_update;
use super::report::{Budget, Progress, SyncOutcome, SyncReport};
use super::session::{Lane, NotebookOutcome, Session};
use crate::app::error::{Error, Result};
use crate::app::handbook::Handbook;
use crate::app::observe::Topic;
use crate::app::ports::{LogLevel, Network};
use crate::store::channel::{self, AtServer, Channel};
use crate::store::photos::Picture;
use crate::store::settings::{SYNC_FAILURES, SYNC_NOT_BEFORE};
use crate::store::{StoreError, Tx, entries};
use crate::sync::backoff::{LONGEST_MS, wait_ms};
use crate::sync::transport::Transport;

/// Sync with a server.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// handbook.sync().set_server("https://ayumi.example.jp")?;
/// assert_eq!(handbook.sync().server()?.as_deref(), Some("https://ayumi.example.jp"));
/// assert_eq!(handbook.sync().state(child)?.notebook, child);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sync {
    pub(in crate::app) handbook: Handbook,
}

/// Frees the handbook for the next sync, however this one ends: also when its future is dropped.
struct Running<'a>(&'a AtomicBool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Sync {
    /// Sends and fetches what there is, within a budget. Dropping the future cancels it and loses nothing.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors); what concerns the server is an outcome.
    pub async fn run(&self, transport: &dyn Transport, budget: Budget, progress: Progress<'_>) -> Result<SyncReport> {
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
        after_an_update(&mut self.handbook.db())?;
        let end = budget.time_ms.map(|time| self.handbook.clock().now_ms().saturating_add(time));
        let mut session = Session::new(self.handbook.clone(), transport, end, &mut report);
        session.lane = if budget.background { Lane::SnapshotThenLog } else { Lane::SnapshotFirst };
        let ids = self.notebooks()?;
        let mut ended: Vec<(NotebookId, NotebookOutcome)> = Vec::with_capacity(ids.len());
        let mut worst = SyncOutcome::Done;
        // Words before pictures, and small ones before large ones, for all notebooks. Pictures wait for a network that costs nothing, unless somebody
        // asked.
        let pictures = network == Network::Free || !budget.background;
        // One notebook's trouble keeps no other one back; what the file itself refuses ends the run.
        for (at, id) in ids.iter().enumerate() {
            let before = channel::find(self.handbook.db().reader(), *id)?;
            let ended_so = session.notebook(*id, progress).await;
            let outcome = self.by_itself(ended_so)?;
            // A device that is visited has its own notebooks only.
            if outcome == NotebookOutcome::NotThere {
                continue;
            }
            ended.push((*id, outcome));
            // What a carer was told once is not told again with every sync.
            if !before.is_some_and(|before| was_told(&before, outcome)) {
                worst = worst.max(outcome_of(outcome));
            }
            // Who waits for one notebook may still be answered about another.
            let stops = session.unreachable || session.is_over();
            if stops && matches!(outcome, NotebookOutcome::Offline | NotebookOutcome::More) {
                ended.extend(ids.iter().skip(at + 1).map(|id| (*id, outcome)));
                break;
            }
        }
        if pictures {
            worst = worst.max(self.pictures(&mut session, &mut ended).await?);
        }
        for (id, _) in ended.iter().filter(|(_, outcome)| *outcome == NotebookOutcome::Done) {
            if network != Network::Free || session.unreachable || session.is_over() {
                break;
            }
            for done in [session.archive(*id).await, session.offer_snapshot(*id).await] {
                self.by_itself(done.map(|()| NotebookOutcome::Done))?;
            }
        }
        let (retry_after, told_ends) = (session.retry_after, std::mem::take(&mut session.told_ends));
        report.outcome = worst;
        self.finish(&mut report, &ended, retry_after)?;
        for notebook in &mut report.notebooks {
            notebook.ends_at = told_ends.get(&notebook.notebook).copied();
        }
        self.handbook.log_sync(&report);
        self.handbook.changed(&[Topic::Sync, Topic::Members]);
        Ok(report)
    }

    /// Thumbnails, then photos, of the notebooks whose words are done. Returns the worst outcome of them.
    async fn pictures(
        &self,
        session: &mut Session<'_>,
        ended: &mut [(NotebookId, NotebookOutcome)],
    ) -> Result<SyncOutcome> {
        let mut worst = SyncOutcome::Done;
        for picture in [Picture::Thumbnail, Picture::Photo] {
            for (id, outcome) in ended.iter_mut().filter(|(_, outcome)| *outcome == NotebookOutcome::Done) {
                if session.unreachable {
                    break;
                }
                let ended_so = match picture {
                    Picture::Thumbnail => session.thumbnails(*id).await,
                    Picture::Photo => session.photos(*id).await,
                };
                *outcome = self.by_itself(ended_so)?;
                worst = worst.max(outcome_of(*outcome));
            }
        }
        Ok(worst)
    }

    /// Makes an outcome of the error of one notebook; what the file itself refuses ends the run.
    fn by_itself(&self, ended: Result<NotebookOutcome>) -> Result<NotebookOutcome> {
        let code = match ended {
            Err(Error::Internal { code }) => u64::from(code.unsigned_abs()),
            Err(Error::Invalid { .. } | Error::NotFound { .. }) => 0,
            other => return other,
        };
        self.handbook.log(LogLevel::Warning, "sync.notebook_failed", &[("code", code)]);
        Ok(NotebookOutcome::Failed)
    }

    /// All that can be synced: notebooks of this file, and those that were joined and have not come yet.
    pub(in crate::app) fn notebooks(&self) -> Result<Vec<NotebookId>> {
        let db = self.handbook.db();
        let mut ids = entries::notebooks(db.reader())?;
        for id in channel::all(db.reader())? {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    fn finish(
        &self,
        report: &mut SyncReport,
        ended: &[(NotebookId, NotebookOutcome)],
        retry_after: Option<u64>,
    ) -> Result<()> {
        let mut db = self.handbook.db();
        for (id, outcome) in ended {
            let notebook = describe(db.reader(), *id, *outcome)?;
            report.waiting += notebook.waiting;
            report.refused += notebook.refused;
            let waits = notebook.outcome == SyncOutcome::More || notebook.waiting > 0;
            if report.outcome == SyncOutcome::Done && waits {
                report.outcome = notebook.outcome;
            }
            report.notebooks.push(notebook);
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

    /// Milliseconds until the next try in the background; a clock that was set back does not make it longer than it
    /// can be.
    fn wait_ms(&self) -> Result<u64> {
        let not_before = SYNC_NOT_BEFORE.get(self.handbook.db().reader())?;
        let left = not_before.unwrap_or(0).saturating_sub(self.handbook.clock().now_ms());
        Ok(if left > 2 * LONGEST_MS { 0 } else { left })
    }

    /// The network has changed: the next try need not wait.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn network_changed(&self) -> Result<()> {
        Ok(self.handbook.db().write(forget_failures)?)
    }
}

/// Whether a carer was told before that this device was taken out, or that the notebook is closed or gone.
const fn was_told(before: &Channel, outcome: NotebookOutcome) -> bool {
    match outcome {
        NotebookOutcome::Removed => before.removed,
        NotebookOutcome::Closed => matches!(before.gone, Some(AtServer::Closed)),
        NotebookOutcome::Gone => matches!(before.gone, Some(AtServer::Gone { .. })),
        _ => false,
    }
}

pub(super) fn forget_failures(tx: &Tx<'_>) -> std::result::Result<(), StoreError> {
    SYNC_NOT_BEFORE.set(tx, &0)?;
    SYNC_FAILURES.set(tx, &0)
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
            ("thumbnails", report.thumbnails_pulled),
        ];
        self.log(LogLevel::Info, &format!("sync.{}", report.outcome.key()), &numbers);
    }
}

//! Sync and members: what waits for a server. It runs on a thread of its own; waiting can be given up at any time.

use std::sync::{Arc, Mutex, PoisonError};

use ayumi_core::app::ports::ProgressListener;
use ayumi_core::app::sync::{Budget, SyncOutcome, SyncReport, SyncState};
use ayumi_core::app::{Error, Handbook, MemberView, NewInvitation, Recovery, Thing};
use ayumi_core::model::{EntryId, NotebookId, Role};
use tokio::task::{AbortHandle, JoinHandle};

use crate::Result;
use crate::slot::{Slot, told};
use crate::worker::{Held, ask, begin, ended, wait};

/// The way to the municipality's server and back: what this device wrote goes there, what others wrote comes, sealed end to end.
#[derive(uniffi::Object)]
pub struct Sync {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Sync {
    /// The server's address, if one is known.
    pub fn server(&self) -> Result<Option<String>> {
        self.slot.with("sync.server", |book| book.sync().server())
    }

    /// Remembers the server: `https://…`, or `http://` to this very device. Another one than before begins anew there.
    pub fn use_server(&self, address: String) -> Result<()> {
        self.slot.with("sync.use_server", |book| book.sync().use_server(&address))
    }

    /// Begins to send and fetch, within a budget. One at a time: a second one ends as `Busy`.
    #[uniffi::method(default(progress = None))]
    pub fn begin(&self, budget: Budget, progress: Option<Arc<dyn ProgressListener>>) -> Result<Arc<SyncRun>> {
        let book = self.slot.with("sync.begin", |book| Ok(book.clone()))?;
        let work = async move {
            let Some(way) = book.sync().way()? else {
                return Ok(SyncReport { outcome: SyncOutcome::NoServer, ..SyncReport::default() });
            };
            let tell = |done, of| {
                if let Some(progress) = &progress {
                    progress.progress(done, of);
                }
            };
            book.sync().run(&way, budget, &tell).await
        };
        let task = begin(&self.slot, work)?;
        let abort = task.abort_handle();
        Ok(Arc::new(SyncRun { slot: self.slot.clone(), abort, task: Mutex::new(Some(task)) }))
    }

    /// The network has changed: the next try need not wait.
    pub fn network_changed(&self) -> Result<()> {
        self.slot.with("sync.network_changed", |book| book.sync().network_changed())
    }

    /// Where each notebook stands.
    pub fn states(&self) -> Result<Vec<SyncState>> {
        self.slot.with("sync.states", |book| book.sync().states())
    }

    /// A carer decided to go on with a notebook that had stopped, and to believe the server. Look at the list of members
    /// afterwards.
    pub fn go_on(&self, notebook: NotebookId) -> Result<()> {
        self.slot.with("sync.go_on", |book| book.sync().go_on(notebook))
    }

    /// Fetches a photo that another member's device sent.
    pub async fn fetch_photo(&self, photo: EntryId) -> Result<Vec<u8>> {
        ask(&self.slot, "sync.fetch_photo", move |book, way| async move { book.sync().fetch_photo(photo, &way).await })
            .await
    }
}

/// A sync on its way. It stops when it is cancelled or dropped; what came until then stays, and the next one goes on from there.
#[derive(uniffi::Object)]
pub struct SyncRun {
    slot: Arc<Slot>,
    abort: AbortHandle,
    task: Mutex<Option<JoinHandle<Result<SyncReport>>>>,
}

#[uniffi::export]
impl SyncRun {
    /// Waits for its end; to be called once. A sync that was cancelled ends as `More`.
    pub async fn ended(&self) -> Result<SyncReport> {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let task = Held(task.ok_or(Error::NotFound { what: Thing::Handbook })?);
        let cancelled = || Ok(SyncReport { outcome: SyncOutcome::More, ..SyncReport::default() });
        let result = ended(task).await.unwrap_or_else(cancelled);
        match self.slot.book() {
            Ok(book) => told(&book, "sync.run", result),
            Err(_) => result,
        }
    }

    /// Stops it.
    pub fn cancel(&self) {
        self.abort.abort();
    }
}

impl Drop for SyncRun {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// Who reads and writes a notebook. What changes needs the server; the list does not.
#[derive(uniffi::Object)]
pub struct Members {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Members {
    /// Who holds keys of a notebook, as far as this device knows.
    pub fn list(&self, notebook: NotebookId) -> Result<Vec<MemberView>> {
        self.slot.with("members.list", |book| book.members().list(notebook))
    }

    /// Opens an invitation for a day. Who has its code can join, once.
    ///
    /// Fails with `Offline`; with `Invalid` if this device is no owner.
    pub async fn invite(&self, notebook: NotebookId, role: Role, name: String) -> Result<NewInvitation> {
        ask(&self.slot, "members.invite", move |book, way| async move {
            book.members().invite(notebook, role, &name, &way).await
        })
        .await
    }

    /// Joins a notebook by an invitation, and fetches it. The code is used up.
    ///
    /// Fails with `Invalid` for a code that is wrong, used or expired; `Offline`: try again with the same code.
    pub async fn join(&self, code: String) -> Result<NotebookId> {
        let work = |book: Handbook| async move {
            let way = book.way_of(&code)?;
            book.join(&code, &way).await
        };
        wait(&self.slot, "members.join", work).await
    }

    /// Takes a member, an invitation or the print out. A new key is made for those who stay.
    pub async fn remove(&self, notebook: NotebookId, member: String) -> Result<()> {
        ask(&self.slot, "members.remove", move |book, way| async move {
            book.members().remove(notebook, &member, &way).await
        })
        .await
    }

    /// Changes what a member may do.
    pub async fn set_role(&self, notebook: NotebookId, member: String, role: Role) -> Result<()> {
        ask(&self.slot, "members.set_role", move |book, way| async move {
            book.members().set_role(notebook, &member, role, &way).await
        })
        .await
    }

    /// This device leaves. What is in the notebook stays on it; the last owner cannot leave.
    pub async fn leave(&self, notebook: NotebookId) -> Result<()> {
        ask(&self.slot, "members.leave", move |book, way| async move { book.members().leave(notebook, &way).await })
            .await
    }

    /// Makes a recovery print for all notebooks that this device owns, to stick into the paper handbook. Prints made before are
    /// void.
    pub async fn print_recovery(&self) -> Result<Recovery> {
        ask(
            &self.slot,
            "members.print_recovery",
            move |book, way| async move { book.members().print_recovery(&way).await },
        )
        .await
    }

    /// Adds notebooks that were begun after the print was made. Returns how many.
    pub async fn extend_recovery(&self) -> Result<u64> {
        ask(&self.slot, "members.extend_recovery", move |book, way| async move {
            Ok(book.members().extend_recovery(&way).await? as u64)
        })
        .await
    }

    /// Recovers all notebooks of a print on this device, from the server that is known. The print is used up: make a new one.
    pub async fn recover(&self, code: String) -> Result<Vec<NotebookId>> {
        ask(&self.slot, "members.recover", move |book, way| async move { book.recover(&code, &way).await }).await
    }
}

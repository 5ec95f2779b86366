//! Sync and members: operations that need a server.
//!
//! They run on a background thread; a caller may stop waiting at any time.

use std::sync::{Arc, Mutex, PoisonError};

use ayumi_core::app::ports::ProgressListener;
use ayumi_core::app::sync::{Absent, Budget, SyncOutcome, SyncReport, SyncState};
use ayumi_core::app::{
    BegunAnew, Closed, Companions, Confirmed, EntryName, Error, Handbook, Locale, LostInNotebook, MemberView,
    NewInvitation, NotebookId, Parting, PartingFrom, Recovering, Recovery, Role, SheetNotebook, SheetView, Thing,
    Unconfirmed,
};
use tokio::task::{AbortHandle, JoinHandle};

use crate::Result;
use crate::report::log_error;
use crate::slot::Slot;
use crate::worker::{AbortOnDrop, finished, request, run, spawn};

/// Sync with the municipality's server: sends this device's changes and fetches those of other members, sealed end to
/// end.
#[derive(uniffi::Object)]
pub struct Sync {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Sync {
    /// Returns the address of the configured server.
    pub fn server(&self) -> Result<Option<String>> {
        self.slot.with("sync.server", |handbook| handbook.sync().server())
    }

    /// Sets the server: `https://…`, or `http://` to this very device. A new server is sent all data from scratch.
    pub fn use_server(&self, address: String) -> Result<()> {
        self.slot.with("sync.use_server", |handbook| handbook.sync().use_server(&address))
    }

    /// Remembers a municipality's ticket, as typed or scanned: the next notebook that begins at the server uses it.
    pub fn add_ticket(&self, code: String) -> Result<()> {
        self.slot.with("sync.add_ticket", |handbook| handbook.sync().add_ticket(&code))
    }

    /// Starts to send and fetch, within a budget. One at a time: a second one ends as `Busy`.
    #[uniffi::method(default(progress = None))]
    pub fn begin(&self, budget: Budget, progress: Option<Arc<dyn ProgressListener>>) -> Result<Arc<SyncRun>> {
        let handbook = self.slot.with("sync.begin", |handbook| Ok(handbook.clone()))?;
        let work = async move {
            let Some(transport) = handbook.sync().connection()? else {
                return Ok(SyncReport { outcome: SyncOutcome::NoServer, ..SyncReport::default() });
            };
            let tell = |done, of| {
                if let Some(progress) = &progress {
                    progress.progress(done, of);
                }
            };
            handbook.sync().run(&transport, budget, &tell).await
        };
        let task = spawn(&self.slot, work)?;
        let abort = task.abort_handle();
        Ok(Arc::new(SyncRun { slot: self.slot.clone(), abort, task: Mutex::new(Some(task)) }))
    }

    /// Reports that the network has changed: the next attempt ignores the back-off delay.
    pub fn network_changed(&self) -> Result<()> {
        self.slot.with("sync.network_changed", |handbook| handbook.sync().network_changed())
    }

    /// Returns the sync state of each notebook.
    pub fn states(&self) -> Result<Vec<SyncState>> {
        self.slot.with("sync.states", |handbook| handbook.sync().states())
    }

    /// Returns what to tell a parent while another member's snapshot shows what the log has not told yet; nothing once it was
    /// read.
    pub fn provisional_words(&self, notebook: NotebookId, language: Locale) -> Result<Option<String>> {
        self.slot.with("sync.provisional_words", |handbook| Ok(handbook.sync().state(notebook)?.told(language)))
    }

    /// Returns what to tell a parent about something that a member's phone names and that is not here.
    pub fn absent_words(&self, absent: Absent, language: Locale) -> String {
        absent.told(language)
    }

    /// Resumes a halted notebook and accepts the server's log, after a carer decided so. Show the list of members
    /// afterwards.
    pub fn go_on(&self, notebook: NotebookId) -> Result<()> {
        self.slot.with("sync.go_on", |handbook| handbook.sync().go_on(notebook))
    }

    /// Erases an entry for good: all its versions and photos, here and at the server, and on other members' phones when they
    /// sync. Nothing brings it back: ask before it, and behind the phone's lock.
    ///
    /// Fails with `Offline`: try again; with `Invalid` for words of others, if this device is no owner.
    pub async fn erase(&self, entry: EntryName) -> Result<()> {
        request(&self.slot, "sync.erase", move |handbook, transport| async move {
            handbook.sync().erase(entry, &transport).await
        })
        .await
    }

    /// Erases an entry of a notebook that no server has heard of. Ask before it.
    ///
    /// Fails with `Offline` if a server may have it.
    pub fn erase_here(&self, entry: EntryName) -> Result<()> {
        self.slot.with("sync.erase_here", |handbook| handbook.sync().erase_here(entry))
    }

    /// Fetches a photo that another member's device sent.
    pub async fn fetch_photo(&self, photo: EntryName) -> Result<Vec<u8>> {
        request(&self.slot, "sync.fetch_photo", move |handbook, transport| async move {
            handbook.sync().fetch_photo(photo, &transport).await
        })
        .await
    }
}

/// A sync in progress. It stops when it is cancelled or dropped; the changes fetched so far stay, and the next one
/// continues there.
#[derive(uniffi::Object)]
pub struct SyncRun {
    slot: Arc<Slot>,
    abort: AbortHandle,
    task: Mutex<Option<JoinHandle<Result<SyncReport>>>>,
}

#[uniffi::export]
impl SyncRun {
    /// Waits for the end of the sync; call it once. A cancelled sync ends as `More`.
    pub async fn ended(&self) -> Result<SyncReport> {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let task = AbortOnDrop(task.ok_or(Error::NotFound { what: Thing::Handbook })?);
        let cancelled = || Ok(SyncReport { outcome: SyncOutcome::More, ..SyncReport::default() });
        let result = finished(task).await.unwrap_or_else(cancelled);
        match self.slot.handbook() {
            Ok(handbook) => log_error(&handbook, "sync.run", result),
            Err(_) => result,
        }
    }

    /// Stops the sync.
    pub fn cancel(&self) {
        self.abort.abort();
    }
}

impl Drop for SyncRun {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// The members of a notebook. Every call but `list` needs the server.
#[derive(uniffi::Object)]
pub struct Members {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Members {
    /// Lists the members of a notebook, as far as this device knows.
    pub fn list(&self, notebook: NotebookId) -> Result<Vec<MemberView>> {
        self.slot.with("members.list", |handbook| handbook.members().list(notebook))
    }

    /// Opens an invitation for a day. Its code lets one person join, once.
    ///
    /// Fails with `Offline`; with `Invalid` if this device is no owner.
    pub async fn invite(&self, notebook: NotebookId, role: Role, name: String) -> Result<NewInvitation> {
        request(&self.slot, "members.invite", move |handbook, transport| async move {
            handbook.members().invite(notebook, role, &name, &transport).await
        })
        .await
    }

    /// Opens an invitation for another device of this carer's own: the same person in the notebook. Never for somebody else.
    ///
    /// Fails as `invite`.
    pub async fn invite_own_device(&self, notebook: NotebookId, role: Role, name: String) -> Result<NewInvitation> {
        request(&self.slot, "members.invite_own_device", move |handbook, transport| async move {
            handbook.members().invite_own_device(notebook, role, &name, &transport).await
        })
        .await
    }

    /// Who else goes with a member, if the carer wants: the person's other devices, and all they let in. Ask before `remove`.
    pub fn companions(&self, notebook: NotebookId, member: String) -> Result<Companions> {
        self.slot.with("members.companions", |handbook| handbook.members().companions(notebook, &member))
    }

    /// Joins a notebook by an invitation, and fetches it. The code works only once.
    ///
    /// Fails with `Invalid` for a code that is wrong, used or expired; `Offline`: try again with the same code.
    pub async fn join(&self, code: String) -> Result<NotebookId> {
        let work = |handbook: Handbook| async move {
            let transport = handbook.members().connection_of(&code)?;
            handbook.members().join(&code, &transport).await
        };
        run(&self.slot, "members.join", work).await
    }

    /// Returns what this device's join waits for; nothing once it is confirmed. Until then what is written is not sent.
    pub fn unconfirmed(&self, notebook: NotebookId) -> Result<Option<Unconfirmed>> {
        self.slot.with("members.unconfirmed", |handbook| handbook.members().unconfirmed(notebook))
    }

    /// Returns what to tell a parent while a join waits; nothing once it is confirmed.
    pub fn unconfirmed_words(&self, notebook: NotebookId, language: Locale) -> Result<Option<String>> {
        self.slot.with("members.unconfirmed_words", |handbook| {
            Ok(handbook.members().unconfirmed(notebook)?.map(|waits| waits.told(language)))
        })
    }

    /// Goes on as a carer says, without waiting for the phone that made the code. It is for ever.
    pub fn confirm(&self, notebook: NotebookId, why: Confirmed) -> Result<()> {
        self.slot.with("members.confirm", |handbook| handbook.members().confirm(notebook, why))
    }

    /// Removes a member, an invitation or the recovery sheet. The remaining members get a new key.
    ///
    /// Fails with `Senior` for somebody who has been an owner for longer.
    pub async fn remove(&self, notebook: NotebookId, member: String) -> Result<()> {
        request(&self.slot, "members.remove", move |handbook, transport| async move {
            handbook.members().remove(notebook, &member, &transport).await
        })
        .await
    }

    /// Takes a lost phone, or a person with all devices, out of every notebook where this device may. Without `who` it is every
    /// other device of this carer's own; else a name, or an id of a member or a person in any notebook.
    pub async fn lost(&self, who: Option<String>) -> Result<Vec<LostInNotebook>> {
        request(&self.slot, "members.lost", move |handbook, transport| async move {
            handbook.members().lost(who.as_deref(), &transport).await
        })
        .await
    }

    /// Begins a notebook anew on this device, with every word of it, and without telling anybody in the old one. `without` are
    /// members who are not to be invited again. Ask before it.
    pub fn begin_anew(&self, notebook: NotebookId, without: Vec<String>) -> Result<BegunAnew> {
        self.slot.with("members.begin_anew", |handbook| handbook.members().begin_anew(notebook, &without))
    }

    /// Changes what a member may do.
    pub async fn set_role(&self, notebook: NotebookId, member: String, role: Role) -> Result<()> {
        request(&self.slot, "members.set_role", move |handbook, transport| async move {
            handbook.members().set_role(notebook, &member, role, &transport).await
        })
        .await
    }

    /// Closes a notebook at its server: nothing of it is served there any more, and after thirty days it is deleted. It stays on
    /// this device and on those of the other members. `at_once` deletes it now, if this device is the only owner or all owners
    /// said so. Ask before it, and behind the phone's lock.
    ///
    /// Fails with `Offline`: try again; with `Invalid` if this device is no owner; with `NotFound` if it is not at the server.
    pub async fn close(&self, notebook: NotebookId, at_once: bool) -> Result<Closed> {
        request(&self.slot, "members.close", move |handbook, transport| async move {
            handbook.members().close(notebook, at_once, &transport).await
        })
        .await
    }

    /// Takes a closing back, whoever of the owners closed it, within thirty days.
    ///
    /// Fails with `Offline`: try again; with `Invalid` if this device is no owner, or nothing is closed; with `NotFound` if the
    /// server has deleted it.
    pub async fn undo_close(&self, notebook: NotebookId) -> Result<()> {
        request(&self.slot, "members.undo_close", move |handbook, transport| async move {
            handbook.members().undo_close(notebook, &transport).await
        })
        .await
    }

    /// Leaves a notebook. Its entries stay on this device; the last owner cannot leave.
    pub async fn leave(&self, notebook: NotebookId) -> Result<()> {
        request(&self.slot, "members.leave", move |handbook, transport| async move {
            handbook.members().leave(notebook, &transport).await
        })
        .await
    }

    /// Makes a recovery sheet for all notebooks that this device owns, to stick into the paper handbook. Earlier sheets
    /// become void.
    pub async fn print_recovery(&self) -> Result<Recovery> {
        request(&self.slot, "members.print_recovery", move |handbook, transport| async move {
            handbook.members().print_recovery(&transport).await
        })
        .await
    }

    /// Adds notebooks that were begun after the recovery sheet was made. Returns how many.
    pub async fn extend_recovery(&self) -> Result<u64> {
        request(&self.slot, "members.extend_recovery", move |handbook, transport| async move {
            Ok(handbook.members().extend_recovery(&transport).await? as u64)
        })
        .await
    }

    /// Recovers all notebooks of a recovery sheet on this device, from the configured server. The sheet works only
    /// once: make a new one.
    pub async fn recover(&self, code: String) -> Result<Vec<NotebookId>> {
        request(&self.slot, "members.recover", move |handbook, transport| async move {
            handbook.members().recover(&code, &transport).await
        })
        .await
    }

    /// As `recover`, as a carer says: without those who should not be in there any more, or at a server that changed its key.
    pub async fn recover_as(&self, code: String, how: Recovering) -> Result<Vec<NotebookId>> {
        request(&self.slot, "members.recover_as", move |handbook, transport| async move {
            handbook.members().recover_as(&code, &how, &transport).await
        })
        .await
    }

    /// Returns who is in the notebooks of a recovery sheet, as the configured server shows them now: show it before `recover`.
    pub async fn look_into_sheet(&self, code: String, another_key: bool) -> Result<Vec<SheetNotebook>> {
        request(&self.slot, "members.look_into_sheet", move |handbook, transport| async move {
            handbook.members().look_into_sheet(&code, another_key, &transport).await
        })
        .await
    }

    /// Returns what `forget_me` would do with each notebook: show it before, with the words of `parting_words`.
    pub fn partings(&self) -> Result<Vec<PartingFrom>> {
        self.slot.with("members.partings", |handbook| handbook.members().partings())
    }

    /// Returns what to tell a parent of a parting: what goes, what stays, and how long.
    pub fn parting_words(&self, parting: Parting, language: Locale) -> String {
        parting.told(language).to_owned()
    }

    /// Takes everything of this carer's from the server: deletes what is theirs alone, leaves what others share. Then, unless a
    /// parting is `Offline`, `finish` the handbook, call `delete_handbook`, and let the vault forget the key. Ask twice before it.
    ///
    /// Fails with `Offline`: try again.
    pub async fn forget_me(&self) -> Result<Vec<PartingFrom>> {
        request(&self.slot, "members.forget_me", move |handbook, transport| async move {
            handbook.members().forget_me(&transport).await
        })
        .await
    }

    /// Returns how well each notebook that this device owns could be brought back.
    pub fn sheets(&self) -> Result<Vec<SheetView>> {
        self.slot.with("members.sheets", |handbook| handbook.members().sheets())
    }
}

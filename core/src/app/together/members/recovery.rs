//! The recovery sheet that a family keeps in the paper handbook: one code, all notebooks that this device owns.

use std::collections::BTreeSet;

use ayumi_protocol::NotebookId;
use ayumi_protocol::drawer::{DrawerReply, DrawerRequest, PURPOSE, drawer_of, signed_bytes};
use ayumi_protocol::endpoint::Endpoint;
use chrono::NaiveDate;

use super::list::{Holding, Members, key_id};
use super::sheet::{opener, wrong_code};
use crate::app::error::{Defect, Error, Result, Thing};
use crate::app::membership::load;
use crate::app::pinned::known_fingerprint;
use crate::app::together::sync::{Session, SyncReport};
use crate::crypto::keys::EpochKey;
use crate::store::settings::{RECOVERY, RECOVERY_FILLED};
use crate::store::{channel, entries};
use crate::sync::code::RecoveryCode;
use crate::sync::statement::Decision;
use crate::sync::transport::Transport;
use crate::sync::{blob, code};

const PATH: &str = Endpoint::Drawer.path();
/// How long a recovery index entry is left alone, in milliseconds: half a year.
const FILLED_AGAIN_MS: u64 = 183 * 24 * 60 * 60 * 1000;

/// A new recovery sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Recovery {
    /// The code to print and keep. Who has it can become an owner of these notebooks.
    pub code: String,
    /// What it opens.
    pub notebooks: Vec<NotebookId>,
    /// The day on which it was made: print it beside the code.
    pub on: NaiveDate,
    /// Who is in these notebooks on that day, by name: print it too. Who recovers sees by it if a server shows an older day.
    pub members: Vec<String>,
}

/// How a carer recovers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Recovering {
    /// Who stays, by id as [`Members::look_into_sheet`] shows it; everybody else is taken out. `None` leaves all in.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub keep: Option<Vec<String>>,
    /// The server may have another key than the sheet says: the municipality changed it since the sheet was printed.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub another_key: bool,
}

impl Members {
    /// Makes a recovery sheet for all notebooks that this device owns. Sheets made before are void.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::NotFound`] if this device owns no notebook.
    pub async fn print_recovery(&self, transport: &dyn Transport) -> Result<Recovery> {
        let code = RecoveryCode::generate()?;
        let ids = entries::notebooks(self.handbook.db().reader())?;
        let mut opened = Vec::new();
        for id in ids {
            match self.bring_up_to_date(id, transport).await {
                // What is gone from the server keeps the others from nothing.
                Err(Error::NotFound { .. }) => continue,
                other => other?,
            }
            if self.owns(id)? {
                self.decide(id, &Decision::Print(code.keys(id).public(), code.proof(id)), transport).await?;
                opened.push(id);
            }
        }
        if opened.is_empty() {
            return Err(Error::NotFound { what: Thing::OwnedNotebook });
        }
        self.fill_drawer(&code, &opened, transport).await?;
        // Kept in the encrypted file, so that a child who is born later is added to the same sheet.
        self.handbook.db().write(|tx| RECOVERY.set(tx, code.expose()))?;
        let code = code.at(known_fingerprint(self.handbook.db().reader())?);
        let (on, members) = (self.handbook.clock().today(), self.names_in(&opened)?);
        Ok(Recovery { code: code.to_text(), notebooks: opened, on, members })
    }

    /// The names of all members of these notebooks.
    fn names_in(&self, notebooks: &[NotebookId]) -> Result<Vec<String>> {
        let mut names = BTreeSet::new();
        for id in notebooks {
            let members = self.list(*id)?.into_iter().filter(|member| member.what == Holding::Member);
            names.extend(members.map(|member| member.name).filter(|name| !name.is_empty()));
        }
        Ok(names.into_iter().collect())
    }

    fn owns(&self, notebook: NotebookId) -> Result<bool> {
        let db = self.handbook.db();
        let Some(channel) = channel::find(db.reader(), notebook)? else { return Ok(false) };
        let reader = load(db.reader(), &channel)?;
        let open = !channel.removed && channel.halted.is_none() && channel.awaits.is_none() && channel.gone.is_none();
        Ok(open && reader.is_owner())
    }

    /// Adds notebooks that were begun after the recovery sheet was made. One in which the recovery sheet was made
    /// void stays without.
    ///
    /// # Errors
    /// [`Error::Offline`]; any [store error](crate::app::Error#store-errors).
    pub async fn extend_recovery(&self, transport: &dyn Transport) -> Result<usize> {
        let Some(code) = self.known_code()? else { return Ok(0) };
        let ids = entries::notebooks(self.handbook.db().reader())?;
        let (mut opened, mut added) = (Vec::new(), 0);
        for id in ids {
            if !self.owns(id)? {
                continue;
            }
            let key = code.keys(id).id();
            let (there, void) = {
                let db = self.handbook.db();
                let Some(channel) = channel::find(db.reader(), id)? else { continue };
                let reader = load(db.reader(), &channel)?;
                let state = reader.state();
                (state.is_some_and(|s| s.holder(&key).is_some()), state.is_some_and(|s| s.was_holder(&key)))
            };
            if !there && !void {
                self.decide(id, &Decision::Print(code.keys(id).public(), code.proof(id)), transport).await?;
                added += 1;
            }
            if !void {
                opened.push(id);
            }
        }
        if added > 0 || (!opened.is_empty() && self.is_left_alone()?) {
            self.fill_drawer(&code, &opened, transport).await?;
        }
        Ok(added)
    }

    /// Whether the recovery index entry was not filled for long: a server deletes it after two years.
    fn is_left_alone(&self) -> Result<bool> {
        let filled = RECOVERY_FILLED.get(self.handbook.db().reader())?.unwrap_or(0);
        Ok(self.handbook.clock().now_ms().saturating_sub(filled) >= FILLED_AGAIN_MS)
    }

    fn known_code(&self) -> Result<Option<RecoveryCode>> {
        Ok(RECOVERY.get(self.handbook.db().reader())?.map(RecoveryCode::from_bytes))
    }

    async fn fill_drawer(&self, code: &RecoveryCode, ids: &[NotebookId], transport: &dyn Transport) -> Result<()> {
        let text = serde_json::to_vec(ids).map_err(|_| Defect::RecoveryList)?;
        let content = EpochKey::from_bytes(code.drawer_key());
        let chunks = blob::seal(&content, 1, &[0; 32], &text).map_err(|_| Defect::RecoveryList)?;
        self.put_in_drawer(code, chunks.into_iter().next().unwrap_or_default(), transport).await
    }

    /// Leaves nothing in the recovery index entry that this device filled.
    pub(super) async fn empty_drawer(&self, transport: &dyn Transport) -> Result<()> {
        match self.known_code()? {
            Some(code) => self.put_in_drawer(&code, Vec::new(), transport).await,
            None => Ok(()),
        }
    }

    async fn put_in_drawer(&self, code: &RecoveryCode, sealed: Vec<u8>, transport: &dyn Transport) -> Result<()> {
        let keys = code.drawer();
        // Later than what this device put there, also if its clock was set back since.
        let filled = RECOVERY_FILLED.get(self.handbook.db().reader())?.unwrap_or(0);
        let edition = self.handbook.clock().now_ms().max(filled.saturating_add(1));
        let signature = keys.sign(PURPOSE, &signed_bytes(edition, &sealed));
        let request = DrawerRequest::Fill { key: keys.public().sign, edition, sealed, signature };
        let mut report = SyncReport::default();
        let mut session = Session::new(self.handbook.clone(), transport, None, &mut report);
        session.request(PATH, request.to_bytes()).await.or_error()?;
        Ok(self.handbook.db().write(|tx| RECOVERY_FILLED.set(tx, &edition))?)
    }
}

impl Members {
    /// Recovers all notebooks of a recovery sheet on this device. The sheet is used up: make a new one. Show
    /// [`Members::look_into_sheet`] before.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a code that is wrong, void or used, and at a server that has another key than the sheet says;
    /// [`Error::Offline`]: try again with the same code.
    pub async fn recover(&self, text: &str, transport: &dyn Transport) -> Result<Vec<NotebookId>> {
        self.recover_as(text, &Recovering::default(), transport).await
    }

    /// As [`Self::recover`], as a carer says: without those who should not be in there any more, or at a server that changed its key
    /// since the sheet was printed.
    ///
    /// # Errors
    /// As [`Self::recover`]; [`Error::NotFound`] if somebody who is to stay is in none of the notebooks; [`Error::Senior`] if
    /// somebody who is to go has been an owner for longer than the sheet's person.
    pub async fn recover_as(&self, text: &str, how: &Recovering, transport: &dyn Transport) -> Result<Vec<NotebookId>> {
        let code = RecoveryCode::from_text(text).map_err(|code::NoCode| wrong_code())?;
        if let Some(keep) = &how.keep {
            let shown = self.look_into_sheet(text, how.another_key, transport).await?;
            let is_there = |id: &String| shown.iter().any(|book| book.members.iter().any(|member| member.id == *id));
            if !keep.iter().all(is_there) {
                return Err(Error::NotFound { what: Thing::Member });
            }
            // Nothing is written if somebody is to go who cannot be taken out.
            if shown.iter().any(|book| book.senior.iter().any(|id| !keep.contains(id))) {
                return Err(Error::Senior);
            }
        }
        let keep = how.keep.as_ref().map(|ids| ids.iter().map(|id| key_id(id)).collect::<Result<_>>()).transpose()?;
        let (mut recovered, mut last) = (Vec::new(), None);
        for id in self.notebooks_of(&code, transport).await? {
            match self.come_in(id, &opener(&code, id, !how.another_key, keep.clone()), transport).await {
                Ok(()) => recovered.push(id),
                // One that was recovered before, or made void, does not keep the others back.
                Err(invalid @ Error::Invalid { .. }) => last = Some(invalid),
                Err(error) => return Err(error),
            }
        }
        match last {
            Some(error) if recovered.is_empty() => Err(error),
            _ => Ok(recovered),
        }
    }

    /// The notebooks that a sheet opens.
    pub(super) async fn notebooks_of(&self, code: &RecoveryCode, transport: &dyn Transport) -> Result<Vec<NotebookId>> {
        let (keys, content) = (code.drawer(), EpochKey::from_bytes(code.drawer_key()));
        let mut report = SyncReport::default();
        let mut session = Session::new(self.handbook.clone(), transport, None, &mut report);
        let bytes =
            session.request(PATH, DrawerRequest::Look(drawer_of(&keys.public().sign)).to_bytes()).await.or_error()?;
        let reply = DrawerReply::from_bytes(&bytes).map_err(|_| Error::Offline)?;
        let opened = blob::open(|_| Some(&content), &[0; 32], &[reply.sealed]).map_err(|_| wrong_code())?;
        serde_json::from_slice(&opened).map_err(|_| wrong_code().into())
    }
}

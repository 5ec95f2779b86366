//! The recovery sheet that a family keeps in the paper handbook: one code, all notebooks that this device owns.

use ayumi_protocol::NotebookId;
use ayumi_protocol::drawer::{DrawerReply, DrawerRequest, PURPOSE, drawer_of, signed_bytes};
use ayumi_protocol::endpoint::Endpoint;

use super::join::{By, Opener};
use super::list::Members;
use crate::app::error::{Defect, Error, Result, Thing};
use crate::app::membership::load;
use crate::app::together::sync::{Session, SyncReport};
use crate::crypto::keys::EpochKey;
use crate::model::Invalid;
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
        Ok(Recovery { code: code.to_text(), notebooks: opened })
    }

    fn owns(&self, notebook: NotebookId) -> Result<bool> {
        let db = self.handbook.db();
        let Some(channel) = channel::find(db.reader(), notebook)? else { return Ok(false) };
        let reader = load(db.reader(), &channel)?;
        Ok(!channel.removed && channel.halted.is_none() && channel.gone.is_none() && reader.is_owner())
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
        let (keys, content) = (code.drawer(), EpochKey::from_bytes(code.drawer_key()));
        let chunks = blob::seal(&content, 1, &[0; 32], &text).map_err(|_| Defect::RecoveryList)?;
        let sealed = chunks.into_iter().next().unwrap_or_default();
        let edition = self.handbook.clock().now_ms();
        let signature = keys.sign(PURPOSE, &signed_bytes(edition, &sealed));
        let request = DrawerRequest::Fill { key: keys.public().sign, edition, sealed, signature };
        let mut report = SyncReport::default();
        let mut session = Session::new(self.handbook.clone(), transport, None, &mut report);
        session.request(PATH, request.to_bytes()).await.or_error()?;
        Ok(self.handbook.db().write(|tx| RECOVERY_FILLED.set(tx, &edition))?)
    }
}

impl Members {
    /// Recovers all notebooks of a recovery sheet on this device. The sheet is used up: make a new one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a code that is wrong, void or used; [`Error::Offline`]: try again with the same code.
    pub async fn recover(&self, text: &str, transport: &dyn Transport) -> Result<Vec<NotebookId>> {
        let wrong =
            || Invalid::new("code", "this code", "a recovery code that was not used yet, exactly as it was printed");
        let code = RecoveryCode::from_text(text).map_err(|code::NoCode| wrong())?;
        let (keys, content) = (code.drawer(), EpochKey::from_bytes(code.drawer_key()));
        let mut report = SyncReport::default();
        let mut session = Session::new(self.handbook.clone(), transport, None, &mut report);
        let bytes =
            session.request(PATH, DrawerRequest::Look(drawer_of(&keys.public().sign)).to_bytes()).await.or_error()?;
        let reply = DrawerReply::from_bytes(&bytes).map_err(|_| Error::Offline)?;
        let opened = blob::open(|_| Some(&content), &[0; 32], &[reply.sealed]).map_err(|_| wrong())?;
        let ids: Vec<NotebookId> = serde_json::from_slice(&opened).map_err(|_| wrong())?;
        let (mut recovered, mut last) = (Vec::new(), None);
        for id in ids {
            match self
                .come_in(id, &Opener { keys: code.keys(id), proof: code.proof(id), by: By::Print }, transport)
                .await
            {
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
}

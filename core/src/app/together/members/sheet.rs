//! What stands with recovery sheets: whether a notebook has one that counts, and who is in the notebooks that a sheet opens.

use std::collections::BTreeSet;

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{Holder, State, What};
use ayumi_protocol::key::KeyId;

use super::list::{Holding, MemberView, Members, views};
use super::opener::{By, Opener, Reads, read_chain};
use crate::app::error::{Error, Result};
use crate::app::membership::load;
use crate::app::together::sync::{Session, SyncReport};
use crate::model::{Invalid, Reason};
use crate::store::channel::{self, Channel};
use crate::store::entries;
use crate::sync::code::RecoveryCode;
use crate::sync::transport::Transport;

/// Whether a recovery sheet opens a notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SheetState {
    /// None was made.
    None,
    /// The sheet in the paper handbook is void: somebody was taken out, left, or used it. It stays so until a new one is made.
    Void,
    /// It would bring the notebook back.
    Valid,
}

impl SheetState {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Void => "void",
            Self::Valid => "valid",
        }
    }
}

/// How well a notebook of this device's could be brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SheetView {
    /// The notebook.
    pub notebook: NotebookId,
    /// Whether a sheet opens it.
    pub sheet: SheetState,
    /// It has one owner's device only: without a valid sheet nobody could decide any more if that were lost.
    pub one_owner: bool,
}

/// A notebook that a recovery sheet opens, as its server shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SheetNotebook {
    /// The notebook.
    pub notebook: NotebookId,
    /// Who is in it. Somebody among them who should not be there is left out when it is recovered.
    pub members: Vec<MemberView>,
    /// Ids of members who have been owners for longer than the sheet's person: nobody can leave them out.
    pub senior: Vec<String>,
}

impl Members {
    /// Returns how well each notebook that this device owns could be brought back, as far as it knows.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn sheets(&self) -> Result<Vec<SheetView>> {
        let db = self.handbook.db();
        let mut sheets = Vec::new();
        for notebook in entries::notebooks(db.reader())? {
            let Some(channel) = channel::find(db.reader(), notebook)?.filter(|channel| !channel.removed) else {
                continue;
            };
            let reader = load(db.reader(), &channel)?;
            let Some(state) = reader.state() else { continue };
            let owners = state.holders().filter(|(_, holder)| holder.is_owner());
            let (mine, owners) = owners.fold((false, 0), |(mine, n), (id, _)| (mine || *id == reader.id(), n + 1));
            if !mine {
                continue;
            }
            let person = state.person_of(&reader.id());
            let is_mine = |holder: &Holder| holder.what == What::Recovery && Some(holder.person) == person;
            let valid = state.holders().any(|(_, holder)| is_mine(holder));
            let sheet = match (valid, state.gone().any(is_mine)) {
                (true, _) => SheetState::Valid,
                (false, true) => SheetState::Void,
                (false, false) => SheetState::None,
            };
            sheets.push(SheetView { notebook, sheet, one_owner: owners == 1 });
        }
        Ok(sheets)
    }

    /// Returns who is in the notebooks of a recovery sheet, as the server shows them now; changes nothing. Show it before
    /// [`Members::recover`]: a server could show a notebook as it was before somebody was taken out. `another_key` as in
    /// [`Recovering`](super::Recovering).
    ///
    /// # Errors
    /// As [`Members::recover`].
    pub async fn look_into_sheet(
        &self,
        text: &str,
        another_key: bool,
        transport: &dyn Transport,
    ) -> Result<Vec<SheetNotebook>> {
        let code = RecoveryCode::from_text(text).map_err(|_| wrong_code())?;
        let (mut shown, mut last) = (Vec::new(), None);
        for notebook in self.notebooks_of(&code, transport).await? {
            match self.shown_to(notebook, &opener(&code, notebook, !another_key, None), transport).await {
                Ok(found) => shown.push(found),
                Err(invalid @ Error::Invalid { .. }) => last = Some(invalid),
                Err(error) => return Err(error),
            }
        }
        match last {
            Some(error) if shown.is_empty() => Err(error),
            _ => Ok(shown),
        }
    }

    async fn shown_to(
        &self,
        notebook: NotebookId,
        opener: &Opener,
        transport: &dyn Transport,
    ) -> Result<SheetNotebook> {
        let mut report = SyncReport::default();
        let session = Session::new(self.handbook.clone(), transport, None, &mut report);
        let (reader, _) = read_chain(&mut session.naming(opener.server), notebook, opener, Reads::Chain).await?;
        let mut members = views(&Channel::new(notebook, opener.keys.clone()), &reader);
        members.retain(|member| member.what == Holding::Member);
        let me = reader.id();
        let stays = |state: &State, id: &KeyId| state.may_read(id) && !state.may_take_out(&me, id);
        let senior = reader.state().into_iter().flat_map(|state| {
            state.holders().map(|(id, _)| id).filter(move |id| stays(state, id)).map(|id| format!("{id:?}"))
        });
        Ok(SheetNotebook { notebook, members, senior: senior.collect() })
    }
}

/// What a sheet opens a notebook with. `as_named`: at no other server than the sheet says; `keep`: who stays.
pub(super) fn opener(
    code: &RecoveryCode,
    notebook: NotebookId,
    as_named: bool,
    keep: Option<BTreeSet<KeyId>>,
) -> Opener {
    let server = code.server_key().filter(|_| as_named);
    Opener { keys: code.keys(notebook), proof: code.proof(notebook), server, by: By::Print { keep } }
}

pub(super) fn wrong_code() -> Invalid {
    Invalid::new("code", "this code", "a recovery code that was not used yet, exactly as it was printed")
        .because(Reason::NotACode)
}

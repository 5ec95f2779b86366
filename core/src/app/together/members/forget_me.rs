//! "Forget me": what is this carer's alone leaves the server, and this device leaves what others share. Then its file can go.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::State;

use super::closing::Closed;
use super::list::Members;
use crate::app::error::{Error, Result};
use crate::app::membership::load;
use crate::store::channel::{self, AtServer};
use crate::sync::transport::Transport;
use crate::texts::{self, Locale};

/// How this carer parts from one notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Parting {
    /// No server has it: it goes with this device's file.
    OnlyHere,
    /// Nobody else is in it: it is deleted at the server at once.
    Deleted,
    /// Another owner is in it: this device leaves. What it wrote stays with the others and at the server.
    Left,
    /// Others are in it, and no other owner: it is closed at the server, and deleted there after thirty days. It stays on the
    /// others' phones.
    Closed,
    /// This device is no member any more, or the server has it no more.
    OutAlready,
    /// It has stopped, or waits for a newer app: the server keeps it until whoever runs it deletes it by its id.
    Stays,
    /// The server was not reached: nothing has happened there yet.
    Offline,
}

impl Parting {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::OnlyHere => "only_here",
            Self::Deleted => "deleted",
            Self::Left => "left",
            Self::Closed => "closed",
            Self::OutAlready => "out_already",
            Self::Stays => "stays",
            Self::Offline => "offline",
        }
    }

    /// What to tell a parent of it: what goes, what stays, and how long.
    pub fn told(self, locale: Locale) -> &'static str {
        let key = match self {
            Self::OnlyHere => "parting_only_here",
            Self::Deleted => "parting_deleted",
            Self::Left => "parting_left",
            Self::Closed => "parting_closed",
            Self::OutAlready => "parting_out_already",
            Self::Stays => "parting_stays",
            Self::Offline => "parting_offline",
        };
        texts::members(key, locale)
    }
}

/// One notebook of a carer who is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PartingFrom {
    /// The notebook.
    pub notebook: NotebookId,
    /// What happens, or happened, to it.
    pub parting: Parting,
    /// Until when the server keeps a closed one, in milliseconds since 1970 by its clock.
    pub until: Option<u64>,
}

impl Members {
    /// Says what [`Members::forget_me`] would do with each notebook of this device, as far as it knows. Show it before.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn partings(&self) -> Result<Vec<PartingFrom>> {
        let ids = self.handbook.sync().notebooks()?;
        ids.into_iter().map(|id| Ok(PartingFrom { notebook: id, parting: self.parting(id)?, until: None })).collect()
    }

    /// Takes everything of this carer's from the server: what nobody else is in is deleted there, and this device leaves what
    /// others share. The recovery index entry is emptied. What one notebook refuses keeps no other one back. If none is
    /// [`Parting::Offline`], delete the file with [`Handbook::delete`](crate::app::Handbook::delete); else try again. Ask twice
    /// before it, and behind the phone's lock.
    ///
    /// # Errors
    /// [`Error::Offline`] if the recovery index entry could not be emptied: try again; any [store
    /// error](crate::app::Error#store-errors).
    pub async fn forget_me(&self, transport: &dyn Transport) -> Result<Vec<PartingFrom>> {
        let mut all = Vec::new();
        for notebook in self.handbook.sync().notebooks()? {
            all.push(self.part_from(notebook, transport).await?);
        }
        if all.iter().all(|from| from.parting != Parting::Offline) {
            self.empty_drawer(transport).await?;
        }
        Ok(all)
    }

    async fn part_from(&self, notebook: NotebookId, transport: &dyn Transport) -> Result<PartingFrom> {
        let (parting, until) = match self.part(notebook, transport).await {
            Ok(parted) => parted,
            Err(Error::Offline) => (Parting::Offline, None),
            Err(Error::NotFound { .. }) => (Parting::OutAlready, None),
            Err(Error::Invalid { .. }) => (Parting::Stays, None),
            Err(error) => return Err(error),
        };
        Ok(PartingFrom { notebook, parting, until })
    }

    async fn part(&self, notebook: NotebookId, transport: &dyn Transport) -> Result<(Parting, Option<u64>)> {
        if ends_here(self.parting(notebook)?) {
            return Ok((self.parting(notebook)?, None));
        }
        // Who else is in it now, not when this device last looked.
        self.bring_up_to_date(notebook, transport).await?;
        match self.parting(notebook)? {
            Parting::Left => self.leave(notebook, transport).await.map(|()| (Parting::Left, None)),
            parting @ (Parting::Deleted | Parting::Closed) => {
                Ok(match self.close(notebook, parting == Parting::Deleted, transport).await? {
                    Closed { until: None, .. } => (Parting::Deleted, None),
                    Closed { until, .. } => (Parting::Closed, until),
                })
            }
            other => Ok((other, None)),
        }
    }

    /// What is to happen to a notebook, as this device knows it.
    fn parting(&self, notebook: NotebookId) -> Result<Parting> {
        let db = self.handbook.db();
        let Some(channel) = channel::find(db.reader(), notebook)? else { return Ok(Parting::OnlyHere) };
        if channel.removed || matches!(channel.gone, Some(AtServer::Gone { .. })) {
            return Ok(Parting::OutAlready);
        }
        if channel.halted.is_some() {
            return Ok(Parting::Stays);
        }
        let reader = load(db.reader(), &channel)?;
        let Some(state) = reader.state().filter(|_| channel.store_epoch.is_some()) else {
            return Ok(Parting::OnlyHere);
        };
        let me = reader.id();
        let others = |state: &State| state.members().filter(|(id, _)| **id != me).count();
        let decides = state.members().any(|(id, holder)| *id != me && holder.is_owner());
        Ok(match (decides, others(state)) {
            (true, _) => Parting::Left,
            (false, 0) => Parting::Deleted,
            (false, _) => Parting::Closed,
        })
    }
}

/// Whether a server is not asked.
const fn ends_here(parting: Parting) -> bool {
    matches!(parting, Parting::OnlyHere | Parting::OutAlready | Parting::Stays)
}

//! Release keys of open codes, without which a code opens nothing: every owner's phone puts them at a server that may lack them.

use ayumi_protocol::NotebookId;
use ayumi_protocol::endpoint::Endpoint;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::release::{ReleaseAction, ReleaseKey, ReleaseRequest};

use super::session::{NotebookOutcome, Response, Session};
use crate::app::error::Result;
use crate::app::membership::load;
use crate::store::channel::{self, Channel};

/// What a notebook's server may lack.
struct Lacking {
    channel: Channel,
    store_epoch: [u8; 16],
    /// Open codes, and their release keys.
    codes: Vec<(KeyId, ReleaseKey)>,
    /// What is there: open codes, and the chain at which this was looked at.
    there: Vec<KeyId>,
}

impl Session<'_> {
    /// Puts the release keys that this life of the server's store may lack: of a new code, and of every open one after a restore or
    /// at another server.
    pub(super) async fn put_releases(&mut self, id: NotebookId) -> Result<NotebookOutcome> {
        let Some(Lacking { channel, store_epoch, codes, mut there }) = self.lacking(id)? else {
            return Ok(NotebookOutcome::Done);
        };
        for (holder, key) in codes {
            let action = ReleaseAction::Put { holder, key };
            let body = |caller| ReleaseRequest { caller, action: action.clone() }.to_bytes();
            match self.request_as(Endpoint::Release.path(), id, &channel.keys, channel.token, body).await {
                Response::Reply(_) => there.push(holder),
                // It is open no more, or this device is no owner: the next sync reads so.
                Response::NotAHolder | Response::NoNotebook | Response::Gone(_) => {}
                _ => return Ok(NotebookOutcome::Offline),
            }
        }
        self.handbook.db().write(|tx| channel::note_released(tx, id, &there, &store_epoch))?;
        Ok(NotebookOutcome::Done)
    }

    /// What the server may lack; `None` if this chain was looked at before.
    fn lacking(&self, id: NotebookId) -> Result<Option<Lacking>> {
        let db = self.handbook.db();
        let open = |channel: &Channel| !channel.removed && channel.halted.is_none() && channel.awaits.is_none();
        let Some(channel) = channel::find(db.reader(), id)?.filter(open) else { return Ok(None) };
        let Some((store_epoch, mark)) = channel.store_epoch.zip(channel::chain_mark(db.reader(), id)?) else {
            return Ok(None);
        };
        let known = channel::released(db.reader(), id, &store_epoch)?;
        if known.contains(&mark) {
            return Ok(None);
        }
        let reader = load(db.reader(), &channel)?;
        let state = reader.state().filter(|_| reader.is_owner());
        let (there, lacking): (Vec<_>, Vec<_>) =
            state.into_iter().flat_map(|state| state.codes()).partition(|(holder, _)| known.contains(holder));
        let codes = lacking.into_iter().filter_map(|(holder, code)| Some((*holder, reader.release_of(code)?)));
        let codes = codes.collect();
        let there = there.into_iter().map(|(holder, _)| *holder).chain([mark]).collect();
        Ok(Some(Lacking { channel, store_epoch, codes, there }))
    }
}

//! This device's place in a notebook: the control chain as stored, and the role that follows from it.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Role;
use rusqlite::Connection;

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::view::NotebookView;
use crate::model::Invalid;
use crate::store::StoreError;
use crate::store::channel::{self, Channel};
use crate::sync::reader::{Assembly, Reader};

/// What is known of a notebook's log, as confirmed by the server.
pub(in crate::app) fn load(connection: &Connection, channel: &Channel) -> Result<Reader> {
    let id = channel.notebook;
    let mut reader = Reader::new(id, channel.keys.clone()).with(
        channel::epoch_keys(connection, id)?,
        channel::tails(connection, id)?,
        channel::unread(connection, id)? > 0,
    );
    let assembly = channel.assembly.as_deref().and_then(Assembly::from_bytes);
    reader = reader.within(channel.hollow, assembly);
    for kept in channel::statements(connection, id)?.iter().filter(|kept| kept.position > 0) {
        reader.statement(&kept.body).map_err(|_| StoreError::Damaged)?;
    }
    Ok(reader)
}

/// The same with statements that wait: what this device goes by when it writes.
pub(in crate::app) fn load_ahead(connection: &Connection, channel: &Channel) -> Result<Reader> {
    with_waiting(load(connection, channel)?, connection)
}

pub(in crate::app) fn with_waiting(mut reader: Reader, connection: &Connection) -> Result<Reader> {
    for kept in channel::statements(connection, reader.notebook())?.iter().filter(|kept| kept.position == 0) {
        // One that does not fit any more is refused by the server too, and dropped then.
        let _ = reader.statement(&kept.body);
    }
    Ok(reader)
}

/// What this device may do; before the first answer of a server it is the owner of what it began.
pub(in crate::app) fn role_in(reader: &Reader) -> Option<Role> {
    reader.state().map_or(Some(Role::Owner), |state| state.holder(&reader.id()).map(|holder| holder.role))
}

impl Handbook {
    /// What this device may do in a notebook; `None` once it is no member any more.
    pub(in crate::app) fn role(&self, notebook: NotebookId) -> Result<Option<Role>> {
        let db = self.db();
        let Some(channel) = channel::find(db.reader(), notebook)? else {
            return Ok(Some(Role::Owner));
        };
        let role = role_in(&load(db.reader(), &channel)?);
        Ok(role.filter(|_| !channel.removed))
    }

    /// Whether this device may write in a notebook. What a reader wrote would be refused by everybody else: better said at once.
    pub(in crate::app) fn check_may_write(&self, view: &NotebookView) -> Result<()> {
        let allowed = view.role.is_some_and(|role| role >= Role::Writer);
        let why = Invalid::new("notebook", view.role.map_or("none", Role::key), "a notebook in which you may write");
        if allowed { Ok(()) } else { Err(why.into()) }
    }
}

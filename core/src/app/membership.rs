//! This device's place in a notebook: the control chain as stored, and the role that follows from it.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{Holder, Role, State};

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::view::NotebookView;
use crate::model::notebook::NotebookType;
use crate::model::{Invalid, Reason};
use crate::store::channel::{self, Channel};
use crate::store::{StoreError, View, lines};
use crate::sync::label;
use crate::sync::reader::Reader;

/// Loads what is known of a notebook's log, as confirmed by the server.
pub(in crate::app) fn load(view: &View, channel: &Channel) -> Result<Reader> {
    let id = channel.notebook;
    let mut reader =
        Reader::new(id, channel.keys.clone()).with(channel::epoch_keys(view, id)?, lines::tails(view, id)?);
    for stored in channel::statements(view, id)?.iter().filter(|stored| stored.position > 0) {
        reader.statement(&stored.body).map_err(|_| StoreError::Damaged)?;
    }
    Ok(reader)
}

/// Adds the control statements that wait to what the server confirmed.
pub(in crate::app) fn with_waiting(mut reader: Reader, view: &View) -> Result<Reader> {
    for stored in channel::statements(view, reader.notebook())?.iter().filter(|stored| stored.position == 0) {
        // One that does not fit any more is refused by the server too, and dropped then.
        let _ = reader.statement(&stored.body);
    }
    Ok(reader)
}

/// A holder's name. The founder's was sealed before the notebook had its id.
pub(in crate::app) fn name_of(reader: &Reader, holder: &Holder) -> String {
    let founding = reader.state().map(State::founding_bound);
    let bound = [Some(reader.notebook()), founding].into_iter().flatten();
    let mut names =
        bound.filter_map(|bound| label::open(&holder.label, |epoch| reader.key(epoch), bound, &holder.keys));
    names.next().map(|label| label.name).unwrap_or_default()
}

/// Returns what a notebook was founded for; `None` while that is not known here, or by this version.
pub(in crate::app) fn type_of(reader: &Reader) -> Option<NotebookType> {
    reader.founded_for().and_then(NotebookType::from_number)
}

/// Returns the name of the member whose phone has not confirmed yet that this device came in; empty if it cannot be read.
pub(in crate::app) fn waiting_for(channel: &Channel, reader: &Reader) -> Option<String> {
    let maker = channel.awaits.filter(|_| !channel.removed)?;
    let holder = reader.state().and_then(|state| state.holder(&maker));
    Some(holder.map(|holder| name_of(reader, holder)).unwrap_or_default())
}

/// Returns what this device may do; before a server's first reply it is the owner of what it began.
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

    /// Whether this device may write in a notebook. What a reader wrote would be refused by everybody else: better
    /// said at once.
    pub(in crate::app) fn check_may_write(&self, view: &NotebookView) -> Result<()> {
        let allowed = view.role.is_some_and(|role| role >= Role::Writer);
        let why = Invalid::new("notebook", view.role.map_or("none", Role::key), "a notebook in which you may write")
            .because(Reason::ReadOnly);
        if allowed { Ok(()) } else { Err(why.into()) }
    }
}

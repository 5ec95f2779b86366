//! The list of members: who holds a notebook's keys, as far as this device knows.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{Holder, Role, State, What};
use ayumi_protocol::key::KeyId;

use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::Handbook;
use crate::app::membership::{load, name_of};
use crate::app::view::JoinWords;
use crate::model::{Invalid, Reason};
use crate::store::channel::{self, Channel};
use crate::sync::reader::Reader;

/// Members of notebooks.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// use ayumi_core::app::Members;
/// assert_eq!(handbook.members().list(child)?, [], "nobody but this device, before the first sync");
/// assert!(Members::server_of("J-1234").is_err(), "a code with a wrong letter is refused at once");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Members {
    pub(in crate::app) handbook: Handbook,
}

/// What holds a notebook's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Holding {
    /// A device of somebody.
    Member,
    /// An invitation that is still open.
    Invitation,
    /// The recovery sheet in the paper handbook.
    Print,
}

/// Somebody, or something, that holds a notebook's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MemberView {
    /// Names the key: 32 hex digits.
    pub id: String,
    /// The name that its device gave; empty for a recovery sheet.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What it is.
    pub what: Holding,
    /// This very device.
    pub me: bool,
    /// Whose it is: the same 32 hex digits at every device of one person, other ones in each notebook. Of an invitation, who
    /// comes by it.
    pub person: String,
    /// The key of the device that made the code, or whose code let this member in; `None` for the founder.
    pub let_in_by: Option<String>,
    /// For an invitation: milliseconds since 1970 after which it is void.
    pub expires_at: Option<u64>,
    /// The six words of a join that the code's maker's phone has not confirmed yet: on every phone of the family they are the
    /// same.
    pub words: Option<JoinWords>,
}

/// Who goes with a member, if a carer wants: how somebody is taken out whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Companions {
    /// The person's other devices.
    pub devices: Vec<MemberView>,
    /// Whom they let in, and whom those let in.
    pub let_in: Vec<MemberView>,
}

/// An invitation to hand over: as a picture, or read aloud.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewInvitation {
    /// The code. Who has it can join, once, until it expires.
    pub code: String,
    /// Milliseconds since 1970 after which it is void.
    pub expires_at: u64,
}

impl Members {
    /// Who holds keys of a notebook, as a server has confirmed; nobody before the first sync.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the notebook.
    pub fn list(&self, notebook: NotebookId) -> Result<Vec<MemberView>> {
        let db = self.handbook.db();
        let channel = channel::find(db.reader(), notebook)?.ok_or(Error::NotFound { what: Thing::Member })?;
        let reader = load(db.reader(), &channel)?;
        Ok(views(&channel, &reader))
    }

    /// Who else goes with a member: the other devices of the same person, and all they let in.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] if it is no member's id.
    pub fn companions(&self, notebook: NotebookId, member: &str) -> Result<Companions> {
        let missing = || Error::NotFound { what: Thing::Member };
        let member = key_id(member)?;
        let db = self.handbook.db();
        let channel = channel::find(db.reader(), notebook)?.ok_or_else(missing)?;
        let reader = load(db.reader(), &channel)?;
        let state = reader.state().ok_or_else(missing)?;
        if !state.may_read(&member) {
            return Ok(Companions::default());
        }
        let person = state.person_of(&member).ok_or_else(missing)?;
        let shown = |id: &KeyId| state.holder(id).map(|holder| view(&channel, &reader, id, holder));
        let devices = state.devices_of(person).filter(|id| **id != member).filter_map(shown).collect();
        Ok(Companions { devices, let_in: state.let_in_by(person).iter().filter_map(shown).collect() })
    }
}

/// Returns who holds keys of a notebook, as a reader knows it.
pub(super) fn views(channel: &Channel, reader: &Reader) -> Vec<MemberView> {
    let holders = reader.state().into_iter().flat_map(State::holders);
    holders.map(|(id, holder)| view(channel, reader, id, holder)).collect()
}

pub(super) fn view(channel: &Channel, reader: &Reader, id: &KeyId, holder: &Holder) -> MemberView {
    MemberView {
        id: format!("{id:?}"),
        name: name_of(reader, holder),
        role: holder.role,
        what: Holding::of(holder.what),
        me: *id == reader.id(),
        person: format!("{:?}", KeyId(holder.person.0)),
        let_in_by: holder.by.map(|by| format!("{by:?}")),
        expires_at: holder.what.expires_at(),
        words: words_of(channel, reader, id),
    }
}

/// Returns the words of a join that is not confirmed, as far as this device knows.
pub(super) fn words_of(channel: &Channel, reader: &Reader, member: &KeyId) -> Option<JoinWords> {
    let state = reader.state().filter(|state| state.may_read(member))?;
    let joining = state.joining(member)?;
    let confirmed = match *member == reader.id() {
        true => channel.awaits.is_none(),
        false => state.confirms(&joining.maker, &reader.tail(&joining.maker), member),
    };
    (!confirmed).then(|| JoinWords::of(&joining.statement))
}

impl Holding {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Invitation => "invitation",
            Self::Print => "print",
        }
    }

    const fn of(what: What) -> Self {
        match what {
            What::Member => Self::Member,
            What::Invitation { .. } => Self::Invitation,
            What::Recovery => Self::Print,
        }
    }
}

/// Reads a member's id.
pub(super) fn key_id(text: &str) -> Result<KeyId> {
    let wrong = || Invalid::new("member", text, "a member's id, as in the list of members").because(Reason::NotAnId);
    let digits: Vec<u8> = text.trim().chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    if digits.len() != 32 || text.trim().len() != 32 {
        return Err(wrong().into());
    }
    let mut id = [0; 16];
    digits.chunks_exact(2).zip(&mut id).for_each(|(pair, byte)| *byte = pair[0] << 4 | pair[1]);
    Ok(KeyId(id))
}

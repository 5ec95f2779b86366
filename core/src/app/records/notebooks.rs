//! Notebooks: making them, listing them, and the events of life: birth, loss, death.

use ayumi_protocol::{Change, NotebookId, Stamp};
use chrono::NaiveDate;
use serde_json::Value;

use crate::app::error::{Error, Result, Thing};
use crate::app::founding::{add_pending, found};
use crate::app::handbook::Handbook;
use crate::app::records::entries::first_values;
use crate::app::records::typing;
use crate::app::view::NotebookView;
use crate::model::date::Gestation;
use crate::model::kind::Record;
use crate::model::kinds::Profile;
use crate::model::naming::EntryKey;
use crate::model::notebook::{EndReason, NotebookType, Sex};
use crate::model::value::Fields;
use crate::model::{Invalid, Reason, days};
use crate::store::changes::{Applier, Delivery};
use crate::store::forget::forget;
use crate::store::{channel, entries};

/// Code of the defect "one notebook was begun, no id came back".
const ONE_IS_ONE: i32 = 302;

/// Notebooks of a handbook.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// let listed = handbook.notebooks().list()?;
/// assert_eq!(listed[0].name, "さくら");
/// handbook.notebooks().edit(child, &[("name", "さくらこ")])?;
/// assert_eq!(handbook.notebooks().find(child)?.name, "さくらこ");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Notebooks {
    pub(in crate::app) handbook: Handbook,
}

/// A child to begin a notebook for.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewChild {
    /// Name, as the family wants it.
    pub name: String,
    /// Sex, for growth curves.
    pub sex: Sex,
    /// Date of birth.
    pub born: NaiveDate,
    /// Due date; with it, or with `gestation`, corrected age is known.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub due: Option<NaiveDate>,
    /// Weeks of pregnancy at birth.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub gestation: Option<Gestation>,
    /// How many were born together; 1 if alone.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub multiple: Option<u8>,
    /// Which of them.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub birth_order: Option<u8>,
    /// The pregnancy's notebook, shared by twins.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub pregnancy: Option<NotebookId>,
    /// Born outside Japan: the birth is reported within three months.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub born_abroad: bool,
}

impl Default for NewChild {
    fn default() -> Self {
        Self {
            name: String::new(),
            sex: Sex::Unspecified,
            born: NaiveDate::default(),
            due: None,
            gestation: None,
            multiple: None,
            birth_order: None,
            pregnancy: None,
            born_abroad: false,
        }
    }
}

impl Notebooks {
    /// Begins a child's notebook.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field; [`Error::NotFound`] for the pregnancy.
    pub fn add_child(&self, child: &NewChild) -> Result<NotebookId> {
        self.add_children(std::slice::from_ref(child))
            .and_then(|ids| ids.first().copied().ok_or(Error::Internal { code: ONE_IS_ONE }))
    }

    /// A birth: one notebook for each child, all with the same pregnancy, in one step.
    ///
    /// # Errors
    /// As [`Self::add_child`]; also if the notebook is no pregnancy, or ended.
    pub fn birth(&self, pregnancy: NotebookId, children: &[NewChild]) -> Result<Vec<NotebookId>> {
        let notebook = self.find(pregnancy)?;
        if notebook.notebook_type != NotebookType::Pregnancy || notebook.profile.ended.is_some() {
            return Err(Invalid::new("notebook", notebook.notebook_type.key(), "a pregnancy that has not ended")
                .because(Reason::Ended)
                .into());
        }
        let count = u8::try_from(children.len()).unwrap_or(u8::MAX);
        let children: Vec<NewChild> = (1..=count)
            .zip(children)
            .map(|(order, child)| NewChild {
                due: child.due.or(notebook.profile.due),
                multiple: child.multiple.or(Some(count)),
                birth_order: child.birth_order.or(Some(order)),
                pregnancy: Some(pregnancy),
                ..child.clone()
            })
            .collect();
        self.add_children(&children)
    }

    fn add_children(&self, children: &[NewChild]) -> Result<Vec<NotebookId>> {
        let mut profiles = Vec::new();
        for child in children {
            if let Some(pregnancy) = child.pregnancy {
                self.find(pregnancy)?;
            }
            let profile = Profile {
                notebook_type: Some("child".into()),
                name: Some(child.name.clone()),
                sex: Some(child.sex.key().into()),
                born: Some(child.born),
                due: child.due,
                gestation: child.gestation,
                multiple: child.multiple.map(i64::from),
                birth_order: child.birth_order.map(i64::from),
                pregnancy: child.pregnancy.map(|id| id.to_string()),
                born_in: child.born_abroad.then(|| "abroad".into()),
                ..Profile::default()
            };
            days::check_profile(&profile, NotebookType::Child, self.handbook.clock().today())?;
            profiles.push(profile);
        }
        self.begin(&profiles)
    }

    /// Begins a pregnancy's notebook.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the due date cannot be.
    pub fn add_pregnancy(&self, due: NaiveDate) -> Result<NotebookId> {
        let profile = Profile { notebook_type: Some("pregnancy".into()), due: Some(due), ..Profile::default() };
        days::check_profile(&profile, NotebookType::Pregnancy, self.handbook.clock().today())?;
        self.begin(&[profile])?.first().copied().ok_or(Error::Internal { code: ONE_IS_ONE })
    }

    /// Begins a private notebook: this carer's alone.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn add_private(&self) -> Result<NotebookId> {
        let name = self.handbook.carer()?;
        let profile = Profile { notebook_type: Some("private".into()), name: Some(name), ..Profile::default() };
        self.begin(&[profile])?.first().copied().ok_or(Error::Internal { code: ONE_IS_ONE })
    }

    fn begin(&self, profiles: &[Profile]) -> Result<Vec<NotebookId>> {
        let mut begun = Vec::new();
        let mut db = self.handbook.db();
        let carer = db.carer()?;
        // One action: parts of it in several notebooks carry the same clock reading.
        let hlc = db.next_clock(self.handbook.clock().now_ms())?;
        for profile in profiles {
            let notebook_type = profile.kind().ok_or(Error::Internal { code: ONE_IS_ONE })?;
            let (channel, founding) = found(&carer, notebook_type)?;
            let (notebook, stamp) = (channel.notebook, Stamp { hlc, device: channel.device });
            let fields = first_values(&Profile::KIND.validate(&profile.to_fields())?);
            let kind = Profile::KIND.id.to_owned();
            let (deletes, history) = (None, Vec::new());
            let change = Change { entry: notebook.into(), notebook, kind, stamp, fields, deletes, history };
            begun.push((channel, founding, change));
        }
        db.write(|tx| {
            let mut applier = Applier::default();
            begun.iter().try_for_each(|(channel, founding, change)| {
                channel.save(tx)?;
                add_pending(tx, founding)?;
                applier.add(tx, change, Delivery::Waiting)
            })
        })?;
        Ok(begun.iter().map(|(channel, ..)| channel.notebook).collect())
    }

    /// All notebooks of this device, in the order they came.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn list(&self) -> Result<Vec<NotebookView>> {
        let ids = entries::notebooks(self.handbook.db().reader())?;
        let mut found = Vec::new();
        for id in ids {
            match self.find(id) {
                Ok(view) => found.push(view),
                // Its profile has not come yet.
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// One notebook.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn find(&self, id: NotebookId) -> Result<NotebookView> {
        if let Some(known) = self.handbook.profiles().get(&id) {
            return Ok(known.clone());
        }
        let entry = entries::profile(self.handbook.db().reader(), id)?;
        let profile = entry.map(|entry| Profile::from_fields(&entry.fields));
        let (mut profile, notebook_type) =
            profile.and_then(|p| p.kind().map(|kind| (p, kind))).ok_or(Error::NotFound { what: Thing::Notebook })?;
        // One that began anew is meant by its former id, too. Nothing is written for it: whoever else is in this notebook would learn
        // the new one's id.
        if let Some(named) = profile.pregnancy.as_deref().and_then(|id| id.parse().ok()) {
            let heir = entries::notebook_or_its_heir(self.handbook.db().reader(), named)?;
            profile.pregnancy = heir.map(|id| id.to_string()).or(profile.pregnancy);
        }
        let name = profile.name.clone().unwrap_or_default();
        let role = self.handbook.role(id)?;
        let view = NotebookView { id, notebook_type, name, role, profile };
        self.handbook.profiles().insert(id, view.clone());
        Ok(view)
    }

    /// Changes a notebook's profile, as typed: name, sex, due date, …
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field; [`Error::NotFound`].
    pub fn edit(&self, id: NotebookId, fields: &[(&str, &str)]) -> Result<()> {
        let view = self.find(id)?;
        let today = self.handbook.clock().today();
        let said = typing::said(&Profile::KIND, fields.iter().copied(), Some(today));
        days::by_hand(&Profile::KIND, said.iter().map(|(key, _)| key.as_ref()))?;
        let read = Profile::KIND.read(said.iter().map(|(key, text)| (key.as_ref(), text.as_ref())))?;
        let mut facts = view.profile.to_fields();
        facts.extend(read.clone());
        facts.retain(|_, value| !value.is_null());
        match days::check_profile(&Profile::from_fields(&facts), view.notebook_type, today) {
            // What a damaged file lost is told again piece by piece.
            Err(why) if why.reason == Reason::Missing && !read.contains_key(&why.field) => {}
            checked => checked?,
        }
        self.handbook.entries().write_fields(&EntryKey::profile(id), &read)
    }

    /// A loss or a death: at once, everything about the baby falls silent, and the mother's care stays. Nothing is
    /// erased, and [`Self::reopen`] takes a mistaken tap back.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the reason does not fit the notebook or the day cannot be; [`Error::NotFound`].
    pub fn end(&self, id: NotebookId, reason: EndReason, on: NaiveDate) -> Result<()> {
        let view = self.find(id)?;
        let fits = match reason {
            EndReason::Loss => view.notebook_type == NotebookType::Pregnancy,
            EndReason::Death => view.notebook_type == NotebookType::Child,
        };
        if !fits {
            return Err(Invalid::new("reason", reason.key(), "loss for a pregnancy, death for a child")
                .because(Reason::WrongNotebook)
                .into());
        }
        let ended = Profile { ended_on: Some(on), ..view.profile };
        days::check_profile(&ended, view.notebook_type, self.handbook.clock().today())
            .map_err(|why| if why.field == "ended_on" { Invalid { field: "on".into(), ..why } } else { why })?;
        self.handbook.entries().write_fields(&EntryKey::profile(id), &Profile::ending(reason, on))
    }

    /// Takes an ending back.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn reopen(&self, id: NotebookId) -> Result<()> {
        self.find(id)?;
        let nothing: Fields = [("ended".to_owned(), Value::Null), ("ended_on".to_owned(), Value::Null)].into();
        self.handbook.entries().write_fields(&EntryKey::profile(id), &nothing)
    }

    /// Takes a notebook off this device: its words, photos, keys and log. What a server or other members have stays there;
    /// what waited to be sent is lost. Ask before it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn forget(&self, id: NotebookId) -> Result<()> {
        let mut db = self.handbook.db();
        let known = entries::notebook_number(db.reader(), id)?.is_some() || channel::find(db.reader(), id)?.is_some();
        if !known {
            return Err(Error::NotFound { what: Thing::Notebook });
        }
        db.write(|tx| forget(tx, id))?;
        db.forget_known();
        self.handbook.profiles().clear();
        Ok(())
    }
}

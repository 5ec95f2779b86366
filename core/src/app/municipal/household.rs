//! What notices may ask of the handbook. It stays on this device.

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::content::Content;
use crate::model::notebook::NotebookType;
use crate::notices::household::{Household, Life};

impl Handbook {
    /// Gathers the children and pregnancies of the handbook. Private notebooks, and those that this device reads no more, are
    /// never among them.
    pub(super) fn household(&self, content: &Content, language: &str, area: Option<&str>) -> Result<Household> {
        let mut lives = Vec::new();
        for notebook in self.notebooks().list()? {
            if notebook.notebook_type == NotebookType::Private || notebook.role.is_none() {
                continue;
            }
            let facts = self.facts(notebook.id)?;
            let family = facts.family(content);
            let profile = &notebook.profile;
            let own = notebook.id.to_string();
            let pregnancy = match notebook.notebook_type {
                NotebookType::Pregnancy => Some(own),
                _ => profile.pregnancy.clone(),
            };
            let told = profile.multiple.map(|number| number > 1);
            lives.push(Life {
                notebook: notebook.notebook_type,
                name: Some(notebook.name.clone()).filter(|name| !name.is_empty()),
                born: family.anchors.born,
                due: profile.due,
                multiple: if family.multiple { Some(true) } else { told },
                first_child: facts.is_first_child(),
                done: family.done,
                pregnancy,
                silent: family.silent,
            });
        }
        Ok(Household { language: language.to_owned(), area: area.map(str::to_owned), lives })
    }
}

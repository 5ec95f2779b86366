//! Questions about measurements before they are written: the door of every form.

use crate::app::error::{Error, Result};
use crate::app::insight::growth::{GrowthCharts, occasions};
use crate::app::insight::growth_question::GrowthQuestion;
use crate::app::insight::measure::Measure;
use crate::app::records::entries::NewEntry;
use crate::app::view::NotebookView;
use crate::model::kind::KindDef;
use crate::model::kinds;
use crate::model::naming::EntryName;
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use crate::model::{Invalid, Reason};
use chrono::NaiveDate;

impl GrowthCharts {
    /// What to ask back before an entry is written: values that no child of that age measures. A shell asks and writes what
    /// the carer answers; nothing is refused here.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`] for the notebook; [`crate::app::Error::Invalid`] if the entry cannot be written anyway.
    pub fn questions(&self, entry: &NewEntry) -> Result<Vec<GrowthQuestion>> {
        let found = self.handbook.notebooks().find(entry.notebook)?;
        self.handbook.entries().check_place(entry, &found)?;
        Ok(self.asked_of(&found, entry.kind, entry.on(), &entry.fields))
    }

    /// What to ask back before fields of an entry are changed, as typed.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`]; [`crate::app::Error::Invalid`] if a field cannot be read.
    pub fn questions_of_edit(
        &self,
        entry: impl Into<EntryName>,
        fields: &[(&str, &str)],
    ) -> Result<Vec<GrowthQuestion>> {
        let found = self.handbook.entries().show(entry)?;
        let unknown = || Invalid::new("kind", &found.kind, "a kind that this version knows");
        let kind = kinds::find(&found.kind).ok_or_else(unknown)?;
        let changed = kind.read(fields.iter().copied())?;
        let on = changed.get("on").map_or(found.on, crate::model::value::FieldValue::from_json);
        // The day decides all of them; else only what is typed now is asked about.
        let all =
            changed.contains_key("on") || kind.measured().any(|(_, m)| m.day.is_some_and(|d| changed.contains_key(d)));
        let mut now = found.fields.clone();
        now.extend(changed.clone());
        now.retain(|key, value| {
            let is_value = kind.measured().any(|(field, _)| field.key == key);
            !value.is_null() && (all || !is_value || changed.contains_key(key))
        });
        let notebook = self.handbook.notebooks().find(found.notebook)?;
        Ok(self.asked_of(&notebook, kind, on, &now))
    }

    /// The same for a row of a file, where nobody is there to answer: the first question is its problem. What came with an id
    /// of its own was asked where it was typed.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] with the question.
    pub(in crate::app) fn ask_back(&self, entry: &NewEntry) -> Result<()> {
        if entry.id.is_some() || entry.kind.measured().next().is_none() {
            return Ok(());
        }
        match self.questions(entry) {
            // The notebook begins with this file: it is asked where it is shown.
            Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(asked) => match asked.first() {
                None => Ok(()),
                Some(first) => {
                    let given = format!("{} {}", first.given, first.measure.unit());
                    Err(Invalid::new(first.measure.key(), &given, first.words.clone())
                        .because(Reason::Improbable)
                        .into())
                }
            },
        }
    }

    fn asked_of(
        &self,
        notebook: &NotebookView,
        kind: &KindDef,
        on: Option<NaiveDate>,
        fields: &Fields,
    ) -> Vec<GrowthQuestion> {
        let locale = self.handbook.locale();
        let mut found = Vec::new();
        for occasion in occasions(kind, on, fields) {
            let (age, gestation) = match (notebook.notebook_type, notebook.profile.born) {
                (NotebookType::Child, Some(born)) => {
                    (Some((occasion.on - born).num_days()), notebook.profile.gestation_at_birth())
                }
                (NotebookType::Pregnancy, _) => {
                    (notebook.gestation_on(occasion.on).map(|gestation| i64::from(gestation.days())), None)
                }
                _ => (None, None),
            };
            let Some(age) = age else { continue };
            let asked =
                |(measure, value): &(Measure, f64)| GrowthQuestion::about(*measure, *value, age, gestation, locale);
            found.extend(occasion.values.iter().filter_map(asked));
        }
        found
    }
}

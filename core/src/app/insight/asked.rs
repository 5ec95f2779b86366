//! Questions about measurements before they are written: the door of every form.

use crate::app::error::Result;
use crate::app::insight::growth::GrowthCharts;
use crate::app::insight::growth_question::GrowthQuestion;
use crate::app::insight::measure::Measure;
use crate::app::insight::occasions::{Occasion, kinds_of_child, occasions};
use crate::app::insight::runs::Runs;
use crate::app::records::entries::NewEntry;
use crate::app::view::{EntryView, ListFilter, NotebookView};
use crate::model::Invalid;
use crate::model::kind::KindDef;
use crate::model::kinds;
use crate::model::naming::{EntryKey, EntryName};
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use chrono::NaiveDate;

impl GrowthCharts {
    /// The measurements that a notebook holds, but for those of one entry; nobody is asked about them now.
    pub(in crate::app) fn runs<T: Copy>(
        &self,
        notebook: &NotebookView,
        but: Option<&EntryKey>,
        here: T,
    ) -> Result<Option<Runs<T>>> {
        let Some(mut runs) = Runs::of(notebook) else { return Ok(None) };
        for kind in kinds_of_child() {
            let filter = ListFilter { kind: Some(kind.id.into()), limit: u32::MAX, ..ListFilter::default() };
            for entry in self.handbook.entries().list(notebook.id, &filter)? {
                if but.is_some_and(|but| entry.key() == *but) {
                    continue;
                }
                for occasion in occasions(kind, entry.on, &entry.fields) {
                    for (measure, value) in occasion.values {
                        runs.add(occasion.on, measure, value, false, here);
                    }
                }
            }
        }
        Ok(Some(runs))
    }

    /// What to ask back before an entry is written: values that no child of that age measures, or none that measured what
    /// stands beside it. A shell asks and writes what the carer answers; nothing is refused here.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`] for the notebook; [`crate::app::Error::Invalid`] if the entry cannot be written anyway.
    pub fn questions(&self, entry: &NewEntry) -> Result<Vec<GrowthQuestion>> {
        let found = self.handbook.notebooks().find(entry.notebook)?;
        self.handbook.entries().check_place(entry, &found)?;
        self.asked_of(&found, entry.kind, entry.on(), &entry.fields, None)
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
        self.questions_of_change(&found, kind, &kind.read(fields.iter().copied())?)
    }

    /// The same for fields as they are stored.
    fn questions_of_change(&self, found: &EntryView, kind: &KindDef, changed: &Fields) -> Result<Vec<GrowthQuestion>> {
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
        self.asked_of(&notebook, kind, on, &now, Some(&found.key()))
    }

    /// The same for a row of a file, where nobody is there to answer: the first question is its problem. What came with an id
    /// of its own was asked where it was typed; what stands beside it is asked of the whole file.
    ///
    /// # Errors
    /// The question.
    pub(in crate::app) fn ask_back(
        &self,
        notebook: &NotebookView,
        entry: &NewEntry,
    ) -> std::result::Result<(), Invalid> {
        if entry.id.is_some() {
            return Ok(());
        }
        let alone = self.asked_alone(notebook, &occasions(entry.kind, entry.on(), &entry.fields));
        alone.first().map_or(Ok(()), |first| Err(first.problem()))
    }

    /// The same for values that a file shows otherwise than the entry here: somebody typed them into the file.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] with the question; [`crate::app::Error::NotFound`].
    pub(in crate::app) fn ask_back_change(&self, known: &EntryView, changed: &Fields) -> Result<()> {
        let Some(kind) = kinds::find(&known.kind) else { return Ok(()) };
        let asked = self.questions_of_change(known, kind, changed)?;
        asked.first().map_or(Ok(()), |first| Err(first.problem().into()))
    }

    fn asked_of(
        &self,
        notebook: &NotebookView,
        kind: &KindDef,
        on: Option<NaiveDate>,
        fields: &Fields,
        but: Option<&EntryKey>,
    ) -> Result<Vec<GrowthQuestion>> {
        let occasions = occasions(kind, on, fields);
        if occasions.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.asked_alone(notebook, &occasions);
        if let Some(mut runs) = self.runs(notebook, but, false)? {
            for (on, (measure, value)) in occasions.iter().flat_map(|o| o.values.iter().map(|value| (o.on, *value))) {
                runs.add(on, measure, value, true, true);
            }
            let asked = runs.questions(self.handbook.locale()).into_iter();
            found.extend(asked.filter_map(|(typed, question)| typed.then_some(question)));
        }
        Ok(found)
    }

    /// What cannot be by itself.
    fn asked_alone(&self, notebook: &NotebookView, occasions: &[Occasion]) -> Vec<GrowthQuestion> {
        let locale = self.handbook.locale();
        let mut found = Vec::new();
        for occasion in occasions {
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

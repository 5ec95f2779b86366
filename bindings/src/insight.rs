//! Results computed from entries: growth, self-check, vaccines, agenda.

use std::collections::HashMap;
use std::sync::Arc;

use ayumi_core::app::{
    self, AgendaItem, Answer, Area, Chart, CheckResult, CheckView, DoseView, Draft, EntryId, EntryName, GrowthQuestion,
    Judged, LeadView, MarkState, Measure, Measurement, NewEntry, NotebookId, Question, Reference, Reminder, TrendStep,
    VisitView,
};
use ayumi_core::chrono::NaiveDate;

use crate::Result;
use crate::slot::Slot;

/// Growth of a child, or of a pregnancy's baby.
#[derive(uniffi::Object)]
pub struct Growth {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Growth {
    /// Lists every measurement of a notebook, oldest first, with z-score, percentile and plain words.
    pub fn measurements(&self, notebook: NotebookId, reference: Reference) -> Result<Vec<Measurement>> {
        self.slot.with("growth.measurements", |handbook| handbook.growth().measurements(notebook, reference))
    }

    /// Lists what to ask back before a draft is written: values that no child of that age measures. Ask, and write what the
    /// carer answers.
    pub fn questions(&self, draft: Draft) -> Result<Vec<GrowthQuestion>> {
        self.slot.with("growth.questions", |handbook| handbook.growth().questions(&NewEntry::drafted(&draft)?))
    }

    /// Lists what to ask back before fields of an entry are changed, as typed.
    pub fn questions_of_edit(&self, entry: EntryName, fields: HashMap<String, String>) -> Result<Vec<GrowthQuestion>> {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        self.slot.with("growth.questions_of_edit", |handbook| handbook.growth().questions_of_edit(entry, &fields))
    }

    /// Returns the chart of one measure: bands of the reference and the child's points, ready to draw.
    ///
    /// Fails with `Invalid` where there is nothing to draw.
    pub fn chart(&self, notebook: NotebookId, measure: Measure, reference: Reference) -> Result<Chart> {
        self.slot.with("growth.chart", |handbook| handbook.growth().chart(notebook, measure, reference))
    }

    /// Draws the chart of one measure as SVG.
    pub fn svg(&self, notebook: NotebookId, measure: Measure, reference: Reference) -> Result<String> {
        self.slot.with("growth.svg", |handbook| handbook.export().svg(notebook, measure, reference))
    }
}

/// The self-check (できたね!チェック).
#[derive(uniffi::Object)]
pub struct Checks {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Checks {
    /// Lists every self-check of a child in order; empty after a death and for other notebooks.
    pub fn due(&self, notebook: NotebookId) -> Result<Vec<CheckView>> {
        self.slot.with("checks.due", |handbook| handbook.checks().due(notebook))
    }

    /// Lists the questions of a self-check (`18m`), area by area.
    pub fn questions(&self, notebook: NotebookId, check: String) -> Result<Vec<Question>> {
        self.slot.with("checks.questions", |handbook| handbook.checks().questions(notebook, &check))
    }

    /// Writes answers, one or many, by item, and the carer's concerns. Earlier answers to other items stay.
    ///
    /// `worry` and `notices` change only if given; an empty text takes them back.
    #[uniffi::method(default(worry = None, notices = None))]
    pub fn answer(
        &self,
        notebook: NotebookId,
        check: String,
        answers: HashMap<String, Answer>,
        worry: Option<String>,
        notices: Option<Vec<String>>,
    ) -> Result<EntryId> {
        self.slot.with("checks.answer", |handbook| {
            let answers: Vec<_> = answers.iter().map(|(item, answer)| (item.as_str(), *answer)).collect();
            let notices: Option<Vec<&str>> = notices.as_ref().map(|all| all.iter().map(String::as_str).collect());
            handbook.checks().answer(notebook, &check, &answers, worry.as_deref(), notices.as_deref())
        })
    }

    /// Returns the result of a self-check: strengths first, then the skills that are still to come, and in time a desk.
    pub fn result(&self, notebook: NotebookId, check: String) -> Result<CheckResult> {
        self.slot.with("checks.result", |handbook| handbook.checks().result(notebook, &check))
    }

    /// Returns an area's history over the self-checks: the new skills of each.
    pub fn trend(&self, notebook: NotebookId, area: Area) -> Result<Vec<TrendStep>> {
        self.slot.with("checks.trend", |handbook| handbook.checks().trend(notebook, area))
    }
}

/// Returns a question's drawing as SVG, by the name that it gives as `picture`; none for a name without one.
///
/// Lines are `currentColor`, the field is 120 by 120. It holds `path` and `circle` only, and in paths the absolute `M`,
/// `L`, `Q`, `C` and `Z`, so that it can be drawn without an SVG library.
#[uniffi::export]
pub fn drawing(picture: String) -> Option<String> {
    app::drawing(&picture).map(str::to_owned)
}

/// Vaccinations (予防接種).
#[derive(uniffi::Object)]
pub struct Vaccines {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Vaccines {
    /// Lists the next dose of every series.
    pub fn plan(&self, notebook: NotebookId) -> Result<Vec<DoseView>> {
        self.slot.with("vaccines.plan", |handbook| handbook.vaccines().plan(notebook))
    }

    /// Lists every administered dose, assessed by the rules of its day.
    pub fn history(&self, notebook: NotebookId) -> Result<Vec<Judged>> {
        self.slot.with("vaccines.history", |handbook| handbook.vaccines().history(notebook))
    }

    /// Lists possible visits within so many days. The doctor decides which doses are given.
    pub fn visits(&self, notebook: NotebookId, days: u32, voluntary: bool) -> Result<Vec<VisitView>> {
        self.slot.with("vaccines.visits", |handbook| handbook.vaccines().visits(notebook, days, voluntary))
    }

    /// Returns a caveat once the year of the rules is over: they have not been checked for the new year.
    pub fn rules_note(&self) -> Result<Option<String>> {
        self.slot.with("vaccines.rules_note", |handbook| handbook.vaccines().rules_note())
    }

    /// Describes the mother's vaccination against RSV in the pregnancy of a child, in words.
    pub fn mother_rsv(&self, child: NotebookId) -> Result<Option<String>> {
        self.slot.with("vaccines.mother_rsv", |handbook| handbook.vaccines().mother_rsv(child))
    }

    /// Returns the plan as a FHIR R4 `ImmunizationRecommendation`, in JSON.
    pub fn fhir(&self, notebook: NotebookId) -> Result<String> {
        self.slot.with("vaccines.fhir", |handbook| Ok(handbook.vaccines().fhir(notebook)?.to_string()))
    }
}

/// The agenda of a family: what comes next, in one list.
#[derive(uniffi::Object)]
pub struct Agenda {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Agenda {
    /// Lists the items between two days (today and half a year later), by the day on which they begin or end next.
    #[uniffi::method(default(from = None, to = None))]
    pub fn list(
        &self,
        notebook: NotebookId,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<Vec<AgendaItem>> {
        self.slot.with("agenda.list", |handbook| handbook.agenda().list(notebook, from, to))
    }

    /// Lists what somebody should look at, with the words, who looks and the desk: the lines of kind `look`.
    pub fn leads(&self, notebook: NotebookId) -> Result<Vec<LeadView>> {
        self.slot.with("agenda.leads", |handbook| handbook.leads().open(notebook))
    }

    /// Marks an item of the agenda as done, or as not needed. Deleting the mark brings it back.
    pub fn mark(&self, notebook: NotebookId, key: String, state: MarkState) -> Result<EntryId> {
        self.slot.with("agenda.mark", |handbook| handbook.agenda().mark(notebook, &key, state))
    }

    /// Lists the reminders of the next days for the operating system, in neutral words that a stranger may read.
    pub fn reminders(&self, notebook: NotebookId, days: u32) -> Result<Vec<Reminder>> {
        self.slot.with("agenda.reminders", |handbook| handbook.agenda().reminders(notebook, days))
    }
}

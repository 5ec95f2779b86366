//! What is worked out of entries: growth, self-check, vaccines, agenda.

use std::collections::HashMap;
use std::sync::Arc;

use ayumi_core::app::{
    AgendaItem, Chart, CheckResult, CheckView, DoseView, MarkState, Measure, Measurement, Question, Reminder,
    TrendStep, VisitView,
};
use ayumi_core::checks::Answer;
use ayumi_core::chrono::NaiveDate;
use ayumi_core::content::item::Area;
use ayumi_core::growth::Reference;
use ayumi_core::model::{EntryId, NotebookId};
use ayumi_core::vaccines::history::Judged;

use crate::Result;
use crate::slot::Slot;

/// Growth of a child, or of a pregnancy's baby.
#[derive(uniffi::Object)]
pub struct Growth {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Growth {
    /// Every measurement of a notebook, oldest first, with z-score, percentile and plain words.
    pub fn measurements(&self, notebook: NotebookId, reference: Reference) -> Result<Vec<Measurement>> {
        self.slot.with("growth.measurements", |book| book.growth().measurements(notebook, reference))
    }

    /// A chart of one measure: bands of the reference and the child's points, ready to draw.
    ///
    /// Fails with `Invalid` where there is nothing to draw.
    pub fn chart(&self, notebook: NotebookId, measure: Measure, reference: Reference) -> Result<Chart> {
        self.slot.with("growth.chart", |book| book.growth().chart(notebook, measure, reference))
    }

    /// The same, drawn as SVG.
    pub fn svg(&self, notebook: NotebookId, measure: Measure, reference: Reference) -> Result<String> {
        self.slot.with("growth.svg", |book| book.export().svg(notebook, measure, reference))
    }
}

/// The self-check (できたね!チェック).
#[derive(uniffi::Object)]
pub struct Checks {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Checks {
    /// Every check of a child in order; empty after a death and for other notebooks.
    pub fn due(&self, notebook: NotebookId) -> Result<Vec<CheckView>> {
        self.slot.with("checks.due", |book| book.checks().due(notebook))
    }

    /// The questions of a check (`18m`), area by area.
    pub fn questions(&self, notebook: NotebookId, check: String) -> Result<Vec<Question>> {
        self.slot.with("checks.questions", |book| book.checks().questions(notebook, &check))
    }

    /// Keeps answers, one or many, by item, and what is on the carer's mind. What was answered before stays. `worry` and
    /// `notices` change only if given; an empty text takes them back.
    #[uniffi::method(default(worry = None, notices = None))]
    pub fn answer(
        &self,
        notebook: NotebookId,
        check: String,
        answers: HashMap<String, Answer>,
        worry: Option<String>,
        notices: Option<Vec<String>>,
    ) -> Result<EntryId> {
        self.slot.with("checks.answer", |book| {
            let answers: Vec<_> = answers.iter().map(|(item, answer)| (item.as_str(), *answer)).collect();
            let notices: Option<Vec<&str>> = notices.as_ref().map(|all| all.iter().map(String::as_str).collect());
            book.checks().answer(notebook, &check, &answers, worry.as_deref(), notices.as_deref())
        })
    }

    /// What a check shows: strengths first, then what is on its way, and at the right time a desk.
    pub fn result(&self, notebook: NotebookId, check: String) -> Result<CheckResult> {
        self.slot.with("checks.result", |book| book.checks().result(notebook, &check))
    }

    /// An area's history over the checks: what was new each time.
    pub fn trend(&self, notebook: NotebookId, area: Area) -> Result<Vec<TrendStep>> {
        self.slot.with("checks.trend", |book| book.checks().trend(notebook, area))
    }
}

/// Vaccinations (予防接種).
#[derive(uniffi::Object)]
pub struct Vaccines {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Vaccines {
    /// The next dose of every series.
    pub fn plan(&self, notebook: NotebookId) -> Result<Vec<DoseView>> {
        self.slot.with("vaccines.plan", |book| book.vaccines().plan(notebook))
    }

    /// Every dose that was given, judged by the rules of its day.
    pub fn history(&self, notebook: NotebookId) -> Result<Vec<Judged>> {
        self.slot.with("vaccines.history", |book| book.vaccines().history(notebook))
    }

    /// Visits that could be made within so many days. Which doses are given is the doctor's.
    pub fn visits(&self, notebook: NotebookId, days: u32, voluntary: bool) -> Result<Vec<VisitView>> {
        self.slot.with("vaccines.visits", |book| book.vaccines().visits(notebook, days, voluntary))
    }

    /// Once the year of the rules is over: that they have not been checked for the new one.
    pub fn rules_note(&self) -> Result<Option<String>> {
        self.slot.with("vaccines.rules_note", |book| book.vaccines().rules_note())
    }

    /// The mother's vaccination against RSV in the pregnancy of a child, in words.
    pub fn mother_rsv(&self, child: NotebookId) -> Result<Option<String>> {
        self.slot.with("vaccines.mother_rsv", |book| book.vaccines().mother_rsv(child))
    }

    /// The plan as a FHIR R4 `ImmunizationRecommendation`, in JSON.
    pub fn fhir(&self, notebook: NotebookId) -> Result<String> {
        self.slot.with("vaccines.fhir", |book| Ok(book.vaccines().fhir(notebook)?.to_string()))
    }
}

/// What comes next for a family, in one list.
#[derive(uniffi::Object)]
pub struct Agenda {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Agenda {
    /// What is on from a day (today) up to another (half a year later), what begins or ends first at the top.
    #[uniffi::method(default(from = None, to = None))]
    pub fn list(
        &self,
        notebook: NotebookId,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<Vec<AgendaItem>> {
        self.slot.with("agenda.list", |book| book.agenda().list(notebook, from, to))
    }

    /// Marks an entry of the agenda as done, or as not needed. Deleting the mark brings it back.
    pub fn mark(&self, notebook: NotebookId, key: String, state: MarkState) -> Result<EntryId> {
        self.slot.with("agenda.mark", |book| book.agenda().mark(notebook, &key, state))
    }

    /// Reminders of the next days for the operating system: neutral words, nothing that a stranger may not read.
    pub fn reminders(&self, notebook: NotebookId, days: u32) -> Result<Vec<Reminder>> {
        self.slot.with("agenda.reminders", |book| book.agenda().reminders(notebook, days))
    }
}

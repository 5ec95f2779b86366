//! What a carer can do: the public door for shells, and the only module that sees both the store and sync.
//!
//! [`Handbook`] opens a device's file; one small object per capability does the work. Results are ready to show
//! (localised words, formatted numbers, chart series); shells hold no rules.
//!
//! | wing | object | idea |
//! |---|---|---|
//! | `records` | [`Notebooks`] | pregnancy, child, private; birth, loss |
//! | | [`Entries`] | add, edit, delete, undo, restore, list, search, photos |
//! | | [`Form`] | the official form as screens need it |
//! | `insight` | [`GrowthCharts`] | measurements on curves, charts |
//! | | [`Checks`] | the self-check: questions, answers, what it shows, the desk |
//! | | [`Vaccines`] | the next doses, visits, FHIR |
//! | | [`Agenda`] | one list of what comes next, reminders |
//! | | [`Leads`] | what was written and must not stay silent: who looks, how soon |
//! | | [`Desks`] | who listens, and when |
//! | | [`Guide`] | signs with which nobody waits, and what to do |
//! | `together` | [`Sync`] | sending and fetching, sealed end to end |
//! | | [`Members`] | who reads and writes: invitations, roles, removal, recovery, closing |
//! | | `Nearby` | two devices side by side, without a server |
//! | `municipal` | [`Municipality`] | whose feed is followed: meet, compare words, look, leave |
//! | | [`Notices`] | what it tells, to whom it concerns, and why |
//! | `exchange` | [`Export`], [`Import`] | JSON, FHIR, CSV, printable HTML, SVG |
//! | | [`Moving`] | everything in one transfer file |
//! | | [`Doctor`], [`doctor`] | what is wrong with the file, and saving what can be read |
//! | (hub) | [`Contents`] | a municipality's content |
//!
//! Arrows: every wing stands on the hub (`handbook`, `view`, `error`, `ports`, …); `insight` and `together` on
//! `records`, `municipal` on both of `records` and `insight`; `exchange` on all of them; nothing points back. `tests/architecture` holds it.

mod adopt;
mod content;
#[cfg(feature = "authoring")]
mod edition;
mod error;
mod exchange;
mod facts;
mod founding;
mod handbook;
mod ids;
mod insight;
mod judging;
mod log;
mod membership;
mod municipal;
mod observe;
mod pinned;
pub mod ports;
mod records;
mod together;
mod view;

pub use crate::model::kinds::MarkState;
pub use content::{Contents, PackView, check_pack};
#[cfg(feature = "authoring")]
pub use edition::{Edition, EditionFile, NoticePreview, check_edition};
pub use error::{Error, Result, Thing};
pub use exchange::doctor::{self, Doctor};
pub use exchange::export::{Export, OwnWords, Paper};
pub use exchange::import::{CsvMapping, Import, ImportPlan, ImportRow, ImportSummary, LeftOut, Outcome, RowProblem};
pub use exchange::moving::Moving;
pub use handbook::{Config, Handbook};
pub use insight::agenda::{Agenda, AgendaItem, Reminder};
pub use insight::check_views::{
    CarerAnswer, CheckResult, CheckState, CheckView, Months, Question, ResultItem, TrendStep,
};
pub use insight::checks::Checks;
pub use insight::desks::{DeskView, Desks, WayView};
pub use insight::growth::{Chart, GrowthCharts, Measurement, Span};
pub use insight::growth_question::{Beside, GrowthQuestion};
pub use insight::guide::{FlagView, Guide};
pub use insight::leads::{LeadView, Leads, Written};
pub use insight::measure::Measure;
pub use insight::vaccines::{DoseNumber, DoseView, Vaccines, VisitView, plan_for};
pub use insight::{chart_svg, steps_svg};
pub use municipal::look::FeedReport;
pub use municipal::municipality::{AreaView, Municipality, MunicipalityView};
pub use municipal::notices::Notices;
pub use observe::{ChangeListener, ChangeSubscription, Topic};
pub use records::entries::{Draft, Entries, NewEntry, ShownEntry};
pub use records::form::{FieldForm, Form, KindForm, OptionForm, ValueType};
pub use records::notebooks::{NewChild, Notebooks};
pub use records::words::{Line, long_date};
pub use together::members::{
    BegunAnew, Closed, Companions, Confirmed, Holding, LostInNotebook, LostOutcome, MemberView, Members, NewInvitation,
    Parting, PartingFrom, Recovering, Recovery, SheetNotebook, SheetState, SheetView, Unconfirmed,
};
#[cfg(feature = "nearby")]
pub use together::nearby::{Host, Nearby};
pub use together::sync;
pub use together::sync::Sync;
pub use view::{Conflict, ConflictValue, EntryView, JoinWords, ListFilter, NotebookView, VersionView};

// What stands in the signatures here, or is needed to make it: shells name `app` only.
pub use crate::agenda::AgendaKind;
pub use crate::checks::{Answer, Became, Child};
pub use crate::content::desk::Topic as DeskTopic;
pub use crate::content::drawings::drawing;
pub use crate::content::item::{Area, Basis, CheckItem, OfferKind};
pub use crate::content::moment::Anchors;
pub use crate::content::pack::Pack;
pub use crate::content::series::Subject;
pub use crate::content::signature::PublisherKey;
pub use crate::content::{Content, in_locale};
pub use crate::crypto::{FileKey, random};
pub use crate::growth::batch::{BatchError, score_csv};
pub use crate::growth::chart::bands;
pub use crate::growth::improbable::{Slip, improbable};
pub use crate::growth::{Indicator, Reference};
pub use crate::model::date::day_named;
pub use crate::model::date::{Gestation, parse_date};
pub use crate::model::field::{FieldDef, FieldType};
pub use crate::model::kind::{About, COMMON, KindDef, WrittenBy};
pub use crate::model::kinds::{KINDS, Profile};
pub use crate::model::notebook::{EndReason, NotebookType, Sex};
pub use crate::model::{EntryId, EntryKey, EntryName, Invalid, NotebookId, Reason, Role};
pub use crate::notices::list::{NoticeState, NoticeView};
pub use crate::notices::preview::{Preview, Reason as PreviewReason};
pub use crate::store::changes::Delivery;
pub use crate::store::is_own_file;
#[cfg(feature = "http")]
pub use crate::sync::feed::FeedHttps;
pub use crate::sync::feed::{Fetch, Fetched, Fetching};
#[cfg(feature = "http")]
pub use crate::sync::http::{Https, normal_address, origin_of};
pub use crate::sync::pins::key_letters;
#[cfg(feature = "nearby")]
pub use crate::sync::socket::Socket;
pub use crate::sync::ticket::TicketCode;
pub use crate::texts::{self, Locale};
pub use crate::vaccines::history::Judged;
pub use crate::vaccines::{Given, Person, Status};

/// One object per capability.
impl Handbook {
    /// Returns the notebooks: list, begin, end, change a profile.
    pub fn notebooks(&self) -> Notebooks {
        Notebooks { handbook: self.clone() }
    }

    /// Returns the entries: write, list, search, undo, photos.
    pub fn entries(&self) -> Entries {
        Entries { handbook: self.clone() }
    }

    /// Returns growth: measurements, scores, charts.
    pub fn growth(&self) -> GrowthCharts {
        GrowthCharts { handbook: self.clone() }
    }

    /// The self-check.
    pub fn checks(&self) -> Checks {
        Checks { handbook: self.clone() }
    }

    /// Returns vaccinations: next doses, visits, history.
    pub fn vaccines(&self) -> Vaccines {
        Vaccines { handbook: self.clone() }
    }

    /// What comes next.
    pub fn agenda(&self) -> Agenda {
        Agenda { handbook: self.clone() }
    }

    /// Returns content packs: install, list, preview.
    pub fn contents(&self) -> Contents {
        Contents { handbook: self.clone() }
    }

    /// Returns the export: JSON, CSV, HTML, FHIR.
    pub fn export(&self) -> Export {
        Export { handbook: self.clone() }
    }

    /// Returns the import: JSON, CSV, FHIR, with a dry run.
    pub fn import(&self) -> Import {
        Import { handbook: self.clone() }
    }

    /// Sync with the municipality's server.
    pub fn sync(&self) -> Sync {
        Sync { handbook: self.clone() }
    }

    /// Who else reads and writes.
    pub fn members(&self) -> Members {
        Members { handbook: self.clone() }
    }

    /// The official form, for screens.
    pub fn form(&self) -> Form {
        Form { handbook: self.clone() }
    }

    /// What was written and must not stay silent.
    pub fn leads(&self) -> Leads {
        Leads { handbook: self.clone() }
    }

    /// Desks of the municipality.
    pub fn desks(&self) -> Desks {
        Desks { handbook: self.clone() }
    }

    /// Returns the guide to red flags.
    pub fn guide(&self) -> Guide {
        Guide { handbook: self.clone() }
    }

    /// Returns the municipality whose feed is followed.
    pub fn municipality(&self) -> Municipality {
        Municipality { handbook: self.clone() }
    }

    /// Returns what the municipality tells this family.
    pub fn notices(&self) -> Notices {
        Notices { handbook: self.clone() }
    }

    /// Moving to another device.
    pub fn moving(&self) -> Moving {
        Moving { handbook: self.clone() }
    }

    /// What is wrong with the file.
    pub fn doctor(&self) -> Doctor {
        Doctor { handbook: self.clone() }
    }

    /// Another device side by side, without a server.
    #[cfg(feature = "nearby")]
    pub fn nearby(&self) -> Nearby {
        Nearby { handbook: self.clone() }
    }
}

//! What comes next for a family, in one list.

use ayumi_protocol::{EntryId, NotebookId};
use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::agenda::{AgendaKind, AgendaLine, Subject, between, doses, events, prenatal, remind};
use crate::app::error::Result;
use crate::app::facts::{Facts, check_months};
use crate::app::handbook::Handbook;
use crate::app::insight::check_views::{CheckState, CheckView};
use crate::app::insight::checks;
use crate::app::insight::lead_words;
use crate::app::insight::vaccines;
use crate::app::records::entries::NewEntry;
use crate::app::records::words::long_date;
use crate::content::Content;
use crate::content::holidays::{OfficeDay, next_open, office_day};
use crate::content::in_locale;
use crate::leads::Lead;
use crate::model::kinds::{AgendaMark, MarkState};
use crate::model::{Invalid, Reason};
use crate::texts::Locale;
use crate::vaccines::next_doses;

/// How far ahead reminders are made at most.
const FARTHEST_DAYS: u32 = 10 * 366;

/// The agenda of a handbook.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// let items = handbook.agenda().list(child, None, None)?;
/// assert!(items.iter().all(|item| !item.title.is_empty()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Agenda {
    pub(in crate::app) handbook: Handbook,
}

/// An entry of the agenda, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AgendaItem {
    /// Key, to mark it done: an event such as `BIRTH_REG`, a dose such as `JP-MR1/1`, a check such as `CHECK/18m`, what somebody
    /// should look at such as `LEAD/stool_pale/2026-10-20`.
    pub key: String,
    /// Its kind.
    pub kind: AgendaKind,
    /// First day.
    pub from: NaiveDate,
    /// Last day, if it has one.
    pub to: Option<NaiveDate>,
    /// Its name in the handbook's language.
    pub title: String,
    /// Its window in words, as seen from today.
    pub when: String,
    /// Who offers it, in words.
    pub by: String,
    /// Its force in words.
    pub force: String,
    /// Where and how, if the municipality says so.
    pub how: String,
    /// Where its facts come from.
    pub source: String,
    /// Whether law stands behind it.
    pub legal: bool,
    /// Whether it is on today.
    pub open: bool,
    /// Nobody has said when: `from` is only where it begins to be shown, and `when` says who will tell.
    pub undated: bool,
}

/// A reminder for the operating system: nothing in it that a stranger may not read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Reminder {
    /// When to remind, as a local time.
    pub at: NaiveDateTime,
    /// The neutral title for the lock screen.
    pub title: String,
    /// The neutral sentence for the lock screen.
    pub text: String,
}

impl Agenda {
    /// What is on from a day (today) up to another (half a year later), what begins or ends first at the top.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`]; [`crate::app::Error::Invalid`] if the days stand the wrong way round.
    pub fn list(
        &self,
        notebook: NotebookId,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<Vec<AgendaItem>> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let (today, locale) = (self.handbook.clock().today(), self.handbook.locale());
        let from = from.unwrap_or(today);
        let ahead = content.agenda().map_or(183, |rules| rules.ahead_days);
        let to = to.unwrap_or_else(|| from + Days::new(ahead.into()));
        if to < from {
            return Err(Invalid::new("to", &to.to_string(), format!("{from} or later"))
                .because(Reason::OutOfOrder)
                .into());
        }
        let items = gather(&content, &facts, today, locale);
        Ok(between(items, from, to).into_iter().map(|item| view(&content, &facts, item, today, locale)).collect())
    }

    /// Marks an event, a question to a clinic, or what somebody should look at, as done or not needed; it is not shown any more. Deleting the mark brings
    /// it back.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] if there is no such entry; a dose is done by writing it down, a check by
    /// answering it.
    pub fn mark(&self, notebook: NotebookId, key: &str, state: MarkState) -> Result<EntryId> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let today = self.handbook.clock().today();
        let items = gather(&content, &facts, today, self.handbook.locale());
        let may_mark =
            |item: &&AgendaLine| matches!(item.topic, Subject::Event(_) | Subject::Ask(..) | Subject::Lead(..));
        let markable: Vec<String> = items.iter().filter(may_mark).map(|item| item.topic.key()).collect();
        if !markable.iter().any(|known| known == key) {
            let all = if markable.is_empty() { "nothing now".to_owned() } else { markable.join(", ") };
            return Err(Invalid::new("item", key, format!("one of {all}")).because(Reason::NotAnOption).into());
        }
        let mark = AgendaMark { topic: Some(key.into()), state: Some(state.key().into()) };
        self.handbook.entries().add(&NewEntry::record(notebook, today, &mark)?)
    }

    /// Reminders of the next days for the operating system: at most one a day, and always the same neutral words.
    ///
    /// # Errors
    /// [`crate::app::Error::NotFound`].
    pub fn reminders(&self, notebook: NotebookId, days: u32) -> Result<Vec<Reminder>> {
        let (facts, content) = (self.handbook.facts(notebook)?, self.handbook.content()?);
        let (now, locale) = (self.handbook.now(), self.handbook.locale());
        let to = now.date() + Days::new(days.min(FARTHEST_DAYS).into());
        let items = between(gather(&content, &facts, now.date(), locale), now.date(), to);
        let hour = content.agenda().map_or(10, |rules| rules.remind_hour);
        let word = |key: &str| content.word(key, locale).into_owned();
        let reminder = |at| Reminder { at, title: word("reminder.title"), text: word("reminder.text") };
        Ok(remind::times(&items, now, to, hour).into_iter().map(reminder).collect())
    }
}

/// Everything that this notebook has, without words.
fn gather(content: &Content, facts: &Facts, today: NaiveDate, locale: Locale) -> Vec<AgendaLine> {
    let family = facts.family(content);
    let mut items = events::events(content, &family);
    if facts.notebook.notebook_type == crate::model::notebook::NotebookType::Pregnancy {
        items.extend(prenatal::next(content, &family, today));
    }
    items.extend(due_doses(content, facts, today));
    if let Some(child) = facts.child().filter(|_| !family.silent) {
        for check in checks::list(content, facts, &child, today, locale) {
            items.extend(self_check(&check, today));
        }
    }
    items.extend(facts.leads(content, today).iter().map(look));
    items.retain(|item| !family.silent || may_stay_after_loss(&item.topic));
    items
}

/// The line of what somebody should look at: it stands from the day of what was written until it is settled.
fn look(lead: &Lead<'_>) -> AgendaLine {
    AgendaLine {
        topic: Subject::Lead(lead.rule.id.clone(), lead.on),
        kind: AgendaKind::Look,
        from: lead.on,
        to: None,
        shown_to: None,
        undated: false,
        legal: false,
        force: "advised",
        by: if lead.rule.clinics.is_empty() { "home" } else { "clinic" }.into(),
        remind_before: None,
        remind_every: Some(lead.rule.remind_every),
        sources: lead.rule.sources.clone(),
        care: None,
    }
}

/// Whether a source may have lines after a loss. A new source is decided on here: nothing about a baby is made by oversight.
const fn may_stay_after_loss(topic: &Subject) -> bool {
    match topic {
        // Their rules leave only what is the mother's.
        Subject::Event(_) | Subject::Dose(..) | Subject::Ask(..) => true,
        Subject::Prenatal | Subject::Check(..) | Subject::Lead(..) => false,
    }
}

fn due_doses(content: &Content, facts: &Facts, today: NaiveDate) -> Vec<AgendaLine> {
    let (Some(person), Some(rules)) = (facts.person(), content.vaccines()) else { return Vec::new() };
    let plan = next_doses(rules, &person, &facts.given, today);
    doses::lines(rules, &plan, today, &facts.family(content).done)
}

fn self_check(check: &CheckView, today: NaiveDate) -> Option<AgendaLine> {
    let months = check_months(&check.check)?;
    let item = |again: bool, from: NaiveDate, to: NaiveDate| AgendaLine {
        topic: Subject::Check(months, again),
        kind: AgendaKind::SelfCheck,
        from,
        to: Some(to),
        shown_to: None,
        undated: false,
        legal: false,
        force: "own",
        by: "home".into(),
        remind_before: None,
        remind_every: None,
        sources: Vec::new(),
        care: None,
    };
    // Another look stays open for as long as the wait before it was.
    if let Some(again) = check.again_from.filter(|again| *again + Days::new(60) >= today) {
        return Some(item(true, again, again + Days::new(60)));
    }
    matches!(check.state, CheckState::Open | CheckState::Later).then(|| item(false, check.from, check.to))
}

fn view(content: &Content, facts: &Facts, item: AgendaLine, today: NaiveDate, locale: Locale) -> AgendaItem {
    let word = |key: String| content.word(&key, locale).into_owned();
    let title = match &item.topic {
        Subject::Event(id) => event_word(facts, id, "", &word),
        Subject::Prenatal => word("event.PRENATAL".into()),
        Subject::Dose(series, n) | Subject::Ask(series, n) => {
            let either = item.care.is_some_and(|care| care.either);
            let title = |rules| vaccines::title(content, rules, series, either, *n, locale);
            let title = content.vaccines().map(title).unwrap_or_default();
            match &item.topic {
                Subject::Ask(..) if item.care.is_some_and(|care| care.look) => {
                    word("vaccine.look".into()).replace("{vaccine}", &title)
                }
                Subject::Ask(..) => word("vaccine.ask".into()).replace("{vaccine}", &title),
                _ => title,
            }
        }
        Subject::Check(months, again) => {
            let key = if *again { "event.SELF_CHECK_AGAIN" } else { "event.SELF_CHECK" };
            let name = facts.child().map(|child| checks::check_name(content, &child, *months, locale));
            word(key.into()).replace("{check}", &name.unwrap_or_default())
        }
        Subject::Lead(id, _) => word(format!("lead.{id}.title")),
    };
    let rule = match &item.topic {
        Subject::Lead(id, _) => content.leads().rule.iter().find(|rule| rule.id == *id),
        _ => None,
    };
    let who = rule.map(|rule| lead_words::clinics(content, rule, locale)).filter(|clinics| !clinics.is_empty());
    let programme = content.programme(&item.topic.key());
    let how = match &item.topic {
        Subject::Prenatal => word("event.PRENATAL.how".into()),
        // Nobody has typed what was given: most of it may have been.
        Subject::Dose(..) if facts.given.is_empty() && item.care.is_some_and(|care| care.overdue) => {
            word("vaccine.copy_paper".into())
        }
        Subject::Dose(..) => word("vaccine.clinic".into()),
        Subject::Ask(..) if item.care.is_some_and(|care| care.look) => word("vaccine.look_how".into()),
        Subject::Ask(..) => word("vaccine.ask_how".into()),
        Subject::Event(id) => match programme.and_then(|programme| programme.how.as_ref()) {
            Some(how) => in_locale(how, locale).to_owned(),
            None => event_word(facts, id, ".how", &word),
        },
        Subject::Check(..) => String::new(),
        Subject::Lead(..) => rule.map(|rule| lead_words::words(content, facts, rule, locale)).unwrap_or_default(),
    };
    let source = match &item.topic {
        Subject::Check(..) => "ayumi.checks".to_owned(),
        _ => item.sources.join(", "),
    };
    AgendaItem {
        key: item.topic.key(),
        kind: item.kind,
        title,
        when: match rule {
            Some(rule) => word(format!("lead.within.{}", rule.within.key())),
            None => when(content, &item, today, locale) + &office_words(facts, content, &item, today, locale),
        },
        by: match who {
            Some(clinics) => clinics.join(if locale == Locale::En { ", " } else { "・" }),
            None => word(format!("by.{}", item.by)),
        },
        force: word(format!("force.{}", item.force)),
        how,
        source,
        legal: item.legal,
        undated: item.undated,
        open: events::is_open(&item, today),
        from: item.from,
        to: item.to,
    }
}

/// Words of an event for this family: after a loss or a death, and for a birth outside Japan, those of their own where
/// there are some. After a loss there are no others than these beside a title.
fn event_word(facts: &Facts, id: &str, part: &str, word: &impl Fn(String) -> String) -> String {
    let silent = facts.notebook.baby_silent();
    let (after_loss, abroad) = (silent.then_some(".after_loss"), facts.is_born_abroad().then_some(".abroad"));
    let own = [after_loss, abroad].into_iter().flatten().map(|case| word(format!("event.{id}{case}{part}")));
    let plain = || if silent && !part.is_empty() { String::new() } else { word(format!("event.{id}{part}")) };
    own.into_iter().find(|words| !words.is_empty()).unwrap_or_else(plain)
}

/// What a last day at an office that is a holiday means: by law the next open day is as good.
fn office_words(facts: &Facts, content: &Content, item: &AgendaLine, today: NaiveDate, locale: Locale) -> String {
    let Subject::Event(id) = &item.topic else { return String::new() };
    let events = content.agenda().map(|rules| rules.event.as_slice()).unwrap_or_default();
    let here = events.iter().any(|event| event.id == *id && event.ends_at_an_office(facts.is_born_abroad()));
    let Some(last) = item.to.filter(|_| here) else { return String::new() };
    match (office_day(last), next_open(last)) {
        (OfficeDay::Closed, Some(next)) if next >= today => {
            content.word("agenda.office_closed", locale).replace("{date}", &long_date(next, locale))
        }
        (OfficeDay::MayBeClosed, _) | (OfficeDay::Closed, None) if last >= today => {
            content.word("agenda.office_perhaps", locale).into_owned()
        }
        _ => String::new(),
    }
}

/// `3月14日から`, `7月2日まで`: what matters from today's point of view.
fn when(content: &Content, item: &AgendaLine, today: NaiveDate, locale: Locale) -> String {
    let word = |key: &str| content.word(key, locale);
    let day = |date| long_date(date, locale);
    // A day on which it is over anyway adds nothing.
    let finish_by = item.care.and_then(|care| care.finish_by).filter(|by| item.to.is_none_or(|to| *by < to));
    let finish = vaccines::finish_words(content, finish_by, today, locale);
    if item.care.is_some_and(|care| care.overdue) {
        let soon = match item.to {
            Some(to) => word("vaccine.soon_until").replace("{date}", &day(to)),
            None => word("vaccine.soon").into_owned(),
        };
        return soon + &finish;
    }
    window_words(content, item, today, locale) + &finish
}

fn window_words(content: &Content, item: &AgendaLine, today: NaiveDate, locale: Locale) -> String {
    let word = |key: &str| content.word(key, locale);
    let day = |date| long_date(date, locale);
    match item.to {
        None if item.undated => word(&format!("agenda.undated.{}", item.by)).into_owned(),
        // It goes on past its last day, as leave does while the birth is awaited.
        Some(to) if to < today && item.shown_to >= Some(today) => word("agenda.open").into_owned(),
        Some(to) if item.from <= today => word("agenda.until").replace("{date}", &day(to)),
        Some(to) if to == item.from => day(to),
        Some(to) => word("agenda.span").replace("{from}", &day(item.from)).replace("{to}", &day(to)),
        None if item.from <= today => word("agenda.open").into_owned(),
        None => word("agenda.from").replace("{date}", &day(item.from)),
    }
}

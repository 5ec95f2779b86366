//! The self-check for carers: which is open, its questions, keeping answers, what it shows.

use std::sync::Arc;

use ayumi_protocol::NotebookId;
use chrono::NaiveDate;
use serde_json::Value;

use crate::app::error::{Error, Result, Thing};
use crate::app::facts::{Facts, check_key, check_months};
use crate::app::handbook::Handbook;
use crate::app::insight::check_views::{
    CarerAnswer, CheckResult, CheckState, CheckView, Months, Question, ResultItem, TrendStep,
};
use crate::app::insight::desks;
use crate::app::records::entries::NewEntry;
use crate::app::records::words::long_date;
use crate::checks::{self, Answer, Asked, Became, CheckWindow, Child, Seen, trend};
use crate::content::desk::Topic;
use crate::content::item::{Area, Basis, CheckItem, OfferKind, OfferRule};
use crate::content::{Content, in_locale};
use crate::model::kind::Record;
use crate::model::kinds::SelfCheck;
use crate::model::naming::EntryKey;
use crate::model::value::{FieldValue, Fields};
use crate::model::{EntryId, Invalid, Reason};
use crate::texts::{Locale, counted};

/// Self-checks of a handbook.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// use ayumi_core::app::Answer;
/// let check = handbook.checks().due(child)?.into_iter().next().ok_or("a check")?.check;
/// let question = handbook.checks().questions(child, &check)?.into_iter().next().ok_or("a question")?;
/// handbook.checks().answer(child, &check, &[(question.item.as_str(), Answer::Yes)], None, None)?;
/// assert!(!handbook.checks().result(child, &check)?.strengths.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Checks {
    pub(in crate::app) handbook: Handbook,
}

impl Checks {
    fn open(&self, notebook: NotebookId) -> Result<(Arc<Facts>, Child, Arc<Content>)> {
        let facts = self.handbook.facts(notebook)?;
        let child =
            facts.child().filter(|_| !facts.notebook.baby_silent()).ok_or(Error::NotFound { what: Thing::Check })?;
        Ok((facts, child, self.handbook.content()?))
    }

    fn check(&self, content: &Content, key: &str) -> Result<u32> {
        let known = &content.checks().bands;
        check_months(key).filter(|months| known.contains(months)).ok_or_else(|| {
            let all: Vec<String> = known.iter().map(|months| check_key(*months)).collect();
            Invalid::new("check", key, format!("one of {}", all.join(", "))).because(Reason::NotAnOption).into()
        })
    }

    fn check_item(&self, asked: &[Asked<'_>], item: &str) -> Result<()> {
        if asked.iter().any(|asked| asked.item.id == item) {
            return Ok(());
        }
        let all: Vec<&str> = asked.iter().map(|asked| asked.item.id.as_str()).collect();
        let allowed = format!("an item of this check: {}", all.join(", "));
        Err(Invalid::new("item", item, allowed).because(Reason::NotAnOption).into())
    }

    /// Every check of a child in order; empty after a death and for other notebooks.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the notebook.
    pub fn due(&self, notebook: NotebookId) -> Result<Vec<CheckView>> {
        let facts = self.handbook.facts(notebook)?;
        let Some(child) = facts.child().filter(|_| !facts.notebook.baby_silent()) else { return Ok(Vec::new()) };
        let content = self.handbook.content()?;
        Ok(list(&content, &facts, &child, self.handbook.clock().today(), self.handbook.locale()))
    }

    /// The questions of a check, area by area.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for the check.
    pub fn questions(&self, notebook: NotebookId, check: &str) -> Result<Vec<Question>> {
        let (facts, child, content) = self.open(notebook)?;
        let months = self.check(&content, check)?;
        let carer = self.handbook.carer()?;
        let seen = checks::seen(&content, months, &facts.sittings);
        let locale = self.handbook.locale();
        let answer = |item: &CheckItem| {
            let found = seen.iter().find(|answered| answered.item.id == item.id)?;
            found.by.iter().find(|(name, ..)| *name == carer).map(|(_, answer, _)| *answer)
        };
        let rows = crate::content::milestones();
        let derived =
            |item: &CheckItem| item.rows.iter().any(|id| rows.get(id).is_some_and(|row| row.basis == Basis::Derived));
        let question = |Asked { item, first, .. }: Asked<'_>| Question {
            item: item.id.clone(),
            area: item.area,
            area_name: content.word(&format!("check.area.{}", item.area.key()), locale).into_owned(),
            text: in_locale(&item.text, locale).to_owned(),
            look: in_locale(&item.look, locale).to_owned(),
            play: in_locale(&item.play, locale).to_owned(),
            typical: Months { from: item.range.0, to: item.range.1 },
            typical_words: if child.without_ages { String::new() } else { range_words(&content, item.range, locale) },
            basis: match item.rows.is_empty() {
                true => Basis::Municipality,
                false if derived(item) => Basis::Derived,
                false => Basis::Cited,
            },
            picture: item.picture.clone(),
            answer: answer(item),
            first,
        };
        Ok(checks::asked(&content, &child, months, &facts.sittings).into_iter().map(question).collect())
    }

    /// Keeps answers, one or many, and what is on the carer's mind. What was answered before stays; the same item again
    /// on the same day replaces this carer's answer of that day, on a later day it is another look. `worry` and
    /// `notices` change only if given.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the item; [`Error::NotFound`].
    pub fn answer(
        &self,
        notebook: NotebookId,
        check: &str,
        answers: &[(&str, Answer)],
        worry: Option<&str>,
        notices: Option<&[&str]>,
    ) -> Result<EntryId> {
        let (facts, child, content) = self.open(notebook)?;
        let months = self.check(&content, check)?;
        let asked = checks::asked(&content, &child, months, &facts.sittings);
        let mut fields = Fields::new();
        for (item, answer) in answers {
            self.check_item(&asked, item)?;
            fields.insert(format!("answer.{item}"), answer.key().into());
        }
        if let Some(notices) = notices {
            let all: Vec<String> = notices.iter().map(|notice| (*notice).to_owned()).collect();
            fields.insert("notices".into(), if all.is_empty() { Value::Null } else { all.to_json() });
        }
        if let Some(worry) = worry {
            let worry = worry.trim();
            fields.insert("worry".into(), if worry.is_empty() { Value::Null } else { worry.into() });
        }
        if fields.is_empty() {
            return Err(Invalid::new("answer", "nothing", "at least one ITEM=answer, or a worry")
                .because(Reason::Missing)
                .into());
        }
        self.keep(&facts, months, fields)
    }

    /// Writes into this carer's sitting of today, or begins one.
    fn keep(&self, facts: &Facts, months: u32, fields: Fields) -> Result<EntryId> {
        let notebook = facts.notebook.id;
        let (today, carer) = (self.handbook.clock().today(), self.handbook.carer()?);
        let sitting_of = |id| EntryKey::new(notebook, SelfCheck::KIND.id, id);
        let own = facts.sittings.iter().zip(&facts.sitting_ids);
        let earlier: Vec<_> = own.filter(|(sitting, _)| sitting.carer == carer && sitting.check == months).collect();
        // A worry or a box that is taken back is taken back wherever this carer had written it.
        for (sitting, id) in earlier.iter().filter(|(sitting, _)| sitting.on != today) {
            let written = [("worry", !sitting.worry.is_empty()), ("notices", !sitting.notices.is_empty())];
            let taken_back: Fields = written
                .into_iter()
                .filter(|(key, there)| *there && fields.contains_key(*key))
                .map(|(key, _)| (key.to_owned(), Value::Null))
                .collect();
            if !taken_back.is_empty() {
                self.handbook.entries().write_fields(&sitting_of(**id), &taken_back)?;
            }
        }
        let fields = SelfCheck::KIND.validate(&fields)?;
        if let Some((_, id)) = earlier.iter().find(|(sitting, _)| sitting.on == today) {
            self.handbook.entries().write_fields(&sitting_of(**id), &fields)?;
            return Ok(**id);
        }
        let mut fields: Fields = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
        fields.insert("check".into(), check_key(months).to_json());
        fields.insert("carer".into(), carer.to_json());
        self.handbook.entries().add(&NewEntry::checked(notebook, SelfCheck::KIND.id, today, &fields)?)
    }

    /// Keeps what a carer says of something that the child did before and does not do now
    /// ([`CheckResult::asked_back`]). Only "gone" leads anywhere.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the item; [`Error::NotFound`].
    pub fn say_what_became(&self, notebook: NotebookId, check: &str, item: &str, became: Became) -> Result<EntryId> {
        let (facts, child, content) = self.open(notebook)?;
        let months = self.check(&content, check)?;
        self.check_item(&checks::asked(&content, &child, months, &facts.sittings), item)?;
        self.keep(&facts, months, Fields::from([(format!("became.{item}"), became.key().into())]))
    }

    /// What a check shows.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for the check.
    pub fn result(&self, notebook: NotebookId, check: &str) -> Result<CheckResult> {
        let (facts, child, content) = self.open(notebook)?;
        let months = self.check(&content, check)?;
        // The child's age is of the carer's day; only a desk's hours are Japan's.
        let (locale, today) = (self.handbook.locale(), self.handbook.clock().today());
        let outcome = checks::outcome(&content, &child, months, &facts.sittings);
        let item = |item: &CheckItem, answer: Option<Answer>, seen: Option<&Seen<'_>>| ResultItem {
            item: item.id.clone(),
            area: item.area,
            text: in_locale(&item.text, locale).to_owned(),
            play: in_locale(&item.play, locale).to_owned(),
            typical_words: match child.months_on(content.checks(), today) {
                _ if child.without_ages => String::new(),
                // Nobody is told to wait for an answer to sounds.
                Some(months) if months > item.range.1 && item.signal.is_some() => String::new(),
                Some(months) if months > item.range.1 => content.word("check.range.over", locale).into_owned(),
                _ => range_words(&content, item.range, locale),
            },
            answer,
            by: seen
                .filter(|seen| seen.differs())
                .map(|seen| {
                    seen.by
                        .iter()
                        .map(|(carer, answer, _)| CarerAnswer { carer: carer.clone(), answer: *answer })
                        .collect()
                })
                .unwrap_or_default(),
        };
        let of = |seen: &Seen<'_>| item(seen.item, Some(seen.shown), Some(seen));
        let mut next: Vec<ResultItem> = outcome.coming.iter().map(of).collect();
        next.extend(outcome.ahead.iter().map(|ahead| item(ahead, None, None)));
        let offer = outcome.offer;
        let mut because: Vec<String> = offer.because.iter().map(|reason| reason.rule.clone()).collect();
        because.dedup();
        let again = offer.again_from.map(|on| long_date(on, locale)).unwrap_or_default();
        // Which doctor depends on what it is about.
        let eyes = if because.iter().all(|rule| rule == "notice_pupil") { ".eyes" } else { "" };
        let key = match offer.kind {
            OfferKind::Doctor => format!("check.offer.doctor{eyes}"),
            kind => format!("check.offer.{}", kind.key()),
        };
        let words = content.word(&key, locale).replace("{date}", &again);
        Ok(CheckResult {
            strengths: outcome.strengths.iter().map(of).collect(),
            beginning: outcome.beginning.iter().map(of).collect(),
            next,
            asked_back: outcome.asked_back.iter().map(|asked| item(asked, Some(Answer::NotYet), None)).collect(),
            offer: offer.kind,
            offer_words: words,
            because_words: because_words(&content, &because, locale),
            because,
            about: offer.because.iter().filter_map(|reason| reason.item.clone()).collect(),
            again_from: offer.again_from,
            desk: (offer.kind >= OfferKind::Desk)
                .then(|| desks::find(&content, Topic::Development, self.handbook.now_in_japan(), locale))
                .flatten(),
            corrected: child.corrected_on(content.checks(), today),
        })
    }

    /// An area's history over the checks: what was new each time.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn trend(&self, notebook: NotebookId, area: Area) -> Result<Vec<TrendStep>> {
        Ok(self.drawn_trend(notebook, area)?.into_iter().map(|(step, _)| step).collect())
    }

    /// The same, with the name of the drawing of each thing that was new.
    pub(in crate::app) fn drawn_trend(
        &self,
        notebook: NotebookId,
        area: Area,
    ) -> Result<Vec<(TrendStep, Vec<String>)>> {
        let (facts, child, content) = self.open(notebook)?;
        let locale = self.handbook.locale();
        let step = |step: trend::TrendStep<'_>| {
            let drawings = step.new.iter().map(|item| item.picture.clone()).collect();
            let told = TrendStep {
                check: check_key(step.check),
                name: check_name(&content, &child, step.check, locale),
                age: months_words(&content, "check.age", step.check, locale),
                new: step.new.iter().map(|item| in_locale(&item.text, locale).to_owned()).collect(),
            };
            (told, drawings)
        };
        Ok(trend::steps(&content, area, &facts.sittings).into_iter().map(step).collect())
    }
}

/// Every check of a child with its state on a day.
pub(in crate::app) fn list(
    content: &Content,
    facts: &Facts,
    child: &Child,
    today: NaiveDate,
    locale: Locale,
) -> Vec<CheckView> {
    let sittings = &facts.sittings;
    let view = |window: CheckWindow| {
        let asked = checks::asked(content, child, window.check, sittings);
        let seen = checks::seen(content, window.check, sittings);
        let done = seen.len();
        let answered = |asked: &&Asked<'_>| seen.iter().any(|seen| seen.item.id == asked.item.id);
        let state = match (today < window.from, today > window.to) {
            (true, _) => CheckState::Later,
            _ if asked.iter().filter(|asked| asked.first).all(|asked| answered(&asked)) => CheckState::Done,
            (_, true) => CheckState::Missed,
            _ => CheckState::Open,
        };
        let offer = (done > 0).then(|| checks::offer_of(content, child, window.check, &seen, sittings));
        CheckView {
            check: check_key(window.check),
            name: check_name(content, child, window.check, locale),
            band: Months {
                from: window.check,
                to: content.checks().bands.iter().find(|b| **b > window.check).map_or(content.checks().end, |b| *b) - 1,
            },
            from: window.from,
            to: window.to,
            state,
            answered: count(done),
            questions: count(asked.len()),
            again_from: offer.and_then(|offer| offer.again_from),
        }
    };
    child.windows(content.checks()).into_iter().map(view).collect()
}

/// Why, in words; what two rows say in the same words is said once.
fn because_words(content: &Content, because: &[String], locale: Locale) -> Vec<String> {
    let rules = &content.checks().rule;
    let mut words: Vec<String> = Vec::new();
    for key in because.iter().filter_map(|id| rules.iter().find(|rule| rule.id == *id)).map(OfferRule::words_key) {
        let said = content.word(&key, locale).into_owned();
        if !words.contains(&said) {
            words.push(said);
        }
    }
    words
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

/// `1歳6か月ごろ`; of a child born early, whose months are counted from the due date, `修正1歳6か月ごろ`.
pub(in crate::app) fn check_name(content: &Content, child: &Child, check: u32, locale: Locale) -> String {
    let name = months_words(content, "check.name", check, locale);
    if child.corrects(content.checks(), check) {
        content.word("check.name.corrected", locale).replace("{name}", &name)
    } else {
        name
    }
}

/// The last age that is said in months alone: Japan's check-ups are of 1歳6か月, in English they are of 18 months.
const fn months_up_to(locale: Locale) -> u32 {
    match locale {
        Locale::Ja | Locale::JaEasy => 11,
        Locale::En => 23,
    }
}

/// In months, then in years and months; `key` says in which words.
fn months_words(content: &Content, key: &str, months: u32, locale: Locale) -> String {
    let (unit, years, rest) = match (months, months % 12) {
        (months, _) if months <= months_up_to(locale) => ("months", 0, months),
        (_, 0) => ("years", months / 12, 0),
        (_, rest) => ("years_months", months / 12, rest),
    };
    let words = content.word(&format!("{key}.{unit}"), locale);
    counted(words.replace("{y}", &years.to_string()).replace("{m}", &rest.to_string()), locale)
}

/// By when many children do it: `1歳5か月ごろまでに…`.
fn range_words(content: &Content, (_, to): (u32, u32), locale: Locale) -> String {
    let (key, to) = match to {
        to if to <= months_up_to(locale) => ("check.range.months", to.to_string()),
        to => ("check.range.years", months_words(content, "check.age", to, locale)),
    };
    content.word(key, locale).replace("{to}", &to)
}

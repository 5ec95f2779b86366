//! Whether days can be, seen from the birth and from today: asked at every door where people type or import, on top of
//! [`super::judge`], which every door asks.
//!
//! It hangs on a clock and on other entries, so it is no part of what every phone must decide alike.

use chrono::{Days, Months, NaiveDate};
use serde_json::Value;

use super::date::ApproxDate;
use super::field::FieldType;
use super::kind::{About, KindDef, ON};
use super::kinds::Profile;
use super::notebook::NotebookType;
use super::value::{FieldValue, Fields};
use super::{Invalid, Reason};

/// How far a due date may be from the birth, in days: 20 weeks.
const DUE_FROM_BIRTH: i64 = 20 * 7;
/// How far ahead a due date may be, in days.
const DUE_FROM_TODAY: i64 = 300;

/// Checks the days of an entry against the birth of the notebook's child, and against today.
///
/// # Errors
/// [`Invalid`] with the first day that cannot be.
pub(crate) fn check(kind: &KindDef, fields: &Fields, whose: &Profile, today: NaiveDate) -> Result<(), Invalid> {
    let day = |value: &Value| NaiveDate::from_json(value);
    // A child's own days begin with its birth; what the clinic or the municipality wrote may be older.
    let own_days = kind.notebooks == [NotebookType::Child] && kind.about == About::Child;
    let born = whose.born.filter(|_| own_days);
    if let Some(on) = fields.get(ON.key).and_then(day) {
        in_life(ON.key, on, on, born, today)?;
    }
    for field in kind.fields.iter().filter(|field| field.field_type == FieldType::ApproxDate) {
        let Some(achieved) = fields.get(field.key).and_then(ApproxDate::from_json) else { continue };
        let Some(first) = achieved.earliest() else { continue };
        let last = match achieved {
            ApproxDate::Month(month) => month + Months::new(1) - Days::new(1),
            _ => first,
        };
        in_life(field.key, first, last, born, today)?;
    }
    Ok(())
}

/// Whether a span of days, of which one is meant, can lie between the birth and today.
fn in_life(
    field: &str,
    first: NaiveDate,
    last: NaiveDate,
    born: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<(), Invalid> {
    up_to_today(field, first, today + Days::new(1), today)?;
    match born {
        Some(born) if last < born => {
            let allowed = format!("a day from the birth on ({born})");
            Err(Invalid::new(field, &first.to_string(), allowed).because(Reason::BeforeBirth))
        }
        _ => Ok(()),
    }
}

fn up_to_today(field: &str, day: NaiveDate, latest: NaiveDate, today: NaiveDate) -> Result<(), Invalid> {
    let cannot = |reason| {
        Err(Invalid::new(field, &day.to_string(), format!("a day from 1900 to today ({today})")).because(reason))
    };
    // Tomorrow is allowed for entries: a phone abroad may be a day ahead.
    if day > latest {
        return cannot(Reason::InFuture);
    }
    if day < NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default() { cannot(Reason::TooLongAgo) } else { Ok(()) }
}

/// Checks a notebook's own facts: when it begins, and as they would be after an edit.
///
/// # Errors
/// [`Invalid`] with the first fact that cannot be.
pub(crate) fn check_profile(facts: &Profile, notebook: NotebookType, today: NaiveDate) -> Result<(), Invalid> {
    let missing = |field: &str, allowed: &str| Err(Invalid::new(field, "", allowed).because(Reason::Missing));
    if notebook == NotebookType::Child {
        let Some(born) = facts.born else { return missing("born", "the day of birth") };
        up_to_today("born", born, today, today)?;
        if facts.name.as_deref().is_none_or(|name| name.trim().is_empty()) {
            return missing("name", "a name of 1 to 200 characters");
        }
    } else if let Some(born) = facts.born {
        let allowed = "nothing: a child's notebook holds the day of birth";
        return Err(Invalid::new("born", &born.to_string(), allowed).because(Reason::WrongNotebook));
    }
    let too_far =
        |due: NaiveDate, allowed: &str| Err(Invalid::new("due", &due.to_string(), allowed).because(Reason::DueTooFar));
    match (facts.due, facts.born) {
        (Some(due), Some(born)) if (due - born).num_days().abs() > DUE_FROM_BIRTH => {
            too_far(due, "a day within 20 weeks of the birth")
        }
        (Some(due), None) if (due - today).num_days() > DUE_FROM_TODAY => too_far(due, "at most 300 days from today"),
        (None, _) if notebook == NotebookType::Pregnancy && facts.ended.is_none() => missing("due", "the due date"),
        _ => Ok(()),
    }?;
    let Some(on) = facts.ended_on else { return Ok(()) };
    up_to_today("ended_on", on, today, today)?;
    match facts.born {
        Some(born) if on < born => {
            let allowed = format!("a day from the birth on ({born})");
            Err(Invalid::new("ended_on", &on.to_string(), allowed).because(Reason::BeforeBirth))
        }
        _ => Ok(()),
    }
}

/// Fields that follow from something else, so that nobody types them: what a photo's pixels are, what a notebook was founded
/// for, and how it ended.
pub(crate) fn is_fact(kind: &str, field: &str) -> bool {
    let facts: &[&str] = match kind {
        "photo" => &["width", "height", "bytes", "sha256", "thumb_sha256"],
        "profile" => &["notebook_type", "ended", "ended_on", "pregnancy"],
        _ => &[],
    };
    facts.contains(&field)
}

/// Refuses fields that nobody types.
///
/// # Errors
/// [`Invalid`] with the first of them.
pub(crate) fn by_hand<'a>(kind: &KindDef, keys: impl IntoIterator<Item = &'a str>) -> Result<(), Invalid> {
    match keys.into_iter().find(|key| is_fact(kind.id, key)) {
        Some(key) => Err(Invalid::new(key, key, "not changed by hand").because(Reason::NotByHand)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds;
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn child() -> Profile {
        Profile { born: Some(day("2024-05-03")), name: Some("さくら".into()), ..Profile::default() }
    }

    #[test]
    fn days_lie_between_the_birth_and_tomorrow() {
        let today = day("2026-11-25");
        for (kind, field, value, expected) in [
            ("growth", "on", "2024-05-03", None),
            ("growth", "on", "2024-05-02", Some(Reason::BeforeBirth)),
            ("growth", "on", "2020-05-03", Some(Reason::BeforeBirth)),
            ("growth", "on", "2026-11-26", None),
            ("growth", "on", "2026-11-27", Some(Reason::InFuture)),
            // The mother's diary is older than the child.
            ("diary", "on", "2020-05-03", None),
            ("diary", "on", "1899-12-31", Some(Reason::TooLongAgo)),
            ("milestone", "achieved", "2030-01", Some(Reason::InFuture)),
            ("milestone", "achieved", "2024-05", None),
            ("milestone", "achieved", "2024-04", Some(Reason::BeforeBirth)),
            ("milestone", "achieved", "2024-04-30~", Some(Reason::BeforeBirth)),
            ("milestone", "achieved", "unknown", None),
            // What is planned may lie ahead.
            ("wellchild", "detailed_exam", "2027-01-10", None),
        ] {
            let kind = kinds::find(kind).unwrap();
            let fields: Fields = [(field.to_owned(), value.into())].into();
            let found = check(kind, &fields, &child(), today).err().map(|why| why.reason);
            assert_eq!(found, expected, "{} {field}={value}", kind.id);
        }
    }

    #[test]
    fn a_notebooks_own_facts_can_be() {
        use NotebookType::{Child, Pregnancy, Private};
        let today = day("2026-11-25");
        let with = |change: &dyn Fn(&mut Profile)| {
            let mut facts = child();
            change(&mut facts);
            facts
        };
        for (facts, notebook, expected) in [
            (child(), Child, None),
            (with(&|f| f.born = Some(day("2030-06-01"))), Child, Some(Reason::InFuture)),
            (with(&|f| f.born = Some(day("2026-11-26"))), Child, Some(Reason::InFuture)),
            (with(&|f| f.born = Some(day("1870-01-01"))), Child, Some(Reason::TooLongAgo)),
            (with(&|f| f.born = None), Child, Some(Reason::Missing)),
            (with(&|f| f.name = Some(" ".into())), Child, Some(Reason::Missing)),
            (with(&|f| f.due = Some(day("2025-05-03"))), Child, Some(Reason::DueTooFar)),
            (with(&|f| f.ended_on = Some(day("2024-05-02"))), Child, Some(Reason::BeforeBirth)),
            (with(&|f| f.ended_on = Some(day("2027-05-02"))), Child, Some(Reason::InFuture)),
            (child(), Private, Some(Reason::WrongNotebook)),
            (Profile::default(), Private, None),
            (Profile::default(), Pregnancy, Some(Reason::Missing)),
            (Profile { due: Some(day("2027-03-10")), ..Profile::default() }, Pregnancy, None),
            (Profile { due: Some(day("2028-03-10")), ..Profile::default() }, Pregnancy, Some(Reason::DueTooFar)),
        ] {
            assert_eq!(check_profile(&facts, notebook, today).err().map(|why| why.reason), expected, "{facts:?}");
        }
    }

    #[test]
    fn every_fact_is_a_field() {
        for (kind, field) in [("photo", "sha256"), ("profile", "ended_on")] {
            assert!(is_fact(kind, field) && kinds::find(kind).unwrap().field(field).is_some());
        }
        assert!(!is_fact("photo", "caption") && !is_fact("photo", "of"));
    }
}

//! Whether a change may stand in a notebook: one function for everything that is typed, imported or comes by sync.
//!
//! It is a pure function of the change and of what the notebook is for, so that every phone of this version decides alike,
//! whatever came first. What hangs on a clock or on other entries (a day in the future, a day before the birth) is no part of it:
//! that is asked where people type, and is shown where it comes from elsewhere.
//!
//! What does not fit is kept, passed on and judged again by the next version, which may know more. So whatever was released
//! once fits for ever: `fixtures/form/released.txt` lists it, and a test compares.

use ayumi_protocol::Change;
use serde_json::Value;

use super::kind::{KindDef, Record};
use super::kinds::{self, Profile};
use super::naming::EntryKey;
use super::notebook::NotebookType;
use super::{Invalid, Reason};

/// The field of a notebook's own facts that says what it is for.
const TYPE: &str = "notebook_type";

/// Judges a change.
///
/// # Errors
/// [`Invalid`] with the first thing that may not stand there.
pub fn judge(change: &Change, notebook: NotebookType) -> Result<(), Invalid> {
    let kind = kind_in(&change.kind, notebook)?;
    let profile = kind.id == Profile::KIND.id;
    if profile && (!EntryKey::of(change).is_profile() || change.deletes.is_some()) {
        return Err(
            Invalid::new("kind", kind.id, "a notebook's own facts, once, never deleted").because(Reason::NeverDeleted)
        );
    }
    let set = change.fields.iter().map(|(key, field)| (key.as_str(), &field.value));
    let told = change.history.iter().map(|past| (past.field.as_str(), &past.value));
    values(kind, notebook, set.chain(told))
}

/// Returns the kind with this key, if it stands in such a notebook.
///
/// # Errors
/// [`Invalid`] if it does not, or if this version knows no such kind.
pub fn kind_in(key: &str, notebook: NotebookType) -> Result<&'static KindDef, Invalid> {
    let kind = kinds::find(key)
        .ok_or_else(|| Invalid::new("kind", key, "a kind that this version knows").because(Reason::UnknownKind))?;
    if kind.notebooks.contains(&notebook) {
        return Ok(kind);
    }
    let wanted: Vec<&str> = kind.notebooks.iter().map(|wanted| wanted.key()).collect();
    let allowed = format!("{} stands in a notebook of type {}", kind.id, wanted.join(" or "));
    Err(Invalid::new("notebook", notebook.key(), allowed).because(Reason::WrongNotebook))
}

/// Returns the type of notebook that all these kinds can stand in: for one that says it no more.
pub fn likely_type(kinds: &[String]) -> NotebookType {
    let stands = |wanted: &NotebookType| {
        kinds.iter().filter_map(|id| kinds::find(id)).all(|kind| kind.notebooks.contains(wanted))
    };
    let types = [NotebookType::Child, NotebookType::Pregnancy, NotebookType::Private];
    types.into_iter().find(stands).unwrap_or(NotebookType::Child)
}

/// Judges values: each of a field of the kind, in the one form in which it is stored.
///
/// # Errors
/// [`Invalid`] with the first that does not fit.
pub fn values<'a>(
    kind: &KindDef,
    notebook: NotebookType,
    values: impl IntoIterator<Item = (&'a str, &'a Value)>,
) -> Result<(), Invalid> {
    for (key, value) in values {
        let field = kind.known_field(key)?;
        if field.validate(value)? != *value {
            return Err(Invalid::new(key, &value.to_string(), field.field_type.allowed()));
        }
        if kind.id == Profile::KIND.id && key == TYPE && value.as_str() != Some(notebook.key()) {
            return Err(
                Invalid::new(key, &value.to_string(), "what the notebook was founded for").because(Reason::NotByHand)
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ayumi_protocol::{EntryId, NotebookId, Stamp};

    use super::*;

    fn judged(notebook: NotebookType, kind: &str, entry: u8, body: &str) -> bool {
        let (entry, book) = (EntryId::from_slice(&[entry; 16]).unwrap(), NotebookId::from_slice(&[9; 16]).unwrap());
        let change = Change::from_parts(entry, book, kind, Stamp::from_slice(&[1; 16]).unwrap(), body).unwrap();
        judge(&change, notebook).is_ok()
    }

    #[test]
    fn what_may_not_stand_in_a_notebook_does_not() {
        use NotebookType::{Child, Pregnancy, Private};
        for (fits, notebook, kind, entry, body) in [
            (true, Child, "growth", 1, r#"{"n":{"weight":9.1,"on":"2024-11-05"}}"#),
            (true, Child, "growth", 9, r#"{"n":{"weight":9.1}}"#),
            (true, Child, "growth", 1, r#"{"d":[]}"#),
            (false, Private, "growth", 1, r#"{"n":{"weight":9.1}}"#),
            (false, Child, "horoscope", 1, r#"{"n":{"sign":"lion"}}"#),
            // Range, type, option, form, a field of another kind.
            (false, Child, "growth", 1, r#"{"n":{"weight":9100}}"#),
            (false, Child, "growth", 1, r#"{"n":{"weight":"9.1"}}"#),
            (false, Child, "growth", 1, r#"{"n":{"weight":9.12345}}"#),
            (false, Child, "growth", 1, r#"{"n":{"mood":"good"}}"#),
            (false, Child, "diary", 1, r#"{"n":{"mood":"grand"}}"#),
            (false, Child, "diary", 1, r#"{"n":{"on":"5 November"}}"#),
            (false, Child, "diary", 1, "{\"n\":{\"text\":\"\\u001b[2J\"}}"),
            (false, Child, "diary", 1, r#"{"f":{"text":{"v":7,"r":[]}}}"#),
            (false, Child, "diary", 1, r#"{"h":[{"s":"0000000000010000-00000000000000aa","k":"text","v":7}]}"#),
            (true, Child, "diary", 1, r#"{"h":[{"s":"0000000000010000-00000000000000aa","k":"text","v":"七"}]}"#),
            // A notebook's own facts.
            (true, Child, "profile", 9, r#"{"n":{"name":"さくら","notebook_type":"child"}}"#),
            (true, Pregnancy, "profile", 9, r#"{"f":{"due":{"v":null,"r":[]}}}"#),
            (false, Child, "profile", 9, r#"{"n":{"notebook_type":"private"}}"#),
            (false, Child, "profile", 9, r#"{"n":{"notebook_type":null}}"#),
            (false, Child, "profile", 9, r#"{"d":[]}"#),
            (false, Child, "profile", 1, r#"{"n":{"name":"さくら"}}"#),
        ] {
            assert_eq!(judged(notebook, kind, entry, body), fits, "{notebook:?} {kind} {body}");
        }
    }

    /// One line for each thing that a change may hold: what a version that is released adds stands there for ever.
    fn released() -> String {
        let mut lines =
            String::from("# What was ever released stays valid: lines are added, never changed or taken out.\n");
        for kind in kinds::KINDS {
            let notebooks: Vec<&str> = kind.notebooks.iter().map(|notebook| notebook.key()).collect();
            lines += &format!("{} in {}\n", kind.id, notebooks.join(" "));
            for field in kind.fields.iter().chain(super::super::kind::COMMON) {
                lines += &format!("{}.{}: {}\n", kind.id, field.key, field.field_type.allowed());
                for option in field.field_type.options() {
                    lines += &format!("{}.{}={option}\n", kind.id, field.key);
                }
            }
        }
        lines
    }

    #[test]
    fn what_was_ever_released_still_fits() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/form/released.txt");
        let now = released();
        if std::env::var_os("AYUMI_ACCEPT").is_some() {
            std::fs::write(path, &now).unwrap();
        }
        let frozen = std::fs::read_to_string(path).unwrap();
        let (here, before) = (now.lines().collect::<BTreeSet<&str>>(), frozen.lines().collect::<BTreeSet<&str>>());
        let gone: Vec<&&str> = before.difference(&here).filter(|line| !is_only_wider(line, &now)).collect();
        assert!(gone.is_empty(), "once released, now refused: {gone:#?}");
        let new: Vec<&&str> = here.difference(&before).collect();
        assert!(new.is_empty(), "add to fixtures/form/released.txt: {new:#?}");
    }

    /// A field's own line names its options and its range in words; its options have lines of their own.
    fn is_only_wider(line: &str, now: &str) -> bool {
        let Some((field, allowed)) = line.split_once(": ") else { return false };
        let chooses = ["one of ", "any of ", "teeth by"].iter().any(|word| allowed.starts_with(word));
        chooses && now.lines().any(|line| line.split_once(": ").is_some_and(|(key, _)| key == field))
    }
}

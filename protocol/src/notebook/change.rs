//! A change: what one user action did to one entry.
//!
//! Changes are never rewritten. What an entry shows is a function of the set of its changes (`merge` in the core), so
//! devices that have the same changes show the same, in whatever order they came.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Stamp;
use crate::format::FormatError;
use crate::id::{EntryId, NotebookId};
use crate::limits;
use crate::notebook::origin::Origin;

/// One field's new value and the stamps of all values that the author saw there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The new value in its JSON form; `null` clears the field: it is unanswered again, which differs from "no".
    #[serde(rename = "v")]
    pub value: Value,
    /// The heads of this field that the author saw and replaces.
    #[serde(rename = "r", default)]
    pub replaces: BTreeSet<Stamp>,
}

/// A value that a field had elsewhere, before it came here by a file or the notebook began anew: it is shown in the history, and
/// nowhere else. It is no head, replaces nothing and revives nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// When it was written, and by whom, as that file says.
    #[serde(rename = "s")]
    pub stamp: Stamp,
    /// The field.
    #[serde(rename = "k")]
    pub field: String,
    /// The value; `null` if it was cleared.
    #[serde(rename = "v")]
    pub value: Value,
    /// Where it stood in the notebook from which this one began anew, as its teller says: on the first of the values that stood
    /// there together.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// What one user action did to one entry. Parts of one action on several entries carry the same stamp.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The entry.
    pub entry: EntryId,
    /// The notebook it stands in.
    pub notebook: NotebookId,
    /// The entry's kind; repeated in every change, so that each can be read alone.
    pub kind: String,
    /// When, by whom.
    pub stamp: Stamp,
    /// What was set.
    pub fields: BTreeMap<String, FieldChange>,
    /// A deletion: every head of the entry that the author saw. An edit that the author had not seen brings the entry
    /// back (edit beats delete).
    pub deletes: Option<BTreeSet<Stamp>>,
    /// What came with it by a file.
    pub history: Vec<Past>,
}

/// The stored and sent form of what a change did, without its key columns: values that replace nothing by themselves
/// (almost all are such), the others with what they replace.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    #[serde(rename = "n", default, skip_serializing_if = "BTreeMap::is_empty")]
    new: BTreeMap<Cow<'a, str>, Cow<'a, Value>>,
    #[serde(rename = "f", default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<Cow<'a, str>, Cow<'a, FieldChange>>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    deletes: Option<Cow<'a, BTreeSet<Stamp>>>,
    #[serde(rename = "h", default, skip_serializing_if = "<[Past]>::is_empty")]
    history: Cow<'a, [Past]>,
}

impl Change {
    /// Fields and deletion as JSON; format 1, frozen.
    pub fn body(&self) -> String {
        let (deletes, history) = (self.deletes.as_ref().map(Cow::Borrowed), Cow::Borrowed(&self.history[..]));
        let mut body = Body { new: BTreeMap::new(), fields: BTreeMap::new(), deletes, history };
        for (key, field) in &self.fields {
            if field.replaces.is_empty() {
                body.new.insert(Cow::Borrowed(key), Cow::Borrowed(&field.value));
            } else {
                body.fields.insert(Cow::Borrowed(key), Cow::Borrowed(field));
            }
        }
        // Maps with text keys and plain values always serialise.
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// [`Self::body`] of values that replace nothing, from their JSON object: no change is made of them first, and what
    /// an entry shows is not written as JSON twice.
    pub fn body_of_new(values: &str) -> String {
        if values == "{}" { values.to_owned() } else { ["{\"n\":", values, "}"].concat() }
    }

    /// Puts a stored change together again.
    pub fn from_parts(
        entry: EntryId,
        notebook: NotebookId,
        kind: &str,
        stamp: Stamp,
        body: &str,
    ) -> Result<Self, FormatError> {
        let wrong = FormatError { what: "change" };
        if body.len() > limits::CHANGE_BYTES || kind.is_empty() || kind.len() > limits::SHORT_TEXT_CHARS {
            return Err(wrong);
        }
        let Body { new, fields, deletes, history } = serde_json::from_str(body).map_err(|_| wrong)?;
        let alone = |value: Cow<'_, Value>| FieldChange { value: value.into_owned(), replaces: BTreeSet::new() };
        let fields = new
            .into_iter()
            .map(|(key, value)| (key.into_owned(), alone(value)))
            .chain(fields.into_iter().map(|(key, field)| (key.into_owned(), field.into_owned())))
            .collect();
        let deletes = deletes.map(Cow::into_owned);
        let history = history.into_owned();
        Ok(Self { entry, notebook, kind: kind.to_owned(), stamp, fields, deletes, history })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyId;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        // Found by fuzzing: without care a JSON reader is off by the last digit.
        let body = r#"{"n":{"weight":1.1666666666666665}}"#;
        let (entry, notebook) = (EntryId::from_slice(&[1; 16]).unwrap(), NotebookId::from_slice(&[2; 16]).unwrap());
        let stamp = Stamp::from_slice(&[3; 16]).unwrap();
        assert_eq!(Change::from_parts(entry, notebook, "growth", stamp, body).unwrap().body(), body);
    }

    #[test]
    fn the_stored_form_is_frozen() {
        let stamp: Stamp = "0000000000010000-00000000000000aa".parse().unwrap();
        let change = Change {
            entry: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
            notebook: "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap(),
            kind: "growth".into(),
            stamp,
            fields: BTreeMap::from([(
                "weight".into(),
                FieldChange { value: 9.1.into(), replaces: BTreeSet::from([stamp]) },
            )]),
            deletes: None,
            history: Vec::new(),
        };
        let body = r#"{"f":{"weight":{"v":9.1,"r":["0000000000010000-00000000000000aa"]}}}"#;
        assert_eq!(change.body(), body);
        assert_eq!(Change::from_parts(change.entry, change.notebook, "growth", stamp, body), Ok(change.clone()));
        let first = Change {
            fields: [("weight".into(), FieldChange { value: 9.1.into(), replaces: BTreeSet::new() })].into(),
            ..change.clone()
        };
        assert_eq!(first.body(), r#"{"n":{"weight":9.1}}"#);
        assert_eq!(Change::body_of_new(r#"{"weight":9.1}"#), first.body());
        assert_eq!(Change::body_of_new("{}"), "{}");
        assert_eq!(Change::from_parts(first.entry, first.notebook, "growth", stamp, &first.body()), Ok(first));
        let gone = Change { fields: BTreeMap::new(), deletes: Some(BTreeSet::from([stamp])), ..change };
        assert_eq!(gone.body(), r#"{"d":["0000000000010000-00000000000000aa"]}"#);
        assert_eq!(Change::from_parts(gone.entry, gone.notebook, "growth", stamp, &gone.body()), Ok(gone.clone()));
        let past = Past { stamp, field: "weight".into(), value: 8.9.into(), origin: None };
        let told = Change { deletes: None, history: vec![past], ..gone };
        assert_eq!(told.body(), r#"{"h":[{"s":"0000000000010000-00000000000000aa","k":"weight","v":8.9}]}"#);
        assert_eq!(Change::from_parts(told.entry, told.notebook, "growth", stamp, &told.body()), Ok(told.clone()));
        let mut anew = told;
        anew.history[0].origin = Some(Origin { author: KeyId([0xaa; 16]), sequence: 3, leaf: [0xbb; 32] });
        let (author, leaf) = ("aa".repeat(16), "bb".repeat(32));
        let origin = format!(r#","o":"{author}-0000000000000003-{leaf}"}}]}}"#);
        let body = r#"{"h":[{"s":"0000000000010000-00000000000000aa","k":"weight","v":8.9"#.to_owned() + &origin;
        assert_eq!(anew.body(), body);
        assert_eq!(Change::from_parts(anew.entry, anew.notebook, "growth", stamp, &body), Ok(anew));
    }
}

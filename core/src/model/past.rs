//! What an entry was elsewhere, as changes tell it: in a file that was read, or in the notebook before this one began anew. It is shown
//! under who wrote it where an archive proves that, and else under who tells it.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::archive::Word;
use ayumi_protocol::key::Hash;
use ayumi_protocol::{Change, DeviceId, FieldChange, Origin, Past, Stamp};
use serde_json::Value;

use super::value::Fields;

/// One entry as it was after each action, oldest first: the versions that a carer can go back to.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Who did it, when. Of what somebody tells of a notebook that began anew, and no archive proves, the teller.
    pub stamp: Stamp,
    /// Who tells it, of what only they say.
    pub told_by: Option<DeviceId>,
    /// What was shown then.
    pub fields: Fields,
    /// Whether it was deleted then.
    pub deleted: bool,
}

/// What stood there together.
struct Group<'a> {
    origin: Option<Origin>,
    fields: BTreeMap<&'a str, &'a Value>,
}

/// What a change tells, action by action.
fn groups(change: &Change) -> BTreeMap<Stamp, Group<'_>> {
    let mut groups: BTreeMap<Stamp, Group<'_>> = BTreeMap::new();
    for past in &change.history {
        let group = groups.entry(past.stamp).or_insert_with(|| Group { origin: None, fields: BTreeMap::new() });
        group.origin = group.origin.or(past.origin);
        group.fields.insert(&past.field, &past.value);
    }
    groups
}

/// Returns the word that a teller says was written there.
fn claimed(change: &Change, stamp: Stamp, group: &Group<'_>) -> Option<Word> {
    let field = |(key, value): (&&str, &&Value)| {
        ((*key).to_owned(), FieldChange { value: (*value).clone(), replaces: BTreeSet::new() })
    };
    let fields = group.fields.iter().map(field).collect();
    let (kind, history) = (change.kind.clone(), Vec::new());
    let said = Change { entry: change.entry, notebook: change.notebook, kind, stamp, fields, deletes: None, history };
    Some(Word { origin: group.origin?, change: said })
}

/// Returns the marks of all words that changes say were written in the notebook before.
pub fn claims(changes: &[Change]) -> BTreeSet<Hash> {
    let words = |change| groups(change).into_iter().filter_map(|(stamp, group)| claimed(change, stamp, &group));
    changes.iter().flat_map(words).map(|word| word.mark()).collect()
}

/// Who says what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Teller {
    /// An archive: who wrote it.
    Archive,
    /// Somebody, of a notebook before this one; nothing proves it.
    Anew(DeviceId),
    /// Somebody, out of a file.
    File(DeviceId),
}

/// What an entry was elsewhere, oldest first, each action once, however many files told of it. Words with a mark that is proven
/// stand under who wrote them, and show only what is proven.
pub(super) fn past(changes: &[Change], proven: &BTreeSet<Hash>) -> Vec<Version> {
    let mut actions: BTreeMap<(Stamp, Teller), BTreeMap<&str, &Value>> = BTreeMap::new();
    let mut told = Vec::new();
    for change in changes {
        for (stamp, group) in groups(change) {
            let is_proven = || claimed(change, stamp, &group).is_some_and(|word| proven.contains(&word.mark()));
            let teller = match group.origin {
                Some(_) if is_proven() => Teller::Archive,
                Some(_) => Teller::Anew(change.stamp.device),
                None => Teller::File(change.stamp.device),
            };
            if teller == Teller::Archive {
                actions.entry((stamp, teller)).or_default().extend(group.fields);
            } else {
                told.push((stamp, teller, group.fields));
            }
        }
    }
    for (stamp, teller, fields) in told {
        for (field, value) in fields {
            let mut there = actions.range((stamp, Teller::Archive)..).take_while(|((other, _), _)| *other == stamp);
            if !there.any(|(_, action)| action.get(field) == Some(&value)) {
                actions.entry((stamp, teller)).or_default().entry(field).or_insert(value);
            }
        }
    }
    let (mut all, mut sure) = (Fields::new(), Fields::new());
    let version = |((mut stamp, teller), action): ((Stamp, Teller), BTreeMap<&str, &Value>)| {
        write(&mut all, &action);
        let (told_by, fields) = match teller {
            Teller::Archive => {
                write(&mut sure, &action);
                (None, sure.clone())
            }
            Teller::Anew(by) => {
                stamp.device = by;
                (Some(by), all.clone())
            }
            Teller::File(by) => (Some(by), all.clone()),
        };
        Version { stamp, told_by, fields, deleted: false }
    };
    actions.into_iter().map(version).collect()
}

fn write(fields: &mut Fields, action: &BTreeMap<&str, &Value>) {
    for (field, value) in action {
        if value.is_null() {
            fields.remove(*field);
        } else {
            fields.insert((*field).to_owned(), (*value).clone());
        }
    }
}

/// Tells what changes did as history: every value that a field had, when and by whom.
pub fn as_history<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Past> {
    let mut told: BTreeMap<(Stamp, String), Value> = BTreeMap::new();
    for change in changes {
        told.extend(change.history.iter().map(|past| ((past.stamp, past.field.clone()), past.value.clone())));
        let own = change.fields.iter().map(|(key, field)| ((change.stamp, key.clone()), field.value.clone()));
        told.extend(own);
    }
    told.into_iter().map(|((stamp, field), value)| Past { stamp, field, value, origin: None }).collect()
}

/// Says of a history where its words stood: on the first value of each of these changes that is told whole.
pub fn name_origins(history: &mut [Past], changes: &[Change], origin_of: impl Fn(&Change) -> Option<Origin>) {
    for change in changes {
        let whole = |told: &[&mut Past]| {
            let as_said =
                |past: &&mut Past| change.fields.get(&past.field).is_some_and(|said| said.value == past.value);
            told.len() == change.fields.len() && told.iter().all(as_said)
        };
        let mut told: Vec<&mut Past> = history.iter_mut().filter(|past| past.stamp == change.stamp).collect();
        if whole(&told)
            && let Some(first) = told.first_mut()
        {
            first.origin = origin_of(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use ayumi_protocol::key::KeyId;
    use ayumi_protocol::{EntryId, Hlc, NotebookId};

    use super::*;
    use crate::model::merge::{versions, versions_proven};

    const MOTHER: KeyId = KeyId([0xaa; 16]);
    const FATHER: DeviceId = DeviceId(0xbb);
    const WRITER: DeviceId = DeviceId(0xcc);

    fn stamp(time: u64, device: DeviceId) -> Stamp {
        Stamp { hlc: Hlc(time), device }
    }

    /// Somebody tells that the mother wrote these weights at these times; the leaf is another one for each time.
    fn tells(time: u64, by: DeviceId, weights: &[(u64, f64)]) -> Change {
        let past = |(at, weight): &(u64, f64)| Past {
            stamp: stamp(*at, MOTHER.into()),
            field: "weight".into(),
            value: (*weight).into(),
            origin: Some(Origin { author: MOTHER, sequence: *at, leaf: [*at as u8; 32] }),
        };
        Change {
            entry: EntryId::from_slice(&[1; 16]).unwrap(),
            notebook: NotebookId::from_slice(&[2; 16]).unwrap(),
            kind: "growth".into(),
            stamp: stamp(time, by),
            fields: BTreeMap::new(),
            deletes: None,
            history: weights.iter().map(past).collect(),
        }
    }

    fn shown(versions: Vec<Version>) -> Vec<(f64, DeviceId, Option<DeviceId>)> {
        let line =
            |version: Version| (version.fields["weight"].as_f64().unwrap(), version.stamp.device, version.told_by);
        versions.into_iter().map(line).collect()
    }

    #[test]
    fn a_word_of_before_stands_under_its_author_only_where_it_is_proven() {
        let told = [tells(100, FATHER, &[(1, 9.0), (2, 9.1)])];
        let by_father = |weight| (weight, FATHER, Some(FATHER));
        assert_eq!(shown(versions(&told)), [by_father(9.0), by_father(9.1)]);
        let all = claims(&told);
        assert_eq!(all.len(), 2);
        let hers = |weight| (weight, MOTHER.into(), None);
        assert_eq!(shown(versions_proven(&told, &all)), [hers(9.0), hers(9.1)]);
        let first = claims(&[tells(100, FATHER, &[(1, 9.0)])]);
        assert_eq!(shown(versions_proven(&told, &first)), [hers(9.0), by_father(9.1)]);
    }

    /// Who began anew names a leaf that is true and says something else beside it; another member tells more of the same time.
    #[test]
    fn a_true_leaf_beside_another_word_time_or_entry_is_told_by_who_says_so() {
        let proven = claims(&[tells(100, FATHER, &[(1, 9.0)])]);
        let other_word = tells(100, FATHER, &[(1, 99.0)]);
        let mut other_time = tells(100, FATHER, &[(1, 9.0)]);
        other_time.history[0].stamp.hlc = Hlc(2);
        let mut other_entry = tells(100, FATHER, &[(1, 9.0)]);
        other_entry.entry = EntryId::from_slice(&[3; 16]).unwrap();
        let mut other_author = tells(100, FATHER, &[(1, 9.0)]);
        other_author.history[0].stamp.device = WRITER;
        for lie in [other_word, other_time, other_entry, other_author] {
            let shown = shown(versions_proven(&[lie], &proven));
            assert_eq!((shown.len(), shown[0].1, shown[0].2), (1, FATHER, Some(FATHER)));
        }
        // What another one says of the same moment stands beside it, and changes nothing in it.
        let both = [tells(100, FATHER, &[(1, 9.0)]), tells(101, WRITER, &[(1, 99.0)])];
        let shown = shown(versions_proven(&both, &proven));
        assert_eq!(shown, [(9.0, MOTHER.into(), None), (99.0, WRITER, Some(WRITER))]);
        // Who says the same once more is not shown.
        let same = [tells(100, FATHER, &[(1, 9.0)]), tells(101, WRITER, &[(1, 9.0)])];
        assert_eq!(versions_proven(&same, &proven).len(), 1);
        assert_eq!(versions(&same).len(), 1);
    }

    #[test]
    fn a_proven_word_shows_nothing_that_only_somebody_tells() {
        let mut told = tells(100, FATHER, &[(1, 99.0)]);
        told.history[0].origin = None;
        told.history[0].field = "height".into();
        let both = [told, tells(101, FATHER, &[(2, 9.1)])];
        let versions = versions_proven(&both, &claims(&both[1..]));
        let fields: Vec<Vec<&String>> = versions.iter().map(|version| version.fields.keys().collect()).collect();
        assert_eq!(fields, [["height"], ["weight"]]);
    }

    #[test]
    fn a_word_that_is_not_told_whole_is_named_by_nobody() {
        let mut word = tells(5, MOTHER.into(), &[]);
        for (field, value) in [("weight", 9.0), ("height", 70.0)] {
            word.fields.insert(field.into(), FieldChange { value: value.into(), replaces: BTreeSet::new() });
        }
        let origin = Origin { author: MOTHER, sequence: 1, leaf: [7; 32] };
        let mut whole = as_history([&word]);
        name_origins(&mut whole, std::slice::from_ref(&word), |_| Some(origin));
        assert_eq!(whole.iter().map(|past| past.origin).collect::<Vec<_>>(), [Some(origin), None], "once");
        let mut part = as_history([&word]);
        part.pop();
        name_origins(&mut part, &[word], |_| Some(origin));
        assert_eq!(part[0].origin, None);
    }
}

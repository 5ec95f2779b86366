//! Merge as a table, a sentence per case, and as laws.

use ayumi_protocol::{Change, DeviceId, EntryId, FieldChange, Hlc, NotebookId};
use proptest::prelude::*;

use super::*;

fn stamp(time: u64, device: u64) -> Stamp {
    Stamp { hlc: Hlc(time), device: DeviceId(device) }
}

fn id(n: u128) -> EntryId {
    EntryId::from_slice(&n.to_be_bytes()).unwrap()
}

fn blank(time: u64, device: u64) -> Change {
    Change {
        entry: id(1),
        notebook: NotebookId::from_slice(&[0; 16]).unwrap(),
        kind: "growth".into(),
        stamp: stamp(time, device),
        fields: BTreeMap::new(),
        deletes: None,
        history: Vec::new(),
    }
}

/// A change of `weight` that replaces what the stamps name.
fn set(time: u64, device: u64, value: f64, replaces: &[(u64, u64)]) -> Change {
    let replaces = replaces.iter().map(|(t, d)| stamp(*t, *d)).collect();
    let field = FieldChange { value: value.into(), replaces };
    Change { fields: [("weight".into(), field)].into(), ..blank(time, device) }
}

fn delete(time: u64, device: u64, covers: &[(u64, u64)]) -> Change {
    Change { deletes: Some(covers.iter().map(|(t, d)| stamp(*t, *d)).collect()), ..blank(time, device) }
}

#[test]
fn table() {
    let cases: &[(&str, Vec<Change>, f64, usize, bool)] = &[
        ("one value is shown", vec![set(1, 1, 9.0, &[])], 9.0, 0, false),
        ("an edit that saw the value replaces it", vec![set(1, 1, 9.0, &[]), set(2, 2, 9.1, &[(1, 1)])], 9.1, 0, false),
        (
            "two edits that did not see each other: the later is shown, both are heads",
            vec![set(1, 1, 9.0, &[]), set(2, 1, 9.1, &[(1, 1)]), set(3, 2, 9.2, &[(1, 1)])],
            9.2,
            1,
            false,
        ),
        (
            "the same value from both carers is no conflict",
            vec![set(1, 1, 9.0, &[]), set(2, 1, 9.1, &[(1, 1)]), set(3, 2, 9.1, &[(1, 1)])],
            9.1,
            0,
            false,
        ),
        (
            "settling replaces all heads",
            vec![
                set(1, 1, 9.0, &[]),
                set(2, 1, 9.1, &[(1, 1)]),
                set(3, 2, 9.2, &[(1, 1)]),
                set(4, 1, 9.1, &[(2, 1), (3, 2)]),
            ],
            9.1,
            0,
            false,
        ),
        (
            "an edit with a clock behind still wins over what it replaces",
            vec![set(100, 1, 9.0, &[]), set(5, 2, 9.1, &[(100, 1)])],
            9.1,
            0,
            false,
        ),
        ("a deletion that saw everything deletes", vec![set(1, 1, 9.0, &[]), delete(2, 1, &[(1, 1)])], 9.0, 0, true),
        (
            "an edit that the deletion had not seen brings the entry back",
            vec![set(1, 1, 9.0, &[]), set(2, 2, 9.1, &[(1, 1)]), delete(3, 1, &[(1, 1)])],
            9.1,
            0,
            false,
        ),
        (
            "restoring is a normal change",
            vec![set(1, 1, 9.0, &[]), delete(2, 1, &[(1, 1)]), set(3, 1, 9.0, &[(1, 1)])],
            9.0,
            0,
            false,
        ),
        (
            "two deletions together may cover what none covers alone",
            vec![set(1, 1, 9.0, &[]), set(2, 2, 9.1, &[]), delete(3, 1, &[(1, 1)]), delete(4, 2, &[(2, 2)])],
            9.1,
            1,
            true,
        ),
    ];
    for (why, changes, shown, conflicts, deleted) in cases {
        let state = merge(changes);
        assert_eq!(state.fields()["weight"], Value::from(*shown), "{why}");
        assert_eq!(state.conflicts().count(), *conflicts, "{why}");
        assert_eq!(state.deleted, *deleted, "{why}");
    }
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let state = merge(&[set(1, 1, 9.0, &[])]);
    assert!(state.edit(&[("weight".into(), 9.0.into()), ("head".into(), Value::Null)].into()).is_empty());
    assert_eq!(state.edit(&[("weight".into(), 9.5.into())].into()).len(), 1);
}

#[test]
fn versions_tell_what_was_shown_when() {
    let history = versions(&[set(1, 1, 9.0, &[]), set(2, 2, 9.1, &[(1, 1)]), delete(3, 1, &[(2, 2)])]);
    let versions: Vec<_> = history.iter().map(|v| (v.fields["weight"].as_f64().unwrap(), v.deleted)).collect();
    assert_eq!(versions, [(9.0, false), (9.1, false), (9.1, true)]);
}

/// A history as devices really make it: each action sees what its device has got so far.
fn histories() -> impl Strategy<Value = Vec<Change>> {
    proptest::collection::vec((0_u64..3, 0_u8..10, 0_u32..4, any::<u16>()), 1..12).prop_map(|actions| {
        let mut all: Vec<Change> = Vec::new();
        for (n, (device, action, value, seen_mask)) in actions.into_iter().enumerate() {
            let own = |c: &Change| c.stamp.device == DeviceId(device);
            let seen: Vec<&Change> = all
                .iter()
                .enumerate()
                .filter(|(i, c)| own(c) || seen_mask >> (i % 16) & 1 == 1)
                .map(|(_, c)| c)
                .collect();
            let state = merge(seen.iter().copied());
            let mut change = blank(n as u64 * 10 + u64::from(value), device);
            if action == 0 && !state.registers.is_empty() {
                change.deletes = Some(state.all_heads());
            } else {
                let key = if action % 2 == 0 { "weight" } else { "head" };
                let replaces = state.head_stamps(key);
                change.fields.insert(key.into(), FieldChange { value: value.into(), replaces });
            }
            all.push(change);
        }
        all
    })
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(changes in histories(), seed: u64) {
        let expected = merge(&changes);
        let mut shuffled = changes.clone();
        shuffled.extend(changes.iter().take(3).cloned());
        let mut random = seed;
        for i in (1..shuffled.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(i, (random >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(merge(&shuffled), expected);
    }

    #[test]
    fn no_value_is_lost(changes in histories()) {
        // Every value ever written is shown, in conflict, or replaced by a change that saw it.
        let state = merge(&changes);
        for change in &changes {
            for (key, field) in &change.fields {
                let head = state.registers[key].heads().iter().any(|h| h.stamp == change.stamp);
                let replaced = changes.iter().any(|c| c.fields.get(key).is_some_and(|f| f.replaces.contains(&change.stamp)));
                prop_assert!(head || replaced, "{key} {field:?}");
            }
        }
        prop_assert!(state.registers.values().all(|r| !r.heads().is_empty()));
    }
}

/// A phone's clock was months ahead when it wrote "two"; it was set right before "three" replaced it. Nothing falls
/// out of the history.
#[test]
fn what_was_replaced_stands_before_what_replaced_it_whatever_the_clocks_said() {
    let one = set(1, 1, 1.0, &[]);
    let two = set(900, 1, 2.0, &[(1, 1)]);
    let three = set(5, 1, 3.0, &[(900, 1)]);
    let shown: Vec<_> = versions(&[three, two, one]).into_iter().map(|v| v.fields["weight"].clone()).collect();
    assert_eq!(shown, [1.0, 2.0, 3.0]);
    // What no device of ours writes: a circle. It ends, and each is there once.
    assert_eq!(versions(&[set(5, 1, 1.0, &[(6, 1)]), set(6, 1, 2.0, &[(5, 1)])]).len(), 2);
}

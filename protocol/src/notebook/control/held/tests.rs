use super::super::testing::{Device, epochs, everybody, family, holders, invite};
use super::super::{Cutoff, EVERYWHERE, NewEpoch, Refusal, Role};
use super::*;

const HERE: ServerKey = [1; 32];
const THERE: ServerKey = [2; 32];

fn close(server: ServerKey, at_once: bool) -> Action {
    Action::Close { server, at_once }
}

fn reopen(server: ServerKey) -> Action {
    Action::Reopen { server }
}

fn then(state: &State, by: &Device, action: Action) -> Result<State, Refusal> {
    state.after(&by.says(state.head(), action))
}

/// A family in which the father is an owner, too.
fn two_owners() -> (State, [Device; 3]) {
    let (state, family) = family();
    let raise = Action::Role { holder: family[1].id(), role: Role::Owner, cutoff: None };
    (then(&state, &family[0], raise).unwrap(), family)
}

fn without(state: &State, gone: &Device) -> NewEpoch {
    holders(&state.holders().map(|(id, _)| *id).filter(|id| *id != gone.id()).collect::<Vec<_>>())
}

#[test]
fn only_an_owner_closes_and_takes_it_back() {
    let (state, [mother, father, grandmother]) = family();
    for other in [&father, &grandmother] {
        assert_eq!(then(&state, other, close(HERE, false)), Err(Refusal::NotAllowed));
    }
    assert_eq!(then(&state, &Device::new(70), close(HERE, false)), Err(Refusal::NotAHolder));
    let closed = then(&state, &mother, close(HERE, false)).unwrap();
    for other in [&father, &grandmother] {
        assert_eq!(then(&closed, other, reopen(HERE)), Err(Refusal::NotAllowed));
    }
    assert_eq!(closed.closing_at(&[HERE]), Some(Closing { by: mother.id(), at_once: false }));
    assert_eq!(then(&closed, &mother, close(HERE, false)), Err(Refusal::NotAllowed), "the same word twice");
    let opened = then(&closed, &mother, reopen(HERE)).unwrap();
    assert_eq!(opened.closing_at(&[HERE]), None);
    assert_eq!(then(&opened, &mother, reopen(HERE)), Err(Refusal::NotAllowed), "nothing is closed");
}

#[test]
fn a_former_owner_closes_nothing() {
    let (state, [mother, father, _]) = two_owners();
    let lowered = Action::Role { holder: father.id(), role: Role::Writer, cutoff: None };
    let lowered = then(&state, &mother, lowered).unwrap();
    assert_eq!(then(&lowered, &father, close(HERE, true)), Err(Refusal::NotAllowed));
    let removed = Action::Remove { holder: father.id(), cutoff: Cutoff::default(), epoch: without(&state, &father) };
    let removed = then(&state, &mother, removed).unwrap();
    assert_eq!(then(&removed, &father, close(HERE, true)), Err(Refusal::NotAHolder));
    // Made before the removal, and told behind it.
    let late = father.says(state.head(), close(HERE, true));
    assert_eq!(removed.after(&late), Err(Refusal::HeadMoved));
}

#[test]
fn a_closing_that_names_one_server_counts_at_no_other() {
    let (state, [mother, ..]) = family();
    let closed = then(&state, &mother, close(HERE, false)).unwrap();
    assert!(closed.closing_at(&[HERE]).is_some() && closed.closing_at(&[THERE]).is_none());
    assert_eq!(then(&closed, &mother, reopen(THERE)), Err(Refusal::NotAllowed), "it was not closed there");
    let everywhere = then(&closed, &mother, close(EVERYWHERE, false)).unwrap();
    assert!([HERE, THERE].iter().all(|server| everywhere.closing_at(&[*server]).is_some()));
    let opened = then(&everywhere, &mother, reopen(EVERYWHERE)).unwrap();
    assert!(opened.closing_at(&[HERE]).is_some() && opened.closing_at(&[THERE]).is_none(), "each word by itself");
}

#[test]
fn one_of_two_owners_alone_lets_nothing_go_at_once() {
    let (state, [mother, father, _]) = two_owners();
    let at_once = |state: &State| state.closing_at(&[HERE]).map(|closing| closing.at_once);
    let one = then(&state, &father, close(HERE, true)).unwrap();
    assert_eq!(at_once(&one), Some(false));
    let in_thirty_days = then(&one, &mother, close(HERE, false)).unwrap();
    assert_eq!(at_once(&in_thirty_days), Some(false), "she did not say at once");
    assert_eq!(at_once(&then(&in_thirty_days, &mother, close(HERE, true)).unwrap()), Some(true));
    assert_eq!(at_once(&then(&one, &mother, close(THERE, true)).unwrap()), Some(false), "elsewhere");
    assert_eq!(at_once(&then(&one, &mother, close(EVERYWHERE, true)).unwrap()), Some(true), "also here");
    let (alone, [mother, ..]) = family();
    let (slowly, now) = (then(&alone, &mother, close(HERE, false)), then(&alone, &mother, close(HERE, true)));
    assert_eq!((at_once(&slowly.unwrap()), at_once(&now.unwrap())), (Some(false), Some(true)), "the only owner");
}

#[test]
fn who_is_taken_out_after_closing_leaves_it_closed_until_an_owner_opens_it() {
    let (state, [mother, father, _]) = two_owners();
    let closed = then(&state, &father, close(HERE, true)).unwrap();
    let removed = Action::Remove { holder: father.id(), cutoff: Cutoff::default(), epoch: without(&closed, &father) };
    let removed = then(&closed, &mother, removed).unwrap();
    assert_eq!(removed.closing_at(&[HERE]), Some(Closing { by: father.id(), at_once: false }), "she did not say so");
    assert_eq!(then(&removed, &mother, reopen(HERE)).unwrap().closing_at(&[HERE]), None);
}

#[test]
fn what_is_closed_takes_what_opens_and_protects_and_nothing_else() {
    let (open, [mother, father, grandmother]) = two_owners();
    let state = then(&open, &mother, close(HERE, false)).unwrap();
    let says = |by: &Device, action| by.says(state.head(), action);
    let cutoff = Cutoff::default();
    let remove =
        Action::Remove { holder: grandmother.id(), cutoff: cutoff.clone(), epoch: without(&state, &grandmother) };
    let (new, print) = (Device::new(20), Device::new(21));
    let sheet = Action::Print { print: print.new_holder(), wraps: epochs(1), mac: [0; 32] };
    for (name, statement, taken) in [
        ("reopen", says(&mother, reopen(HERE)), true),
        ("leave", says(&father, Action::Leave { cutoff }), true),
        ("remove", says(&mother, remove), true),
        ("another owner's close", says(&father, close(HERE, true)), true),
        ("invite", invite(&mother, &state, &new, Role::Reader), false),
        ("print", says(&mother, sheet), false),
        ("epoch", says(&mother, Action::Epoch { epoch: everybody(&state) }), false),
        ("role", says(&mother, Action::Role { holder: father.id(), role: Role::Writer, cutoff: None }), false),
    ] {
        let coming = [Coming::Statement(&statement)];
        assert_eq!(held_back(Some(&state), &coming, &[HERE]), (!taken).then_some(0), "{name}");
        assert_eq!(held_back(Some(&state), &coming, &[THERE]), None, "{name}, at another server");
        assert!(state.after(&statement).is_ok(), "the chain itself allows it: {name}");
    }
    assert_eq!(held_back(Some(&state), &[Coming::Envelope], &[HERE]), Some(0));
    assert_eq!(held_back(Some(&open), &[Coming::Envelope], &[HERE]), None);
    assert_eq!(held_back(None, &[Coming::Envelope], &[HERE]), None, "there is no such notebook");
}

#[test]
fn what_comes_together_with_its_opening_is_taken_and_what_comes_behind_a_closing_is_not() {
    let (open, [mother, ..]) = family();
    let state = then(&open, &mother, close(HERE, false)).unwrap();
    // At another server the chain went on.
    let invited = invite(&mother, &state, &Device::new(20), Role::Reader);
    let elsewhere = state.after(&invited).unwrap();
    let opened = mother.says(elsewhere.head(), reopen(HERE));
    let coming = [Coming::Statement(&invited), Coming::Statement(&opened), Coming::Envelope];
    assert_eq!(held_back(Some(&state), &coming, &[HERE]), None);
    assert_eq!(held_back(Some(&state), &coming[..1], &[HERE]), Some(0));
    let closed = mother.says(open.head(), close(HERE, false));
    let coming = [Coming::Envelope, Coming::Statement(&closed), Coming::Envelope];
    assert_eq!(held_back(Some(&open), &coming, &[HERE]), Some(2));
}

#[test]
fn the_wire_forms_are_frozen() {
    let mother = Device::new(1);
    for (name, action) in [("close_2", close(HERE, true)), ("reopen_2", reopen(EVERYWHERE))] {
        let statement = mother.says([3; 32], action);
        let bytes = statement.to_bytes();
        assert_eq!(Statement::from_bytes(&bytes), Ok(statement));
        assert!((0..bytes.len()).all(|length| Statement::from_bytes(&bytes[..length]).is_err()), "{name}");
        crate::frozen::is(name, &bytes);
    }
    let mut neither = mother.says([3; 32], close(HERE, false)).to_bytes();
    let at = neither.len() - 65;
    neither[at] = 2;
    assert!(Statement::from_bytes(&neither).is_err(), "at once or not");
}

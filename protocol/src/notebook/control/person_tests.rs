//! Persons, their places, and what each attacker wanted of them.

use proptest::prelude::*;

use super::testing::{Device, epochs, everybody, founded, holders, invite, invite_as, join};
use super::*;
use crate::key::to_sign;

/// Lets a device in by a code of its own: its number and 100 more.
fn let_in(state: &State, by: &Device, number: u8, role: Role) -> (State, Device) {
    let (invitation, device) = (Device::new(number + 100), Device::new(number));
    let state = state.after(&invite(by, state, &invitation, role)).unwrap();
    (state.after(&join(&invitation, &state, &device)).unwrap(), device)
}

/// Lets in another device of the same person.
fn let_in_mine(state: &State, by: &Device, person: Person, number: u8, role: Role) -> (State, Device) {
    let (invitation, device) = (Device::new(number + 100), Device::new(number));
    let state = state.after(&invite_as(by, state, &invitation, role, person)).unwrap();
    (state.after(&join(&invitation, &state, &device)).unwrap(), device)
}

/// Takes a device out, with the wraps that the chain wants.
fn remove(state: &State, by: &Device, gone: KeyId) -> Result<State, Refusal> {
    let member = state.holder(&gone).is_some_and(|holder| holder.what == What::Member);
    let stays = |(id, holder): &(&KeyId, &Holder)| match holder.what {
        What::Member => **id != gone,
        What::Recovery => !member && **id != gone,
        What::Invitation { .. } => false,
    };
    let epoch = holders(&state.holders().filter(stays).map(|(id, _)| *id).collect::<Vec<_>>());
    state.after(&by.says(state.head(), Action::Remove { holder: gone, cutoff: Cutoff::default(), epoch }))
}

fn set_role(state: &State, by: &Device, holder: KeyId, role: Role) -> Result<State, Refusal> {
    let cutoff = (role == Role::Reader).then(Cutoff::default);
    state.after(&by.says(state.head(), Action::Role { holder, role, cutoff }))
}

/// New keys for a device, signed by both, or by what stands in the new one's place.
fn rekey(state: &State, by: &Device, new: &Device, countersigned_by: &Device) -> Result<State, Refusal> {
    state.after(&rekeyed(state, by, new, countersigned_by))
}

fn rekeyed(state: &State, by: &Device, new: &Device, countersigned_by: &Device) -> Statement {
    let (member, wraps) = (new.new_holder(), epochs(state.epoch()));
    let action = Action::Rekey { member, wraps, cutoff: Cutoff::default(), signature: [0; 64] };
    let mut statement = by.says(state.head(), action);
    let (_, bytes, _) = statement.countersigned().unwrap();
    let signed = countersigned_by.sign(&to_sign(REKEY_PURPOSE, &bytes));
    if let Action::Rekey { signature, .. } = &mut statement.action {
        *signature = signed;
    }
    by.says(state.head(), statement.action)
}

#[test]
fn new_keys_are_signed_by_the_old_and_the_new_ones() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let (new, other) = (Device::new(20), Device::new(21));
    assert_eq!(rekey(&state, &mother, &new, &mother).err(), Some(Refusal::Signature), "by the old one alone");
    assert_eq!(rekey(&state, &mother, &new, &other).err(), Some(Refusal::Signature), "by another new one");
    let mut pretended = rekeyed(&state, &father, &new, &new);
    pretended.author = mother.id();
    assert_eq!(state.after(&pretended), Err(Refusal::Signature), "by the new one alone, in the mother's place");
    // For this place only: what was signed for one statement is none for another.
    let moved = state.after(&mother.says(state.head(), Action::Epoch { epoch: everybody(&state) })).unwrap();
    let Action::Rekey { signature, .. } = rekeyed(&state, &mother, &new, &new).action else { unreachable!() };
    let (member, wraps) = (new.new_holder(), epochs(2));
    let again = mother.says(moved.head(), Action::Rekey { member, wraps, cutoff: Cutoff::default(), signature });
    assert_eq!(moved.after(&again), Err(Refusal::Signature));
    let weak = Action::Rekey {
        member: NewHolder { keys: PublicKeys { agree: [0; 32], ..new.keys() }, label: Vec::new() },
        wraps: epochs(1),
        cutoff: Cutoff::default(),
        signature: [0; 64],
    };
    assert!(state.after(&mother.says(state.head(), weak)).is_err());
    assert!(rekey(&state, &mother, &new, &new).is_ok());
}

#[test]
fn a_key_that_was_taken_out_or_replaced_takes_no_new_one() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let (new, later) = (Device::new(20), Device::new(21));
    let removed = remove(&state, &mother, father.id()).unwrap();
    assert_eq!(rekey(&removed, &father, &new, &new).err(), Some(Refusal::NotAHolder));
    let state = rekey(&state, &father, &new, &new).unwrap();
    assert_eq!(rekey(&state, &father, &later, &later).err(), Some(Refusal::NotAHolder), "the copy comes second");
    assert_eq!(rekey(&state, &mother, &father, &father).err(), Some(Refusal::KnownKeys), "nor does a key come back");
    // A code's key takes none: its place is not a member's.
    let (code, sheet) = (Device::new(30), Device::new(31));
    let state = state.after(&invite(&mother, &state, &code, Role::Reader)).unwrap();
    let action = Action::Print { print: sheet.new_holder(), wraps: epochs(1), mac: [0; 32] };
    let state = state.after(&mother.says(state.head(), action)).unwrap();
    for opener in [&code, &sheet] {
        assert_eq!(rekey(&state, opener, &later, &later).err(), Some(Refusal::NotAllowed));
    }
}

#[test]
fn nobody_fills_the_chain_with_new_keys_of_their_own() {
    let mother = Device::new(1);
    let (mut state, friend) = let_in(&founded(&mother), &mother, 2, Role::Reader);
    let key = |round: usize| Device::numbered(u16::try_from(round).unwrap());
    let mut now = friend;
    for round in 0..limits::OWN_STATEMENTS {
        let new = key(round);
        state = rekey(&state, &now, &new, &new).unwrap();
        now = new;
    }
    let new = key(limits::OWN_STATEMENTS);
    assert_eq!(rekey(&state, &now, &new, &new).err(), Some(Refusal::Limit));
    assert!(remove(&state, &mother, now.id()).is_ok());
}

#[test]
fn who_took_new_keys_erases_what_the_old_ones_wrote() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Writer);
    let (state, aunt) = let_in(&state, &mother, 3, Role::Writer);
    let new = Device::new(20);
    let state = rekey(&state, &father, &new, &new).unwrap();
    let erase = |by: &Device| {
        let envelopes = vec![ErasedIn { sequence: 1, attempt: 0, places: vec![0] }];
        state.after(&by.says(state.head(), Action::Erase { words_of: father.id(), envelopes })).map(drop)
    };
    assert_eq!((erase(&new), erase(&aunt)), (Ok(()), Err(Refusal::NotAllowed)));
}

#[test]
fn new_keys_keep_place_person_role_sheets_and_whom_they_let_in() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let (state, aunt) = let_in(&state, &mother, 3, Role::Owner);
    let (state, friend) = let_in(&state, &father, 4, Role::Reader);
    let (state, sheet) = print(&state, &father, 40);
    let (his, new) = (state.person_of(&father.id()).unwrap(), Device::new(20));
    let state = rekey(&state, &father, &new, &new).unwrap();
    assert_eq!(state.person_of(&new.id()), Some(his));
    assert_eq!((state.may_write(&new.id()), state.may_write(&father.id())), (true, false));
    assert!(state.wants_new_epoch(), "who has the old keys knows the present epoch's");
    assert!(state.holder(&sheet.id()).is_some(), "it ends no sheet");
    assert_eq!(state.let_in_by(his), [friend.id()]);
    assert_eq!(remove(&state, &aunt, new.id()), Err(Refusal::Senior));
    assert!(remove(&state, &new, aunt.id()).is_ok());
    // What an invitation's maker wants to end with leaving ends, whatever key made it.
    let code = Device::new(30);
    let invited = state.after(&invite(&new, &state, &code, Role::Reader)).unwrap();
    let newer = Device::new(22);
    let again = rekey(&invited, &new, &newer, &newer).unwrap();
    let left = again.after(&newer.says(again.head(), Action::Leave { cutoff: Cutoff::default() })).unwrap();
    assert!(left.was_holder(&code.id()));
    // A reader stays one, and the last envelope under the old keys is the last that counts.
    let (reader, last) = (Device::new(23), LineEnd { sequence: 3, attempt: 0, hash: [3; 32] });
    let read = rekey(&state, &friend, &reader, &reader).unwrap();
    assert!(read.may_read(&reader.id()) && !read.may_write(&reader.id()));
    let place = state.length() - 1;
    assert!(!state.lets_write(&father.id(), place, &last));
}

fn print(state: &State, by: &Device, number: u8) -> (State, Device) {
    let sheet = Device::new(number);
    let action = Action::Print { print: sheet.new_holder(), wraps: epochs(state.epoch()), mac: [0; 32] };
    (state.after(&by.says(state.head(), action)).unwrap(), sheet)
}

fn recover(state: &State, sheet: &Device, number: u8) -> Result<(State, Device), Refusal> {
    recover_without(state, sheet, number, &[])
}

/// Recovers, and leaves these out.
fn recover_without(
    state: &State,
    sheet: &Device,
    number: u8,
    left_out: &[(KeyId, Cutoff)],
) -> Result<(State, Device), Refusal> {
    let device = Device::new(number);
    let stays = |(id, holder): &(&KeyId, &Holder)| match holder.what {
        What::Member => left_out.iter().all(|(gone, _)| gone != *id),
        What::Recovery => **id != sheet.id() && left_out.is_empty(),
        What::Invitation { .. } => false,
    };
    let mut ids: Vec<KeyId> = state.holders().filter(stays).map(|(id, _)| *id).collect();
    ids.push(device.id());
    let (member, wraps, epoch) = (device.new_holder(), epochs(state.epoch()), holders(&ids));
    let left_out = left_out.to_vec();
    let after = state.after(&sheet.says(state.head(), Action::Recover { member, wraps, left_out, epoch }))?;
    Ok((after, device))
}

#[test]
fn a_junior_owner_does_not_take_the_mother_out() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    assert_eq!(remove(&state, &father, mother.id()), Err(Refusal::Senior));
    for role in [Role::Writer, Role::Reader] {
        assert_eq!(set_role(&state, &father, mother.id(), role), Err(Refusal::Senior));
    }
    // Her other device is as safe as she is, whatever its role.
    let (state, tablet) = let_in_mine(&state, &mother, mother.person(), 3, Role::Reader);
    assert_eq!(remove(&state, &father, tablet.id()), Err(Refusal::Senior));
    assert!(!state.may_take_out(&father.id(), &tablet.id()) && state.may_take_out(&mother.id(), &father.id()));
    // Her open invitation he takes back, as any owner does: the next epoch would end it, too.
    let code = Device::new(115);
    let invited = state.after(&invite(&mother, &state, &code, Role::Reader)).unwrap();
    assert!(remove(&invited, &father, code.id()).is_ok());
    assert!(remove(&state, &mother, father.id()).is_ok());
}

#[test]
fn nobody_else_lets_a_device_in_as_the_mothers() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let code = Device::new(115);
    let as_hers = invite_as(&father, &state, &code, Role::Owner, mother.person());
    assert_eq!(state.after(&as_hers), Err(Refusal::NotAllowed));
    // Neither as somebody's who is gone, nor as somebody's who never came.
    let (state, aunt) = let_in(&state, &mother, 3, Role::Writer);
    let hers = state.person_of(&aunt.id()).unwrap();
    let state = remove(&state, &mother, aunt.id()).unwrap();
    assert_eq!(state.after(&invite_as(&father, &state, &code, Role::Reader, hers)), Err(Refusal::NotAllowed));
    let (open, other) = (Device::new(116), Device::new(117));
    let state = state.after(&invite(&father, &state, &open, Role::Reader)).unwrap();
    let same = invite_as(&father, &state, &other, Role::Reader, open.person());
    assert_eq!(state.after(&same), Err(Refusal::NotAllowed), "one code, one person");
    // Who comes is who the code says, and the mother's own device is hers.
    let (state, tablet) = let_in_mine(&state, &mother, mother.person(), 4, Role::Writer);
    assert_eq!(state.person_of(&tablet.id()), Some(mother.person()));
    assert_eq!(state.devices_of(mother.person()).count(), 2);
}

#[test]
fn devices_of_one_person_take_each_other_out() {
    let mother = Device::new(1);
    let (state, tablet) = let_in_mine(&founded(&mother), &mother, mother.person(), 2, Role::Owner);
    let alone = remove(&state, &tablet, mother.id()).unwrap();
    assert!(alone.may_write(&tablet.id()) && !alone.may_read(&mother.id()));
    assert!(remove(&state, &mother, tablet.id()).is_ok());
    assert!(set_role(&state, &tablet, mother.id(), Role::Writer).is_ok());
}

/// Two who have fallen out: whoever comes first at the server, the one who was there first stays.
#[test]
fn of_two_owners_who_take_each_other_out_the_senior_stays_in_both_orders() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    for order in [[&mother, &father], [&father, &mother]] {
        let mut end = state.clone();
        for by in order {
            let other = if by.id() == mother.id() { &father } else { &mother };
            if let Ok(next) = remove(&end, by, other.id()) {
                end = next;
            }
        }
        assert_eq!((end.may_write(&mother.id()), end.may_write(&father.id())), (true, false));
    }
}

#[test]
fn who_was_lowered_and_raised_again_comes_behind_those_who_stayed() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let (state, aunt) = let_in(&state, &mother, 3, Role::Owner);
    assert_eq!(remove(&state, &aunt, father.id()), Err(Refusal::Senior), "he was first");
    let state = set_role(&state, &mother, father.id(), Role::Writer).unwrap();
    assert!(remove(&state, &aunt, father.id()).is_ok(), "who is no owner has no place");
    let state = set_role(&state, &mother, father.id(), Role::Owner).unwrap();
    assert_eq!(remove(&state, &father, aunt.id()), Err(Refusal::Senior), "now she was first");
    assert!(remove(&state, &aunt, father.id()).is_ok());
    // A second device that becomes an owner changes nothing of a person's place.
    let (state, tablet) = let_in_mine(&state, &aunt, state.person_of(&aunt.id()).unwrap(), 4, Role::Reader);
    let state = set_role(&state, &aunt, tablet.id(), Role::Owner).unwrap();
    let state = set_role(&state, &aunt, aunt.id(), Role::Writer).unwrap();
    assert_eq!(remove(&state, &father, tablet.id()), Err(Refusal::Senior));
}

/// The finder of an old sheet takes nobody out who was an owner before its maker, and a sheet brings its person's place back.
#[test]
fn who_recovers_has_the_place_of_the_sheets_person() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let (state, hers) = print(&state, &mother, 40);
    let (state, his) = print(&state, &father, 41);
    let (by_hers, phone) = recover(&state, &hers, 50).unwrap();
    assert_eq!(by_hers.person_of(&phone.id()), Some(mother.person()));
    assert!(remove(&by_hers, &phone, father.id()).is_ok() && remove(&by_hers, &phone, mother.id()).is_ok());
    assert_eq!(remove(&by_hers, &father, phone.id()), Err(Refusal::Senior));
    let (by_his, phone) = recover(&state, &his, 50).unwrap();
    assert_eq!(remove(&by_his, &phone, mother.id()), Err(Refusal::Senior));
}

#[test]
fn who_recovers_leaves_out_nobody_senior() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let (state, aunt) = let_in(&state, &mother, 3, Role::Writer);
    let (state, hers) = print(&state, &mother, 40);
    let (state, his) = print(&state, &father, 41);
    let code = Device::new(116);
    let state = state.after(&invite(&mother, &state, &code, Role::Reader)).unwrap();
    let without = |sheet, gone: &[KeyId]| {
        let left_out: Vec<_> = gone.iter().map(|id| (*id, Cutoff::default())).collect();
        recover_without(&state, sheet, 50, &left_out).map(|(state, _)| state)
    };
    assert_eq!(without(&his, &[mother.id()]).err(), Some(Refusal::Senior));
    assert_eq!(without(&his, &[aunt.id(), mother.id()]).err(), Some(Refusal::Senior));
    for nobody in [hers.id(), code.id(), KeyId([9; 16])] {
        assert_eq!(without(&his, &[nobody]).err(), Some(Refusal::NoSuchHolder));
    }
    assert_eq!(without(&his, &[aunt.id(), aunt.id()]).err(), Some(Refusal::NoSuchHolder), "once");
    let after = without(&his, &[aunt.id(), father.id()]).unwrap();
    assert!(after.may_write(&mother.id()) && !after.may_read(&aunt.id()) && !after.may_read(&father.id()));
    assert!(after.holder(&hers.id()).is_none(), "who is left out may know the other sheets");
    let after = without(&hers, &[mother.id(), father.id()]).unwrap();
    assert!(!after.may_read(&mother.id()) && after.may_read(&aunt.id()), "her lost phone, too");
    // The new key is for those who stay, and for nobody else.
    let new = Device::new(50);
    let all = [mother.id(), father.id(), aunt.id(), new.id()];
    let (member, wraps) = (new.new_holder(), epochs(state.epoch()));
    let left_out = vec![(aunt.id(), Cutoff::default())];
    let for_all = Action::Recover { member, wraps, left_out, epoch: holders(&all) };
    assert_eq!(state.after(&hers.says(state.head(), for_all)).err(), Some(Refusal::Wraps));
}

#[test]
fn who_is_left_out_of_a_recovery_counts_up_to_the_cutoff() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Writer);
    let (state, sheet) = print(&state, &mother, 40);
    let end = |sequence, hash| LineEnd { sequence, attempt: 0, hash };
    let last = Cutoff::of([end(3, [3; 32])]);
    let (after, _) = recover_without(&state, &sheet, 50, &[(father.id(), last)]).unwrap();
    let place = state.length() - 1;
    for (sequence, hash, counts) in [(2, [2; 32], true), (3, [3; 32], true), (3, [4; 32], false), (4, [4; 32], false)] {
        assert!(state.lets_write(&father.id(), place, &end(sequence, hash)));
        assert_eq!(after.lets_write(&father.id(), place, &end(sequence, hash)), counts, "{sequence}");
    }
    assert!(!after.lets_write(&father.id(), after.length() - 1, &end(1, [1; 32])), "nor does he write again");
    assert!(after.was_holder(&father.id()));
}

#[test]
fn one_sheet_a_person_and_nobody_junior_makes_it_void() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let (state, hers) = print(&state, &mother, 40);
    let (state, his) = print(&state, &father, 41);
    let there = |state: &State, sheets: [&Device; 2]| sheets.map(|sheet| state.holder(&sheet.id()).is_some());
    assert_eq!(there(&state, [&hers, &his]), [true, true], "each has one");
    assert_eq!(remove(&state, &father, hers.id()), Err(Refusal::Senior));
    let void = remove(&state, &mother, his.id()).unwrap();
    assert_eq!(there(&void, [&hers, &his]), [true, false], "by who may take its person out");
    let (newer, second) = print(&state, &father, 42);
    assert_eq!(there(&newer, [&hers, &his]), [true, false], "by its own person's next one");
    assert!(newer.holder(&second.id()).is_some());
    let own = remove(&state, &father, his.id()).unwrap();
    assert_eq!(there(&own, [&hers, &his]), [true, false], "by its own person");
    let (used, _) = recover(&state, &his, 50).unwrap();
    assert_eq!(there(&used, [&hers, &his]), [true, false], "by use");
    let epoch = state.after(&mother.says(state.head(), Action::Epoch { epoch: everybody(&state) })).unwrap();
    assert_eq!(there(&epoch, [&hers, &his]), [true, true], "a plain epoch ends none");
}

#[test]
fn the_sheet_of_somebody_who_is_gone_opens_nothing() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let (state, aunt) = let_in(&state, &mother, 3, Role::Reader);
    let (state, hers) = print(&state, &mother, 40);
    let (state, his) = print(&state, &father, 41);
    let removed = remove(&state, &mother, father.id()).unwrap();
    let leave = father.says(state.head(), Action::Leave { cutoff: Cutoff::default() });
    let left = state.after(&leave).unwrap();
    let lowered = set_role(&state, &mother, father.id(), Role::Writer).unwrap();
    let other = remove(&state, &mother, aunt.id()).unwrap();
    for (why, state) in [("removed", removed), ("left", left), ("lowered", lowered), ("another one removed", other)] {
        for sheet in [&hers, &his] {
            assert_eq!(recover(&state, sheet, 50).err(), Some(Refusal::NotAHolder), "{why}");
        }
    }
}

#[test]
fn whom_somebody_let_in_is_found_through_those_who_are_gone() {
    let mother = Device::new(1);
    let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
    let (state, friend) = let_in(&state, &father, 3, Role::Owner);
    let (state, cousin) = let_in(&state, &friend, 4, Role::Reader);
    let (state, aunt) = let_in(&state, &mother, 5, Role::Reader);
    let his = state.person_of(&father.id()).unwrap();
    let (state, tablet) = let_in_mine(&state, &father, his, 6, Role::Writer);
    let sorted = |mut ids: Vec<KeyId>| {
        ids.sort();
        ids
    };
    assert_eq!(sorted(state.let_in_by(his)), sorted(vec![friend.id(), cousin.id()]));
    assert_eq!(sorted(state.devices_of(his).copied().collect()), sorted(vec![father.id(), tablet.id()]));
    let state = remove(&state, &mother, friend.id()).unwrap();
    assert_eq!(state.let_in_by(his), [cousin.id()]);
    let all = [father.id(), tablet.id(), cousin.id(), aunt.id()];
    assert_eq!(sorted(state.let_in_by(mother.person())), sorted(all.to_vec()));
}

/// What one of three owners tries.
#[derive(Debug, Clone, Copy)]
enum Act {
    Remove(usize, usize),
    Lower(usize, usize),
    Raise(usize, usize),
    Leave(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let two = || (0..3usize, 0..3usize);
    prop_oneof![
        two().prop_map(|(by, of)| Act::Remove(by, of)),
        two().prop_map(|(by, of)| Act::Lower(by, of)),
        two().prop_map(|(by, of)| Act::Raise(by, of)),
        (0..3usize).prop_map(Act::Leave),
    ]
}

proptest! {
    /// Whatever three owners do to each other, in every order: nobody loses anything to somebody who became an owner later. The
    /// places are kept here by hand.
    #[test]
    fn no_order_of_acts_lets_a_junior_take_from_a_senior(acts in prop::collection::vec(act(), 1..12)) {
        let mother = Device::new(1);
        let (state, father) = let_in(&founded(&mother), &mother, 2, Role::Owner);
        let (mut state, aunt) = let_in(&state, &mother, 3, Role::Owner);
        let devices = [&mother, &father, &aunt];
        let mut order: Vec<usize> = vec![0, 1, 2];
        for act in acts {
            let place = |of: &usize| order.iter().position(|owner| owner == of);
            let senior = |by: usize, of: usize| place(&of).is_some_and(|of| place(&by).is_none_or(|by| of < by));
            let (next, by, of, takes) = match act {
                Act::Remove(by, of) => (remove(&state, devices[by], devices[of].id()), by, of, true),
                Act::Lower(by, of) => (set_role(&state, devices[by], devices[of].id(), Role::Writer), by, of, true),
                Act::Raise(by, of) => (set_role(&state, devices[by], devices[of].id(), Role::Owner), by, of, false),
                Act::Leave(by) => {
                    let leave = Action::Leave { cutoff: Cutoff::default() };
                    (state.after(&devices[by].says(state.head(), leave)), by, by, true)
                }
            };
            let Ok(next) = next else { continue };
            prop_assert!(!(takes && senior(by, of)), "{act:?} against {order:?}");
            state = next;
            if takes {
                order.retain(|owner| *owner != of);
            } else if !order.contains(&of) {
                order.push(of);
            }
        }
        // Whoever stayed an owner all the time is still there.
        for (place, owner) in order.iter().enumerate() {
            prop_assert!(state.may_write(&devices[*owner].id()), "{place}");
        }
    }
}

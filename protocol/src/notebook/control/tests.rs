use super::testing::{Device, NOW, epochs, everybody, family, founded, founding, holders, invite, join, notebook};
use super::*;
use crate::end::End;
use crate::key::to_sign;

#[test]
fn a_family_comes_together_and_each_may_do_what_the_role_says() {
    let (state, [mother, father, grandmother]) = family();
    let may: Vec<(bool, bool)> =
        [&mother, &father, &grandmother].map(|keys| (state.may_read(&keys.id()), state.may_write(&keys.id()))).to_vec();
    assert_eq!(may, [(true, true), (true, true), (true, false)]);
    assert_eq!((state.epoch(), state.length(), state.holders().count()), (1, 5, 3));
}

/// Each action × each author: who may do it. The rest is refused, and the state stays.
#[test]
fn the_matrix_of_who_may_do_what() {
    let (state, [mother, father, grandmother]) = family();
    let (new, print) = (Device::new(20), Device::new(21));
    let stay =
        |gone: &Device| holders(&state.holders().map(|(id, _)| *id).filter(|id| *id != gone.id()).collect::<Vec<_>>());
    let invitation = || Action::Invite {
        invitation: new.new_holder(),
        person: new.person(),
        role: Role::Owner,
        expires_at: NOW,
        wraps: epochs(1),
        mac: [0; 32],
    };
    let actions: Vec<(&str, Action)> = vec![
        ("invite", invitation()),
        ("print", Action::Print { print: print.new_holder(), wraps: epochs(1), mac: [0; 32] }),
        (
            "remove the grandmother",
            Action::Remove { holder: grandmother.id(), cutoff: Cutoff::default(), epoch: stay(&grandmother) },
        ),
        ("a new epoch", Action::Epoch { epoch: everybody(&state) }),
        ("make the father owner", Action::Role { holder: father.id(), role: Role::Owner, cutoff: None }),
        ("join", Action::Join { member: new.new_holder(), wraps: epochs(1) }),
        (
            "recover",
            Action::Recover {
                member: new.new_holder(),
                wraps: epochs(1),
                left_out: Vec::new(),
                epoch: everybody(&state),
            },
        ),
        ("found", founding(&new)),
    ];
    for (what, action) in actions {
        let owners_only = !matches!(what, "join" | "recover" | "found");
        for (who, device) in [("mother", &mother), ("father", &father), ("grandmother", &grandmother)] {
            let result = state.after(&device.says(state.head(), action.clone()));
            let expected = if owners_only && who == "mother" { Ok(()) } else { Err(Refusal::NotAllowed) };
            assert_eq!(result.map(|_| ()), expected, "{who}: {what}");
        }
        let stranger = Device::new(99);
        let result = state.after(&stranger.says(state.head(), action));
        assert_eq!(result.map(|_| ()), Err(Refusal::NotAHolder), "a stranger: {what}");
    }
    for (who, device, allowed) in
        [("mother", &mother, false), ("father", &father, true), ("grandmother", &grandmother, true)]
    {
        let left = state.after(&device.says(state.head(), Action::Leave { cutoff: Cutoff::default() }));
        assert_eq!(left.is_ok(), allowed, "{who} leaves; the last owner cannot");
    }
}

#[test]
fn an_invitation_is_used_once_and_in_time() {
    let mother = Device::new(1);
    let (invitation, first, second) = (Device::new(11), Device::new(2), Device::new(3));
    let state = founded(&mother);
    let state = state.after(&invite(&mother, &state, &invitation, Role::Writer)).unwrap();
    assert!(!state.may_read(&invitation.id()) && !state.may_write(&invitation.id()), "an invitation is no member");
    let late = join(&invitation, &state, &first);
    let bearer = invitation.id();
    assert_eq!(late_join(Some(&state), &[&late], &bearer, Witnesses::default(), NOW + 1001), Some(0), "too late");
    assert_eq!(late_join(Some(&state), &[&late], &bearer, Witnesses::default(), NOW + 1000), None);
    assert_eq!(
        late_join(None, &[&late], &bearer, Witnesses::default(), NOW + 1001),
        None,
        "a whole chain that comes anew is not judged by today's clock"
    );
    let joined = state.after(&join(&invitation, &state, &first)).unwrap();
    assert!(joined.may_write(&first.id()));
    let again = joined.after(&join(&invitation, &joined, &second));
    assert_eq!(again, Err(Refusal::NotAHolder), "single use");
    // The inviter sees who came and can take it back, before and after.
    let undone = state.after(&mother.says(
        state.head(),
        Action::Remove { holder: invitation.id(), cutoff: Cutoff::default(), epoch: holders(&[mother.id()]) },
    ));
    assert_eq!(undone.unwrap().after(&join(&invitation, &state, &first)), Err(Refusal::HeadMoved));
    let same_keys = joined.after(&invite(&mother, &joined, &first, Role::Owner));
    assert_eq!(same_keys, Err(Refusal::KnownKeys), "keys are never used twice");
}

/// A receipt from before the end; an owner's later statement or frame; an owner's session.
#[test]
fn a_join_after_its_codes_end_counts_in_three_cases_and_in_no_other() {
    let mother = Device::new(1);
    let (code, newcomer, reader) = (Device::new(11), Device::new(2), Device::new(3));
    for role in [Role::Owner, Role::Writer] {
        let state = founded(&mother);
        let let_in = Device::new(12);
        let state = state.after(&invite(&mother, &state, &let_in, Role::Reader)).unwrap();
        let state = state.after(&join(&let_in, &state, &reader)).unwrap();
        let state = state.after(&invite(&mother, &state, &code, role)).unwrap();
        let end = NOW + 1000;
        let late = join(&code, &state, &newcomer);
        let joined = state.after(&late).unwrap();
        let judged = |statements: &[&Statement], bearer: &Device, ends: &[End], envelopes: &[(KeyId, Hash)]| {
            late_join(Some(&state), statements, &bearer.id(), Witnesses { ends, envelopes }, end + 1).is_none()
        };
        let signed = |head, taken_at| End { head, taken_at, ..End::default() };
        let stays = [mother.id(), reader.id(), newcomer.id()];
        let hers = mother.says(joined.head(), Action::Epoch { epoch: holders(&stays) });
        let own = newcomer.says(joined.head(), Action::Leave { cutoff: Cutoff::default() });
        let readers = reader.says(joined.head(), Action::Leave { cutoff: Cutoff::default() });
        let loose = mother.says(state.head(), Action::Epoch { epoch: everybody(&state) });
        // The newcomer as an owner says so for itself.
        let as_owner = newcomer.says(joined.head(), Action::Epoch { epoch: holders(&stays) });
        let forged = Statement { signature: [7; 64], ..hers.clone() };
        for (why, counts) in [
            ("nothing speaks for it", judged(&[&late], &newcomer, &[], &[])),
            ("by the code's own key", judged(&[&late], &code, &[], &[])),
            ("a reader's session", judged(&[&late], &reader, &[], &[])),
            ("a receipt of the end's next moment", judged(&[&late], &newcomer, &[signed(late.hash(), end + 1)], &[])),
            ("a receipt for what was before it", judged(&[&late], &newcomer, &[signed(state.head(), NOW)], &[])),
            ("a receipt for something else", judged(&[&late], &newcomer, &[signed([7; 32], NOW)], &[])),
            ("the newcomer's later statement", judged(&[&late, &own], &newcomer, &[], &[])),
            ("the newcomer's, as an owner", judged(&[&late, &as_owner], &newcomer, &[], &[])),
            ("a reader's later statement", judged(&[&late, &readers], &newcomer, &[], &[])),
            ("an owner's statement beside it", judged(&[&late, &loose], &newcomer, &[], &[])),
            ("an owner's statement that she did not sign", judged(&[&late, &forged], &newcomer, &[], &[])),
            ("an owner's frame before it", judged(&[&late], &newcomer, &[], &[(mother.id(), state.head())])),
            ("the newcomer's frame", judged(&[&late], &newcomer, &[], &[(newcomer.id(), late.hash())])),
            ("a reader's frame", judged(&[&late], &newcomer, &[], &[(reader.id(), late.hash())])),
        ] {
            assert!(!counts, "{role:?}: {why}");
        }
        for (why, counts) in [
            ("a receipt from before the end", judged(&[&late], &newcomer, &[signed(late.hash(), end)], &[])),
            ("a receipt for what stands on it", judged(&[&late, &own], &newcomer, &[signed(own.hash(), end)], &[])),
            ("an owner's later statement", judged(&[&late, &hers], &newcomer, &[], &[])),
            ("an owner's frame", judged(&[&late], &newcomer, &[], &[(mother.id(), late.hash())])),
            ("an owner's session", judged(&[&late], &mother, &[], &[])),
        ] {
            assert!(counts, "{role:?}: {why}");
        }
    }
}

#[test]
fn a_removed_member_is_out_and_the_new_key_is_for_those_who_stay() {
    let (state, [mother, father, grandmother]) = family();
    let remove = |epoch: NewEpoch| {
        mother.says(state.head(), Action::Remove { holder: father.id(), cutoff: Cutoff::default(), epoch })
    };
    for (epoch, why) in [
        (everybody(&state), "wrapped for the one who goes"),
        (holders(&[mother.id()]), "the grandmother would be shut out"),
    ] {
        assert_eq!(state.after(&remove(epoch)), Err(Refusal::Wraps), "{why}");
    }
    let after = state.after(&remove(holders(&[mother.id(), grandmother.id()]))).unwrap();
    assert_eq!((after.epoch(), after.may_read(&father.id())), (2, false));
    let back = after.after(&father.says(after.head(), Action::Leave { cutoff: Cutoff::default() }));
    assert_eq!(back, Err(Refusal::NotAHolder));
    // Who comes later gets both epochs.
    let invitation = Device::new(30);
    let old_keys_only = mother.says(
        after.head(),
        Action::Invite {
            invitation: invitation.new_holder(),
            person: invitation.person(),
            role: Role::Reader,
            expires_at: NOW,
            wraps: epochs(1),
            mac: [0; 32],
        },
    );
    assert_eq!(after.after(&old_keys_only), Err(Refusal::Wraps));
    assert!(after.after(&invite(&mother, &after, &invitation, Role::Reader)).is_ok());
}

/// A partner who is removed may know an open invitation's code, or have the paper at hand.
#[test]
fn with_a_member_go_open_invitations_and_the_print() {
    let (state, [mother, father, grandmother]) = family();
    let (invitation, print) = (Device::new(50), Device::new(51));
    let state = state.after(&invite(&mother, &state, &invitation, Role::Owner)).unwrap();
    let action = Action::Print { print: print.new_holder(), wraps: epochs(1), mac: [0; 32] };
    let state = state.after(&mother.says(state.head(), action)).unwrap();
    let stay = holders(&[mother.id(), grandmother.id()]);
    let removed = Action::Remove { holder: father.id(), cutoff: Cutoff::default(), epoch: stay };
    let after = state.after(&mother.says(state.head(), removed)).unwrap();
    assert!(after.holder(&invitation.id()).is_none() && after.holder(&print.id()).is_none());
    // Taking only the invitation back leaves the recovery sheet as it is.
    let stay = holders(&[mother.id(), father.id(), grandmother.id(), print.id()]);
    let undone = Action::Remove { holder: invitation.id(), cutoff: Cutoff::default(), epoch: stay };
    let after = state.after(&mother.says(state.head(), undone)).unwrap();
    assert!(after.holder(&print.id()).is_some() && after.was_holder(&invitation.id()));
}

#[test]
fn who_leaves_knows_the_key_until_an_owner_makes_a_new_one() {
    let (state, [mother, father, grandmother]) = family();
    let left = state.after(&father.says(state.head(), Action::Leave { cutoff: Cutoff::default() })).unwrap();
    assert!(!state.wants_new_epoch() && left.wants_new_epoch());
    let epoch = Action::Epoch { epoch: holders(&[mother.id(), grandmother.id()]) };
    let after = left.after(&mother.says(left.head(), epoch)).unwrap();
    assert_eq!((after.wants_new_epoch(), after.epoch()), (false, 2));
}

#[test]
fn a_print_recovers_once_and_an_older_print_is_void() {
    let mother = Device::new(1);
    let (old, print, phone) = (Device::new(40), Device::new(41), Device::new(42));
    let mut state = founded(&mother);
    for sheet in [&old, &print] {
        let action = Action::Print { print: sheet.new_holder(), wraps: epochs(1), mac: [0; 32] };
        state = state.after(&mother.says(state.head(), action)).unwrap();
    }
    let recover = |by: &Device, state: &State| {
        let epoch = holders(&[mother.id(), phone.id()]);
        by.says(
            state.head(),
            Action::Recover { member: phone.new_holder(), wraps: epochs(1), left_out: Vec::new(), epoch },
        )
    };
    assert_eq!(state.after(&recover(&old, &state)), Err(Refusal::NotAHolder));
    let found = state.after(&recover(&print, &state)).unwrap();
    assert_eq!((found.epoch(), found.may_write(&phone.id())), (2, true));
    assert_eq!(found.after(&recover(&print, &found)), Err(Refusal::NotAHolder), "used once");
}

#[test]
fn only_one_of_two_statements_at_the_same_head_is_taken() {
    let (state, [mother, father, _]) = family();
    let owners = state
        .after(&mother.says(state.head(), Action::Role { holder: father.id(), role: Role::Owner, cutoff: None }))
        .unwrap();
    let first = mother.says(owners.head(), Action::Epoch { epoch: everybody(&owners) });
    let second = father.says(owners.head(), Action::Epoch { epoch: everybody(&owners) });
    let taken = owners.after(&first).unwrap();
    assert_eq!(taken.after(&second), Err(Refusal::HeadMoved), "the loser reads again");
    assert!(taken.knows_head(&owners.head()) && !taken.knows_head(&second.hash()), "another chain is noticed");
}

#[test]
fn forged_statements_are_refused() {
    let (state, [mother, father, _]) = family();
    let good = mother.says(state.head(), Action::Role { holder: father.id(), role: Role::Owner, cutoff: None });
    let mut changed = good.clone();
    changed.action = Action::Role { holder: father.id(), role: Role::Reader, cutoff: Some(Cutoff::default()) };
    assert_eq!(state.after(&changed), Err(Refusal::Signature), "changed on the way");
    let mut other = good.clone();
    other.notebook = NotebookId::from_slice(&[8; 16]).unwrap();
    assert_eq!(state.after(&other), Err(Refusal::OtherNotebook));
    let mut pretended = father.says(state.head(), good.action.clone());
    pretended.author = mother.id();
    assert_eq!(state.after(&pretended), Err(Refusal::Signature), "in another's name");
    // A signature for an envelope is none for a statement.
    let bytes = Statement::signed_bytes(good.notebook, &good.previous, good.author, &good.action);
    let crossed = mother.sign(&to_sign("ayumi envelope 1", &bytes));
    assert_eq!(state.after(&Statement { signature: crossed, ..good }), Err(Refusal::Signature));
}

/// A reader whose key lets no secret be agreed on made every new epoch fail.
#[test]
fn nobody_comes_in_with_keys_that_protect_nothing() {
    let mother = Device::new(1);
    let invitation = Device::new(11);
    let state = founded(&mother);
    let state = state.after(&invite(&mother, &state, &invitation, Role::Reader)).unwrap();
    let reader = Device::new(2);
    let come = |keys: PublicKeys| {
        let member = NewHolder { keys, label: Vec::new() };
        state.after(&invitation.says(state.head(), Action::Join { member, wraps: epochs(1) })).map(|_| ())
    };
    assert_eq!(come(PublicKeys { agree: [0; 32], ..reader.keys() }), Err(Refusal::WeakKeys));
    assert_eq!(come(PublicKeys { sign: [0; 32], ..reader.keys() }), Err(Refusal::WeakKeys));
    assert_eq!(come(reader.keys()), Ok(()));
    for (used, why) in [
        (PublicKeys { agree: mother.keys().agree, ..reader.keys() }, "her agreement key"),
        (PublicKeys { sign: mother.keys().sign, ..reader.keys() }, "her signing key"),
        (invitation.keys(), "the invitation's own"),
    ] {
        assert_eq!(come(used), Err(Refusal::KnownKeys), "{why}");
    }
    let weak = NewHolder { keys: PublicKeys { agree: [0; 32], ..mother.keys() }, label: Vec::new() };
    let epoch = holders(&[weak.keys.id()]);
    let person = mother.person();
    let mut found = mother.says([0; 32], Action::Found { nonce: [9; 16], person, owner: weak.clone(), epoch });
    found.author = weak.keys.id();
    found.notebook = founded_id(found.author, &found.action);
    let bytes = Statement::signed_bytes(found.notebook, &found.previous, found.author, &found.action);
    found.signature = mother.sign(&to_sign(PURPOSE, &bytes));
    assert_eq!(State::founded(&found), Err(Refusal::WeakKeys));
}

/// An operator who founds a notebook of its own gets another id, whatever it copies.
#[test]
fn a_notebooks_id_follows_from_its_founding_alone() {
    let mother = Device::new(1);
    let found = mother.says([0; 32], founding(&mother));
    assert_eq!(State::founded(&found).map(|state| state.notebook()), Ok(notebook()));
    let other = Device::new(5);
    let hers = Statement { notebook: notebook(), ..other.says([0; 32], founding(&other)) };
    assert_eq!(State::founded(&hers), Err(Refusal::OtherNotebook), "another founder under the same id");
    let bytes = found.to_bytes();
    // Behind the version and the id, before the signature: what the id follows from.
    for at in (17..bytes.len() - 64).filter(|at| !(17..49).contains(at)) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let Ok(read) = Statement::from_bytes(&changed) else { continue };
        let signed = mother.says(read.previous, read.action.clone());
        let read = Statement { signature: signed.signature, ..read };
        assert!(State::founded(&read).is_err(), "byte {at}");
        assert_ne!(founded_id(read.author, &read.action), notebook(), "byte {at}");
    }
    let again = |nonce, person| {
        let (owner, epoch) = (mother.new_holder(), holders(&[mother.id()]));
        mother.says([0; 32], Action::Found { nonce, person, owner, epoch }).notebook
    };
    assert_eq!(again([9; 16], mother.person()), notebook());
    assert_ne!(again([8; 16], mother.person()), notebook(), "the same founder founds another notebook");
    assert_ne!(again([9; 16], other.person()), notebook());
}

/// A father who was an owner kept codes from that time, his own and the sheet at home.
#[test]
fn who_is_made_less_than_an_owner_does_not_come_back_by_a_code() {
    let (state, [mother, father, _]) = family();
    let role = |by: &Device, state: &State, role: Role| {
        state.after(&by.says(state.head(), Action::Role { holder: father.id(), role, cutoff: None }))
    };
    let state = role(&mother, &state, Role::Owner).unwrap();
    let (his, print) = (Device::new(60), Device::new(61));
    let state = state.after(&invite(&father, &state, &his, Role::Owner)).unwrap();
    let sheet = Action::Print { print: print.new_holder(), wraps: epochs(1), mac: [0; 32] };
    let state = state.after(&mother.says(state.head(), sheet)).unwrap();
    assert_eq!(state.holder(&his.id()).and_then(|holder| holder.by), Some(father.id()));
    assert_eq!(role(&mother, &state, Role::Owner), Err(Refusal::NotAllowed), "the same role says nothing");
    let lowered = role(&mother, &state, Role::Writer).unwrap();
    let phone = Device::new(62);
    assert_eq!(lowered.after(&join(&his, &lowered, &phone)), Err(Refusal::NotAHolder), "his code");
    assert!(lowered.was_holder(&print.id()), "the sheet that he may know");
    // Raising somebody ends nothing.
    let raised = role(&mother, &lowered, Role::Owner).unwrap();
    assert!(raised.after(&invite(&mother, &raised, &Device::new(63), Role::Reader)).is_ok());
    // Who leaves takes his open invitations with him, and makes the sheet void.
    let left = state.after(&father.says(state.head(), Action::Leave { cutoff: Cutoff::default() })).unwrap();
    assert!(left.was_holder(&his.id()) && left.was_holder(&print.id()));
}

/// 62,000 statements made one question take half a minute.
#[test]
fn a_chain_has_an_end_and_keeps_room_for_what_protects_a_family() {
    let (state, [mother, father, grandmother]) = family();
    let mut state = state;
    let change = |state: &State| match state.length() % 2 {
        0 => Action::Role { holder: father.id(), role: Role::Writer, cutoff: None },
        _ => Action::Role { holder: father.id(), role: Role::Reader, cutoff: Some(Cutoff::default()) },
    };
    while state.length() < limits::STATEMENTS - limits::LAST_STATEMENTS {
        let role = change(&state);
        let statement = mother.says(state.head(), role);
        state = state.then(&statement).unwrap();
    }
    let role = change(&state);
    assert_eq!(state.after(&mother.says(state.head(), role)), Err(Refusal::Limit));
    let removed = Action::Remove {
        holder: father.id(),
        cutoff: Cutoff::default(),
        epoch: holders(&[mother.id(), grandmother.id()]),
    };
    state = state.after(&mother.says(state.head(), removed)).unwrap();
    while state.length() < limits::STATEMENTS {
        let epoch = Action::Epoch { epoch: everybody(&state) };
        let statement = mother.says(state.head(), epoch);
        state = state.then(&statement).unwrap();
    }
    assert_eq!(
        state.after(&grandmother.says(state.head(), Action::Leave { cutoff: Cutoff::default() })),
        Err(Refusal::Limit)
    );
}

#[test]
fn a_new_epoch_ends_open_invitations_and_leaves_the_sheet() {
    let (state, [mother, father, grandmother]) = family();
    let (invitation, print) = (Device::new(70), Device::new(71));
    let state = state.after(&invite(&mother, &state, &invitation, Role::Reader)).unwrap();
    let sheet = Action::Print { print: print.new_holder(), wraps: epochs(1), mac: [0; 32] };
    let state = state.after(&mother.says(state.head(), sheet)).unwrap();
    let all = Action::Epoch { epoch: everybody(&state) };
    assert_eq!(state.after(&mother.says(state.head(), all)), Err(Refusal::Wraps), "the invitation is wrapped for");
    let epoch = holders(&[mother.id(), father.id(), grandmother.id(), print.id()]);
    let after = state.after(&mother.says(state.head(), Action::Epoch { epoch })).unwrap();
    assert!(after.was_holder(&invitation.id()) && after.holder(&print.id()).is_some());
    assert_eq!((after.epoch(), after.commitment(1), after.commitment(3)), (2, Some(&[0; 32]), None));
}

/// A frame that a carrier brings years later is judged by this alone.
#[test]
fn an_envelope_counts_by_the_head_that_it_names_and_up_to_its_authors_cutoff() {
    let (state, [mother, father, grandmother]) = family();
    let end = |sequence, attempt, hash| LineEnd { sequence, attempt, hash };
    // Of two tongues each line's last.
    let (id, last) = (father.id(), Cutoff::of([end(5, 2, [5; 32]), end(4, 0, [4; 32])]));
    let role = |state: &State, role, cutoff| {
        state.after(&mother.says(state.head(), Action::Role { holder: id, role, cutoff })).unwrap()
    };
    assert_eq!((state.place_of(&state.head()), state.place_of(&[7; 32])), (Some(4), None));
    let lowered = role(&state, Role::Reader, Some(last));
    let raised = role(&lowered, Role::Writer, None);
    let stay = holders(&[mother.id(), grandmother.id()]);
    let out = Action::Remove { holder: id, cutoff: Cutoff::of([end(7, 3, [7; 32])]), epoch: stay };
    let out = raised.after(&mother.says(raised.head(), out)).unwrap();
    for (why, place, envelope, expected) in [
        ("before he came", 0, end(1, 0, [1; 32]), false),
        ("when he came", 2, end(1, 0, [1; 32]), true),
        ("his last", 4, end(5, 2, [5; 32]), true),
        ("the last of his other line", 4, end(4, 0, [4; 32]), true),
        ("another one as his last", 4, end(5, 2, [6; 32]), false),
        ("his last in another attempt", 4, end(5, 1, [5; 32]), false),
        ("one more", 4, end(6, 0, [6; 32]), false),
        ("while he was a reader", 5, end(6, 0, [6; 32]), false),
        ("when he wrote again", 6, end(6, 3, [6; 32]), true),
        ("the last one then", 6, end(7, 3, [7; 32]), true),
        ("behind it", 6, end(8, 3, [8; 32]), false),
        ("after he was taken out", 7, end(7, 3, [7; 32]), false),
    ] {
        assert_eq!(out.lets_write(&id, place, &envelope), expected, "{why}");
    }
    // A line that was sealed anew afterwards does not lead up to his last one.
    assert!(out.lets_write(&id, 4, &end(1, 2, [1; 32])) && !out.lets_write(&id, 4, &end(1, 3, [1; 32])));
    assert!(raised.lets_write(&id, 6, &end(8, 9, [8; 32])), "nothing has ended it yet");
    assert_eq!([2, 4, 5, 6].map(|place| raised.writes_on(&id, place)), [false, false, false, true]);
    assert!(state.writes_on(&id, 2) && !out.writes_on(&id, 6));
    assert_eq!([3, 6, 7].map(|place| out.epoch_at(place)), [1, 1, 2]);
    assert_eq!((out.keys_of(&id), out.keys_of(&KeyId([1; 16]))), (Some(&father.keys()), None));
}

/// What a code proves covers every byte before the proof.
#[test]
fn a_codes_proof_covers_all_that_its_statement_says() {
    let (state, [mother, ..]) = family();
    let statement = invite(&mother, &state, &Device::new(80), Role::Owner);
    let (bytes, mac) = statement.proven().unwrap();
    assert_eq!([&bytes[..], mac, &statement.signature].concat(), statement.to_bytes());
    assert_eq!(mother.says(state.head(), Action::Leave { cutoff: Cutoff::default() }).proven(), None);
}

/// The wire form comes back, has one form only, and is frozen.
#[test]
fn the_wire_form_is_frozen() {
    let mother = Device::new(1);
    let statement = mother.says([0; 32], founding(&mother));
    let bytes = statement.to_bytes();
    assert_eq!(Statement::from_bytes(&bytes), Ok(statement));
    assert!(Statement::from_bytes(&[&bytes[..], &[0]].concat()).is_err(), "nothing behind it");
    assert!((0..bytes.len()).all(|length| Statement::from_bytes(&bytes[..length]).is_err()), "no shorter one is whole");
    crate::frozen::is("control_2", &bytes);
    // Of two tongues each line's last.
    let end = |sequence, attempt, byte| LineEnd { sequence, attempt, hash: [byte; 32] };
    let leave = mother.says([7; 32], Action::Leave { cutoff: Cutoff::of([end(3, 1, 3), end(2, 0, 2)]) });
    assert_eq!(Statement::from_bytes(&leave.to_bytes()), Ok(leave.clone()));
    crate::frozen::is("leave_2", &leave.to_bytes());
}

proptest::proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
        let _ = Statement::from_bytes(&bytes);
    }
}

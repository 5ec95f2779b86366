//! Who looked at what: every way in which somebody with all rights over a database could hide a look is found out.

use ayumi_municipal::Tenant;
use ayumi_municipal::audit::heads::{Sealer, restored, sign as sign_head};
use ayumi_municipal::audit::kept::{self, Look};
use ayumi_municipal::audit::{Finding, Kept, verify};
use ayumi_municipal::database::{Access, DatabaseError, Record, Transaction, Value};
use ayumi_protocol::Hex;
use ayumi_protocol::municipal::audit::{AuditEntry, Field, Purpose, Tree};
use ayumi_protocol::municipal::feed::root::FeedKey;
use ayumi_protocol::municipal::thread::{Profession, UnixMs};
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::place::{Open, Place, Postgres, tenants};
use crate::town::{at, id, midwife, supervisor};

contract!(
    what_nobody_touched_is_whole,
    an_edited_row_is_found,
    a_row_that_was_removed_in_the_middle_is_found,
    rows_that_were_removed_at_the_end_are_found,
    an_inserted_row_is_found,
    swapped_rows_are_found,
    an_older_backup_is_found_and_a_restore_says_so_itself,
    chains_that_were_written_anew_are_found_by_what_was_signed,
    a_look_and_its_row_are_one_transaction,
);

const COMMON: Tree = Tree::Common;

/// A look at thread 1, 2 or 3; 9 is a form about a danger.
pub(crate) fn look(thread: u64) -> Look {
    Look {
        tree: if thread == 9 { Tree::Danger } else { COMMON },
        chain: id(thread),
        staff: Some((supervisor(), Profession::PublicHealthNurse)),
        desk: "child".into(),
        purpose: Purpose::Supervise,
        fields: vec![Field::Words],
        reason: vec![7; 40],
    }
}

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn key(seed: u8) -> FeedKey {
    let mut public = [0; 32];
    public.copy_from_slice(pair(seed).public_key().as_ref());
    FeedKey { number: 1, key: Hex(public), ends: 2_000_000_000 }
}

pub(crate) fn write<P: Place>(open: &Open<P>, tenant: &Tenant, looks: &[Look]) {
    for (minute, look) in looks.iter().enumerate() {
        let mut transaction = open.begin(tenant, Access::Write);
        open.wait(async {
            kept::add(&mut transaction, look, at(7, 9, minute as u32)).await.unwrap();
            transaction.commit().await.unwrap();
        });
    }
}

/// Signs where all chains end, and returns what leaves the office.
pub(crate) fn sign<P: Place>(open: &Open<P>, tenant: &Tenant) -> Vec<u8> {
    sign_with(open, tenant, 9, None)
}

fn sign_with<P: Place>(open: &Open<P>, tenant: &Tenant, seed: u8, known: Option<u64>) -> Vec<u8> {
    let (key, pair) = (key(seed), pair(seed));
    let by = |bytes: &[u8]| <[u8; 64]>::try_from(pair.sign(bytes).as_ref()).unwrap();
    let sealer = Sealer { key: &key, sign: &by };
    let (now, blind) = (at(7, 18, 0), [5; 32]);
    let mut transaction = open.begin(tenant, Access::Write);
    open.wait(async {
        let signed = match known {
            None => sign_head(&mut transaction, now, blind, &sealer).await,
            Some(known) => restored(&mut transaction, now, blind, &sealer, known).await,
        };
        transaction.commit().await.unwrap();
        signed.unwrap().to_bytes()
    })
}

fn all<P: Place>(open: &Open<P>) -> Kept {
    let mut read = open.begin(&tenants()[0], Access::Read);
    open.wait(kept::all(&mut read)).unwrap()
}

fn findings<P: Place>(open: &Open<P>, outside: &[Vec<u8>]) -> Vec<Finding> {
    verify(&all(open), tenants()[0].name(), outside, &[key(9).key])
}

/// Looks at three threads and a form, a signed head, more looks, another head.
fn written<P: Place>() -> (Open<P>, [Vec<u8>; 2]) {
    let open = Open::<P>::new();
    let [tenant, other] = tenants();
    let looks = |list: &[u64]| -> Vec<Look> { list.iter().map(|thread| look(*thread)).collect() };
    write(&open, &other, &looks(&[1, 1, 9]));
    write(&open, &tenant, &looks(&[1, 2, 1, 1, 9, 3, 1]));
    let first = sign(&open, &tenant);
    write(&open, &tenant, &looks(&[2, 1, 9, 2]));
    let second = sign(&open, &tenant);
    (open, [first, second])
}

fn attack<P: Place>(open: &Open<P>, sql: &'static str, values: &[Value]) {
    P::attack(open, &tenants()[0], sql, values);
}

fn what_nobody_touched_is_whole<P: Place>() {
    let (open, heads) = written::<P>();
    assert_eq!(findings(&open, &heads), []);
    let kept = all(&open);
    assert_eq!((kept.rows.len(), kept.ends.len(), kept.heads.len()), (11, 4, 2));
    // Who did it, at which desk, why, what was shown: in the chain of the thread, and of no other municipality's.
    let mut read = open.begin(&tenants()[0], Access::Read);
    let rows = open.wait(kept::chain(&mut read, COMMON, id(1))).unwrap();
    let entries: Vec<AuditEntry> = rows.iter().map(|row| AuditEntry::from_bytes(&row.body).unwrap()).collect();
    assert_eq!(entries.len(), 5);
    assert!(entries.iter().all(|entry| entry.staff == Some((supervisor().0, Profession::PublicHealthNurse))));
    assert_eq!(entries[0].before, [0; 32]);
    assert!(entries.windows(2).all(|pair| pair[1].before == pair[0].hash()));
    // A head of somebody else's key proves nothing.
    let forged = String::from_utf8(heads[1].clone()).unwrap().replace("\"number\":2", "\"number\":7");
    assert_eq!(findings(&open, &[forged.into_bytes()]), [Finding::Unsigned { number: 7 }]);
    let (others, _) = written::<P>();
    let strange = sign_with(&others, &tenants()[0], 8, None);
    assert_eq!(findings(&open, &[strange]), [Finding::Unsigned { number: 3 }]);
}

fn an_edited_row_is_found<P: Place>() {
    // Another person, another time, another reason; its hash made anew or not.
    let edits: [fn(&mut AuditEntry); 3] = [
        |entry| entry.staff = Some((midwife().0, Profession::Midwife)),
        |entry| entry.at = UnixMs(entry.at.0 - 1),
        |entry| entry.reason = vec![8; 40],
    ];
    for edit in edits {
        let (open, heads) = written::<P>();
        let row = all(&open).rows.into_iter().find(|row| row.chain == id(1) && row.number == 3).unwrap();
        let mut entry = AuditEntry::from_bytes(&row.body).unwrap();
        edit(&mut entry);
        let edited = [Finding::Edited { tree: COMMON, place: row.place }];
        let body = "UPDATE audit SET body = $2 WHERE tenant = $1 AND hash = $3";
        attack(&open, body, &[entry.to_bytes().into(), row.hash.into()]);
        assert_eq!(findings(&open, &heads), edited);
        assert_eq!(findings(&open, &[]), edited, "the office itself sees it, too");
        attack(
            &open,
            "UPDATE audit SET hash = $2 WHERE tenant = $1 AND hash = $3",
            &[entry.hash().into(), row.hash.into()],
        );
        assert_eq!(findings(&open, &heads), edited, "with its hash made anew");
    }
    let (open, heads) = written::<P>();
    let last = all(&open).rows.into_iter().rfind(|row| row.chain == id(1)).unwrap();
    let mut entry = AuditEntry::from_bytes(&last.body).unwrap();
    entry.desk = "mind".into();
    let sql = "UPDATE audit SET body = $2, hash = $3 WHERE tenant = $1 AND hash = $4";
    attack(&open, sql, &[entry.to_bytes().into(), entry.hash().into(), last.hash.into()]);
    assert_eq!(
        findings(&open, &heads),
        [Finding::Edited { tree: COMMON, place: last.place }],
        "the last one of a chain"
    );
}

fn a_row_that_was_removed_in_the_middle_is_found<P: Place>() {
    for number in 1..5_u64 {
        let (open, heads) = written::<P>();
        let row = all(&open).rows.into_iter().find(|row| row.chain == id(1) && row.number == number).unwrap();
        attack(&open, "DELETE FROM audit WHERE tenant = $1 AND hash = $2", &[row.hash.into()]);
        let removed = |found: &[Finding]| {
            !found.is_empty() && found.iter().all(|finding| matches!(finding, Finding::Removed { tree: COMMON, .. }))
        };
        assert!(removed(&findings(&open, &heads)), "{number}: {:?}", findings(&open, &heads));
        assert!(removed(&findings(&open, &[])), "{number}");
    }
    // A whole chain, with the note of its end.
    let (open, heads) = written::<P>();
    attack(&open, "DELETE FROM audit WHERE tenant = $1 AND chain = $2", &[id(3).into()]);
    attack(&open, "DELETE FROM audit_heads WHERE tenant = $1 AND chain = $2", &[id(3).into()]);
    assert_eq!(findings(&open, &heads), [Finding::Removed { tree: COMMON, before: 6 }]);
}

fn rows_that_were_removed_at_the_end_are_found<P: Place>() {
    for (tree, thread) in [(COMMON, 2), (Tree::Danger, 9)] {
        let (open, heads) = written::<P>();
        let rows = all(&open).rows;
        let own: Vec<_> = rows.iter().filter(|row| row.tree == tree && row.chain == id(thread)).collect();
        let [.., before, last] = own.as_slice() else { panic!() };
        attack(&open, "DELETE FROM audit WHERE tenant = $1 AND hash = $2", &[last.hash.into()]);
        assert_eq!(findings(&open, &heads), [Finding::RemovedAtEnd { tree }]);
        assert_eq!(findings(&open, &[]), [Finding::RemovedAtEnd { tree }]);
        // With the note of its end, so that the chain itself is whole.
        let end = "UPDATE audit_heads SET number = $2, hash = $3 WHERE tenant = $1 AND chain = $4";
        attack(&open, end, &[before.number.into(), before.hash.into(), id(thread).into()]);
        assert_eq!(findings(&open, &heads), [Finding::RemovedAtEnd { tree }]);
        // With the head that the office kept: now only the one from outside says that there was more.
        attack(&open, "DELETE FROM office_heads WHERE tenant = $1 AND number = 2", &[]);
        assert_eq!(findings(&open, &[]), []);
        assert_eq!(findings(&open, &heads), [Finding::OlderBackup { kept: 1, known: 2 }]);
    }
}

fn an_inserted_row_is_found<P: Place>() {
    let insert =
        "INSERT INTO audit (tenant, tree, place, chain, number, hash, body) VALUES ($1, 'common', $2, $3, $4, $5, $6)";
    // Behind all others, and as if it had been there between the second and the third.
    for (place, number, between) in [(10_u64, 6_u64, false), (4, 3, true)] {
        let (open, heads) = written::<P>();
        let rows = all(&open).rows;
        let second = rows.iter().find(|row| row.chain == id(1) && row.number == 2).unwrap();
        let entry = AuditEntry { before: second.hash, ..AuditEntry::from_bytes(&second.body).unwrap() };
        if between {
            for sql in [
                "UPDATE audit SET place = place + 1000 WHERE tenant = $1 AND tree = 'common' AND place >= 4",
                "UPDATE audit SET place = place - 999 WHERE tenant = $1 AND place > 1000",
            ] {
                attack(&open, sql, &[]);
            }
            let chain = [id(1).into()];
            attack(
                &open,
                "UPDATE audit SET number = number + 1000 WHERE tenant = $1 AND chain = $2 AND number >= 3",
                &chain,
            );
            attack(
                &open,
                "UPDATE audit SET number = number - 999 WHERE tenant = $1 AND chain = $2 AND number > 1000",
                &chain,
            );
            attack(&open, "UPDATE audit_heads SET number = number + 1 WHERE tenant = $1 AND chain = $2", &chain);
        }
        let values = [place.into(), id(1).into(), number.into(), entry.hash().into(), entry.to_bytes().into()];
        attack(&open, insert, &values);
        assert_eq!(findings(&open, &heads), [Finding::Inserted { tree: COMMON, place }]);
        assert_eq!(findings(&open, &[]), [Finding::Inserted { tree: COMMON, place }]);
    }
}

fn swapped_rows_are_found<P: Place>() {
    let (open, heads) = written::<P>();
    for (from, to) in [(2_u64, 1000_u64), (3, 2), (1000, 3)] {
        let sql = "UPDATE audit SET number = $2 WHERE tenant = $1 AND chain = $3 AND number = $4";
        attack(&open, sql, &[to.into(), id(1).into(), from.into()]);
    }
    let swapped = |found: Vec<Finding>| {
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(matches!(found[0], Finding::Swapped { tree: COMMON, .. }), "{found:?}");
    };
    swapped(findings(&open, &heads));
    swapped(findings(&open, &[]));
}

/// The tables of the audit, row by row.
const TABLES: [(&str, &str, &str); 3] = [
    (
        "SELECT tree, place, chain, number, hash, body FROM audit WHERE tenant = $1",
        "DELETE FROM audit WHERE tenant = $1",
        "INSERT INTO audit (tenant, tree, place, chain, number, hash, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    ),
    (
        "SELECT tree, chain, number, hash FROM audit_heads WHERE tenant = $1",
        "DELETE FROM audit_heads WHERE tenant = $1",
        "INSERT INTO audit_heads (tenant, tree, chain, number, hash) VALUES ($1, $2, $3, $4, $5)",
    ),
    (
        "SELECT number, body, danger_through, blind FROM office_heads WHERE tenant = $1",
        "DELETE FROM office_heads WHERE tenant = $1",
        "INSERT INTO office_heads (tenant, number, body, danger_through, blind) VALUES ($1, $2, $3, $4, $5)",
    ),
];

fn put_back<P: Place>(open: &Open<P>, backup: &[Vec<Record>]) {
    for ((_, delete, insert), records) in TABLES.iter().zip(backup) {
        attack(open, delete, &[]);
        for record in records {
            attack(open, insert, &record.0);
        }
    }
}

fn an_older_backup_is_found_and_a_restore_says_so_itself<P: Place>() {
    let open = Open::<P>::new();
    let [tenant, _] = tenants();
    write(&open, &tenant, &[look(1), look(2), look(1)]);
    let first = sign(&open, &tenant);
    let backup: Vec<Vec<Record>> = TABLES.iter().map(|table| open.sql(&tenant, table.0)).collect();
    write(&open, &tenant, &[look(1), look(9)]);
    let heads = [first, sign(&open, &tenant), sign(&open, &tenant)];
    put_back(&open, &backup);
    assert_eq!(findings(&open, &[]), [], "in itself it is whole");
    let older = |known| Finding::OlderBackup { kept: 1, known };
    assert_eq!(findings(&open, &heads), [older(2), older(3)]);
    // Going on as if nothing had been does not hide it: another second head was signed before.
    write(&open, &tenant, &[look(3)]);
    let other = sign(&open, &tenant);
    assert_ne!(other, heads[1]);
    assert!(findings(&open, &heads).contains(&Finding::OlderBackup { kept: 2, known: 3 }));
    put_back(&open, &backup);
    // Said, signed, and in a row of its own.
    let said = sign_with(&open, &tenant, 9, Some(3));
    assert_eq!(findings(&open, &heads), [Finding::Restored { number: 4 }]);
    write(&open, &tenant, &[look(1), look(2)]);
    let next = sign(&open, &tenant);
    let outside: Vec<Vec<u8>> = heads.iter().cloned().chain([said, next]).collect();
    assert_eq!(findings(&open, &outside), [Finding::Restored { number: 4 }]);
    let mut read = open.begin(&tenant, Access::Read);
    let rows = open.wait(kept::chain(&mut read, COMMON, AuditEntry::OFFICE)).unwrap();
    assert_eq!(AuditEntry::from_bytes(&rows[0].body).unwrap().purpose, Purpose::Restored);
}

/// Somebody with all rights writes a chain anew from its second row on, with all hashes and ends: it fits in itself.
fn chains_that_were_written_anew_are_found_by_what_was_signed<P: Place>() {
    let (open, heads) = written::<P>();
    let mut before = None;
    for row in all(&open).rows.into_iter().filter(|row| row.chain == id(1)) {
        let mut entry = AuditEntry::from_bytes(&row.body).unwrap();
        if let Some(before) = before {
            entry.before = before;
            entry.staff = Some((midwife().0, Profession::Midwife));
        }
        before = Some(entry.hash());
        let sql = "UPDATE audit SET body = $2, hash = $3 WHERE tenant = $1 AND hash = $4";
        attack(&open, sql, &[entry.to_bytes().into(), entry.hash().into(), row.hash.into()]);
        let end = "UPDATE audit_heads SET hash = $2 WHERE tenant = $1 AND chain = $3";
        attack(&open, end, &[entry.hash().into(), id(1).into()]);
    }
    assert_eq!(findings(&open, &heads), [Finding::Rewritten { number: 1 }]);
    attack(&open, "DELETE FROM office_heads WHERE tenant = $1", &[]);
    assert_eq!(findings(&open, &[]), [], "without what was signed it looks whole");
    assert_eq!(findings(&open, &heads).len(), 2, "with it, it does not");
}

fn a_look_and_its_row_are_one_transaction<P: Place>() {
    let (open, heads) = written::<P>();
    let before = all(&open);
    let mut dropped = open.begin(&tenants()[0], Access::Write);
    open.wait(kept::add(&mut dropped, &look(1), at(8, 9, 0))).unwrap();
    drop(dropped);
    assert_eq!(all(&open), before);
    // A transaction that only reads shows nothing that must be written down.
    let mut reads = open.begin(&tenants()[0], Access::Read);
    let refused = open.wait(kept::add(&mut reads, &look(1), at(8, 9, 0)));
    assert_eq!(refused, Err(DatabaseError::ReadOnly));
    assert_eq!(findings(&open, &heads), []);
}

/// In PostgreSQL the server's own role can only add.
#[test]
fn the_servers_role_neither_changes_nor_deletes_a_row_of_the_audit() {
    let (open, _) = written::<Postgres>();
    for sql in [
        "UPDATE audit SET number = number + 1 WHERE tenant = $1",
        "DELETE FROM audit WHERE tenant = $1",
        "UPDATE office_heads SET number = number + 1 WHERE tenant = $1",
        "DELETE FROM office_heads WHERE tenant = $1",
    ] {
        assert_eq!(open.try_sql(&tenants()[0], sql, &[]), Err(DatabaseError::OtherTenant), "{sql}");
    }
}

//! What proves who wrote what, once a notebook began anew: the archive, and what others want with it.

use ayumi_channel::memory::Contents;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{EntryId, Handbook, NewEntry, NotebookId, VersionView};
use ayumi_core::sync::archive::{open, pack, seal, unpack};
use ayumi_protocol::archive::{Archive, Word};
use ayumi_protocol::blob::{BlobAction, BlobReply, BlobRequest, SNAPSHOT_HEAD, archive_name};
use ayumi_protocol::control::Role;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::{DeviceId, Origin, Past};
use ayumi_tests::family::{Direct, Time, sync, wait};
use ayumi_tests::phones::{Phone, family, phone};

use super::hostile::{change, invited, sends};
use super::matrix::{Device, ask};
use super::patched::chain_of;

const SECRET: &str = "だれにも言わないでとたのまれたこと";

struct World {
    time: Time,
    way: Direct,
    mother: Phone,
    father: Phone,
    /// The notebook of both.
    old: NotebookId,
    /// The one in which the father went on without the mother.
    new: NotebookId,
    hers: EntryId,
    his: EntryId,
    unsent: EntryId,
}

fn write(book: &Handbook, notebook: NotebookId, text: &str) -> EntryId {
    book.entries().add(&NewEntry::typed(notebook, "diary", "2026-04-01", &[("text", text)]).unwrap()).unwrap()
}

fn history(book: &Handbook, entry: EntryId) -> Vec<VersionView> {
    book.entries().history(entry).unwrap()
}

/// Under whom each version stands: the device, or who tells it.
fn under(book: &Handbook, entry: EntryId) -> Vec<(String, Option<String>)> {
    history(book, entry).into_iter().map(|version| (version.device, version.told_by)).collect()
}

/// A father who begins anew without the mother.
fn world() -> World {
    let (time, way, mother, father, old) = family();
    let hers = write(&mother.book, old, "たまごにはアレルギーがある");
    let his = write(&father.book, old, SECRET);
    for phone in [&mother, &father, &mother] {
        sync(&phone.book, &way);
    }
    mother.book.entries().edit(hers, &[("text", "たまごと牛乳にはアレルギーがある")]).unwrap();
    for phone in [&mother, &father] {
        sync(&phone.book, &way);
    }
    let unsent = write(&father.book, old, "まだ送っていない");
    let mothers = father.book.members().list(old).unwrap().into_iter().find(|member| member.name == "母").unwrap();
    let new = father.book.members().begin_anew(old, &[mothers.id]).unwrap().notebook;
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    World { time, way, mother, father, old, new, hers, his, unsent }
}

impl World {
    fn joins(&self, name: &str) -> Phone {
        let newcomer = phone(&self.time, name);
        let code = wait(self.father.book.members().invite(self.new, Role::Writer, "", &self.way)).unwrap().code;
        assert_eq!(wait(newcomer.book.members().join(&code, &self.way)), Ok(self.new));
        newcomer
    }

    fn done(&self, phone: &Phone) {
        let report = sync(&phone.book, &self.way);
        assert_eq!((report.outcome, report.waiting, report.refused), (SyncOutcome::Done, 0, 0), "{report:?}");
    }

    /// A patched client that came in as an owner.
    fn guest(&self) -> Device {
        let mut guest = invited(&self.way, &self.father.book, self.new, Role::Owner);
        guest.learn(&chain_of(&self.way.0, &guest.keys, self.new).unwrap());
        guest
    }

    fn asks(&self, device: &Device, action: &BlobAction) -> Result<BlobReply, u16> {
        let (status, body) = ask(&self.way.0, &device.keys, self.new, &|caller| {
            let request = BlobRequest { caller, name: archive_name(self.new), action: action.clone() };
            ("/v1/blob".into(), request.to_bytes())
        });
        if status == 200 { Ok(BlobReply::from_bytes(&body).unwrap()) } else { Err(status) }
    }

    fn founder(&self, guest: &Device) -> KeyId {
        guest.reader.founder().unwrap()
    }

    /// What lies in the founder's slot.
    fn kept(&self, guest: &Device) -> Vec<Vec<u8>> {
        self.asks(guest, &BlobAction::Get { slot: self.founder(guest), from: 0 }).unwrap().chunks
    }

    fn archive(&self, guest: &Device) -> Archive {
        unpack(&open(&guest.reader, &self.kept(guest)).unwrap()).unwrap()
    }

    /// Drops the founder's archive, and puts something into the guest's slot.
    fn replaces(&self, guest: &Device, chunks: &[Vec<u8>]) -> Result<(), u16> {
        self.asks(guest, &BlobAction::Drop { slot: self.founder(guest) })?;
        self.asks(guest, &BlobAction::Drop { slot: guest.keys.id() })?;
        let of = u32::try_from(chunks.len()).unwrap();
        for (number, bytes) in (0..).zip(chunks) {
            self.asks(guest, &BlobAction::Put { number, of, bytes: bytes.clone() })?;
        }
        Ok(())
    }

    fn seals(&self, guest: &Device, archive: &Archive) -> Vec<Vec<u8>> {
        seal(&guest.reader, &guest.reader.state().unwrap().head(), &pack(archive).unwrap()).unwrap()
    }
}

fn told(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[test]
fn words_of_the_notebook_before_stand_under_who_wrote_them_where_the_archive_proves_it() {
    let world = world();
    let [hers, his] = [world.hers, world.his].map(|entry| history(&world.mother.book, entry));
    let aunt = world.joins("おば");
    let unproven: Vec<_> = under(&aunt.book, world.hers);
    assert!(unproven.iter().all(|(device, by)| *by == told("父") && *device != hers[0].device), "{unproven:?}");
    for phone in [&world.father, &aunt] {
        world.done(phone);
    }
    for book in [&world.father.book, &aunt.book] {
        assert_eq!(history(book, world.hers), hers, "each version as it was, under the mother's device");
        assert_eq!(history(book, world.his), his);
        assert!(under(book, world.unsent).iter().all(|(_, by)| *by == told("父")), "no server ever had it");
    }
    // An edit in the new one stands behind, and older versions come back as ever.
    aunt.book.entries().restore(world.hers, Some(1)).unwrap();
    for phone in [&aunt, &world.father] {
        world.done(phone);
    }
    let restored = history(&world.father.book, world.hers);
    assert_eq!((restored.len(), &restored[2].fields), (3, &hers[0].fields));
    assert_eq!(restored[..2], hers[..]);
    // With nothing new it costs nothing, and nobody in the old one heard of it.
    for phone in [&world.father, &aunt] {
        let report = sync(&phone.book, &world.way);
        assert_eq!((report.round_trips, report.pushed, report.pulled), (1, 0, 0));
        assert!(phone.book.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty());
    }
    assert!(world.mother.book.notebooks().find(world.new).is_err());
    assert!(world.mother.book.notebooks().find(world.old).is_ok());
}

/// Who keeps the archive, or serves it, wants another word in the mother's mouth, or phones that stop.
#[test]
fn an_archive_that_is_altered_cut_junk_or_of_another_notebook_proves_nothing_and_halts_nobody() {
    let world = world();
    let guest = world.guest();
    let (good, genuine) = (world.kept(&guest), world.archive(&guest));
    let (head, sealed) = good[0].split_at(SNAPSHOT_HEAD);
    let altered = |alter: &dyn Fn(&mut Archive)| {
        let mut archive = genuine.clone();
        alter(&mut archive);
        world.seals(&guest, &archive)
    };
    let another = {
        let other = self::world();
        let theirs = other.guest();
        world.seals(&guest, &other.archive(&theirs))
    };
    let mut newcomers = Vec::new();
    for chunks in [
        vec![[head, &sealed[..sealed.len() / 2]].concat()],
        vec![[head, &[7; 500]].concat()],
        vec![head.to_vec()],
        vec![[head, &[7; 500]].concat(); 65],
        altered(&|archive| {
            let (_, body) = &mut archive.parts[0].changes[0];
            *body = br#"{"n":{"text":"x"}}"#.to_vec();
        }),
        altered(&|archive| archive.parts[0].end.signature[3] ^= 1),
        altered(&|archive| {
            let other = archive.parts[1].end;
            archive.parts[0].end = other;
        }),
        altered(&|archive| _ = archive.statements.pop()),
        altered(&|archive| archive.parts.clear()),
        another,
    ] {
        // More chunks than there may be, no server takes.
        let put = world.replaces(&guest, &chunks);
        assert_eq!(put.is_err(), chunks.len() > 64, "{put:?}");
        let newcomer = world.joins("おば");
        for phone in [&world.father, &newcomer] {
            world.done(phone);
        }
        assert!(under(&newcomer.book, world.hers).iter().all(|(_, by)| *by == told("父")));
        newcomers.push(newcomer);
    }
    // Asked for once a day at most; a genuine one counts from whomever it comes.
    world.replaces(&guest, &good).unwrap();
    let newcomer = newcomers.pop().unwrap();
    world.done(&newcomer);
    assert!(under(&newcomer.book, world.hers).iter().all(|(_, by)| by.is_some()));
    world.time.pass(24 * 60 * 60 * 1000);
    world.done(&newcomer);
    assert_eq!(history(&newcomer.book, world.hers), history(&world.mother.book, world.hers));
}

/// A member wants words under the mother's name: a true leaf of hers, and beside it what she never said.
#[test]
fn a_true_leaf_beside_another_word_puts_nothing_into_the_mothers_mouth() {
    let world = world();
    let mut guest = world.guest();
    let genuine = world.archive(&guest);
    let words = genuine.words(&genuine.mark()).unwrap();
    // Her edit, which says just this one thing.
    let is_hers = |word: &&Word| word.change.entry == world.hers && word.change.fields.len() == 1;
    let hers = words.iter().find(is_hers).unwrap();
    let says = |value: &str, origin: Origin| {
        let stamp = hers.change.stamp;
        Past { stamp, field: "text".into(), value: value.into(), origin: Some(origin) }
    };
    let fathers = DeviceId::from(world.founder(&guest));
    let entry = EntryId::from_slice(&[0x6b; 16]).unwrap();
    let true_text = hers.change.fields["text"].value.as_str().unwrap().to_owned();
    let mut told_in = |entry: EntryId, past: Past| {
        let mut change = change(world.new, entry, "diary", &world.time, r#"{"n":{"on":"2026-04-01","text":"x"}}"#);
        change.history = vec![past];
        world.time.pass(1000);
        sends(&world.way, &mut guest, &world.time, &[change]);
    };
    told_in(world.hers, says("アレルギーはない", hers.origin));
    told_in(world.hers, says("アレルギーはない", Origin { leaf: [7; 32], ..hers.origin }));
    told_in(entry, says(&true_text, hers.origin));
    // In the name of who is a member now, out of a file that there never was.
    let mut made_up = says("アレルギーはない", hers.origin);
    (made_up.origin, made_up.stamp.device) = (None, fathers);
    told_in(entry, made_up);
    let aunt = world.joins("おば");
    for phone in [&world.father, &aunt] {
        world.done(phone);
    }
    let mothers = history(&world.mother.book, world.hers)[0].device.clone();
    for book in [&world.father.book, &aunt.book] {
        for entry in [world.hers, entry] {
            for version in history(book, entry).iter().filter(|version| version.device == mothers) {
                assert!(entry == world.hers && version.told_by.is_none(), "{version:?}");
                assert_ne!(version.fields["text"], "アレルギーはない");
            }
        }
        assert!(under(book, entry).contains(&(guest.device().to_string(), told("客"))));
        assert!(under(book, entry).iter().all(|(device, _)| *device != fathers.to_string()));
    }
}

/// Who gets a phone, the server, or an archive from before wants the word that was erased.
#[test]
fn a_word_that_is_erased_leaves_the_archive_at_the_server_and_on_every_phone() {
    let world = world();
    let aunt = world.joins("おば");
    for phone in [&world.father, &aunt] {
        world.done(phone);
    }
    let mut guest = world.guest();
    let before = world.kept(&guest);
    let has =
        |archive: &Archive, text: &str| archive.to_bytes().windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has(&world.archive(&guest), SECRET));
    wait(world.father.book.sync().erase(world.his, &world.way)).unwrap();
    let chain = chain_of(&world.way.0, &guest.keys, world.new).unwrap();
    guest.learn(&chain);
    let after = world.archive(&guest);
    assert!(!has(&after, SECRET), "by the same act");
    assert!(has(&after, "アレルギー"));
    // What somebody kept is taken by no server, and by no phone that a server gives it to.
    assert_eq!(world.replaces(&guest, &before), Err(403));
    assert!(open(&guest.reader, &before).is_none());
    let put = seal(&guest.reader, &guest.reader.state().unwrap().head(), &pack(&after).unwrap()).unwrap();
    world.replaces(&guest, &put).unwrap();
    for phone in [&world.father, &aunt] {
        world.done(phone);
        assert!(phone.book.entries().history(world.his).is_err());
        assert_eq!(
            history(&phone.book, world.hers),
            history(&world.mother.book, world.hers),
            "the rest is still proven"
        );
    }
    let newcomer = world.joins("祖母");
    for phone in [&world.father, &newcomer] {
        world.done(phone);
    }
    assert_eq!(history(&newcomer.book, world.hers), history(&world.mother.book, world.hers));
    for phone in [world.father, aunt, newcomer] {
        let Phone { folder, book, .. } = phone;
        drop(book);
        let key = ayumi_core::crypto::FileKey::from_bytes([7; 32]);
        let db = ayumi_core::store::Db::open(folder.path(), &key).unwrap();
        let body = ayumi_core::store::archives::body(db.reader(), world.new).unwrap().unwrap();
        let archive = unpack(&body).unwrap();
        assert!(!has(&archive, SECRET) && has(&archive, "アレルギー"));
        for table in ["frames", "control", "epoch_keys", "tails"] {
            let sql = format!("SELECT count(*) FROM {table} WHERE notebook = ?1");
            let rows: i64 = db.reader().query_row(&sql, [world.old.as_bytes()], |row| row.get(0)).unwrap();
            assert_eq!(rows, 0, "{table}: nothing of the old log is left beside the archive");
        }
    }
}

#[test]
fn a_server_that_lost_everything_gets_the_archive_back() {
    let world = world();
    world.way.0.restore(Contents::default());
    world.done(&world.father);
    let aunt = world.joins("おば");
    for phone in [&world.father, &aunt] {
        world.done(phone);
    }
    assert_eq!(history(&aunt.book, world.hers), history(&world.mother.book, world.hers));
}

#[test]
fn a_notebook_that_began_anew_twice_says_of_the_first_time_only_who_tells_it() {
    let world = world();
    let again = world.father.book.members().begin_anew(world.new, &[]).unwrap().notebook;
    world.done(&world.father);
    assert!(world.father.book.notebooks().find(again).is_ok());
    let mothers = history(&world.mother.book, world.hers)[0].device.clone();
    let shown = under(&world.father.book, world.hers);
    assert!(shown.iter().filter(|(device, _)| *device == mothers).all(|(_, by)| *by == told("父")), "{shown:?}");
    assert!(shown.iter().any(|(_, by)| *by == told("父")), "{shown:?}");
}

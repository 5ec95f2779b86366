//! What a server signed binds it: what it had it takes again, whatever its clock said then and says now, and under whichever of its
//! keys. Asked as phones ask, of every store.

use std::sync::atomic::Ordering;

use ayumi_channel::signer::Signer;
use ayumi_protocol::accept::Refusal;
use ayumi_protocol::control::{Action, ErasedIn, Role};
use ayumi_protocol::end::{End, SignedEnd};
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::exchange::{Answer, Piece, Refused};
use ayumi_protocol::key::Hash;
use ayumi_protocol::opening::Remnant;
use ayumi_protocol::receipt::{Receipt, Run};

use super::chains::{Server, Two};
use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite};

contract!(
    what_a_server_far_ahead_took_is_taken_again_with_its_receipt,
    a_receipt_that_is_not_for_an_envelope_lifts_no_bound,
    what_is_left_of_an_erased_envelope_is_taken_again_with_a_receipt,
    what_an_owner_tells_a_wiped_server_is_taken_whatever_its_clock_reading_is,
    a_former_key_still_says_which_chain_stands_and_a_strangers_key_never,
    what_was_signed_under_a_former_key_is_taken_again,
);

const YEAR: u64 = 365 * 86_400_000;

/// A father who wrote while the server's clock was a year ahead, and a reader who keeps the log.
struct Ahead<P: Place> {
    server: Server<P>,
    family: Family,
    mother: Phone,
    reader: Phone,
    words: Vec<Envelope>,
    /// The log as the reader read it, and what the server signed about it.
    log: Vec<(Hash, u64)>,
    signed: SignedEnd,
    /// What it signed before the last envelope came.
    earlier: SignedEnd,
}

impl<P: Place> Ahead<P> {
    fn new() -> Self {
        let server = Server::<P>::new();
        server.time.store(NOW + YEAR, Ordering::Relaxed);
        let (mother, mut father, reader) = (Phone::new(), Phone::new(), Phone::new());
        let mut family = Family::founded(&mother);
        family.welcome(&mother, &father, Role::Writer);
        family.welcome(&mother, &reader, Role::Reader);
        server.has(&family.statements, NOW + YEAR);
        let words: Vec<Envelope> =
            (0..4).map(|n| father.writes_at(&family, b"words", NOW + YEAR + n * 60_000)).collect();
        let sends = |envelopes: &[Envelope]| {
            let pieces: Vec<Piece> = envelopes.iter().map(|one| Piece::Envelope(one.to_bytes())).collect();
            let reply = server.ask(&father, family.notebook, &pieces, &[]).unwrap();
            assert!(reply.answers.iter().all(|answer| answer.position().is_some()), "{:?}", reply.answers);
        };
        sends(&words[..3]);
        let earlier = Self::reads(&server, &family, &reader, &words[..3]).1;
        sends(&words[3..]);
        let (log, signed) = Self::reads(&server, &family, &reader, &words);
        Self { server, family, mother, reader, words, log, signed, earlier }
    }

    /// The log as the reader reads it, and its signed end.
    fn reads(server: &Server<P>, family: &Family, reader: &Phone, words: &[Envelope]) -> (Vec<(Hash, u64)>, SignedEnd) {
        let reply = server.ask_for(reader, family.notebook, false, (&[], &[])).unwrap();
        let hashes = family.statements.iter().map(|said| said.hash()).chain(words.iter().map(Envelope::hash));
        let log: Vec<(Hash, u64)> = hashes.zip(reply.items.iter().map(|item| item.taken_at)).collect();
        assert_eq!(log.len(), reply.items.len());
        let prefix = Run { before: [0; 16], items: log.clone() }.prefix();
        let (position, head) = (log.len() as u64, family.state.head());
        let end = End { position, prefix, head, taken_at: log[log.len() - 1].1 };
        let signed = server.signer().end(family.notebook, &end);
        assert_eq!(reply.end.signature, signed.signature, "that is what it signed");
        (log, signed)
    }

    /// The log's items from a place on, with the end that they lead to.
    fn receipt(&self, from: usize) -> Receipt {
        let key = self.server.signer().public_key();
        let before = Run { before: [0; 16], items: self.log[..from].to_vec() }.prefix();
        Receipt { run: Run { before, items: self.log[from..].to_vec() }, ..Receipt::of(key, self.signed) }
    }

    /// The chain and the envelopes, as somebody carries them.
    fn told(&self) -> Vec<Piece> {
        let statements = self.family.statements.iter().map(|said| Piece::CarriedStatement(said.to_bytes()));
        statements.chain(self.words.iter().map(|one| Piece::CarriedEnvelope(one.to_bytes()))).collect()
    }

    /// The clock is right again, and everything is lost.
    fn wiped(self) -> Self {
        let server = self.server.wiped();
        server.time.store(NOW + 3_600_000, Ordering::Relaxed);
        Self { server, ..self }
    }

    /// How many of the envelopes are taken when the reader carries all with these receipts, and why the next one is not.
    fn taken(&self, receipts: &[Receipt]) -> (usize, Option<Answer>) {
        let answers = self.server.ask(&self.reader, self.family.notebook, &self.told(), receipts).unwrap().answers;
        let envelopes = &answers[self.family.statements.len()..];
        let taken = envelopes.iter().take_while(|answer| answer.position().is_some()).count();
        (taken, envelopes.get(taken).copied())
    }
}

const AHEAD: Option<Answer> = Some(Answer::Refused(Refused::Envelope(Refusal::ClockAhead)));

fn what_a_server_far_ahead_took_is_taken_again_with_its_receipt<P: Place>() {
    let world = Ahead::<P>::new();
    let (whole, last) = (world.receipt(0), world.receipt(world.log.len() - 4));
    let world = world.wiped();
    assert_eq!(world.taken(&[]), (0, AHEAD), "it waits on the phones");
    assert_eq!(world.taken(&[last]), (4, None), "all of it, with one request");
    let world = world.wiped();
    assert_eq!(world.taken(&[whole]), (4, None));
}

/// What a member with a patched client wants: words with a clock reading of next year in the log.
fn a_receipt_that_is_not_for_an_envelope_lifts_no_bound<P: Place>() {
    let world = Ahead::<P>::new();
    let first = world.log.len() - 4;
    let good = world.receipt(first);
    let key = good.server_key;
    let other = Family::founded(&world.mother);
    let elsewhere = world.server.signer().end(other.notebook, &world.signed.end);
    let stranger = Signer::new(&[0x5e; 32], world.signed.store_epoch).unwrap();
    let forged = stranger.end(world.family.notebook, &world.signed.end);
    let with = |signed: SignedEnd| Receipt { signed, ..good.clone() };
    let run = |change: &dyn Fn(&mut Run)| {
        let mut receipt = good.clone();
        change(&mut receipt.run);
        receipt
    };
    let cases = [
        ("under another server's key", Receipt { server_key: stranger.public_key(), ..with(forged) }),
        ("under another server's key that says it is this one's", with(forged)),
        ("of another notebook", with(elsewhere)),
        ("of another notebook, with this one's name", with(SignedEnd { notebook: world.family.notebook, ..elsewhere })),
        (
            "of another life of the store than it was signed in",
            with(SignedEnd { store_epoch: [0xee; 16], ..good.signed }),
        ),
        ("that nobody signed", with(SignedEnd { signature: [7; 64], ..good.signed })),
        ("of a later end, which nobody signed", {
            let later = End { position: good.signed.end.position + 1, ..good.signed.end };
            with(SignedEnd { end: later, ..good.signed })
        }),
        ("without what led to it", Receipt::of(key, good.signed)),
        ("of other items", run(&|run| run.items.iter_mut().for_each(|item| item.0[0] ^= 1))),
        ("at other times", run(&|run| run.items[0].1 -= 1)),
        ("in another order", run(&|run| run.items.swap(0, 1))),
        ("from another beginning", run(&|run| run.before[0] ^= 1)),
        ("with a hole", run(&|run| _ = run.items.remove(1))),
        ("with one item more in front", run(&|run| run.items.insert(0, ([3; 32], NOW)))),
        ("with the items of a later end", with(world.earlier)),
    ];
    let partly = Receipt {
        run: Run { before: good.run.before, items: world.log[first..world.log.len() - 1].to_vec() },
        ..Receipt::of(key, world.earlier)
    };
    let world = world.wiped();
    for (why, receipt) in cases {
        assert_eq!(world.taken(&[receipt]), (0, AHEAD), "{why}");
    }
    // A genuine one is for what it covers, and for nothing behind it.
    assert_eq!(world.taken(&[partly]), (3, AHEAD));
    assert_eq!(world.taken(&[good]), (4, None));
}

fn what_is_left_of_an_erased_envelope_is_taken_again_with_a_receipt<P: Place>() {
    let mut world = Ahead::<P>::new();
    let receipt = world.receipt(world.log.len() - 4);
    let (author, erased) = (world.words[0].header.author, world.words[1].clone());
    let envelopes = vec![ErasedIn { sequence: erased.header.sequence, attempt: 0, places: Vec::new() }];
    world.family.extend(&world.mother, Action::Erase { words_of: author, envelopes });
    let world = world.wiped();
    let remnant = Piece::Remnant(Remnant { frame: erased.frame(), opening: None }.to_bytes());
    let place = world.family.statements.len() + 1;
    let tells = |receipts: &[Receipt]| {
        let mut told = world.told();
        told[place] = remnant.clone();
        let answers = world.server.ask(&world.reader, world.family.notebook, &told, receipts).unwrap().answers;
        answers.iter().filter(|answer| answer.position().is_some()).count()
    };
    assert_eq!(tells(&[]), world.family.statements.len());
    assert_eq!(tells(&[receipt]), world.family.statements.len() + 4);
}

fn what_an_owner_tells_a_wiped_server_is_taken_whatever_its_clock_reading_is<P: Place>() {
    let world = Ahead::<P>::new().wiped();
    let reply = world.server.ask(&world.mother, world.family.notebook, &world.told(), &[]).unwrap();
    assert!(reply.answers.iter().all(|answer| answer.position().is_some()), "{:?}", reply.answers);
}

/// What who was taken out wants after a server changed its key: that its old word counts no more.
fn a_former_key_still_says_which_chain_stands_and_a_strangers_key_never<P: Place>() {
    let server = Server::<P>::new();
    let two = Two::new([2, 2]);
    let (before, head) = (server.signer().public_key(), two.finders[0].hash());
    let hers = server.signed(&two, two.hers[0].hash(), NOW + 1000);
    let earlier = server.signed(&two, head, NOW + 500);
    server.has(&two.told(&two.hers), NOW + 2000);
    let server = server.with_the_next_key();
    server.time.store(NOW + 1_000_000, Ordering::Relaxed);
    assert_ne!(server.signer().public_key(), before);
    let notebook = two.common.notebook;
    let pieces = |told: Vec<_>| -> Vec<Piece> {
        told.iter().map(|told: &ayumi_protocol::control::Statement| Piece::CarriedStatement(told.to_bytes())).collect()
    };
    let tells = |by: &Phone, branch, receipts: &[Receipt]| {
        server.ask(by, notebook, &pieces(two.told(branch)), receipts).unwrap()
    };
    let stranger = Signer::new(&[0x5e; 32], earlier.store_epoch).unwrap();
    let forged = stranger.end(notebook, &earlier.end);
    for receipt in [
        Receipt::of(stranger.public_key(), forged),
        Receipt::of(before, forged),
        Receipt::of(server.signer().public_key(), earlier),
    ] {
        tells(&two.finder, &two.finders, &[receipt]);
        assert_eq!(server.chain(&two), two.heads(&two.hers));
    }
    // Her phone has the old word about her chain, and who is told why may know the present key alone.
    tells(&two.mother, &two.hers, &[Receipt::of(before, hers)]);
    let late = server.signed(&two, head, NOW + 1500);
    let reply = tells(&two.finder, &two.finders, &[Receipt::of(server.signer().public_key(), late)]);
    let shown = reply.receipt.unwrap();
    assert_eq!((shown.end, shown.store_epoch), (hers.end, hers.store_epoch));
    assert!(shown.is_signed_by(server.signer().public_key()));
    assert_eq!(server.chain(&two), two.heads(&two.hers));
    // An earlier word under the former key moves the chain.
    tells(&two.finder, &two.finders, &[Receipt::of(before, earlier)]);
    assert_eq!(server.chain(&two), two.heads(&two.finders));
}

fn what_was_signed_under_a_former_key_is_taken_again<P: Place>() {
    let world = Ahead::<P>::new();
    let receipt = world.receipt(world.log.len() - 4);
    let mut world = world.wiped();
    world.server = world.server.with_the_next_key();
    world.server.time.store(NOW + 3_600_000, Ordering::Relaxed);
    assert_ne!(world.server.signer().public_key(), receipt.server_key);
    let renamed = Receipt { server_key: world.server.signer().public_key(), ..receipt.clone() };
    assert_eq!(world.taken(&[renamed]), (0, AHEAD), "a receipt keeps its key");
    assert_eq!(world.taken(&[receipt]), (4, None));
}

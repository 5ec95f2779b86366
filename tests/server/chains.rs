//! Which chain stands at a server that was put back, wiped, or told again, whoever comes first: that with the earliest of what this
//! server signed. Asked as phones ask, of every store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ayumi_channel::answer::{Channel, Origins, Problem};
use ayumi_channel::signer::Signer;
use ayumi_core::crypto::keys::{EpochKey, commitment, wrap};
use ayumi_play::Dice;
use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::Bearer;
use ayumi_protocol::blob::{BlobAction, BlobName, BlobReply, BlobRequest};
use ayumi_protocol::control::{self, Action, Branch, Cutoff, NewEpoch, Person, Role, State, Statement, told_stands};
use ayumi_protocol::end::{End, SignedEnd};
use ayumi_protocol::exchange::{
    Answer, Caller, Challenge, ItemBody, Piece, Proof, Refused, Reply, Request, SESSION_PURPOSE, Wanted, session_bytes,
};
use ayumi_protocol::key::Hash;
use ayumi_protocol::receipt::Receipt;
use ayumi_server::gone::Due;
use ayumi_server::log::{Entry, Log, Terms};
use tokio::runtime::Runtime;

use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite};

contract!(
    in_every_order_the_chain_with_the_earliest_receipt_stands,
    a_forged_receipt_moves_no_chain,
    a_chain_that_is_only_shorter_is_completed_and_nothing_of_it_is_put_aside,
    the_date_of_a_chain_that_was_told_again_stays_that_of_its_receipt,
    what_a_chain_that_is_put_aside_closed_stays_open,
);

/// A store, and what answers over it.
pub(super) struct Server<P: Place> {
    pub(super) channel: Channel<P::Log>,
    pub(super) time: Arc<AtomicU64>,
    runtime: Runtime,
    place: P,
}

impl<P: Place> Server<P> {
    pub(super) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let place = P::new();
        let log = runtime.block_on(place.open());
        Self::over(runtime, place, log)
    }

    fn over(runtime: Runtime, place: P, log: P::Log) -> Self {
        let time = Arc::new(AtomicU64::new(NOW));
        let clock = time.clone();
        let clock = Arc::new(move || clock.load(Ordering::Relaxed));
        let channel = Channel::new(Arc::new(log), clock, Arc::new(()), Origins::Nearby);
        Self { channel, time, runtime, place }
    }

    /// It lost everything but its key.
    pub(super) fn wiped(self) -> Self {
        let Self { channel, runtime, place, .. } = self;
        drop(channel);
        let place = place.wiped();
        let log = runtime.block_on(place.open());
        Self::over(runtime, place, log)
    }

    /// Its next key takes the place of the present one.
    pub(super) fn with_the_next_key(self) -> Self {
        let Self { channel, runtime, place, .. } = self;
        drop(channel);
        let log = runtime.block_on(place.open_with_the_next_key());
        Self::over(runtime, place, log)
    }

    pub(super) fn signer(&self) -> &Signer {
        self.channel.log.signer()
    }

    /// What the server signed once, before it forgot it.
    pub(super) fn signed(&self, family: &Two, head: Hash, taken_at: u64) -> SignedEnd {
        self.signer().end(family.common.notebook, &End { position: 40, prefix: [7; 16], head, taken_at })
    }

    /// Statements that are in the store, as a backup has them.
    pub(super) fn has(&self, statements: &[Statement], taken_at: u64) {
        for statement in statements {
            let entry = Entry::Statement(statement.clone(), Bearer::Author);
            let log = &self.channel.log;
            let taken = self.runtime.block_on(log.append(statement.notebook, vec![entry], taken_at, Terms::Whole));
            assert!(taken.unwrap().answers[0].is_ok());
        }
    }

    fn request(&self, by: &Phone, family: &Two, told: &[Statement], ends: &[SignedEnd]) -> Result<Reply, Problem> {
        let pieces: Vec<Piece> = told.iter().map(|told| Piece::CarriedStatement(told.to_bytes())).collect();
        let key = self.signer().public_key();
        let ends: Vec<Receipt> = ends.iter().map(|signed| Receipt::of(key, *signed)).collect();
        self.ask(by, family.common.notebook, &pieces, &ends)
    }

    /// Asks as a phone does, with a fresh proof; for the chain alone.
    pub(super) fn ask(
        &self,
        by: &Phone,
        notebook: NotebookId,
        pieces: &[Piece],
        ends: &[Receipt],
    ) -> Result<Reply, Problem> {
        self.ask_for(by, notebook, true, (pieces, ends))
    }

    pub(super) fn ask_for(
        &self,
        by: &Phone,
        notebook: NotebookId,
        control_only: bool,
        (pieces, ends): (&[Piece], &[Receipt]),
    ) -> Result<Reply, Problem> {
        let ask = |proof| {
            let request = Request {
                caller: Caller { notebook, author: by.id(), proof },
                wanted: Wanted { control_only, mine_too: !control_only },
                after: 0,
                prefix: [0; 16],
                page_bytes: 1 << 20,
                ticket: None,
                ends: ends.to_vec(),
                pieces: pieces.to_vec(),
            };
            let answer = self.runtime.block_on(self.channel.answer("/v1/sync", &request.to_bytes()));
            answer.map(|bytes| Reply::from_bytes(&bytes).unwrap())
        };
        match ask(Proof::None) {
            Err(Problem::Challenge(bytes)) => {
                let challenge = Challenge::from_bytes(&bytes).unwrap();
                let signed = session_bytes(&challenge, "", notebook, by.id());
                let signature = by.keys.sign(SESSION_PURPOSE, &signed);
                ask(Proof::Signed { challenge: challenge.challenge, origin: String::new(), signature })
            }
            other => other,
        }
    }

    /// Asks about a blob as a phone does, with a fresh proof.
    pub(super) fn blob(
        &self,
        by: &Phone,
        notebook: NotebookId,
        name: BlobName,
        action: &BlobAction,
    ) -> Result<BlobReply, Problem> {
        let ask = |proof| {
            let caller = Caller { notebook, author: by.id(), proof };
            let request = BlobRequest { caller, name, action: action.clone() };
            let answer = self.runtime.block_on(self.channel.answer("/v1/blob", &request.to_bytes()));
            answer.map(|bytes| BlobReply::from_bytes(&bytes).unwrap())
        };
        match ask(Proof::None) {
            Err(Problem::Challenge(bytes)) => {
                let challenge = Challenge::from_bytes(&bytes).unwrap();
                let signature = by.keys.sign(SESSION_PURPOSE, &session_bytes(&challenge, "", notebook, by.id()));
                ask(Proof::Signed { challenge: challenge.challenge, origin: String::new(), signature })
            }
            other => other,
        }
    }

    /// Everything that the store holds, as bytes.
    pub(super) fn dump(self) -> Vec<u8> {
        drop(self.channel);
        self.place.dump()
    }

    /// The heads of the chain, as the store has them.
    pub(super) fn chain(&self, family: &Two) -> Vec<Hash> {
        let state = self.runtime.block_on(self.channel.log.chain(family.common.notebook)).unwrap();
        let Some(state) = state else { return Vec::new() };
        let all = [&family.common.statements, &family.hers, &family.finders].into_iter().flatten();
        let mut heads: Vec<(usize, Hash)> =
            all.map(Statement::hash).filter_map(|hash| Some((state.place_of(&hash)?, hash))).collect();
        heads.sort_unstable();
        assert_eq!(heads.len(), state.length());
        heads.into_iter().map(|(_, hash)| hash).collect()
    }
}

/// Two phones of one person, of which one was lost: each takes the other out.
pub(super) struct Two {
    pub(super) mother: Phone,
    pub(super) finder: Phone,
    pub(super) common: Family,
    /// What she says behind the common chain, beginning with the finder's removal.
    pub(super) hers: Vec<Statement>,
    /// What the finder says there, beginning with hers.
    pub(super) finders: Vec<Statement>,
}

impl Two {
    pub(super) fn new(lengths: [usize; 2]) -> Self {
        let (mother, finder, father) = (Phone::new(), Phone::new(), Phone::new());
        let mut common = Family::founded(&mother);
        common.welcome(&mother, &father, Role::Writer);
        own_device(&mut common, &mother, &finder);
        let branch = |by: &Phone, gone: &Phone, length| {
            let mut state = common.state.clone();
            let mut said = Vec::new();
            for place in 0..length {
                let stay: Vec<_> = state.holders().filter(|(id, _)| **id != gone.id()).collect();
                let (epoch, key) = (state.epoch() + 1, EpochKey::generate().unwrap());
                let wraps = stay
                    .iter()
                    .map(|(id, holder)| (**id, wrap(&key, common.notebook, epoch, &holder.keys, by.id()).unwrap()));
                let epoch = NewEpoch { wraps: wraps.collect(), commitment: commitment(&key, common.notebook, epoch) };
                let action = match place {
                    0 => Action::Remove { holder: gone.id(), cutoff: Cutoff::default(), epoch },
                    _ => Action::Epoch { epoch },
                };
                let statement = by.says(common.notebook, state.head(), action);
                state = state.after(&statement).unwrap();
                said.push(statement);
            }
            said
        };
        let (hers, finders) = (branch(&mother, &finder, lengths[0]), branch(&finder, &mother, lengths[1]));
        Self { mother, finder, common, hers, finders }
    }

    pub(super) fn told(&self, branch: &[Statement]) -> Vec<Statement> {
        [&self.common.statements, branch].concat()
    }

    pub(super) fn heads(&self, branch: &[Statement]) -> Vec<Hash> {
        self.told(branch).iter().map(Statement::hash).collect()
    }
}

/// Lets in another phone of the founder's, as an owner.
fn own_device(family: &mut Family, mother: &Phone, phone: &Phone) {
    let code = Phone::new();
    family.welcome_as(mother, &code, phone, (Person([9; 16]), Role::Owner));
}

/// What a phone decides that was told why: with its own receipts and the one that came.
fn phone_gives_way(reply: &Reply, own: &[Statement], receipts: &[SignedEnd], server: [u8; 32]) -> Option<bool> {
    let shown = reply.items.iter().filter_map(|item| match &item.body {
        ItemBody::Statement(bytes) => Some((Statement::from_bytes(bytes).unwrap(), item.taken_at)),
        _ => None,
    });
    let parted = shown.skip_while(|(shown, _)| shown.previous != own[0].previous);
    let (heads, times): (Vec<Hash>, Vec<u64>) = parted.map(|(shown, at)| (shown.hash(), at)).unzip();
    let mut known = receipts.to_vec();
    known.extend(reply.receipt.filter(|receipt| receipt.is_signed_by(server)));
    let own: Vec<Hash> = own.iter().map(Statement::hash).collect();
    let told = Branch { heads: &own, taken_at: None };
    told_stands(&told, &Branch { heads: &heads, taken_at: times.first().copied() }, &known).map(|stands| !stands)
}

/// Each may have been taken before the backup, after it, or be told again to a server that lost everything; by whoever comes first.
fn in_every_order_the_chain_with_the_earliest_receipt_stands<P: Place>() {
    let server = Server::<P>::new();
    let mut dice = Dice::new(0x6368_6169_6e73);
    let mut given_way = 0;
    for case in 0..48_u64 {
        let (has, hers_first, finder_comes_first) = (case % 4, case / 4 % 2 == 0, case / 8 % 2 == 0);
        let two = Two::new([1 + dice.below(3), 1 + dice.below(3)]);
        // What was signed about each, long ago.
        let (early, late) = (NOW + 1000, NOW + 2000 + dice.number() % 1000);
        let (her_time, finders_time) = if hers_first { (early, late) } else { (late, early) };
        let receipt = |server: &Server<P>, branch: &[Statement], taken_at, dice: &mut Dice| {
            server.signed(&two, branch[dice.below(branch.len())].hash(), taken_at)
        };
        let hers = [receipt(&server, &two.hers, her_time, &mut dice)];
        let finders = [receipt(&server, &two.finders, finders_time, &mut dice)];
        // What the server has when it comes back: nothing, what both know, or one of the two already.
        match has {
            0 => {}
            1 => server.has(&two.common.statements, NOW),
            2 => server.has(&two.told(&two.hers[..1]), her_time),
            _ => server.has(&two.told(&two.finders[..1]), finders_time),
        }
        server.time.store(NOW + 1_000_000 + case * 1000, Ordering::Relaxed);
        for round in 0..4 {
            server.time.fetch_add(100, Ordering::Relaxed);
            let finder = (round % 2 == 0) == finder_comes_first;
            let (by, branch, receipts) =
                if finder { (&two.finder, &two.finders, &finders) } else { (&two.mother, &two.hers, &hers) };
            let reply = server.request(by, &two, &two.told(branch), receipts).unwrap();
            // Who is refused has the proof, and decides alike.
            if server.chain(&two) != two.heads(branch) {
                let way = phone_gives_way(&reply, branch, receipts, server.signer().public_key());
                assert_eq!(way, Some(true), "case {case}, round {round}: {:?}", reply.answers);
                given_way += 1;
            }
        }
        let stands = if hers_first { &two.hers } else { &two.finders };
        assert_eq!(server.chain(&two), two.heads(stands), "case {case}");
    }
    assert!(given_way >= 48, "somebody gave way in each: {given_way}");
}

/// What somebody wanted who was taken out: that the server puts the removal aside.
fn a_forged_receipt_moves_no_chain<P: Place>() {
    let server = Server::<P>::new();
    let two = Two::new([2, 2]);
    server.has(&two.told(&two.hers), NOW + 1000);
    let stands = two.heads(&two.hers);
    let head = two.finders[0].hash();
    let genuine = server.signed(&two, head, NOW + 500);
    let another = Signer::new(&[0x5e; 32], genuine.store_epoch).unwrap();
    let neighbours = Two::new([1, 1]);
    let end = genuine.end;
    let forged = [
        ("by another server's key", another.end(genuine.notebook, &end)),
        ("of another notebook", server.signed(&neighbours, head, NOW + 500)),
        (
            "of another notebook, with this one's name",
            SignedEnd { notebook: genuine.notebook, ..server.signed(&neighbours, head, NOW + 500) },
        ),
        ("of another position", SignedEnd { end: End { position: 41, ..end }, ..genuine }),
        ("of another log", SignedEnd { end: End { prefix: [8; 16], ..end }, ..genuine }),
        ("with an earlier date", SignedEnd { end: End { taken_at: NOW + 400, ..end }, ..genuine }),
        (
            "with an earlier date in place of a later one",
            SignedEnd { end: End { taken_at: NOW + 500, ..end }, ..server.signed(&two, head, NOW + 1500) },
        ),
        (
            "of another head",
            SignedEnd { end: End { head, ..end }, ..server.signed(&two, two.common.state.head(), NOW + 500) },
        ),
        ("of another life of the store", SignedEnd { store_epoch: [0xee; 16], ..genuine }),
        ("for what both know", server.signed(&two, two.common.state.head(), NOW)),
        ("of a later time", server.signed(&two, head, NOW + 1001)),
    ];
    server.time.store(NOW + 1_000_000, Ordering::Relaxed);
    for (why, receipt) in forged {
        let reply = server.request(&two.finder, &two, &two.told(&two.finders), &[receipt]).unwrap();
        assert!(reply.gone && reply.answers.iter().all(|answer| answer.position().is_none()), "{why}");
        assert_eq!(server.chain(&two), stands, "a receipt {why}");
    }
    // The genuine one does, and only for what it covers.
    server.request(&two.finder, &two, &two.told(&two.finders), &[genuine]).unwrap();
    assert_eq!(server.chain(&two), two.heads(&two.finders));
}

fn a_chain_that_is_only_shorter_is_completed_and_nothing_of_it_is_put_aside<P: Place>() {
    let server = Server::<P>::new();
    let two = Two::new([3, 1]);
    for length in 0..=3 {
        let receipt = server.signed(&two, two.hers[0].hash(), NOW + 5);
        let told = two.told(&two.hers[..length]);
        let reply = server.request(&two.mother, &two, &told, &[receipt]).unwrap();
        assert!(reply.answers.iter().all(|answer| answer.position().is_some()), "{:?}", reply.answers);
        assert_eq!(server.chain(&two), two.heads(&two.hers[..length]));
    }
    // Who knows less is told the rest.
    let reply = server.request(&two.mother, &two, &two.told(&two.hers[..1]), &[]).unwrap();
    assert!(reply.answers.iter().all(|answer| answer.position().is_some()));
    assert_eq!(server.chain(&two), two.heads(&two.hers));
}

/// A server that was wiped takes a chain anew, and its own clock says nothing about when it was there.
fn the_date_of_a_chain_that_was_told_again_stays_that_of_its_receipt<P: Place>() {
    let server = Server::<P>::new();
    let two = Two::new([1, 1]);
    let [hers, finders] = [(&two.hers, NOW + 10), (&two.finders, NOW + 20)]
        .map(|(branch, time)| server.signed(&two, branch[0].hash(), time));
    server.time.store(NOW + 1_000_000, Ordering::Relaxed);
    server.request(&two.mother, &two, &two.told(&two.hers), &[hers]).unwrap();
    let kept = server.runtime.block_on(server.channel.log.receipts(two.common.notebook)).unwrap();
    assert_eq!(kept, [hers]);
    let reply = server.request(&two.finder, &two, &two.told(&two.finders), &[finders]).unwrap();
    assert_eq!((reply.gone, reply.receipt), (true, Some(hers)), "the finder is told why");
    assert_eq!(server.chain(&two), two.heads(&two.hers));
    // Without a receipt of its own nothing is moved either, and a later one does not take an earlier one's place.
    server.request(&two.finder, &two, &two.told(&two.finders), &[]).unwrap();
    let later = server.signed(&two, two.hers[0].hash(), NOW + 30);
    server.request(&two.mother, &two, &two.told(&two.hers), &[later]).unwrap();
    let kept = server.runtime.block_on(server.channel.log.receipts(two.common.notebook)).unwrap();
    assert_eq!(kept, [hers]);
    assert_eq!(server.chain(&two), two.heads(&two.hers));
    // One that stays says the same to a member who is still in: the removed phone's chain is refused as what it is.
    let reply = server.request(&two.mother, &two, &two.told(&two.finders), &[finders]).unwrap();
    let refused = Answer::Refused(Refused::Control(control::Refusal::HeadMoved));
    assert_eq!((reply.answers.last(), reply.receipt), (Some(&refused), Some(hers)));
    // When the notebook is forgotten, so are they.
    server.runtime.block_on(server.channel.log.forget(two.common.notebook, NOW)).unwrap();
    let kept = server.runtime.block_on(server.channel.log.receipts(two.common.notebook)).unwrap();
    assert_eq!(kept, []);
    let state: Option<Arc<State>> = server.runtime.block_on(server.channel.log.chain(two.common.notebook)).unwrap();
    assert!(state.is_none());
}

/// The finder closes the notebook in the other chain; it would go after thirty days.
fn what_a_chain_that_is_put_aside_closed_stays_open<P: Place>() {
    const LATER: u64 = NOW + 40 * 86_400_000;
    let server = Server::<P>::new();
    for mother_closed_too in [false, true] {
        let mut two = Two::new([1, 1]);
        let close = |by: &Phone, head| {
            let action = Action::Close { server: server.signer().public_key(), at_once: false };
            by.says(two.common.notebook, head, action)
        };
        let closed = close(&two.finder, two.finders[0].hash());
        let hers = close(&two.mother, two.hers[0].hash());
        two.finders.push(closed);
        if mother_closed_too {
            two.hers.push(hers);
        }
        server.has(&two.told(&two.finders), NOW + 1000);
        let receipt = server.signed(&two, two.hers[0].hash(), NOW + 10);
        server.time.store(NOW + 2000, Ordering::Relaxed);
        server.request(&two.mother, &two, &two.told(&two.hers), &[receipt]).unwrap();
        assert_eq!(server.chain(&two), two.heads(&two.hers));
        let gone = server.runtime.block_on(server.channel.log.expire(Due::now(LATER))).unwrap();
        assert_eq!(gone, u64::from(mother_closed_too), "only what she closed");
    }
}

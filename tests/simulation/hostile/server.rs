//! A municipality's server that lies: to one phone, about its log, its clock, itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use ayumi_channel::log::Log;
use ayumi_channel::signer::Signer;
use ayumi_core::sync::transport::{RawResponse, Transport, Waiting};
use ayumi_play::Dice;
use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Statement;
use ayumi_protocol::end::End;
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::exchange::{Answer, Item, ItemBody, Piece, Reply, ReplyEnd, Request, Stated};
use ayumi_protocol::gone::{Gone, WhyGone};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_tests::family::Municipality;

use super::photo;
use super::snapshot::lies_about;

/// What a lying server does with one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lie {
    /// An envelope is not given.
    Withholds,
    /// The statements are not given: nobody was taken out.
    HidesStatements,
    /// Two items change places.
    Reorders,
    /// One byte of an item is another.
    Alters,
    /// An answer from before is given again.
    Repeats,
    /// The answer comes from a copy of the store that nobody else sees, and what was brought is lost with it.
    ShowsTwoPasts,
    /// The clock is a year ahead.
    ClockAhead,
    /// The end of the log is not signed.
    FalseReceipt,
    /// It says that it has less of the caller.
    OwnLess,
    /// It says that it has more of the caller.
    OwnMore,
    /// It says that the log is another one.
    Disagrees,
    /// It says that its store began anew.
    OtherEpoch,
    /// It says that the caller was taken out.
    SaysGone,
    /// It says that the log ends earlier.
    EndsEarlier,
    /// It gives an item twice.
    GivesTwice,
    /// It gives junk as somebody's envelope.
    Invents,
    /// It takes what was brought and forgets it at once.
    Swallows,
    /// It says that it does not take what was brought.
    RefusesFalsely,
    /// It says that an owner closed the notebook.
    SaysClosed,
    /// It says that the notebook is gone, in the name of another server.
    SaysGoneForAnother,
    /// It says that a notebook is gone, and signs it for another notebook.
    SaysGoneOfAnother,
    /// It says that the notebook was closed and is gone, and signs that.
    DeniesIt,
    /// It says that the log goes on without end, signs that, and gives half a page: whoever reads it asks for a snapshot.
    EndsLater,
    /// It gives another snapshot than a member made.
    AltersASnapshot,
    /// It shows each phone another end of the log, and signs it.
    SignsAnotherEnd,
    /// It shows another server's receipt for what the log shows.
    ForgesAReceipt,
    /// It says that it has a photo or a thumbnail and has something else, or gives another one than a member put.
    LiesAboutAPhoto,
}

impl Lie {
    /// Every lie.
    pub(super) const ALL: [Self; 27] = [
        Self::Withholds,
        Self::HidesStatements,
        Self::Reorders,
        Self::Alters,
        Self::Repeats,
        Self::ShowsTwoPasts,
        Self::ClockAhead,
        Self::FalseReceipt,
        Self::OwnLess,
        Self::OwnMore,
        Self::Disagrees,
        Self::OtherEpoch,
        Self::SaysGone,
        Self::EndsEarlier,
        Self::GivesTwice,
        Self::Invents,
        Self::Swallows,
        Self::RefusesFalsely,
        Self::SaysClosed,
        Self::SaysGoneForAnother,
        Self::SaysGoneOfAnother,
        Self::DeniesIt,
        Self::EndsLater,
        Self::AltersASnapshot,
        Self::SignsAnotherEnd,
        Self::ForgesAReceipt,
        Self::LiesAboutAPhoto,
    ];
}

/// The frames of each key by sequence and attempt.
type Signed = BTreeMap<(KeyId, u64, u32), BTreeSet<Hash>>;

/// Between honest phones and the store: tells the truth, or lies.
pub(super) struct Server {
    pub(super) municipality: Arc<Municipality>,
    inner: Mutex<Inner>,
}

struct Inner {
    dice: Dice,
    /// Chance of a lie, in percent.
    lies: u64,
    /// Earlier answers.
    earlier: Vec<RawResponse>,
    told: BTreeMap<Lie, u64>,
    /// What honest phones have signed.
    signed: Signed,
    /// The log of this notebook shall seem long to who asks next: a member put a false snapshot.
    pretends: Option<NotebookId>,
}

impl Server {
    pub(super) fn new(municipality: Arc<Municipality>, seed: u64) -> Self {
        let inner = Inner {
            dice: Dice::new(seed),
            lies: 0,
            earlier: Vec::new(),
            told: BTreeMap::new(),
            signed: BTreeMap::new(),
            pretends: None,
        };
        Self { municipality, inner: Mutex::new(inner) }
    }

    /// From now on so many answers of a hundred are lies.
    pub(super) fn lies(&self, percent: u64) {
        self.inner.lock().unwrap().lies = percent;
    }

    /// Helps a member who put a snapshot: the log shall seem long to who asks next.
    pub(super) fn pretends(&self, notebook: NotebookId) {
        self.inner.lock().unwrap().pretends = Some(notebook);
    }

    /// How often each lie was told.
    pub(super) fn told(&self) -> BTreeMap<Lie, u64> {
        self.inner.lock().unwrap().told.clone()
    }

    /// A key that signed two frames for one sequence and attempt.
    pub(super) fn two_tongues(&self) -> Option<KeyId> {
        let inner = self.inner.lock().unwrap();
        inner.signed.iter().find(|(_, frames)| frames.len() > 1).map(|((author, ..), _)| *author)
    }

    fn note(&self, body: &[u8]) {
        let Ok(request) = Request::from_bytes(body) else { return };
        let own = |piece: &Piece| match piece {
            Piece::Envelope(bytes) => Envelope::from_bytes(bytes).ok(),
            _ => None,
        };
        let signed = &mut self.inner.lock().unwrap().signed;
        for envelope in request.pieces.iter().filter_map(own) {
            let header = &envelope.header;
            signed.entry((header.author, header.sequence, header.attempt)).or_default().insert(envelope.hash());
        }
    }

    fn answer(&self, path: &str, body: &[u8]) -> RawResponse {
        self.note(body);
        let honest = |body: &[u8]| self.municipality.answer(path, body);
        let mut inner = self.inner.lock().unwrap();
        let chance = inner.lies;
        if path == "/v1/blob" && chance > 0 {
            let answer = honest(body);
            if !inner.dice.percent(50) {
                return answer;
            }
            let (lie, lied) = match lies_about(body, &answer, &mut inner.dice) {
                Some(lied) => (Lie::AltersASnapshot, Some(lied)),
                None => (Lie::LiesAboutAPhoto, photo::lies_about(body, &answer, &mut inner.dice)),
            };
            let Some(lied) = lied else { return answer };
            *inner.told.entry(lie).or_default() += 1;
            return lied;
        }
        let asked = Request::from_bytes(body).ok().map(|request| request.caller.notebook);
        let signer = self.municipality.log();
        let signer = signer.signer();
        if path == "/v1/sync" && inner.pretends.is_some() && inner.pretends == asked {
            let answer = honest(body);
            let Some(lied) = ends_later(body, &answer, signer) else { return answer };
            inner.pretends = None;
            *inner.told.entry(Lie::EndsLater).or_default() += 1;
            return lied;
        }
        if path != "/v1/sync" || !inner.dice.percent(chance) {
            drop(inner);
            let answer = honest(body);
            let earlier = &mut self.inner.lock().unwrap().earlier;
            if answer.status == 200 && earlier.len() < 50 {
                earlier.push(RawResponse { status: 200, body: answer.body.clone(), retry_after: None });
            }
            return answer;
        }
        let lie = Lie::ALL[inner.dice.below(Lie::ALL.len())];
        let before = self.municipality.contents();
        let answer = honest(body);
        // What it lies about it does not keep, or everybody sees it.
        if matches!(lie, Lie::ShowsTwoPasts | Lie::Swallows) {
            self.municipality.roll_back(before);
        }
        let signed = match lie {
            Lie::EndsLater => ends_later(body, &answer, signer),
            _ => says_gone(lie, body, signer).or_else(|| signs_another(lie, (body, &answer), signer, &mut inner.dice)),
        };
        let Some(lied) = signed.or_else(|| tell(lie, &answer, &mut inner)) else { return answer };
        *inner.told.entry(lie).or_default() += 1;
        lied
    }
}

/// Says that a notebook is gone, which is there.
fn says_gone(lie: Lie, body: &[u8], signer: &Signer) -> Option<RawResponse> {
    let (notebook, when_ms) = (Request::from_bytes(body).ok()?.caller.notebook, u64::MAX);
    let gone = match lie {
        Lie::SaysGoneForAnother => Gone {
            server_key: signer.public_key(),
            ..Signer::new(&[0x5e; 32], [1; 16]).ok()?.gone(notebook, WhyGone::Closed, when_ms)
        },
        Lie::SaysGoneOfAnother => {
            Gone { notebook, ..signer.gone(NotebookId::from_slice(&[9; 16]).ok()?, WhyGone::Closed, when_ms) }
        }
        Lie::DeniesIt => signer.gone(notebook, WhyGone::Closed, when_ms),
        _ => return None,
    };
    Some(RawResponse { status: 410, body: gone.to_bytes(), retry_after: None })
}

/// Says that the log is long, signs that, and gives half of what it would give.
fn ends_later(body: &[u8], answer: &RawResponse, signer: &Signer) -> Option<RawResponse> {
    let notebook = Request::from_bytes(body).ok()?.caller.notebook;
    let mut reply = Reply::from_bytes(&answer.body).ok().filter(|reply| answer.status == 200 && !reply.gone)?;
    reply.items.truncate(reply.items.len() / 2);
    let position = reply.end.position + 100_000;
    let end = End { position, ..reply.end.stated.map(|stated| stated.end).unwrap_or_default() };
    let stated = Some(Stated { store_epoch: signer.store_epoch(), end });
    reply.end = ReplyEnd { position, stated, signature: signer.end(notebook, &end).signature };
    Some(RawResponse { status: 200, body: reply.to_bytes(), retry_after: None })
}

/// Signs what is not so about the end of the log; to each phone something else.
fn signs_another(
    lie: Lie,
    (asked, answer): (&[u8], &RawResponse),
    signer: &Signer,
    dice: &mut Dice,
) -> Option<RawResponse> {
    let notebook = Request::from_bytes(asked).ok()?.caller.notebook;
    let mut reply = Reply::from_bytes(&answer.body).ok().filter(|_| answer.status == 200)?;
    let head = reply.items.iter().rev().find_map(|item| match &item.body {
        ItemBody::Statement(bytes) => Statement::from_bytes(bytes).ok().map(|statement| statement.hash()),
        _ => None,
    });
    match lie {
        Lie::SignsAnotherEnd => {
            let mut other = [0; 32];
            other.iter_mut().for_each(|byte| *byte = dice.number() as u8);
            let (position, taken_at) = (reply.end.position, dice.number() % reply.server_ms);
            let end = reply.end.stated.map(|stated| stated.end);
            let end = end.map_or(End { position, prefix: [7; 16], head: other, taken_at }, |end| {
                [End { head: other, ..end }, End { taken_at, ..end }, End { prefix: [7; 16], ..end }][dice.below(3)]
            });
            reply.end.stated = Some(Stated { store_epoch: signer.store_epoch(), end });
            reply.end.signature = signer.end(notebook, &end).signature;
        }
        Lie::ForgesAReceipt => {
            let forger = Signer::new(&[0x5e; 32], [1; 16]).ok()?;
            let end = End { position: 1, prefix: [7; 16], head: head.unwrap_or_default(), taken_at: 1 };
            reply.receipt = Some(forger.end(notebook, &end));
        }
        _ => return None,
    }
    Some(RawResponse { status: 200, body: reply.to_bytes(), retry_after: None })
}

/// Tells a lie, if there is something to lie about.
fn tell(lie: Lie, answer: &RawResponse, inner: &mut Inner) -> Option<RawResponse> {
    if lie == Lie::Repeats {
        let place = inner.dice.below(inner.earlier.len());
        let body = inner.earlier.get(place)?.body.clone();
        return Some(RawResponse { status: 200, body, retry_after: None });
    }
    let mut reply = Reply::from_bytes(&answer.body).ok().filter(|_| answer.status == 200)?;
    let dice = &mut inner.dice;
    let bytes = |item: &mut Item| match &mut item.body {
        ItemBody::Envelope(bytes) | ItemBody::Statement(bytes) => Some(std::mem::take(bytes)),
        ItemBody::Own(..) | ItemBody::Brought(_) | ItemBody::Remnant(_) => None,
    };
    match lie {
        Lie::Repeats
        | Lie::SaysGoneForAnother
        | Lie::SaysGoneOfAnother
        | Lie::DeniesIt
        | Lie::EndsLater
        | Lie::AltersASnapshot
        | Lie::SignsAnotherEnd
        | Lie::ForgesAReceipt
        | Lie::LiesAboutAPhoto => return None,
        Lie::ShowsTwoPasts | Lie::Swallows => {
            let took = reply.answers.iter().any(|answer| answer.position().is_some());
            return took.then(|| RawResponse { status: 200, body: answer.body.clone(), retry_after: None });
        }
        Lie::Withholds => {
            let place = reply.items.iter().position(|item| matches!(item.body, ItemBody::Envelope(_)))?;
            reply.items.remove(place);
        }
        Lie::HidesStatements => {
            let before = reply.items.len();
            reply.items.retain(|item| !matches!(item.body, ItemBody::Statement(_)));
            (reply.items.len() < before).then_some(())?;
        }
        Lie::Reorders => {
            let count = reply.items.len();
            (count > 1).then_some(())?;
            let place = dice.below(count - 1);
            let (one, next) = (reply.items[place].body.clone(), reply.items[place + 1].body.clone());
            (reply.items[place].body, reply.items[place + 1].body) = (next, one);
        }
        Lie::Alters => {
            let place = dice.below(reply.items.len());
            let item = reply.items.get_mut(place)?;
            let statement = matches!(item.body, ItemBody::Statement(_));
            let mut altered = bytes(item)?;
            let at = dice.below(altered.len());
            *altered.get_mut(at)? ^= 1 << dice.below(8);
            item.body = if statement { ItemBody::Statement(altered) } else { ItemBody::Envelope(altered) };
        }
        Lie::ClockAhead => reply.server_ms += 365 * 24 * 3_600_000,
        Lie::FalseReceipt => reply.end.signature[5] ^= 1,
        Lie::OwnLess => reply.own_sequence = reply.own_sequence.checked_sub(1)?,
        Lie::OwnMore => reply.own_sequence += 1,
        Lie::Disagrees => {
            reply.agrees = false;
            reply.items.clear();
        }
        Lie::OtherEpoch => {
            let end = End { position: reply.end.position, ..End::default() };
            let end = reply.end.stated.map_or(end, |stated| stated.end);
            reply.end.stated = Some(Stated { store_epoch: [0xee; 16], end });
        }
        Lie::SaysGone => reply.gone = true,
        Lie::EndsEarlier => reply.end.position = reply.end.position.checked_sub(1)?,
        Lie::GivesTwice => {
            let place = dice.below(reply.items.len());
            let item = reply.items.get(place)?.clone();
            reply.items.insert(place, item);
        }
        Lie::Invents => {
            let position = reply.end.position + 1;
            let junk: Vec<u8> = (0..400).map(|_| dice.number() as u8).collect();
            reply.end.position = position;
            reply.items.push(Item { position, taken_at: reply.server_ms, body: ItemBody::Envelope(junk) });
        }
        Lie::RefusesFalsely => {
            let answer = reply.answers.iter_mut().find(|answer| answer.position().is_some())?;
            *answer = Answer::Refused(ayumi_protocol::exchange::Refused::Malformed);
        }
        Lie::SaysClosed => {
            (!reply.closed).then_some(())?;
            reply.closed = true;
            reply.items.retain(|item| matches!(item.body, ItemBody::Statement(_)));
        }
    }
    Some(RawResponse { status: 200, body: reply.to_bytes(), retry_after: None })
}

impl Transport for Server {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move { Ok(self.answer(path, &body)) })
    }
}

//! Prepares a request: control statements that wait, envelopes that were sealed and that no log has shown, new envelopes.

use ayumi_protocol::accept::latest_reading;
use ayumi_protocol::control::{Action, Statement};
use ayumi_protocol::envelope::{Envelope, Tail};
use ayumi_protocol::exchange::{Piece, Wanted};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::opening::Held;
use ayumi_protocol::{Change, Hlc, NotebookId, limits};

use super::had::receipt_for;
use super::parted::{is_told, receipts};
use super::rekey;
use super::round::{Outgoing, Round};
use crate::app::error::{Error, Result, Thing};
use crate::app::founding::add_pending;
use crate::app::membership::{load, with_waiting};
use crate::app::pinned::keys_of_server;
use crate::crypto::seal::SealError;
use crate::store::channel::{self, Channel};
use crate::store::frames::Unplaced;
use crate::store::{Db, StoreError, frames, lines, outbox};
use crate::sync::pack::{MOST_CHANGES, Next, fit, pack, whole_actions};
use crate::sync::reader::Reader;
use crate::sync::remedy::Sent;
use crate::sync::statement::{self, Decision};

/// Bytes of new envelopes in one request, about.
const REQUEST: usize = 512 * 1024;
/// Envelopes in one request.
const ENVELOPES: usize = 8;
/// Bytes of a request beside its pieces at most: the receipts, and who asks for what.
const BESIDE: usize = 1024 + limits::ENDS * 256 + limits::PROVEN_ITEMS * 42;

/// Returns the channel of a notebook.
pub(in crate::app) fn channel_of(db: &mut Db, notebook: NotebookId) -> Result<Channel> {
    channel::find(db.reader(), notebook)?.ok_or(Error::NotFound { what: Thing::Notebook })
}

/// What this session has learnt of the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Knows {
    /// Its clock.
    pub(super) clock: bool,
    /// That nothing stands behind what was read. While something does, nothing is sent a second time.
    pub(super) end: bool,
}

/// Prepares the next request, and seals the envelopes that it carries.
pub(super) fn prepare(db: &mut Db, notebook: NotebookId, now_ms: u64, knows: Knows) -> Result<Round> {
    if outbox::is_behind(db.reader())? {
        db.write(outbox::collect_new)?;
    }
    let channel = channel_of(db, notebook)?;
    let reader = load(db.reader(), &channel)?;
    settle_what_may_be_sent(db, &channel, &reader)?;
    let now_ms = db.corrected(now_ms)?;
    let mut ahead = with_waiting(reader.clone(), db.reader())?;
    let rekeys = rekey::is_due(&channel, &reader);
    let closed = is_closed(db, &channel, &ahead)?;
    if !rekeys && !closed {
        new_key_if_somebody_left(db, &channel, &mut ahead)?;
    }

    let mut round = Round {
        wanted: Wanted { control_only: false, mine_too: channel.again },
        outgoing: Vec::new(),
        receipts: Vec::new(),
        more: false,
        channel: channel.clone(),
        reader,
    };
    if !knows.end && !channel.again {
        round.more = true;
        return Ok(round);
    }
    let stored = channel::statements(db.reader(), notebook)?;
    let mut signed = receipts(db.reader(), &channel, &stored)?.into_iter();
    // Who leaves says so behind the words that a server lost: nobody else may have them.
    let words_first = channel.again || frames::lacks_some(db.reader(), notebook)?;
    for stored in stored.into_iter().filter(|stored| stored.position == 0) {
        let receipt = if is_told(&stored) { signed.next().flatten() } else { None };
        let new = receipt.filter(|receipt| !round.receipts.contains(receipt));
        let leaves = words_first && is_own_leave(&stored.body, round.reader.id());
        // What one receipt covers goes together.
        if leaves || (new.is_some() && round.receipts.len() >= limits::ENDS - 1) {
            round.more = true;
            break;
        }
        round.receipts.extend(new);
        round.outgoing.push(match stored.taken_at {
            0 => Outgoing { piece: Piece::Statement(stored.body), sent: Sent::NewStatement },
            _ => Outgoing { piece: Piece::CarriedStatement(stored.body), sent: Sent::KnownStatement },
        });
    }
    // Behind it this device's present keys hold nothing: it goes alone.
    if round.outgoing.len() > 1 {
        round.outgoing.retain(|outgoing| !rekey::is_ours(&channel, outgoing.piece.bytes()));
    }
    // While a log is read again nobody knows what it lacks, and a notebook that is closed takes no words.
    if !channel.again && !closed {
        if !rekeys && outbox::has_former(db.reader(), notebook, channel.device)? {
            db.write(outbox::take_over)?;
            db.forget_known();
        }
        if knows.clock && outbox::has_own_ahead(db, notebook, now_ms)? {
            db.pull_back_clock(now_ms)?;
        }
        let news = if rekeys { News::Waits } else { News::IsSealed { now_ms } };
        round.more |= add_envelopes(db, &channel, &ahead, &mut round, news)?;
        if rekeys && round.outgoing.is_empty() {
            let statement = rekey::statement(db, &channel, &ahead)?;
            if let Some(statement) = &statement {
                db.write(|tx| add_pending(tx, statement))?;
                let piece = Piece::Statement(statement.to_bytes());
                round.outgoing.push(Outgoing { piece, sent: Sent::NewStatement });
            }
            // Without room for it in the chain nothing more is written here.
            round.more |= statement.is_some();
        }
    }
    keep_what_fits(&mut round);
    let had = receipt_for(db.reader(), &channel, &round.outgoing, now_ms)?;
    round.receipts.extend(had);
    Ok(round)
}

/// A few pieces too many wait for the next request.
fn keep_what_fits(round: &mut Round) {
    let mut bytes = 0;
    let fits = round.outgoing.iter().take(limits::PIECES).take_while(|outgoing| {
        bytes += outgoing.piece.bytes().len() + 16;
        bytes < limits::REQUEST_BYTES - BESIDE
    });
    let most = fits.count().max(1);
    round.more |= round.outgoing.len() > most;
    round.outgoing.truncate(most);
}

/// Whether the notebook is closed at its server, unless a statement that waits opens it.
fn is_closed(db: &Db, channel: &Channel, ahead: &Reader) -> Result<bool> {
    let server = keys_of_server(db.reader(), channel)?;
    Ok(channel.server_key.is_some() && ahead.state().is_some_and(|state| state.closing_at(&server).is_some()))
}

fn is_own_leave(statement: &[u8], me: KeyId) -> bool {
    let leaves = |statement: Statement| matches!(statement.action, Action::Leave { .. }) && statement.author == me;
    Statement::from_bytes(statement).is_ok_and(leaves)
}

/// Changes written by a reader or a removed member stay local, marked refused; once they may write again, they wait
/// to be sent.
fn settle_what_may_be_sent(db: &mut Db, channel: &Channel, reader: &Reader) -> Result<()> {
    if channel.again || (reader.state().is_none() && !channel.removed) {
        return Ok(());
    }
    let id = channel.notebook;
    let (waiting, refused) = (outbox::is_waiting(db.reader(), id)?, outbox::counts(db.reader(), id)?.1);
    let may_write = reader.may_write() && !channel.removed;
    if !may_write && waiting {
        db.write(|tx| outbox::mark_refused(tx, id))?;
    } else if may_write && refused > 0 {
        db.write(|tx| outbox::requeue_refused(tx, id))?;
    }
    Ok(())
}

/// Who left by themselves still know the key: the next owner's device makes a new one. So does an owner's device that was
/// not given the present key.
fn new_key_if_somebody_left(db: &mut Db, channel: &Channel, ahead: &mut Reader) -> Result<()> {
    let Some(state) = ahead.state() else { return Ok(()) };
    let wanted = (ahead.is_owner() && state.wants_new_epoch()) || ahead.must_make_a_key();
    if !wanted || channel.again || channel.awaits.is_some() {
        return Ok(());
    }
    let statement = statement::decide(ahead, state, &Decision::NewEpoch)?;
    // A chain that is full takes no new key; what is written still goes.
    if state.after(&statement).is_err() {
        return Ok(());
    }
    db.write(|tx| add_pending(tx, &statement))?;
    let _ = ahead.statement(&statement.to_bytes());
    Ok(())
}

/// What becomes of what was written since.
#[derive(Clone, Copy)]
enum News {
    /// It is sealed and sent.
    IsSealed { now_ms: u64 },
    /// It waits for new keys.
    Waits,
}

fn add_envelopes(db: &mut Db, channel: &Channel, ahead: &Reader, round: &mut Round, news: News) -> Result<bool> {
    let notebook = channel.notebook;
    let mut bytes = 0;
    // What the server lost, whoever wrote it; this device's own next envelope may follow one of them.
    // Who leaves brings it first.
    let reads = |reader: &Reader| reader.state().is_some_and(|state| state.may_read(&reader.id()));
    if reads(ahead) || reads(&round.reader) {
        for Unplaced { counts, held, .. } in to_tell(db, ahead, notebook)? {
            let (body, own) = (held.to_bytes(), counts && held.header().author == ahead.id());
            bytes += body.len();
            round.outgoing.push(match held {
                Held::Remnant(_) => Outgoing { piece: Piece::Remnant(body), sent: Sent::Remnant },
                Held::Whole(_) if own => Outgoing { piece: Piece::CarriedEnvelope(body), sent: Sent::OwnCarried },
                Held::Whole(_) => Outgoing { piece: Piece::CarriedEnvelope(body), sent: Sent::Carried },
            });
        }
    }
    if bytes >= REQUEST {
        return Ok(true);
    }
    // Who came in by a code writes nothing until a word of its maker's phone shows that this is the family's own notebook.
    if channel.awaits.is_some() {
        return Ok(false);
    }
    let mut tail = frames::own_end(db.reader(), notebook, ahead.id())?;
    for (sequence, body) in outbox::sealed(db.reader(), notebook)? {
        bytes += body.len();
        tail = Tail::from_frame(&body).map_err(StoreError::from)?;
        round.outgoing.push(Outgoing { piece: Piece::Envelope(body), sent: Sent::Envelope(sequence) });
    }
    let News::IsSealed { now_ms } = news else { return Ok(true) };
    let greatest = ahead.tails().values().map(|tail| tail.stamp).max().unwrap_or_default();
    let mut line = own_line(db, notebook, ahead.id())?;
    loop {
        let latest = latest_reading(now_ms, greatest.max(tail.stamp));
        let waiting = waiting_behind(db, notebook, line)?;
        // What somebody else stamped ahead of the clock is sent when its time has come.
        let waiting: Vec<_> = waiting.into_iter().filter(|(_, change)| change.stamp.hlc <= latest).collect();
        // An empty one confirms a join, if nothing else does.
        let confirms = ahead.state().is_some_and(|state| state.owes_confirmation(&ahead.id(), &tail));
        if (waiting.is_empty() && !confirms) || !ahead.may_write() {
            return Ok(false);
        }
        if bytes >= REQUEST || round.outgoing.len() >= ENVELOPES {
            return Ok(true);
        }
        let (rows, changes): (Vec<i64>, Vec<Change>) = waiting.into_iter().unzip();
        let peer_heads = lines::peer_heads(db.reader(), notebook, ahead.id())?;
        let next = Next { tail, attempt: channel.attempt, latest, peer_heads };
        let Some((envelope, count)) = seal_some(ahead, &next, &changes)? else { return Ok(false) };
        let (body, sequence) = (envelope.to_bytes(), envelope.header.sequence);
        tail = envelope.tail();
        line = changes[..count].last().map(|change| change.stamp.hlc).max(line);
        db.write(|tx| {
            outbox::seal(tx, notebook, sequence, &body, &rows[..count])?;
            lines::mark_named(tx, notebook, true)
        })?;
        bytes += body.len();
        round.outgoing.push(Outgoing { piece: Piece::Envelope(body), sent: Sent::Envelope(sequence) });
    }
}

/// Returns what the server lacks, whether it stands or not. Of what does not, nobody takes what is beyond a cutoff, or of another
/// chain: it stays here.
fn to_tell(db: &mut Db, ahead: &Reader, notebook: NotebookId) -> Result<Vec<Unplaced>> {
    loop {
        let lacking = frames::unplaced(db.reader(), notebook, REQUEST)?;
        let is_taken = |one: &Unplaced| one.counts || ahead.could_count(&one.held.frame());
        let (told, stays): (Vec<_>, Vec<_>) = lacking.into_iter().partition(is_taken);
        if stays.is_empty() {
            return Ok(told);
        }
        db.write(|tx| stays.iter().try_for_each(|one| frames::leave(tx, one.row)))?;
    }
}

/// The greatest clock reading of the changes in this device's line, with what waits for an answer.
fn own_line(db: &Db, notebook: NotebookId, me: KeyId) -> Result<Option<Hlc>> {
    let end = frames::own_end(db.reader(), notebook, me)?;
    let told = frames::greatest_at(db.reader(), notebook, me, end.sequence, &end.hash)?;
    Ok(told.max(outbox::greatest_sealed(db.reader(), notebook, 1..=u64::MAX)?))
}

/// Returns what waits, each behind this device's line: what is not is stamped anew.
fn waiting_behind(db: &mut Db, notebook: NotebookId, line: Option<Hlc>) -> Result<Vec<(i64, Change)>> {
    let waiting = outbox::waiting(db.reader(), notebook, MOST_CHANGES)?;
    let first = waiting.first().map(|(_, change)| change.stamp.hlc);
    let Some(line) = line.filter(|line| first.is_some_and(|first| first <= *line)) else { return Ok(waiting) };
    db.write(|tx| outbox::lift_above(tx, notebook, line))?;
    db.forget_known();
    Ok(outbox::waiting(db.reader(), notebook, MOST_CHANGES)?)
}

/// Seals as many changes as fit; fewer if they do not compress. One action's stay together.
fn seal_some(ahead: &Reader, next: &Next, changes: &[Change]) -> Result<Option<(Envelope, usize)>> {
    // The rest of the last action may not be among them.
    let all = if changes.len() < MOST_CHANGES { changes.len() } else { whole_actions(changes, MOST_CHANGES - 1) };
    let mut count = whole_actions(changes, fit(changes).min(all));
    loop {
        match pack(ahead, next, &changes[..count]) {
            Ok(envelope) => return Ok(envelope.map(|envelope| (envelope, count))),
            Err(SealError::TooLong) if count > 1 => count = whole_actions(changes, count / 2),
            Err(error) => return Err(error.into()),
        }
    }
}

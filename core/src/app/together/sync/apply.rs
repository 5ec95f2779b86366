//! What came back: checked whole, then written whole, with the cursor, in one transaction. What does not fit stops the notebook, and
//! nothing of the page is kept.

use ayumi_protocol::accept::{CLOCK_TOLERANCE_MS, Refusal};
use ayumi_protocol::control::{self, Statement};
use ayumi_protocol::envelope::{Envelope, Kind, Receipt};
use ayumi_protocol::exchange::{Answer, ItemBody, Piece, Refused, Reply};
use ayumi_protocol::key::{PublicKeys, hash};
use ayumi_protocol::prefix::{Prefix, extend};
use ayumi_protocol::{Change, Hlc, NotebookId};

use super::prepare::{KNOWN, NEW, Round};
use super::{SyncReport, again};
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::ports::LogLevel;
use crate::store::changes::{Delivery, apply_all, note_clock};
use crate::store::channel::{self, Channel, Kept};
use crate::store::{Db, StoreError, outbox};
use crate::sync::reader::{Assembly, Halt, Opened, Reader};

/// How it goes on.
pub(super) enum Applied {
    /// Nothing is left to send or to read.
    Done,
    /// Ask again.
    GoOn {
        /// Something was brought on.
        useful: bool,
        /// The cursor.
        position: u64,
    },
    Full,
    Halted,
    Removed,
    /// Refused for a reason that this version does not know: what was sent stays pending until the app is updated.
    NotUnderstood,
}

impl Applied {
    pub(super) const fn position(&self) -> u64 {
        match self {
            Self::GoOn { position, .. } => *position,
            _ => u64::MAX,
        }
    }
}

/// An item that was checked.
enum Step {
    Known { body: Vec<u8>, taken_at: u64, position: u64 },
    Statement { body: Vec<u8>, taken_at: u64, position: u64 },
    Changes(Vec<Change>),
    Part { changes: Vec<Change>, first: bool, whole: bool, position: u64 },
    Unread { body: Vec<u8>, taken_at: u64, position: u64 },
}

/// A promise that was checked.
struct Promise {
    sequence: u64,
    position: u64,
    hash: [u8; 32],
    signature: [u8; 64],
    /// It was the last part of a snapshot.
    ends_snapshot: bool,
}

pub(super) fn apply(handbook: &Handbook, round: Round, reply: &Reply, report: &mut SyncReport) -> Result<Applied> {
    let mut db = handbook.db();
    let db = &mut *db;
    let Round { mut channel, mut reader, pieces, sequences, more, .. } = round;
    if reply.gone {
        handbook.profiles().clear();
        return leave(db, &mut channel, reply);
    }
    if forgot(db, &channel, reply)? {
        channel.store_epoch = Some(reply.store_epoch);
        db.write(|tx| {
            outbox::gather(tx)?;
            again::forget(tx, &mut channel)
        })?;
        return Ok(Applied::GoOn { useful: false, position: 0 });
    }
    let checked = check_answers(&channel, &pieces, &sequences, reply)
        .and_then(|promises| Ok((promises, check_items(db, &channel, &mut reader, &pieces, reply)?)));
    let (promises, (steps, prefix)) = match checked {
        Ok(checked) => checked,
        Err(halt) => return stop(db, &mut channel, halt),
    };
    let refused = first_refused(&pieces, &sequences, reply);
    if let Some(halt) = refused.and_then(|(sequence, refused)| halted_by(sequence, refused)) {
        return stop(db, &mut channel, halt);
    }

    let before = channel.position;
    channel.prefix = prefix;
    channel.position = reply.items.last().map_or(before, |item| item.position);
    channel.token = reply.token.or(channel.token);
    channel.store_epoch = Some(reply.store_epoch);
    (channel.hollow, channel.assembly) = (reader.is_hollow(), reader.assembly().map(Assembly::to_bytes));
    let caught_up = channel.position >= reply.end;
    let finished_again = channel.again && caught_up;
    if finished_again {
        channel.again = false;
        channel.own = reader.tail(&reader.id());
    }
    let removed = reader.state().is_some_and(|state| state.was_holder(&reader.id()));
    channel.removed |= removed;
    let written = Written { channel: &channel, reader: &reader, promises: &promises, steps: &steps, refused, removed };
    let idle =
        reply.items.is_empty() && promises.is_empty() && reply.token.is_none() && refused.is_none() && !finished_again;
    if !idle {
        let (pushed, pulled) = write(db, &written, reply.server_ms)?;
        report.pushed += pushed;
        report.pulled += pulled;
        // Also what this device may do may have changed.
        if pulled > 0 || steps.iter().any(|step| matches!(step, Step::Known { .. } | Step::Statement { .. })) {
            handbook.profiles().clear();
        }
    }
    let now_ms = handbook.clock().now_ms();
    // What seemed to be ahead of the clock may be sent now.
    let corrected = db.correct_clock(reply.server_ms, now_ms)?;
    if let Some((_, Refused::Envelope(Refusal::ClockAhead))) = refused {
        db.pull_back_clock(reply.server_ms)?;
    }
    if removed {
        return Ok(Applied::Removed);
    }
    if matches!(refused, Some((_, Refused::Quota))) {
        return Ok(Applied::Full);
    }
    if let Some(number) = refused.and_then(|(_, refused)| unknown_number(refused))
        && (caught_up || channel.position == before)
    {
        handbook.log(LogLevel::Warning, "sync.refused_unknown", &[("number", u64::from(number))]);
        return Ok(Applied::NotUnderstood);
    }
    let left = more
        || corrected
        || refused.is_some()
        || finished_again
        || !caught_up
        || promises.len() < sent_envelopes(&sequences);
    if left {
        let useful = !promises.is_empty() || channel.position > before || finished_again || corrected;
        Ok(Applied::GoOn { useful, position: channel.position })
    } else {
        Ok(Applied::Done)
    }
}

/// The server says that this device was taken out: it must show the chain, from the founding statement that is known, up to the
/// one that did so.
fn leave(db: &mut Db, channel: &mut Channel, reply: &Reply) -> Result<Applied> {
    let known = channel::statements(db.reader(), channel.notebook)?;
    let mut reader = Reader::new(channel.notebook, channel.keys.clone());
    let shown: Vec<&Vec<u8>> = reply
        .items
        .iter()
        .filter_map(|item| match &item.body {
            ItemBody::Statement(bytes) => Some(bytes),
            ItemBody::Envelope(_) | ItemBody::Own(_) | ItemBody::Run { .. } => None,
        })
        .collect();
    let same = known.first().is_none_or(|first| shown.first().is_some_and(|shown| **shown == first.body));
    let read = shown.iter().all(|bytes| reader.statement(bytes).is_ok());
    if !same || !read || !reader.state().is_some_and(|state| state.was_holder(&reader.id())) {
        return stop(db, channel, Halt::Chain);
    }
    channel.removed = true;
    db.write(|tx| {
        outbox::gather(tx)?;
        outbox::refuse(tx, channel.notebook)?;
        channel.save(tx)
    })?;
    Ok(Applied::Removed)
}

fn sent_envelopes(sequences: &[u64]) -> usize {
    sequences.iter().filter(|sequence| !matches!(**sequence, NEW | KNOWN)).count()
}

/// Another life of the store, a log that ends before the cursor, or one that lacks what was promised.
fn forgot(db: &Db, channel: &Channel, reply: &Reply) -> Result<bool> {
    if channel.store_epoch.is_some_and(|known| known != reply.store_epoch) || reply.end < channel.position {
        return Ok(true);
    }
    if !reply.agrees {
        return Ok(true);
    }
    let sql = "SELECT coalesce(max(sequence), 0) FROM receipts WHERE notebook = ?1";
    let mut statement = db.reader().prepare_cached(sql).map_err(crate::store::StoreError::from)?;
    let promised: u64 =
        statement.query_row([channel.notebook.as_bytes()], |row| row.get(0)).map_err(crate::store::StoreError::from)?;
    Ok(reply.own_sequence < promised)
}

/// The server's promises, with their signatures.
fn check_answers(
    channel: &Channel,
    pieces: &[Piece],
    sequences: &[u64],
    reply: &Reply,
) -> std::result::Result<Vec<Promise>, Halt> {
    if !pieces.is_empty() && reply.answers.len() != pieces.len() {
        return Err(Halt::Receipt);
    }
    let mut promises = Vec::new();
    for ((piece, sequence), answer) in pieces.iter().zip(sequences).zip(&reply.answers) {
        let (Piece::Envelope(bytes), Answer::Envelope { position, signature }) = (piece, answer) else { continue };
        let hash = hash(bytes);
        let server = PublicKeys { sign: channel.server_key.ok_or(Halt::Receipt)?, agree: [0; 32] };
        let signed = Receipt::signed_bytes(channel.notebook, *position, &hash, &reply.store_epoch);
        if !server.verify(Receipt::PURPOSE, &signed, signature) {
            return Err(Halt::Receipt);
        }
        let ends_snapshot = Envelope::from_bytes(bytes).is_ok_and(|envelope| match envelope.header.kind {
            Kind::Snapshot(part) => part.number + 1 == part.of,
            Kind::Changes | Kind::Photo => false,
        });
        promises.push(Promise { sequence: *sequence, position: *position, hash, signature: *signature, ends_snapshot });
    }
    Ok(promises)
}

/// Returns why the notebook stops on a refusal, if it does.
const fn halted_by(sequence: u64, refused: Refused) -> Option<Halt> {
    match refused {
        Refused::Envelope(refusal) => match refusal {
            Refusal::Taken | Refusal::Chain => Some(Halt::Copy),
            Refusal::Forked | Refusal::Signature | Refusal::OtherNotebook => Some(Halt::Chain),
            Refusal::NotAWriter
            | Refusal::OldEpoch
            | Refusal::ClockAhead
            | Refusal::Gap { .. }
            | Refusal::Moved
            | Refusal::Unknown(_) => None,
        },
        Refused::Malformed => Some(Halt::Chain),
        // A statement that a server accepted before is not forgotten because a server says so, unless the reason is not understood.
        Refused::Control(control::Refusal::Unknown(_)) => None,
        Refused::Control(_) if sequence == KNOWN => Some(Halt::Chain),
        Refused::Control(_) | Refused::Quota | Refused::NotTried | Refused::Unknown(_) => None,
    }
}

/// Returns the number of a refusal that only a newer version knows.
const fn unknown_number(refused: Refused) -> Option<u8> {
    match refused {
        Refused::Envelope(Refusal::Unknown(number))
        | Refused::Control(control::Refusal::Unknown(number))
        | Refused::Unknown(number) => Some(number),
        Refused::Envelope(_) | Refused::Control(_) | Refused::Quota | Refused::Malformed | Refused::NotTried => None,
    }
}

fn first_refused(pieces: &[Piece], sequences: &[u64], reply: &Reply) -> Option<(u64, Refused)> {
    let mut all = pieces.iter().zip(sequences).zip(&reply.answers);
    all.find_map(|((_, sequence), answer)| match answer {
        Answer::Refused(refused) => Some((*sequence, *refused)),
        _ => None,
    })
}

/// Every item, in order, without a gap.
fn check_items(
    db: &Db,
    channel: &Channel,
    reader: &mut Reader,
    pieces: &[Piece],
    reply: &Reply,
) -> std::result::Result<(Vec<Step>, Prefix), Halt> {
    let mut position = channel.position;
    let mut prefix = channel.prefix;
    let mut steps = Vec::with_capacity(reply.items.len());
    let pending: Vec<&Vec<u8>> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Statement(bytes) => Some(bytes),
            Piece::Envelope(_) => None,
        })
        .collect();
    for item in &reply.items {
        // Only what was let go of stands for more than one place.
        let next = matches!(item.body, ItemBody::Run { .. }) && item.position > position;
        if item.position != position + 1 && !next {
            return Err(Halt::Envelope);
        }
        position = item.position;
        let (taken_at, position) = (item.taken_at, item.position);
        match &item.body {
            ItemBody::Statement(bytes) => {
                prefix = extend(&prefix, &hash(bytes));
                let new = reader.statement(bytes)?.is_some();
                let body = bytes.clone();
                steps.push(if new && !pending.contains(&bytes) {
                    Step::Statement { body, taken_at, position }
                } else {
                    Step::Known { body, taken_at, position }
                });
            }
            ItemBody::Own(sequence) => {
                let known = channel::own_hash(db.reader(), channel.notebook, *sequence).map_err(|_| Halt::Copy)?;
                reader.own(*sequence, known)?;
                prefix = extend(&prefix, &known.unwrap_or_default());
            }
            ItemBody::Run { prefix: named, tails } => {
                let mine = tails.iter().find(|(author, _)| *author == reader.id());
                if let Some((_, tail)) = mine {
                    let known = channel::own_hash(db.reader(), channel.notebook, tail.sequence);
                    if known.map_err(|_| Halt::Copy)?.is_some_and(|known| known != tail.hash) {
                        return Err(Halt::Copy);
                    }
                }
                reader.run(tails);
                prefix = *named;
            }
            ItemBody::Envelope(bytes) => {
                let opened = reader.envelope(bytes, taken_at, &prefix)?;
                prefix = extend(&prefix, &hash(bytes));
                match opened {
                    Opened::Changes(changes) => steps.push(Step::Changes(changes)),
                    Opened::Part { changes, first, whole } => {
                        steps.push(Step::Part { changes, first, whole, position });
                    }
                    Opened::Unread => steps.push(Step::Unread { body: bytes.clone(), taken_at, position }),
                }
            }
        }
    }
    // What was let go of must be told of by a snapshot before the log ends.
    if reader.is_hollow() && position >= reply.end {
        return Err(Halt::Envelope);
    }
    Ok((steps, prefix))
}

struct Written<'a> {
    channel: &'a Channel,
    reader: &'a Reader,
    promises: &'a [Promise],
    steps: &'a [Step],
    refused: Option<(u64, Refused)>,
    removed: bool,
}

/// What a page brought.
#[derive(Default)]
struct Came {
    any: bool,
    new: u64,
    greatest: Hlc,
}

impl Came {
    fn take_in(&mut self, tx: &rusqlite::Transaction<'_>, changes: &[Change]) -> std::result::Result<(), StoreError> {
        let new = apply_all(tx, changes, Delivery::Sent)?;
        if new < changes.len() {
            outbox::seen(tx, changes)?;
        }
        self.any = true;
        self.new += new as u64;
        self.greatest = changes.iter().map(|change| change.stamp.hlc).fold(self.greatest, Hlc::max);
        Ok(())
    }
}

/// All of it, or nothing. Returns how many changes were sent and how many new ones came.
fn write(db: &mut Db, page: &Written<'_>, server_ms: u64) -> Result<(u64, u64)> {
    let (channel, notebook) = (page.channel, page.channel.notebook);
    // No stamp of others pulls this device's clock far ahead.
    let most = Hlc((server_ms + CLOCK_TOLERANCE_MS) << 16);
    let mut greatest = Hlc::default();
    let (pushed, pulled) = db.write(|tx| {
        // What was written meanwhile is gathered before the mark moves over what comes.
        outbox::gather(tx)?;
        let (mut pushed, mut came) = (0, Came::default());
        let mut channel = channel.clone();
        for step in page.steps {
            match step {
                Step::Known { body, taken_at, position } => {
                    channel::place_statement(tx, notebook, body, *taken_at, *position)?;
                }
                Step::Statement { body, taken_at, position } => {
                    let kept = Kept { taken_at: *taken_at, position: *position, body: body.clone() };
                    if channel::has_statement(tx, notebook, body)? {
                        channel::place_statement(tx, notebook, body, *taken_at, *position)?;
                    } else {
                        channel::add_statement(tx, notebook, &kept)?;
                    }
                }
                Step::Changes(changes) => came.take_in(tx, changes)?,
                Step::Part { changes, first, whole, position } => {
                    if *first {
                        outbox::begin_snapshot(tx, notebook)?;
                    }
                    came.take_in(tx, changes)?;
                    outbox::note_snapshot(tx, notebook, changes)?;
                    if *whole {
                        outbox::end_snapshot(tx, notebook, page.reader.may_write() && !channel.again)?;
                        channel.snapshot = *position;
                    }
                }
                Step::Unread { body, taken_at, position } => {
                    channel::keep_unread(tx, notebook, *position, *taken_at, body)?;
                }
            }
        }
        // What was promised now stands behind what came: a snapshot that came does not hold it.
        for promise in page.promises {
            channel::keep_receipt(tx, notebook, promise.sequence, promise.position, &promise.hash, &promise.signature)?;
            pushed += outbox::sent(tx, notebook, promise.sequence)? as u64;
            if promise.ends_snapshot {
                channel.snapshot = channel.snapshot.max(promise.position);
            }
        }
        greatest = came.greatest.min(most);
        note_clock(tx, greatest)?;
        if came.any {
            outbox::skip(tx)?;
            outbox::sweep(tx, notebook)?;
        }
        channel::keep_keys(tx, notebook, page.reader.keys())?;
        channel::keep_tails(tx, notebook, page.reader.tails())?;
        match page.refused {
            Some((
                sequence,
                Refused::Envelope(Refusal::OldEpoch | Refusal::ClockAhead | Refusal::Gap { .. } | Refusal::Moved),
            )) => {
                let unsent = matches!(page.refused, Some((_, Refused::Envelope(Refusal::ClockAhead))));
                outbox::unseal(tx, notebook, sequence, unsent)?;
                channel.own = own_end(tx, notebook, page.reader)?;
            }
            Some((_, Refused::Envelope(Refusal::NotAWriter))) => {
                outbox::refuse(tx, notebook)?;
                channel.own = own_end(tx, notebook, page.reader)?;
            }
            // Not understood: everything stays pending, as it is.
            Some((
                _,
                Refused::Envelope(Refusal::Unknown(_))
                | Refused::Control(control::Refusal::Unknown(_))
                | Refused::Unknown(_),
            )) => {}
            Some((NEW, Refused::Control(_))) => {
                drop_statements(tx, notebook, page.reader)?;
                outbox::unseal(tx, notebook, 1, false)?;
                channel.own = own_end(tx, notebook, page.reader)?;
            }
            // These halted the notebook before anything was written.
            Some((
                _,
                Refused::Envelope(
                    Refusal::Taken | Refusal::Chain | Refusal::Forked | Refusal::Signature | Refusal::OtherNotebook,
                )
                | Refused::Control(_)
                | Refused::Malformed,
            )) => {}
            Some((_, Refused::Quota | Refused::NotTried)) | None => {}
        }
        if page.removed {
            outbox::refuse(tx, notebook)?;
        }
        channel.save(tx)?;
        Ok((pushed, came.new))
    })?;
    db.advance_clock(greatest)?;
    Ok((pushed, pulled))
}

/// The end of the own chain after envelopes were unmade: the last that was promised, or read.
fn own_end(
    tx: &rusqlite::Transaction<'_>,
    notebook: NotebookId,
    reader: &Reader,
) -> std::result::Result<ayumi_protocol::accept::Tail, crate::store::StoreError> {
    use rusqlite::OptionalExtension;
    let sealed = outbox::sealed(tx, notebook)?;
    if let Some((sequence, body)) = sealed.last() {
        return Ok(ayumi_protocol::accept::Tail { sequence: *sequence, hash: ayumi_protocol::key::hash(body) });
    }
    let sql = "SELECT sequence, hash FROM receipts WHERE notebook = ?1 ORDER BY sequence DESC LIMIT 1";
    let promised = tx
        .query_row(sql, [notebook.as_bytes()], |row| {
            Ok(ayumi_protocol::accept::Tail { sequence: row.get(0)?, hash: row.get(1)? })
        })
        .optional()?
        .unwrap_or_default();
    let read = reader.tail(&reader.id());
    Ok(if read.sequence > promised.sequence { read } else { promised })
}

/// Statements that the chain does not take any more are dropped; who made them decides again.
fn drop_statements(
    tx: &rusqlite::Transaction<'_>,
    notebook: NotebookId,
    reader: &Reader,
) -> std::result::Result<(), crate::store::StoreError> {
    for kept in channel::statements(tx, notebook)?.into_iter().filter(|kept| kept.position == 0) {
        let there = Statement::from_bytes(&kept.body)
            .is_ok_and(|statement| reader.state().is_some_and(|state| state.knows_head(&statement.hash())));
        if !there {
            channel::drop_statement(tx, notebook, &kept.body)?;
        }
    }
    Ok(())
}

fn stop(db: &mut Db, channel: &mut Channel, halt: Halt) -> Result<Applied> {
    channel.halted = Some(halt.key().into());
    db.write(|tx| channel.save(tx))?;
    Ok(Applied::Halted)
}

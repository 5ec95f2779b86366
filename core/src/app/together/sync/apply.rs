//! Decides what follows from a reply: verified whole, then written whole. If something does not fit, the notebook
//! halts and nothing of the page is kept.

use ayumi_protocol::end::End;
use ayumi_protocol::envelope::Frame;
use ayumi_protocol::exchange::{Answer, ItemBody, Piece, Reply};

use super::lines::settle_by;
use super::moved::Moved;
use super::odd;
use super::page::{Page, Step, verify, verify_closed};
use super::parted::{Against, compare, stands};
use super::rekey;
use super::reopen::reopen;
use super::report::SyncReport;
use super::round::{Outgoing, Round};
use super::write::{Verified, leave_words, write};
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::ports::LogLevel;
use crate::crypto::keys::SecretKeys;
use crate::store::channel::{self, AtServer, Channel, StoredStatement};
use crate::store::{Db, ends, frames, outbox};
use crate::sync::halt::Halt;
use crate::sync::reader::Reader;
use crate::sync::remedy::{Remedy, Sent, remedy};

/// What a reply leads to.
pub(super) enum Applied {
    /// Nothing is left to send or to read.
    Done,
    /// Another request follows.
    GoOn {
        /// Whether progress was made.
        useful: bool,
        /// The cursor.
        position: u64,
        /// The cursor stands before the log's end.
        behind: bool,
    },
    Full,
    Halted,
    Removed,
    /// The notebook is closed at this server.
    Closed,
    /// Refused for a reason that this version does not know: what was sent stays pending until the app is updated.
    NotUnderstood,
}

impl Applied {
    pub(super) const fn position(&self) -> u64 {
        match self {
            Self::GoOn { position, .. } => *position,
            Self::Done | Self::Full | Self::Halted | Self::Removed | Self::Closed | Self::NotUnderstood => u64::MAX,
        }
    }
}

/// Applies a reply to the notebook that its round was about.
pub(super) fn apply(handbook: &Handbook, round: Round, reply: &Reply, report: &mut SyncReport) -> Result<Applied> {
    let mut db = handbook.db();
    let db = &mut *db;
    let Round { mut channel, mut reader, outgoing, more, .. } = round;
    if is_false(&channel, reply) {
        return stop(db, &mut channel, Halt::Receipt);
    }
    if reply.gone {
        handbook.profiles().clear();
        let told = outgoing.iter().any(|outgoing| outgoing.sent == Sent::KnownStatement);
        return leave(db, &mut channel, told, reply);
    }
    if let Some(taken) = rekey::taken(&channel, &outgoing, reply) {
        handbook.profiles().clear();
        rekey::go_on_under_new_keys(db, &channel, std::slice::from_ref(&taken))?;
        return Ok(Applied::GoOn { useful: true, position: channel.position, behind: true });
    }
    if lost_data(db, &channel, &reader, reply)? {
        return start_over(db, &mut channel, reply);
    }
    if reply.closed {
        return closed(db, channel, &mut reader, &outgoing, reply);
    }
    let page = match verify(db.reader(), &channel, &mut reader, &outgoing, reply) {
        Ok(page) => page,
        // Something under this device's key that it did not make.
        Err(Halt::Copy) if channel.next.is_none() => return read_again(db, &mut channel),
        Err(halt) => return stop(db, &mut channel, halt),
    };
    let remedy = remedy_of(db, &channel, &page, &outgoing, reply)?;
    match remedy {
        Some(Remedy::Halt(halt)) => return stop(db, &mut channel, halt),
        Some(Remedy::NewKeys) => return read_again(db, &mut channel),
        _ => {}
    }
    if page.copied && channel.next.is_none() {
        channel.next = Some(SecretKeys::generate()?);
    }

    let (before, was_gone) = (channel.position, channel.gone.is_some());
    let finished_again = advance(&mut channel, reply, &page);
    let removed = reader.state().is_some_and(|state| state.was_holder(&reader.id()));
    channel.removed |= removed;
    let confirmed = confirm(&mut channel, &reader);
    let opened = was_gone && channel.gone.is_none();
    let shown = !page.steps.is_empty() || !page.left.is_empty();
    let news = opened || shown || reply.token.is_some() || is_new_end(db, &channel, &page)?;
    if news || remedy.is_some() || finished_again {
        let (refused, ends_again) = (first_refused(&outgoing, reply), finished_again);
        let verified =
            Verified { channel: &channel, reader: &reader, page: &page, remedy, refused, removed, ends_again };
        let moved = write(db, &verified, reply.server_ms)?;
        if reader.has_learnt_a_key() || moved.erased {
            report.apart += reopen(db, channel.notebook)?;
        }
        tell(handbook, db, &reader, &page, &moved)?;
        report.add(&moved);
        odd::add(&mut report.odd, &reader, &moved.odd);
    }
    let corrected = correct_clock(handbook, db, remedy, reply.server_ms)?;
    if removed {
        return Ok(Applied::Removed);
    }
    // A new key, or another role: what could not be sent may be sent now.
    let learnt = page.steps.iter().any(|step| matches!(step, Step::Statement { .. }));
    let progress = Progress {
        remedy,
        moved: channel.position > before,
        caught_up: channel.position >= reply.end.position,
        sent: page.brought() > 0,
        all_sent: !more && page.brought() >= sent_envelopes(&outgoing),
        renewed: finished_again
            || corrected
            || (confirmed && waits(db, &channel)?)
            || (learnt && (owes_confirmation(&reader) || waits(db, &channel)? || reader.must_make_a_key())),
    };
    let next = progress.next(channel.position);
    note_unknown(handbook, &next, remedy);
    Ok(next)
}

/// Notes the number of a refusal that only a newer version knows.
fn note_unknown(handbook: &Handbook, next: &Applied, remedy: Option<Remedy>) {
    if let (Applied::NotUnderstood, Some(Remedy::KeepPending { number })) = (next, remedy) {
        handbook.log(LogLevel::Warning, "sync.refused_unknown", &[("number", u64::from(number))]);
    }
}

/// What follows from the first refusal of a reply.
fn remedy_of(
    db: &mut Db,
    channel: &Channel,
    page: &Page,
    outgoing: &[Outgoing],
    reply: &Reply,
) -> Result<Option<Remedy>> {
    Ok(match first_remedy(outgoing, reply) {
        Some(Remedy::Compare) => compare(db.reader(), channel, page, reply)?,
        // Nobody knows yet what this log lacks.
        Some(Remedy::KeepStatements) if channel.again => None,
        other => other,
    })
}

/// Lets others know what a page brought.
fn tell(handbook: &Handbook, db: &mut Db, reader: &Reader, page: &Page, moved: &Moved) -> Result<()> {
    // A control statement may have changed what this device may do.
    let statements = page.steps.iter().any(is_statement);
    if moved.pulled > 0 || statements {
        handbook.profiles().clear();
    }
    if moved.erased {
        db.fold_log()?;
    }
    // An owner gave this device another key than everybody has: nothing of that epoch can be read here.
    if statements && reader.liar().is_some() {
        handbook.log(LogLevel::Warning, "sync.another_key", &[]);
    }
    Ok(())
}

/// Whether another one than the known server signed the end that a reply states, or another life of its store.
pub(super) fn is_false(channel: &Channel, reply: &Reply) -> bool {
    // Who stands elsewhere in the log, or was taken out of it, is told what is signed.
    let stated = reply.signed_end(channel.notebook, || None);
    let unsigned = channel.server_key.zip(stated).is_some_and(|(key, signed)| !signed.is_signed_by(key));
    // Another life of the store knows no session of the one before, and shows itself with a challenge.
    let other_life = channel.store_epoch.zip(stated).is_some_and(|(known, signed)| known != signed.store_epoch);
    unsigned || (other_life && !reply.gone)
}

/// Which life of the server's store a reply is of, if it says so: who has a token of it knows.
fn life_of(reply: &Reply) -> Option<[u8; 16]> {
    reply.end.stated.map(|stated| stated.store_epoch)
}

/// What a reply brought on.
struct Progress {
    remedy: Option<Remedy>,
    /// The cursor moved.
    moved: bool,
    /// The cursor stands at the log's end.
    caught_up: bool,
    /// The log shows something that this request brought.
    sent: bool,
    /// Nothing waits to be sent.
    all_sent: bool,
    /// The log was read again to its end, or the clock was corrected: more can be sent now.
    renewed: bool,
}

impl Progress {
    /// Decides how the notebook goes on.
    const fn next(&self, position: u64) -> Applied {
        let go_on =
            Applied::GoOn { useful: self.sent || self.moved || self.renewed, position, behind: !self.caught_up };
        match self.remedy {
            Some(Remedy::Halt(_)) => Applied::Halted,
            Some(Remedy::WaitForRoom) => Applied::Full,
            // What others wrote is still read to its end.
            Some(Remedy::KeepPending { .. }) if self.caught_up || !self.moved => Applied::NotUnderstood,
            Some(
                Remedy::KeepPending { .. }
                | Remedy::ResealFrom { .. }
                | Remedy::KeepRefused
                | Remedy::KeepCarried
                | Remedy::MakeAgain
                | Remedy::NewKeys
                | Remedy::Compare
                | Remedy::PutAside
                | Remedy::KeepStatements
                | Remedy::DropPending
                | Remedy::AskAgain,
            ) => go_on,
            None if !self.all_sent || self.renewed || !self.caught_up => go_on,
            None => Applied::Done,
        }
    }
}

/// Whether something waits to be sent: new words, or what is left of others.
fn waits(db: &Db, channel: &Channel) -> Result<bool> {
    Ok(frames::lacks_some(db.reader(), channel.notebook)? || outbox::is_waiting(db.reader(), channel.notebook)?)
}

/// Notes the word that this device's join waited for. Returns whether it has come now; once is for ever.
fn confirm(channel: &mut Channel, reader: &Reader) -> bool {
    let (Some(maker), Some(state)) = (channel.awaits, reader.state()) else { return false };
    // Its maker's phone may have taken new keys since.
    let maker = state.joining(&reader.id()).map_or(maker, |joining| joining.maker);
    channel.awaits = Some(maker);
    let confirmed = state.confirms(&maker, &reader.tail(&maker), &reader.id());
    channel.awaits = channel.awaits.filter(|_| !confirmed);
    confirmed
}

/// Whether somebody came in by a code of this device's, and waits for its word.
fn owes_confirmation(reader: &Reader) -> bool {
    let me = reader.id();
    reader
        .state()
        .is_some_and(|state| state.owes_confirmation(&me, &reader.tail(&me)) && reader.key(state.epoch()).is_some())
}

const fn is_statement(step: &Step) -> bool {
    match step {
        Step::Known { .. } | Step::Statement { .. } => true,
        Step::Envelope { .. } | Step::Kept { .. } => false,
    }
}

/// Moves the channel behind a page. Returns whether a log that was read again has come to its end.
fn advance(channel: &mut Channel, reply: &Reply, page: &Page) -> bool {
    let End { position, prefix, taken_at, .. } = page.reached;
    (channel.position, channel.prefix, channel.taken_at) = (position, prefix, taken_at);
    channel.token = reply.token.or(channel.token);
    channel.store_epoch = life_of(reply).or(channel.store_epoch);
    channel.gone = None;
    let finished_again = channel.again && channel.position >= reply.end.position;
    channel.again &= !finished_again;
    finished_again
}

/// Corrects the clock by the server's. Returns whether something that seemed to be ahead may be sent now.
fn correct_clock(handbook: &Handbook, db: &mut Db, remedy: Option<Remedy>, server_ms: u64) -> Result<bool> {
    let corrected = db.correct_clock(server_ms, handbook.clock().now_ms())?;
    if let Some(Remedy::ResealFrom { restamp: true, .. }) = remedy {
        db.pull_back_clock(server_ms)?;
    }
    Ok(corrected)
}

/// Reads the log again, with all that stands under this device's keys, before it takes new ones.
fn read_again(db: &mut Db, channel: &mut Channel) -> Result<Applied> {
    rekey::doubt_keys(db, channel)?;
    Ok(Applied::GoOn { useful: false, position: 0, behind: true })
}

/// Leaves a notebook whose server says that this device was removed: it must show the chain, from the founding
/// statement that is known, up to the one that did so. `told` says whether it was told what it lacks.
fn leave(db: &mut Db, channel: &mut Channel, told: bool, reply: &Reply) -> Result<Applied> {
    let known = channel::statements(db.reader(), channel.notebook)?;
    let mut reader = Reader::new(channel.notebook, channel.keys.clone());
    let shown: Vec<StoredStatement> = reply
        .items
        .iter()
        .filter_map(|item| match &item.body {
            ItemBody::Statement(body) => {
                Some(StoredStatement { taken_at: item.taken_at, position: item.position, body: body.clone() })
            }
            ItemBody::Envelope(_) | ItemBody::Own(..) | ItemBody::Brought(_) | ItemBody::Remnant(_) => None,
        })
        .collect();
    let same = known.first().is_none_or(|first| shown.first().is_some_and(|shown| shown.body == first.body));
    let read = shown.iter().all(|stored| reader.statement(&stored.body).is_ok());
    // The chain is read back in the order of its places.
    let rises = shown.is_sorted_by(|one, next| one.position < next.position);
    let ends =
        reply.end.stated.is_some_and(|stated| reader.state().is_some_and(|state| state.head() == stated.end.head));
    if !same || !read || !rises || !ends || !reader.state().is_some_and(|state| state.was_holder(&reader.id())) {
        return stop(db, channel, Halt::Chain);
    }
    match stands(db.reader(), channel, &shown, reply)? {
        Against::Stands => {}
        // A server that forgot takes what it signed.
        Against::CameLater if !told => return start_over(db, channel, reply),
        Against::CameLater | Against::Undated => return stop(db, channel, Halt::Chain),
    }
    if let Some(taken) = shown.iter().position(|stored| rekey::is_ours(channel, &stored.body)) {
        rekey::go_on_under_new_keys(db, channel, &shown[..=taken])?;
        return Ok(Applied::GoOn { useful: true, position: channel.position, behind: true });
    }
    (channel.removed, channel.halted) = (true, None);
    db.write(|tx| {
        outbox::collect_new(tx)?;
        // So that it can be said who did it.
        channel::keep_chain(tx, channel.notebook, &shown)?;
        settle_by(tx, &reader, reader.id())?;
        leave_words(tx, &reader)?;
        channel.doubted = false;
        channel.save(tx)
    })?;
    Ok(Applied::Removed)
}

/// Takes in that a notebook is closed: its chain says by whom. Words wait until an owner opens it.
fn closed(
    db: &mut Db,
    mut channel: Channel,
    reader: &mut Reader,
    outgoing: &[Outgoing],
    reply: &Reply,
) -> Result<Applied> {
    let page = match verify_closed(db.reader(), &channel, reader, outgoing, reply) {
        Ok(page) => page,
        Err(halt) => return stop(db, &mut channel, halt),
    };
    let remedy = first_remedy(outgoing, reply);
    if let Some(Remedy::Halt(halt)) = remedy {
        return stop(db, &mut channel, halt);
    }
    channel.token = reply.token.or(channel.token);
    channel.gone = Some(AtServer::Closed);
    let removed = reader.state().is_some_and(|state| state.was_holder(&reader.id()));
    channel.removed |= removed;
    let verified =
        Verified { channel: &channel, reader, page: &page, remedy, refused: None, removed, ends_again: false };
    write(db, &verified, reply.server_ms)?;
    Ok(if removed { Applied::Removed } else { Applied::Closed })
}

/// Returns whether the server lost data: a log shorter than our cursor, or an envelope missing that
/// stood in it.
fn lost_data(db: &Db, channel: &Channel, reader: &Reader, reply: &Reply) -> Result<bool> {
    if reply.end.position < channel.position || !reply.agrees {
        return Ok(true);
    }
    Ok(reply.own_sequence < frames::last_placed(db.reader(), channel.notebook, reader.id())?)
}

/// Reads the log of a server that lost data from its beginning.
fn start_over(db: &mut Db, channel: &mut Channel, reply: &Reply) -> Result<Applied> {
    db.write(|tx| {
        outbox::collect_new(tx)?;
        channel::begin_again(tx, channel)?;
        channel.store_epoch = life_of(reply).or(channel.store_epoch);
        channel.save(tx)
    })?;
    Ok(Applied::GoOn { useful: false, position: 0, behind: true })
}

fn sent_envelopes(outgoing: &[Outgoing]) -> usize {
    outgoing.iter().filter(|outgoing| outgoing.sent.is_envelope()).count()
}

/// Whether the page ends with an end of the log that is not kept yet.
fn is_new_end(db: &Db, channel: &Channel, page: &Page) -> Result<bool> {
    let Some(key) = channel.server_key.filter(|_| page.end.end == page.reached) else { return Ok(false) };
    let newest = ends::newest(db.reader(), channel.notebook, &key, &page.end.store_epoch)?;
    Ok(newest.is_none_or(|newest| newest.end != page.end.end))
}

/// Returns what to do about the first refusal; what stands behind it was not tried.
fn first_remedy(outgoing: &[Outgoing], reply: &Reply) -> Option<Remedy> {
    outgoing.iter().zip(&reply.answers).find_map(|(outgoing, answer)| match answer {
        Answer::Refused(refused) => Some(remedy(*refused, outgoing.sent)),
        Answer::Taken(_) => None,
    })
}

/// Returns the envelope that was refused first, if it was one.
fn first_refused(outgoing: &[Outgoing], reply: &Reply) -> Option<Frame> {
    let answers = outgoing.iter().zip(&reply.answers);
    let (refused, _) = answers.into_iter().find(|(_, answer)| matches!(answer, Answer::Refused(_)))?;
    match &refused.piece {
        Piece::Envelope(bytes) | Piece::CarriedEnvelope(bytes) | Piece::Remnant(bytes) => {
            Frame::from_start_of(bytes).ok()
        }
        Piece::Statement(_) | Piece::CarriedStatement(_) => None,
    }
}

fn stop(db: &mut Db, channel: &mut Channel, halt: Halt) -> Result<Applied> {
    channel.halted = Some(halt.key().into());
    db.write(|tx| channel.save(tx))?;
    Ok(Applied::Halted)
}

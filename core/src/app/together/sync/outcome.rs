//! How each notebook stands after a sync: how many changes wait and why, who took this device out, who was heard of when.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{Action, CLOSED_FOR_MS, ServerKey, State, Statement, extend_chain};
use ayumi_protocol::gone::WhyGone;
use ayumi_protocol::key::KeyId;

use super::absent;
use super::report::{LastHeard, NotebookSync, SyncOutcome, SyncWhy};
use super::session::NotebookOutcome;
use crate::app::error::Result;
use crate::app::membership::{load, name_of, waiting_for};
use crate::app::pinned::keys_of_server;
use crate::store::channel::{self, AtServer, Channel};
use crate::store::{View, frames, outbox};
use crate::sync::halt::Halt;
use crate::sync::reader::Reader;

/// Describes a notebook after a sync that ended so with it.
pub(super) fn describe(view: &View, notebook: NotebookId, ended: NotebookOutcome) -> Result<NotebookSync> {
    let (waiting, refused) = outbox::counts(view, notebook)?;
    let left = !frames::left(view, notebook)?.is_empty();
    let why = why(ended, waiting, left);
    let outcome = match outcome_of(ended) {
        // Never "everything is sent" while something waits.
        SyncOutcome::Done if why.is_some() => SyncOutcome::More,
        outcome => outcome,
    };
    let mut described = NotebookSync {
        notebook,
        outcome,
        waiting,
        refused,
        why,
        halted: None,
        removed_by: None,
        closed_by: None,
        gone_at: None,
        ends_at: None,
        waiting_for: None,
        last_heard: Vec::new(),
        absent: Vec::new(),
    };
    let Some(channel) = channel::find(view, notebook)? else { return Ok(described) };
    let reader = load(view, &channel)?;
    if matches!(described.why, None | Some(SyncWhy::ClockAhead)) && lacks_words(view, &reader)? {
        described.why = Some(SyncWhy::NoKey);
        described.outcome = SyncOutcome::More;
    }
    described.halted = channel.halted.as_deref().and_then(Halt::from_key);
    if channel.removed {
        match taken_out(view, &reader)? {
            TakenOut::By(name) => described.removed_by = Some(name),
            TakenOut::Replaced => described.why = Some(SyncWhy::Replaced),
        }
    }
    say_what_is_gone(view, &channel, &reader, &mut described)?;
    described.last_heard = heard(&reader);
    // While the log is still read it may come with the next page.
    if matches!(ended, NotebookOutcome::Done) {
        described.absent = absent::told(view, &reader)?;
    }
    described.waiting_for = waiting_for(&channel, &reader);
    if described.waiting_for.is_some() && matches!(ended, NotebookOutcome::Done) {
        (described.why, described.outcome) = (Some(SyncWhy::NotConfirmed), SyncOutcome::More);
    }
    Ok(described)
}

/// Whether something cannot be read or sent because this device was not given a key.
fn lacks_words(view: &View, reader: &Reader) -> Result<bool> {
    let Some(state) = reader.state().filter(|_| reader.lacks_a_key()) else { return Ok(false) };
    Ok(reader.key(state.epoch()).is_none() || frames::unread_count(view, reader.notebook())? > 0)
}

/// Why a notebook is not done.
const fn why(ended: NotebookOutcome, waiting: u64, left: bool) -> Option<SyncWhy> {
    match ended {
        NotebookOutcome::Offline | NotebookOutcome::NotThere => Some(SyncWhy::NotReached),
        NotebookOutcome::More => Some(SyncWhy::NoTime),
        NotebookOutcome::Early => Some(SyncWhy::Provisional),
        NotebookOutcome::Full => Some(SyncWhy::NoRoom),
        NotebookOutcome::NoTicket => Some(SyncWhy::NoTicket),
        NotebookOutcome::Halted => Some(SyncWhy::Stopped),
        NotebookOutcome::Removed => Some(SyncWhy::Removed),
        NotebookOutcome::Closed => Some(SyncWhy::Closed),
        NotebookOutcome::Gone => Some(SyncWhy::ClosedForGood),
        NotebookOutcome::NotUnderstood => Some(SyncWhy::NewerApp),
        NotebookOutcome::Failed => Some(SyncWhy::Failed),
        NotebookOutcome::Done if waiting == 0 => None,
        NotebookOutcome::Done if left => Some(SyncWhy::NotTaken),
        NotebookOutcome::Done => Some(SyncWhy::ClockAhead),
    }
}

/// What it is for the whole.
pub(super) const fn outcome_of(ended: NotebookOutcome) -> SyncOutcome {
    match ended {
        NotebookOutcome::Done | NotebookOutcome::NotThere => SyncOutcome::Done,
        NotebookOutcome::Removed => SyncOutcome::Removed,
        NotebookOutcome::Closed | NotebookOutcome::Gone => SyncOutcome::Gone,
        NotebookOutcome::More | NotebookOutcome::Early | NotebookOutcome::NotUnderstood => SyncOutcome::More,
        NotebookOutcome::Offline => SyncOutcome::Offline,
        NotebookOutcome::Full => SyncOutcome::Full,
        NotebookOutcome::NoTicket => SyncOutcome::NoTicket,
        NotebookOutcome::Halted => SyncOutcome::Halted,
        NotebookOutcome::Failed => SyncOutcome::Failed,
    }
}

/// Says who closed a notebook and until when it can be opened, or why and since when it is gone.
fn say_what_is_gone(view: &View, channel: &Channel, reader: &Reader, described: &mut NotebookSync) -> Result<()> {
    match channel.gone {
        None => {}
        Some(AtServer::Closed) => {
            let server = keys_of_server(view, channel)?;
            let by = reader.state().and_then(|state| state.holder(&state.closing_at(&server)?.by));
            described.closed_by = Some(by.map(|by| name_of(reader, by)).unwrap_or_default());
            described.gone_at = closed_until(view, reader.notebook(), &server)?;
        }
        Some(AtServer::Gone { why, when_ms }) => {
            described.gone_at = Some(when_ms);
            described.why = Some(match why {
                WhyGone::Closed => SyncWhy::ClosedForGood,
                WhyGone::Forgotten => SyncWhy::Forgotten,
                WhyGone::Expired => SyncWhy::Expired,
            });
        }
    }
    Ok(())
}

/// Until when a closed notebook can be opened again, by the server's clock.
pub(in crate::app) fn closed_until(view: &View, notebook: NotebookId, server: &[ServerKey]) -> Result<Option<u64>> {
    let (mut state, mut since): (Option<State>, Option<u64>) = (None, None);
    for stored in channel::statements(view, notebook)?.into_iter().filter(|stored| stored.position > 0) {
        let Ok(statement) = Statement::from_bytes(&stored.body) else { break };
        let Ok(next) = extend_chain(state.take(), &statement) else { break };
        let closed = next.closing_at(server).is_some();
        since = since.filter(|_| closed).or(closed.then_some(stored.taken_at));
        state = Some(next);
    }
    Ok(since.map(|since| since.saturating_add(CLOSED_FOR_MS)))
}

/// How this device came to be no member.
enum TakenOut {
    /// By the member of this name; its own if it left.
    By(String),
    /// Another device took new keys in its place.
    Replaced,
}

fn taken_out(view: &View, reader: &Reader) -> Result<TakenOut> {
    let mut state: Option<State> = None;
    for stored in channel::statements(view, reader.notebook())? {
        let Ok(statement) = Statement::from_bytes(&stored.body) else { break };
        if statement.author == reader.id() && matches!(statement.action, Action::Rekey { .. }) {
            return Ok(TakenOut::Replaced);
        }
        let author = state.as_ref().and_then(|state| state.holder(&statement.author)).cloned();
        let Ok(next) = extend_chain(state.take(), &statement) else { break };
        if next.was_holder(&reader.id()) {
            let by = match &statement.action {
                // The sheet has no name: it is who comes by it.
                Action::Recover { member, .. } => next.holder(&member.keys.id()),
                _ => author.as_ref(),
            };
            return Ok(TakenOut::By(by.map(|by| name_of(reader, by)).unwrap_or_default()));
        }
        state = Some(next);
    }
    Ok(TakenOut::By(String::new()))
}

/// When each other member's line was heard of last.
fn heard(reader: &Reader) -> Vec<LastHeard> {
    let Some(state) = reader.state() else { return Vec::new() };
    let others = state.holders().filter(|(id, _)| **id != reader.id() && state.may_read(id));
    // Who has only confirmed a join so far has told no time.
    let line = |id: &KeyId| Some(reader.tail(id)).filter(|tail| tail.stamp.millis() > 0);
    let heard = others.filter_map(|(id, holder)| {
        let tail = line(id)?;
        Some(LastHeard { member: format!("{id:?}"), name: name_of(reader, holder), at: tail.stamp.millis() })
    });
    heard.collect()
}

//! New keys in this device's place: when another device may have the old ones. What was sealed goes out as it is first, then the
//! statement, and then everything else is stamped anew under the new keys.

use ayumi_protocol::control::{Action, State, Statement};
use ayumi_protocol::exchange::{Answer, Piece, Reply};

use super::lines::cutoffs;
use super::round::Outgoing;
use crate::app::error::Result;
use crate::crypto::keys::SecretKeys;
use crate::store::channel::{self, Channel, StoredStatement};
use crate::store::{Db, outbox};
use crate::sync::reader::Reader;
use crate::sync::statement;

/// Whether this device's place gets new keys before anything more is sealed.
pub(super) fn is_due(channel: &Channel, reader: &Reader) -> bool {
    let member = |state: &State| state.may_read(&reader.id());
    // A notebook that no server has yet is founded first.
    channel.next.is_some() && reader.state().is_none_or(member)
}

/// The statement that puts the new keys into this device's place, behind everything that waits; `None` if it waits already, if
/// the notebook is not founded yet, or if the chain has no room for it.
pub(super) fn statement(db: &Db, channel: &Channel, ahead: &Reader) -> Result<Option<Statement>> {
    let Some((next, state)) = channel.next.as_ref().zip(ahead.state()) else { return Ok(None) };
    if channel.again || !state.may_read(&ahead.id()) {
        return Ok(None);
    }
    let knowing = ahead.clone().with_cutoffs(cutoffs(db.reader(), ahead)?);
    let statement = statement::rekey(&knowing, state, next, &db.carer()?)?;
    Ok(state.after(&statement).is_ok().then_some(statement))
}

/// Whether a statement puts this device's next keys into its place.
pub(super) fn is_ours(channel: &Channel, body: &[u8]) -> bool {
    let Some(next) = &channel.next else { return false };
    let statement = Statement::from_bytes(body);
    matches!(statement.map(|s| s.action), Ok(Action::Rekey { member, .. }) if member.keys == next.public())
}

/// Returns the statement of this device's new keys, if a reply says that it was taken.
pub(super) fn taken(channel: &Channel, outgoing: &[Outgoing], reply: &Reply) -> Option<StoredStatement> {
    outgoing.iter().zip(&reply.answers).find_map(|(outgoing, answer)| match (&outgoing.piece, answer) {
        (Piece::Statement(body), Answer::Taken(position)) if is_ours(channel, body) => {
            Some(StoredStatement { taken_at: reply.server_ms.max(1), position: *position, body: body.clone() })
        }
        _ => None,
    })
}

/// Goes on under the new keys: the statement stands in the log. `shown` ends with it, and begins with what else the server showed of
/// the chain, whose places may have been forgotten here.
pub(super) fn go_on_under_new_keys(db: &mut Db, channel: &Channel, shown: &[StoredStatement]) -> Result<()> {
    let Some(next) = channel.next.clone() else { return Ok(()) };
    let new = Channel {
        device: next.id().into(),
        keys: next,
        next: None,
        token: None,
        attempt: 0,
        removed: false,
        ..channel.clone()
    };
    db.write(|tx| {
        outbox::collect_new(tx)?;
        // What is sealed still is of the old keys, and beyond their cutoff.
        outbox::unseal_from(tx, channel.notebook, 0, false)?;
        shown.iter().try_for_each(|stored| channel::keep_statement(tx, channel.notebook, stored))?;
        new.save(tx)
    })?;
    // This device has another name in stamps now.
    db.forget_known();
    Ok(())
}

/// Another device writes under this one's keys: the log is read again with all that stands under them, and then the place
/// gets new ones.
pub(super) fn doubt_keys(db: &mut Db, channel: &mut Channel) -> Result<()> {
    if channel.next.is_none() {
        channel.next = Some(SecretKeys::generate()?);
    }
    Ok(db.write(|tx| {
        outbox::collect_new(tx)?;
        outbox::unseal_from(tx, channel.notebook, 0, false)?;
        channel::begin_again(tx, channel)
    })?)
}

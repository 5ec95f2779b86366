//! Snapshots: when a log has grown long, a writer says everything in it once more, in as few envelopes as can be.
//! Newcomers read those, and the server may let go of what stands before.

use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::Tail;
use ayumi_protocol::envelope::{Envelope, Kind, Part};
use ayumi_protocol::prefix::extend;
use ayumi_protocol::{Change, snapshot};

use super::prepare::channel_of;
use crate::app::error::Result;
use crate::app::membership::load_ahead;
use crate::crypto::seal::SealError;
use crate::store::channel::{self, Channel};
use crate::store::settings::SNAPSHOT_AFTER;
use crate::store::{Db, outbox};
use crate::sync::pack::{fit, seal_next};
use crate::sync::reader::Reader;

/// Items of a log between two snapshots at least. A family that writes every day makes one in a year or two.
const LEAST: u64 = 512;
/// And at least this part of what the log holds, so that what all snapshots cost stays in proportion.
const PART: u64 = 8;

/// Makes a snapshot if one is due. Call it when everything is sent and everything has come.
pub(super) fn make_if_due(db: &mut Db, notebook: NotebookId) -> Result<bool> {
    let mut channel = channel_of(db, notebook)?;
    let least = SNAPSHOT_AFTER.get(db.reader())?;
    let grown = channel.position.saturating_sub(channel.snapshot);
    if grown < least.unwrap_or(LEAST) || channel.again || channel.hollow || channel.removed || channel.halted.is_some()
    {
        return Ok(false);
    }
    // What this version cannot read, its snapshot would lack.
    let idle = outbox::counts(db.reader(), notebook)?.0 == 0
        && outbox::sealed(db.reader(), notebook)?.is_empty()
        && channel::unread(db.reader(), notebook)? == 0;
    if !idle || (least.is_none() && grown < outbox::sent_count(db.reader(), notebook)? / PART) {
        return Ok(false);
    }
    let reader = load_ahead(db.reader(), &channel)?;
    if !reader.may_write() {
        return Ok(false);
    }
    let changes = outbox::all_sent(db.reader(), notebook)?;
    let Some(parts) = seal_parts(&reader, &channel, &changes)? else { return Ok(false) };
    db.write(|tx| {
        for envelope in &parts {
            outbox::seal(tx, notebook, envelope.header.sequence, &envelope.to_bytes(), &[])?;
            channel.own = Tail { sequence: envelope.header.sequence, hash: envelope.hash() };
        }
        channel.save(tx)
    })?;
    Ok(true)
}

/// All parts; a part that is too long is made two.
fn seal_parts(reader: &Reader, channel: &Channel, changes: &[Change]) -> Result<Option<Vec<Envelope>>> {
    let mut cuts: Vec<&[Change]> = Vec::new();
    let mut rest = changes;
    while !rest.is_empty() {
        let (some, more) = rest.split_at(fit(rest).min(rest.len()));
        cuts.push(some);
        rest = more;
    }
    if cuts.is_empty() {
        cuts.push(&[]);
    }
    'again: loop {
        let Ok(of) = u16::try_from(cuts.len()) else { return Ok(None) };
        let (mut own, mut prefix) = (channel.own, channel.prefix);
        let mut parts = Vec::with_capacity(cuts.len());
        for (number, some) in (0..of).zip(&cuts) {
            let part = Part { prefix, number, of };
            match seal_part(reader, own, part, some) {
                Ok(Some(envelope)) => {
                    own = Tail { sequence: envelope.header.sequence, hash: envelope.hash() };
                    prefix = extend(&prefix, &own.hash);
                    parts.push(envelope);
                }
                Ok(None) => return Ok(None),
                Err(SealError::TooLong) if some.len() > 1 => {
                    let (one, two) = some.split_at(some.len() / 2);
                    let number = usize::from(number);
                    cuts.splice(number..=number, [one, two]);
                    continue 'again;
                }
                Err(error) => return Err(error.into()),
            }
        }
        return Ok(Some(parts));
    }
}

/// The first part also tells where all authors' chains end before it.
fn seal_part(
    reader: &Reader,
    own: Tail,
    part: Part,
    changes: &[Change],
) -> std::result::Result<Option<Envelope>, SealError> {
    let known = reader.tails().iter().filter(|(_, tail)| part.number == 0 && tail.sequence > 0);
    let tails: Vec<_> = known.map(|(author, tail)| (*author, *tail)).collect();
    seal_next(reader, own, Kind::Snapshot(part), changes, &snapshot::encode(&tails, changes))
}

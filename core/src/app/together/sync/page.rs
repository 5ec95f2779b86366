//! Verifies a reply: its receipts, and every item of its page. Writes nothing.

use ayumi_protocol::Change;
use ayumi_protocol::accept::Tail;
use ayumi_protocol::envelope::{Envelope, Kind, Receipt};
use ayumi_protocol::exchange::{Answer, Item, ItemBody, Piece, Reply};
use ayumi_protocol::key::{KeyId, PublicKeys, hash};
use ayumi_protocol::prefix::{Prefix, extend};

use super::round::Outgoing;
use crate::store::View;
use crate::store::channel::{self, Channel};
use crate::sync::reader::{Halt, Opened, Reader};
use crate::sync::remedy::Sent;

/// A page that was verified.
pub(super) struct Page {
    pub(super) receipts: Vec<SignedReceipt>,
    pub(super) steps: Vec<Step>,
    /// Names the log up to the page's end.
    pub(super) prefix: Prefix,
}

/// A receipt whose signature was verified.
pub(super) struct SignedReceipt {
    pub(super) sequence: u64,
    pub(super) position: u64,
    pub(super) hash: [u8; 32],
    pub(super) signature: [u8; 64],
    /// It was the last part of a snapshot.
    pub(super) ends_snapshot: bool,
}

/// An item that was verified.
pub(super) enum Step {
    Known { body: Vec<u8>, taken_at: u64, position: u64 },
    Statement { body: Vec<u8>, taken_at: u64, position: u64 },
    Changes { changes: Vec<Change>, position: u64 },
    Part { changes: Vec<Change>, first: bool, whole: bool, position: u64 },
    Unread { body: Vec<u8>, taken_at: u64, position: u64 },
}

/// Verifies a reply; trusts nothing of it. `reader` stands behind the page afterwards.
pub(super) fn verify(
    view: &View,
    channel: &Channel,
    reader: &mut Reader,
    outgoing: &[Outgoing],
    reply: &Reply,
) -> Result<Page, Halt> {
    let receipts = receipts(channel, outgoing, reply)?;
    let mut items = Items {
        view,
        reader,
        pending: outgoing.iter().filter_map(|outgoing| statement_of(&outgoing.piece)).collect(),
        position: channel.position,
        prefix: channel.prefix,
        steps: Vec::with_capacity(reply.items.len()),
    };
    for item in &reply.items {
        items.verify(item)?;
    }
    // What was let go of must be told of by a snapshot before the log ends.
    if items.reader.is_hollow() && items.position >= reply.end {
        return Err(Halt::Envelope);
    }
    Ok(Page { receipts, steps: items.steps, prefix: items.prefix })
}

const fn statement_of(piece: &Piece) -> Option<&Vec<u8>> {
    match piece {
        Piece::Statement(bytes) => Some(bytes),
        Piece::Envelope(_) => None,
    }
}

/// Verifies the server's signatures under its receipts.
fn receipts(channel: &Channel, outgoing: &[Outgoing], reply: &Reply) -> Result<Vec<SignedReceipt>, Halt> {
    if !outgoing.is_empty() && reply.answers.len() != outgoing.len() {
        return Err(Halt::Receipt);
    }
    let mut receipts = Vec::new();
    for (Outgoing { piece, sent }, answer) in outgoing.iter().zip(&reply.answers) {
        let (Piece::Envelope(bytes), Sent::Envelope(sequence), Answer::Envelope { position, signature }) =
            (piece, sent, answer)
        else {
            continue;
        };
        let hash = hash(bytes);
        let server = PublicKeys { sign: channel.server_key.ok_or(Halt::Receipt)?, agree: [0; 32] };
        let signed = Receipt::signed_bytes(channel.notebook, *position, &hash, &reply.store_epoch);
        if !server.verify(Receipt::PURPOSE, &signed, signature) {
            return Err(Halt::Receipt);
        }
        let ends_snapshot = Envelope::from_bytes(bytes).is_ok_and(|envelope| match envelope.header.kind {
            Kind::Snapshot(part) => part.number + 1 == part.of,
            Kind::Changes => false,
        });
        let (sequence, position, signature) = (*sequence, *position, *signature);
        receipts.push(SignedReceipt { sequence, position, hash, signature, ends_snapshot });
    }
    Ok(receipts)
}

/// The items of a page, verified one after the other.
struct Items<'a> {
    view: &'a View,
    reader: &'a mut Reader,
    /// Control statements that this request sent.
    pending: Vec<&'a Vec<u8>>,
    position: u64,
    prefix: Prefix,
    steps: Vec<Step>,
}

impl Items<'_> {
    /// Verifies the next item: in order, without a gap.
    fn verify(&mut self, item: &Item) -> Result<(), Halt> {
        // Only what was let go of stands for more than one place.
        let run = matches!(item.body, ItemBody::Run { .. }) && item.position > self.position;
        if item.position != self.position + 1 && !run {
            return Err(Halt::Envelope);
        }
        self.position = item.position;
        match &item.body {
            ItemBody::Statement(bytes) => self.statement(bytes, item),
            ItemBody::Own(sequence) => self.own(*sequence),
            ItemBody::Run { prefix, tails } => self.run(prefix, tails),
            ItemBody::Envelope(bytes) => self.envelope(bytes, item),
        }
    }

    fn statement(&mut self, bytes: &Vec<u8>, item: &Item) -> Result<(), Halt> {
        self.prefix = extend(&self.prefix, &hash(bytes));
        let new = self.reader.statement(bytes)?.is_some();
        let (body, taken_at, position) = (bytes.clone(), item.taken_at, item.position);
        self.steps.push(if new && !self.pending.contains(&bytes) {
            Step::Statement { body, taken_at, position }
        } else {
            Step::Known { body, taken_at, position }
        });
        Ok(())
    }

    fn own(&mut self, sequence: u64) -> Result<(), Halt> {
        let known = channel::own_hash(self.view, self.reader.notebook(), sequence).map_err(|_| Halt::Copy)?;
        self.reader.own(sequence, known)?;
        self.prefix = extend(&self.prefix, &known.unwrap_or_default());
        Ok(())
    }

    fn run(&mut self, prefix: &Prefix, tails: &[(KeyId, Tail)]) -> Result<(), Halt> {
        let mine = tails.iter().find(|(author, _)| *author == self.reader.id());
        if let Some((_, tail)) = mine {
            let known = channel::own_hash(self.view, self.reader.notebook(), tail.sequence);
            if known.map_err(|_| Halt::Copy)?.is_some_and(|known| known != tail.hash) {
                return Err(Halt::Copy);
            }
        }
        self.reader.run(tails);
        self.prefix = *prefix;
        Ok(())
    }

    fn envelope(&mut self, bytes: &[u8], item: &Item) -> Result<(), Halt> {
        let (taken_at, position) = (item.taken_at, item.position);
        let opened = self.reader.envelope(bytes, taken_at, &self.prefix)?;
        self.prefix = extend(&self.prefix, &hash(bytes));
        self.steps.push(match opened {
            Opened::Changes(changes) => Step::Changes { changes, position },
            Opened::Part { changes, first, whole } => Step::Part { changes, first, whole, position },
            Opened::Unread => Step::Unread { body: bytes.to_vec(), taken_at, position },
        });
        Ok(())
    }
}

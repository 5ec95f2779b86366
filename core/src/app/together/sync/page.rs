//! Verifies a reply: its receipts, and every item of its page. Writes nothing.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Statement;
use ayumi_protocol::envelope::{Frame, Receipt, Tail};
use ayumi_protocol::exchange::{Answer, Item, ItemBody, Piece, Reply};
use ayumi_protocol::key::{Hash, KeyId, PublicKeys};
use ayumi_protocol::opening::Held;
use ayumi_protocol::prefix::{Prefix, extend};

use super::round::Outgoing;
use crate::store::channel::Channel;
use crate::store::{StoreError, View, frames, outbox};
use crate::sync::reader::{Halt, Judged, Kept, Reader};
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
    pub(super) frame: Frame,
    pub(super) sent: Sent,
    pub(super) position: u64,
    pub(super) signature: [u8; 64],
}

/// An item that was verified.
pub(super) enum Step {
    /// A statement that is in this file.
    Known { body: Vec<u8>, taken_at: u64, position: u64 },
    /// A new statement.
    Statement { statement: Statement, taken_at: u64, position: u64 },
    /// A new envelope.
    Envelope { judged: Judged, position: u64 },
    /// An envelope that this file keeps, or has sealed.
    Kept {
        author: KeyId,
        tail: Tail,
        position: u64,
        /// The log has it with its ciphertext.
        whole: bool,
    },
}

/// The envelopes of one notebook in the file.
struct File<'a> {
    view: &'a View,
    notebook: NotebookId,
}

impl Kept for File<'_> {
    type Error = StoreError;

    fn hash_of(&self, author: KeyId, sequence: u64, attempt: u32) -> Result<Option<Hash>, StoreError> {
        frames::hash_of(self.view, self.notebook, author, sequence, attempt)
    }

    fn tail_of(&self, author: KeyId, sequence: u64, hash: &Hash) -> Result<Option<Tail>, StoreError> {
        frames::tail_of(self.view, self.notebook, author, sequence, hash)
    }
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
    let file = File { view, notebook: channel.notebook };
    let (position, prefix) = (channel.position, channel.prefix);
    let steps = Vec::with_capacity(reply.items.len());
    let mut items = Items { file, reader, outgoing, position, prefix, steps };
    for item in &reply.items {
        items.verify(item)?;
    }
    Ok(Page { receipts, steps: items.steps, prefix: items.prefix })
}

/// Verifies the server's signatures under its receipts.
fn receipts(channel: &Channel, outgoing: &[Outgoing], reply: &Reply) -> Result<Vec<SignedReceipt>, Halt> {
    if !outgoing.is_empty() && reply.answers.len() != outgoing.len() {
        return Err(Halt::Receipt);
    }
    let mut receipts = Vec::new();
    for (Outgoing { piece, sent }, answer) in outgoing.iter().zip(&reply.answers) {
        let (
            Piece::Envelope(bytes) | Piece::CarriedEnvelope(bytes) | Piece::Remnant(bytes),
            Answer::Envelope { position, signature },
        ) = (piece, answer)
        else {
            continue;
        };
        let frame = Frame::from_start_of(bytes).map_err(|_| Halt::Defect)?;
        let server = PublicKeys { sign: channel.server_key.ok_or(Halt::Receipt)?, agree: [0; 32] };
        let signed = Receipt::signed_bytes(channel.notebook, *position, &frame.hash(), &reply.store_epoch);
        if !server.verify(Receipt::PURPOSE, &signed, signature) {
            return Err(Halt::Receipt);
        }
        receipts.push(SignedReceipt { frame, sent: *sent, position: *position, signature: *signature });
    }
    Ok(receipts)
}

/// The items of a page, verified one after the other.
struct Items<'a> {
    file: File<'a>,
    reader: &'a mut Reader,
    outgoing: &'a [Outgoing],
    position: u64,
    prefix: Prefix,
    steps: Vec<Step>,
}

impl Items<'_> {
    /// Verifies the next item: in order, without a gap.
    fn verify(&mut self, item: &Item) -> Result<(), Halt> {
        if item.position != self.position + 1 {
            return Err(Halt::Envelope);
        }
        self.position = item.position;
        let hash = match &item.body {
            ItemBody::Statement(bytes) => self.statement(bytes, item)?,
            ItemBody::Own(sequence) => self.own(*sequence)?,
            ItemBody::Envelope(bytes) => self.envelope(false, bytes)?,
            ItemBody::Brought(piece) => self.brought(*piece, item)?,
            ItemBody::Remnant(bytes) => self.envelope(true, bytes)?,
        };
        self.prefix = extend(&self.prefix, &hash, item.taken_at);
        Ok(())
    }

    fn statement(&mut self, bytes: &[u8], item: &Item) -> Result<Hash, Halt> {
        let hash = Statement::from_bytes(bytes).map_err(|_| Halt::Chain)?.hash();
        let (taken_at, position) = (item.taken_at, item.position);
        self.steps.push(match self.reader.statement(bytes)? {
            Some(statement) => Step::Statement { statement, taken_at, position },
            None => Step::Known { body: bytes.to_vec(), taken_at, position },
        });
        Ok(hash)
    }

    fn own(&mut self, sequence: u64) -> Result<Hash, Halt> {
        let (view, notebook, me) = (self.file.view, self.file.notebook, self.reader.id());
        let sealed = outbox::sealed_with(view, notebook, sequence).map_err(|_| Halt::Copy)?;
        let known = match sealed.and_then(|body| Tail::from_frame(&body).ok()) {
            Some(sealed) => Some(sealed),
            None => frames::own(view, notebook, me, sequence).map_err(|_| Halt::Copy)?,
        };
        self.own_is(known)
    }

    fn own_is(&mut self, known: Option<Tail>) -> Result<Hash, Halt> {
        let (author, tail) = (self.reader.id(), self.reader.own(known)?);
        self.steps.push(Step::Kept { author, tail, position: self.position, whole: false });
        Ok(tail.hash)
    }

    fn envelope(&mut self, remnant: bool, bytes: &[u8]) -> Result<Hash, Halt> {
        let held = Held::from_bytes(remnant, bytes).map_err(|_| Halt::Envelope)?;
        let (header, tail) = (held.header(), held.frame().tail());
        let kept = self.file.hash_of(header.author, header.sequence, header.attempt).map_err(|_| Halt::Envelope)?;
        if kept == Some(tail.hash) {
            self.steps.push(Step::Kept { author: header.author, tail, position: self.position, whole: !remnant });
            return Ok(tail.hash);
        }
        if header.author == self.reader.id() {
            let sealed = outbox::sealed_with(self.file.view, self.file.notebook, header.sequence);
            let sealed = sealed.map_err(|_| Halt::Copy)?.and_then(|body| Tail::from_frame(&body).ok());
            if sealed == Some(tail) {
                return self.own_is(sealed);
            }
        }
        let judged = self.reader.envelope(held, &self.file)?;
        self.steps.push(Step::Envelope { judged, position: self.position });
        Ok(tail.hash)
    }

    /// Verifies the mention of something that this request brought.
    fn brought(&mut self, piece: u32, item: &Item) -> Result<Hash, Halt> {
        let outgoing = usize::try_from(piece).ok().and_then(|piece| self.outgoing.get(piece)).ok_or(Halt::Envelope)?;
        match &outgoing.piece {
            Piece::Statement(bytes) | Piece::CarriedStatement(bytes) => self.statement(bytes, item),
            Piece::Envelope(bytes) => self.own_is(Tail::from_frame(bytes).ok()),
            Piece::CarriedEnvelope(bytes) => self.envelope(false, bytes),
            Piece::Remnant(bytes) => self.envelope(true, bytes),
        }
    }
}

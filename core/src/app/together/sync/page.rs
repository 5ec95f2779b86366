//! Verifies a reply: every item of its page, and the signed end of the log. Writes nothing.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{State, Statement};
use ayumi_protocol::end::{End, SignedEnd};
use ayumi_protocol::envelope::{Frame, Tail};
use ayumi_protocol::exchange::{Item, ItemBody, Piece, Reply, Stated};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::opening::Held;

use super::round::Outgoing;
use crate::app::pinned::keys_of_server;
use crate::store::channel::{self, Channel};
use crate::store::{StoreError, View, frames, outbox};
use crate::sync::halt::Halt;
use crate::sync::reader::{Judged, Kept, Reader};

/// A page that was verified.
pub(super) struct Page {
    pub(super) steps: Vec<Step>,
    /// What is left of envelopes, that the server put in the place of those that were read before.
    pub(super) left: Vec<Left>,
    /// The log up to the page's end.
    pub(super) reached: End,
    /// The log up to its end, signed by the server.
    pub(super) end: SignedEnd,
    /// It holds something under this device's key that this device did not make.
    pub(super) copied: bool,
}

impl Page {
    /// Returns how many envelopes of this request the log shows, or what is left of them.
    pub(super) fn brought(&self) -> usize {
        let shown = self.steps.iter().filter(|step| matches!(step, Step::Kept { brought: true, .. }));
        shown.count() + self.left.len()
    }
}

/// What is left of an envelope, and stands in its place at the server.
pub(super) struct Left {
    pub(super) author: KeyId,
    pub(super) tail: Tail,
    pub(super) position: u64,
}

/// An item that was verified.
pub(super) enum Step {
    /// A statement that is in this file.
    Known { body: Vec<u8>, taken_at: u64, position: u64 },
    /// A new statement.
    Statement { statement: Statement, taken_at: u64, position: u64 },
    /// A new envelope.
    Envelope { judged: Judged, taken_at: u64, position: u64 },
    /// An envelope that this file keeps, or has sealed.
    Kept {
        author: KeyId,
        tail: Tail,
        taken_at: u64,
        position: u64,
        /// The log has it with its ciphertext.
        whole: bool,
        /// This request brought it.
        brought: bool,
    },
}

/// The envelopes of one notebook in the file.
struct File<'a> {
    view: &'a View,
    notebook: NotebookId,
}

impl Kept for File<'_> {
    type Error = StoreError;

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
    if !outgoing.is_empty() && reply.answers.len() != outgoing.len() {
        return Err(Halt::Receipt);
    }
    let mut items = Items::new(view, channel, reader, outgoing);
    for item in &reply.items {
        items.verify(item)?;
    }
    let Items { reached, steps, copied, .. } = items;
    let end = signed_end(channel, reply, &reached)?;
    let left = shown(outgoing, reply, &steps, (channel.position, reached.position))?;
    Ok(Page { steps, left, reached, end, copied })
}

/// Verifies a reply about a notebook that is closed, as an owner must have said.
pub(super) fn verify_closed(
    view: &View,
    channel: &Channel,
    reader: &mut Reader,
    outgoing: &[Outgoing],
    reply: &Reply,
) -> Result<Page, Halt> {
    let page = verify_chain(view, channel, reader, outgoing, reply)?;
    let server = keys_of_server(view, channel).map_err(|_| Halt::Chain)?;
    reader.state().and_then(|state| state.closing_at(&server)).ok_or(Halt::Chain)?;
    Ok(page)
}

/// Verifies a reply with the chain alone to its end, with holes between the places, so the cursor stays.
pub(super) fn verify_chain(
    view: &View,
    channel: &Channel,
    reader: &mut Reader,
    outgoing: &[Outgoing],
    reply: &Reply,
) -> Result<Page, Halt> {
    let mut items = Items::new(view, channel, reader, outgoing);
    let reached = items.reached;
    for item in &reply.items {
        if item.position <= items.reached.position || item.taken_at < items.reached.taken_at {
            return Err(Halt::Chain);
        }
        (items.reached.position, items.reached.taken_at) = (item.position, item.taken_at);
        match &item.body {
            ItemBody::Statement(bytes) => _ = items.statement(bytes, item)?,
            ItemBody::Brought(piece) => _ = items.brought_statement(*piece, item)?,
            ItemBody::Envelope(_) | ItemBody::Own(..) | ItemBody::Remnant(_) => return Err(Halt::Chain),
        }
    }
    let place = items.next_place()?;
    items.reader.state().filter(|state| place == state.length()).ok_or(Halt::Chain)?;
    let steps = items.steps;
    let end = signed_end(channel, reply, &reached)?;
    Ok(Page { steps, left: Vec::new(), reached, end, copied: false })
}

/// Verifies the server's signature under the end of its log, and that this device read the same one.
fn signed_end(channel: &Channel, reply: &Reply, reached: &End) -> Result<SignedEnd, Halt> {
    let key = channel.server_key.ok_or(Halt::Receipt)?;
    let known = || Some(Stated { store_epoch: channel.store_epoch?, end: *reached });
    let signed = reply.signed_end(channel.notebook, known).filter(|signed| signed.is_signed_by(key));
    let signed = signed.ok_or(Halt::Receipt)?;
    let other = signed.end.position == reached.position && signed.end != *reached;
    if other || signed.end.position < reached.position { Err(Halt::Receipt) } else { Ok(signed) }
}

/// Verifies that what the server says it took stands where it says, as far as the page goes. Returns what is left of envelopes
/// that stand before the page.
fn shown(
    outgoing: &[Outgoing],
    reply: &Reply,
    steps: &[Step],
    (before, reached): (u64, u64),
) -> Result<Vec<Left>, Halt> {
    let mut left = Vec::new();
    let answers = outgoing.iter().zip(&reply.answers).filter(|(outgoing, _)| outgoing.sent.is_envelope());
    let taken = answers.filter_map(|(outgoing, answer)| Some((&outgoing.piece, answer.position()?)));
    for (piece, position) in taken.filter(|(_, position)| *position <= reached) {
        let frame = Frame::from_start_of(piece.bytes()).map_err(|_| Halt::Defect)?;
        let tail = frame.tail();
        if matches!(piece, Piece::Remnant(_)) && position <= before {
            left.push(Left { author: frame.header.author, tail, position });
            continue;
        }
        let there = |step: &Step| match step {
            Step::Kept { tail: kept, position: at, .. } => (kept.hash, *at) == (tail.hash, position),
            Step::Envelope { judged, position: at, .. } => (judged.held.frame().hash(), *at) == (tail.hash, position),
            Step::Known { .. } | Step::Statement { .. } => false,
        };
        if !steps.iter().any(there) {
            return Err(Halt::Receipt);
        }
    }
    Ok(left)
}

/// The items of a page, verified one after the other.
struct Items<'a> {
    file: File<'a>,
    reader: &'a mut Reader,
    outgoing: &'a [Outgoing],
    /// All up to here is in the file.
    cursor: u64,
    /// Where the next statement stands in the chain, once one was shown.
    place: Option<usize>,
    /// The log up to the item that was verified last.
    reached: End,
    steps: Vec<Step>,
    copied: bool,
}

impl<'a> Items<'a> {
    /// Behind the log as far as this device has read it.
    fn new(view: &'a View, channel: &Channel, reader: &'a mut Reader, outgoing: &'a [Outgoing]) -> Self {
        let reached = End {
            position: channel.position,
            prefix: channel.prefix,
            head: reader.state().map(State::head).unwrap_or_default(),
            taken_at: channel.taken_at,
        };
        Self {
            file: File { view, notebook: channel.notebook },
            reader,
            outgoing,
            cursor: channel.position,
            place: None,
            reached,
            steps: Vec::new(),
            copied: false,
        }
    }

    /// Verifies the next item: in order, without a gap.
    fn verify(&mut self, item: &Item) -> Result<(), Halt> {
        if item.position != self.reached.position + 1 || item.taken_at < self.reached.taken_at {
            return Err(Halt::Envelope);
        }
        let is_statement = match &item.body {
            ItemBody::Statement(_) => true,
            ItemBody::Envelope(_) | ItemBody::Own(..) | ItemBody::Remnant(_) => false,
            ItemBody::Brought(piece) => {
                matches!(self.piece(*piece)?, Piece::Statement(_) | Piece::CarriedStatement(_))
            }
        };
        let hash = match &item.body {
            ItemBody::Statement(bytes) => self.statement(bytes, item)?,
            ItemBody::Own(sequence, hash) => self.own(*sequence, hash, item)?,
            ItemBody::Envelope(bytes) => self.envelope(false, bytes, item)?,
            ItemBody::Brought(piece) => self.brought(*piece, item)?,
            ItemBody::Remnant(bytes) => self.envelope(true, bytes, item)?,
        };
        self.reached = self.reached.then(&hash, is_statement, item.taken_at);
        Ok(())
    }

    fn statement(&mut self, bytes: &[u8], item: &Item) -> Result<Hash, Halt> {
        let hash = Statement::from_bytes(bytes).map_err(|_| Halt::Chain)?.hash();
        let (taken_at, position) = (item.taken_at, item.position);
        self.steps.push(match self.reader.statement(bytes)? {
            Some(statement) => Step::Statement { statement, taken_at, position },
            None => Step::Known { body: bytes.to_vec(), taken_at, position },
        });
        // Also what is known comes in the order of the chain: of a notebook that was closed more is known than was read.
        let place = self.next_place()?;
        if self.reader.state().and_then(|state| state.place_of(&hash)) != Some(place) {
            return Err(Halt::Chain);
        }
        self.place = Some(place + 1);
        Ok(hash)
    }

    fn next_place(&self) -> Result<usize, Halt> {
        let File { view, notebook } = self.file;
        let known = || channel::statements_up_to(view, notebook, self.cursor).map_err(|_| Halt::Chain);
        self.place.map_or_else(known, Ok)
    }

    fn own(&mut self, sequence: u64, hash: &Hash, item: &Item) -> Result<Hash, Halt> {
        let (view, notebook, me) = (self.file.view, self.file.notebook, self.reader.id());
        let known = match self.sealed_with(sequence)?.filter(|sealed| sealed.hash == *hash) {
            Some(sealed) => Some(sealed),
            None => frames::tail_of(view, notebook, me, sequence, hash).map_err(|_| Halt::Copy)?,
        };
        self.own_is(known, item)
    }

    /// The tail behind the envelope that this device sealed with a sequence, and does not know to be there.
    fn sealed_with(&self, sequence: u64) -> Result<Option<Tail>, Halt> {
        let sealed = outbox::sealed_with(self.file.view, self.file.notebook, sequence).map_err(|_| Halt::Copy)?;
        Ok(sealed.and_then(|body| Tail::from_frame(&body).ok()))
    }

    fn own_is(&mut self, known: Option<Tail>, item: &Item) -> Result<Hash, Halt> {
        let (author, tail) = (self.reader.id(), self.reader.own(known)?);
        self.keep(author, tail, item, false);
        Ok(tail.hash)
    }

    fn keep(&mut self, author: KeyId, tail: Tail, item: &Item, whole: bool) {
        let brought = matches!(item.body, ItemBody::Brought(_));
        let (taken_at, position) = (item.taken_at, item.position);
        self.steps.push(Step::Kept { author, tail, taken_at, position, whole, brought });
    }

    fn envelope(&mut self, remnant: bool, bytes: &[u8], item: &Item) -> Result<Hash, Halt> {
        let held = Held::from_bytes(remnant, bytes).map_err(|_| Halt::Envelope)?;
        let (header, tail) = (held.header(), held.frame().tail());
        let place = (header.sequence, &tail.hash);
        let is_kept = frames::is_kept(self.file.view, self.file.notebook, header.author, place);
        if is_kept.map_err(|_| Halt::Envelope)? {
            self.keep(header.author, tail, item, !remnant);
            return Ok(tail.hash);
        }
        if header.author == self.reader.id() {
            let sealed = self.sealed_with(header.sequence)?;
            if sealed == Some(tail) {
                return self.own_is(sealed, item);
            }
            self.copied = true;
        }
        let judged = self.reader.envelope(held, &self.file)?;
        self.steps.push(Step::Envelope { judged, taken_at: item.taken_at, position: item.position });
        Ok(tail.hash)
    }

    fn brought_statement(&mut self, piece: u32, item: &Item) -> Result<Hash, Halt> {
        match self.piece(piece)? {
            Piece::Statement(bytes) | Piece::CarriedStatement(bytes) => self.statement(bytes, item),
            Piece::Envelope(_) | Piece::CarriedEnvelope(_) | Piece::Remnant(_) => Err(Halt::Chain),
        }
    }

    /// The piece with this number that this request brought.
    fn piece(&self, number: u32) -> Result<&'a Piece, Halt> {
        let outgoing = usize::try_from(number).ok().and_then(|number| self.outgoing.get(number));
        outgoing.map(|outgoing| &outgoing.piece).ok_or(Halt::Envelope)
    }

    /// Verifies the mention of something that this request brought.
    fn brought(&mut self, piece: u32, item: &Item) -> Result<Hash, Halt> {
        match self.piece(piece)? {
            Piece::Statement(bytes) | Piece::CarriedStatement(bytes) => self.statement(bytes, item),
            Piece::Envelope(bytes) => self.own_is(Tail::from_frame(bytes).ok(), item),
            Piece::CarriedEnvelope(bytes) => self.envelope(false, bytes, item),
            Piece::Remnant(bytes) => self.envelope(true, bytes, item),
        }
    }
}

//! What a device and a server say to each other in one round trip: the device sends what it has and asks for what
//! stands behind its cursor. Bodies of `POST /v1/sync`; the forms are frozen in `fixtures/protocol/request_2.hex` and `reply_2.hex`.
//!
//! ```text
//! request: version 1 (2) | notebook 16 | author 16 | proof | flags 1 | after | prefix 16 | page bytes
//!          | ticket: 0, or 1 and 16 bytes | ends: count, each a receipt | pieces: count, each kind 1, blob
//! reply:   version 1 (2) | server's clock 8 | flags 1 | end, signed | own sequence | token: 0, or 1 and 24 bytes
//!          | if the flag says so: receipt, an end that is signed whole | answers: count, each | items: count, each
//! end:     position | if the flag says so: store epoch 16, prefix 16, chain head 32, time taken 8 | signature 64
//! ```
//! Numbers without a length are varints; a blob is its length and its bytes.
//!
//! Long because a request and its reply are read together.

mod challenge;
mod refused;

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, KeyId, hash_for};
use crate::limits;
use crate::notebook::end::{End, SignedEnd};
use crate::notebook::envelope::SIGNATURE_BYTES;
use crate::notebook::opening::Remnant;
use crate::notebook::prefix::Prefix;
use crate::notebook::receipt::Receipt;
pub use refused::Refused;

pub use challenge::{CHALLENGE_PURPOSE, Challenge, server_key_hash};

const VERSION: u8 = 2;
/// What the signature over a challenge is for.
pub const SESSION_PURPOSE: &str = crate::purpose::SESSION;
/// Bytes of an origin at most.
pub const ORIGIN_BYTES: usize = 300;
/// Bytes of a challenge or a token: eight of a time and sixteen of a MAC that only the server can make.
pub const TOKEN_BYTES: usize = 24;

/// A challenge, or a token that was given for a signed one.
pub type Token = [u8; TOKEN_BYTES];

/// Bytes of a ticket with which a municipality lets a notebook begin: random, from a slip of paper.
pub const ADMISSION_BYTES: usize = 16;

/// A ticket of admission: one notebook may begin with it.
pub type Admission = [u8; ADMISSION_BYTES];

/// What a server keeps of a ticket of admission.
pub fn admission_hash(ticket: &Admission) -> Hash {
    hash_for(crate::purpose::ADMISSION, ticket)
}

/// How a device shows that it has the key that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Not yet: the answer is a challenge.
    None,
    /// A token from an earlier reply, valid for a day at most.
    Token(Token),
    /// The server's challenge, signed. The reply brings a token.
    Signed {
        /// As the server gave it.
        challenge: Token,
        /// Where the device dialled: `https://host:port`, the port always; empty between two devices side by side.
        origin: String,
        /// Over [`session_bytes`] for [`SESSION_PURPOSE`].
        signature: [u8; SIGNATURE_BYTES],
    },
}

/// What a device signs to open a session: with whom it means to speak, and where it dialled. So a server that passes the
/// challenge of another one on gets nothing that the other one believes.
pub fn session_bytes(challenge: &Challenge, origin: &str, notebook: NotebookId, author: KeyId) -> Vec<u8> {
    bound_to(challenge, origin, &challenge.challenge, notebook, author)
}

/// As [`session_bytes`], between two devices: an empty origin, and in the challenge's place the hash of their handshake.
pub fn nearby_session_bytes(challenge: &Challenge, handshake: &Hash, notebook: NotebookId, author: KeyId) -> Vec<u8> {
    bound_to(challenge, "", handshake, notebook, author)
}

fn bound_to(challenge: &Challenge, origin: &str, place: &[u8], notebook: NotebookId, author: KeyId) -> Vec<u8> {
    let mut out = Writer::default();
    out.raw(&challenge.server_key).raw(&challenge.store_epoch).blob(origin.as_bytes());
    out.raw(place).raw(notebook.as_bytes()).raw(&author.0);
    out.0
}

/// The start of every request of the notebook channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The notebook.
    pub notebook: NotebookId,
    /// The caller's key in it.
    pub author: KeyId,
    /// That it is the caller's.
    pub proof: Proof,
}

impl Caller {
    pub(crate) fn write(&self, out: &mut Writer) {
        out.u8(VERSION).raw(self.notebook.as_bytes()).raw(&self.author.0);
        match &self.proof {
            Proof::None => _ = out.u8(0),
            Proof::Token(token) => _ = out.u8(1).raw(token),
            Proof::Signed { challenge, origin, signature } => {
                out.u8(2).raw(challenge).blob(origin.as_bytes()).raw(signature);
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        if reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let notebook = NotebookId::from_slice(reader.raw(16)?)?;
        let author = KeyId(reader.array()?);
        let proof = match reader.u8()? {
            0 => Proof::None,
            1 => Proof::Token(reader.array()?),
            2 => {
                let (challenge, origin) = (reader.array()?, reader.blob(ORIGIN_BYTES)?);
                let origin = std::str::from_utf8(origin).ok().filter(|text| text.is_ascii()).ok_or(reader.wrong())?;
                Proof::Signed { challenge, origin: origin.to_owned(), signature: reader.array()? }
            }
            _ => return Err(reader.wrong()),
        };
        Ok(Self { notebook, author, proof })
    }
}

/// Something to append, in its wire form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A control statement that the caller has just made.
    Statement(Vec<u8>),
    /// An envelope that the caller has just made.
    Envelope(Vec<u8>),
    /// An envelope of any author that the caller has from a log, byte for byte.
    CarriedEnvelope(Vec<u8>),
    /// A control statement of any author that the caller has from a log, byte for byte.
    CarriedStatement(Vec<u8>),
    /// What is left of an envelope of any author of which words were erased.
    Remnant(Vec<u8>),
}

impl Piece {
    /// Returns the wire form of what is brought.
    pub const fn bytes(&self) -> &Vec<u8> {
        let (Self::Statement(bytes)
        | Self::Envelope(bytes)
        | Self::CarriedEnvelope(bytes)
        | Self::CarriedStatement(bytes)
        | Self::Remnant(bytes)) = self;
        bytes
    }
}

/// What of the log the device wants back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Only control statements (a joining device needs them first).
    pub control_only: bool,
    /// Also the bodies of the device's own envelopes: its file is an older copy, or the server began a new life.
    pub mine_too: bool,
}

/// Sends and asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who.
    pub caller: Caller,
    /// What of the log.
    pub wanted: Wanted,
    /// What stands behind this position. All up to it is safe on the device: this is how a cursor is confirmed.
    pub after: u64,
    /// What the device knows to stand up to there: a log that was put back to a time before is noticed.
    pub prefix: Prefix,
    /// At most so many bytes of items, but at least one item; 0 for none.
    pub page_bytes: u64,
    /// With which the notebook begins, if this request founds it and the device has one.
    pub ticket: Option<Admission>,
    /// Ends that this server signed earlier: receipts for statements and envelopes that come along.
    pub ends: Vec<Receipt>,
    /// To append, in order.
    pub pieces: Vec<Piece>,
}

impl Request {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.caller.write(&mut out);
        out.u8(u8::from(self.wanted.control_only) | u8::from(self.wanted.mine_too) << 1);
        out.varint(self.after).raw(&self.prefix).varint(self.page_bytes);
        match &self.ticket {
            None => _ = out.u8(0),
            Some(ticket) => _ = out.u8(1).raw(ticket),
        }
        out.varint(self.ends.len() as u64);
        self.ends.iter().for_each(|receipt| receipt.write(&mut out));
        out.varint(self.pieces.len() as u64);
        for piece in &self.pieces {
            match piece {
                Piece::Statement(bytes) => out.u8(1).blob(bytes),
                Piece::Envelope(bytes) => out.u8(2).blob(bytes),
                Piece::CarriedEnvelope(bytes) => out.u8(3).blob(bytes),
                Piece::CarriedStatement(bytes) => out.u8(4).blob(bytes),
                Piece::Remnant(bytes) => out.u8(5).blob(bytes),
            };
        }
        out.0
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none, or holds more than may be sent at once.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "request");
        let caller = Caller::read(&mut reader)?;
        let flags = reader.u8()?;
        if flags > 3 {
            return Err(reader.wrong());
        }
        let wanted = Wanted { control_only: flags & 1 != 0, mine_too: flags & 2 != 0 };
        let (after, prefix, page_bytes) = (reader.varint()?, reader.array()?, reader.varint()?);
        let ticket = match reader.u8()? {
            0 => None,
            1 => Some(reader.array()?),
            _ => return Err(reader.wrong()),
        };
        let count = reader.count(SignedEnd::BYTES)?;
        if count > limits::ENDS {
            return Err(reader.wrong());
        }
        let (mut ends, mut items) = (Vec::with_capacity(count), 0);
        for _ in 0..count {
            let receipt = Receipt::read(&mut reader)?;
            items += receipt.run.items.len();
            ends.push(receipt);
        }
        if items > limits::PROVEN_ITEMS {
            return Err(reader.wrong());
        }
        let count = reader.count(2)?;
        if count > limits::PIECES {
            return Err(reader.wrong());
        }
        let mut pieces = Vec::with_capacity(count);
        for _ in 0..count {
            pieces.push(match reader.u8()? {
                1 => Piece::Statement(reader.blob(limits::STATEMENT_BYTES)?.to_vec()),
                2 => Piece::Envelope(reader.blob(limits::ENVELOPE_BYTES)?.to_vec()),
                3 => Piece::CarriedEnvelope(reader.blob(limits::ENVELOPE_BYTES)?.to_vec()),
                4 => Piece::CarriedStatement(reader.blob(limits::STATEMENT_BYTES)?.to_vec()),
                5 => Piece::Remnant(reader.blob(Remnant::BYTES)?.to_vec()),
                _ => return Err(reader.wrong()),
            });
        }
        reader.end()?;
        Ok(Self { caller, wanted, after, prefix, page_bytes, ticket, ends, pieces })
    }
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It has this position. The signed end of a reply that shows it there is the receipt.
    Taken(u64),
    /// It was not taken.
    Refused(Refused),
}

impl Answer {
    /// Returns the position of what was taken.
    pub const fn position(self) -> Option<u64> {
        match self {
            Self::Taken(position) => Some(position),
            Self::Refused(_) => None,
        }
    }
}

/// What stands at one place of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number in the notebook.
    pub position: u64,
    /// Milliseconds since 1970, the server's clock.
    pub taken_at: u64,
    /// What it is.
    pub body: ItemBody,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemBody {
    /// A control statement.
    Statement(Vec<u8>),
    /// An envelope.
    Envelope(Vec<u8>),
    /// The caller's own envelope with this sequence and hash: it has the bytes.
    Own(u64, Hash),
    /// The piece with this number of the request, from 0: the caller has just brought it.
    Brought(u32),
    /// What is left of an envelope of which words were erased.
    Remnant(Vec<u8>),
}

/// The signed end of the log, as a reply carries it. Who stands at the end knows all that is signed; to others it is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyEnd {
    /// The last position of the log.
    pub position: u64,
    /// All of it, unless whoever asks can compute it from what the reply brings.
    pub stated: Option<Stated>,
    /// The server's signature over [`SignedEnd::signed_bytes`].
    pub signature: [u8; SIGNATURE_BYTES],
}

/// What a server signs of a log's end, to who does not know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// Which life of the server's store this is. Who has a token knows it: the token was made in it.
    pub store_epoch: [u8; 16],
    /// The end.
    pub end: End,
}

impl Reply {
    /// Returns the signed end: the one that is stated, or that which the device computed, in the life of the store that it knows;
    /// `None` if it stands elsewhere.
    pub fn signed_end(&self, notebook: NotebookId, reached: impl FnOnce() -> Option<Stated>) -> Option<SignedEnd> {
        let here = |known: &Stated| known.end.position == self.end.position;
        let Stated { store_epoch, end } = self.end.stated.or_else(|| reached().filter(here))?;
        Some(SignedEnd { notebook, store_epoch, end, signature: self.end.signature })
    }
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The server's clock, milliseconds since 1970.
    pub server_ms: u64,
    /// Whether the log up to the cursor is the one that the device knows. If not, no items are given.
    pub agrees: bool,
    /// The caller's key was taken out: the items are the whole chain up to the statement that did so, and nothing else.
    pub gone: bool,
    /// The notebook is closed at this server, as its chain says: the items are statements, and nothing else.
    pub closed: bool,
    /// The end of the log.
    pub end: ReplyEnd,
    /// The last sequence that the server has of the caller.
    pub own_sequence: u64,
    /// When this server would have deleted the notebook, had nobody come, in milliseconds since 1970: said to who comes in the last
    /// months before.
    pub ends_at: Option<u64>,
    /// A new token, when one was earned or the old one is about to end.
    pub token: Option<Token>,
    /// Why the server's chain stands against the one that it was told, if a receipt says so that it was shown before.
    pub receipt: Option<SignedEnd>,
    /// One for each piece, in order.
    pub answers: Vec<Answer>,
    /// What stands behind the cursor.
    pub items: Vec<Item>,
}

impl Reply {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).u64(self.server_ms);
        let stated = self.end.stated.as_ref();
        let flags =
            [self.agrees, self.gone, stated.is_some(), self.closed, self.receipt.is_some(), self.ends_at.is_some()];
        out.u8(flags.into_iter().rev().fold(0, |bits, flag| bits << 1 | u8::from(flag)));
        out.varint(self.end.position);
        if let Some(Stated { store_epoch, end }) = stated {
            out.raw(store_epoch).raw(&end.prefix).raw(&end.head).u64(end.taken_at);
        }
        out.raw(&self.end.signature).varint(self.own_sequence);
        if let Some(ends_at) = self.ends_at {
            out.u64(ends_at);
        }
        match &self.token {
            None => _ = out.u8(0),
            Some(token) => _ = out.u8(1).raw(token),
        }
        if let Some(receipt) = &self.receipt {
            out.raw(&receipt.to_bytes());
        }
        out.varint(self.answers.len() as u64);
        for answer in &self.answers {
            match answer {
                Answer::Taken(position) => _ = out.u8(1).varint(*position),
                Answer::Refused(refused) => refused.write(out.u8(2)),
            }
        }
        out.varint(self.items.len() as u64);
        let (mut position, mut taken_at) = (0, self.server_ms);
        for item in &self.items {
            out.varint(item.position.wrapping_sub(position)).zigzag(item.taken_at.wrapping_sub(taken_at) as i64);
            (position, taken_at) = (item.position, item.taken_at);
            match &item.body {
                ItemBody::Statement(bytes) => _ = out.u8(1).blob(bytes),
                ItemBody::Envelope(bytes) => _ = out.u8(2).blob(bytes),
                ItemBody::Own(sequence, hash) => _ = out.u8(3).varint(*sequence).raw(hash),
                ItemBody::Brought(piece) => _ = out.u8(4).varint(u64::from(*piece)),
                ItemBody::Remnant(bytes) => _ = out.u8(5).blob(bytes),
            }
        }
        out.0
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "reply");
        if reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let server_ms = reader.u64()?;
        let flags = reader.u8()?;
        if flags > 63 {
            return Err(reader.wrong());
        }
        let (agrees, gone, closed) = (flags & 1 != 0, flags & 2 != 0, flags & 8 != 0);
        let position = reader.varint()?;
        let stated = if flags & 4 == 0 {
            None
        } else {
            let (store_epoch, prefix) = (reader.array()?, reader.array()?);
            let (head, taken_at) = (reader.array()?, reader.u64()?);
            Some(Stated { store_epoch, end: End { position, prefix, head, taken_at } })
        };
        let end = ReplyEnd { position, stated, signature: reader.array()? };
        let own_sequence = reader.varint()?;
        let ends_at = if flags & 32 == 0 { None } else { Some(reader.u64()?) };
        let token = match reader.u8()? {
            0 => None,
            1 => Some(reader.array()?),
            _ => return Err(reader.wrong()),
        };
        let receipt = match flags & 16 {
            0 => None,
            _ => Some(SignedEnd::from_bytes(reader.raw(SignedEnd::BYTES)?)?),
        };
        let mut answers = Vec::new();
        for _ in 0..reader.count(2)? {
            answers.push(match reader.u8()? {
                1 => Answer::Taken(reader.varint()?),
                2 => Answer::Refused(Refused::read(&mut reader)?),
                _ => return Err(reader.wrong()),
            });
        }
        let mut items = Vec::new();
        let (mut position, mut taken_at) = (0_u64, server_ms);
        for _ in 0..reader.count(3)? {
            position = position.wrapping_add(reader.varint()?);
            taken_at = taken_at.wrapping_add(reader.zigzag()? as u64);
            let body = match reader.u8()? {
                1 => ItemBody::Statement(reader.blob(limits::STATEMENT_BYTES)?.to_vec()),
                2 => ItemBody::Envelope(reader.blob(limits::ENVELOPE_BYTES)?.to_vec()),
                3 => ItemBody::Own(reader.varint()?, reader.array()?),
                4 => ItemBody::Brought(u32::try_from(reader.varint()?).map_err(|_| reader.wrong())?),
                5 => ItemBody::Remnant(reader.blob(Remnant::BYTES)?.to_vec()),
                _ => return Err(reader.wrong()),
            };
            items.push(Item { position, taken_at, body });
        }
        reader.end()?;
        Ok(Self { server_ms, agrees, gone, closed, end, own_sequence, ends_at, token, receipt, answers, items })
    }
}

#[cfg(test)]
mod tests;

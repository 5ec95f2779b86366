//! One statement of the control chain, and its wire form.
//!
//! ```text
//! version 1 | notebook 16 | previous 32 | author 16 | action 1 | its parts | signature 64
//! ```
//! The signature is over "ayumi control 2", 0 and everything before it. A statement's hash is over the same bytes. Frozen:
//! `fixtures/protocol/control_2.hex`.
//!
//! A statement that opens a code ends in a proof: an HMAC under a key that follows from the code's secret, over everything
//! before it. Who uses the code learns from it that its maker saw exactly this past.

use super::closing::ServerKey;
use super::erasure::ErasedIn;
use super::{Holder, Person, Role, What};
use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::id::NotebookId;
use crate::key::{Hash, KeyId, PublicKeys, hash, hash_for};
use crate::limits;
use crate::notebook::envelope::Tail;

const VERSION: u8 = 2;
/// The purpose of a statement's signature.
pub const PURPOSE: &str = "ayumi control 2";
/// The purpose of the new key's signature, with which it takes an old one's place.
pub const REKEY_PURPOSE: &str = "ayumi rekey 2";
/// The purpose of a notebook's id.
const ID_PURPOSE: &str = "ayumi notebook 2";
/// Bytes of a founding's nonce.
pub const NONCE_BYTES: usize = 16;
/// Bytes of the proof in a statement that a code belongs to.
pub const MAC_BYTES: usize = 32;

/// Somebody who is about to get the notebook's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHolder {
    /// Public keys.
    pub keys: PublicKeys,
    /// A name, sealed.
    pub label: Vec<u8>,
}

impl NewHolder {
    pub(super) fn holder(&self, what: What, role: Role, person: Person, by: Option<KeyId>) -> Holder {
        Holder { what, role, keys: self.keys, label: self.label.clone(), person, by }
    }
}

/// The keys of all epochs, each wrapped for one holder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllEpochs(
    /// Epoch and wrap, rising from 1.
    pub Vec<(u32, Vec<u8>)>,
);

impl AllEpochs {
    /// Returns the epochs whose keys are wrapped.
    pub fn epochs(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(epoch, _)| *epoch)
    }

    fn write(&self, out: &mut Writer) {
        out.varint(self.0.len() as u64);
        self.0.iter().for_each(|(epoch, wrap)| _ = out.u32(*epoch).blob(wrap));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let count = reader.count(5)?;
        let row = |reader: &mut Reader<'_>| Ok((reader.u32()?, reader.blob(limits::WRAP_BYTES)?.to_vec()));
        (0..count).map(|_| row(reader)).collect::<Result<_, _>>().map(Self)
    }
}

/// The key of a new epoch, wrapped for each holder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewEpoch {
    /// Fixes the key: who unwraps another one knows that the author lied, and everybody has the same.
    pub commitment: [u8; 32],
    /// Holder and wrap, rising by key.
    pub wraps: Vec<(KeyId, Vec<u8>)>,
}

impl NewEpoch {
    /// Returns the holders for whom the key is wrapped.
    pub fn holders(&self) -> impl Iterator<Item = &KeyId> {
        self.wraps.iter().map(|(holder, _)| holder)
    }

    fn write(&self, out: &mut Writer) {
        out.raw(&self.commitment).varint(self.wraps.len() as u64);
        self.wraps.iter().for_each(|(holder, wrap)| _ = out.raw(&holder.0).blob(wrap));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let (commitment, count) = (reader.array()?, reader.count(17)?);
        let row = |reader: &mut Reader<'_>| Ok((KeyId(reader.array()?), reader.blob(limits::WRAP_BYTES)?.to_vec()));
        Ok(Self { commitment, wraps: (0..count).map(|_| row(reader)).collect::<Result<_, _>>()? })
    }
}

/// The last envelope that counts of somebody whose writing ends. What does not lead up to it counts nowhere, whoever shows it
/// and whenever it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cutoff {
    /// Its sequence; 0 if there is none.
    pub sequence: u64,
    /// Its attempt: what its author sealed anew later does not lead up to it.
    pub attempt: u32,
    /// Its hash; zeros if there is none.
    pub hash: Hash,
}

impl From<Tail> for Cutoff {
    fn from(Tail { sequence, attempt, hash, .. }: Tail) -> Self {
        Self { sequence, attempt, hash }
    }
}

impl Cutoff {
    fn write(&self, out: &mut Writer) {
        out.u64(self.sequence).u32(self.attempt).raw(&self.hash);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self { sequence: reader.u64()?, attempt: reader.u32()?, hash: reader.array()? })
    }

    /// Reads a list of keys, each with its own.
    fn read_all(reader: &mut Reader<'_>) -> Result<Vec<(KeyId, Self)>, FormatError> {
        let count = reader.count(60)?;
        (0..count).map(|_| Ok((KeyId(reader.array()?), Self::read(reader)?))).collect()
    }
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Begins the notebook: its first owner, epoch 1.
    Found {
        /// Random. It stands where the notebook would be bound, in the wrap, the label and the commitment of this statement:
        /// the notebook's id follows from the whole.
        nonce: [u8; NONCE_BYTES],
        /// Who the first owner is, in this notebook.
        person: Person,
        /// The first owner.
        owner: NewHolder,
        /// Epoch 1, for the owner.
        epoch: NewEpoch,
    },
    /// Opens an invitation; its keys come from the code.
    Invite {
        /// The invitation's keys.
        invitation: NewHolder,
        /// Who comes: the author's own tag for another device of theirs, else a new one.
        person: Person,
        /// What who comes may do.
        role: Role,
        /// Milliseconds since 1970 after which it is void.
        expires_at: u64,
        /// All epochs for it.
        wraps: AllEpochs,
        /// Proves that the author knew the code ([`Statement::proven`]).
        mac: [u8; MAC_BYTES],
    },
    /// Uses an invitation; signed with its key.
    Join {
        /// Who comes.
        member: NewHolder,
        /// All epochs for them.
        wraps: AllEpochs,
    },
    /// Makes a recovery sheet of the author's person; their one before is void.
    Print {
        /// The recovery sheet's keys.
        print: NewHolder,
        /// All epochs for it.
        wraps: AllEpochs,
        /// Proves that the author knew the code ([`Statement::proven`]).
        mac: [u8; MAC_BYTES],
    },
    /// Uses a recovery sheet; signed with its key. It is void after it. The new device is one more of the sheet's person. If it
    /// leaves somebody out, all other sheets go, too: who is left out may know them.
    Recover {
        /// The new device.
        member: NewHolder,
        /// All epochs for it.
        wraps: AllEpochs,
        /// Who is in there no more, each with the last envelope that counts.
        left_out: Vec<(KeyId, Cutoff)>,
        /// A new epoch for all who are there then.
        epoch: NewEpoch,
    },
    /// Takes a member, an invitation or the recovery sheet out; a new epoch for those who stay. With a member go all
    /// open invitations and all recovery sheets: who is removed may know them.
    Remove {
        /// Who goes.
        holder: KeyId,
        /// The last envelope of a member who goes.
        cutoff: Cutoff,
        /// The new epoch.
        epoch: NewEpoch,
    },
    /// The author leaves. An owner makes a new epoch next.
    Leave {
        /// The author's last envelope.
        cutoff: Cutoff,
    },
    /// A new epoch, for members and recovery sheets: open invitations end with the old one.
    Epoch {
        /// For all who stay.
        epoch: NewEpoch,
    },
    /// Changes what a member may do.
    Role {
        /// The member.
        holder: KeyId,
        /// What they may do from here on.
        role: Role,
        /// The last envelope of who becomes a reader; else `None`.
        cutoff: Option<Cutoff>,
    },
    /// Closes the notebook at a server: it serves nothing but the chain, and deletes it after a time.
    Close {
        /// The server's key; [`super::EVERYWHERE`] for all.
        server: ServerKey,
        /// At once, if every owner says so.
        at_once: bool,
    },
    /// Takes back that the notebook is closed.
    Reopen {
        /// As it was closed: the server's key, or [`super::EVERYWHERE`].
        server: ServerKey,
    },
    /// Erases words of an author for good, everywhere.
    Erase {
        /// Whose words.
        words_of: KeyId,
        /// In which envelopes, rising.
        envelopes: Vec<ErasedIn>,
    },
    /// Puts new keys into the author's place, with the same role and person; the old ones may be in other hands.
    Rekey {
        /// The new keys.
        member: NewHolder,
        /// All epochs for them.
        wraps: AllEpochs,
        /// The last envelope under the old keys.
        cutoff: Cutoff,
        /// The new key's signature over everything before it.
        signature: [u8; 64],
    },
}

/// A signed statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The notebook.
    pub notebook: NotebookId,
    /// Hash of the statement before; zeros for the first.
    pub previous: Hash,
    /// Who says so.
    pub author: KeyId,
    /// What it does.
    pub action: Action,
    /// The author's signature.
    pub signature: [u8; 64],
}

fn role_number(role: Role) -> u8 {
    match role {
        Role::Reader => 1,
        Role::Writer => 2,
        Role::Owner => 3,
    }
}

fn read_role(reader: &mut Reader<'_>) -> Result<Role, FormatError> {
    match reader.u8()? {
        1 => Ok(Role::Reader),
        2 => Ok(Role::Writer),
        3 => Ok(Role::Owner),
        _ => Err(reader.wrong()),
    }
}

fn write_new(out: &mut Writer, new: &NewHolder) {
    out.raw(&new.keys.sign).raw(&new.keys.agree).blob(&new.label);
}

fn read_new(reader: &mut Reader<'_>) -> Result<NewHolder, FormatError> {
    let keys = PublicKeys { sign: reader.array()?, agree: reader.array()? };
    Ok(NewHolder { keys, label: reader.blob(limits::LABEL_BYTES)?.to_vec() })
}

impl Action {
    /// Returns how long a chain may be before it. The last places are for what protects a family: nobody fills a chain so that a
    /// member cannot be taken out.
    pub(super) const fn room(&self) -> usize {
        match self {
            Self::Remove { .. }
            | Self::Epoch { .. }
            | Self::Recover { .. }
            | Self::Leave { .. }
            | Self::Rekey { .. }
            | Self::Close { .. }
            | Self::Reopen { .. } => limits::STATEMENTS,
            Self::Found { .. }
            | Self::Invite { .. }
            | Self::Join { .. }
            | Self::Print { .. }
            | Self::Role { .. }
            | Self::Erase { .. } => limits::STATEMENTS - limits::LAST_STATEMENTS,
        }
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Found { nonce, person, owner, epoch } => {
                write_new(out.u8(1).raw(nonce).raw(&person.0), owner);
                epoch.write(out);
            }
            Self::Invite { invitation, person, role, expires_at, wraps, mac } => {
                write_new(out.u8(2), invitation);
                wraps.write(out.raw(&person.0).u8(role_number(*role)).u64(*expires_at));
                out.raw(mac);
            }
            Self::Join { member, wraps } => {
                write_new(out.u8(3), member);
                wraps.write(out);
            }
            Self::Print { print, wraps, mac } => {
                write_new(out.u8(4), print);
                wraps.write(out);
                out.raw(mac);
            }
            Self::Recover { member, wraps, left_out, epoch } => {
                write_new(out.u8(5), member);
                wraps.write(out);
                out.varint(left_out.len() as u64);
                left_out.iter().for_each(|(id, cutoff)| cutoff.write(out.raw(&id.0)));
                epoch.write(out);
            }
            Self::Remove { holder, cutoff, epoch } => {
                cutoff.write(out.u8(6).raw(&holder.0));
                epoch.write(out);
            }
            Self::Leave { cutoff } => cutoff.write(out.u8(7)),
            Self::Epoch { epoch } => epoch.write(out.u8(8)),
            Self::Role { holder, role, cutoff } => {
                out.u8(9).raw(&holder.0).u8(role_number(*role));
                cutoff.iter().for_each(|cutoff| cutoff.write(out));
            }
            Self::Close { server, at_once } => _ = out.u8(10).raw(server).u8(u8::from(*at_once)),
            Self::Reopen { server } => _ = out.u8(11).raw(server),
            Self::Erase { words_of, envelopes } => ErasedIn::write_all(envelopes, out.u8(12).raw(&words_of.0)),
            Self::Rekey { member, wraps, cutoff, signature } => {
                write_new(out.u8(13), member);
                wraps.write(out);
                cutoff.write(out);
                out.raw(signature);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(match reader.u8()? {
            1 => Self::Found {
                nonce: reader.array()?,
                person: Person(reader.array()?),
                owner: read_new(reader)?,
                epoch: NewEpoch::read(reader)?,
            },
            2 => Self::Invite {
                invitation: read_new(reader)?,
                person: Person(reader.array()?),
                role: read_role(reader)?,
                expires_at: reader.u64()?,
                wraps: AllEpochs::read(reader)?,
                mac: reader.array()?,
            },
            3 => Self::Join { member: read_new(reader)?, wraps: AllEpochs::read(reader)? },
            4 => Self::Print { print: read_new(reader)?, wraps: AllEpochs::read(reader)?, mac: reader.array()? },
            5 => Self::Recover {
                member: read_new(reader)?,
                wraps: AllEpochs::read(reader)?,
                left_out: Cutoff::read_all(reader)?,
                epoch: NewEpoch::read(reader)?,
            },
            6 => Self::Remove {
                holder: KeyId(reader.array()?),
                cutoff: Cutoff::read(reader)?,
                epoch: NewEpoch::read(reader)?,
            },
            7 => Self::Leave { cutoff: Cutoff::read(reader)? },
            8 => Self::Epoch { epoch: NewEpoch::read(reader)? },
            9 => {
                let (holder, role) = (KeyId(reader.array()?), read_role(reader)?);
                let cutoff = (role == Role::Reader).then(|| Cutoff::read(reader)).transpose()?;
                Self::Role { holder, role, cutoff }
            }
            10 => {
                let (server, at_once) = (reader.array()?, reader.u8()?);
                if at_once > 1 {
                    return Err(reader.wrong());
                }
                Self::Close { server, at_once: at_once == 1 }
            }
            11 => Self::Reopen { server: reader.array()? },
            12 => Self::Erase { words_of: KeyId(reader.array()?), envelopes: ErasedIn::read_all(reader)? },
            13 => Self::Rekey {
                member: read_new(reader)?,
                wraps: AllEpochs::read(reader)?,
                cutoff: Cutoff::read(reader)?,
                signature: reader.array()?,
            },
            _ => return Err(reader.wrong()),
        })
    }
}

/// Returns the id of the notebook that a founding begins: nobody can found another one under it.
///
/// It is the first 16 bytes of H("ayumi notebook 2" | the statement's bytes without the notebook and the signature).
pub fn founded_id(author: KeyId, action: &Action) -> NotebookId {
    let mut out = Writer::default();
    out.u8(VERSION).raw(&[0; 32]).raw(&author.0);
    action.write(&mut out);
    NotebookId::from_hash(&hash_for(ID_PURPOSE, &out.0))
}

impl Statement {
    /// What is signed.
    pub fn signed_bytes(notebook: NotebookId, previous: &Hash, author: KeyId, action: &Action) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION).raw(notebook.as_bytes()).raw(previous).raw(&author.0);
        action.write(&mut out);
        out.0
    }

    /// Returns what a code's proof covers, and the proof; `None` if no code belongs to this statement.
    pub fn proven(&self) -> Option<(Vec<u8>, &[u8; MAC_BYTES])> {
        let (Action::Invite { mac, .. } | Action::Print { mac, .. }) = &self.action else { return None };
        let mut bytes = Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action);
        bytes.truncate(bytes.len() - MAC_BYTES);
        Some((bytes, mac))
    }

    /// Returns the new keys of a rekeying, what they sign, and their signature; `None` for every other statement.
    pub fn countersigned(&self) -> Option<(&NewHolder, Vec<u8>, &[u8; 64])> {
        let Action::Rekey { member, signature, .. } = &self.action else { return None };
        let mut bytes = Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action);
        bytes.truncate(bytes.len() - signature.len());
        Some((member, bytes, signature))
    }

    /// Returns whether the new keys of a rekeying signed it, too: nobody puts another one's keys into their own place. True
    /// for every other statement.
    pub(super) fn is_signed_by_new_keys(&self) -> bool {
        let Some((new, bytes, signature)) = self.countersigned() else { return true };
        new.keys.verify(REKEY_PURPOSE, &bytes, signature)
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action);
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none, or too long.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "control statement");
        if bytes.len() > limits::STATEMENT_BYTES || reader.u8()? != VERSION {
            return Err(reader.wrong());
        }
        let statement = Self {
            notebook: NotebookId::from_slice(reader.raw(16)?)?,
            previous: reader.array()?,
            author: KeyId(reader.array()?),
            action: Action::read(&mut reader)?,
            signature: reader.array()?,
        };
        reader.end()?;
        Ok(statement)
    }

    /// Its hash, without the signature: what the next statement names, and what envelopes name as the head they knew.
    pub fn hash(&self) -> Hash {
        hash(&Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action))
    }

    /// Returns whose writing it ends, and with which envelope.
    pub fn cutoffs(&self) -> impl Iterator<Item = (KeyId, Cutoff)> {
        let (one, many) = match &self.action {
            Action::Remove { holder, cutoff, .. } | Action::Role { holder, cutoff: Some(cutoff), .. } => {
                (Some((*holder, *cutoff)), &[][..])
            }
            Action::Leave { cutoff } | Action::Rekey { cutoff, .. } => (Some((self.author, *cutoff)), &[][..]),
            Action::Recover { left_out, .. } => (None, left_out.as_slice()),
            _ => (None, &[][..]),
        };
        one.into_iter().chain(many.iter().copied())
    }

    /// Returns author, sequence and attempt of each envelope of which it erases something.
    pub fn erased(&self) -> impl Iterator<Item = (KeyId, (u64, u32))> {
        self.erases().map(|(author, one)| (author, (one.sequence, one.attempt)))
    }

    /// Returns author, sequence and attempt of each envelope that it erases whole.
    pub fn erased_whole(&self) -> impl Iterator<Item = (KeyId, u64, u32)> {
        let whole = self.erases().filter(|(_, one)| one.places.is_empty());
        whole.map(|(author, one)| (author, one.sequence, one.attempt))
    }

    fn erases(&self) -> impl Iterator<Item = (KeyId, &ErasedIn)> {
        let named = match &self.action {
            Action::Erase { words_of, envelopes } => Some((*words_of, envelopes)),
            _ => None,
        };
        named.into_iter().flat_map(|(author, envelopes)| envelopes.iter().map(move |one| (author, one)))
    }

    /// Whether these keys made it.
    pub fn is_signed_by(&self, keys: &PublicKeys) -> bool {
        let bytes = Self::signed_bytes(self.notebook, &self.previous, self.author, &self.action);
        self.author == keys.id() && keys.verify(PURPOSE, &bytes, &self.signature)
    }
}

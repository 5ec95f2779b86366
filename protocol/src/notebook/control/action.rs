//! What a statement of the control chain does, and its parts on the wire.

use super::closing::ServerKey;
use super::cutoff::Cutoff;
use super::erasure::ErasedIn;
use super::{Holder, Person, Role, What};
use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::key::{KeyId, PublicKeys};
use crate::limits;

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
        /// Proves that the author knew the code ([`super::Statement::proven`]).
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
        /// Proves that the author knew the code ([`super::Statement::proven`]).
        mac: [u8; MAC_BYTES],
    },
    /// Uses a recovery sheet; signed with its key. It is void after it. The new device is one more of the sheet's person. If it
    /// leaves somebody out, all other sheets go, too: who is left out may know them.
    Recover {
        /// The new device.
        member: NewHolder,
        /// All epochs for it.
        wraps: AllEpochs,
        /// Who is in there no more, each with the last envelopes that count.
        left_out: Vec<(KeyId, Cutoff)>,
        /// A new epoch for all who are there then.
        epoch: NewEpoch,
    },
    /// Takes a member, an invitation or the recovery sheet out; a new epoch for those who stay. With a member go all
    /// open invitations and all recovery sheets: who is removed may know them.
    Remove {
        /// Who goes.
        holder: KeyId,
        /// The last envelopes of a member who goes.
        cutoff: Cutoff,
        /// The new epoch.
        epoch: NewEpoch,
    },
    /// The author leaves. An owner makes a new epoch next.
    Leave {
        /// The author's last envelopes.
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
        /// The last envelopes of who becomes a reader; else `None`.
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
        /// The last envelopes under the old keys.
        cutoff: Cutoff,
        /// The new key's signature over everything before it.
        signature: [u8; 64],
    },
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

    pub(super) fn write(&self, out: &mut Writer) {
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

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
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

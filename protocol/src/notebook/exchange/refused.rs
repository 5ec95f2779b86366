//! Why a piece of a request was not taken, in one or two bytes.

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::notebook::{accept, control};

/// Why a piece was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The envelope may not be appended.
    Envelope(accept::Refusal),
    /// The chain does not allow the statement.
    Control(control::Refusal),
    /// The notebook has no room left.
    Quota,
    /// It cannot be read, or is not the caller's own.
    Malformed,
    /// A piece before it was refused, so this one was not looked at.
    NotTried,
    /// A sort of refusal that this version does not know: keep what was sent, tell the carer, update the app.
    Unknown(u8),
}

impl Refused {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Envelope(refusal) => refusal.key(),
            Self::Control(refusal) => refusal.key(),
            Self::Quota => "quota",
            Self::Malformed => "malformed",
            Self::NotTried => "not_tried",
            Self::Unknown(_) => "unknown",
        }
    }

    pub(super) fn write(self, out: &mut Writer) {
        match self {
            Self::Envelope(refusal) => {
                out.u8(1).u8(refusal.number());
                if let accept::Refusal::Gap { expected } = refusal {
                    out.varint(expected);
                }
            }
            Self::Control(refusal) => _ = out.u8(2).u8(refusal.number()),
            Self::Quota => _ = out.u8(3),
            Self::Malformed => _ = out.u8(4),
            Self::NotTried => _ = out.u8(5),
            Self::Unknown(sort) => _ = out.u8(sort),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(match reader.u8()? {
            1 => match accept::Refusal::from_number(reader.u8()?) {
                accept::Refusal::Gap { .. } => Self::Envelope(accept::Refusal::Gap { expected: reader.varint()? }),
                refusal => Self::Envelope(refusal),
            },
            2 => Self::Control(control::Refusal::from_number(reader.u8()?)),
            3 => Self::Quota,
            4 => Self::Malformed,
            5 => Self::NotTried,
            sort => Self::Unknown(sort),
        })
    }
}

//! Releases: what a server gives to who proves the key of a code, beside the chain. Bodies of `POST /v1/release`.
//!
//! The keys that a statement wraps for a code are sealed once more, under a release key that stands in no statement. The server
//! deletes it when the code is used, void or over: who finds the code then, and has a copy of the chain, opens nothing.
//!
//! ```text
//! request: caller | 1                          gives that of the caller's own key
//!          caller | 2 | holder 16 | key 32     an owner puts that of an open code
//! reply:   version 1 byte (1) | 0, or 1 and key 32
//! ```

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::key::KeyId;
use crate::notebook::exchange::Caller;

/// Bytes of a release key.
pub const RELEASE_BYTES: usize = 32;

/// A release key: random, one for each code in each notebook.
pub type ReleaseKey = [u8; RELEASE_BYTES];

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseAction {
    /// Gives that of the caller's own key.
    Get,
    /// Puts that of an open code.
    Put {
        /// The code's key.
        holder: KeyId,
        /// The release key.
        key: ReleaseKey,
    },
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRequest {
    /// Who.
    pub caller: Caller,
    /// What.
    pub action: ReleaseAction,
}

impl ReleaseRequest {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.caller.write(&mut out);
        match &self.action {
            ReleaseAction::Get => _ = out.u8(1),
            ReleaseAction::Put { holder, key } => _ = out.u8(2).raw(&holder.0).raw(key),
        }
        out.0
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "request");
        let caller = Caller::read(&mut reader)?;
        let action = match reader.u8()? {
            1 => ReleaseAction::Get,
            2 => ReleaseAction::Put { holder: KeyId(reader.array()?), key: reader.array()? },
            _ => return Err(reader.wrong()),
        };
        reader.end()?;
        Ok(Self { caller, action })
    }
}

/// What a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReleaseReply {
    /// The release key; `None` if it has none for this code, or no more.
    pub key: Option<ReleaseKey>,
}

impl ReleaseReply {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        match &self.key {
            None => _ = out.u8(1).u8(0),
            Some(key) => _ = out.u8(1).u8(1).raw(key),
        }
        out.0
    }

    /// Reads a wire form.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes, "reply");
        if reader.u8()? != 1 {
            return Err(reader.wrong());
        }
        let key = match reader.u8()? {
            0 => None,
            1 => Some(reader.array()?),
            _ => return Err(reader.wrong()),
        };
        reader.end()?;
        Ok(Self { key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NotebookId;
    use crate::notebook::exchange::Proof;

    #[test]
    fn messages_come_back_and_everything_else_is_refused() {
        let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
        let caller = Caller { notebook, author: KeyId([2; 16]), proof: Proof::Token([3; 24]) };
        for action in [ReleaseAction::Get, ReleaseAction::Put { holder: KeyId([4; 16]), key: [5; 32] }] {
            let request = ReleaseRequest { caller: caller.clone(), action };
            let bytes = request.to_bytes();
            assert_eq!(ReleaseRequest::from_bytes(&bytes), Ok(request));
            assert!(ReleaseRequest::from_bytes(&bytes[..bytes.len() - 1]).is_err());
            assert!(ReleaseRequest::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        }
        for reply in [ReleaseReply::default(), ReleaseReply { key: Some([7; 32]) }] {
            let bytes = reply.to_bytes();
            assert_eq!(ReleaseReply::from_bytes(&bytes), Ok(reply));
            assert!(ReleaseReply::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        }
        assert!(ReleaseReply::from_bytes(&[2, 0]).is_err() && ReleaseReply::from_bytes(&[1, 2]).is_err());
    }
}

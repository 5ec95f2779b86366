//! One request and what it carries, from its making until its reply is written.

use ayumi_protocol::exchange::{Piece, Wanted};

use crate::store::channel::Channel;
use crate::sync::reader::Reader;
use crate::sync::remedy::Sent;

/// A piece of a request, with what it was made of.
pub(super) struct Outgoing {
    pub(super) piece: Piece,
    pub(super) sent: Sent,
}

/// One request, ready to be sent.
pub(super) struct Round {
    pub(super) channel: Channel,
    /// As confirmed by the server, without control statements that wait.
    pub(super) reader: Reader,
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) wanted: Wanted,
    /// More waits to be sent than fits.
    pub(super) more: bool,
}

impl Round {
    pub(super) fn pieces(&self) -> Vec<Piece> {
        self.outgoing.iter().map(|outgoing| outgoing.piece.clone()).collect()
    }
}

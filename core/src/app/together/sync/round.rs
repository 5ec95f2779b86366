//! One request and what it carries, from its making until its reply is written.

use ayumi_protocol::control::Statement;
use ayumi_protocol::exchange::{Piece, Wanted};
use ayumi_protocol::receipt::Receipt;

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
    /// What this server signed about what it is told again.
    pub(super) receipts: Vec<Receipt>,
    pub(super) wanted: Wanted,
    /// More waits to be sent than fits.
    pub(super) more: bool,
}

impl Round {
    /// Whether the notebook begins with this request, if it is not there.
    pub(super) fn founds(&self) -> bool {
        let first = self.outgoing.first().map(|outgoing| &outgoing.piece);
        let Some(Piece::Statement(bytes) | Piece::CarriedStatement(bytes)) = first else { return false };
        Statement::from_bytes(bytes).is_ok_and(|statement| statement.previous == [0; 32])
    }

    pub(super) fn pieces(&self) -> Vec<Piece> {
        self.outgoing.iter().map(|outgoing| outgoing.piece.clone()).collect()
    }
}

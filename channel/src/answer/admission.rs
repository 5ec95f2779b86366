//! Who may begin a notebook: a server that anybody can reach is not everybody's disk.

use ayumi_protocol::exchange::{self, admission_hash};

use super::Problem;
use crate::log::{OpenTerms, Terms};

/// Who may begin a notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Admission {
    /// Anybody: between phones of one family, and for trying out.
    #[default]
    Anybody,
    /// Anybody, with a small and short-lived notebook; with a ticket a whole one.
    Open {
        /// Bytes of a notebook without a ticket.
        quota: u64,
        /// Milliseconds until it is deleted.
        lifetime_ms: u64,
    },
    /// Whoever has a ticket of the municipality.
    Ticket,
    /// Nobody, and nobody uses a drawer: a device that is visited shares what it has, and keeps nothing else.
    Nobody,
}

impl Admission {
    /// Decides on what terms a notebook begins.
    ///
    /// # Errors
    /// [`Problem::NoTicket`].
    pub(super) fn terms(self, ticket: Option<&exchange::Admission>, now_ms: u64) -> Result<Terms, Problem> {
        match (self, ticket) {
            (Self::Anybody, _) => Ok(Terms::Whole),
            (Self::Open { .. } | Self::Ticket, Some(ticket)) => Ok(Terms::Ticket(admission_hash(ticket))),
            (Self::Open { quota, lifetime_ms }, None) => {
                Ok(Terms::Open(OpenTerms { quota, ends_at: now_ms.saturating_add(lifetime_ms) }))
            }
            (Self::Ticket, None) | (Self::Nobody, _) => Err(Problem::NoTicket),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_opens_a_whole_notebook_and_without_one_it_is_small_or_none() {
        let open = Admission::Open { quota: 2, lifetime_ms: 14 };
        let by_ticket = Ok(Terms::Ticket(admission_hash(&[5; 16])));
        for (admission, ticket, expected) in [
            (Admission::Anybody, None, Ok(Terms::Whole)),
            (Admission::Anybody, Some([5; 16]), Ok(Terms::Whole)),
            (open, None, Ok(Terms::Open(OpenTerms { quota: 2, ends_at: 1014 }))),
            (open, Some([5; 16]), by_ticket.clone()),
            (Admission::Ticket, Some([5; 16]), by_ticket),
            (Admission::Ticket, None, Err(Problem::NoTicket)),
            (Admission::Nobody, Some([5; 16]), Err(Problem::NoTicket)),
        ] {
            assert_eq!(admission.terms(ticket.as_ref(), 1000), expected, "{admission:?} {ticket:?}");
        }
    }
}

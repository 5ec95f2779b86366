//! Tickets with which notebooks begin at the server that this handbook knows.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use ayumi_protocol::NotebookId;
use ayumi_protocol::exchange::Admission;

use crate::crypto;

/// A ticket, and the notebook that begins with it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    ticket: Admission,
    notebook: Option<NotebookId>,
}

/// The tickets in the order in which they came. Written in hex digits with blanks between; behind a colon stands the
/// notebook.
///
/// One that was used is kept: a server that lost its log takes it again for the same notebook.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tickets(Vec<Kept>);

impl Tickets {
    /// Keeps a ticket for a notebook that begins later. One that is there stays as it is.
    pub(crate) fn add(&mut self, ticket: Admission) {
        if self.0.iter().all(|kept| kept.ticket != ticket) {
            self.0.push(Kept { ticket, notebook: None });
        }
    }

    /// Returns the ticket of a notebook: its own, else the first that is free, which is its own from now on.
    pub(crate) fn of(&mut self, notebook: NotebookId) -> Option<Admission> {
        let own = self.0.iter().position(|kept| kept.notebook == Some(notebook));
        let place = own.or_else(|| self.0.iter().position(|kept| kept.notebook.is_none()))?;
        let kept = self.0.get_mut(place)?;
        kept.notebook = Some(notebook);
        Some(kept.ticket)
    }

    /// Forgets a ticket that the server did not take.
    pub(crate) fn forget(&mut self, ticket: &Admission) {
        self.0.retain(|kept| kept.ticket != *ticket);
    }
}

/// A text that is no list of tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not tickets")]
pub(crate) struct NoTickets;

impl FromStr for Tickets {
    type Err = NoTickets;

    fn from_str(text: &str) -> Result<Self, NoTickets> {
        let kept = |word: &str| {
            let (ticket, notebook) = match word.split_once(':') {
                Some((ticket, notebook)) => (ticket, Some(notebook.parse().map_err(|_| NoTickets)?)),
                None => (word, None),
            };
            Ok(Kept { ticket: crypto::from_hex(ticket).ok_or(NoTickets)?, notebook })
        };
        text.split_whitespace().map(kept).collect::<Result<_, _>>().map(Self)
    }
}

impl Display for Tickets {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (place, Kept { ticket, notebook }) in self.0.iter().enumerate() {
            let blank = if place == 0 { "" } else { " " };
            write!(f, "{blank}{}", crypto::hex(ticket))?;
            if let Some(notebook) = notebook {
                write!(f, ":{notebook}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notebook_has_one_ticket_and_keeps_it() {
        let [one, two] = [1, 2].map(|number| NotebookId::from_slice(&[number; 16]).unwrap());
        let mut tickets = Tickets::default();
        assert_eq!(tickets.of(one), None);
        tickets.add([7; 16]);
        tickets.add([8; 16]);
        tickets.add([7; 16]);
        assert_eq!((tickets.of(one), tickets.of(one), tickets.of(two)), (Some([7; 16]), Some([7; 16]), Some([8; 16])));
        let text = tickets.to_string();
        assert_eq!(text, format!("{}:{one} {}:{two}", "07".repeat(16), "08".repeat(16)));
        assert_eq!(text.parse(), Ok(tickets.clone()));
        tickets.forget(&[7; 16]);
        tickets.add([9; 16]);
        assert_eq!((tickets.of(one), tickets.of(two)), (Some([9; 16]), Some([8; 16])), "the next one instead");
        assert_eq!("".parse(), Ok(Tickets::default()));
        for wrong in ["07", &format!("{}:x", "07".repeat(16)), &format!("{}:", "07".repeat(16))] {
            assert_eq!(wrong.parse::<Tickets>(), Err(NoTickets), "{wrong}");
        }
    }
}

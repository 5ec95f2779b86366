//! Tickets with which notebooks begin at the server that this handbook knows.

use ayumi_protocol::NotebookId;
use ayumi_protocol::exchange::Admission;

use super::settings::SettingValue;
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

impl SettingValue for Tickets {
    fn parse(text: &str) -> Option<Self> {
        let kept = |word: &str| {
            let (ticket, notebook) = match word.split_once(':') {
                Some((ticket, notebook)) => (ticket, Some(notebook.parse().ok()?)),
                None => (word, None),
            };
            Some(Kept { ticket: crypto::from_hex(ticket)?, notebook })
        };
        text.split_whitespace().map(kept).collect::<Option<_>>().map(Self)
    }

    fn to_text(&self) -> String {
        let words = self.0.iter().map(|Kept { ticket, notebook }| {
            let ticket = crypto::hex(ticket);
            notebook.map_or(ticket.clone(), |notebook| format!("{ticket}:{notebook}"))
        });
        words.collect::<Vec<_>>().join(" ")
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
        let text = tickets.to_text();
        assert_eq!(text, format!("{}:{one} {}:{two}", "07".repeat(16), "08".repeat(16)));
        assert_eq!(Tickets::parse(&text), Some(tickets.clone()));
        tickets.forget(&[7; 16]);
        tickets.add([9; 16]);
        assert_eq!((tickets.of(one), tickets.of(two)), (Some([9; 16]), Some([8; 16])), "the next one instead");
        assert_eq!(Tickets::parse(""), Some(Tickets::default()));
        for wrong in ["07", &format!("{}:x", "07".repeat(16)), &format!("{}:", "07".repeat(16))] {
            assert_eq!(Tickets::parse(wrong), None, "{wrong}");
        }
    }
}

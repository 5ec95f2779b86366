//! Where a notebook is closed.
//!
//! An owner closes it at one server, named by its key, or everywhere. There nothing of it is served but its chain, and after
//! a time it goes. It goes at once only if everybody says so who could take the closing back.

use crate::key::KeyId;

/// A server's public key.
pub type ServerKey = [u8; 32];

/// In the place of a server's key: everywhere.
pub const EVERYWHERE: ServerKey = [0; 32];

/// How long a notebook that is closed can still be opened again, in milliseconds: thirty days.
pub const CLOSED_FOR_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// That a notebook is closed at a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// The owner who said so first.
    pub by: KeyId,
    /// It goes at once: every owner says so.
    pub at_once: bool,
}

/// An owner's word that a notebook is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Closed {
    server: ServerKey,
    by: KeyId,
    at_once: bool,
}

/// Owners' words that a notebook is closed somewhere, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Closings(Vec<Closed>);

impl Closings {
    /// Returns whether the notebook is closed at a server that has or had these keys, and by whom.
    pub(super) fn at<'a>(&self, server: &[ServerKey], mut owners: impl Iterator<Item = &'a KeyId>) -> Option<Closing> {
        let is_here = |closed: &&Closed| closed.server == EVERYWHERE || server.contains(&closed.server);
        let here = || self.0.iter().filter(is_here);
        let first = here().next()?;
        let says_so = |owner: &KeyId| here().any(|closed| closed.by == *owner && closed.at_once);
        Some(Closing { by: first.by, at_once: owners.all(says_so) })
    }

    /// Whether the notebook was closed with exactly this name of a server.
    pub(super) fn has(&self, server: &ServerKey) -> bool {
        self.0.iter().any(|closed| closed.server == *server)
    }

    /// An owner closes; `None` if it is the same word again.
    pub(super) fn close(&mut self, by: KeyId, server: ServerKey, at_once: bool) -> Option<()> {
        let before = self.0.iter_mut().find(|closed| (closed.server, closed.by) == (server, by));
        match before {
            Some(closed) if at_once && !closed.at_once => closed.at_once = true,
            Some(_) => return None,
            None => self.0.push(Closed { server, by, at_once }),
        }
        Some(())
    }

    /// An owner takes back what all said with this name of a server; `None` if nobody did.
    pub(super) fn reopen(&mut self, server: ServerKey) -> Option<()> {
        let before = self.0.len();
        self.0.retain(|closed| closed.server != server);
        (self.0.len() < before).then_some(())
    }
}

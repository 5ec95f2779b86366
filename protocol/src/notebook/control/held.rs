//! What a notebook still takes that is closed.

use super::closing::{Closing, ServerKey};
use super::reading::extend_chain;
use super::{Action, State, Statement};

impl State {
    /// Returns whether the notebook is closed at a server that has or had these keys, and by whom.
    pub fn closing_at(&self, server: &[ServerKey]) -> Option<Closing> {
        let owners = self.holders().filter(|(_, holder)| holder.is_owner());
        self.closings.at(server, owners.map(|(id, _)| id))
    }

    /// Whether the notebook was closed with exactly this name of a server.
    pub fn is_closed_by_name(&self, server: &ServerKey) -> bool {
        self.closings.has(server)
    }
}

/// Something that comes behind a chain.
#[derive(Debug, Clone, Copy)]
pub enum Coming<'a> {
    /// A statement.
    Statement(&'a Statement),
    /// An envelope.
    Envelope,
}

/// Returns the place of the first thing that a notebook does not take because it is closed at this server: that which has or had
/// these keys.
///
/// It takes what opens it, what protects its members, and other owners' word that it is closed. What comes together with a
/// statement that opens it is taken, too: at another server the chain may have gone on.
pub fn held_back(before: Option<&State>, coming: &[Coming<'_>], server: &[ServerKey]) -> Option<usize> {
    let mut closed = before.is_some_and(|state| state.closing_at(server).is_some());
    let closes = |next: &Coming<'_>| matches!(next, Coming::Statement(statement) if matches!(statement.action, Action::Close { .. }));
    // Most often nothing is closed, and nobody closes.
    if !closed && !coming.iter().any(closes) {
        return None;
    }
    let (mut first, mut state) = (None, before.cloned());
    for (place, next) in coming.iter().enumerate() {
        let taken = match next {
            Coming::Envelope => false,
            Coming::Statement(statement) => is_taken_while_closed(&statement.action),
        };
        if closed && !taken {
            first = first.or(Some(place));
        }
        let Coming::Statement(statement) = next else { continue };
        // What is repeated or refused changes nothing.
        state = extend_chain(state.clone(), statement).ok().or(state);
        let was =
            std::mem::replace(&mut closed, state.as_ref().is_some_and(|state| state.closing_at(server).is_some()));
        if was && !closed {
            first = None;
        }
    }
    first
}

const fn is_taken_while_closed(action: &Action) -> bool {
    match action {
        Action::Close { .. } | Action::Reopen { .. } | Action::Leave { .. } | Action::Remove { .. } => true,
        Action::Found { .. }
        | Action::Invite { .. }
        | Action::Join { .. }
        | Action::Print { .. }
        | Action::Recover { .. }
        | Action::Epoch { .. }
        | Action::Role { .. }
        | Action::Erase { .. }
        | Action::Rekey { .. } => false,
    }
}

#[cfg(test)]
mod tests;

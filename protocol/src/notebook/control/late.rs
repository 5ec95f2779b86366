//! Whether an invitation is used after its end: what a server asks when it takes a join, and nobody later.

use super::{Action, State, Statement, What};
use crate::key::{Hash, KeyId};
use crate::notebook::end::End;

/// What shows that a join was there before its invitation ended, although it comes later.
#[derive(Debug, Clone, Copy, Default)]
pub struct Witnesses<'a> {
    /// Ends that this server signed.
    pub ends: &'a [End],
    /// The authors of envelopes that come along, signed by them, and the heads that they name.
    pub envelopes: &'a [(KeyId, Hash)],
}

/// The place of a statement that uses an invitation after its end, among statements that come behind a chain: what a
/// server refuses.
///
/// A server that forgot gets its chain again, with invitations that were used in time long ago. So nothing is late
/// when the whole chain comes anew, when this server signed before the invitation's end that the join was there, when an owner
/// who was there before signed a later statement on top of it or an envelope that names it, or when an owner brings it.
pub fn late_join(
    before: Option<&State>,
    statements: &[&Statement],
    bearer: &KeyId,
    witnesses: Witnesses<'_>,
    now_ms: u64,
) -> Option<usize> {
    let mut state = before?.clone();
    if state.is_owner(bearer) {
        return None;
    }
    for (place, statement) in statements.iter().enumerate() {
        let author = state.holder(&statement.author).map(|holder| holder.what);
        if let (Action::Join { .. }, Some(What::Invitation { expires_at, .. })) = (&statement.action, author)
            && now_ms > expires_at
        {
            let chained = chained(&state, &statements[place..]);
            let holds = |head: &Hash| chained.iter().any(|(hash, _)| hash == head);
            let signed = witnesses.ends.iter().any(|end| end.taken_at <= expires_at && holds(&end.head));
            let stated = chained.iter().skip(1).any(|(_, author)| state.is_owner(author));
            let written = witnesses.envelopes.iter().any(|(author, head)| state.is_owner(author) && holds(head));
            if !(signed || stated || written) {
                return Some(place);
            }
        }
        if let Ok(next) = state.after(statement) {
            state = next;
        }
    }
    None
}

/// The hashes and authors of statements that follow each other behind a state.
fn chained(state: &State, statements: &[&Statement]) -> Vec<(Hash, KeyId)> {
    let mut state = state.clone();
    let follow = statements.iter().map_while(|statement| {
        state = state.after(statement).ok()?;
        Some((statement.hash(), statement.author))
    });
    follow.collect()
}

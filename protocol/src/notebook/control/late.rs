//! Whether an invitation is used after its end: what a server asks when it takes a join, and nobody later.

use super::{Action, State, Statement, What};
use crate::key::KeyId;

/// The place of a statement that uses an invitation after its end, among statements that come behind a chain: what a
/// server refuses.
///
/// A server that forgot gets its chain again, with invitations that were used in time long ago. So nothing is late
/// when the whole chain comes anew, when somebody who was there before signed a later statement on top of it, who had
/// seen it, or when it is an owner who brings it.
pub fn late_join(before: Option<&State>, statements: &[&Statement], bearer: &KeyId, now_ms: u64) -> Option<usize> {
    let mut state = before?.clone();
    if state.is_owner(bearer) {
        return None;
    }
    for (place, statement) in statements.iter().enumerate() {
        let author = state.holder(&statement.author).map(|holder| holder.what);
        if let (Action::Join { .. }, Some(What::Invitation { expires_at, .. })) = (&statement.action, author)
            && now_ms > expires_at
        {
            let witness = |later: &&&Statement| state.may_read(&later.author);
            let chained = state.after(statement).is_ok_and(|after| follow(&after, &statements[place + 1..]));
            if !(chained && statements[place + 1..].iter().any(|later| witness(&later))) {
                return Some(place);
            }
        }
        if let Ok(next) = state.after(statement) {
            state = next;
        }
    }
    None
}

/// Whether statements follow each other behind a state.
fn follow(state: &State, statements: &[&Statement]) -> bool {
    let last = statements.iter().try_fold(state.clone(), |state, statement| state.after(statement));
    last.is_ok()
}

//! Reading a whole chain.

use super::{Refusal, State, Statement};

/// Reads a chain from its first statement on.
///
/// # Errors
/// The place of the first statement that is refused, and why.
pub fn read_chain<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Result<State, (usize, Refusal)> {
    let mut state: Option<State> = None;
    for (place, statement) in statements.into_iter().enumerate() {
        let next = match state.take() {
            None => State::founded(statement),
            Some(state) => state.then(statement),
        };
        state = Some(next.map_err(|refusal| (place, refusal))?);
    }
    state.ok_or((0, Refusal::NotAllowed))
}

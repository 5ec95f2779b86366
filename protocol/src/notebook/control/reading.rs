//! Reading a whole chain.

use super::{Refusal, State, Statement};

/// The state after one more statement; the first one founds the chain.
///
/// # Errors
/// Why it is refused.
pub fn extend_chain(known: Option<State>, statement: &Statement) -> Result<State, Refusal> {
    match known {
        None => State::founded(statement),
        Some(state) => state.then(statement),
    }
}

/// Reads a chain from its first statement on.
///
/// # Errors
/// The place of the first statement that is refused, and why.
pub fn read_chain<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Result<State, (usize, Refusal)> {
    let mut state: Option<State> = None;
    for (place, statement) in statements.into_iter().enumerate() {
        state = Some(extend_chain(state.take(), statement).map_err(|refusal| (place, refusal))?);
    }
    state.ok_or((0, Refusal::NotAllowed))
}

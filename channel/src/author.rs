//! What a store knows of an author, and asks of who ends an author's writing.

use ayumi_protocol::accept::{Bearer, Taken};
use ayumi_protocol::control::{self, Statement};
use ayumi_protocol::envelope::{Frame, Tail};
use ayumi_protocol::key::KeyId;

/// Whether a new statement's maker had read the author whose writing it ends to the end, the author's greatest envelope: else
/// somebody's words that were acknowledged would count nowhere, and the maker must read them first. What is carried was decided
/// long ago.
///
/// # Errors
/// [`control::Refusal::HeadMoved`].
pub fn check_cutoff<E: From<control::Refusal>>(
    statement: &Statement,
    bearer: Bearer,
    mut tail_of: impl FnMut(KeyId) -> Result<Tail, E>,
) -> Result<(), E> {
    for (author, cutoff) in statement.cutoffs().filter(|_| bearer == Bearer::Author) {
        if !cutoff.names(&tail_of(author)?) {
            return Err(control::Refusal::HeadMoved.into());
        }
    }
    Ok(())
}

/// What a store knows of an author: the greatest envelope, by attempt, then by sequence, then by hash, and whether the author's key
/// signed two for one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuthorTail {
    /// The greatest envelope.
    pub tail: Tail,
    /// Whether two for one place are there.
    pub two_tongues: bool,
}

impl AuthorTail {
    /// Behind one more envelope that was taken so.
    #[must_use]
    pub fn with(self, frame: &Frame, taken: Taken) -> Self {
        let rank = |tail: &Tail| (tail.attempt, tail.sequence, tail.hash);
        let new = frame.tail();
        let tail = if rank(&new) > rank(&self.tail) { new } else { self.tail };
        Self { tail, two_tongues: self.two_tongues || taken == Taken::Second }
    }
}

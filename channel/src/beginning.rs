//! Whether a notebook may begin at a store.

use ayumi_protocol::gone::WhyGone;

use crate::log::{LogError, Terms};

/// Whether a notebook may begin on these terms; `gone` if it was here before.
///
/// # Errors
/// [`LogError::Gone`], or [`LogError::NoTicket`] if only a ticket lets it begin again.
pub fn may_begin(gone: Option<WhyGone>, terms: Terms) -> Result<(), LogError> {
    match (gone, terms) {
        (None, _) | (Some(WhyGone::Expired), Terms::Whole | Terms::Ticket(_)) => Ok(()),
        (Some(WhyGone::Expired), Terms::Open(_)) => Err(LogError::NoTicket),
        (Some(WhyGone::Closed | WhyGone::Forgotten), _) => Err(LogError::Gone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::OpenTerms;

    #[test]
    fn what_was_closed_or_forgotten_begins_on_no_terms_and_what_expired_with_a_ticket() {
        let open = Terms::Open(OpenTerms { quota: 1, ends_at: 1 });
        let ticket = Terms::Ticket([1; 32]);
        for (gone, terms, expected) in [
            (None, open, Ok(())),
            (None, ticket, Ok(())),
            (Some(WhyGone::Expired), open, Err(LogError::NoTicket)),
            (Some(WhyGone::Expired), ticket, Ok(())),
            (Some(WhyGone::Expired), Terms::Whole, Ok(())),
            (Some(WhyGone::Closed), Terms::Whole, Err(LogError::Gone)),
            (Some(WhyGone::Closed), ticket, Err(LogError::Gone)),
            (Some(WhyGone::Forgotten), ticket, Err(LogError::Gone)),
        ] {
            assert_eq!(may_begin(gone, terms), expected, "{gone:?} {terms:?}");
        }
    }
}

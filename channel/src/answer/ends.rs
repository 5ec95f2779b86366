//! Signed ends, kept for a while: who asks and finds nothing new costs no signature.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ayumi_protocol::NotebookId;
use ayumi_protocol::end::{End, SignedEnd};

use crate::signer::Signer;

/// The most ends that are kept; a full cache is cleared, and ends in use return one by one.
const MOST: usize = 10_000;

/// The newest signed end of each notebook that was asked for.
#[derive(Debug, Default)]
pub(super) struct Ends(Mutex<HashMap<NotebookId, SignedEnd>>);

impl Ends {
    /// Returns the signed end of a log, signed now unless the same one was signed before.
    pub(super) fn signed(&self, notebook: NotebookId, end: &End, signer: &Signer) -> SignedEnd {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&notebook).copied();
        if let Some(kept) = kept.filter(|kept| kept.end == *end) {
            return kept;
        }
        // Signed without the lock: no other notebook waits for it.
        let signed = signer.end(notebook, end);
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ends.len() >= MOST {
            ends.clear();
        }
        ends.insert(notebook, signed);
        signed
    }
}

//! A cache of control chains: reading one verifies all its signatures, so it is done once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::State;

/// The most chains in the cache; a full cache is cleared, and chains in use return one by one.
const MOST: usize = 10_000;

/// The cached chains by notebook.
#[derive(Debug, Default)]
pub(crate) struct Chains(Mutex<HashMap<NotebookId, Arc<State>>>);

impl Chains {
    fn lock(&self) -> MutexGuard<'_, HashMap<NotebookId, Arc<State>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, notebook: NotebookId) -> Option<Arc<State>> {
        self.lock().get(&notebook).cloned()
    }

    pub(crate) fn put(&self, state: Arc<State>) {
        let mut chains = self.lock();
        if chains.len() >= MOST {
            chains.clear();
        }
        chains.insert(state.notebook(), state);
    }

    pub(crate) fn drop_one(&self, notebook: NotebookId) {
        self.lock().remove(&notebook);
    }

    pub(crate) fn forget(&self) {
        self.lock().clear();
    }
}

//! One open handbook behind many objects. Closing it closes it for all of them, whatever a garbage collector still
//! holds.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ayumi_core::app::{Error, Handbook, Thing};

use crate::Result;
use crate::panic::catch_panic;
use crate::report::log_error;
use crate::running::Running;

/// How long closing waits for running tasks.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Slot {
    handbook: RwLock<Option<Handbook>>,
    running: Mutex<Vec<Running>>,
}

impl Slot {
    pub(crate) fn new(handbook: Handbook) -> Arc<Self> {
        Arc::new(Self { handbook: RwLock::new(Some(handbook)), running: Mutex::default() })
    }

    /// Returns the open handbook, or `NotFound` once it is closed.
    pub(crate) fn handbook(&self) -> Result<Handbook> {
        let handbook = self.handbook.read().unwrap_or_else(PoisonError::into_inner).clone();
        handbook.ok_or(Error::NotFound { what: Thing::Handbook })
    }

    /// Calls the core: catches panics, and logs an error under the name `call`.
    pub(crate) fn with<T>(&self, call: &str, work: impl FnOnce(&Handbook) -> Result<T>) -> Result<T> {
        let handbook = self.handbook()?;
        log_error(&handbook, call, catch_panic(|| work(&handbook)))
    }

    /// Tracks a running task, so that closing can end it.
    pub(crate) fn track(&self, task: Running) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|other| !other.is_over());
        running.push(task);
    }

    /// Aborts the running tasks, then closes the file.
    pub(crate) fn close(&self) {
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        self.handbook.write().unwrap_or_else(PoisonError::into_inner).take();
        running.iter().for_each(Running::abort);
        let end = Instant::now() + CLOSE_TIMEOUT;
        // A page that is being written is written to its end; that takes moments.
        running.iter().for_each(|task| task.wait(end.saturating_duration_since(Instant::now())));
    }
}

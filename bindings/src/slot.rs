//! One open handbook behind many objects. Closing it closes it for all of them, whatever a garbage collector still holds.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ayumi_core::app::ports::LogLevel;
use ayumi_core::app::{Error, Handbook, Thing};
use tokio::task::AbortHandle;

use crate::Result;
use crate::quiet::calmly;

/// How long closing waits for what is on its way.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Slot {
    book: RwLock<Option<Handbook>>,
    running: RwLock<Vec<AbortHandle>>,
}

impl Slot {
    pub(crate) fn new(book: Handbook) -> Arc<Self> {
        Arc::new(Self { book: RwLock::new(Some(book)), running: RwLock::default() })
    }

    pub(crate) fn book(&self) -> Result<Handbook> {
        let book = self.book.read().unwrap_or_else(PoisonError::into_inner).clone();
        book.ok_or(Error::NotFound { what: Thing::Handbook })
    }

    /// Calls the core. `call` names the call in the log, where an error stands by its code.
    pub(crate) fn with<T>(&self, call: &str, work: impl FnOnce(&Handbook) -> Result<T>) -> Result<T> {
        let book = self.book()?;
        told(&book, call, calmly(|| work(&book)))
    }

    /// Remembers what is on its way.
    pub(crate) fn runs(&self, task: AbortHandle) {
        let mut running = self.running.write().unwrap_or_else(PoisonError::into_inner);
        running.retain(|other| !other.is_finished());
        running.push(task);
    }

    /// Ends what is on its way, then closes the file.
    pub(crate) fn close(&self) {
        let running = std::mem::take(&mut *self.running.write().unwrap_or_else(PoisonError::into_inner));
        self.book.write().unwrap_or_else(PoisonError::into_inner).take();
        running.iter().for_each(AbortHandle::abort);
        let end = Instant::now() + PATIENCE;
        // A page that is being written is written to its end; that takes moments.
        while running.iter().any(|task| !task.is_finished()) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

pub(crate) fn told<T>(book: &Handbook, call: &str, result: Result<T>) -> Result<T> {
    if let Err(error) = &result {
        let level = if matches!(error, Error::Internal { .. }) { LogLevel::Defect } else { LogLevel::Warning };
        book.log(level, &format!("{call}.{}", error.code()), &[]);
    }
    result
}

//! One open handbook behind many objects. Closing it closes it for all of them, whatever a garbage collector still holds.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ayumi_core::app::ports::LogLevel;
use ayumi_core::app::{Error, Handbook, Thing};

use crate::Result;
use crate::quiet::calmly;
use crate::worker::Running;

/// How long closing waits for what is on its way.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Slot {
    book: RwLock<Option<Handbook>>,
    running: Mutex<Vec<Running>>,
}

impl Slot {
    pub(crate) fn new(book: Handbook) -> Arc<Self> {
        Arc::new(Self { book: RwLock::new(Some(book)), running: Mutex::default() })
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
    pub(crate) fn runs(&self, task: Running) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|other| !other.is_over());
        running.push(task);
    }

    /// Ends what is on its way, then closes the file.
    pub(crate) fn close(&self) {
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        self.book.write().unwrap_or_else(PoisonError::into_inner).take();
        running.iter().for_each(Running::abort);
        let end = Instant::now() + PATIENCE;
        // A page that is being written is written to its end; that takes moments.
        running.iter().for_each(|task| task.wait(end.saturating_duration_since(Instant::now())));
    }
}

pub(crate) fn told<T>(book: &Handbook, call: &str, result: Result<T>) -> Result<T> {
    if let Err(error) = &result {
        let level = if matches!(error, Error::Internal { .. }) { LogLevel::Defect } else { LogLevel::Warning };
        book.log(level, &format!("{call}.{}", error.code()), &[]);
    }
    result
}

//! The log for the shell's own: stable words and numbers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::app::handbook::Handbook;
use crate::app::ports::{LogLevel, LogLine, Network};

impl Handbook {
    /// Writes a line. A sink that fails is no reason to fail.
    pub fn log(&self, level: LogLevel, event: &str, numbers: &[(&str, u64)]) {
        let Some(sink) = &self.inner.config.log else { return };
        let numbers = numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect();
        let line = LogLine { level, event: event.to_owned(), numbers };
        let _ = catch_unwind(AssertUnwindSafe(|| sink.log(line)));
    }

    /// The network of this moment; one that the shell does not report is tried.
    pub(super) fn network(&self) -> Network {
        let Some(connectivity) = &self.inner.config.connectivity else { return Network::Free };
        catch_unwind(AssertUnwindSafe(|| connectivity.network())).unwrap_or(Network::Free)
    }
}

//! The log for the shell's own: stable words and numbers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Handbook;
use super::ports::{LogLevel, LogLine, Network};
use super::sync::SyncReport;

impl Handbook {
    /// Writes a line. A sink that fails is no reason to fail.
    pub fn log(&self, level: LogLevel, event: &str, numbers: &[(&str, u64)]) {
        let Some(sink) = &self.inner.config.log else { return };
        let numbers = numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect();
        let line = LogLine { level, event: event.to_owned(), numbers };
        let _ = catch_unwind(AssertUnwindSafe(|| sink.log(line)));
    }

    pub(super) fn log_sync(&self, report: &SyncReport) {
        let numbers = [
            ("pushed", report.pushed),
            ("pulled", report.pulled),
            ("bytes_up", report.bytes_up),
            ("bytes_down", report.bytes_down),
            ("questions", report.round_trips),
            ("waiting", report.waiting),
            ("refused", report.refused),
        ];
        self.log(LogLevel::Info, &format!("sync.{}", report.outcome.key()), &numbers);
    }

    /// The network of this moment; one that is not told of is tried.
    pub(super) fn network(&self) -> Network {
        let Some(connectivity) = &self.inner.config.connectivity else { return Network::Free };
        catch_unwind(AssertUnwindSafe(|| connectivity.network())).unwrap_or(Network::Free)
    }
}

//! Logs failed calls by name and error code; never by text that a user may have written.

use ayumi_core::app::ports::LogLevel;
use ayumi_core::app::{Error, Handbook};

use crate::Result;

/// Logs the error of a call, if there is one, and returns the result as it is.
pub(crate) fn log_error<T>(handbook: &Handbook, call: &str, result: Result<T>) -> Result<T> {
    if let Err(error) = &result {
        let level = if matches!(error, Error::Internal { .. }) { LogLevel::Defect } else { LogLevel::Warning };
        handbook.log(level, &format!("{call}.{}", error.code()), &[]);
    }
    result
}

//! Converts panics at the FFI boundary to `Error::Internal`, without printing them (a message might contain user text).
//!
//! The error's code is the negative of the line that panicked.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use ayumi_core::app::Error;

use crate::Result;

static HOOK: Once = Once::new();

thread_local! {
    /// How many calls from outside this thread is inside of.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// The line of this thread's last panic.
    static LINE: Cell<u32> = const { Cell::new(0) };
}

/// Marks this thread as inside a call from outside, until it is dropped.
pub(crate) struct InCall;

impl InCall {
    pub(crate) fn begin() -> Self {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                LINE.set(panic.location().map_or(0, std::panic::Location::line));
                // A panic outside of our calls goes to the hook that was there before.
                if DEPTH.get() == 0 {
                    before(panic);
                }
            }));
        });
        DEPTH.set(DEPTH.get() + 1);
        Self
    }
}

impl Drop for InCall {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

/// Returns the error for this thread's last panic: a defect, by its line.
fn panicked() -> Error {
    Error::Internal { code: i32::try_from(LINE.get()).map_or(-1, |line| -line) }
}

/// Runs work; a panic in it becomes an error.
pub(crate) fn catch_panic<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _call = InCall::begin();
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_line() {
        let line = line!() + 1;
        let caught = catch_panic(|| -> Result<()> { panic!("a defect") });
        assert_eq!(caught, Err(Error::Internal { code: -i32::try_from(line).unwrap() }));
    }
}

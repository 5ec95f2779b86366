//! A panic at the border is told by a number, not on a phone's standard error, where its text might hold what somebody wrote.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use ayumi_core::app::Error;

use crate::Result;

static HOOK: Once = Once::new();

thread_local! {
    /// How many calls from outside this thread is in.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
    /// The line of the last panic here.
    static LINE: Cell<u32> = const { Cell::new(0) };
}

/// Inside a call from outside, from here until it is dropped.
pub(crate) struct Inside;

impl Inside {
    pub(crate) fn begin() -> Self {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                LINE.set(panic.location().map_or(0, std::panic::Location::line));
                // A panic that is not ours is told as before.
                if INSIDE.get() == 0 {
                    before(panic);
                }
            }));
        });
        INSIDE.set(INSIDE.get() + 1);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(INSIDE.get().saturating_sub(1));
    }
}

/// What a panic of this thread becomes: a defect of ours, by its line.
pub(crate) fn panicked() -> Error {
    Error::Internal { code: i32::try_from(LINE.get()).map_or(-1, |line| -line) }
}

/// A panic becomes an error.
pub(crate) fn calmly<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _inside = Inside::begin();
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_line() {
        let line = line!() + 1;
        let caught = calmly(|| -> Result<()> { panic!("a defect") });
        assert_eq!(caught, Err(Error::Internal { code: -i32::try_from(line).unwrap() }));
    }
}

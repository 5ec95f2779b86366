//! Floors: with little room left on the disk, or few files left to open, a server takes no new notebooks; with less, it
//! answers phones nothing but that, while it still can. Families that are here already are the last to notice.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ayumi_channel::answer::{Clock, Problem};

use super::bounds;

/// How long a measurement is believed.
const BELIEVED_MS: u64 = 1000;

/// What is left; `None` where nobody can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Left {
    /// Bytes of the disk that holds the data.
    pub disk_bytes: Option<u64>,
    /// Files and connections that this process may still open.
    pub files: Option<u64>,
}

/// What must be left. Of nothing there is always enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Floor {
    /// Bytes of the disk that holds the data.
    pub disk_bytes: u64,
    /// Files and connections that this process may still open.
    pub files: u64,
}

/// Two floors, one below the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Floors {
    /// Below it no notebook begins.
    pub foundings: Floor,
    /// Below it nothing is answered.
    pub everything: Floor,
}

impl Floors {
    /// Makes the floors of a server: of the disk as named, and a quarter of it; of files what a store needs at its busiest.
    pub const fn of_disk(bytes: u64) -> Self {
        Self {
            foundings: Floor { disk_bytes: bytes, files: 64 },
            everything: Floor { disk_bytes: bytes / 4, files: 32 },
        }
    }
}

/// What is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Nothing,
    Foundings,
    Everything,
}

/// Decides what is refused.
fn decide(left: Left, floors: &Floors) -> Refused {
    let below = |floor: &Floor| {
        left.disk_bytes.is_some_and(|bytes| bytes < floor.disk_bytes)
            || left.files.is_some_and(|files| files < floor.files)
    };
    if below(&floors.everything) {
        Refused::Everything
    } else if below(&floors.foundings) {
        Refused::Foundings
    } else {
        Refused::Nothing
    }
}

/// Measures what is left.
pub type Measure = Arc<dyn Fn() -> Left + Send + Sync>;

/// Measures the disk that holds a folder, and this process's files.
pub fn measure(folder: Option<PathBuf>) -> Measure {
    Arc::new(move || Left { disk_bytes: folder.as_ref().and_then(free_bytes), files: bounds::files_left() })
}

#[cfg(unix)]
fn free_bytes(folder: &PathBuf) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &PathBuf) -> Option<u64> {
    None
}

/// Holds the floors; measures once a second at most.
pub(super) struct Watched {
    floors: Floors,
    measure: Measure,
    clock: Clock,
    last: Mutex<Option<(u64, Refused)>>,
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched(…)")
    }
}

impl Watched {
    pub(super) fn new(floors: Floors, measure: Measure, clock: Clock) -> Self {
        Self { floors, measure, clock, last: Mutex::default() }
    }

    /// Checks whether there is room for a request, or for a notebook that begins.
    ///
    /// # Errors
    /// [`Problem::NoRoom`].
    pub(super) fn room(&self, founding: bool) -> Result<(), Problem> {
        match self.refused() {
            Refused::Nothing => Ok(()),
            Refused::Foundings if !founding => Ok(()),
            Refused::Foundings | Refused::Everything => Err(Problem::NoRoom),
        }
    }

    fn refused(&self) -> Refused {
        let now = (self.clock)();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((at, refused)) if now.abs_diff(at) < BELIEVED_MS => refused,
            _ => {
                let refused = decide((self.measure)(), &self.floors);
                *last = Some((now, refused));
                refused
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foundings_go_first_and_what_nobody_can_say_refuses_nothing() {
        let floors = Floors::of_disk(1000);
        for (disk_bytes, files, expected) in [
            (Some(1000), Some(64), Refused::Nothing),
            (Some(999), Some(64), Refused::Foundings),
            (Some(1000), Some(63), Refused::Foundings),
            (Some(250), Some(32), Refused::Foundings),
            (Some(249), Some(64), Refused::Everything),
            (Some(1000), Some(31), Refused::Everything),
            (None, None, Refused::Nothing),
            (None, Some(0), Refused::Everything),
        ] {
            let left = Left { disk_bytes, files };
            assert_eq!(decide(left, &floors), expected, "{left:?}");
            assert_eq!(decide(left, &Floors::default()), Refused::Nothing, "without floors {left:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_knows_the_room_of_its_disk_and_the_files_it_has_left() {
        let folder = std::env::temp_dir();
        let left = measure(Some(folder.clone()))();
        let df = std::process::Command::new("df").args(["--output=size", "--block-size=1"]).arg(&folder).output();
        let text = String::from_utf8(df.unwrap().stdout).unwrap();
        let size: u64 = text.lines().nth(1).unwrap().trim().parse().unwrap();
        assert!(left.disk_bytes.is_some_and(|bytes| bytes > 0 && bytes <= size), "{left:?} of {size}");
        let held: Vec<_> = (0..50).map(|_| std::fs::File::open("/proc/self/limits").unwrap()).collect();
        let fewer = measure(None)();
        drop(held);
        assert_eq!(fewer.disk_bytes, None);
        // Other tests of this process open and close files meanwhile.
        assert!(fewer.files.unwrap() + 20 < left.files.unwrap(), "{fewer:?} {left:?}");
    }
}

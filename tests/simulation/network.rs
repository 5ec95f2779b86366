//! A network that does what networks do.

use std::future::pending;
use std::sync::{Arc, Mutex};

use ayumi_core::sync::transport::{RawResponse, Transport, Unreachable, Waiting};
use ayumi_play::Dice;
use ayumi_tests::family::Municipality;

/// Between the phones and the municipality.
pub(crate) struct Network {
    pub(crate) municipality: Arc<Municipality>,
    inner: Mutex<Inner>,
}

struct Inner {
    dice: Dice,
    /// Chance of a fault, in percent.
    faults: u64,
    /// Requests that may come once more, late.
    late: Vec<(String, Vec<u8>)>,
    seen: u64,
}

enum Fate {
    Well,
    LostOnTheWay,
    AnswerLost,
    Twice,
    AfterALateOne,
    Cut(usize),
    Nonsense,
    Busy,
    /// The phone is put away while it waits; whether the municipality got the question.
    Cancelled(bool),
}

impl Network {
    pub(crate) fn new(municipality: Arc<Municipality>, seed: u64) -> Self {
        let inner = Inner { dice: Dice::new(seed), faults: 30, late: Vec::new(), seen: 0 };
        Self { municipality, inner: Mutex::new(inner) }
    }

    /// No more faults.
    pub(crate) fn heal(&self) {
        self.inner.lock().unwrap().faults = 0;
    }

    /// How many faults there were.
    pub(crate) fn seen(&self) -> u64 {
        self.inner.lock().unwrap().seen
    }

    fn fate(&self, path: &str, body: &[u8]) -> (Fate, Option<(String, Vec<u8>)>) {
        let mut inner = self.inner.lock().unwrap();
        let chance = inner.faults;
        if inner.dice.percent(20) && inner.late.len() < 20 {
            inner.late.push((path.to_owned(), body.to_vec()));
        }
        if !inner.dice.percent(chance) {
            return (Fate::Well, None);
        }
        inner.seen += 1;
        let kind = inner.dice.below(9);
        let fate = match kind {
            0 => Fate::LostOnTheWay,
            1 => Fate::AnswerLost,
            2 => Fate::Twice,
            3 => Fate::AfterALateOne,
            4 => Fate::Cut(inner.dice.below(400)),
            5 => Fate::Nonsense,
            6 => Fate::Busy,
            7 => Fate::Cancelled(true),
            _ => Fate::Cancelled(false),
        };
        let count = inner.late.len();
        let late = (count > 0).then(|| inner.dice.below(count)).map(|i| inner.late.swap_remove(i));
        (fate, late)
    }
}

impl Transport for Network {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let (fate, late) = self.fate(path, &body);
            let answer = |body: &[u8]| self.municipality.answer(path, body);
            match fate {
                Fate::Well => Ok(answer(&body)),
                Fate::LostOnTheWay => Err(Unreachable),
                Fate::AnswerLost => {
                    answer(&body);
                    Err(Unreachable)
                }
                Fate::Twice => {
                    answer(&body);
                    Ok(answer(&body))
                }
                Fate::AfterALateOne => {
                    if let Some((path, body)) = late {
                        self.municipality.answer(&path, &body);
                    }
                    Ok(answer(&body))
                }
                // A proxy that cuts an answer and calls it whole.
                Fate::Cut(length) => {
                    let mut answer = answer(&body);
                    answer.body.truncate(length.min(answer.body.len().saturating_sub(1)));
                    Ok(answer)
                }
                // A portal page of a café.
                Fate::Nonsense => {
                    Ok(RawResponse { status: 200, body: b"<html>Welcome</html>".to_vec(), retry_after: None })
                }
                Fate::Busy => Ok(RawResponse { status: 503, body: b"unavailable".to_vec(), retry_after: Some(5) }),
                Fate::Cancelled(arrives) => {
                    if arrives {
                        answer(&body);
                    }
                    pending().await
                }
            }
        })
    }
}

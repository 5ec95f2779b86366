//! How long things may take. Numbers are data: a municipality may have others, within what its desks promise.

use std::time::Duration;

use ayumi_protocol::municipal::thread::Urgency;

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

const fn days(days: u64) -> Duration {
    minutes(24 * 60 * days)
}

/// What one urgency changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByUrgency {
    /// For "now".
    pub now: Duration,
    /// For everything else.
    pub other: Duration,
}

impl ByUrgency {
    /// Returns the length for an urgency.
    pub const fn of(self, urgency: Urgency) -> Duration {
        match urgency {
            Urgency::Now => self.now,
            Urgency::Today | Urgency::Week => self.other,
        }
    }
}

/// The limits of an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a thread may stand in the queue of an open desk before the second desk is called.
    pub queue: ByUrgency,
    /// How long somebody may hold a thread without a reply.
    pub answer: ByUrgency,
    /// After an alarm began: when the others who are present hear it.
    pub alarm_others: Duration,
    /// After an alarm began: when the second desk hears it.
    pub alarm_second: Duration,
    /// After an alarm began: when a line outside the browser is called, and the parent told that nobody has seen it.
    pub alarm_outside: Duration,
    /// How long an acknowledged alarm is still, while its thread is not claimed.
    pub acknowledged: Duration,
    /// How long a desk page counts as there after it last answered.
    pub heartbeat: Duration,
    /// How long somebody keeps what they hold after their page last answered.
    pub hold_grace: Duration,
    /// How long somebody with a locked page counts as there.
    pub locked: Duration,
    /// How long a session lasts at most.
    pub session: Duration,
    /// How soon a reply that is marked urgent must be fetched.
    pub fetch_urgent: Duration,
    /// The hour of the next open day by which any other must be fetched, in minutes of the day.
    pub fetch_hour: u32,
    /// How long a thread stays answered after the reply was fetched, or goes on unfetched before a supervisor sees it.
    pub silent: Duration,
    /// How long before it closes the parent is told.
    pub warned: Duration,
    /// How long a parent has to agree to a hand-over; no answer means no.
    pub consent: Duration,
    /// How soon an urgent hand-over must be received; any other within one open day of the receiving desk.
    pub received_now: Duration,
    /// How long the holder reads on after a family left.
    pub reads_on: Duration,
    /// How long leaving can be undone.
    pub undo: Duration,
    /// How long after a restore replies wait for what the phones tell again.
    pub retelling: Duration,
    /// Lines of a parent within so long of the first of them are one.
    pub burst: Duration,
    /// How long a closed thread is kept before its key is destroyed.
    pub term: Duration,
}

impl Limits {
    /// The proposal that ships.
    pub const DEFAULT: Self = Self {
        queue: ByUrgency { now: minutes(5), other: minutes(30) },
        answer: ByUrgency { now: minutes(10), other: minutes(60) },
        alarm_others: minutes(3),
        alarm_second: minutes(6),
        alarm_outside: minutes(10),
        acknowledged: minutes(5),
        heartbeat: Duration::from_secs(90),
        hold_grace: minutes(5),
        locked: minutes(15),
        session: minutes(12 * 60),
        fetch_urgent: minutes(10),
        fetch_hour: 9 * 60,
        silent: days(7),
        warned: days(1),
        consent: days(1),
        received_now: minutes(30),
        reads_on: minutes(60),
        undo: days(1),
        retelling: minutes(10),
        burst: Duration::from_secs(20),
        // 保存年限5年: the most usual class of a municipality's records.
        term: days(5 * 365 + 1),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

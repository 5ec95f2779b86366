//! What a message is now: replaced by another one, cancelled, over, or as it was sent.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};

use crate::content::notice::{Message, Notice};

/// For how long a cancelled notice stays visible as cancelled, in hours.
pub const CANCELLED_HOURS: i64 = 48;

/// What a carer did with the messages, by their keys.
pub type Marks = BTreeMap<String, Mark>;

/// What a carer did with one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When it was first shown here, in Japan's time.
    pub shown: NaiveDateTime,
    /// Whether it was read.
    pub read: bool,
}

/// What a message is now, whoever looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standing<'n> {
    /// It is not sent yet, or another one stands in its place, or it is a cancellation.
    Hidden,
    /// As it was sent; with the messages that it replaces.
    Current(Option<&'n Notice>),
    /// It was taken back by this message, and is still shown as that.
    Cancelled(&'n Notice),
    /// It was taken back by this message, long enough ago.
    CancelledLongAgo(&'n Notice),
    /// Its time is over.
    Expired,
}

/// Says what a message is among all messages. A cancellation is shown for 48 hours from when it was sent; to who had seen the
/// notice, from when it came to the phone, so that nobody goes by what was taken back while the phone was off.
pub fn standing<'n>(notice: &'n Notice, all: &'n [Notice], marks: &Marks, now: NaiveDateTime) -> Standing<'n> {
    let sent = |message: &&Notice| message.sent.begins() <= now;
    if notice.message == Message::Cancel || !sent(&notice) {
        return Standing::Hidden;
    }
    let names = |by: &Notice, named: &Notice| by.references.iter().any(|reference| named.is_named(reference));
    match all.iter().filter(sent).find(|other| names(other, notice)) {
        Some(other) if other.message == Message::Cancel => {
            let seen = marks.contains_key(&notice.key());
            let came = marks.get(&other.key()).map_or(now, |mark| mark.shown);
            let from = if seen { came.max(other.sent.begins()) } else { other.sent.begins() };
            let fresh = now <= from + TimeDelta::hours(CANCELLED_HOURS);
            if fresh { Standing::Cancelled(other) } else { Standing::CancelledLongAgo(other) }
        }
        Some(_) => Standing::Hidden,
        None if notice.expires.is_some_and(|expires| expires.is_over(now)) => Standing::Expired,
        None => Standing::Current(all.iter().find(|before| names(notice, before))),
    }
}

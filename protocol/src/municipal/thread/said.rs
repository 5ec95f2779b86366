//! What is said in a thread, as it is sent. Words are sealed on the phone and in the browser's office; here they are bytes.

use serde::{Deserialize, Serialize};

use super::id::{MessageId, ThreadId};
use super::lists::Urgency;

/// A parent's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its name, made on the phone when it was written.
    pub id: MessageId,
    /// The thread it was written in.
    pub thread: ThreadId,
    /// How soon an answer is needed, where the parent chose it anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
}

/// A reply of somebody at a desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Its name, made in the browser when the draft was begun: one name is one reply, however often it is sent.
    pub id: MessageId,
    /// The thread it was written in. It lands there or nowhere.
    pub thread: ThreadId,
    /// The number of the newest line that stood on its author's screen. The first line of a thread is number 1.
    pub seen_through: u32,
    /// The number of a colleague's reply whose difference from this one its author read and said so, by another key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_beside: Option<u32>,
    /// Whether it must be fetched within minutes, or somebody is called.
    #[serde(default)]
    pub urgent: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::municipal::thread::RandomId;

    #[test]
    fn a_reply_carries_how_far_its_author_had_read() {
        let (id, thread) = (RandomId::from_random([1; 16]), RandomId::from_random([2; 16]));
        let reply =
            Reply { id: MessageId(id), thread: ThreadId(thread), seen_through: 3, read_beside: None, urgent: false };
        let json = r#"{"id":"01010101-0101-4101-8101-010101010101","thread":"02020202-0202-4202-8202-020202020202","seen_through":3,"urgent":false}"#;
        assert_eq!(serde_json::to_string(&reply).unwrap(), json);
        assert_eq!(serde_json::from_str::<Reply>(json).unwrap(), reply);
        let blind = json.replace(r#""seen_through":3,"#, "");
        assert!(serde_json::from_str::<Reply>(&blind).is_err(), "without it there is no reply");
    }
}

//! Two persons where families' words open: who may be the second one.

use std::collections::BTreeMap;
use std::time::Duration;

use ayumi_protocol::municipal::thread::UnixMs;

use super::{Capability, StaffId};

/// How long whoever made an account, and whoever was made by it, are one person for it.
pub const KIN: Duration = Duration::from_secs(30 * 24 * 3600);

/// By whom and when accounts were made.
pub type Made = BTreeMap<StaffId, (Option<StaffId>, UnixMs)>;

impl Capability {
    /// Whether it opens families' words: then two persons give it.
    pub const fn opens_words(self) -> bool {
        matches!(self, Self::Answer | Self::Supervise)
    }
}

/// Whether one of two made the other, not long ago.
fn are_kin(one: StaffId, other: StaffId, made: &Made, now: UnixMs) -> bool {
    let by = |child: StaffId, maker: StaffId| {
        made.get(&child).is_some_and(|(by, at)| *by == Some(maker) && at.after(KIN) > now)
    };
    by(one, other) || by(other, one)
}

/// Whether somebody may agree to what another one asked for a third: three persons, and none of them made by, or maker of, the one
/// who agrees.
pub fn may_agree(agrees: StaffId, asked: StaffId, about: StaffId, made: &Made, now: UnixMs) -> bool {
    let three = agrees != asked && agrees != about && asked != about;
    three && !are_kin(agrees, asked, made, now) && !are_kin(agrees, about, made, now)
}

#[cfg(test)]
mod tests {
    use ayumi_protocol::municipal::thread::RandomId;

    use super::*;

    #[test]
    fn who_made_an_account_or_was_made_by_it_is_no_second_person_for_thirty_days() {
        let [root, asks, new, other] = [1, 2, 3, 4].map(|byte| StaffId(RandomId::from_random([byte; 16])));
        let now = UnixMs(1_796_000_000_000);
        let long_ago = now.before(KIN);
        let yesterday = now.before(Duration::from_secs(24 * 3600));
        let made = |by: StaffId, at| -> Made {
            [
                (root, (None, UnixMs(1))),
                (asks, (Some(root), UnixMs(1))),
                (other, (None, UnixMs(1))),
                (new, (Some(by), at)),
            ]
            .into()
        };
        assert!(may_agree(other, asks, new, &made(asks, yesterday), now));
        assert!(!may_agree(other, asks, new, &made(other, yesterday), now), "its maker");
        assert!(may_agree(other, asks, new, &made(other, long_ago), now), "its maker, long ago");
        assert!(!may_agree(new, asks, other, &made(asks, yesterday), now), "a hand puppet of whoever asks");
        assert!(!may_agree(new, other, asks, &made(asks, yesterday), now), "made by whom it is about");
        for (agrees, asked, about) in [(asks, asks, new), (new, asks, new), (other, new, new)] {
            assert!(!may_agree(agrees, asked, about, &made(asks, long_ago), now));
        }
    }
}

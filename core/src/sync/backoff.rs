//! How long to wait after a failure: twice as long each time, up to an hour, and any time below that ("full jitter"),
//! so that a municipality's phones do not come back all at once.

/// The first wait, at most.
const FIRST_MS: u64 = 2_000;
/// No wait is longer than twice this.
pub const LONGEST_MS: u64 = 60 * 60 * 1000;

/// Milliseconds to wait after so many failures in a row. `random` is any number; `asked` what the server asked for,
/// in seconds.
pub fn wait_ms(failures: u32, random: u64, asked: Option<u64>) -> u64 {
    let most =
        FIRST_MS.saturating_mul(1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX)).min(LONGEST_MS);
    let jittered = if failures == 0 { 0 } else { random % (most + 1) };
    // What the server asked for is kept, with some more so that not all come at its end.
    asked.map_or(jittered, |seconds| seconds.saturating_mul(1000).min(LONGEST_MS).saturating_add(jittered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_are_spread_and_end_at_an_hour() {
        assert_eq!(wait_ms(0, 99, None), 0, "no failure, no wait");
        for failures in 1..200 {
            let most = (2_000_u128 << (failures - 1).min(40)).min(3_600_000) as u64;
            for random in [0, 1, 12_345_678_901, u64::MAX] {
                assert!(wait_ms(failures, random, None) <= most, "{failures}");
            }
        }
        assert_eq!(wait_ms(3, 8_000, None), 8_000, "the whole range is used");
        assert_eq!(wait_ms(1, 500, Some(30)), 30_500, "the server's word counts");
        assert!(wait_ms(1, 0, Some(u64::MAX)) <= LONGEST_MS, "but not for ever");
    }
}

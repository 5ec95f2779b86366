//! New ids: UUIDv7 that rise also within a millisecond (RFC 9562, section 6.2, method 1), so that what is written
//! together lies together.

use uuid::{Builder, Uuid};

use crate::crypto::{self, NoRandomness};

const COUNTER_END: u16 = 1 << 12;
const POOL: usize = 512;

/// Makes ids; each greater than the one before.
#[derive(Debug)]
pub(super) struct IdSource {
    millis: u64,
    counter: u16,
    /// Randomness taken in one go; used from the end.
    pool: [u8; POOL],
    left: usize,
}

impl Default for IdSource {
    fn default() -> Self {
        Self { millis: 0, counter: 0, pool: [0; POOL], left: 0 }
    }
}

impl IdSource {
    pub(super) fn next(&mut self, now_ms: u64) -> Result<Uuid, NoRandomness> {
        if self.left < 8 {
            self.pool = crypto::random()?;
            self.left = POOL;
        }
        self.left -= 8;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.pool[self.left..self.left + 8]);
        if now_ms > self.millis {
            (self.millis, self.counter) = (now_ms, 0);
        } else {
            // The same millisecond, or a clock that went back.
            self.counter += 1;
            if self.counter == COUNTER_END {
                (self.millis, self.counter) = (self.millis + 1, 0);
            }
        }
        random[..2].copy_from_slice(&self.counter.to_be_bytes());
        Ok(Builder::from_unix_timestamp_millis(self.millis, &random).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_within_a_millisecond_and_when_the_clock_goes_back() {
        let mut ids = IdSource::default();
        let made: Vec<Uuid> =
            (0..20_000_u64).map(|i| ids.next(if i < 15_000 { 1_700_000_000_000 } else { 5 }).unwrap()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }
}

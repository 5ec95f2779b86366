//! What one address may have under way at once: connections, unfinished requests, bytes of bodies.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts what each address has under way, and takes no more than a bound.
#[derive(Debug)]
pub(super) struct PerAddress {
    most: u64,
    counts: Mutex<HashMap<IpAddr, u64>>,
}

/// Something that an address has under way; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct UnderWay {
    bounds: Arc<PerAddress>,
    address: IpAddr,
    weight: u64,
}

impl PerAddress {
    /// Makes a bound on the sum of weights that one address may have under way.
    pub(super) fn new(most: u64) -> Arc<Self> {
        Arc::new(Self { most, counts: Mutex::default() })
    }

    /// Begins something of this weight; `None` if it would be too much for its address.
    pub(super) fn begin(self: &Arc<Self>, address: IpAddr, weight: u64) -> Option<UnderWay> {
        let address = one_home(address);
        let mut counts = self.lock();
        let count = counts.get(&address).copied().unwrap_or(0);
        let sum = count.checked_add(weight).filter(|sum| *sum <= self.most)?;
        counts.insert(address, sum);
        Some(UnderWay { bounds: self.clone(), address, weight })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, u64>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counts = self.bounds.lock();
        match counts.get_mut(&self.address) {
            Some(count) if *count > self.weight => *count -= self.weight,
            _ => _ = counts.remove(&self.address),
        }
    }
}

/// Returns the address that stands for a subscriber: one of IPv6 has a /64 at least.
pub(super) fn one_home(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() >> 64 << 64)),
        four => four,
    }
}

/// Returns how many connections the process may have: as many as its open files allow, with some left for the store.
pub(super) fn connections(most: usize) -> usize {
    /// Files that the store, the log and the listener need.
    const OWN_FILES: usize = 128;
    open_files().map_or(most, |files| files.saturating_sub(OWN_FILES).clamp(16, most))
}

/// Returns how many files and connections this process may have open, if the operating system says so.
fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Returns how many more files and connections this process may open, if the operating system says so.
pub(super) fn files_left() -> Option<u64> {
    let most = open_files()?;
    // Where no file can be opened any more, the folder cannot be read either.
    let open = std::fs::read_dir("/proc/self/fd").map_or(most, Iterator::count);
    u64::try_from(most.saturating_sub(open)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_much_under_way_and_others_do_not_wait_for_it() {
        let bounds = PerAddress::new(10);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let (attacker, home) = (address("203.0.113.7"), address("198.51.100.1"));
        let first = bounds.begin(attacker, 6).unwrap();
        assert!(bounds.begin(attacker, 5).is_none());
        let second = bounds.begin(attacker, 4).unwrap();
        assert!(bounds.begin(attacker, 1).is_none() && bounds.begin(home, 10).is_some());
        drop(first);
        assert!(bounds.begin(attacker, 6).is_some());
        drop(second);
        assert!(bounds.lock().is_empty(), "nothing is kept of who has nothing under way");
        let six = bounds.begin(address("2001:db8:1:2::1"), 10).unwrap();
        assert!(bounds.begin(address("2001:db8:1:2:ffff::9"), 1).is_none(), "one home");
        drop(six);
        assert!(bounds.begin(address("::ffff:203.0.113.7"), u64::MAX).is_none());
    }
}

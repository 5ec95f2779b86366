//! A batch of changes as it is sealed: column by column, so that what is alike lies together and compresses well.
//!
//! ```text
//! version 1 | count | kinds: count, each text | devices: count, each 8 bytes
//! columns: kind of each | time of each entry id (difference) | rest of each entry id, 10 bytes | device of each stamp |
//!          clock of each stamp (difference) | length of each body | bodies
//! ```
//!
//! Counts are varints; differences are zigzag varints. The notebook is the envelope's. Frozen:
//! `fixtures/protocol/batch_1.hex`.

use std::collections::BTreeMap;

use crate::bytes::{Reader, Writer};
use crate::clock::{Hlc, Stamp};
use crate::format::FormatError;
use crate::id::{DeviceId, EntryId, NotebookId};
use crate::limits;
use crate::notebook::change::Change;

const VERSION: u8 = 1;
/// Bytes that one change takes at least: a byte in each of five columns and the rest of its id.
const LEAST: usize = 15;

/// Encodes changes of one notebook, in the order given.
pub fn encode(changes: &[Change]) -> Vec<u8> {
    let mut out = Writer::default();
    out.u8(VERSION).varint(changes.len() as u64);
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut devices: BTreeMap<DeviceId, u64> = BTreeMap::new();
    for change in changes {
        let next = kinds.len() as u64;
        kinds.entry(&change.kind).or_insert(next);
        let next = devices.len() as u64;
        devices.entry(change.stamp.device).or_insert(next);
    }
    let mut in_order: Vec<(&&str, &u64)> = kinds.iter().collect();
    in_order.sort_by_key(|(_, place)| **place);
    out.varint(kinds.len() as u64);
    in_order.iter().for_each(|(kind, _)| _ = out.blob(kind.as_bytes()));
    let mut in_order: Vec<(&DeviceId, &u64)> = devices.iter().collect();
    in_order.sort_by_key(|(_, place)| **place);
    out.varint(devices.len() as u64);
    in_order.iter().for_each(|(device, _)| _ = out.u64(device.0));

    changes.iter().for_each(|change| _ = out.varint(kinds[change.kind.as_str()]));
    let mut last = 0;
    for change in changes {
        let time = time_of(change.entry);
        out.zigzag(time.wrapping_sub(last));
        last = time;
    }
    changes.iter().for_each(|change| _ = out.raw(&change.entry.as_bytes()[6..]));
    changes.iter().for_each(|change| _ = out.varint(devices[&change.stamp.device]));
    let mut last = 0_u64;
    for change in changes {
        out.zigzag(change.stamp.hlc.0.wrapping_sub(last) as i64);
        last = change.stamp.hlc.0;
    }
    let bodies: Vec<String> = changes.iter().map(Change::body).collect();
    bodies.iter().for_each(|body| _ = out.varint(body.len() as u64));
    bodies.iter().for_each(|body| _ = out.raw(body.as_bytes()));
    out.0
}

/// The first 48 bits of an id (UUIDv7: milliseconds).
fn time_of(entry: EntryId) -> i64 {
    entry.as_bytes()[..6].iter().fold(0, |time, byte| (time << 8) | i64::from(*byte))
}

/// Reads a batch back.
///
/// # Errors
/// If it is none, or one of its changes is none: a batch is taken whole or not at all.
pub fn decode(notebook: NotebookId, bytes: &[u8]) -> Result<Vec<Change>, FormatError> {
    let mut reader = Reader::new(bytes, "batch of changes");
    let wrong = reader.wrong();
    if reader.u8()? != VERSION {
        return Err(wrong);
    }
    let count = reader.count(LEAST)?;
    if count > limits::BATCH_CHANGES {
        return Err(wrong);
    }
    let mut kinds = Vec::new();
    for _ in 0..reader.count(1)? {
        let kind = reader.blob(limits::SHORT_TEXT_CHARS)?;
        kinds.push(std::str::from_utf8(kind).map_err(|_| wrong.clone())?);
    }
    let mut devices = Vec::new();
    for _ in 0..reader.count(8)? {
        devices.push(DeviceId(reader.u64()?));
    }
    let place = |reader: &mut Reader<'_>, length: usize| -> Result<usize, FormatError> {
        usize::try_from(reader.varint()?).ok().filter(|place| *place < length).ok_or(reader.wrong())
    };
    let of_kind = (0..count).map(|_| place(&mut reader, kinds.len())).collect::<Result<Vec<_>, _>>()?;
    let mut last = 0_i64;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        last = last.wrapping_add(reader.zigzag()?);
        if !(0..1 << 48).contains(&last) {
            return Err(wrong);
        }
        times.push(last);
    }
    let rests = (0..count).map(|_| reader.array::<10>()).collect::<Result<Vec<_>, _>>()?;
    let of_device = (0..count).map(|_| place(&mut reader, devices.len())).collect::<Result<Vec<_>, _>>()?;
    let mut last = 0_u64;
    let mut clocks = Vec::with_capacity(count);
    for _ in 0..count {
        last = last.wrapping_add(reader.zigzag()? as u64);
        clocks.push(Hlc(last));
    }
    let mut lengths = Vec::with_capacity(count);
    for _ in 0..count {
        lengths.push(usize::try_from(reader.varint()?).map_err(|_| wrong.clone())?);
    }
    let mut changes = Vec::with_capacity(count);
    for at in 0..count {
        let mut id = [0; 16];
        id[..6].copy_from_slice(&times[at].to_be_bytes()[2..]);
        id[6..].copy_from_slice(&rests[at]);
        let stamp = Stamp { hlc: clocks[at], device: devices[of_device[at]] };
        let body = std::str::from_utf8(reader.raw(lengths[at])?).map_err(|_| wrong.clone())?;
        changes.push(Change::from_parts(EntryId::from_slice(&id)?, notebook, kinds[of_kind[at]], stamp, body)?);
    }
    reader.end()?;
    Ok(changes)
}

/// The length that a text of this length is padded to: the lower bits are rounded up, so that sizes tell little (Padmé,
/// Nikitin and others 2019: at most 12 % more, `O(log log n)` bits leak).
///
/// ```
/// use ayumi_protocol::batch::padded;
/// assert_eq!((padded(0), padded(9), padded(1000), padded(100_000)), (0, 10, 1024, 100_352));
/// ```
pub const fn padded(length: usize) -> usize {
    if length < 2 {
        return length;
    }
    let exponent = usize::BITS - 1 - length.leading_zeros();
    let kept = u32::BITS - exponent.leading_zeros();
    let mask = (1_usize << (exponent - kept)) - 1;
    (length + mask) & !mask
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn notebook() -> NotebookId {
        NotebookId::from_slice(&[7; 16]).unwrap()
    }

    #[test]
    fn the_form_is_frozen() {
        let change = |id: &str, stamp: &str, kind: &str, body: &str| {
            Change::from_parts(id.parse().unwrap(), notebook(), kind, stamp.parse().unwrap(), body).unwrap()
        };
        let changes = [
            change(
                "01890a5d-ac96-774b-bcce-b302099a8057",
                "0000018a00000000-00000000000000aa",
                "growth",
                r#"{"n":{"weight":9.1}}"#,
            ),
            change(
                "01890a5d-ac97-774b-bcce-b302099a8058",
                "0000018a00010000-00000000000000aa",
                "diary",
                r#"{"n":{"text":"笑った"}}"#,
            ),
            change(
                "01890a5d-ac96-774b-bcce-b302099a8057",
                "0000018a00020000-00000000000000bb",
                "growth",
                r#"{"f":{"weight":{"v":9.2,"r":["0000018a00000000-00000000000000aa"]}}}"#,
            ),
        ];
        let bytes = encode(&changes);
        assert_eq!(decode(notebook(), &bytes).unwrap(), changes);
        crate::frozen::is("batch_1", &bytes);
    }

    /// A few hundred bytes, packed, that would have kept a phone busy for a minute.
    #[test]
    fn more_changes_than_there_may_be_are_refused() {
        let change = |n: usize| {
            let entry = EntryId::from_slice(&(n as u128).to_be_bytes()).unwrap();
            Change::from_parts(entry, notebook(), "diary", Stamp { hlc: Hlc(n as u64), device: DeviceId(1) }, "{}")
                .unwrap()
        };
        let changes: Vec<Change> = (0..=limits::BATCH_CHANGES).map(change).collect();
        assert!(decode(notebook(), &encode(&changes)).is_err());
        assert_eq!(decode(notebook(), &encode(&changes[1..])).unwrap(), changes[1..]);
    }

    proptest! {
        #[test]
        fn batches_come_back(rows in proptest::collection::vec(
            (any::<[u8; 16]>(), any::<u64>(), 0_u64..3, "[a-z_]{1,12}", "[ぁ-んa-z ]{0,20}"), 0..40)
        ) {
            let changes: Vec<Change> = rows
                .into_iter()
                .map(|(id, clock, device, kind, note)| {
                    let body = serde_json::json!({"n": {"note": note}}).to_string();
                    let stamp = Stamp { hlc: Hlc(clock), device: DeviceId(device) };
                    Change::from_parts(EntryId::from_slice(&id).unwrap(), notebook(), &kind, stamp, &body).unwrap()
                })
                .collect();
            prop_assert_eq!(decode(notebook(), &encode(&changes)).unwrap(), changes);
        }

        #[test]
        fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
            let _ = decode(notebook(), &bytes);
        }

        #[test]
        fn padding_only_adds_and_at_most_an_eighth(length in 0_usize..10_000_000) {
            let padded = padded(length);
            prop_assert!(padded >= length && padded <= length + length / 8 + 1);
            prop_assert_eq!(super::padded(padded), padded);
        }
    }
}

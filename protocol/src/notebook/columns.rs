//! Changes of one author, column by column, so that what is alike lies together and compresses well.
//!
//! ```text
//! count | kinds: count, each text
//! kind of each | time of each entry id (difference) | rest of each entry id, 10 bytes |
//! clock of each stamp (difference) | length of each body | bodies
//! ```
//!
//! Counts are varints; differences are zigzag varints. The notebook and the device of every stamp are known from what the changes
//! stand in.

use std::collections::BTreeMap;

use crate::bytes::{Reader, Writer};
use crate::clock::{Hlc, Stamp};
use crate::format::FormatError;
use crate::id::{DeviceId, EntryId, NotebookId};
use crate::limits;
use crate::notebook::change::Change;

/// Bytes that one change takes at least: a byte in each of four columns and the rest of its id.
const LEAST: usize = 14;

/// Writes changes, each with its body as it is to stand.
pub(super) fn write(out: &mut Writer, changes: &[(&Change, &[u8])]) {
    out.varint(changes.len() as u64);
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for (change, _) in changes {
        let next = kinds.len() as u64;
        kinds.entry(&change.kind).or_insert(next);
    }
    let mut in_order: Vec<(&&str, &u64)> = kinds.iter().collect();
    in_order.sort_by_key(|(_, place)| **place);
    out.varint(kinds.len() as u64);
    in_order.iter().for_each(|(kind, _)| _ = out.blob(kind.as_bytes()));

    changes.iter().for_each(|(change, _)| _ = out.varint(kinds[change.kind.as_str()]));
    let mut last = 0;
    for (change, _) in changes {
        let time = time_of(change.entry);
        out.zigzag(time.wrapping_sub(last));
        last = time;
    }
    changes.iter().for_each(|(change, _)| _ = out.raw(&change.entry.as_bytes()[6..]));
    let mut last = 0_u64;
    for (change, _) in changes {
        out.zigzag(change.stamp.hlc.0.wrapping_sub(last) as i64);
        last = change.stamp.hlc.0;
    }
    changes.iter().for_each(|(_, body)| _ = out.varint(body.len() as u64));
    changes.iter().for_each(|(_, body)| _ = out.raw(body));
}

/// The first 48 bits of an id (UUIDv7: milliseconds).
fn time_of(entry: EntryId) -> i64 {
    entry.as_bytes()[..6].iter().fold(0, |time, byte| (time << 8) | i64::from(*byte))
}

/// Reads so many changes at most, each with its body as it stood.
pub(super) fn read<'b>(
    reader: &mut Reader<'b>,
    notebook: NotebookId,
    device: DeviceId,
    most: usize,
) -> Result<Vec<(Change, &'b [u8])>, FormatError> {
    let wrong = reader.wrong();
    let count = reader.count(LEAST)?;
    if count > most {
        return Err(wrong);
    }
    let mut kinds = Vec::new();
    for _ in 0..reader.count(1)? {
        let kind = reader.blob(limits::SHORT_TEXT_CHARS)?;
        kinds.push(std::str::from_utf8(kind).map_err(|_| wrong.clone())?);
    }
    let place = |reader: &mut Reader<'_>, length: usize| -> Result<usize, FormatError> {
        usize::try_from(reader.varint()?).ok().filter(|place| *place < length).ok_or(reader.wrong())
    };
    let of_kind = (0..count).map(|_| place(reader, kinds.len())).collect::<Result<Vec<_>, _>>()?;
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
        let stamp = Stamp { hlc: clocks[at], device };
        let body = reader.raw(lengths[at])?;
        let text = std::str::from_utf8(body).map_err(|_| wrong.clone())?;
        changes.push((Change::from_parts(EntryId::from_slice(&id)?, notebook, kinds[of_kind[at]], stamp, text)?, body));
    }
    Ok(changes)
}

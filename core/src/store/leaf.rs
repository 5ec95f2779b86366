//! Rows and children of one SQLite page, read without the tree above it.
//!
//! Only what salvage needs of the file format (sqlite.org/fileformat2.html): table leaves, pages of tables without row
//! numbers (which are index pages and hold rows inside the tree too), records, overflow chains.
//! Every length comes from damaged bytes and is checked; anything odd ends that row and never the scan.

use ayumi_sqlcipher::page::{PAGE_LEN, RESERVED_LEN};

const USABLE: usize = PAGE_LEN - RESERVED_LEN;
const TABLE_LEAF: u8 = 0x0d;
const INDEX_LEAF: u8 = 0x0a;
const INDEX_INSIDE: u8 = 0x02;
const TABLE_INSIDE: u8 = 0x05;
/// Longest row that salvage follows; a photo with its id is shorter.
const ROW_LIMIT: usize = 4 * 1024 * 1024;

/// One column of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// NULL, also where the row number stands for the column.
    Null,
    /// A number; salvage wants no fractions.
    Integer(i64),
    /// A floating-point number, not looked into.
    Real,
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// The rows of a page. `overflow` gives the plain text of another page.
pub fn rows(
    page: &[u8; PAGE_LEN],
    number: u32,
    overflow: &dyn Fn(u32) -> Option<Box<[u8; PAGE_LEN]>>,
) -> Vec<Vec<Column>> {
    let header = if number == 1 { 100 } else { 0 };
    let kind = page[header];
    // Inside the tree the header and each cell begin with a page number of four bytes.
    let (header_len, child_len) = match kind {
        TABLE_LEAF | INDEX_LEAF => (8, 0),
        INDEX_INSIDE => (12, 4),
        _ => return Vec::new(),
    };
    let cells = usize::from(u16::from_be_bytes([page[header + 3], page[header + 4]]));
    (0..cells)
        .filter_map(|i| {
            let at = header + header_len + 2 * i;
            let pointer = page.get(at..at + 2)?;
            let start = usize::from(u16::from_be_bytes([pointer[0], pointer[1]])) + child_len;
            record(&payload(page.get(start..USABLE)?, kind == TABLE_LEAF, overflow)?)
        })
        .collect()
}

/// The pages that a page inside a tree points to; empty for a leaf and for what is no page of a tree.
pub fn children(page: &[u8; PAGE_LEN], number: u32) -> Vec<u32> {
    let header = if number == 1 { 100 } else { 0 };
    if !matches!(page[header], TABLE_INSIDE | INDEX_INSIDE) {
        return Vec::new();
    }
    let at = |start: usize| Some(u32::from_be_bytes(page.get(start..start + 4)?.try_into().ok()?));
    let cells = usize::from(u16::from_be_bytes([page[header + 3], page[header + 4]]));
    let pointers = (0..cells).filter_map(|i| {
        let pointer = page.get(header + 12 + 2 * i..header + 14 + 2 * i)?;
        at(usize::from(u16::from_be_bytes([pointer[0], pointer[1]])))
    });
    pointers.chain(at(header + 8)).collect()
}

/// A cell's whole payload, overflow pages included.
fn payload(cell: &[u8], in_table: bool, overflow: &dyn Fn(u32) -> Option<Box<[u8; PAGE_LEN]>>) -> Option<Vec<u8>> {
    let (length, mut rest) = varint(cell)?;
    if in_table {
        // The row number.
        rest = varint(rest)?.1;
    }
    let length = usize::try_from(length).ok().filter(|length| *length <= ROW_LIMIT)?;
    let most = if in_table { USABLE - 35 } else { (USABLE - 12) * 64 / 255 - 23 };
    if length <= most {
        return rest.get(..length).map(<[u8]>::to_vec);
    }
    let least = (USABLE - 12) * 32 / 255 - 23;
    let wanted = least + (length - least) % (USABLE - 4);
    let local = if wanted <= most { wanted } else { least };
    let mut all = rest.get(..local)?.to_vec();
    let mut next = u32::from_be_bytes(rest.get(local..local + 4)?.try_into().ok()?);
    // Each page adds bytes, so a chain that runs in a circle ends at the row's length.
    while all.len() < length {
        let page = overflow(next).filter(|_| next > 0)?;
        let take = (length - all.len()).min(USABLE - 4);
        all.extend_from_slice(page.get(4..4 + take)?);
        next = u32::from_be_bytes(page[..4].try_into().ok()?);
    }
    Some(all)
}

fn record(payload: &[u8]) -> Option<Vec<Column>> {
    let (header_len, _) = varint(payload)?;
    let header_len = usize::try_from(header_len).ok()?;
    let (mut types, mut body) = payload.split_at_checked(header_len)?;
    types = varint(types)?.1;
    let mut columns = Vec::new();
    while !types.is_empty() {
        let (code, rest) = varint(types)?;
        types = rest;
        let length = match code {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(code).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((code - 12) / 2).ok()?,
        };
        let (bytes, rest) = body.split_at_checked(length)?;
        body = rest;
        columns.push(match code {
            0 => Column::Null,
            7 => Column::Real,
            8 => Column::Integer(0),
            9 => Column::Integer(1),
            1..=6 => {
                let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
                let start = if negative { -1 } else { 0 };
                Column::Integer(bytes.iter().fold(start, |n: i64, byte| n << 8 | i64::from(*byte)))
            }
            _ if code % 2 == 0 => Column::Blob(bytes.to_vec()),
            _ => Column::Text(String::from_utf8(bytes.to_vec()).ok()?),
        });
    }
    Some(columns)
}

/// SQLite's variable-length number, and what follows.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (i, byte) in bytes.iter().take(9).enumerate() {
        if i == 8 {
            return Some((value << 8 | u64::from(*byte), &bytes[9..]));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[i + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_hang(seed in proptest::collection::vec(any::<u8>(), 64..512), number in 1_u32..4, kind in 0_usize..4) {
            let mut page = Box::new([0; PAGE_LEN]);
            for (to, from) in page.iter_mut().zip(seed.iter().cycle()) {
                *to = *from;
            }
            page[if number == 1 { 100 } else { 0 }] = [TABLE_LEAF, INDEX_LEAF, INDEX_INSIDE, TABLE_INSIDE][kind];
            let copy = page.clone();
            rows(&page, number, &|_| Some(copy.clone()));
            children(&page, number);
        }
    }
}

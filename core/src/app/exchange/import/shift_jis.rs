//! Shift_JIS, as older spreadsheets write it. The table is made by the build from the standard's own.

use once_cell::sync::Lazy;

use crate::packed::packed;

static PAIRS: Lazy<Vec<u8>> = Lazy::new(|| packed!("shift_jis.zst"));

/// Text of these bytes; `None` if they are no Shift_JIS.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(bytes.len() * 3 / 2);
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        let c = match byte {
            0..=0x80 => char::from(byte),
            // Half-width katakana.
            0xa1..=0xdf => char::from_u32(0xff61 - 0xa1 + u32::from(byte))?,
            0x81..=0x9f | 0xe0..=0xfc => pair(byte, rest.next()?)?,
            _ => return None,
        };
        text.push(c);
    }
    Some(text)
}

fn pair(lead: u8, trail: u8) -> Option<char> {
    let row = usize::from(if lead < 0xa0 { lead - 0x81 } else { lead - 0xe0 + 31 });
    let place = (row * 189 + usize::from(trail.checked_sub(0x40)?)) * 2;
    let unit = PAIRS.get(place..place + 2).filter(|_| trail <= 0xfc)?;
    char::from_u32(u16::from_le_bytes([unit[0], unit[1]]).into()).filter(|c| *c != '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: the WHATWG standard, by the library that implements it.
    #[test]
    fn every_byte_and_every_pair_reads_as_the_standard_says() {
        let check = |bytes: &[u8]| {
            let (text, broken) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes);
            assert_eq!(decode(bytes), (!broken).then(|| text.into_owned()), "{bytes:02x?}");
        };
        for first in 0..=255 {
            check(&[first]);
            for second in 0..=255 {
                check(&[first, second]);
                check(&[first, second, b'a']);
            }
        }
    }
}

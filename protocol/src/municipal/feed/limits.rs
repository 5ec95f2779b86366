//! How big the parts of a feed may be, and how long they hold. Sizes in bytes, times in seconds.

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// Bytes of a manifest with its signature.
pub const MANIFEST_BYTES: usize = 64 * 1024;
/// Files of one edition.
pub const FILES: usize = 128;
/// Bytes of all files of an edition together, packed as they are served.
pub const EDITION_BYTES: u64 = 2_000_000;
/// Characters of a file's path.
pub const PATH_CHARS: usize = 80;
/// Bytes of a root statement with its signatures.
pub const ROOT_BYTES: usize = 16 * 1024;
/// Root statements of a municipality, from its first on.
pub const ROOTS: usize = 256;
/// Keys of professionals that a root statement names.
pub const CLINICAL_KEYS: usize = 32;

/// Keys of a root.
pub const ROOT_KEYS: usize = 3;
/// How many of them sign a root statement.
pub const ROOT_SIGNERS: usize = 2;

/// How long an edition is fresh, at most.
pub const FRESH_SECONDS: u64 = 7 * DAY;
/// How far ahead of a phone's clock something may have been made.
pub const AHEAD_SECONDS: u64 = 10 * 60;
/// How long a feed key or a professional's key holds, at most.
pub const KEY_SECONDS: u64 = 400 * DAY;
/// How long before its end a municipality says that it ends, at least.
pub const END_NOTICE_SECONDS: u64 = 90 * DAY;
/// How long after the first edition that says so an older client is paused.
pub const OLDEST_CLIENT_SECONDS: u64 = 14 * DAY;
/// How long before a key's end somebody is warned, the earliest first.
pub const KEY_WARNING_SECONDS: [u64; 3] = [60 * DAY, 30 * DAY, 7 * DAY];

#[cfg(test)]
mod tests {
    use super::*;

    /// Another team's client must know them.
    #[test]
    fn the_limits_of_the_page_are_those_of_the_code() {
        let page = include_str!("../../../../docs/municipal-feed.md");
        for (what, number) in [
            ("bytes of a manifest, with its signature", MANIFEST_BYTES as u64),
            ("files of an edition", FILES as u64),
            ("bytes of all files of an edition, packed", EDITION_BYTES),
            ("characters of a file's path", PATH_CHARS as u64),
            ("bytes of a root statement, with its signatures", ROOT_BYTES as u64),
            ("root statements", ROOTS as u64),
            ("professionals' keys", CLINICAL_KEYS as u64),
            ("seconds from made to expires", FRESH_SECONDS),
            ("seconds that made may be ahead of the reader's clock", AHEAD_SECONDS),
            ("seconds from a statement's made to a key's end", KEY_SECONDS),
            ("seconds from a statement's made to the municipality's end, at least", END_NOTICE_SECONDS),
            ("seconds until an older client is paused", OLDEST_CLIENT_SECONDS),
        ] {
            assert!(page.contains(&format!("| {what} | {number} |")), "{what}: {number}");
        }
    }
}

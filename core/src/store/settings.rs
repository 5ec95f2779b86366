//! The settings of the file: one list of names, with the type of each value and whether salvage keeps it.
//!
//! Names and written forms are on disk: a released one never changes. A new setting is a line in the list below.

use std::marker::PhantomData;

use ayumi_protocol::Hlc;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::error::StoreError;
use super::tickets::Tickets;
use crate::crypto;

/// Defines the settings, and [`ALL`] from the same lines.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $setting:ident: $value:ty = $name:literal, survives_salvage: $survives:literal;)+) => {
        $($(#[doc = $doc])+
        pub(crate) const $setting: Setting<$value> = Setting { name: $name, value: PhantomData };)+

        /// Every setting, in the order of the list.
        pub(super) const ALL: &[Known] = &[$(Known {
            name: $name,
            survives_salvage: $survives,
            is_readable: |text| <$value as SettingValue>::parse(text).is_some(),
        }),+];
    };
}

settings! {
    /// The carer's name on this device.
    CARER: String = "carer", survives_salvage: true;
    /// The greatest clock reading of changes from elsewhere. Salvage computes it from the changes that it finds.
    CLOCK: Hlc = "clock", survives_salvage: false;
    /// How much the server's clock is ahead of this device's, in milliseconds.
    CLOCK_OFFSET: i64 = "clock_offset", survives_salvage: false;
    /// How far entries and edits have been scanned for the outbox.
    OUTBOX: Scanned = "outbox", survives_salvage: false;
    /// How far entries and edits have been scanned for the search index.
    INDEXED: Indexed = "indexed", survives_salvage: false;
    /// The server's address.
    SERVER: String = "server", survives_salvage: true;
    /// The key that this server showed first.
    SERVER_KEY: [u8; 32] = "server_key", survives_salvage: true;
    /// The hash of the key that will follow it.
    SERVER_NEXT: [u8; 32] = "server_next", survives_salvage: true;
    /// The keys that this server showed before it, each of which named the one behind it.
    SERVER_FORMER: KeyList = "server_former", survives_salvage: true;
    /// A server's place, and what the municipality's signed pack says of its key, with a blank between.
    NAMED_SERVER: String = "named_server", survives_salvage: true;
    /// Tickets with which notebooks begin at this server.
    TICKETS: Tickets = "tickets", survives_salvage: true;
    /// The municipality whose feed is read, and the highest edition that was seen there, as JSON.
    MUNICIPALITY: String = "municipality", survives_salvage: true;
    /// Syncs in a row that found no server.
    SYNC_FAILURES: u32 = "sync_failures", survives_salvage: false;
    /// Before this time, in milliseconds, nothing is tried in the background.
    SYNC_NOT_BEFORE: u64 = "sync_not_before", survives_salvage: false;
    /// The version of the core that read the logs; a later one may read items that this one could not.
    READ_BY: String = "read_by", survives_salvage: false;
    /// The secret of the recovery sheet, to which notebooks that begin later are added.
    RECOVERY: [u8; 16] = "recovery", survives_salvage: true;
    /// When this device last filled the recovery index entry, in milliseconds since 1970: a server deletes one that is left alone.
    RECOVERY_FILLED: u64 = "recovery_filled", survives_salvage: false;
}

/// A setting: its name on disk and the type of its value.
#[derive(Debug)]
pub(crate) struct Setting<T> {
    name: &'static str,
    value: PhantomData<fn() -> T>,
}

/// What salvage knows of a setting, whatever its type.
#[derive(Debug)]
pub(super) struct Known {
    /// Its name on disk.
    pub(super) name: &'static str,
    /// Whether a salvaged file keeps it.
    pub(super) survives_salvage: bool,
    /// Whether a text is a value of its type.
    pub(super) is_readable: fn(&str) -> bool,
}

impl<T: SettingValue> Setting<T> {
    /// Returns the value; `None` if it was never set or cannot be read.
    pub(crate) fn get(&self, connection: &Connection) -> Result<Option<T>, StoreError> {
        let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        let text: Option<String> = statement.query_row([self.name], |row| row.get(0)).optional()?;
        Ok(text.and_then(|text| T::parse(&text)))
    }

    /// Forgets the value.
    pub(crate) fn clear(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        tx.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([self.name])?;
        Ok(())
    }

    /// Writes the value.
    pub(crate) fn set(&self, tx: &Transaction<'_>, value: &T) -> Result<(), StoreError> {
        set_text(tx, self.name, &value.to_text())
    }
}

/// Writes a value that has its written form already.
pub(super) fn set_text(tx: &Transaction<'_>, name: &str, text: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([name, text])?;
    Ok(())
}

/// A type of value, with its written form.
pub(crate) trait SettingValue: Sized {
    /// Reads the written form.
    fn parse(text: &str) -> Option<Self>;
    /// Writes it.
    fn to_text(&self) -> String;
}

/// Types whose `Display` and `FromStr` are the written form.
macro_rules! written_as_displayed {
    ($($value:ty),+) => {
        $(impl SettingValue for $value {
            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn to_text(&self) -> String {
                self.to_string()
            }
        })+
    };
}
written_as_displayed!(String, u32, u64, i64, Tickets);

/// Written as its number.
impl SettingValue for Hlc {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    fn to_text(&self) -> String {
        self.0.to_string()
    }
}

/// Written as hex digits.
impl<const N: usize> SettingValue for [u8; N] {
    fn parse(text: &str) -> Option<Self> {
        crypto::from_hex(text)
    }

    fn to_text(&self) -> String {
        crypto::hex(self)
    }
}

/// Public keys, the oldest first. Written as hex digits with a blank between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct KeyList(pub(crate) Vec<[u8; 32]>);

impl SettingValue for KeyList {
    fn parse(text: &str) -> Option<Self> {
        text.split(' ').map(crypto::from_hex).collect::<Option<_>>().map(Self)
    }

    fn to_text(&self) -> String {
        self.0.iter().map(|key| crypto::hex(key)).collect::<Vec<_>>().join(" ")
    }
}

/// How far entries and edits have been scanned. Written with a comma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Scanned {
    /// Last entry (`entries.n`).
    pub(crate) entry: i64,
    /// Last edit (`edits.seq`).
    pub(crate) edit: i64,
}

impl Scanned {
    fn split(text: &str, separator: char) -> Option<Self> {
        let (entry, edit) = text.split_once(separator)?;
        Some(Self { entry: entry.parse().ok()?, edit: edit.parse().ok()? })
    }

    /// Returns the newest entry and the newest edit of the file.
    pub(super) fn newest(connection: &Connection) -> Result<Self, StoreError> {
        let sql = "SELECT (SELECT coalesce(max(n), 0) FROM entries), (SELECT coalesce(max(seq), 0) FROM edits)";
        let mut statement = connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| Ok(Self { entry: row.get(0)?, edit: row.get(1)? }))?)
    }
}

impl SettingValue for Scanned {
    fn parse(text: &str) -> Option<Self> {
        Self::split(text, ',')
    }

    fn to_text(&self) -> String {
        format!("{},{}", self.entry, self.edit)
    }
}

/// [`Scanned`], written with a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Indexed(pub(crate) Scanned);

impl SettingValue for Indexed {
    fn parse(text: &str) -> Option<Self> {
        Scanned::split(text, ' ').map(Self)
    }

    fn to_text(&self) -> String {
        format!("{} {}", self.0.entry, self.0.edit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The written form is on disk; what cannot be read is no value.
    fn is_written_as<T: SettingValue + PartialEq + std::fmt::Debug>(value: T, text: &str, unreadable: &[&str]) {
        assert_eq!(value.to_text(), text);
        assert_eq!(T::parse(text), Some(value));
        for text in unreadable {
            assert_eq!(T::parse(text), None, "{text}");
        }
    }

    #[test]
    fn each_kind_of_value_has_one_written_form() {
        is_written_as("https://例え.jp".to_owned(), "https://例え.jp", &[]);
        is_written_as(3_u32, "3", &["", "-1", "3 ", "4294967296"]);
        is_written_as(u64::MAX, "18446744073709551615", &["", "-1", "1.5"]);
        is_written_as(-86_400_000_i64, "-86400000", &["", "soon"]);
        is_written_as(Hlc(1 << 40), "1099511627776", &["", "-1"]);
        is_written_as([0x0f, 0xa0], "0fa0", &["", "0fa", "0fa000", "0fg0"]);
        let two = format!("{} {}", "01".repeat(32), "0f".repeat(32));
        is_written_as(KeyList(vec![[1; 32], [15; 32]]), &two, &["", "01", &two[1..], &format!("{two} ")]);
        is_written_as(Scanned { entry: 7, edit: 2 }, "7,2", &["", "7", "7 2", "7,2,1"]);
        is_written_as(Indexed(Scanned { entry: 7, edit: 2 }), "7 2", &["", "7", "7,2"]);
    }

    #[test]
    fn no_name_stands_twice() {
        let names: std::collections::BTreeSet<&str> = ALL.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}

//! The table of refusals: one row gives a variant its number on the wire, its key and its sentence.
//!
//! A number is frozen once it is released. A row that is new carries nothing behind its number (only `gap` does), so
//! a device that does not know it yet reads it as `Unknown` and the rest of the reply with it.

/// Declares an enum of refusals from rows of number, key, variant and sentence. A number given twice does not compile.
macro_rules! refusals {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$row_doc:meta])* $number:literal $key:literal $variant:ident
                $({ $(#[$field_doc:meta])* $field:ident: $type:ty })? $sentence:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
        pub enum $name {
            $($(#[$row_doc])* #[error($sentence)] $variant $({ $(#[$field_doc])* $field: $type })?,)*
            /// A number that this version does not know: keep what was sent, tell the carer, update the app.
            #[error("a reason that this version does not know (number {0})")]
            Unknown(u8),
        }

        impl $name {
            /// All that this version knows, by number.
            pub const ALL: &[Self] = &[$(Self::$variant $({ $field: <$type>::MIN })?),*];

            /// Returns the number on the wire.
            pub const fn number(self) -> u8 {
                match self {
                    $(Self::$variant { .. } => $number,)*
                    Self::Unknown(number) => number,
                }
            }

            /// Returns the refusal with this number; what it carries is zero.
            #[deny(unreachable_patterns)]
            pub const fn from_number(number: u8) -> Self {
                match number {
                    $($number => Self::$variant $({ $field: <$type>::MIN })?,)*
                    number => Self::Unknown(number),
                }
            }

            /// Returns the stable key, for shells and logs.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $key,)*
                    Self::Unknown(_) => "unknown",
                }
            }
        }
    };
}

pub(crate) use refusals;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::notebook::{accept, control};

    /// Numbers and keys of a table of docs/protocol.md, from the row of its heads on.
    fn documented(head: &str) -> Vec<(u8, String)> {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md")).unwrap();
        let rows =
            text.lines().skip_while(|line| !line.starts_with(head)).skip(2).take_while(|line| line.starts_with('|'));
        rows.map(|row| {
            let mut cells = row.split('|').map(str::trim).skip(1);
            let (number, key) = (cells.next().unwrap(), cells.next().unwrap());
            assert!(cells.next().is_some_and(|remedy| !remedy.is_empty()), "{key}: what the phone does");
            (number.parse().unwrap(), key.trim_matches('`').to_owned())
        })
        .collect()
    }

    #[test]
    fn the_tables_of_the_documentation_are_the_tables_of_the_code() {
        let envelopes: Vec<_> =
            accept::Refusal::ALL.iter().map(|known| (known.number(), known.key().to_owned())).collect();
        assert_eq!(documented("| number | refusal of an envelope"), envelopes);
        let statements: Vec<_> =
            control::Refusal::ALL.iter().map(|known| (known.number(), known.key().to_owned())).collect();
        assert_eq!(documented("| number | refusal of a statement"), statements);
    }

    /// A number is frozen: these are the ones of the first release.
    #[test]
    fn numbers_never_change() {
        assert_eq!(
            accept::Refusal::ALL.iter().map(|known| (known.number(), known.key())).collect::<Vec<_>>(),
            [
                (0, "other_notebook"),
                (1, "not_a_writer"),
                (2, "signature"),
                (3, "forked"),
                (4, "old_epoch"),
                (5, "clock_ahead"),
                (6, "gap"),
                (7, "sequence_taken"),
                (8, "chain"),
                (9, "not_erased"),
            ]
        );
        assert_eq!(
            control::Refusal::ALL.iter().map(|known| (known.number(), known.key())).take(13).collect::<Vec<_>>(),
            [
                (0, "head_moved"),
                (1, "other_notebook"),
                (2, "not_a_holder"),
                (3, "signature"),
                (4, "not_allowed"),
                (5, "expired"),
                (6, "known_keys"),
                (7, "no_such_holder"),
                (8, "last_owner"),
                (9, "wraps"),
                (10, "limit"),
                (11, "weak_keys"),
                (12, "senior"),
            ]
        );
    }

    #[test]
    fn every_number_comes_back_and_a_new_one_is_unknown() {
        for number in 0..=u8::MAX {
            let (envelope, statement) = (accept::Refusal::from_number(number), control::Refusal::from_number(number));
            assert_eq!((envelope.number(), statement.number()), (number, number));
            assert_eq!(accept::Refusal::ALL.contains(&envelope), envelope != accept::Refusal::Unknown(number));
            assert_eq!(control::Refusal::ALL.contains(&statement), statement != control::Refusal::Unknown(number));
        }
        assert_eq!(accept::Refusal::from_number(10), accept::Refusal::Unknown(10));
        assert_eq!(control::Refusal::from_number(13), control::Refusal::Unknown(13));
        let keys: BTreeSet<&str> = accept::Refusal::ALL.iter().map(|known| known.key()).collect();
        assert_eq!(keys.len(), accept::Refusal::ALL.len(), "a key for each");
    }
}

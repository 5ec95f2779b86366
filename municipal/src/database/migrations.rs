//! The tables: files of SQL, numbered, each done once and in its order; a released file is never edited.

/// One file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// The version that it leads to.
    pub number: u32,
    /// Its text.
    pub sql: &'static str,
}

/// All of them, in their order.
pub const ALL: &[Migration] = &[
    Migration { number: 1, sql: include_str!("migrations/0001_threads.sql") },
    Migration { number: 2, sql: include_str!("migrations/0002_audit.sql") },
    Migration { number: 3, sql: include_str!("migrations/0003_staff.sql") },
    Migration { number: 4, sql: include_str!("migrations/0004_words.sql") },
];

/// The version of the newest tables.
pub const VERSION: u32 = ALL.len() as u32;

/// What a table is, as its file says above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// How long its rows are kept, in words.
    pub term: &'static str,
    /// Whether rows are only ever added: the server's own role can neither change nor delete one.
    pub only_grows: bool,
}

impl Migration {
    /// Returns the tables that it makes.
    pub fn tables(&self) -> impl Iterator<Item = Table> {
        let lines = self.sql.lines();
        let kept = lines.filter_map(|line| line.strip_prefix("-- keeps ")?.split_once(": "));
        kept.map(|(name, term)| Table { name, term, only_grows: term.ends_with("only grows") })
    }
}

/// Returns all tables.
pub fn tables() -> impl Iterator<Item = Table> {
    ALL.iter().flat_map(Migration::tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_says_how_long_it_is_kept_and_begins_its_keys_with_the_tenant() {
        for (place, migration) in ALL.iter().enumerate() {
            assert_eq!(migration.number as usize, place + 1);
            let made: Vec<&str> = migration
                .sql
                .lines()
                .filter_map(|line| line.strip_prefix("CREATE TABLE ").map(|rest| rest.trim_end_matches(" (")))
                .collect();
            let kept: Vec<&str> = migration.tables().map(|table| table.name).collect();
            assert_eq!(made, kept, "each CREATE TABLE has its line \"-- keeps NAME: TERM\" above it");
            for line in migration.sql.lines().map(str::trim) {
                for key in ["PRIMARY KEY (", "UNIQUE (", "FOREIGN KEY ("] {
                    let Some(rest) = line.strip_prefix(key) else { continue };
                    assert!(rest.starts_with("tenant, "), "a key that does not begin with the tenant: {line}");
                }
                let index = line.split_once(" ON ").filter(|_| line.starts_with("CREATE"));
                assert!(index.is_none_or(|(_, on)| on.contains("(tenant, ")), "{line}");
            }
            let tenants = migration.sql.matches("    tenant TEXT NOT NULL CHECK (tenant <> ''),").count();
            assert_eq!(tenants, made.len(), "each table has a tenant");
        }
        assert!(tables().all(|table| table.term.len() > 10), "a term in words");
    }
}

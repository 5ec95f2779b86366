//! Every statement of the municipality's side, so that tests can run each of them as it is and as it must not be.

use crate::database::Statement;
use crate::{audit, roster, sealing, staff, thread};

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Statement> {
    [
        roster::kept::STATEMENTS,
        thread::kept::STATEMENTS,
        audit::kept::STATEMENTS,
        staff::kept::STATEMENTS[0],
        staff::kept::STATEMENTS[1],
        sealing::kept::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_statement_has_a_name_of_its_own_and_asks_for_the_tenant_first() {
        let names: BTreeSet<&str> = all().map(|statement| statement.name).collect();
        assert_eq!(names.len(), all().count());
        for statement in all() {
            let text = statement.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let tables =
                ["FROM ", "INSERT INTO ", "UPDATE "].map(|word| text.matches(word).count()).iter().sum::<usize>();
            let updates = text.matches("DO UPDATE ").count();
            let asked = text.matches("WHERE tenant = $1").count() + text.matches("VALUES ($1, ").count();
            assert_eq!(asked, tables - updates, "{}: {text}", statement.name);
        }
    }
}

//! PostgreSQL: one database for all tenants, kept apart by row-level security that also binds the owner of the tables.
//!
//! Two roles: the *owner* makes the tables and does nothing else; the *runtime role* is the server's, and is none of owner, superuser
//! and exempt from row-level security. Where no tenant is set, there are zero rows.

use crate::database::migrations::{Migration, Table};

/// The setting by which a transaction says whose it is. It ends with the transaction.
pub const SETTING: &str = "ayumi.tenant";

/// Begins a transaction that writes. What takes too long ends, in case whoever began it is gone.
pub const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
     SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL statement_timeout = '30s'";
/// Begins one that reads, all of it at one moment.
pub const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
     SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL statement_timeout = '30s'";
/// Says whose the transaction is, until it ends. The only place where a tenant is set.
pub const SET_TENANT: &str = "SELECT set_config('ayumi.tenant', $1, true)";
/// Lets one transaction that writes after the other into a tenant; ends with it.
pub const ONE_WRITER: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 4179))";
/// Makes it last.
pub const COMMIT: &str = "COMMIT";
/// Takes it back.
pub const ROLL_BACK: &str = "ROLLBACK";

/// Keeps two processes from making tables at once.
pub const ONE_MIGRATION: &str = "SELECT pg_advisory_xact_lock(4179001)";
/// Makes the table of the version, the only one without a tenant.
pub const VERSION_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
/// Returns the version of the tables.
pub const VERSION: &str = "SELECT COALESCE(max(version), 0) FROM schema_version";

/// What the role of this connection may that it must not: superuser, exempt, owner of a table or of a schema.
pub const ROLE: &str = "SELECT \
     (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), \
     (SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user), \
     EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND pg_has_role(current_user, c.relowner, 'MEMBER')), \
     EXISTS (SELECT 1 FROM pg_roles r WHERE (r.rolsuper OR r.rolbypassrls) AND pg_has_role(current_user, r.oid, 'MEMBER'))";
/// Lists tables of which somebody could read or write all tenants: not enabled, not forced, or a policy that is another one.
pub const NOT_FORCED: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname <> 'schema_version' \
     AND NOT (c.relrowsecurity AND c.relforcerowsecurity \
              AND 1 = (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) \
              AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'of_the_tenant' AND p.polcmd = '*' \
                          AND pg_get_expr(p.polqual, p.polrelid) = '(tenant = current_setting(''ayumi.tenant''::text, true))' \
                          AND pg_get_expr(p.polwithcheck, p.polrelid) = '(tenant = current_setting(''ayumi.tenant''::text, true))')) \
     ORDER BY 1";

/// Binds a table to the tenant of the transaction, also for its owner, and lets the runtime role use it. `role` is a name of a role
/// that was verified to be plain.
fn bind(table: &Table, role: &str) -> String {
    let name = table.name;
    let rights = if table.only_grows { "SELECT, INSERT" } else { "SELECT, INSERT, UPDATE, DELETE" };
    format!(
        "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
         CREATE POLICY of_the_tenant ON {name} USING (tenant = current_setting('{SETTING}', true))
             WITH CHECK (tenant = current_setting('{SETTING}', true));
         GRANT {rights} ON {name} TO {role};"
    )
}

/// Returns a migration as PostgreSQL is to be told it, for the runtime role of this name; `None` if the name is not plain.
pub fn migration(migration: &Migration, role: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_plain = role.bytes().all(plain) && role.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
    let binds: String = migration.tables().map(|table| bind(&table, role)).collect();
    let version = format!(
        "INSERT INTO schema_version (version) VALUES ({}); GRANT SELECT ON schema_version TO {role};",
        migration.number
    );
    (is_plain && role.len() <= 63).then(|| [migration.sql, &binds, &version].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_role_is_never_read_as_sql() {
        let one = crate::database::migrations::ALL[0];
        assert!(migration(&one, "ayumi_office").is_some());
        for name in ["", "a; DROP TABLE threads", "\"x\"", "1a", "Ayumi", "público", &"a".repeat(64)] {
            assert_eq!(migration(&one, name), None, "{name}");
        }
    }
}

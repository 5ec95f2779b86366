//! PostgreSQL: with which roles the server starts, and what row-level security does where a transaction says no tenant.

use ayumi_municipal::database::migrations;
use ayumi_server::municipal::{PostgresOffice, StartError};
use tokio::runtime::Runtime;

use crate::apart::town;
use crate::place::{OWNER, Open, Place, Postgres, RUNTIME};
use crate::walk::Kept;

fn start(place: &Postgres, role: &str) -> Result<(), StartError> {
    Runtime::new().unwrap().block_on(PostgresOffice::open(&place.address(role))).map(drop)
}

#[test]
fn a_role_that_could_read_all_municipalities_does_not_start() {
    let place = Postgres::new();
    assert_eq!(start(&place, RUNTIME), Ok(()));
    assert_eq!(start(&place, "ayumi"), Err(StartError::Superuser));
    assert_eq!(start(&place, OWNER), Err(StartError::Owner));
    let roles = format!(
        "CREATE ROLE exempt LOGIN BYPASSRLS; GRANT {RUNTIME} TO exempt; CREATE ROLE heir LOGIN; GRANT {OWNER} TO heir;
         CREATE ROLE climber LOGIN; GRANT ayumi TO climber; CREATE ROLE sly LOGIN; GRANT exempt TO sly"
    );
    place.ask("ayumi", &roles).unwrap();
    assert_eq!(start(&place, "exempt"), Err(StartError::Exempt));
    assert_eq!(start(&place, "heir"), Err(StartError::Owner), "who may become the owner");
    assert_eq!(start(&place, "climber"), Err(StartError::Superuser), "who may become a superuser");
    assert_eq!(start(&place, "sly"), Err(StartError::Superuser), "who may become somebody exempt");
}

#[test]
fn a_table_that_is_not_bound_to_the_tenant_stops_the_start() {
    for (break_it, mend_it) in [
        ("ALTER TABLE threads NO FORCE ROW LEVEL SECURITY", "ALTER TABLE threads FORCE ROW LEVEL SECURITY"),
        ("ALTER TABLE slots DISABLE ROW LEVEL SECURITY", "ALTER TABLE slots ENABLE ROW LEVEL SECURITY"),
        ("CREATE POLICY more ON threads USING (true)", "DROP POLICY more ON threads"),
        ("CREATE TABLE notes (tenant TEXT, words TEXT)", "DROP TABLE notes"),
        (
            "ALTER POLICY of_the_tenant ON threads USING (true)",
            "ALTER POLICY of_the_tenant ON threads USING (tenant = current_setting('ayumi.tenant', true))",
        ),
        (
            "ALTER POLICY of_the_tenant ON threads WITH CHECK (true)",
            "ALTER POLICY of_the_tenant ON threads WITH CHECK (tenant = current_setting('ayumi.tenant', true))",
        ),
    ] {
        let place = Postgres::new();
        place.ask("ayumi", break_it).unwrap();
        assert_eq!(start(&place, RUNTIME), Err(StartError::NotForced), "{break_it}");
        place.ask("ayumi", mend_it).unwrap();
        assert_eq!(start(&place, RUNTIME), Ok(()), "{mend_it}");
    }
}

/// The list comes from the database's own catalogue, and not from ours.
#[test]
fn every_table_forces_row_level_security_but_the_one_of_the_version() {
    let place = Postgres::new();
    let free = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                AND NOT (relrowsecurity AND relforcerowsecurity)";
    assert_eq!(place.ask("ayumi", free).unwrap(), "schema_version");
    let forced =
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity ORDER BY 1";
    let mut tables: Vec<&str> = migrations::tables().map(|table| table.name).collect();
    tables.sort_unstable();
    assert_eq!(place.ask("ayumi", forced).unwrap().lines().collect::<Vec<_>>(), tables);
    assert!(
        place.ask(RUNTIME, "INSERT INTO schema_version (version) VALUES (99)").is_err(),
        "and that one is only read"
    );
}

#[test]
fn where_no_tenant_is_set_there_are_no_rows_also_for_the_owner() {
    let open = Open::<Postgres>::new();
    Kept::new(&open, 0, town(1, 1));
    let place = &open.place;
    for table in migrations::tables().map(|table| table.name) {
        for role in [RUNTIME, OWNER] {
            let count = format!("SELECT count(*) FROM {table}");
            assert_eq!(place.ask(role, &count).unwrap(), "0", "{role} {table}");
            // A setting that was there in this session, and is not any more.
            let after = format!(
                "BEGIN; SELECT set_config('ayumi.tenant', 'jp.131032', true); COMMIT; SELECT count(*) FROM {table}"
            );
            assert_eq!(place.ask(role, &after).unwrap().lines().last(), Some("0"), "{role} {table}");
        }
    }
    assert_ne!(place.ask("ayumi", "SELECT count(*) FROM threads").unwrap(), "0", "they are there");
    let insert = "INSERT INTO slots (tenant, staff, desk, starts_at, ends_at)
                  VALUES ('jp.131032', decode(repeat('00', 16), 'hex'), 'x', 1, 2)";
    let said = place.ask(RUNTIME, insert).unwrap_err();
    assert!(said.contains("row-level security"), "{said}");
}

#[test]
fn tables_of_another_version_or_none_are_refused() {
    let empty = Postgres::empty();
    assert_eq!(start(&empty, RUNTIME), Err(StartError::OtherVersion));
    let place = Postgres::new();
    place.ask("ayumi", "INSERT INTO schema_version (version) VALUES (99)").unwrap();
    assert_eq!(start(&place, RUNTIME), Err(StartError::OtherVersion));
    let runtime = Runtime::new().unwrap();
    let again = Postgres::new();
    let migrate = |role: &str| runtime.block_on(PostgresOffice::migrate(&again.address(OWNER), role));
    assert_eq!(migrate(RUNTIME), Ok(()), "what is there already is left");
    assert_eq!(runtime.block_on(PostgresOffice::migrate(&empty.address(OWNER), "a; DROP")), Err(StartError::Role));
}

//! Brings the schema up to date: forward only, checksummed, refused when the database is newer than the program.

use rusqlite::Connection;

use super::StoreError;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Applies what is missing.
///
/// # Errors
/// [`StoreError`] when the database is newer than this program, an applied migration was edited, or SQL fails.
pub(super) fn up(connection: &mut Connection) -> Result<(), StoreError> {
    let known = known();
    let found = applied(connection)?;
    if found > known {
        return Err(StoreError::newer(found, known));
    }
    if found == known {
        return Ok(());
    }
    embedded::migrations::runner()
        .run(connection)
        .map(drop)
        .map_err(|e| StoreError::other(format!("migration failed: {e}")))
}

/// The newest migration this program has.
pub(super) fn known() -> i32 {
    let runner = embedded::migrations::runner();
    runner.get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0)
}

/// The newest migration this database has; 0 for none.
pub(super) fn applied(connection: &Connection) -> Result<i32, StoreError> {
    let known_table = "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    let there: i64 = connection.query_row(known_table, [], |r| r.get(0))?;
    if there == 0 {
        return Ok(0);
    }
    let newest = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
    Ok(connection.query_row(newest, [], |r| r.get(0))?)
}

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
    run(connection, &embedded::migrations::runner())
}

/// A table that others name can only be built anew while nobody checks that they do; they are checked before anything else
/// happens.
fn run(connection: &mut Connection, runner: &refinery::Runner) -> Result<(), StoreError> {
    let enforced: bool = connection.pragma_query_value(None, "foreign_keys", |r| r.get(0))?;
    connection.pragma_update(None, "foreign_keys", false)?;
    let ran = runner.run(connection).map_err(|e| StoreError::other(format!("migration failed: {e}")));
    connection.pragma_update(None, "foreign_keys", enforced)?;
    ran?;
    let mut loose = connection.prepare("SELECT 1 FROM pragma_foreign_key_check LIMIT 1")?;
    if loose.exists([])? {
        return Err(StoreError::corrupt("after the migration, a row names another that is not there"));
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_answers_name_survive_being_moved() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        run(&mut connection, &embedded::migrations::runner().set_target(refinery::Target::Version(3)))
            .unwrap();
        let before = "INSERT INTO patient (reference, preferred_name, birth_on, language, zone, status_at, created_at) \
                      VALUES ('A-1', 'Ana', '1970-01-01', 'en', 'UTC', 0, 0); \
                      INSERT INTO checklist_version (id, checklist, version, content, published_at) VALUES (1, 'c', 'v', '', 0); \
                      INSERT INTO link (id, digest, purpose, patient_id, generation, expires_at, state) \
                      VALUES (7, x'01', 'changed', 1, 0, 0, 'dead'); \
                      INSERT INTO response (patient_id, link_id, checklist_version_id, who, nonce, state, pages, answers, \
                      mode, began_at, answered_at, answered_on) \
                      VALUES (1, 7, 1, 'self', 'n', 'submitted', 1, '{}', 'education', 0, 0, '2026-01-01'); \
                      INSERT INTO delivery (id, audience, purpose, patient_id, local_on, priority, state, reason, expires_at, \
                      message_id, recipient, inputs, created_at, ended_at) \
                      VALUES (3, 'patient', 'reminders', 1, '2026-01-01', 3, 'sent', NULL, 0, 'm', 'a@b.example', '{}', 0, 0), \
                      (4, 'patient', 'reminders', 1, '2026-01-02', 3, 'failed', 'no', 0, 'm', NULL, NULL, 0, 0)";
        connection.execute_batch(before).unwrap();
        up(&mut connection).unwrap();
        let kept: i64 =
            connection.query_row("SELECT id FROM link WHERE digest = x'01'", [], |r| r.get(0)).unwrap();
        assert_eq!((kept, applied(&connection).unwrap()), (7, known()));
        let state = connection.query_row("SELECT state FROM link", [], |r| r.get::<_, String>(0)).unwrap();
        assert_eq!(state, "open", "an undone death leaves no link dead");
        let sealed = "SELECT group_concat(delivery_id || recipient || inputs) FROM sealed";
        let words: String = connection.query_row(sealed, [], |r| r.get(0)).unwrap();
        let freed = "SELECT group_concat(id) FROM delivery WHERE frees_day = 1";
        assert_eq!(words, "3a@b.example{}");
        assert_eq!(connection.query_row(freed, [], |r| r.get::<_, String>(0)).unwrap(), "4");
        assert!(connection.pragma_query_value(None, "foreign_keys", |r| r.get::<_, bool>(0)).unwrap());
    }

    #[test]
    fn a_lock_on_her_links_becomes_her_own_and_her_answers_stay() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        let before = refinery::Target::Version(13);
        run(&mut connection, &embedded::migrations::runner().set_target(before)).unwrap();
        let rows = "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status_at, created_at) \
                    VALUES (1, 'A-1', 'Ana', '1970-01-01', 'en', 'UTC', 0, 0), (2, 'A-2', 'Bea', '1970-01-01', 'en', 'UTC', 0, 0); \
                    INSERT INTO checklist_version (id, checklist, version, content, published_at) VALUES (1, 'c', 'v', '', 0); \
                    INSERT INTO link (id, digest, purpose, patient_id, generation, expires_at, state) \
                    VALUES (7, x'01', 'changed', 1, 0, 0, 'locked'), (8, x'02', 'changed', 2, 0, 0, 'open'); \
                    INSERT INTO response (id, patient_id, link_id, checklist_version_id, who, nonce, state, pages, answers, \
                    mode, began_at, answered_at, answered_on) \
                    VALUES (5, 1, 7, 1, 'self', 'n', 'submitted', 1, '{}', 'education', 0, 0, '2026-01-01'); \
                    INSERT INTO known_mark (patient_id, code, from_on, until_on, marked_by) \
                    VALUES (1, 'S2', '2026-01-01', '2026-03-01', 'staff:dana')";
        connection.execute_batch(rows).unwrap();
        up(&mut connection).unwrap();
        let one = |ask: &str| connection.query_row(ask, [], |r| r.get::<_, String>(0)).unwrap();
        assert_eq!(one("SELECT group_concat(patient_id) FROM form_lock"), "1");
        assert_eq!(one("SELECT group_concat(state) FROM link"), "open,open");
        assert_eq!(one("SELECT id || nonce || revision FROM response"), "5n0");
        assert_eq!(one("SELECT code || coalesce(score, '-') FROM known_mark"), "S2-");
        let twin = "INSERT INTO response (patient_id, checklist_version_id, who, nonce, revision, state, pages, answers, mode, \
                    began_at, answered_at, answered_on) VALUES (1, 1, 'self', 'n', ?, 'partial', 0, '{}', 'education', 0, 0, '')";
        assert!(connection.execute(twin, [0]).is_err() && connection.execute(twin, [1]).is_ok());
    }
}

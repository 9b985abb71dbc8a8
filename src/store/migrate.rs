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
    fn alerts_that_ring_are_taken_on_or_wait_to_call_go_on_where_they_were() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        run(&mut connection, &embedded::migrations::runner().set_target(refinery::Target::Version(14)))
            .unwrap();
        let before = "INSERT INTO patient (reference, preferred_name, birth_on, language, zone, status_at, created_at) \
            VALUES ('A-1', 'Ana', '1970-01-01', 'en', 'UTC', 0, 0); \
            INSERT INTO alert (id, patient_id, audience, tier, state, raised_at, due_at, ringing_since, told, notices, \
              last_notice_at, next_notice_at, acknowledged_by, acknowledged_at) VALUES \
              (1, 1, 'ladder', 'urgent', 'raised', 100, 900, 100, 2, 3, 300, 700, NULL, NULL), \
              (2, 1, 'ladder', 'emergency', 'acknowledged', 100, 900, 100, 1, 1, 100, NULL, 'staff:nora', 200), \
              (3, 1, 'ladder', NULL, 'acknowledged', 100, 900, 100, 1, 1, 100, NULL, 'staff:nora', 200); \
            INSERT INTO delivery (id, audience, purpose, local_on, priority, state, expires_at, next_at, created_at) \
              VALUES (7, 'staff', 'alert', '2026-01-01', 0, 'pending', 9, 1, 0); \
            INSERT INTO sealed (delivery_id, recipient) VALUES (7, 'nurse@clinic.example'); \
            INSERT INTO webhook_call (id, url, body, state, next_at, expires_at, created_at) VALUES \
              (1, 'https://a.example/x', '{}', 'pending', 1, 9, 1), (2, 'https://a.example/x', '{}', 'pending', 2, 9, 2); \
            INSERT INTO alert_notice (alert_id, why, channel, rung, delivery_id, webhook_id, told_at) VALUES \
              (1, 'rung', 'email', 'nurse', 7, NULL, 100), (1, 'rung', 'webhook', 'nurse', NULL, 1, 100), \
              (1, 'again', 'email', 'nurse', 7, NULL, 200), (1, 'again', 'webhook', 'nurse', NULL, 2, 200), \
              (1, 'everyone', 'email', 'doctor', NULL, NULL, 300)";
        connection.execute_batch(before).unwrap();
        up(&mut connection).unwrap();
        let words = |ask: &str| connection.query_row(ask, [], |r| r.get::<_, String>(0)).unwrap();
        let clocks = "SELECT group_concat(coalesce(next_notice_at, '-') || '/' || coalesce(everyone_at, '-'), ' ') FROM alert";
        assert_eq!(words(clocks), "700/300 900/- -/-");
        let told = "SELECT group_concat(name || '=' || address, ' ') FROM alert_rung WHERE alert_id = 1";
        assert_eq!(words(told), "nurse=nurse@clinic.example doctor=");
        let calls = "SELECT group_concat(id || state || alert_id, ' ') FROM webhook_call";
        assert_eq!(words(calls), "1superseded1 2pending1");
        let loose = "SELECT count(*) FROM pragma_foreign_key_check";
        assert_eq!(connection.query_row(loose, [], |r| r.get::<_, i64>(0)).unwrap(), 0);
    }
}

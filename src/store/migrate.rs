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
    fn letters_that_went_round_in_doubt_come_to_an_end_with_a_task() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &embedded::migrations::runner().set_target(refinery::Target::Version(9)))
            .unwrap();
        let before = "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status_at, created_at) \
                      VALUES (1, 'A-1', 'Ana', '1970-01-01', 'en', 'UTC', 0, 0); \
                      INSERT INTO protocol_version VALUES (1, 'p', 'v', '', 0); \
                      INSERT INTO enrolment (id, patient_id, protocol_version_id, protocol, anchor_on, state, opened_at) \
                      VALUES (1, 1, 1, 'p', '2026-01-01', 'active', 0); \
                      INSERT INTO follow_up (id, enrolment_id, patient_id, series, number, kind, due_on, opens_on, closes_on, state, \
                      promised_from) VALUES (1, 1, 1, 'visit', 1, 'visit', '2026-01-01', '2026-01-01', '2026-01-01', 'planned', 0); \
                      INSERT INTO delivery (id, audience, purpose, patient_id, local_on, priority, state, next_at, expires_at, \
                      lease_until, attempt, doubts, message_id, created_at, ended_at, reason, frees_day) VALUES \
                      (1, 'patient', 'reminders', 1, '2026-01-01', 3, 'pending', 50, 99, NULL, 5, 5, 'm', 0, NULL, NULL, 0), \
                      (2, 'patient', 'reminders', 1, '2026-01-02', 3, 'claimed', NULL, 99, 60, 3, 2, 'm', 0, NULL, NULL, 0), \
                      (3, 'patient', 'reminders', 1, '2026-01-03', 3, 'pending', 70, 99, NULL, 1, 1, 'm', 0, NULL, NULL, 0), \
                      (4, 'patient', 'reminders', 1, '2026-01-04', 3, 'lapsed', NULL, 99, NULL, 9, 9, 'm', 0, 80, 'late', 1); \
                      INSERT INTO attempt VALUES (1, 1, 7, 'unknown', NULL, NULL, ''), (1, 2, 8, 'unknown', NULL, NULL, ''); \
                      INSERT INTO reminder (follow_up_id, patient_id, trigger, step, basis_on, send_on, send_at, expires_at, state, \
                      delivery_id) VALUES (1, 1, 'remind', 'book', '', '', 0, 0, 'due', 1), (1, 1, 'remind', 'again', '', '', 0, 0, 'due', 2)";
        connection.execute_batch(before).unwrap();
        up(&mut connection).unwrap();
        let stands = "SELECT group_concat(id || state || doubts || '@' || in_doubt_at, ' ') FROM delivery";
        let stands: String = connection.query_row(stands, [], |r| r.get(0)).unwrap();
        assert_eq!(stands, "1unknown5@7 2unknown3@60 4lapsed9@80");
        let waits = "SELECT state || doubts FROM delivery WHERE id = 3";
        assert_eq!(connection.query_row(waits, [], |r| r.get::<_, String>(0)).unwrap(), "pending1");
        let asked = "SELECT group_concat(cause) FROM task WHERE kind = 'letter-unknown' AND state = 'open'";
        let asked: String = connection.query_row(asked, [], |r| r.get(0)).unwrap();
        assert_eq!(asked, "delivery/1,delivery/2");
        connection
            .execute(
                "UPDATE delivery SET state = 'claimed', next_at = NULL, lease_until = 1 WHERE id = 3",
                [],
            )
            .unwrap();
        let third = "UPDATE delivery SET state = 'pending', next_at = 1, ended_at = NULL WHERE id = 1";
        assert!(connection.execute(third, []).unwrap_err().to_string().contains("CHECK"));
    }
}

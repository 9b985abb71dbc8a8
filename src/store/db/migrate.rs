//! Brings the schema up to date: forward only, checksummed, refused when the database is newer than the program.

use std::cell::Cell;

use rusqlite::Connection;

use crate::store::db::transaction::View;
use crate::store::error::StoreError;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Applies what is missing.
///
/// # Errors
/// [`StoreError`] when the database is newer than this program, an applied migration was edited, or SQL fails.
pub(in crate::store) fn up(connection: &mut Connection) -> Result<(), StoreError> {
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

/// A new database in memory, of that version.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::store::db) fn as_of(version: i32) -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    to(&mut connection, version)?;
    Ok(connection)
}

/// Applies what is missing up to that version.
///
/// # Errors
/// As [`up`].
pub(in crate::store::db) fn to(connection: &mut Connection, version: i32) -> Result<(), StoreError> {
    let upto = refinery::Target::Version(version);
    run(connection, &embedded::migrations::runner().set_target(upto))
}

impl View<'_> {
    /// Whether a table is there; not every one is in a database of an older version.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub(in crate::store) fn has_table(&self, name: &str) -> Result<bool, StoreError> {
        let ask = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?)";
        Ok(self.sql.query_row(ask, [name], |r| r.get(0))?)
    }
}

/// Refuses a schema that is not this program's.
///
/// # Errors
/// [`StoreError`] when the database is older or newer than this program.
pub(in crate::store) fn is_known(connection: &Connection) -> Result<(), StoreError> {
    let (found, known) = (applied(connection)?, known());
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(StoreError::older(found, known)),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::newer(found, known)),
    }
}

/// Notices that somebody brought the schema further while this program works with it.
pub(in crate::store) struct NewerSchema {
    seen: Cell<i64>,
}

impl NewerSchema {
    pub(in crate::store) const fn new() -> Self {
        Self { seen: Cell::new(-1) }
    }

    /// Refuses to go on under a schema of a later program. Costs one number of the file's head as long as nothing changed.
    ///
    /// # Errors
    /// [`StoreError`] when the schema is newer, or SQL fails.
    pub(in crate::store) fn look(&self, connection: &Connection) -> Result<(), StoreError> {
        let now: i64 = connection.prepare_cached("PRAGMA schema_version")?.query_row([], |r| r.get(0))?;
        if now == self.seen.get() {
            return Ok(());
        }
        let (found, known) = (applied(connection)?, known());
        if found > known {
            return Err(StoreError::newer(found, known));
        }
        self.seen.set(now);
        Ok(())
    }
}

/// A table that others name can only be built anew while nobody checks that they do; they are
/// checked before anything else happens.
fn run(connection: &mut Connection, runner: &refinery::Runner) -> Result<(), StoreError> {
    let enforced: bool = connection.pragma_query_value(None, "foreign_keys", |r| r.get(0))?;
    connection.pragma_update(None, "foreign_keys", false)?;
    // An index over millions of rows is sorted on the disk: in memory it would take more than the daemon is given.
    connection.pragma_update(None, "temp_store", "FILE")?;
    let ran = runner.run(connection).map_err(|e| StoreError::other(format!("migration failed: {e}")));
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "foreign_keys", enforced)?;
    ran?;
    let mut loose = connection.prepare("SELECT 1 FROM pragma_foreign_key_check LIMIT 1")?;
    if loose.exists([])? {
        return Err(StoreError::damaged("after the migration, a row names another that is not there"));
    }
    Ok(())
}

/// The newest migration this program has. A number, because it is asked at each start: whoever asks the runner digests every
/// migration and keeps a third of a megabyte for it.
pub(in crate::store) const fn known() -> i32 {
    68
}

/// The newest migration this database has; 0 for none.
pub(in crate::store) fn applied(connection: &Connection) -> Result<i32, StoreError> {
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
    fn the_newest_migration_is_the_one_that_is_named() {
        let runner = embedded::migrations::runner();
        assert_eq!(runner.get_migrations().iter().map(refinery::Migration::version).max(), Some(known()));
    }

    #[test]
    fn every_account_keeps_its_role_when_the_roles_grow() {
        let mut connection = Connection::open_in_memory().unwrap();
        let before = embedded::migrations::runner().set_target(refinery::Target::Version(20));
        run(&mut connection, &before).unwrap();
        let old = "INSERT INTO staff (name, email, role, password, totp_secret, created_at) VALUES \
                   ('dora', 'd@clinic.example', 'doctor', 'x', 'y', 1), ('adam', 'a@clinic.example', 'admin', 'x', 'y', 1);
                   INSERT INTO session VALUES (x'01', 1, 1, 1, 1)";
        connection.execute_batch(old).unwrap();
        up(&mut connection).unwrap();
        let kept = "SELECT group_concat(name || ' ' || role, ', ' ORDER BY id) FROM staff";
        let kept: String = connection.query_row(kept, [], |r| r.get(0)).unwrap();
        assert_eq!(kept, "dora doctor, adam admin");
        connection.execute("UPDATE staff SET role = 'viewer'", []).unwrap();
        assert!(connection.execute("UPDATE staff SET role = 'root'", []).is_err());
    }

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
    fn whoever_may_have_died_by_the_sentence_of_her_pause_may_have_by_a_word_of_its_own() {
        use crate::care::record::suspected_death::SuspectedDeath;
        let mut connection = Connection::open_in_memory().unwrap();
        to(&mut connection, 66).unwrap();
        let told = [SuspectedDeath::Message, SuspectedDeath::Address, SuspectedDeath::Alike];
        let carried =
            |told: SuspectedDeath| format!("recorded before a backup was restored: {}", told.reason());
        let mut expected = Vec::new();
        let mut pause = |status: &str, reason: String, word: Option<SuspectedDeath>| {
            let her = "INSERT INTO patient (reference, preferred_name, birth_on, language, zone, status, status_reason, status_at, \
                       created_at) VALUES (?1, 'Ana', '1970-01-01', 'en', 'UTC', ?2, ?3, 0, 0)";
            connection.execute(her, (format!("A-{}", expected.len()), status, reason)).unwrap();
            expected.push(word.map(|word| word.word().to_owned()));
        };
        for told in told {
            pause("paused", told.reason().to_owned(), Some(told));
            pause("paused", carried(told), Some(told));
            pause("deceased", told.reason().to_owned(), None);
        }
        pause("paused", "travels".to_owned(), None);
        up(&mut connection).unwrap();
        let mut found = connection.prepare("SELECT suspected_death FROM patient ORDER BY id").unwrap();
        let found: Vec<Option<String>> =
            found.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, expected);
        assert!(
            connection.execute("UPDATE patient SET status = 'active'", []).is_err(),
            "word and pause end as one"
        );
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

    #[test]
    fn whose_plan_stood_still_because_no_letter_may_leave_goes_on_from_the_last_instant_on_record() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &embedded::migrations::runner().set_target(refinery::Target::Version(47)))
            .unwrap();
        let before = "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status, status_at, created_at) \
                      VALUES (1, 'A-1', 'Ana', '1970-01-01', 'en', 'UTC', 'opted_out_email', 0, 0), \
                      (2, 'A-2', 'Bea', '1970-01-01', 'en', 'UTC', 'transferred', 0, 0), \
                      (3, 'A-3', 'Eve', '1970-01-01', 'en', 'UTC', 'address_bad', 0, 0); \
                      INSERT INTO protocol_version VALUES (1, 'p', 'v', '', 0); \
                      INSERT INTO enrolment (id, patient_id, protocol_version_id, protocol, anchor_on, state, opened_at) \
                      SELECT id, id, 1, 'p', '2026-01-01', 'active', 0 FROM patient; \
                      INSERT INTO follow_up (enrolment_id, patient_id, series, number, kind, due_on, opens_on, closes_on, state, \
                      promised_from) SELECT id, id, 'visit', 1, 'visit', '2026-01-01', '2026-01-01', '2026-01-01', 'planned', 5 \
                      FROM patient; \
                      INSERT INTO audit_event (at, actor, action, subject, detail, hash) \
                      VALUES (70, 'daemon', 'x', 'y', '{}', x'01')";
        connection.execute_batch(before).unwrap();
        up(&mut connection).unwrap();
        let stands = "SELECT group_concat(patient_id || '@' || promised_from || '/' || coalesce(next_at, '-'), ' ' ORDER BY patient_id) FROM follow_up";
        let stands: String = connection.query_row(stands, [], |r| r.get(0)).unwrap();
        assert_eq!(stands, "1@70/70 2@5/- 3@70/70");
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

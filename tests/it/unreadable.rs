//! One row of rubbish, in any column of any table, stops nobody else: everyone else gets her letters, staff get theirs and calls
//! are made, every list and export goes on, she can be recorded as deceased, and a person is told which row it is.

use aftercare::care::actor::Actor;
use aftercare::daemon::demo::folder;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use aftercare::care::patient::{PatientId, PatientStatus};
use aftercare::care::task::TaskKind;
use aftercare::clock::{ManualClock, SeededEntropy};
use aftercare::config::Config;
use aftercare::config::sources::Sources;
use aftercare::daemon::assembly::engine::{Engine, EngineFault, World};
use aftercare::daemon::demo;
use aftercare::daemon::demo::folder::DemoFolder;
use aftercare::daemon::pass::{call, pass};
use aftercare::exchange::fhir::bundle;
use aftercare::exchange::roster::write::{self as roster, ExportTerms};
use aftercare::exchange::webhook::client::WebhookClient;
use aftercare::journey::delivery::failure::recover_leases::LostLeases;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::operations::unreadable_rows;
use aftercare::journey::patients::status;
use aftercare::journey::status_change::StatusChange;
use aftercare::mail::spool::{Durability, Spool};
use aftercare::store::database::{OpenMode, Store};
use aftercare::store::db::transaction::{Stamp, Tx, View};
use aftercare::store::error::StoreError;
use aftercare::store::people::nonresponse::SilenceFilter;
use aftercare::store::work::task_pages::TaskFilter;
use aftercare::store::work::worklist::LedgerFilter;
use jiff::{Timestamp, ToSpan};
use rusqlite::Connection;

/// One of so many is checked where nobody asks for more: each is a clinic of two years that lives two weeks. A prime, so that
/// each table and both kinds of rubbish have their turn. `AFTERCARE_SPOIL=all` checks every one, `AFTERCARE_SPOIL=task,link`
/// those of some tables.
const SAMPLE: usize = 5;

const UNTIL: &str = "2027-01-15T09:00:00Z";

/// A clinic of two years, and where it lies.
struct Ground {
    dir: tempfile::TempDir,
    config: Config,
}

/// A receiver that takes every call; gives its address. It lives as long as the tests.
fn pager() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut heard) = (stream.unwrap(), [0; 4096]);
            drop(stream.read(&mut heard));
            drop(stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n"));
        }
    });
    format!("http://{address}")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn sandbox() -> Ground {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let place = DemoFolder {
        directory: dir.path().to_owned(),
        seed: 7,
        until: UNTIL.parse().unwrap(),
        listeners: None,
    };
    let config = folder::config(&place).unwrap();
    drop(runtime().block_on(demo::play(&place, |_| ())).unwrap());
    fill(&place.database());
    fill_of_all(&place.database(), &pager());
    Ground { dir, config }
}

/// What the story leaves empty gets a row, so that there is one to spoil in every table.
fn fill(path: &Path) {
    let sql = Connection::open(path).unwrap();
    let version = "(SELECT min(id) FROM checklist_version)";
    let her = "(SELECT min(id) FROM patient WHERE status = 'active')";
    sql.execute_batch(&format!(
        "INSERT INTO baseline (patient_id, checklist_version_id, answers, marks, confirmed_by, confirmed_on) \
           SELECT {her}, {version}, '{{}}', '{{}}', 'staff:demo', '2026-01-01'; \
         INSERT INTO known_mark (patient_id, code, from_on, until_on, marked_by) \
           SELECT {her}, 'S2', '2027-01-01', '2027-03-01', 'staff:demo'; \
         INSERT OR IGNORE INTO bone_spread SELECT {her}, 'staff:demo', 0; \
         INSERT OR IGNORE INTO opt_out SELECT {her}, 'leaflets', 0, 'patient'; \
         INSERT OR IGNORE INTO session SELECT x'01', min(id), 0, 0, 9000000000000, '', '' FROM staff; \
         INSERT INTO fence VALUES (1, 0, 0, 0); \
         INSERT OR IGNORE INTO replaced_link SELECT x'02', min(id), 0 FROM link; \
         INSERT INTO link_request (patient_id, generation, asked_at, delivery_id) SELECT {her}, 1, 0, min(id) FROM delivery; \
         INSERT OR IGNORE INTO test_alert VALUES (9000, 0, NULL, NULL); \
         INSERT OR IGNORE INTO canary_walk VALUES ('2020-01-01', NULL, 'done', 0, NULL); \
         INSERT INTO alert (patient_id, audience, tier, state, raised_at, due_at, ringing_since, next_notice_at) \
           SELECT {her}, 'ladder', 'urgent', 'raised', 1799000000000, 1799000000000, 1799000000000, 1799000000000; \
         INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, next_at, expires_at, created_at) \
           SELECT 'patient', 'notice', {her}, '2027-01-15', 2, 'pending', 0, 9000000000000, 0; \
         INSERT INTO setting_version (setting, value, set_at, set_by, counts_at, counts_by) \
           VALUES ('holidays', 'clinic.holidays = []', 0, 'staff:demo', 0, 'staff:demo'); \
         INSERT INTO own_wording_version (letter, language, texts, set_at, set_by) \
           VALUES ('book', 'en', '{{}}', 0, 'staff:demo'); \
         INSERT INTO protocol_draft (protocol, content, revision, begun_from, begun_at, begun_by, changed_at, changed_by) \
           VALUES ('own', 'id = \"own\"', 1, '', 0, 'staff:demo', 0, 'staff:demo'); \
         INSERT INTO publication (draft_id, protocol, content, state, publish_on, asked_at, asked_by, signed_at, signed_by, role) \
           SELECT id, 'own', 'id = \"own\"', 'planned', '2027-01-10', 0, 'staff:demo', 0, 'staff:demo', 'lead' FROM protocol_draft; \
         INSERT INTO protocol_sign_off (protocol_version_id, signed_at, signed_by, role) \
           SELECT min(id), 0, 'staff:demo', 'lead' FROM protocol_version; \
         INSERT INTO death_reversal (patient_id, asked_by, asked_at, to_status, reason, expires_at, state) \
           SELECT {her}, 'staff:demo', 0, 'active', 'x', 9000000000000, 'asked'; \
         INSERT INTO contact_log (task_id, patient_id, logged_at, logged_by, kind, note) \
           SELECT id, patient_id, 0, 'staff:demo', 'note', 'x' FROM task WHERE patient_id > 0 LIMIT 1; \
         INSERT INTO alert_rung SELECT id, 0, NULL, 'Nurse', 'nurse@clinic.example' FROM alert WHERE state = 'raised' LIMIT 1; \
         INSERT INTO bone_spread_withdrawal (patient_id, noted_by, noted_at, withdrawn_by, withdrawn_at, reason) \
           SELECT {her}, 'staff:demo', 0, 'staff:demo', 1, 'x'; \
         INSERT INTO roster_import (imported_at, imported_by, added, changed, bookings_a_day) VALUES (0, 'staff:demo', 1, 0, 5); \
         INSERT INTO import_patient SELECT {her}, 1; \
         INSERT INTO import_booking (follow_up_id, import_id, patient_id, position, book_by, due_at) \
           SELECT f.id, 1, e.patient_id, 1, '2027-01-20', 1799000000000 FROM follow_up f JOIN enrolment e ON e.id = f.enrolment_id \
           WHERE e.patient_id = {her} LIMIT 1; \
         INSERT INTO inbound (digest, received_at, kind, patient_id, subject, text) SELECT x'03', 0, 'wrote', {her}, '', 'x'; \
         INSERT INTO record_view (staff_id, patient_id, page, hour, seen_at) SELECT min(id), {her}, 'patient', 0, 0 FROM staff; \
         INSERT INTO recovery_code SELECT x'04', min(id), NULL FROM staff; \
         INSERT INTO rung_fault VALUES ('Nurse', 'nurse@clinic.example', 'reply', '550', 0, NULL); \
         INSERT INTO staff_invitation (digest, name, email, role, invited_by, invited_at, expires_at) \
           VALUES (x'05', 'eve', 'eve@clinic.example', 'nurse', 'demo', 0, 9000000000000); \
         INSERT INTO staged_import (staged_at, staged_by, bookings_a_day, columns, matched) VALUES (0, 'staff:demo', 5, '[]', '[]'); \
         INSERT INTO staged_row SELECT id, 2, '[]', NULL, NULL FROM staged_import; \
         INSERT INTO letter_stop (kind, stopped_at, stopped_by, reason) VALUES ('leaflets', 0, 'staff:demo', 'x'); \
         INSERT INTO held_back SELECT min(id) FROM delivery; INSERT OR IGNORE INTO letter_volume VALUES ('2020-01-01', 1, 2, 3, 0, 4, 5, 0); INSERT INTO zone_move SELECT min(id), 'UTC', 0 FROM follow_up; \
         INSERT INTO standing (kind, cause, reason, since) VALUES ('no-cover', 'ladder', 'x', 0); \
         INSERT INTO test_alert_rung SELECT 9000, 0, NULL, 'Nurse', 'nurse@clinic.example', min(id), NULL, NULL, NULL FROM delivery; \
         INSERT INTO test_alert_note (test_id, noted_at, noted_by, note) VALUES (9000, 0, 'staff:demo', 'x'); \
         PRAGMA wal_checkpoint(TRUNCATE);"
    ))
    .unwrap();
}

/// The same for what everyone's letters and calls ask for, and for what two people decide. Two calls wait for one receiver, and two
/// alerts ring, so that something is left to happen whichever row is spoilt.
fn fill_of_all(path: &Path, pager: &str) {
    let sql = Connection::open(path).unwrap();
    let her = "(SELECT min(id) FROM patient WHERE status = 'active')";
    let gone = "(SELECT min(id) FROM patient WHERE status = 'transferred')";
    sql.execute_batch(&format!(
        "INSERT INTO webhook_call (receiver, url, body, state, next_at, expires_at, created_at) \
           VALUES ('{pager}', '{pager}/first', '{{}}', 'pending', 0, 9000000000000, 0), \
           ('{pager}', '{pager}/later', '{{}}', 'pending', 1, 9000000000000, 0); \
         INSERT INTO alert (patient_id, audience, tier, state, raised_at, due_at, ringing_since, next_notice_at) \
           SELECT max(id), 'ladder', 'urgent', 'raised', 1799000000000, 1799000000000, 1799000000000, 1799000000000 \
           FROM patient WHERE status = 'active' AND reference LIKE 'D-%'; \
         INSERT INTO mail_refusal (id, since, audience, cause, likeness, code, reply, probe_at) \
           VALUES (1, 1799000000000, 'patient', 'limit', 'x', 452, 'x', 0); \
         INSERT INTO refused_alike SELECT min(id), 'x', 0 FROM delivery; \
         INSERT INTO refused_alike_status SELECT min(id), {her}, 'active', NULL FROM delivery; \
         INSERT INTO form_lock VALUES ({her}, 0); \
         INSERT INTO publication_move SELECT p.id, min(e.id), 0, NULL FROM publication p, enrolment e; \
         INSERT INTO protocol_in_force SELECT 'own', min(id), 0 FROM protocol_version; \
         INSERT INTO id_floor VALUES ('patient', 0); \
         INSERT INTO alert_closure_step SELECT min(id), 'tell-team', NULL, 0, 'staff:demo' FROM alert WHERE state = 'closed'; \
         INSERT INTO patient_merge VALUES ({gone}, {her}, 0, 'staff:demo'); \
         INSERT INTO openid_connection SELECT min(id), 'https://idp.example', zeroblob(32), 0 FROM staff; \
         INSERT INTO erasure (patient_id, export, asked_by, asked_at, expires_at, state) \
           SELECT min(id), 'not-wanted', 'staff:demo', 0, 9000000000000, 'asked' FROM patient WHERE status = 'palliative'; \
         INSERT INTO erased_patient SELECT max(p.id), max(e.id), x'06', 0 FROM patient p, erasure e WHERE p.status = 'deceased'; \
         INSERT INTO patient_proxy (patient_id, name, relation, email, language, consent_by, consent_on, recorded_at, recorded_by) \
           VALUES ({her}, 'Eve', 'sister', 'eve@home.example', 'en', 'she', '2026-01-01', 0, 'staff:demo'); \
         INSERT INTO prior_letter (delivery_id, certainty, left_at, restored_at) VALUES (9000000, 'sent', 0, 1); \
         INSERT INTO prior_promise SELECT 'x', id FROM prior_letter; \
         INSERT INTO prior_status VALUES ('x', 'deceased', 1, NULL); \
         INSERT INTO prior_release SELECT min(id), 0 FROM delivery; \
         PRAGMA wal_checkpoint(TRUNCATE);"
    ))
    .unwrap();
}

/// What is written where, and the row it goes into.
#[derive(Debug, Clone)]
struct Spoil {
    table: String,
    column: String,
    value: &'static str,
    /// Whether the value is of a kind that no version ever wrote there.
    is_impossible: bool,
}

/// The columns of every table that holds records. The search index over names is none: it is made anew from them.
fn columns(sql: &Connection) -> Vec<(String, String, String, i64)> {
    let ask = "SELECT m.name, c.name, c.type, c.pk FROM pragma_table_list m, pragma_table_info(m.name) c \
               WHERE m.schema = 'main' AND m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
               AND m.name NOT LIKE 'refinery_%' ORDER BY m.name, c.cid";
    let mut statement = sql.prepare(ask).unwrap();
    let read = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?));
    statement.query_map([], read).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Rubbish for every column but keys: a word or a number out of place, a text that is none, another kind of value, nothing.
fn spoils(sql: &Connection) -> Vec<Spoil> {
    let mut all = Vec::new();
    for (table, column, kind, key) in columns(sql) {
        // A key that is not the one on record ends the start, for everybody and with what to do: that is its promise.
        if key > 0 || (table.as_str(), column.as_str()) == ("link_key", "fingerprint") {
            continue;
        }
        let odd = if kind == "TEXT" { "'{rubbish'" } else { "-7" };
        all.push(Spoil { table: table.clone(), column: column.clone(), value: odd, is_impossible: false });
        let not_a_text = if kind == "TEXT" { "CAST(x'4fff' AS TEXT)" } else { "'x'" };
        all.push(Spoil { table, column, value: not_a_text, is_impossible: true });
    }
    all
}

/// What the schema says of a table, by name: `kind` is `table` or `trigger`.
fn schema(sql: &Connection, table: &str, kind: &str) -> Vec<(String, String)> {
    let ask = "SELECT name, sql FROM sqlite_schema WHERE tbl_name = ? AND type = ?";
    let mut all = sql.prepare(ask).unwrap();
    all.query_map([table, kind], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// Writes rubbish past every rule of the schema. Gives the row, unless another has that key already.
fn spoil(path: &Path, what: &Spoil) -> Option<String> {
    let sql = Connection::open(path).unwrap();
    let key: String = sql
        .query_row("SELECT name FROM pragma_table_info(?) WHERE pk = 1", [&what.table], |r| r.get(0))
        .unwrap();
    let (kept, triggers) = (schema(&sql, &what.table, "table"), schema(&sql, &what.table, "trigger"));
    let row = pick(&sql, what, &key);
    sql.execute_batch(
        "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON",
    )
    .unwrap();
    for (name, _) in &triggers {
        sql.execute_batch(&format!("DROP TRIGGER \"{name}\"")).unwrap();
    }
    let loose = "UPDATE sqlite_schema SET sql = replace(replace(sql, ' STRICT', ' '), ', WITHOUT ROWID', ' WITHOUT ROWID') \
                 WHERE name = ? AND type = 'table'";
    sql.execute(loose, [&what.table]).unwrap();
    drop(sql);
    let sql = Connection::open(path).unwrap();
    sql.execute_batch("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF").unwrap();
    let update =
        format!("UPDATE \"{}\" SET \"{}\" = {} WHERE \"{key}\" = ?", what.table, what.column, what.value);
    let done = sql.execute(&update, [&row]);
    sql.execute_batch("PRAGMA writable_schema = ON").unwrap();
    for (name, text) in kept {
        sql.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ? AND type = 'table'", [text, name])
            .unwrap();
    }
    drop(sql);
    let sql = Connection::open(path).unwrap();
    for (_, text) in triggers {
        sql.execute_batch(&text).unwrap();
    }
    match done {
        Err(fault) if fault.to_string().contains("UNIQUE constraint failed") => return None,
        done => assert!(done.unwrap() >= 1, "{what:?} is no row"),
    }
    Some(match row {
        rusqlite::types::Value::Integer(id) => id.to_string(),
        rusqlite::types::Value::Text(text) => text,
        _ => "?".to_owned(),
    })
}

/// A row that is still of use, where there is one; there is a row in every table.
fn pick(sql: &Connection, what: &Spoil, key: &str) -> rusqlite::types::Value {
    let live = match what.table.as_str() {
        "delivery" => "state IN ('pending', 'unknown') DESC, id DESC",
        "follow_up" => "next_at IS NULL, next_at",
        "alert" => "state = 'raised' DESC, id DESC",
        "task" => "state = 'open' DESC, id DESC",
        "enrolment" | "patient" => "(SELECT 1)",
        "canary_walk" => "on_date DESC",
        "webhook_call" => "id",
        _ => "2 DESC",
    };
    let with = match what.table.as_str() {
        "patient" => "WHERE status = 'active' AND reference <> 'aftercare-canary'",
        "enrolment" => "WHERE state = 'active'",
        "fact" | "attempt" | "session" | "opt_out" | "canary_walk" | "replaced_link" => "",
        _ => "",
    };
    let order = match what.table.as_str() {
        "fact" | "attempt" | "session" | "opt_out" | "replaced_link" => "1",
        _ => live,
    };
    sql.query_row(
        &format!("SELECT \"{key}\", \"{key}\" FROM \"{}\" {with} ORDER BY {order} LIMIT 1", what.table),
        [],
        |r| r.get(0),
    )
    .unwrap_or_else(|fault| panic!("{} has no row to spoil: fill it ({fault})", what.table))
}

/// One clinic on a copy of the ground.
struct Fixture {
    engine: Engine,
    clock: Arc<ManualClock>,
    runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

fn fixture(sandbox: &Ground, spoiled: impl FnOnce(&Path)) -> Result<Fixture, EngineFault> {
    let dir = tempfile::tempdir_in(sandbox.dir.path()).unwrap();
    let path: PathBuf = dir.path().join("a.db");
    std::fs::copy(sandbox.dir.path().join("demo.db"), &path).unwrap();
    std::fs::copy(sandbox.dir.path().join("demo.db.key"), dir.path().join("a.db.key")).unwrap();
    spoiled(&path);
    let mut config = sandbox.config.clone();
    config.database.path = path.clone();
    let start: Timestamp = UNTIL.parse().unwrap();
    let clock = Arc::new(ManualClock::at(start));
    let world = World { clock: Arc::clone(&clock) as _, entropy: Arc::new(SeededEntropy::new(1)) };
    let store = Store::open(&path, OpenMode::Existing)?;
    let mut engine = Engine::open(&store, config, &Sources::shipped(), &world)?;
    engine.post.courier = Arc::new(Spool::new(&dir.path().join("letters"), Durability::Relaxed));
    engine.caller = Some(Arc::new(WebhookClient::new(b"key".to_vec())));
    Ok(Fixture { engine, clock, runtime: runtime(), _dir: dir })
}

impl Fixture {
    /// Lives two weeks, a pass a day at an hour when letters leave.
    fn live(&self) -> Result<(), StepError> {
        let start: Timestamp = UNTIL.parse().unwrap();
        for hours in (6..14 * 24).step_by(24) {
            self.clock.advance_to(start.checked_add(hours.hours()).unwrap());
            self.runtime.block_on(pass(&self.engine.clinic, &self.engine.post, LostLeases::Overdue))?;
            self.runtime.block_on(call(&self.engine));
        }
        Ok(())
    }

    /// What was to leave to staff and has not: letters about alerts, and the later of two calls to one receiver.
    fn missing_to_staff(&self) -> Option<&'static str> {
        let sql = Connection::open(self.store().path()).unwrap();
        let is_there = |ask: &str| sql.prepare(ask).unwrap().exists([]).unwrap();
        let start = UNTIL.parse::<Timestamp>().unwrap().as_millisecond();
        if !is_there(&format!(
            "SELECT 1 FROM delivery WHERE purpose = 'alert' AND state = 'sent' AND ended_at >= {start}"
        )) {
            return Some("a letter about an alert");
        }
        let called = is_there("SELECT 1 FROM webhook_call WHERE url LIKE '%/later' AND state = 'sent'");
        (!called).then_some("the later call")
    }

    fn store(&self) -> &Store {
        &self.engine.clinic.store
    }

    /// How many letters left to each patient since the beginning.
    fn letters(&self) -> BTreeMap<PatientId, i64> {
        let sql = Connection::open(self.store().path()).unwrap();
        let ask = "SELECT patient_id, count(*) FROM delivery WHERE state = 'sent' AND ended_at >= ? AND patient_id > 0 GROUP BY 1";
        let start: Timestamp = UNTIL.parse().unwrap();
        let mut all = sql.prepare(ask).unwrap();
        let read = |r: &rusqlite::Row<'_>| Ok((PatientId(r.get(0)?), r.get(1)?));
        all.query_map([start.as_millisecond()], read).unwrap().filter_map(Result::ok).collect()
    }
}

/// Whom a row is about; everybody on a protocol for the protocol's own row.
fn whose(path: &Path, table: &str, row: &str) -> BTreeSet<PatientId> {
    let sql = Connection::open(path).unwrap();
    let ask = match table {
        "patient" | "opt_out" | "bone_spread" | "form_lock" => {
            "SELECT id FROM patient WHERE id = ?".to_owned()
        }
        "protocol_version" => "SELECT patient_id FROM enrolment WHERE protocol_version_id = ?".to_owned(),
        "patient_merge" => "SELECT into_id FROM patient_merge WHERE patient_id = ?".to_owned(),
        "publication_move" => {
            "SELECT e.patient_id FROM publication_move m JOIN enrolment e ON e.id = m.enrolment_id \
                               WHERE m.publication_id = ?"
                .to_owned()
        }
        "sealed" | "attempt" | "refused_alike" | "refused_alike_status" | "prior_release" => {
            "SELECT patient_id FROM delivery WHERE id = ?".to_owned()
        }
        "alert_notice" => {
            "SELECT patient_id FROM alert WHERE id = (SELECT alert_id FROM alert_notice WHERE id = ?)"
                .to_owned()
        }
        "enrolment" | "follow_up" | "appointment" | "delivery" | "reminder" | "link" | "response"
        | "alert" | "task" | "baseline" | "known_mark" | "link_request" | "erasure" | "patient_proxy" => {
            format!("SELECT patient_id FROM {table} WHERE id = ?")
        }
        _ => return BTreeSet::new(),
    };
    let mut all = sql.prepare(&ask).unwrap();
    let found = all.query_map([row], |r| Ok(PatientId(r.get(0)?))).unwrap();
    found.filter_map(Result::ok).filter(|id| id.0 > 0).collect()
}

/// Every list there is; each must come, whatever one row holds.
fn lists(view: &View<'_>, now: Timestamp) -> Result<(), StoreError> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    view.patients("", 1000)?;
    view.tasks_open()?;
    view.tasks_all()?;
    view.alerts_open()?;
    view.alerts_before(None, 1000)?;
    view.alerts_due(now, now)?;
    view.ledger(&LedgerFilter::default())?;
    let risky_since = jiff::civil::date(2024, 1, 1);
    view.silences(&SilenceFilter { today, risky_since, extra_days: 14, limit: 100, skip: 0 })?;
    view.task_page(&TaskFilter { limit: 100, ..TaskFilter::default() })?;
    view.staff()?;
    view.last_events(1000)?;
    view.each_event(|_| Ok::<_, StoreError>(()))?;
    view.report(&aftercare::store::work::report::ReportSpan {
        from: Timestamp::UNIX_EPOCH,
        until: now,
        first_on: jiff::civil::date(2024, 1, 1),
        end_on: today,
    })?;
    view.findings()?;
    view.balance()?;
    view.promises()?;
    view.protocol_versions()?;
    view.calls_due(now)?;
    view.responses_unjudged()?;
    view.restored_ids()?;
    Ok(())
}

/// Everything that is written for others; gives which was not, and why.
fn exports(fixture: &Fixture, now: Timestamp) -> Result<(), (&'static str, String)> {
    let terms =
        ExportTerms { now, zone: &jiff::tz::TimeZone::UTC, protocols: &fixture.engine.clinic.protocol_cache };
    let mut out = std::io::sink();
    bundle::write::<Box<dyn std::error::Error>>(fixture.store(), "http://x", &mut out)
        .map_err(|why| ("the FHIR export", why.to_string()))?;
    roster::write::<Box<dyn std::error::Error>>(fixture.store(), &terms, &mut out)
        .map(drop)
        .map_err(|why| ("the CSV export", why.to_string()))
}

fn check(sandbox: &Ground, what: &Spoil, well: &BTreeMap<PatientId, i64>) -> Result<(), String> {
    let mut row = None;
    let fixture = fixture(sandbox, |path| row = spoil(path, what));
    let Some(row) = row else { return Ok(()) };
    let fault = |step: &str, why: &dyn std::fmt::Display| Err(format!("{what:?} row {row}: {step}: {why}"));
    let fixture = match fixture {
        Ok(fixture) => fixture,
        Err(why) => return fault("the start", &why),
    };
    let before = whose(&sandbox.dir.path().join("demo.db"), &what.table, &row);
    if let Err(why) = fixture.live() {
        return fault("a pass", &why);
    }
    let mut hers = whose(fixture.store().path(), &what.table, &row);
    hers.extend(before);
    if what.table == "patient" {
        hers.insert(PatientId(row.parse().unwrap()));
    }
    let letters = fixture.letters();
    for (patient, count) in well.iter().filter(|(patient, _)| !hers.contains(patient)) {
        if letters.get(patient).is_none_or(|left| left < count) {
            return fault(
                "letters",
                &format!("patient {} got {:?} of {count}", patient.0, letters.get(patient)),
            );
        }
    }
    if let Some(missing) = fixture.missing_to_staff() {
        return fault("staff did not get", &missing);
    }
    let now = aftercare::ports::Clock::now(&*fixture.clock);
    if let Err(why) = fixture.store().read(|view| lists(view, now)) {
        return fault("a list", &why);
    }
    if let Err((what, why)) = exports(&fixture, now) {
        return fault(what, &why);
    }
    let place = format!("{}/{row}", what.table);
    fixture
        .runtime
        .block_on(unreadable_rows::look_at_all(&fixture.engine.clinic, now))
        .map_err(|f| f.to_string())?;
    let asked = fixture.store().read(|view| view.causes(TaskKind::RecordUnreadable)).unwrap();
    // What was written over since can be read again.
    if what.is_impossible && still(fixture.store().path(), what, &row) && !asked.contains(&place) {
        return fault("nobody is told", &format!("{asked:?}"));
    }
    // Who acts for her is read with her own row, and keeps nobody from recording her death.
    if what.table != "patient" {
        for id in &hers {
            if let Err(why) = die(&fixture, *id, now) {
                return fault("her death", &why);
            }
        }
    }
    Ok(())
}

fn still(path: &Path, what: &Spoil, row: &str) -> bool {
    let sql = Connection::open(path).unwrap();
    let key: String = sql
        .query_row("SELECT name FROM pragma_table_info(?) WHERE pk = 1", [&what.table], |r| r.get(0))
        .unwrap();
    let ask = format!(
        "SELECT 1 FROM \"{}\" WHERE CAST(\"{key}\" AS TEXT) = ? AND \"{}\" = {}",
        what.table, what.column, what.value
    );
    sql.prepare(&ask).unwrap().exists([row]).unwrap()
}

fn die(fixture: &Fixture, id: PatientId, now: Timestamp) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let patient = tx.patient(id)?;
        let reason = "told by phone".to_owned();
        status::change(
            tx,
            &patient,
            &StatusChange { to: PatientStatus::Deceased, reason, until: None, confirmed_by: None },
        )
    };
    fixture.store().write_blocking(Stamp { at: now, actor: Actor::Operator("x".to_owned()) }, job)
}

#[test]
fn a_row_of_rubbish_in_any_column_stops_nobody_else_and_is_told() {
    let sandbox = sandbox();
    let healthy = fixture(&sandbox, |_| ()).unwrap();
    healthy.live().unwrap();
    let well = healthy.letters();
    assert!(well.len() >= 2, "{well:?}");
    assert_eq!(healthy.missing_to_staff(), None);
    let all = spoils(&Connection::open(sandbox.dir.path().join("demo.db")).unwrap());
    assert!(all.len() > 300, "{}", all.len());
    let only = std::env::var("AFTERCARE_SPOIL").ok();
    let all: Vec<_> = all
        .into_iter()
        .enumerate()
        .filter(|(number, spoil)| match &only {
            Some(only) => only == "all" || only.split(',').any(|only| spoil.table == only),
            None => number % SAMPLE == 0,
        })
        .map(|(_, spoil)| spoil)
        .collect();
    let (next, broken) = (Mutex::new(all.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(what) = {
                    let mut next = next.lock().unwrap();
                    next.next()
                } {
                    let done = check(&sandbox, what, &well);
                    if only.is_some() {
                        eprintln!("{} {} {}: {done:?}", what.table, what.column, what.value);
                    }
                    if let Err(why) = done {
                        broken.lock().unwrap().push(why);
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{} of {}:\n{}", broken.len(), all.len(), broken.join("\n"));
}

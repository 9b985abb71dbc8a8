//! The audit is listed by who, what, about whom and when, page by page, each by its index.

use super::*;
use crate::care::actor::Actor;
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::database::tests::{fresh, plan, sabotage};
use crate::store::db::columns::instant;
use crate::store::db::transaction::Stamp;

fn by(second: i64, actor: Actor) -> Stamp {
    Stamp { at: Timestamp::from_second(second).unwrap(), actor }
}

fn note(store: &Store, stamp: Stamp, action: AuditAction, subject: Subject) {
    store.write_blocking(stamp, move |tx| tx.audit(action, subject, &serde_json::json!({}))).unwrap();
}

fn nora() -> Actor {
    Actor::Staff("nora".to_owned())
}

/// A clinic's first days: a patient with a letter, an alert and a task, and colleagues.
fn clinic() -> (tempfile::TempDir, Store) {
    let (dir, store) = fresh();
    let hers = "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status_at, created_at) \
         VALUES (1, 'A-1', 'Ana', '1970-01-01', 'en', 'UTC', 0, 0), (2, 'A-2', 'Bea', '1970-01-01', 'en', 'UTC', 0, 0);
         INSERT INTO task (id, kind, cause, patient_id, reason, opened_at, due_at, state) \
         VALUES (5, 'silent', 'x', 1, 'r', 0, 0, 'open'), (6, 'silent', 'y', 2, 'r', 0, 0, 'open')";
    store.write_blocking(Stamp::daemon(instant(0)), move |tx| sabotage(tx, hers)).unwrap();
    note(&store, by(10, Actor::Daemon), AuditAction::PatientAdmitted, PatientId(1).into());
    note(&store, by(20, Actor::Daemon), AuditAction::PatientAdmitted, PatientId(2).into());
    note(&store, by(30, Actor::Daemon), AuditAction::TaskOpened, Subject::Task(5));
    note(&store, by(40, nora()), AuditAction::TaskDone, Subject::Task(5));
    note(&store, by(50, nora()), AuditAction::SettingSet, Subject::Setting(Setting::Ladder));
    note(&store, by(60, nora()), AuditAction::PatientCorrected, PatientId(2).into());
    // The clock was set back: it stands in the list where its hour is.
    note(
        &store,
        by(55, Actor::Operator("root".to_owned())),
        AuditAction::StaffAdded,
        Subject::Staff("nora".to_owned()),
    );
    (dir, store)
}

fn ids(store: &Store, filter: &AuditFilter) -> Vec<i64> {
    let page = store.read(|view| view.audit_page(filter)).unwrap();
    page.events.iter().map(|event| event.id).collect()
}

const PLACE: AuditPlace = AuditPlace { at_ms: 9, id: 9 };

fn wide() -> AuditFilter {
    AuditFilter { limit: 50, ..AuditFilter::default() }
}

#[test]
fn everything_is_listed_by_its_hour_and_pages_meet_without_a_gap() {
    let (_dir, store) = clinic();
    assert_eq!(ids(&store, &wide()), [6, 7, 5, 4, 3, 2, 1]);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let filter = AuditFilter { before, limit: 2, ..AuditFilter::default() };
        let page = store.read(|view| view.audit_page(&filter)).unwrap();
        seen.extend(page.events.iter().map(|event| event.id));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [6, 7, 5, 4, 3, 2, 1]);
    let nowhere = AuditFilter { before: Some(99), ..wide() };
    assert!(store.read(|view| view.audit_page(&nowhere)).unwrap_err().is_not_found());
}

#[test]
fn each_filter_finds_what_it_says_and_they_go_together() {
    let (_dir, store) = clinic();
    let of = |actor: &str| AuditFilter { actor: Some(actor.to_owned()), ..wide() };
    assert_eq!(ids(&store, &of("staff:nora")), [6, 5, 4]);
    assert_eq!(ids(&store, &of("daemon")), [3, 2, 1]);
    let what = |what| AuditFilter { what, ..wide() };
    assert_eq!(ids(&store, &what(AuditWhat::Topic(AuditTopic::Patients))), [6, 2, 1]);
    assert_eq!(ids(&store, &what(AuditWhat::Event("patient.admitted".to_owned()))), [2, 1]);
    assert_eq!(ids(&store, &what(AuditWhat::Topic(AuditTopic::Letters))), [] as [i64; 0]);
    let about = |about| AuditFilter { about: Some(about), ..wide() };
    assert_eq!(ids(&store, &about(AuditSubject::Patient(PatientId(1)))), [4, 3, 1]);
    assert_eq!(ids(&store, &about(AuditSubject::Patient(PatientId(2)))), [6, 2]);
    assert_eq!(ids(&store, &about(AuditSubject::Setting(Setting::Ladder))), [5]);
    assert_eq!(ids(&store, &about(AuditSubject::Account("nora".to_owned()))), [7]);
    let days = AuditFilter { from: Some(instant(30_000)), until: Some(instant(60_000)), ..wide() };
    assert_eq!(ids(&store, &days), [7, 5, 4, 3], "the end itself is not in it");
    let all = AuditFilter {
        actor: Some("staff:nora".to_owned()),
        what: AuditWhat::Topic(AuditTopic::Tasks),
        about: Some(AuditSubject::Patient(PatientId(1))),
        from: Some(instant(40_000)),
        ..wide()
    };
    assert_eq!(ids(&store, &all), [4]);
}

#[test]
fn who_acted_and_what_was_done_is_offered_from_what_is_on_record() {
    let (_dir, store) = clinic();
    let actors = store.read(|view| view.audit_actors()).unwrap();
    assert_eq!(actors, ["cli:root", "staff:nora"]);
    let kinds = store.read(|view| view.audit_kinds()).unwrap();
    assert_eq!(
        kinds,
        ["patient.admitted", "patient.corrected", "setting.set", "staff.added", "task.done", "task.opened"]
    );
    assert_eq!(store.read(|view| view.audit_size()).unwrap(), 7);
}

#[test]
fn a_page_walks_along_an_index_whatever_is_looked_for() {
    let (_dir, store) = fresh();
    let actors = [None, Some("daemon".to_owned()), Some("staff:nora".to_owned())];
    let kinds = ["task.done".to_owned(), "task.opened".to_owned()];
    for actor in actors {
        for kinds in [None, Some(&kinds[..])] {
            for about in [None, Some(AuditSubject::Account("nora".to_owned()))] {
                let filter = AuditFilter { actor: actor.clone(), about, from: Some(instant(1)), ..wide() };
                let AuditQuestion { sql, values } = filter.question(kinds, PLACE);
                let steps = plan(&store, &sql, &vec!["0"; values.len()]);
                let walks = steps.iter().filter(|step| step.contains("audit_event")).collect::<Vec<_>>();
                assert!(
                    walks.iter().all(|step| step.starts_with("SEARCH audit_event USING")),
                    "{filter:?} {steps:#?}"
                );
            }
        }
    }
    for ask in [KINDS, ACTORS] {
        let steps = plan(&store, ask, &[]);
        let walks = steps.iter().filter(|step| step.contains("audit_event")).collect::<Vec<_>>();
        assert!(walks.iter().all(|step| step.contains("COVERING INDEX audit_")), "{steps:#?}");
    }
    let hers = AuditFilter { about: Some(AuditSubject::Patient(PatientId(1))), ..wide() };
    let AuditQuestion { sql, values } = hers.question(None, PLACE);
    let steps = plan(&store, &sql, &vec!["0"; values.len()]);
    assert!(
        !steps.iter().any(|step| step.starts_with("SCAN")
            && !step.contains("subquery")
            && *step != "SCAN hers"
            && !step.contains("CONSTANT")),
        "{steps:#?}"
    );
}

#[test]
fn a_letter_that_left_is_found_with_its_patient_and_by_its_kind() {
    let (_dir, store) = clinic();
    let at = by(70, Actor::Daemon);
    let letters = "INSERT INTO delivery (id, audience, purpose, patient_id, local_on, priority, state, expires_at, attempt, \
         message_id, first_tried_at, created_at, ended_at) VALUES \
         (17, 'patient', 'notice', 1, '1970-01-01', 1, 'sent', 90000, 1, 'm17', 70000, 0, 70000), \
         (18, 'patient', 'notice', 2, '1970-01-01', 1, 'sent', 90000, 1, 'm18', 70000, 0, 70000); \
         INSERT INTO attempt (delivery_id, number, ended_at, verdict, reply) VALUES \
         (17, 1, 70000, 'accepted', '250'), (18, 1, 70000, 'accepted', '250')";
    store
        .write_blocking(at.clone(), move |tx| {
            sabotage(tx, letters)?;
            let taken = serde_json::json!({ "deliveries": [17, 18] });
            tx.audit(AuditAction::DeliveryClaimed, crate::store::subject::Singleton::Outbox, &taken)
        })
        .unwrap();
    for id in [17, 18] {
        let letter = crate::store::mail::delivery::DeliveryId(id);
        note(&store, at.clone(), AuditAction::DeliverySent, letter.into());
    }
    let about = |id| AuditFilter { about: Some(AuditSubject::Patient(PatientId(id))), ..wide() };
    assert_eq!(ids(&store, &about(1)), [9, 4, 3, 1]);
    assert_eq!(ids(&store, &about(2)), [10, 6, 2]);
    let sent = AuditWhat::Event("delivery.sent".to_owned());
    assert_eq!(ids(&store, &AuditFilter { what: sent.clone(), ..about(1) }), [9]);
    assert_eq!(ids(&store, &AuditFilter { what: sent, ..wide() }), [10, 9]);
    assert_eq!(
        ids(&store, &AuditFilter { what: AuditWhat::Topic(AuditTopic::Letters), ..wide() }),
        [10, 9, 8],
        "a topic holds them too"
    );
    let first = AuditFilter { limit: 1, ..about(1) };
    let page = store.read(|view| view.audit_page(&first)).unwrap();
    assert_eq!(ids(&store, &AuditFilter { before: page.next, ..about(1) }), [4, 3, 1]);
}

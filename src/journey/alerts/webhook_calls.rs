//! What became of a signed call: taken, tried again after a back-off, or given up. Who makes it lives at the edge.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::care::delivery::back_off;
use crate::care::task::TaskKind;
use crate::care::time::span::later;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::fact_names::ASKED;
use crate::store::alerts::webhook_calls::{Call, CallEnd};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::work::tasks::NewTask;

/// Short at first: a pager matters now.
const WAITS: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(20), Duration::from_secs(60), Duration::from_secs(300)];

/// What the other side said; the words hold nothing of a patient's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallResult {
    /// It took the call; the call is done.
    Taken(String),
    /// Not now: it is called again after a back-off, as long as that is of use.
    Later(String),
    /// Not ever: the call is given up.
    Never(String),
    /// It was of no use any more before it could be made.
    Lapsed(String),
}

/// Whose lane a call takes: scheme, host and port of its address.
#[must_use]
pub fn receiver(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |end| host + end);
    &url[..end]
}

/// What a call says when it is made. One of a test alert brings the code of its rung, which is stored nowhere.
#[must_use]
pub fn written(call: Call, clinic: &Deps) -> Call {
    let Ok(serde_json::Value::Object(mut said)) = serde_json::from_str(&call.body) else { return call };
    let asked = said.remove(ASKED);
    let Some(asked) = asked.as_ref().and_then(serde_json::Value::as_str) else { return call };
    let code = clinic.key.test_code(asked);
    let link = said.get("link").and_then(serde_json::Value::as_str).map(|page| format!("{page}/{code}"));
    said.insert("link".to_owned(), link.into());
    said.insert("code".to_owned(), code.into());
    Call { body: serde_json::Value::Object(said).to_string(), ..call }
}

/// Records one try: the call is done, waits for another try, or is given up. A row that takes no change is left aside for a
/// while, so that it keeps no other call to its receiver waiting, and a person is told of it.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn record(clinic: &Deps, now: Timestamp, call: Call, answer: CallResult) -> Result<(), StepError> {
    let id = call.id;
    let job = move |tx: &mut Tx<'_>| settle(tx, &call, &answer);
    match clinic.store.write(Stamp::daemon(now), job).await {
        Err(StepError::Store(fault)) if fault.is_conflict() => {
            tracing::error!(call = id, %fault, "a signed call was made and cannot be recorded");
            clinic.store.read(|view| {
                view.note_unread("webhook_call", id, "its row takes no change");
                view.note_stuck("webhook_call", id);
                Ok(())
            })
        }
        done => done,
    }
}

fn settle(tx: &mut Tx<'_>, call: &Call, answer: &CallResult) -> Result<(), StepError> {
    let (end, reply) = match answer {
        CallResult::Taken(reply) => (CallEnd::Taken, reply),
        CallResult::Never(reply) | CallResult::Lapsed(reply) => (CallEnd::GivenUp, reply),
        CallResult::Later(reply) => {
            let at = later(tx.at(), back_off(&WAITS, call.attempt.saturating_add(2), 0));
            (if at < call.expires_at { CallEnd::Again(at) } else { CallEnd::GivenUp }, reply)
        }
    };
    if end == CallEnd::GivenUp {
        tracing::error!(call = call.id, %reply, "a signed call was given up");
    }
    tx.settle_call(call.id, end, reply)?;
    match (answer, end) {
        (_, CallEnd::Taken) => {
            let note = "it takes calls again";
            Ok(tx.close_tasks_caused(TaskKind::CallsRefused, &cause(&call.receiver), note)?)
        }
        // That says nothing of the receiver.
        (CallResult::Lapsed(_), _) | (_, CallEnd::Again(_)) => Ok(()),
        (_, CallEnd::GivenUp) => ask(tx, &call.receiver, reply),
    }
}

/// A receiver that does not take calls is one task, however many it refuses; the task stands until it takes one (P16).
fn ask(tx: &mut Tx<'_>, receiver: &str, reply: &str) -> Result<(), StepError> {
    // What signs in somewhere is nobody's to read.
    let place = receiver.rsplit_once('@').map_or(receiver, |(_, host)| host);
    tx.open_task(&NewTask {
        kind: TaskKind::CallsRefused,
        cause: cause(receiver),
        patient: None,
        follow_up: None,
        reason: format!("Signed calls to `{place}` are given up: {reply}."),
        due_at: tx.at(),
    })?;
    Ok(())
}

/// Looks at the receivers again: one that nothing in the configuration calls any more has no task.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn look(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    let standing = clinic.store.read(|view| view.standing_causes(TaskKind::CallsRefused))?;
    if standing.is_empty() {
        return Ok(());
    }
    let care = &clinic.care;
    let urls = care.webhook.iter().chain(care.contacts.iter().filter_map(|one| one.webhook.as_ref()));
    let called: BTreeSet<String> = urls.map(|url| cause(receiver(url))).collect();
    let gone: Vec<String> = standing.into_iter().filter(|cause| !called.contains(cause)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        for cause in &gone {
            tx.close_tasks_caused(TaskKind::CallsRefused, cause, "nothing calls it any more")?;
        }
        Ok(())
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

fn cause(receiver: &str) -> String {
    format!("receiver/{receiver}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::triage::tier::Tier;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, triage};
    use crate::journey::operations::{close_task, standing_tasks};
    use crate::store::alerts::lifecycle::{Audience, NewAlert};
    use crate::store::alerts::webhook_calls::NewCall;
    use crate::store::database::tests::sabotage;

    #[test]
    fn a_receiver_is_scheme_host_and_port() {
        for (url, to) in [
            ("https://pager.example/a/b?c", "https://pager.example"),
            ("https://pager.example:8443?x=/y", "https://pager.example:8443"),
            ("http://127.0.0.1:9", "http://127.0.0.1:9"),
            ("odd", "odd"),
        ] {
            assert_eq!(receiver(url), to);
        }
    }

    fn refused(fixture: &Fixture) -> Vec<String> {
        let open = fixture.clinic.store.read(|v| v.tasks_open()).unwrap().into_iter();
        open.filter(|task| task.kind == TaskKind::CallsRefused).map(|task| task.reason).collect()
    }

    /// A call of the test to that address, answered so.
    async fn called(fixture: &Fixture, url: &'static str, answer: CallResult) {
        let open = move |tx: &mut Tx<'_>| {
            let expires_at = due() + minutes(60);
            let new = NewCall { alert: None, receiver: receiver(url), url, body: "{}", expires_at };
            Ok(tx.enqueue_call(&new)?)
        };
        fixture.write(("daemon", due()), open).unwrap();
        let call = fixture.clinic.store.read(|v| v.call_due(receiver(url), due())).unwrap().unwrap();
        record(&fixture.clinic, due(), call, answer).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_receiver_that_refuses_calls_is_one_task_until_it_takes_one_whoever_ticks_it_off() {
        let fixture = fixture(triage());
        let no = || CallResult::Never("HTTP 401".into());
        called(&fixture, "https://key:word@pager.example/a", no()).await;
        called(&fixture, "https://key:word@pager.example/b", no()).await;
        called(&fixture, "https://other.example", CallResult::Lapsed("too late".into())).await;
        let told = "Signed calls to `pager.example` are given up: HTTP 401.";
        assert_eq!(refused(&fixture), [told], "one a receiver");
        let tick_off = |tx: &mut Tx<'_>| {
            let open = tx.tasks_open()?;
            let id = open.iter().find(|task| task.kind == TaskKind::CallsRefused).unwrap().id;
            close_task::close(tx, id, "done").map(drop)
        };
        fixture.write(("staff:nora", due()), tick_off).unwrap();
        standing_tasks::look(&fixture.clinic, due()).await.unwrap();
        assert_eq!(refused(&fixture).len(), 1, "it is so still");
        called(&fixture, "https://key:word@pager.example/a", CallResult::Taken("HTTP 204".into())).await;
        assert_eq!(refused(&fixture), [""; 0]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_call_that_cannot_be_read_or_recorded_silences_no_other_to_its_receiver() {
        for broken in [
            "UPDATE webhook_call SET attempt = -7 WHERE id = 1",
            "CREATE TRIGGER stuck BEFORE UPDATE ON webhook_call WHEN old.id = 1 BEGIN SELECT raise(ABORT, 'no'); END",
        ] {
            let fixture = fixture(triage());
            let open = move |tx: &mut Tx<'_>| {
                let expires_at = due() + minutes(60);
                for url in ["https://pager.example/a", "https://pager.example/b"] {
                    let new = NewCall { alert: None, receiver: receiver(url), url, body: "{}", expires_at };
                    tx.enqueue_call(&new)?;
                }
                Ok(sabotage(tx, broken)?)
            };
            fixture.write(("daemon", due()), open).unwrap();
            let mut called = Vec::new();
            while let Some(call) = fixture.clinic.store.read(|v| v.calls_due(due())).unwrap().pop() {
                called.push(call.url.clone());
                record(&fixture.clinic, due(), call, CallResult::Taken("HTTP 204".into())).await.unwrap();
            }
            assert_eq!(called.last().map(String::as_str), Some("https://pager.example/b"), "{broken}");
            assert!(called.len() <= 2, "nobody goes round and round it: {called:?}");
            let met = fixture.clinic.store.unread().all();
            assert!(met.iter().any(|(place, _)| place.to_string() == "webhook_call/1"), "{broken}: {met:?}");
        }
        let fixture = fixture(triage());
        called(&fixture, "https://pager.example/a", CallResult::Later("HTTP 503".into())).await;
        let spoil = |tx: &mut Tx<'_>| Ok(sabotage(tx, "UPDATE webhook_call SET attempt = -7")?);
        fixture.write(("daemon", due()), spoil).unwrap();
        let census = fixture.clinic.store.read(|view| view.census()).unwrap();
        assert_eq!(census.len(), 1, "doctor names it: {census:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_receiver_that_nothing_calls_any_more_has_no_task() {
        let fixture = fixture(triage());
        let pager = fixture.clinic.care.contacts.iter().find_map(|one| one.webhook.clone()).unwrap();
        let pager: &'static str = pager.leak();
        called(&fixture, pager, CallResult::Never("HTTP 404".into())).await;
        called(&fixture, "https://old.example/", CallResult::Never("HTTP 404".into())).await;
        look(&fixture.clinic, due()).await.unwrap();
        let told = refused(&fixture);
        assert!(told.len() == 1 && told[0].contains(receiver(pager)), "{told:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_call_is_tried_again_until_it_is_taken_or_of_no_use() {
        let fixture = fixture(triage());
        let (end, her) = (due() + minutes(60), fixture.patient);
        let open = move |tx: &mut Tx<'_>| {
            let alert = tx.insert_alert(&NewAlert {
                patient: her,
                audience: Audience::Ladder,
                tier: Some(Tier::Urgent),
                due_at: end,
            })?;
            for url in ["https://a.example", "https://b.example/x?y"] {
                let new =
                    NewCall { alert: Some(alert), receiver: receiver(url), url, body: "{}", expires_at: end };
                tx.enqueue_call(&new)?;
            }
            Ok(())
        };
        fixture.write(("daemon", due()), open).unwrap();
        let waiting = |now| fixture.clinic.store.read(|v| v.calls_due(now)).unwrap();
        let mut now = due();
        let first = waiting(now).remove(0);
        record(&fixture.clinic, now, first, CallResult::Taken("HTTP 204".into())).await.unwrap();
        let mut tries = 0;
        while now < end {
            for call in waiting(now) {
                assert_eq!(call.url, "https://b.example/x?y");
                record(&fixture.clinic, now, call, CallResult::Later("HTTP 503".into())).await.unwrap();
                tries += 1;
            }
            now += minutes(1);
        }
        assert!((10..20).contains(&tries), "{tries}");
        assert_eq!(refused(&fixture), ["Signed calls to `https://b.example` are given up: HTTP 503."]);
        assert!(waiting(now + minutes(10_000)).is_empty());
    }
}

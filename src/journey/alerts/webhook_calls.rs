//! What became of a signed call: taken, tried again after a back-off, or given up. Who makes it lives at the edge.

use std::time::Duration;

use jiff::Timestamp;

use crate::care::delivery::back_off;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::later;
use crate::store::alerts::webhook_calls::Call;
use crate::store::db::transaction::{Stamp, Tx};

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
}

/// Whose lane a call takes: scheme, host and port of its address.
#[must_use]
pub fn receiver(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |end| host + end);
    &url[..end]
}

/// Records one try: the call is done, waits for another try, or is given up.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn record(clinic: &Deps, now: Timestamp, call: Call, answer: CallResult) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| settle(tx, &call, &answer);
    clinic.store.write(Stamp::daemon(now), job).await
}

fn settle(tx: &mut Tx<'_>, call: &Call, answer: &CallResult) -> Result<(), StepError> {
    let (taken, reply) = match answer {
        CallResult::Taken(reply) => (Ok(()), reply),
        CallResult::Never(reply) => (Err(None), reply),
        CallResult::Later(reply) => {
            let at = later(tx.at(), back_off(&WAITS, call.attempt.saturating_add(2), 0));
            (Err((at < call.expires_at).then_some(at)), reply)
        }
    };
    if taken == Err(None) {
        tracing::error!(call = call.id, %reply, "a signed call was given up");
    }
    Ok(tx.settle_call(call.id, taken, reply)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::triage::tier::Tier;
    use crate::journey::fixture::{due, fixture, minutes, triage};
    use crate::store::alerts::lifecycle::{Audience, NewAlert};
    use crate::store::alerts::webhook_calls::NewCall;

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
                let new = NewCall { alert, receiver: receiver(url), url, body: "{}", expires_at: end };
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
        assert!(waiting(now + minutes(10_000)).is_empty());
    }
}

//! The daily digest to ops: once a day, at the hour that the clinic chose, what happened in the last day, what is open, and what
//! is not well. Counts and kinds only: no case, no name. The day is kept, so that a restart sends no second one.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::care::address::EmailAddress;
use crate::care::delivery::DeliveryState;
use crate::care::plan::protocol::OnUnknown;
use crate::care::time::clock_trust::Trusted;
use crate::care::time::span::later;
use crate::journey::alerts::notify;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::ops_findings::{self, OpsFinding, OpsLook, Severity};
use crate::journey::outbox::fact_names::CONSOLE;
use crate::journey::sending_policy::{day, zone};
use crate::letter::content::Inputs;
use crate::letter::template_names::LetterName;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::mail::delivery::{NewDelivery, Purpose};

/// The fact that keeps the day of the last digest.
const SENT_ON: &str = "ops-digest-on";
/// What is told is of so long.
const SPAN: SignedDuration = SignedDuration::from_hours(24);
/// For so long a digest is of use; then the next one comes.
const OF_USE: Duration = Duration::from_secs(20 * 3600);

/// What is counted of the last day: the name of the fact in the letter, and the event of the audit.
const HAPPENED: [(&str, AuditAction); 9] = [
    ("sent", AuditAction::DeliverySent),
    ("failed", AuditAction::DeliveryFailed),
    ("lapsed", AuditAction::DeliveryLapsed),
    ("bounced", AuditAction::DeliveryBounced),
    ("answers", AuditAction::ResponseSubmitted),
    ("alerts_raised", AuditAction::AlertRaised),
    ("alerts_closed", AuditAction::AlertClosed),
    ("tasks_opened", AuditAction::TaskOpened),
    ("tasks_done", AuditAction::TaskDone),
];

/// Puts the day's digest into the outbox, one letter to each address, if its hour has come and it is not sent yet.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn send_due(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    let (now, digest) = (now.at(), &clinic.care.digest);
    let here = zone(&clinic.policy.zone)?.to_datetime(now);
    if digest.to.is_empty() || here.time() < digest.at {
        return Ok(());
    }
    let today = here.date().to_string();
    if clinic.store.read(|view| view.fact(SENT_ON))?.as_deref() == Some(today.as_str()) {
        return Ok(());
    }
    let facts = clinic.store.read(|view| facts(view, clinic, now))?;
    let (to, steps) = (digest.to.clone(), clinic.clone());
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        for address in &to {
            enqueue(tx, address, facts.clone(), &steps)?;
        }
        Ok(tx.set_fact(SENT_ON, &today)?)
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

fn enqueue(
    tx: &mut Tx<'_>,
    to: &EmailAddress,
    facts: BTreeMap<String, String>,
    clinic: &Deps,
) -> Result<(), StepError> {
    let on = day(tx.at(), &zone(&clinic.policy.zone)?);
    let inputs = Inputs {
        language: clinic.care.language.clone(),
        detail: "minimal".to_owned(),
        name: None,
        written_on: on,
        items: vec![notify::item(LetterName::OpsDigest, facts)],
        no_cover: false,
        acts_for: None,
        country: None,
    };
    tx.enqueue(&NewDelivery {
        patient: None,
        recipient: Some(to.expose().to_owned()),
        purpose: Purpose::Digest,
        local_on: on,
        next_at: tx.at(),
        expires_at: later(tx.at(), OF_USE),
        on_unknown: OnUnknown::Resend,
        inputs: serde_json::to_string(&inputs).ok(),
    })?;
    Ok(())
}

/// What the letter says: the day, what is open, and each finding by its name.
fn facts(view: &View<'_>, clinic: &Deps, now: Timestamp) -> Result<BTreeMap<String, String>, StepError> {
    let here = zone(&clinic.policy.zone)?;
    let hour = |at: Timestamp| here.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string();
    let since = now - SPAN;
    let mut facts = BTreeMap::from([
        ("at".to_owned(), hour(now)),
        ("since".to_owned(), hour(since)),
        (CONSOLE.to_owned(), clinic.care.console_url.clone()),
    ]);
    for (name, action) in HAPPENED {
        facts.insert(name.to_owned(), view.events_between(action, since, now)?.to_string());
    }
    let look = ops_findings::look(view, now, None)?;
    facts.extend(open(&look).map(|(name, count)| (name.to_owned(), count.to_string())));
    let findings = ops_findings::findings(&look, now, &here);
    let stands = match findings.first().map(OpsFinding::severity) {
        None => "well",
        Some(Severity::Look) => "look",
        Some(Severity::NotWell) => "not_well",
    };
    facts.insert(stands.to_owned(), findings.len().to_string());
    facts.extend(findings.iter().map(|finding| (finding.name(), finding.value())));
    Ok(facts)
}

/// What is open now, by the name of its fact.
fn open(look: &OpsLook) -> impl Iterator<Item = (&'static str, u64)> {
    let readings = &look.readings;
    let unknown = readings.letters.iter().filter(|count| count.state == DeliveryState::Unknown);
    [
        ("alerts_open", readings.alerts.iter().map(|alerts| alerts.open).sum()),
        ("tasks_open", readings.tasks.iter().map(|tasks| tasks.open).sum()),
        ("letters_waiting", readings.waiting.iter().map(|letters| letters.waiting).sum()),
        ("letters_unknown", unknown.map(|count| count.letters).sum()),
    ]
    .into_iter()
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;
    use crate::journey::alert_policy::DigestPlan;
    use crate::journey::fixture::{Fixture, at, fixture_where, sure, triage};

    fn ops(address: &str) -> EmailAddress {
        EmailAddress::parse(address).unwrap()
    }

    fn letters(fixture: &Fixture) -> Vec<Inputs> {
        let now = at("2027-01-01T00:00:00Z");
        let due = fixture.clinic.store.read(|view| view.letters_due(&[Purpose::Digest], now, 50)).unwrap();
        let read = |inputs: Option<String>| serde_json::from_str(&inputs.unwrap()).unwrap();
        due.into_iter().map(|(_, found)| read(found.unwrap().letter.inputs)).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_digest_leaves_once_a_day_at_its_hour_also_over_a_restart() {
        let fixture = fixture_where(triage(), |care| {
            care.digest = DigestPlan {
                to: vec![ops("a@clinic.example"), ops("b@clinic.example")],
                at: time(7, 0, 0, 0),
            };
        });
        for (instant, so_far) in [
            ("2026-03-03T06:59:00Z", 0),
            ("2026-03-03T07:00:00Z", 2),
            ("2026-03-03T23:59:00Z", 2),
            ("2026-03-04T06:00:00Z", 2),
            ("2026-03-04T11:00:00Z", 4),
        ] {
            // Nothing but the database is kept from one to the next.
            send_due(&fixture.clinic.clone(), sure(at(instant))).await.unwrap();
            assert_eq!(letters(&fixture).len(), so_far, "{instant}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn it_tells_the_last_day_and_what_is_not_well_and_names_nobody() {
        let fixture = fixture_where(triage(), |care| {
            care.digest = DigestPlan { to: vec![ops("a@clinic.example")], at: time(7, 0, 0, 0) };
        });
        fixture
            .write(("daemon", at("2026-03-02T08:00:00Z")), |tx| Ok(tx.set_fact("canary-broken", "why")?))
            .unwrap();
        send_due(&fixture.clinic, sure(at("2026-03-03T07:00:00Z"))).await.unwrap();
        let facts = letters(&fixture).remove(0).items.remove(0).facts;
        let told = |name: &str| facts.get(name).map(String::as_str);
        assert_eq!(
            (told("since"), told("canary_broken"), told("sent")),
            (Some("2026-03-02 07:00"), Some("1"), Some("0"))
        );
        assert_eq!((told("well"), told("held")), (None, None));
        let her = fixture.her();
        assert!(
            !facts
                .values()
                .any(|fact| fact.contains(her.name.expose()) || fact.contains(her.reference.as_str()))
        );
    }
}

//! Somebody acts for a patient and gets her letters in her place. What is recorded of it counts at the hand-off of the next
//! letter; the audit names nobody.

use jiff::Timestamp;

use crate::care::address::EmailAddress;
use crate::care::patient::Patient;
use crate::care::record::proxy::{NewProxy, ProxyFault};
use crate::care::task::TaskKind;
use crate::care::time::clock_trust::Trusted;
use crate::journey::deps::Deps;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::final_check::proxy_term;
use crate::journey::patients::resume::{self, StopReason};
use crate::journey::sending_policy::{Policy, day, zone};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::people::proxies::ProxyMailbox;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Why the one before ended, where another takes the place.
const REPLACED: &str = "another took the place";

/// Who acts for her from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyChange {
    /// This one, in the place of whoever did before.
    Record(Box<NewProxy>),
    /// Nobody any more, for this reason.
    End(String),
}

/// Writes it down; what kept her from being written to may be over by it.
///
/// # Errors
/// [`RecordError::Proxy`] when it cannot stand so; the store's own.
pub(in crate::journey::patients) fn change(
    tx: &mut Tx<'_>,
    patient: &Patient,
    change: &ProxyChange,
    policy: &Policy,
) -> Result<(), StepError> {
    let refused = |fault: ProxyFault| StepError::Record(RecordError::Proxy(fault));
    match change {
        ProxyChange::Record(new) => {
            let today = day(tx.at(), &zone(&patient.zone)?);
            new.check(patient.email.as_ref(), today).map_err(refused)?;
            policy.refuse_own_of(new)?;
            end(tx, patient, REPLACED)?;
            tx.record_proxy(patient.id, new)?;
            tx.close_tasks_of(patient.id, &[TaskKind::Unreachable], "somebody acts for her now")?;
        }
        ProxyChange::End(reason) => {
            patient.proxy.as_ref().ok_or(refused(ProxyFault::Nobody))?;
            if reason.trim().is_empty() {
                return Err(refused(ProxyFault::NoReason));
            }
            end(tx, patient, reason.trim())?;
        }
    }
    if tx.patient(patient.id)?.letters_to().is_some() {
        resume::is_over(tx, patient.id, StopReason::NoAddress)?;
    }
    Ok(())
}

fn end(tx: &mut Tx<'_>, patient: &Patient, reason: &str) -> Result<(), StepError> {
    let Some(proxy) = &patient.proxy else { return Ok(()) };
    tx.end_proxy(patient.id, proxy.id, reason)?;
    Ok(tx.close_tasks_of(patient.id, &[TaskKind::ProxyAddress], "it is not her proxy's address any more")?)
}

/// Her record ends in another: whoever acts for her acts there, unless somebody else does already.
pub(in crate::journey::patients) fn go_over(
    tx: &mut Tx<'_>,
    kept: &Patient,
    other: &Patient,
) -> Result<(), StepError> {
    let Some(proxy) = &other.proxy else { return Ok(()) };
    let told = tx.proxy(proxy.id)?.told;
    end(tx, other, "the record ended in another")?;
    if kept.proxy.is_none() {
        tx.record_proxy(kept.id, &told)?;
    }
    Ok(())
}

/// The mail server says that a proxy's address does not exist: no letter leaves there any more, and a person is asked today. The
/// patient's own address is not in doubt.
pub(in crate::journey) fn address_refused(tx: &mut Tx<'_>, mailbox: &EmailAddress) -> Result<(), StepError> {
    for ProxyMailbox { proxy, patient, .. } in
        tx.proxies_at(mailbox.expose())?.into_iter().filter(|one| !one.is_refused)
    {
        tx.refuse_proxy(patient, proxy)?;
        tx.open_task(&NewTask {
            kind: TaskKind::ProxyAddress,
            cause: Subject::from(patient).part("proxy"),
            patient: Some(patient),
            follow_up: None,
            reason: "Letters to whoever acts for her were refused for good.".to_owned(),
            due_at: tx.at(),
        })?;
    }
    Ok(())
}

/// The mail server had refused everybody alike: whoever acts for a patient at that mailbox gets her letters again.
pub(in crate::journey) fn address_stands(tx: &mut Tx<'_>, mailbox: &str, why: &str) -> Result<(), StepError> {
    for ProxyMailbox { proxy, patient, .. } in
        tx.proxies_at(mailbox)?.into_iter().filter(|one| one.is_refused)
    {
        tx.restore_proxy(patient, proxy)?;
        tx.close_tasks_of(patient, &[TaskKind::ProxyAddress], why)?;
        resume::is_over(tx, patient, StopReason::NoAddress)?;
    }
    Ok(())
}

/// Ends what is over, each by the patient's own calendar. Returns how many ended.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn end_terms(clinic: &Deps, now: Trusted) -> Result<usize, StepError> {
    let now: Timestamp = now.at();
    // No place on Earth is a day ahead of another by more than this.
    let latest = day(now, &zone(&clinic.policy.zone)?).saturating_add(jiff::Span::new().days(1));
    let mut count = 0;
    for id in clinic.store.read(|view| view.proxies_over(latest))? {
        let settle = move |tx: &mut Tx<'_>| -> Result<bool, StepError> {
            let before = tx.patient(id)?;
            let had = before.proxy.is_some();
            let after = proxy_term::settle(tx, before)?;
            let is_over = had && after.proxy.is_none();
            if is_over && after.letters_to().is_some() {
                resume::is_over(tx, id, StopReason::NoAddress)?;
            }
            Ok(is_over)
        };
        match clinic.store.write(Stamp::daemon(now), settle).await {
            Ok(is_over) => count += usize::from(is_over),
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => tracing::error!(patient = id.0, %fault, "a proxy's time cannot be ended"),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;

    use super::*;
    use crate::care::patient::{PatientStatus, PreferredName};
    use crate::journey::answers::new_link::new_link;
    use crate::journey::delivery::deliver::deliver;
    use crate::journey::delivery::outcome;
    use crate::journey::fixture::world::post;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, sure, triage};
    use crate::store::answers::links::LinkPurpose;
    use crate::store::work::worklist::LedgerFilter;

    fn marta() -> NewProxy {
        NewProxy {
            name: PreferredName::parse("Marta").unwrap(),
            relation: "daughter".to_owned(),
            email: EmailAddress::parse("marta@mail.example").unwrap(),
            language: "es".to_owned(),
            consent_by: "the patient herself".to_owned(),
            consent_on: date(2026, 3, 1),
            until: Some(date(2026, 3, 4)),
        }
    }

    fn acts(fixture: &Fixture, new: NewProxy) {
        let (her, policy) = (fixture.her(), Arc::clone(&fixture.clinic.policy));
        let write = move |tx: &mut Tx<'_>| change(tx, &her, &ProxyChange::Record(Box::new(new)), &policy);
        fixture.write(("staff:nora", due()), write).unwrap();
    }

    fn tasks(fixture: &Fixture, kind: TaskKind) -> usize {
        let open = fixture.clinic.store.read(|view| view.tasks_open()).unwrap();
        open.into_iter().filter(|task| task.kind == kind).count()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn letters_go_to_the_proxy_until_the_last_agreed_day_has_passed() {
        let fixture = fixture(triage());
        acts(&fixture, marta());
        let her = fixture.her();
        assert_eq!(her.letters_to().map(EmailAddress::expose), Some("marta@mail.example"));
        assert_eq!(her.letter_language(), "es");
        let ended = async |at: &str| end_terms(&fixture.clinic, sure(at.parse().unwrap())).await.unwrap();
        assert_eq!(ended("2026-03-04T23:00:00Z").await, 0);
        assert_eq!(ended("2026-03-05T01:00:00Z").await, 1);
        assert_eq!(ended("2026-03-05T02:00:00Z").await, 0);
        let her = fixture.her();
        assert_eq!(her.letters_to(), her.email.as_ref());
        assert_eq!(tasks(&fixture, TaskKind::ReviewPlan), 1);
        let events = fixture.clinic.store.read(|view| view.last_events(9)).unwrap();
        assert!(events.iter().all(|event| !format!("{event:?}").contains("marta")));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_that_waited_goes_to_whoever_acts_for_her_when_it_leaves_and_says_for_whom() {
        let fixture = fixture(triage());
        let token = fixture.form();
        new_link(&fixture.clinic, due(), token).await.unwrap();
        acts(&fixture, marta());
        assert_eq!(deliver(&fixture.clinic, &post(due())).await.unwrap().sent, 1);
        let ledger = fixture.clinic.store.read(|view| view.ledger(&LedgerFilter::default())).unwrap();
        let letter = ledger.into_iter().map(|line| line.delivery).next_back().unwrap();
        assert_eq!(letter.recipient.as_deref(), Some("marta@mail.example"));
        // Once her mailbox is known to be dead, a letter that comes back touches nobody else.
        fixture.write(("daemon", due()), move |tx| outcome::dead_end(tx, &letter).map(drop)).unwrap();
        assert_eq!(fixture.her().letters_to(), None);
        assert_eq!(fixture.her().status, PatientStatus::Active);
        new_link(&fixture.clinic, due() + minutes(90), fixture.token(LinkPurpose::Changed)).await.unwrap();
        assert_eq!(deliver(&fixture.clinic, &post(due() + minutes(91))).await.unwrap().sent, 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_dead_address_of_the_proxy_stops_letters_and_leaves_the_patients_alone() {
        let fixture = fixture(triage());
        acts(&fixture, marta());
        let refused = fixture.write(("daemon", due()), |tx| {
            let mailbox = EmailAddress::parse("Marta@mail.example").unwrap();
            address_refused(tx, &mailbox)
        });
        refused.unwrap();
        let her = fixture.her();
        assert_eq!((her.letters_to(), her.status), (None, PatientStatus::Active));
        assert_eq!((tasks(&fixture, TaskKind::ProxyAddress), tasks(&fixture, TaskKind::AddressBad)), (1, 0));
        // Another address ends the task, and letters go on.
        acts(&fixture, NewProxy { email: EmailAddress::parse("m@work.example").unwrap(), ..marta() });
        assert_eq!(tasks(&fixture, TaskKind::ProxyAddress), 0);
        assert!(fixture.her().letters_to().is_some());
        let (her, policy) = (fixture.her(), Arc::clone(&fixture.clinic.policy));
        let end = move |tx: &mut Tx<'_>| change(tx, &her, &ProxyChange::End(" ".to_owned()), &policy);
        let refused = fixture.write(("staff:nora", due()), end);
        assert!(matches!(refused, Err(StepError::Record(RecordError::Proxy(ProxyFault::NoReason)))));
    }
}

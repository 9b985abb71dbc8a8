//! The mail server refuses us, and with us a letter about an alert: the letter goes on being tried, and whoever can be told
//! another way is told at once.

use crate::care::alert::lifecycle::AlertState;
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::receipt::Receipt;
use crate::journey::alerts::notify::{WebhookNotice, call};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::alerts::notices::NoticeReason;
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::{Delivery, Purpose};

/// Calls the next rung that has a way of its own and was not called about this alert yet. The first refusal of a letter does
/// so: each letter of the ladder brings in one rung more.
pub(in crate::journey) fn by_other_ways(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    report: &Receipt,
    clinic: &Deps,
) -> Result<(), StepError> {
    let is_ours = letter.purpose == Purpose::Alert && matches!(report.verdict, AttemptVerdict::RefusesUs(_));
    if !is_ours || tx.refusals_of_us(letter.id)? != 1 {
        return Ok(());
    }
    for id in tx.alerts_told_by(letter.id)? {
        let alert = tx.alert(id)?;
        if alert.state != AlertState::Raised {
            continue;
        }
        let notices = tx.notices_of(id)?;
        let is_called =
            |name: &str| notices.iter().any(|n| n.channel == "webhook" && n.rung.as_deref() == Some(name));
        let next = clinic.care.contacts.iter().find_map(|contact| {
            let url = contact.webhook.as_deref()?;
            (!is_called(&contact.name)).then(|| (url, contact.who()))
        });
        if let Some((url, rung)) = next {
            let notice = WebhookNotice { url, why: NoticeReason::Again, rung: Some(&rung) };
            call(tx, &alert, notice, &clinic.care)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::care::delivery;
    use crate::care::refusal::cause::Cause;
    use crate::care::task::TaskKind;
    use crate::journey::alerts::escalate::escalate;
    use crate::journey::delivery::deliver::deliver;
    use crate::journey::delivery::post::Post;
    use crate::journey::fixture::world::post;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, page, triage};
    use crate::ports::{BoxFuture, Courier, CourierConnection, LastLook, Outgoing, Readiness, Transfer};
    use crate::store::answers::links::LinkPurpose;
    use crate::store::work::worklist::LedgerFilter;

    /// A mail server that does not let us in.
    struct Shut;

    impl Courier for Shut {
        fn connections(&self) -> usize {
            1
        }
        fn connection(&self) -> Box<dyn CourierConnection> {
            Box::new(Self)
        }
    }

    impl CourierConnection for Shut {
        fn ready(&mut self) -> BoxFuture<'_, Result<Readiness, Receipt>> {
            Box::pin(async { Ok(Readiness::AtOnce) })
        }
        fn transfer<'a>(&'a mut self, _: &'a Outgoing, _: &'a dyn LastLook) -> BoxFuture<'a, Transfer> {
            let verdict = AttemptVerdict::RefusesUs(Cause::SignIn);
            let reply = "5.7.57 Client not authenticated to send mail.".to_owned();
            let receipt = Receipt { code: Some(530), ..Receipt::unsaid(verdict, reply) };
            Box::pin(async { Transfer::Over(receipt) })
        }
        fn abandoned(&mut self) -> Option<Receipt> {
            None
        }
        fn rest(&mut self) -> BoxFuture<'_, ()> {
            Box::pin(async {})
        }
    }

    fn told(fixture: &Fixture) -> Vec<String> {
        let alert = fixture.clinic.store.read(|v| v.alerts_of(fixture.patient)).unwrap().remove(0);
        let notices = fixture.clinic.store.read(|v| v.notices_of(alert.id)).unwrap();
        notices.into_iter().map(|n| format!("{} {}", n.channel, n.rung.unwrap_or_default())).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_alert_that_no_letter_can_tell_calls_the_next_rung_at_once_and_goes_on_being_tried() {
        let fixture = fixture(triage());
        let token = fixture.token(LinkPurpose::Changed);
        fixture.kept(due(), page(&token, "a", &[("walk", "new")])).await;
        let mut attempts = Vec::new();
        for minute in [0, 1, 14] {
            let now = due() + minutes(minute);
            escalate(&fixture.clinic, now).await.unwrap();
            deliver(&fixture.clinic, &Post { courier: Arc::new(Shut), ..post(now) }).await.unwrap();
            let ledger = fixture.clinic.store.read(|v| v.ledger(&LedgerFilter::default())).unwrap();
            let staff = ledger.iter().find(|l| l.delivery.purpose == Purpose::Alert).unwrap();
            assert_eq!(staff.delivery.state, delivery::DeliveryState::Pending);
            attempts.push(staff.delivery.attempt);
        }
        assert_eq!(told(&fixture), ["email nurse", "webhook doctor"], "once, and nobody else");
        assert_eq!(fixture.clinic.store.read(|v| v.calls_due(due())).unwrap().len(), 1);
        assert!(attempts[2] > attempts[0], "{attempts:?}");
        let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        assert_eq!(tasks.iter().filter(|t| t.kind == TaskKind::MailRefused).count(), 1);

        let now = due() + minutes(60);
        deliver(&fixture.clinic, &post(now)).await.unwrap();
        let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        assert!(
            tasks.iter().all(|t| t.kind != TaskKind::MailRefused),
            "a letter to staff began it, so one ends it"
        );
    }
}

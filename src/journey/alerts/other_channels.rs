//! The mail server refuses us, and with us a letter about an alert: the letter goes on being tried, and whoever can be told
//! another way is told at once.

use std::collections::BTreeSet;

use crate::care::alert::lifecycle::AlertState;
use crate::care::alert::rung::{Identity, told};
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::receipt::Receipt;
use crate::journey::alert_policy::Contact;
use crate::journey::alerts::notify::{WebhookNotice, call};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::alerts::lifecycle::Alert;
use crate::store::alerts::notices::{Channel, NoticeReason};
use crate::store::db::transaction::{Tx, View};
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
        let ladder: Vec<Identity> = clinic.care.contacts.iter().map(Contact::who).collect();
        let called = called(tx, &alert, &ladder)?;
        let mut rungs = clinic.care.contacts.iter().zip(&ladder).enumerate();
        let next = rungs.find_map(|(index, (contact, who))| {
            contact.webhook.as_deref().filter(|_| !called.contains(&index)).map(|url| (url, who))
        });
        if let Some((url, who)) = next {
            let notice = WebhookNotice { url, why: NoticeReason::Again, rung: Some(who) };
            call(tx, &alert, notice, &clinic.care)?;
        }
    }
    Ok(())
}

/// Who on the ladder was called in this round of the alert, whatever they were called then: a round that begins anew calls anew.
fn called(view: &View<'_>, alert: &Alert, ladder: &[Identity]) -> Result<Vec<usize>, StepError> {
    let mut notices = view.notices_of(alert.id)?;
    notices.retain(|n| n.round == alert.round && matches!(n.channel, Channel::Webhook(_)));
    let past: BTreeSet<Identity> = notices.into_iter().filter_map(|notice| notice.rung).collect();
    Ok(told(&Vec::from_iter(past), &Vec::from_iter(ladder)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::care::address::EmailAddress;
    use crate::care::delivery;
    use crate::care::refusal::cause::Cause;
    use crate::care::task::TaskKind;
    use crate::care::triage::tier::Tier;
    use crate::journey::alerts::escalate::escalate;
    use crate::journey::alerts::notify::{enqueue, item};
    use crate::journey::delivery::deliver::deliver;
    use crate::journey::delivery::post::Post;
    use crate::journey::fixture::world::post;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, page, triage};
    use crate::letter::template_names::LetterName;
    use crate::ports::{BoxFuture, Courier, CourierConnection, LastLook, Outgoing, Readiness, Transfer};
    use crate::store::alerts::lifecycle::{Audience, NewAlert};
    use crate::store::alerts::notices::SentNotice;
    use crate::store::answers::links::LinkPurpose;
    use crate::store::database::tests::{sabotage, words};
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

    fn notices(fixture: &Fixture) -> Vec<String> {
        let alert = fixture.clinic.store.read(|v| v.alerts_of(fixture.patient)).unwrap().remove(0);
        let notices = fixture.clinic.store.read(|v| v.notices_of(alert.id)).unwrap();
        notices
            .into_iter()
            .map(|n| format!("{} {}", n.channel.word(), n.rung.map(|who| who.name).unwrap_or_default()))
            .collect()
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
        assert_eq!(notices(&fixture), ["email nurse", "webhook doctor"], "once, and nobody else");
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

    /// What is noted once an alert of that round rang and the server refused its first letter; `past` was called by then.
    fn called_then(
        past: &'static [(u32, Option<&'static str>, &'static str)],
        ladder: &[(Option<&str>, &str)],
    ) -> Vec<String> {
        let mut fixture = fixture(triage());
        let contact = |(place, (id, name)): (usize, &(Option<&str>, &str))| Contact {
            id: id.map(str::to_owned),
            name: (*name).to_owned(),
            email: EmailAddress::parse(&format!("rung-{place}@clinic.example")).unwrap(),
            webhook: Some(format!("https://pager.example/{place}")),
        };
        let care = Arc::get_mut(&mut fixture.clinic.care).unwrap();
        care.contacts = ladder.iter().enumerate().map(contact).collect();
        let (her, clinic) = (fixture.patient, fixture.clinic.clone());
        let job = move |tx: &mut Tx<'_>| -> Result<Vec<String>, StepError> {
            let end = due() + minutes(60);
            let new =
                NewAlert { patient: her, audience: Audience::Ladder, tier: Some(Tier::Urgent), due_at: end };
            let alert = tx.insert_alert(&new)?;
            sabotage(
                tx,
                "UPDATE alert SET round = 1; INSERT INTO webhook_call (id, receiver, url, body, state, expires_at, created_at, \
                 ended_at) VALUES (1, 'x', 'before', '{}', 'sent', 0, 0, 0)",
            )?;
            let who = |id: &Option<&str>, name: &str| Identity {
                id: id.map(str::to_owned),
                name: name.to_owned(),
                address: "rung-0@clinic.example".to_owned(),
            };
            for (round, id, name) in past {
                let (rung, channel) = (Some(who(id, name)), Channel::Webhook(1));
                tx.note_notice(alert, &SentNotice { why: NoticeReason::Rung, round: *round, rung, channel })?;
            }
            let refused = AttemptVerdict::RefusesUs(Cause::SignIn);
            let receipt = Receipt::unsaid(refused, "no".to_owned());
            let letter = enqueue(
                tx,
                &clinic.care.contacts[0],
                item(LetterName::StaffAlert, BTreeMap::new()),
                &clinic,
            )?;
            let told =
                SentNotice { why: NoticeReason::Rung, round: 1, rung: None, channel: Channel::Email(letter) };
            tx.note_notice(alert, &told)?;
            sabotage(
                tx,
                &format!("INSERT INTO attempt VALUES ({}, 1, 0, 'refuses-us', 530, NULL, 'no')", letter.0),
            )?;
            let letter = tx.delivery(letter)?;
            by_other_ways(tx, &letter, &receipt, &clinic)?;
            Ok(words(tx, "SELECT url FROM webhook_call WHERE id > 1 ORDER BY id")?)
        };
        fixture.write(("daemon", due()), job).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_was_called_is_known_by_round_and_rung_and_not_by_a_name() {
        let (first, second) = ("https://pager.example/0", "https://pager.example/1");
        // What was called before the alert was given back says nothing of now.
        assert_eq!(called_then(&[(0, None, "nurse")], &[(None, "nurse"), (None, "doctor")]), [first]);
        assert_eq!(called_then(&[(1, None, "nurse")], &[(None, "nurse"), (None, "doctor")]), [second]);
        // Another name, or the same one twice.
        assert_eq!(
            called_then(&[(1, Some("r1"), "nurse")], &[(Some("r1"), "ward"), (None, "doctor")]),
            [second]
        );
        assert_eq!(called_then(&[(1, None, "desk")], &[(None, "desk"), (None, "desk")]), [second]);
        assert_eq!(
            called_then(&[(1, None, "desk"), (1, None, "desk")], &[(None, "desk"), (None, "desk")]),
            [second]
        );
    }
}

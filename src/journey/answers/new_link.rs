//! "Send me a new link": to the address on record only, three in 24 hours with a longer rest each time, whatever the page was
//! asked with. The first leaves at once, for she sits there and waits; in her night the others wait for the morning, so that nobody
//! who holds a link can wake her. The page says the same in every case: nobody learns whether a link was ever good.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};

use crate::care::actor::Actor;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::time::calendar::{OpenDays, SendingHours};
use crate::care::time::span::{earlier, later};
use crate::journey::alerts::notify;
use crate::journey::answers::link_access;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::find;
use crate::journey::outbox::compose::GENERATION;
use crate::journey::outbox::fact_names::FOLLOW_UP;
use crate::journey::outbox::notice::{self, NoticeLetter};
use crate::journey::sending_policy::zone;
use crate::letter::content::LetterItem;
use crate::letter::template_names::LetterName;
use crate::store::answers::links::LinkPurpose;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::people::preferences::NewLinkRequest;

/// How long the second and the third rest after the one before; there is no fourth in [`SPAN`].
const RESTS: [SignedDuration; 2] = [SignedDuration::from_hours(1), SignedDuration::from_hours(4)];
/// Within this span they are counted.
const SPAN: SignedDuration = SignedDuration::from_hours(24);
/// A link asked for now is of no use tomorrow's tomorrow.
const OF_USE: Duration = Duration::from_secs(24 * 3600);

/// What became of the wish; for logs and tests. The visitor is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A letter is on its way to the address on record.
    Yes,
    /// The token was never ours, or the one it belonged to cannot be written to.
    Nobody,
    /// One was sent a short time ago, or as many as a day may bring.
    Rested,
    /// Her forms are locked: a person rings her first.
    Locked,
}

/// Sends a new link for the form behind an expired or used one. The old one keeps its own end.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn new_link(clinic: &Deps, now: Timestamp, token: String) -> Result<Sent, StepError> {
    let steps = clinic.clone();
    let stamp = Stamp { at: now, actor: Actor::Patient };
    let sent = clinic.store.write(stamp, move |tx| send(tx, &token, &steps)).await?;
    if sent == Sent::Yes {
        clinic.bells.letters.notify_one();
    }
    Ok(sent)
}

fn send(tx: &mut Tx<'_>, token: &str, clinic: &Deps) -> Result<Sent, StepError> {
    let Some(link) = find(tx, &clinic.key, token)?.filter(|l| l.purpose != LinkPurpose::OptOut) else {
        return Ok(Sent::Nobody);
    };
    let patient = tx.patient(tx.record_that_stays(link.patient)?)?;
    if patient.status == PatientStatus::Deceased {
        link_access::note_dead(tx, link_access::ClosedLink::Dead, Some(patient.id))?;
    }
    if !patient.status.may_receive() || patient.letters_to().is_none() {
        return Ok(Sent::Nobody);
    }
    if tx.has_locked_forms(patient.id)? {
        return Ok(Sent::Locked);
    }
    let Some(leaves_at) = leaves_at(tx, &patient, clinic)? else { return Ok(Sent::Rested) };
    let generation = tx.next_generation(patient.id, link.purpose)?;
    let title = match link.purpose {
        LinkPurpose::Checklist(_) => link_access::checklist_name(tx, &link, clinic)?,
        LinkPurpose::OptOut | LinkPurpose::Changed => clinic.care.standard.clone(),
    };
    let says = item(link.purpose, generation, title);
    let letter = NoticeLetter { says, no_cover: false, leaves_at, of_use: OF_USE };
    let delivery = notice::enqueue(tx, &patient, letter)?;
    tx.note_link_request(&NewLinkRequest {
        patient: patient.id,
        purpose: link.purpose,
        generation,
        delivery,
    })?;
    Ok(Sent::Yes)
}

/// When the next one may leave; `None` while it rests, or where the day has had its three.
fn leaves_at(tx: &Tx<'_>, patient: &Patient, clinic: &Deps) -> Result<Option<Timestamp>, StepError> {
    let now = tx.at();
    let asked = tx.links_asked_since(patient.id, earlier(now, SPAN))?;
    let Some(last) = asked.last() else { return Ok(Some(now)) };
    let Some(rest) = RESTS.get(asked.len() - 1) else { return Ok(None) };
    if later(*last, *rest) > now {
        return Ok(None);
    }
    // The hours of the day alone: she asked for it, also on a day on which no routine letter leaves.
    let weekdays = Weekday::Sunday.cycle_forward().take(7).collect();
    let days = OpenDays { weekdays, holidays: BTreeSet::new() };
    let by_day = SendingHours { days, ..clinic.policy.hours.clone() };
    Ok(Some(by_day.next_open(now, &zone(&patient.zone)?)))
}

/// "Something changed" has one link that never ages; its letter only names it again.
fn item(purpose: LinkPurpose, generation: u32, title: String) -> LetterItem {
    let mut facts = BTreeMap::new();
    if let LinkPurpose::Checklist(follow_up) = purpose {
        facts.insert(FOLLOW_UP.to_owned(), follow_up.0.to_string());
        facts.insert(GENERATION.to_owned(), generation.to_string());
    }
    LetterItem { title, ..notify::item(LetterName::NewLink, facts) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::answers::link_access::{ClosedLink, LinkRequest, LinkView, open};
    use crate::journey::delivery::deliver::deliver;
    use crate::journey::fixture::world::post;
    use crate::journey::fixture::{due, fixture, minutes, page, triage};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_link_goes_to_the_address_on_record_once_an_hour_and_opens_the_form() {
        let fixture = fixture(triage());
        let token = fixture.form();
        let ask = async |now, token: &str| new_link(&fixture.clinic, now, token.to_owned()).await.unwrap();
        assert_eq!(ask(due(), "forged").await, Sent::Nobody);
        assert_eq!(ask(due(), &token).await, Sent::Yes);
        assert_eq!(ask(due() + minutes(59), &token).await, Sent::Rested);
        assert_eq!(deliver(&fixture.clinic, &post(due())).await.unwrap().sent, 1);

        let fresh =
            fixture.clinic.key.token(fixture.patient, LinkPurpose::Checklist(fixture.follow_up(1).id), 1);
        let shown = |token: &str| {
            open(&fixture.clinic, LinkRequest { token, pass: None, at: due() + minutes(2) }).unwrap()
        };
        assert!(matches!(shown(&fresh), LinkView::Form(_)));
        assert!(matches!(shown(&token), LinkView::Form(_)));
        fixture.kept(due() + minutes(1), page(&token, "a", &[])).await;
        assert!(matches!(shown(&token), LinkView::Shut(ClosedLink::Used, _)));
        assert_eq!(ask(due() + minutes(61), &token).await, Sent::Yes);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn three_in_a_day_each_after_a_longer_rest_and_in_her_night_only_the_first_leaves_at_once() {
        let fixture = fixture(triage());
        let token = fixture.form();
        let ask = async |now| new_link(&fixture.clinic, now, token.clone()).await.unwrap();
        let sent = async |now| deliver(&fixture.clinic, &post(now)).await.unwrap().sent;
        // Eleven at night on her clock; letters leave from eight to twenty.
        let night = due() + minutes(14 * 60);
        assert_eq!((ask(night).await, sent(night).await), (Sent::Yes, 1));
        let second = night + minutes(61);
        assert_eq!((ask(second).await, sent(second).await), (Sent::Yes, 0), "it waits for the morning");
        assert_eq!(ask(second + minutes(239)).await, Sent::Rested);
        let third = second + minutes(241);
        assert_eq!((ask(third).await, sent(third).await), (Sent::Yes, 0));
        assert_eq!(ask(third + minutes(12 * 60)).await, Sent::Rested, "no fourth");
        assert_eq!(sent(due() + minutes(23 * 60)).await, 2);
        assert_eq!(ask(night + minutes(24 * 60 + 1)).await, Sent::Yes, "another day");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_asks_for_something_changed_gets_that_page_and_staff_get_theirs() {
        let fixture = fixture(triage());
        let token = fixture.token(LinkPurpose::Changed);
        new_link(&fixture.clinic, due(), token.clone()).await.unwrap();
        let filter = crate::store::work::worklist::LedgerFilter::default();
        let letter = fixture.clinic.store.read(|v| v.ledger(&filter)).unwrap().remove(0).delivery;
        let inputs = serde_json::from_str(letter.inputs.as_deref().unwrap()).unwrap();
        let links = crate::journey::outbox::compose::links(letter.patient, &inputs, &fixture.clinic);
        assert_eq!(links.checklist, Some(format!("https://care.clinic.example/c/{token}")));

        fixture.kept(due(), page(&token, "a", &[("walk", "new")])).await;
        crate::journey::alerts::escalate::escalate(&fixture.clinic, due()).await.unwrap();
        let letter = fixture.clinic.store.read(|v| v.ledger(&filter)).unwrap().remove(1).delivery;
        let inputs = serde_json::from_str(letter.inputs.as_deref().unwrap()).unwrap();
        let links = crate::journey::outbox::compose::links(letter.patient, &inputs, &fixture.clinic);
        assert_eq!(links.console.as_deref(), Some("https://console.clinic.example/alerts/1"));
    }
}

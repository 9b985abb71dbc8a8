//! Whoever took an alert on gives it back: taken on by mistake, or no time for it after all. It rings at once.

use crate::care::alert::lifecycle::{AlertEvent, AlertState};
use crate::care::permission::Act;
use crate::journey::alerts::acknowledge::still_as_seen;
use crate::journey::alerts::ring::{ring, withdraw};
use crate::journey::authorize::permit;
use crate::journey::deps::Deps;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::step::StepError;
use crate::journey::owner_seen::OwnerSeen;
use crate::store::alerts::lifecycle::{Alert, AlertId};
use crate::store::db::transaction::{Stamp, Tx};

/// Whoever is stamped gives the alert back. Everybody whose turn on the ladder has come meanwhile is told with the same
/// commit.
///
/// # Errors
/// As [`back`].
pub(crate) async fn give_back(
    clinic: &Deps,
    stamp: Stamp,
    id: AlertId,
    seen: OwnerSeen,
) -> Result<Alert, StepError> {
    let steps = clinic.clone();
    let alert = clinic.store.write(stamp, move |tx| back(tx, id, &seen, &steps)).await?;
    clinic.bells.letters.notify_one();
    clinic.bells.alerts.notify_one();
    Ok(alert)
}

/// The signed-in actor gives an alert back, one's own or a colleague's who was seen to have it. Its clocks go on as if nobody
/// had taken it on: the time in which it was quiet is not given to it.
///
/// # Errors
/// [`PermissionError::NotSignedIn`](crate::journey::errors::permission::PermissionError::NotSignedIn) for anyone but staff;
/// [`AlertError::HeldBy`]; [`AlertError::AlertIs`] when nobody has it in hand, or its answer was read and nothing more is
/// asked for.
fn back(tx: &mut Tx<'_>, id: AlertId, seen: &OwnerSeen, clinic: &Deps) -> Result<Alert, StepError> {
    permit(tx, Act::TakeAlert)?;
    let alert = tx.alert(id)?;
    if alert.state.after(AlertEvent::GiveBack) != Some(AlertState::Raised) {
        return Err(AlertError::AlertIs(id.0, alert.state.word()).into());
    }
    if !alert.runs() {
        return Err(AlertError::AlertIs(id.0, "read").into());
    }
    still_as_seen(tx, id, seen)?;
    withdraw(tx, id, "the alert was given back")?;
    tx.give_alert_back(id)?;
    let raised = tx.alert(id)?;
    ring(tx, &raised, clinic)?;
    Ok(tx.alert(id)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::alert_policy::TriageMode;
    use crate::journey::alerts::acknowledge::{acknowledge, was_read};
    use crate::journey::alerts::escalate::escalate;
    use crate::journey::errors::permission::PermissionError;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, page, triage};
    use crate::store::answers::links::LinkPurpose;

    const NORA: &str = "staff:nora";

    async fn taken(fixture: &Fixture) -> AlertId {
        let token = fixture.token(LinkPurpose::Changed);
        fixture.kept(due(), page(&token, "a", &[("walk", "new")])).await;
        escalate(&fixture.clinic, due()).await.unwrap();
        let id = alert(fixture).id;
        fixture.write((NORA, due()), move |tx| acknowledge(tx, id)).unwrap();
        id
    }

    fn alert(fixture: &Fixture) -> Alert {
        fixture.clinic.store.read(|v| v.alerts_of(fixture.patient)).unwrap()[0].clone()
    }

    fn gives(fixture: &Fixture, by: &str, minute: i64, seen: OwnerSeen) -> Result<Alert, StepError> {
        let (id, steps) = (alert(fixture).id, fixture.clinic.clone());
        fixture.write((by, due() + minutes(minute)), move |tx| back(tx, id, &seen, &steps))
    }

    fn told(fixture: &Fixture) -> Vec<String> {
        let id = alert(fixture).id;
        let notices = fixture.clinic.store.read(|v| v.notices_of(id)).unwrap();
        notices
            .into_iter()
            .map(|n| format!("{} {}", n.channel.word(), n.rung.map(|who| who.name).unwrap_or_default()))
            .collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_alert_that_is_given_back_rings_at_once_as_if_nobody_had_taken_it_on() {
        let fixture = fixture(triage());
        taken(&fixture).await;
        let before = told(&fixture).len();
        let back = gives(&fixture, NORA, 1, OwnerSeen::Unasked).unwrap();
        assert_eq!((back.state, back.acknowledged, back.left_by), (AlertState::Raised, None, None));
        assert_eq!(told(&fixture).split_off(before), ["email nurse"], "a minute later, not at her next turn");
        let next = |minute| async move { due() + minutes(minute) };
        for (minute, whom) in
            [(14, &[][..]), (16, &["email nurse"]), (30, &["email doctor", "webhook doctor"])]
        {
            let before = told(&fixture).len();
            escalate(&fixture.clinic, next(minute).await).await.unwrap();
            assert_eq!(told(&fixture).split_off(before), whom, "{minute}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whose_turn_came_while_it_was_quiet_is_told_with_it() {
        let fixture = fixture(triage());
        taken(&fixture).await;
        let before = told(&fixture).len();
        gives(&fixture, NORA, 40, OwnerSeen::Unasked).unwrap();
        assert_eq!(told(&fixture).split_off(before), ["email nurse", "email doctor", "webhook doctor"]);
        let events = fixture.clinic.store.read(|v| v.last_events(50)).unwrap();
        assert!(events.iter().any(|event| event.action == "alert.given-back" && event.actor == NORA));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_gives_back_what_is_not_in_hand_was_read_or_is_a_colleagues_by_now() {
        let fixture = fixture(triage());
        let id = taken(&fixture).await;
        for by in ["daemon", "cli:root", "staff:nobody"] {
            let refused = gives(&fixture, by, 1, OwnerSeen::Unasked);
            assert!(matches!(refused, Err(StepError::Permission(PermissionError::NotSignedIn))), "{by}");
        }
        let seen = OwnerSeen::Was(Some("staff:dana".to_owned()));
        let late = gives(&fixture, "staff:dana", 1, seen.clone());
        assert!(matches!(&late, Err(StepError::Alert(AlertError::HeldBy(by))) if by == NORA));
        gives(&fixture, "staff:dana", 1, OwnerSeen::Was(Some(NORA.to_owned()))).unwrap();
        let again = gives(&fixture, NORA, 2, OwnerSeen::Unasked);
        assert!(matches!(again, Err(StepError::Alert(AlertError::AlertIs(_, "raised")))));
        fixture.write((NORA, due()), move |tx| acknowledge(tx, id)).unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_that_was_read_does_not_ring_again() {
        let fixture = fixture(TriageMode::Education);
        let token = fixture.token(LinkPurpose::Changed);
        fixture.kept(due(), page(&token, "a", &[("walk", "new")])).await;
        let her = fixture.patient;
        fixture.write((NORA, due()), move |tx| was_read(tx, her)).unwrap();
        let refused = gives(&fixture, NORA, 1, OwnerSeen::Unasked);
        assert!(matches!(refused, Err(StepError::Alert(AlertError::AlertIs(_, "read")))));
    }
}

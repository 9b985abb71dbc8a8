//! Answers judged against what her record says: nothing yet, rubbish, or a confirmed baseline.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_answer_that_nobody_judged_is_judged_by_the_next_pass() {
    let house = house(triage());
    let token = house.token(Door::Changed);
    house.kept(due(), page(&token, "a", RED)).await;
    let restore = "DROP TRIGGER alert_kept; UPDATE response SET judged_at = NULL, tier = NULL, reasons = '[]', alert_id = NULL; \
                   DELETE FROM alert";
    house.clinic.store.write(Stamp::daemon(due()), |tx| sabotage(tx, restore)).await.unwrap();
    assert_eq!(judge_stored(&house.clinic, due()).await.unwrap(), 1);
    assert_eq!((alerts(&house).len(), responses(&house)[0].tier), (1, Some(Tier::Emergency)));
    assert_eq!(judge_stored(&house.clinic, due()).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_refuses_no_answer() {
    let house = house(triage());
    let token = house.form();
    let broken = "UPDATE patient SET zone = 'Nowhere/Land'; INSERT INTO checklist_version VALUES (9, 'spine', 'x', 'x', 0); \
                  INSERT INTO baseline VALUES (1, 1, 9, 'not json', '{}', 'Dr A', '2026-02-01')";
    house.write(("daemon", due()), move |tx| Ok(sabotage(tx, broken)?)).unwrap();
    let kept = house.kept(due(), page(&token, "a", RED)).await;
    assert_eq!((kept.outcome, alerts(&house).len()), (Outcome::Tier(Tier::Emergency), 1));
    assert!(tasks(&house, Kind::ReviewPlan));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_nobody_made_silences_no_sign() {
    let house = house(triage());
    let token = house.token(Door::Changed);
    let odd = "INSERT INTO baseline VALUES (1, 1, 2, '{\"walk\":\"same\"}', '{\"walk\":\"knwon\"}', 'Dr A', '2026-02-01')";
    house.write(("daemon", due()), move |tx| Ok(sabotage(tx, odd)?)).unwrap();
    let kept = house.kept(due(), page(&token, "a", &[("walk", "same")])).await;
    assert_eq!(kept.outcome, Outcome::Tier(Tier::Urgent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_baseline_is_read_and_a_sign_known_for_long_is_no_alarm() {
    let house = house(triage());
    let token = house.token(Door::Changed);
    let same = &[("walk", "same")];
    assert_eq!(house.kept(due(), page(&token, "a", same)).await.outcome, Outcome::Tier(Tier::Urgent));
    let (id, version) = (house.patient, house.clinic.care.current["spine"]);
    let clinic = house.clinic.clone();
    let fields = vec![("walk".to_owned(), "same".to_owned())];
    let confirm =
        move |tx: &mut Tx<'_>| crate::journey::baseline::confirm(tx, id, (version, &fields, &[]), &clinic);
    house.write(("staff:dana", due()), confirm).unwrap();
    let known = house.kept(due() + minutes(9), page(&token, "b", same)).await;
    assert_eq!(known.outcome, Outcome::Tier(Tier::Routine));
}

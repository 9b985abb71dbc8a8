//! The count against what the rules really said: the same answers judged as they came, and judged once more.

use jiff::civil::date;

use super::*;
use crate::journey::alert_policy::TriageMode;
use crate::journey::fixture::form::checklist;
use crate::journey::fixture::{Fixture, due, fixture, page, triage};
use crate::store::answers::links::LinkPurpose;
use crate::store::database::tests::sabotage;
use crate::store::people::clinical_history::BaselineRow;

/// What she says on each of her forms, ten days apart.
const SAID: [&[(&str, &str)]; 8] = [
    &[("weight", "yes")],
    &[("pain", "same")],
    &[("weight", "yes"), ("pain", "new")],
    &[],
    &[("walk", "unsure")],
    &[("walk", "same")],
    &[("grip", "new")],
    &[("call", "yes")],
];

fn hour(form: usize) -> Timestamp {
    due() + jiff::SignedDuration::from_hours(240 * i64::try_from(form).unwrap())
}

/// Three times eight forms, with a baseline, looks and spread to bone between them.
async fn a_year(fixture: &Fixture) {
    let token = fixture.token(LinkPurpose::Changed);
    let (patient, version) = (fixture.patient, fixture.clinic.care.current["spine"]);
    for form in 0..24 {
        let nonce = format!("{form}");
        fixture.kept(hour(form), page(&token, &nonce, SAID[form * 5 % 8])).await;
        let between = hour(form) + jiff::SignedDuration::from_hours(1);
        let at = between.as_millisecond();
        let act = move |tx: &mut crate::store::db::transaction::Tx<'_>| -> Result<(), StepError> {
            match form {
                4 | 9 | 17 => sabotage(
                    tx,
                    &format!("UPDATE response SET reviewed_at = {at} WHERE reviewed_at IS NULL"),
                )?,
                6 | 13 => sabotage(
                    tx,
                    &format!(
                        "UPDATE alert SET state = 'acknowledged', acknowledged_by = 'x', \
                    acknowledged_at = {at}, first_acted_at = coalesce(first_acted_at, {at}) WHERE state = 'raised'"
                    ),
                )?,
                11 => tx.insert_baseline(
                    patient,
                    &BaselineRow {
                        version,
                        answers: "{\"walk\":\"same\",\"pain\":\"same\"}".to_owned(),
                        marks: [("walk".to_owned(), crate::care::checklist::answer::Mark::Known)].into(),
                        confirmed_by: "x".to_owned(),
                        confirmed_on: between.to_zoned(jiff::tz::TimeZone::UTC).date(),
                    },
                )?,
                15 => tx.note_bone_spread(patient)?,
                20 => drop(tx.withdraw_bone_spread(patient, "a mistake")?),
                _ => {}
            }
            Ok(())
        };
        fixture.write(("daemon", between), act).unwrap();
    }
}

fn counted(fixture: &Fixture, rules: &str) -> RulesCount {
    let mut rules = checklist(rules);
    "new".clone_into(&mut rules.version);
    let (first_on, last_on) = (date(2026, 3, 1), date(2026, 12, 31));
    let request = AlertCountRequest { first_on, last_on, protocol: None, rules: Arc::new(rules) };
    let note = |_| ControlFlow::Continue(());
    count_alerts(&fixture.clinic, &request, &note).unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_judged_as_they_were_judged_when_they_came() {
    let fixture = fixture(triage());
    a_year(&fixture).await;
    let found = counted(&fixture, "new");
    let stored = fixture.clinic.store.read(|view| view.responses_of(fixture.patient)).unwrap();
    let alerts = fixture.clinic.store.read(|view| view.alerts_of(fixture.patient)).unwrap();
    let (mut ringing, mut raised, mut spoke) =
        (TierCounts::default(), TierCounts::default(), BTreeMap::new());
    for response in &stored {
        ringing.add(response.tier.unwrap());
        response.reasons.iter().for_each(|code| *spoke.entry(*code).or_insert(0) += 1);
    }
    alerts.iter().for_each(|alert| raised.add(alert.tier.unwrap()));
    let forms: BTreeMap<Code, u32> = found.rules.iter().map(|(code, rule)| (*code, rule.forms)).collect();
    assert_eq!((found.forms, found.ringing, &forms), (24, ringing, &spoke));
    assert!(spoke.len() > 6 && alerts.len() == 3, "{spoke:?}, {} alerts", alerts.len());
    assert_eq!(found.would(), raised);
    let really: u32 = found.months.iter().map(|month| month.really.raised()).sum();
    assert_eq!((really, found.months.len(), found.patients), (3, 10, 1));
    // Other rules: weight loss alone is urgent by them.
    let other = counted(&fixture, "old");
    assert!(other.ringing.urgent > ringing.urgent && other.ringing.total() == ringing.total());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_staff_read_the_count_tells_what_the_rules_would_have_done_and_what_was_read() {
    let (read, judged) = (fixture(TriageMode::Education), fixture(triage()));
    a_year(&read).await;
    a_year(&judged).await;
    let (found, live) = (counted(&read, "new"), counted(&judged, "new"));
    assert_eq!(
        (found.ringing, &found.rules.keys().collect::<Vec<_>>()),
        (live.ringing, &live.rules.keys().collect::<Vec<_>>())
    );
    let alerts = read.clinic.store.read(|view| view.alerts_of(read.patient)).unwrap();
    assert_eq!(usize::try_from(found.unsorted()).unwrap(), alerts.len());
    assert!(found.read > found.ringing.total() / 2);
}

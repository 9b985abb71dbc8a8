//! Answers judged against what her record says: nothing yet, rubbish, or a confirmed baseline.

use std::collections::BTreeMap;

use super::*;
use crate::care::actor::Actor;
use crate::care::address::EmailAddress;
use crate::care::checklist::answer::{BaselineChoice, Mark};
use crate::care::permission::StaffRole;
use crate::care::triage::tier::Code;
use crate::journey::answers::baseline::{self, ClinicalStatement, KnownMark};
use crate::journey::answers::verdict;
use crate::journey::commands::clinical_record;
use crate::journey::deps::Deps;
use crate::journey::errors::answer::AnswerError;
use crate::journey::errors::permission::PermissionError;
use crate::journey::operations::close_task;
use crate::store::people::staff::NewStaff;

fn known(known: &[&str], not_known: &[&str]) -> BTreeMap<String, BaselineChoice> {
    let marked = known.iter().map(|item| ((*item).to_owned(), BaselineChoice::Marked(Mark::Known)));
    marked.chain(not_known.iter().map(|item| ((*item).to_owned(), BaselineChoice::NotKnown))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_answer_that_nobody_judged_is_judged_by_the_next_pass() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    fixture.kept(due(), page(&token, "a", RED)).await;
    let restore = "DROP TRIGGER alert_kept; UPDATE response SET judged_at = NULL, tier = NULL, reasons = '[]', alert_id = NULL; \
                   DELETE FROM alert";
    fixture.clinic.store.write(Stamp::daemon(due()), |tx| sabotage(tx, restore)).await.unwrap();
    assert_eq!(verdict::judge_stored(&fixture.clinic, due()).await.unwrap(), 1);
    assert_eq!((alerts(&fixture).len(), responses(&fixture)[0].tier), (1, Some(Tier::Emergency)));
    assert_eq!(verdict::judge_stored(&fixture.clinic, due()).await.unwrap(), 0);
}

/// What is left of a form of which a part is torn off.
const TORN: &str = "{\"walk\":\"ne";

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_answer_of_which_a_part_is_torn_off_is_read_by_a_person_and_never_called_routine() {
    for mode in [triage(), TriageMode::Education] {
        let fixture = fixture(mode);
        fixture.kept(due(), page(&fixture.token(LinkPurpose::Changed), "a", &[])).await;
        let torn =
            format!("UPDATE response SET judged_at = NULL, tier = NULL, reasons = '[]', answers = '{TORN}'");
        fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, &torn)?)).unwrap();
        let causes = || fixture.clinic.store.read(|view| view.causes(TaskKind::ReadAnswer)).unwrap();
        for _ in 0..2 {
            assert_eq!(verdict::judge_stored(&fixture.clinic, due()).await.unwrap(), 0);
            assert_eq!((responses(&fixture)[0].tier, responses(&fixture)[0].judged_at), (None, None));
            assert_eq!(causes(), [format!("response/{}/unjudged", responses(&fixture)[0].id.0)]);
        }
        let read = |tx: &mut Tx<'_>| {
            let id = tx.tasks_open()?.iter().find(|task| task.kind == TaskKind::ReadAnswer).unwrap().id;
            close_task::close(tx, id, "read").map(drop)
        };
        fixture.write(("staff:dana", due()), read).unwrap();
        verdict::judge_stored(&fixture.clinic, due()).await.unwrap();
        assert_eq!(causes(), [""; 0], "whoever has read it is not asked again each minute");
        let census = fixture.clinic.store.read(|view| view.census()).unwrap();
        assert_eq!(census.len(), 1, "{census:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_after_a_part_of_its_form_is_torn_off_is_kept_beside_it_and_judged() {
    let fixture = fixture(triage());
    let token = fixture.form();
    fixture.kept(due(), saved(page(&token, "a", &[]), 0, &["walk"])).await;
    let torn = format!("UPDATE response SET answers = '{TORN}'");
    fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, &torn)?)).unwrap();
    let shown = open(&fixture.clinic, LinkRequest { token: &token, pass: None, at: due() }).unwrap();
    assert!(matches!(shown, LinkView::Form(form) if form.begun.is_none()), "she begins another");
    let kept = fixture.kept(due() + minutes(1), page(&token, "a", RED)).await;
    assert_eq!(kept.outcome, RespondOutcome::Tier(Tier::Emergency));
    let stored = responses(&fixture);
    let texts: Vec<&str> = stored.iter().map(|one| one.answers.as_str()).collect();
    assert!(texts.len() == 2 && texts.contains(&TORN), "{texts:?}");
    fixture.kept(due() + minutes(2), page(&token, "a", &[])).await;
    assert!(responses(&fixture).iter().any(|one| one.answers == TORN), "nothing is written over it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_refuses_no_answer() {
    let fixture = fixture(triage());
    let token = fixture.form();
    let broken = "UPDATE patient SET zone = 'Nowhere/Land'; INSERT INTO checklist_version VALUES (9, 'spine', 'x', 'x', 0); \
                  INSERT INTO baseline VALUES (1, 1, 9, 'not json', '{}', 'Dr A', '2026-02-01', NULL)";
    fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, broken)?)).unwrap();
    let kept = fixture.kept(due(), page(&token, "a", RED)).await;
    assert_eq!((kept.outcome, alerts(&fixture).len()), (RespondOutcome::Tier(Tier::Emergency), 1));
    assert!(tasks(&fixture, TaskKind::ReviewPlan));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_nobody_made_silences_no_sign() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    let odd = "INSERT INTO baseline VALUES (1, 1, 2, '{\"walk\":\"same\"}', '{\"walk\":\"knwon\"}', 'Dr A', '2026-02-01', NULL)";
    fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, odd)?)).unwrap();
    let kept = fixture.kept(due(), page(&token, "a", &[("walk", "same")])).await;
    assert_eq!(kept.outcome, RespondOutcome::Tier(Tier::Urgent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_baseline_is_read_and_a_sign_known_for_long_is_no_alarm() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    let same = &[("walk", "same")];
    assert_eq!(
        fixture.kept(due(), page(&token, "a", same)).await.outcome,
        RespondOutcome::Tier(Tier::Urgent)
    );
    let (id, version) = (fixture.patient, fixture.clinic.care.current["spine"]);
    let clinic = fixture.clinic.clone();
    let fields = vec![("walk".to_owned(), "same".to_owned())];
    let confirm = |clinic: Deps, fields: Vec<(String, String)>, choices: BTreeMap<String, BaselineChoice>| {
        move |tx: &mut Tx<'_>| {
            let stand = ClinicalStatement { version, fields: &fields, choices: &choices, seen: due() };
            baseline::confirm(tx, id, &stand, &clinic)
        }
    };
    let known = || known(&["walk"], &["grip", "pain"]);
    let done =
        |who: &str, choices| fixture.write((who, due()), confirm(clinic.clone(), fields.clone(), choices));
    assert!(matches!(done("daemon", known()), Err(StepError::Permission(PermissionError::NotSignedIn))));
    assert!(
        matches!(done("staff:nora", known()), Err(StepError::Permission(PermissionError::NotYours(_)))),
        "a nurse"
    );
    done("staff:dana", known()).unwrap();
    fixture.kept(due() + minutes(9), page(&token, "b", same)).await;
    assert_eq!(responses(&fixture)[0].tier, Some(Tier::Routine));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_is_asked_for_with_the_first_form_and_said_sign_by_sign() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    assert!(!tasks(&fixture, TaskKind::BaselineMissing), "nothing to confirm yet");
    let said = &[("walk", "new"), ("grip", "same"), ("pain", "no")];
    let kept = fixture.kept(due(), page(&token, "a", said)).await;
    let task = fixture.clinic.store.read(|v| v.tasks_of(fixture.patient)).unwrap();
    let task = task.into_iter().find(|t| t.kind == TaskKind::BaselineMissing).unwrap();
    assert_eq!(task.due_at, due() + minutes(14 * 1440));
    let form = kept.response;
    let confirm = async |choices| {
        let stamp = Stamp { at: due() + minutes(5), actor: Actor::Staff("dana".to_owned()) };
        clinical_record::confirm_baseline(&fixture.clinic, stamp, form, choices).await
    };
    // One press marks nothing: each sign that is there needs a word of its own.
    for choices in [BTreeMap::new(), known(&["grip"], &[])] {
        assert!(matches!(confirm(choices).await, Err(StepError::Answer(AnswerError::Baseline(_)))));
    }
    assert!(matches!(
        confirm(known(&["grip"], &["walk", "hop"])).await,
        Err(StepError::Answer(AnswerError::Baseline(_)))
    ));
    confirm(known(&["grip"], &["walk"])).await.unwrap();
    assert!(!tasks(&fixture, TaskKind::BaselineMissing));
    let marks = fixture.clinic.store.read(|v| v.baseline(fixture.patient)).unwrap().unwrap().marks;
    assert_eq!(marks.keys().collect::<Vec<_>>(), ["grip"]);
    // The new sign she now calls the same is not known for that.
    let next = due() + minutes(30 * 1440);
    fixture.kept(next, page(&token, "b", &[("walk", "same"), ("grip", "same")])).await;
    assert_eq!(responses(&fixture)[0].tier, Some(Tier::Urgent));
    assert!(!tasks(&fixture, TaskKind::BaselineMissing));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_sign_that_was_new_since_is_not_known_again_until_somebody_has_looked() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    let first = fixture.kept(due(), page(&token, "a", &[("walk", "same")])).await.response;
    let stamp = Stamp { at: due(), actor: Actor::Staff("dana".to_owned()) };
    clinical_record::confirm_baseline(&fixture.clinic, stamp, first, known(&["walk"], &[])).await.unwrap();
    let day = |n: i64| due() + minutes(n * 1440);
    fixture.kept(day(30), page(&token, "b", &[("walk", "same")])).await;
    assert_eq!(responses(&fixture)[0].tier, Some(Tier::Routine));
    fixture.kept(day(60), page(&token, "c", &[("walk", "new")])).await;
    fixture.kept(day(90), page(&token, "d", &[("walk", "same")])).await;
    assert_eq!(responses(&fixture)[0].tier, Some(Tier::Urgent));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_does_no_doctors_work() {
    let fixture = fixture(triage());
    let id = fixture.patient;
    let admin = |tx: &mut Tx<'_>| {
        Ok(tx.insert_staff(&NewStaff {
            name: "ida".into(),
            email: EmailAddress::parse("ida@clinic.example").unwrap(),
            role: StaffRole::Admin,
            password: String::new(),
            totp_secret: String::new(),
        })?)
    };
    fixture.write(("daemon", due()), admin).unwrap();
    let spread = move |tx: &mut Tx<'_>| baseline::bone_spread(tx, id);
    assert!(matches!(
        fixture.write(("staff:ida", due()), spread),
        Err(StepError::Permission(PermissionError::NotYours(_)))
    ));
    let clinic = fixture.clinic.clone();
    let until = jiff::civil::date(2026, 5, 1);
    let mark = move |tx: &mut Tx<'_>| {
        baseline::known(tx, id, KnownMark { code: Code::S2, until, score: Some(4) }, &clinic)
    };
    assert!(matches!(
        fixture.write(("staff:ida", due()), mark),
        Err(StepError::Permission(PermissionError::NotYours(_)))
    ));
    fixture.write(("staff:dana", due()), spread).unwrap();
}

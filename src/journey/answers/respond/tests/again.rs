//! A form that comes again: by Back, in a second tab, after it was sent; and what she is told all the while.

use super::*;
use crate::care::alert::lifecycle::{AlertOutcome, Disposition};
use crate::care::delivery::DeliveryState;
use crate::journey::alerts::{acknowledge, escalate};
use crate::journey::answers::link_access::unlock;
use crate::journey::answers::respond::form_limit::MOST;
use crate::journey::errors::answer::AnswerError;
use crate::journey::operations::close_task;
use crate::journey::patients::amend::{Amendment, amend};
use crate::store::alerts::lifecycle::AlertClosure;
use crate::store::work::worklist::LedgerFilter;

#[tokio::test(flavor = "multi_thread")]
async fn weakness_told_after_a_hurried_no_is_judged_and_rings() {
    let fixture = fixture(triage());
    let token = fixture.form();
    let first = fixture.kept(due(), page(&token, "a", &[])).await;
    assert_eq!((first.outcome, alerts(&fixture).len()), (RespondOutcome::Tier(Tier::Routine), 0));
    // Back, another answer, sent again: the same nonce.
    let second = fixture.kept(due() + minutes(2), page(&token, "a", RED)).await;
    assert_eq!((second.outcome, second.rings), (RespondOutcome::Tier(Tier::Emergency), true));
    assert_ne!(second.response, first.response);
    let kept: Vec<(u32, Option<Tier>)> = responses(&fixture).iter().map(|r| (r.revision, r.tier)).collect();
    assert_eq!(kept, [(1, Some(Tier::Emergency)), (0, Some(Tier::Routine))]);
    // And that one twice is one.
    let twin = fixture.kept(due() + minutes(3), page(&token, "a", RED)).await;
    assert_eq!((twin.response, twin.rings, responses(&fixture).len()), (second.response, false, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_page_sent_again_after_the_form_opens_it_anew_and_is_judged_at_once() {
    let fixture = fixture(triage());
    let token = fixture.form();
    fixture.kept(due(), page(&token, "a", &[])).await;
    assert!(matches!(
        open(&fixture.clinic, LinkRequest { token: &token, pass: None, at: due() }).unwrap(),
        LinkView::Shut(ClosedLink::Used, _)
    ));
    // A page that says nothing new changes nothing.
    let same = fixture.kept(due() + minutes(1), saved(page(&token, "a", &[]), 0, &["walk", "grip"])).await;
    assert_eq!((same.stage, responses(&fixture).len()), (FormStage::Submitted, 1));
    let back = fixture.kept(due() + minutes(2), saved(page(&token, "a", RED), 0, &["walk", "grip"])).await;
    assert_eq!(
        (back.stage, back.outcome, back.rings),
        (FormStage::Saved, RespondOutcome::Tier(Tier::Emergency), true)
    );
    // What was answered on the other pages came along, and she can go on through the used link.
    assert_eq!(back.answers.words().count(), 5);
    let now = due() + minutes(3);
    let LinkView::Form(form) =
        open(&fixture.clinic, LinkRequest { token: &token, pass: None, at: now }).unwrap()
    else {
        panic!("shut")
    };
    assert_eq!(form.begun.unwrap().outcome, RespondOutcome::Tier(Tier::Emergency));
    let sent = fixture.kept(now, SentPage { fields: Vec::new(), ..page(&token, "a", &[]) }).await;
    assert_eq!((sent.stage, sent.rings, alerts(&fixture).len()), (FormStage::Submitted, false, 1));
    assert_eq!(responses(&fixture).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_form_said_before_is_no_second_form_in_a_row() {
    let fixture = fixture(triage());
    let token = fixture.form();
    let soon = &[("weight", "yes")];
    assert_eq!(fixture.kept(due(), page(&token, "a", soon)).await.outcome, RespondOutcome::Tier(Tier::Soon));
    let again = &[("weight", "yes"), ("call", "yes")];
    let second = fixture.kept(due() + minutes(1), page(&token, "a", again)).await;
    assert_eq!(second.outcome, RespondOutcome::Tier(Tier::Soon), "U11 is about two forms");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_answer_never_takes_the_advice_of_a_worse_one_away_while_its_alert_is_open() {
    let fixture = fixture(triage());
    let (token, changed) = (fixture.form(), fixture.token(LinkPurpose::Changed));
    fixture.kept(due(), page(&token, "a", RED)).await;
    let emergency = RespondOutcome::Tier(Tier::Emergency);
    // The same link, the page "something changed", and a good second form: all tell her what to do now.
    let looks =
        |now, token: &str| match open(&fixture.clinic, LinkRequest { token, pass: None, at: now }).unwrap() {
            LinkView::Told(open, _) => Some(open.tier),
            LinkView::Form(form) => form.standing.map(|open| open.tier),
            LinkView::Birth(_) | LinkView::Shut(..) => None,
        };
    let emergency_tier = Some(Tier::Emergency);
    assert_eq!((looks(due(), &token), looks(due(), &changed)), (emergency_tier, emergency_tier));
    let page_one = saved(page(&changed, "b", &[]), 0, &["walk", "grip"]);
    assert_eq!(fixture.kept(due() + minutes(1), page_one).await.outcome, emergency);
    assert_eq!(fixture.kept(due() + minutes(2), page(&changed, "b", &[])).await.outcome, emergency);
    // Taken on is not over.
    let id = alerts(&fixture)[0].id;
    fixture.write(("staff:dana", due() + minutes(3)), move |tx| acknowledge::acknowledge(tx, id)).unwrap();
    assert_eq!(fixture.kept(due() + minutes(4), page(&changed, "c", &[])).await.outcome, emergency);
    let ending = AlertClosure {
        dispositions: vec![Disposition::Called],
        outcome: AlertOutcome::OtherCause,
        note: String::new(),
    };
    fixture.write(("staff:dana", due() + minutes(5)), move |tx| acknowledge::close(tx, id, &ending)).unwrap();
    let after = fixture.kept(due() + minutes(6), page(&changed, "d", &[])).await;
    assert_eq!(after.outcome, RespondOutcome::Tier(Tier::Routine));
    assert_eq!((looks(due() + minutes(7), &token), looks(due() + minutes(7), &changed)), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn pain_that_was_new_and_that_nobody_has_looked_at_is_never_routine() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    let day = |n: i64| due() + minutes(n * 1440);
    let tier = |fixture: &Fixture| responses(fixture)[0].tier;
    fixture.kept(day(0), page(&token, "a", &[("pain", "new")])).await;
    assert_eq!(tier(&fixture), Some(Tier::Soon));
    fixture.kept(day(30), page(&token, "b", &[])).await;
    assert_eq!(tier(&fixture), Some(Tier::Routine));
    fixture.kept(day(60), page(&token, "c", &[("pain", "same")])).await;
    assert_eq!(tier(&fixture), Some(Tier::Soon), "no before in between hides it");
    fixture.kept(day(90), page(&token, "d", &[("pain", "same")])).await;
    assert_eq!(tier(&fixture), Some(Tier::Urgent), "twice, and nobody has looked");
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_forms_stay_locked_for_every_later_letter_until_staff_open_them() {
    let fixture = fixture_where(triage(), |care| care.birth_check = BirthCheck::Everyone);
    let token = fixture.form();
    for _ in 0..5 {
        let wrong = jiff::civil::date(1981, 5, 17);
        prove(&fixture.clinic, due(), token.clone(), wrong).await.unwrap();
    }
    // A month later a new letter names a new link.
    let later = at("2026-04-03T09:00:00Z");
    let mut now = due();
    while now <= later {
        fall_due(&fixture.clinic, sure(now)).await.unwrap();
        deliver(&fixture.clinic, &post(now)).await.unwrap();
        now += minutes(1440);
    }
    let second = fixture.token(LinkPurpose::Checklist(fixture.follow_up(2).id));
    let shut = |token: &str| {
        matches!(
            open(&fixture.clinic, LinkRequest { token, pass: None, at: now }).unwrap(),
            LinkView::Shut(ClosedLink::Locked, _)
        )
    };
    assert!(shut(&token) && shut(&second) && shut(&fixture.token(LinkPurpose::Changed)));
    let right = prove(&fixture.clinic, now, second.clone(), birth_on()).await.unwrap();
    assert_eq!(right, Proved::Shut(ClosedLink::Locked));
    // Ticking the task off opens nothing, and does not end it.
    let task = fixture.clinic.store.read(|v| v.tasks_of(fixture.patient)).unwrap();
    let task = task.into_iter().find(|t| t.kind == TaskKind::LinkLocked).unwrap().id;
    let done = fixture.write(("staff:nora", now), move |tx| close_task::close(tx, task, "seen"));
    assert!(matches!(done, Err(StepError::Answer(AnswerError::FormsLocked))));
    assert!(tasks(&fixture, TaskKind::LinkLocked));
    let id = fixture.patient;
    assert!(fixture.write(("daemon", now), move |tx| unlock(tx, id)).is_err());
    let (clinic, ask) = (fixture.clinic.clone(), Amendment { opens_forms: true, ..Amendment::default() });
    fixture.write(("cli:nora", now), move |tx| amend(tx, id, &ask, &clinic)).unwrap();
    assert!(!tasks(&fixture, TaskKind::LinkLocked));
    assert!(matches!(prove(&fixture.clinic, now, second, birth_on()).await.unwrap(), Proved::Pass(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_a_form_that_was_sent_is_asked_for_the_birth_date_before_anything_is_told() {
    let fixture = fixture_where(triage(), |care| care.birth_check = BirthCheck::Everyone);
    let token = fixture.form();
    let Proved::Pass(pass) = prove(&fixture.clinic, due(), token.clone(), birth_on()).await.unwrap() else {
        panic!("the right date was refused");
    };
    fixture.kept(due(), SentPage { pass: Some(pass.clone()), ..page(&token, "a", RED) }).await;
    assert!(matches!(
        open(&fixture.clinic, LinkRequest { token: &token, pass: None, at: due() }).unwrap(),
        LinkView::Birth(_)
    ));
    let told = open(&fixture.clinic, LinkRequest { token: &token, pass: Some(&pass), at: due() }).unwrap();
    assert!(matches!(told, LinkView::Told(open, _) if open.tier == Tier::Emergency));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lifted_alert_withdraws_the_letters_that_tell_of_the_lower_tier() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    fixture.kept(due(), page(&token, "a", &[("weight", "yes")])).await;
    escalate::escalate(&fixture.clinic, due()).await.unwrap();
    let letters = || {
        let filter = LedgerFilter::default();
        let lines = fixture.clinic.store.read(|v| v.ledger(&filter)).unwrap();
        lines.into_iter().map(|line| line.delivery).collect::<Vec<_>>()
    };
    let before = letters();
    assert_eq!(before.iter().map(|l| l.state.word()).collect::<Vec<_>>(), ["pending"]);
    fixture.kept(due() + minutes(1), page(&token, "b", RED)).await;
    escalate::escalate(&fixture.clinic, due() + minutes(1)).await.unwrap();
    let after = letters();
    assert_eq!(after.iter().find(|l| l.id == before[0].id).unwrap().state.word(), "skipped");
    let waiting: Vec<String> =
        after.iter().filter(|l| l.state == DeliveryState::Pending).filter_map(|l| l.inputs.clone()).collect();
    assert!(
        !waiting.is_empty() && waiting.iter().all(|inputs| inputs.contains("\"emergency\"")),
        "{waiting:?}"
    );
}

/// Sends as many forms through the link as are kept apart, and half as many again.
async fn flood(fixture: &Fixture, token: &str, nonce: impl Fn(u32) -> String) {
    for number in 0..MOST + MOST / 2 {
        let word = if number % 2 == 0 { "yes" } else { "no" };
        let answers = [("weight", word)];
        fixture.kept(due() + minutes(1), page(token, &nonce(number), &answers)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_without_end_are_kept_in_few_rows_and_a_worse_one_among_them_rings() {
    for nonce in [|_| "a".to_owned(), |number: u32| format!("n{number}")] as [fn(u32) -> String; 2] {
        let fixture = fixture(triage());
        let token = fixture.token(LinkPurpose::Changed);
        flood(&fixture, &token, nonce).await;
        let most = usize::try_from(MOST).unwrap();
        assert_eq!(responses(&fixture).len(), most);
        let worse = fixture.kept(due() + minutes(2), page(&token, "worse", RED)).await;
        assert_eq!((worse.outcome, worse.rings), (RespondOutcome::Tier(Tier::Emergency), true));
        let newest = responses(&fixture).remove(0);
        assert_eq!((responses(&fixture).len(), newest.tier), (most, Some(Tier::Emergency)));
        assert!(newest.answers.contains("new"), "what was said last is on record");
        assert_eq!(alerts(&fixture)[0].tier, Some(Tier::Emergency));
        // Taking it back lowers nothing, and what was said stays beside it.
        let back = fixture.kept(due() + minutes(3), page(&token, "back", &[])).await;
        assert_eq!(back.outcome, RespondOutcome::Tier(Tier::Emergency));
        let newest = responses(&fixture).remove(0);
        assert!(newest.replaced.iter().any(|one| (one.field.as_str(), one.word.as_str()) == RED[0]));
        // A day later a form stands apart again.
        fixture.kept(due() + minutes(25 * 60), page(&token, "later", RED)).await;
        assert_eq!(responses(&fixture).len(), most + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_somebody_took_the_alert_on_the_same_answer_rings_anew_however_many_came_before() {
    let fixture = fixture(triage());
    let token = fixture.token(LinkPurpose::Changed);
    flood(&fixture, &token, |number| format!("n{number}")).await;
    assert!(fixture.kept(due() + minutes(2), page(&token, "worse", RED)).await.rings);
    let id = alerts(&fixture)[0].id;
    fixture.write(("staff:dana", due() + minutes(3)), move |tx| acknowledge::acknowledge(tx, id)).unwrap();
    assert!(fixture.kept(due() + minutes(4), page(&token, "again", RED)).await.rings);
}

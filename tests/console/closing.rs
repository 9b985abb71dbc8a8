//! What follows from an alert that was spread: offered with its effect, taken with the closing or later; and bone spread noted
//! by mistake has a way back.

use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::care::triage::tier::Tier;
use aftercare::store::answers::links::LinkPurpose;

use crate::fixture::Fixture;

#[tokio::test]
async fn what_follows_is_offered_with_its_effect_and_happens_with_the_closing() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let doctor = fixture.sign_in("dora").await;
    fixture.act("/alerts/1/acknowledge", &doctor, &[]).await;
    let page = fixture.get("/alerts/1", &doctor).await.body;
    assert!(page.contains("What follows, if it is spread or recurrence"), "{page}");
    assert!(page.contains("no planned letter leaves") && page.contains("name=\"pause_until\""), "{page}");

    let store = &fixture.engine.clinic.store;
    let mut ending = vec![("done", "called"), ("outcome", "other-cause"), ("follow", "tell-gp")];
    let odd = fixture.act("/alerts/1/close", &doctor, &ending).await;
    assert_eq!(odd.status, 422, "{}", odd.body);
    assert!(odd.body.contains("does not follow from that outcome"), "{}", odd.body);
    ending[1].1 = "spinal-spread";
    ending.extend([("follow", "pause"), ("pause_until", "2026-04-01"), ("follow", "bone-spread")]);
    assert_eq!(fixture.act("/alerts/1/close", &doctor, &ending).await.status, 303);
    let her = store.read(|v| v.patient(patient)).unwrap();
    assert_eq!(her.status, PatientStatus::Paused);
    assert!(store.read(|v| v.has_bone_spread(patient)).unwrap());
    let tasks = |kind: TaskKind| {
        store.read(|v| v.tasks_open()).unwrap().into_iter().filter(move |task| task.kind == kind).count()
    };
    assert_eq!(tasks(TaskKind::AfterAlert), 1);

    let closed = fixture.get("/alerts/1", &doctor).await.body;
    assert!(
        closed.contains("What followed") && closed.contains("Pause her letters until 1 Apr 2026"),
        "{closed}"
    );
    assert_eq!(fixture.act("/alerts/1/follow", &doctor, &[("follow", "tell-team")]).await.status, 303);
    assert_eq!(tasks(TaskKind::AfterAlert), 2);
}

#[tokio::test]
async fn known_bone_spread_shows_its_effect_and_is_withdrawn_with_a_reason() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let doctor = fixture.sign_in("dora").await;
    let page = fixture.get("/patients/C-100", &doctor).await.body;
    assert!(page.contains("The same answers as before would then be"), "{page}");
    let store = &fixture.engine.clinic.store;
    assert_eq!(fixture.act("/patients/C-100", &doctor, &[("act", "bone-spread")]).await.status, 303);
    let nurse = fixture.sign_in("nora").await;
    let back = [("act", "withdraw-bone-spread"), ("withdraw_reason", "another record was meant")];
    assert_eq!(fixture.act("/patients/C-100", &nurse, &back).await.status, 422);
    let bare = fixture.act("/patients/C-100", &doctor, &back[..1]).await;
    assert!(bare.status == 422 && bare.body.contains("withdraw_reason-fault"), "{}", bare.body);
    assert!(store.read(|v| v.has_bone_spread(patient)).unwrap());
    assert_eq!(fixture.act("/patients/C-100", &doctor, &back).await.status, 303);
    assert!(!store.read(|v| v.has_bone_spread(patient)).unwrap());
}

/// With bone spread what is soon is urgent (K1), and nothing urgent is marked as known (M1; clinical brief, section 4).
#[tokio::test]
async fn a_mark_hides_nothing_once_bone_spread_is_known_and_the_effect_says_so_before() {
    let signs = ["SP07", "SP08", "SP09", "SP10", "SP11", "SP12", "SP13"];
    let rest = ["SP04", "SP05", "SP06.strain", "SP06.move", "SP14"];
    let mut pain =
        vec![("SP01", "same"), ("SP02", "low"), ("SP03", "5"), ("SP15.worst", "0"), ("SP15.stops", "0")];
    pain.extend(signs.into_iter().chain(rest).map(|field| (field, "no")));
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&pain).await;
    let (store, key) = (&fixture.engine.clinic.store, &fixture.engine.clinic.key);
    let token = key.token(patient, LinkPurpose::Changed, 0);
    let tiers = || {
        let forms = store.read(|view| view.responses_of(patient)).unwrap();
        forms.iter().filter_map(|form| form.tier.map(Tier::word)).collect::<Vec<_>>()
    };
    let doctor = fixture.sign_in("dora").await;
    let today = aftercare::journey::sending_policy::day(crate::fixture::now(), &jiff::tz::TimeZone::UTC);
    let until = today.saturating_add(jiff::ToSpan::months(3)).to_string();
    let mark = [("act", "known"), ("code", "S2"), ("until", until.as_str())];
    assert_eq!(fixture.act("/answers/1", &doctor, &mark).await.status, 303);
    fixture.answer(&token, "second-nonce-of-sixteen", &pain).await;
    assert_eq!(tiers(), ["routine", "soon"], "the mark holds");
    let page = fixture.get("/patients/C-100", &doctor).await.body;
    let effect = page.split("The same answers as before would then be").nth(1).unwrap();
    let effect = effect.split("</ul>").next().unwrap();
    assert!(!effect.contains("stays"), "no form of hers would be routine: {effect}");

    assert_eq!(fixture.act("/patients/C-100", &doctor, &[("act", "bone-spread")]).await.status, 303);
    fixture.answer(&token, "third-nonce-of-sixteen-x", &pain).await;
    assert!(tiers()[0] == "urgent" || tiers()[0] == "emergency", "{:?}", tiers());
    assert!(!fixture.get("/answers/1", &doctor).await.body.contains("Mark as known"));
    let refused = fixture.act("/answers/1", &doctor, &mark).await;
    assert!(
        refused.status == 422 && refused.body.contains("Bone spread is known for her"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn spread_without_a_step_or_with_an_mri_of_before_her_answer_stays_open_and_says_what_to_add() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let doctor = fixture.sign_in("dora").await;
    fixture.act("/alerts/1/acknowledge", &doctor, &[]).await;
    let close = async |more: &[(&str, &str)]| {
        let mut all = vec![("done", "called"), ("outcome", "other-recurrence")];
        all.extend(more);
        fixture.act("/alerts/1/close", &doctor, &all).await
    };
    let bare = close(&[]).await;
    assert_eq!(bare.status, 422, "{}", bare.body);
    assert!(
        bare.body.contains("id=\"follow-fault\"") && bare.body.contains("None of these"),
        "{}",
        bare.body
    );
    let unsaid = close(&[("follow", "none")]).await;
    assert!(
        unsaid.status == 422 && unsaid.body.contains("Say in the note why nothing follows."),
        "{}",
        unsaid.body
    );
    for (on, why) in
        [("2026-02-01", "lies before her answer of"), ("2206-12-01", "more than six weeks ahead")]
    {
        for outcome in ["other-cause", "not-known"] {
            let sent = [("done", "mri"), ("mri_on", on), ("outcome", outcome)];
            let refused = fixture.act("/alerts/1/close", &doctor, &sent).await;
            assert!(refused.status == 422 && refused.body.contains(why), "{on}: {}", refused.body);
            assert!(refused.body.contains("id=\"mri_on-fault\""), "{on}: {}", refused.body);
        }
    }
    assert_eq!(close(&[("follow", "none"), ("note", "the team has her already")]).await.status, 303);
}

fn status_form(to: &str) -> [(&str, &str); 4] {
    [("act", "status"), ("to", to), ("reason", "she said so"), ("sure", "C-100")]
}

#[tokio::test]
async fn whoever_wants_no_letters_can_have_a_recurrence_recorded_with_the_closing() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let doctor = fixture.sign_in("dora").await;
    fixture.act("/patients/C-100", &doctor, &status_form("opted_out_email")).await;
    fixture.act("/alerts/1/acknowledge", &doctor, &[]).await;
    let page = fixture.get("/alerts/1", &doctor).await.body;
    assert!(page.contains("value=\"recurrence\"") && !page.contains("value=\"pause\""), "{page}");
    assert!(page.contains("Ring now. Make sure she goes to hospital."), "{page}");
    let ending = [("done", "called"), ("outcome", "spinal-spread"), ("follow", "recurrence")];
    assert_eq!(fixture.act("/alerts/1/close", &doctor, &ending).await.status, 303);
    let her = fixture.engine.clinic.store.read(|v| v.patient(patient)).unwrap();
    assert_eq!(her.status, PatientStatus::RecurrenceConfirmed);
    let closed = fixture.get("/alerts?only=closed", &doctor).await.body;
    assert!(closed.contains("24 Feb 2026") && closed.contains("closed: Spread to the spine"), "{closed}");
    assert!(!fixture.get("/alerts/1", &doctor).await.body.contains("Ring now."), "it is closed");
}

#[tokio::test]
async fn a_status_that_stays_says_so_and_where_it_is_changed() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let doctor = fixture.sign_in("dora").await;
    fixture.act("/patients/C-100", &doctor, &status_form("palliative")).await;
    fixture.act("/alerts/1/acknowledge", &doctor, &[]).await;
    let page = fixture.get("/alerts/1", &doctor).await.body;
    assert!(page.contains("Her status stays &quot;palliative&quot;."), "{page}");
    assert!(!page.contains("value=\"recurrence\""), "{page}");
}

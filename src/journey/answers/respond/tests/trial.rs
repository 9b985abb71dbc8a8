//! Made-up answers are judged as the same answers are when they come back.

use super::*;
use crate::care::checklist::answer::Answers;
use crate::care::triage::case::History;
use crate::journey::answers::trial::{TrialForm, judge_trial};
use crate::journey::fixture::form::checklist;

const CHANGE: [&str; 5] = ["", "no", "same", "unsure", "new"];
const PAIN: [&str; 4] = ["", "no", "same", "new"];
const YES: [&str; 3] = ["", "no", "yes"];

/// Every answer set of the test clinic's form, by number.
fn answers(number: usize) -> Vec<(String, String)> {
    let mut rest = number;
    let mut next = |words: &[&str]| {
        let word = words[rest % words.len()].to_owned();
        rest /= words.len();
        word
    };
    let fields = ["walk", "grip", "pain", "weight", "call"];
    let words = [next(&CHANGE), next(&CHANGE), next(&PAIN), next(&YES), next(&YES)];
    fields.map(str::to_owned).into_iter().zip(words).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_answers_get_the_verdict_and_the_alert_of_the_same_answers_sent() {
    for mode in [triage(), TriageMode::Education] {
        for number in (0..5 * 5 * 4 * 3 * 3).step_by(41) {
            let fixture = fixture(mode.clone());
            let token = fixture.token(LinkPurpose::Changed);
            let fields = answers(number);
            let sent = SentPage { fields: fields.clone(), ..page(&token, "a", &[]) };
            fixture.kept(due(), sent).await;
            let stored = responses(&fixture).remove(0);

            let form = checklist("new");
            let read = Answers::read(&form, fields.iter().map(|(f, w)| (f.as_str(), w.as_str()))).answers;
            let history = History::default();
            let trial = TrialForm { checklist: &form, answers: &read, history: &history, at: due() };
            let found = judge_trial(&trial, &fixture.clinic.care);
            let (alert, rings) = (alerts(&fixture).first().map(|alert| alert.due_at), stored.alert.is_some());
            assert_eq!(tasks(&fixture, TaskKind::CallRequested), found.calls, "{fields:?}");
            let expected = match mode {
                TriageMode::Triage(_) => {
                    assert_eq!(stored.tier, Some(found.verdict.tier), "{fields:?}");
                    assert_eq!(stored.reasons, found.verdict.codes(), "{fields:?}");
                    found.sorted
                }
                TriageMode::Education => found.unsorted,
            };
            assert_eq!(rings, expected.is_some(), "{fields:?}");
            assert_eq!(alert, expected.map(|alert| alert.due_at), "{fields:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ladder_of_a_trial_ends_with_everyone() {
    let fixture = fixture(triage());
    let (form, history) = (checklist("new"), History::default());
    let read = Answers::read(&form, [("walk", "new")]).answers;
    let trial = TrialForm { checklist: &form, answers: &read, history: &history, at: due() };
    let alert = judge_trial(&trial, &fixture.clinic.care).sorted.unwrap();
    let told: Vec<usize> = alert.notices.iter().map(|notice| notice.who.len()).collect();
    assert_eq!(told, [1, 1, 2], "one after the other, then everyone");
    assert!(alert.notices.windows(2).all(|two| two[0].at <= two[1].at));
}

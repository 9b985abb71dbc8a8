//! The rules in words, for whoever signs them: when each one speaks, at the numbers of a checklist, and what it looks at.

use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::{AnswerKind, Item, Part, PartRole};
use crate::care::triage::tier::{Code, Tier};

/// What a field's choice is called, by field and word.
pub type ChoiceNames<'a> = dyn Fn(&str, &str) -> String + 'a;

/// When the rule speaks, in one sentence, with the checklist's own numbers and places.
#[must_use]
pub fn condition(code: Code, checklist: &Checklist, names: &ChoiceNames<'_>) -> String {
    let limits = &checklist.thresholds;
    let places = |role, weight| places(checklist, role, weight, names);
    match code {
        Code::E1 => "A sign in the nerves is called new or worse: weakness, walking, numbness between the legs, bladder or bowel; a sign that a clinician marked as not applicable is left out.".to_owned(),
        Code::E2 => format!("Odd feelings are called new, and they are wide ({}no place is given), or there is back or neck pain with them, or a band of pain that is new or not sure; a sign marked as not applicable is left out.", before_or(&places(PartRole::SensationSite, PlaceWeight::Red))),
        Code::E3 => "A band-like or shooting pain is called new, and a sign in the nerves or odd feelings are new or not sure; a sign marked as not applicable is left out.".to_owned(),
        Code::U1 => "“Not sure” is given to a sign in the nerves, to odd feelings or to band-like pain; a blank on a form that was sent counts as not sure. Or “new” is given to a sign that a clinician marked as not applicable.".to_owned(),
        Code::U2 => format!("Odd feelings are called new in a place that is not wide ({}), without pain; not where they are marked as not applicable.", listed(&places(PartRole::SensationSite, PlaceWeight::Other))),
        Code::U3 => "A band-like or shooting pain is called new; not where it is marked as not applicable.".to_owned(),
        Code::U4 => format!("Back or neck pain of {} or more out of 10, unless a clinician knows this pain and it is not called new.", limits.severe),
        Code::U5 => format!("Pain has risen by {} or more, to at least {}, since the last form (not older than {} days) or the baseline, whichever was lower; or it had risen so on the last form, no clinician has looked at that, and it is no lower.", limits.rise, limits.rise_floor, limits.compare_days),
        Code::U6 => format!("Back or neck pain is called new and sits here: {}.", listed(&places(PartRole::PainSite, PlaceWeight::Red))),
        Code::U7 => "Pain gets worse or is hard to ease, comes at night or lying flat, or comes on coughing, sneezing or straining.".to_owned(),
        Code::U8 => "Back or neck pain is called new and is worse on moving.".to_owned(),
        Code::U9 => "“As before” is given to a sign that no clinician has confirmed as known, or that was new on a form nobody has looked at since; not to one marked as not applicable.".to_owned(),
        Code::U10 => "A reason of pain (S1, S2, S3, S7) comes together with weight loss or marked tiredness (S4, S5).".to_owned(),
        Code::U11 => "One of S1 to S7 comes a second time (S1 also after S7), and no clinician has looked at the form before; not one marked as known.".to_owned(),
        Code::S1 => "Back or neck pain is called new or different.".to_owned(),
        Code::S2 => format!("Back or neck pain of {} or more out of 10.", limits.moderate),
        Code::S3 => "Back or neck pain as before that is worse on moving.".to_owned(),
        Code::S4 => "Weight was lost without trying.".to_owned(),
        Code::S5 => format!("Tiredness of {} or more out of 4, or risen by {} or more, also on the last form if no clinician has looked at it.", limits.tired, limits.tired_rise),
        Code::S6 => "The patient asked to be called.".to_owned(),
        Code::S7 => "Back or neck pain as before that was new on a form no clinician has looked at since.".to_owned(),
        Code::K1 => "Spread to bone is on record: soon becomes urgent, and urgent becomes an emergency.".to_owned(),
        Code::K2 => "A question that must be answered was left blank on a form that was sent; for every other rule it counts as the most worrying answer.".to_owned(),
        Code::M1 => "A clinician has marked a soon reason (S2 or S3) as known until a day: it is shown and opens nothing.".to_owned(),
    }
}

/// The items that the rule looks at, in the checklist's order; none for rules about other rules or the record.
#[must_use]
pub fn looks_at(code: Code, checklist: &Checklist) -> Vec<&str> {
    let roles = roles(code);
    let looked = |item: &&Item| item.parts.iter().any(|part| roles.contains(&part.role));
    checklist.items.iter().filter(looked).map(|item| item.id.as_str()).collect()
}

/// What happens within which time, for staff.
#[must_use]
pub const fn clock(tier: Tier) -> &'static str {
    match tier {
        Tier::Emergency => "the alert rings at once, a person calls within the hour",
        Tier::Urgent => "human contact within 24 hours, weekends included",
        Tier::Soon => "contact within three working days",
        Tier::Routine => "nothing new; the next visit stands",
    }
}

/// Which of the places of a question are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PlaceWeight {
    /// Those that weigh more in the rules.
    Red,
    /// All those that do not.
    Other,
}

/// The clinic's places of that question, as patients read them.
fn places(
    checklist: &Checklist,
    role: PartRole,
    weight: PlaceWeight,
    names: &ChoiceNames<'_>,
) -> Vec<String> {
    let of = |part: &Part| -> Vec<String> {
        let AnswerKind::Choice { words, red } = &part.kind else { return Vec::new() };
        let is_meant = |word: &&String| red.contains(word) == (weight == PlaceWeight::Red);
        words.iter().filter(is_meant).map(|word| names(&part.field, word)).collect()
    };
    checklist.in_role(role).flat_map(of).collect()
}

/// The places in quotation marks; "nowhere" where the clinic has none.
fn listed(places: &[String]) -> String {
    let quoted = |place: &String| format!("“{place}”");
    match places {
        [] => "nowhere".to_owned(),
        [one] => quoted(one),
        [rest @ .., one, other] => {
            let either = format!("“{one}” or “{other}”");
            rest.iter().map(quoted).chain([either]).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The places with what follows them after "or"; nothing where the clinic has none.
fn before_or(places: &[String]) -> String {
    if places.is_empty() { String::new() } else { format!("{}, or ", listed(places)) }
}

const fn roles(code: Code) -> &'static [PartRole] {
    use PartRole as R;
    match code {
        Code::E1 => &[R::Nerve],
        Code::E2 => &[R::Sensation, R::SensationSite, R::Pain, R::Band],
        Code::E3 => &[R::Band, R::Nerve, R::Sensation],
        Code::U1 | Code::U9 => &[R::Nerve, R::Sensation, R::Band],
        Code::U2 => &[R::Sensation, R::SensationSite],
        Code::U3 => &[R::Band],
        Code::U4 | Code::U5 | Code::S2 => &[R::Pain, R::PainScore],
        Code::U6 => &[R::Pain, R::PainSite],
        Code::U7 => &[R::PainWorse, R::PainNight, R::PainStrain],
        Code::U8 | Code::S3 => &[R::Pain, R::PainMove],
        Code::U10 => &[R::Pain, R::PainScore, R::PainMove, R::Weight, R::Tired],
        Code::S1 | Code::S7 => &[R::Pain],
        Code::S4 => &[R::Weight],
        Code::S5 => &[R::Tired],
        Code::S6 => &[R::Call],
        Code::U11 | Code::K1 | Code::K2 | Code::M1 => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::checklists::checklist::shipped;

    fn plain(_: &str, word: &str) -> String {
        word.to_owned()
    }

    #[test]
    fn every_rule_has_a_sentence_and_speaks_of_the_numbers_in_force() {
        let mut checklist = shipped().unwrap().checklist;
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            let text = condition(code, &checklist, &plain);
            assert!(text.ends_with('.') && seen.insert(text), "{code:?}");
        }
        checklist.thresholds.severe = 6;
        checklist.raised.insert(Code::S2, Tier::Urgent);
        assert!(condition(Code::U4, &checklist, &plain).contains("of 6 or more"));
        assert_eq!(checklist.tier_of(Code::S2), Some(Tier::Urgent));
        assert_eq!(checklist.tier_of(Code::M1), None);
    }

    #[test]
    fn a_rule_about_places_names_those_of_the_clinic() {
        let mut checklist = shipped().unwrap().checklist;
        let text = condition(Code::U6, &checklist, &plain);
        assert!(text.contains("“neck” or “middle”") && !text.contains("“low”"), "{text}");
        for part in checklist.items.iter_mut().flat_map(|item| &mut item.parts) {
            match (&mut part.kind, part.role) {
                (AnswerKind::Choice { red, .. }, PartRole::PainSite) => *red = vec!["low".to_owned()],
                (AnswerKind::Choice { red, .. }, PartRole::SensationSite) => red.clear(),
                _ => {}
            }
        }
        assert!(condition(Code::U6, &checklist, &plain).contains("sits here: “low”."));
        assert!(condition(Code::E2, &checklist, &plain).contains("wide (no place is given)"));
        assert!(condition(Code::U2, &checklist, &plain).contains("“both-legs”"));
    }

    #[test]
    fn a_rule_looks_at_the_questions_of_its_roles() {
        let checklist = shipped().unwrap().checklist;
        assert_eq!(looks_at(Code::S4, &checklist), ["SP14"]);
        assert!(looks_at(Code::E1, &checklist).contains(&"SP08"));
        assert!(looks_at(Code::K1, &checklist).is_empty());
    }
}

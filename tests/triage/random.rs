//! The spine rules on random forms, stages and histories.

use std::collections::BTreeSet;

use aftercare::care::checklist::answer::Answers;
use aftercare::care::triage::case::{BoneSpread, Case, FormStage, History};
use aftercare::care::triage::judge::{TriageVerdict, judge};
use aftercare::care::triage::tier::{Code, Tier};
use proptest::prelude::*;

use crate::spine::{FIELDS, Fields, Spine, TODAY, histories, joined, marked, quiet};

pub(crate) fn any_form() -> impl Strategy<Value = Fields> {
    let spine = Spine::shipped();
    let field = |field: &'static str| {
        let (_, part) = spine.0.field(field).unwrap();
        let words: Vec<&'static str> =
            WORDS.into_iter().filter(|word| part.kind.read(word).is_some()).collect();
        prop_oneof![1 => Just(None), 8 => prop::sample::select(words).prop_map(move |word| Some((field, word)))]
    };
    FIELDS.map(field).to_vec().prop_map(|fields| {
        let all: Fields = fields.into_iter().flatten().collect();
        let calm = all.contains(&("SP01", "no"));
        all.into_iter().filter(|(field, _)| !calm || !FIELDS[9..15].contains(field)).collect()
    })
}

const WORDS: [&str; 26] = [
    "no",
    "same",
    "unsure",
    "new",
    "yes",
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "10",
    "neck",
    "middle",
    "low",
    "tail-hips",
    "both-legs",
    "body",
    "both-arms",
    "one-limb",
    "hands-feet",
    "no",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_form_is_the_sum_of_its_blocks(fields in any_form(), pick in 0usize..10, submitted: bool) {
        let spine = Spine::shipped();
        let history = &histories()[pick];
        let stage = if submitted { FormStage::Submitted } else { FormStage::Saved };
        let codes = |fields: &Fields| spine.judge_at(stage, fields, history).codes();
        let only = |range: std::ops::Range<usize>, changes| {
            let own: Fields = fields.iter().filter(|(f, _)| FIELDS[range.clone()].contains(f)).copied().collect();
            joined(&own, &quiet(range, changes))
        };
        let pained = fields.iter().any(|(f, word)| *f == "SP01" && *word != "no")
            || (submitted && !fields.iter().any(|(f, _)| *f == "SP01"));
        let mut signs = codes(&only(0..8, if pained { "SP01=same SP03=0" } else { "" }));
        // The pain that stands in for hers is the same as before; hers may not be.
        signs.remove(&Code::S7);
        let pain = codes(&only(8..15, ""));
        let general = codes(&only(15..19, ""));
        let mut sum: BTreeSet<Code> = signs.iter().chain(&pain).chain(&general).copied().collect();
        let mut whole = codes(&fields);
        // Made of the others: judged on whole forms elsewhere.
        for code in [Code::U10, Code::K1] {
            let derived = whole.remove(&code);
            sum.remove(&code);
            let groups = [Code::S1, Code::S2, Code::S3, Code::S7].iter().any(|code| sum.contains(code)) && sum.range(Code::S4..=Code::S5).next().is_some();
            prop_assert!(code != Code::U10 || derived == groups);
        }
        prop_assert_eq!(whole, sum);
    }

    /// K1 makes urgent what is soon, and nothing urgent may be marked as known (clinical brief, section 4, M1).
    #[test]
    fn with_bone_spread_no_mark_lowers_any_tier(fields in any_form(), pick in 0usize..10, submitted: bool) {
        let spine = Spine::shipped();
        let stage = if submitted { FormStage::Submitted } else { FormStage::Saved };
        let bone = |known| History { bone: BoneSpread::Known, known, ..histories()[pick].clone() };
        let [bare, hushed] = [vec![], marked()].map(|known| spine.judge_at(stage, &fields, &bone(known)));
        prop_assert!(hushed.tier >= bare.tier, "{:?} {:?}", hushed, bare);
        let soon = History { bone: BoneSpread::NotKnown, ..bone(vec![]) };
        prop_assert!(hushed.tier >= spine.judge_at(stage, &fields, &soon).tier.lifted());
    }

    #[test]
    fn the_same_form_is_judged_the_same(fields in any_form(), pick in 0usize..10) {
        let spine = Spine::shipped();
        let mut turned = fields.clone();
        turned.reverse();
        let history = &histories()[pick];
        let verdict = spine.judge(&fields, history);
        prop_assert_eq!(&verdict, &spine.judge(&turned, history));
        prop_assert_eq!(verdict.tier == Tier::Routine, verdict.reasons.iter().all(|reason| reason.tier.is_none()));
        prop_assert!(verdict.reasons.iter().all(|reason| reason.tier.is_none_or(|tier| tier <= verdict.tier)));
    }

    #[test]
    fn a_stored_form_reads_back_as_it_was(fields in any_form()) {
        let spine = Spine::shipped();
        let answers = spine.answers(&fields);
        let words: Vec<(String, String)> = answers.words().map(|(field, word)| (field.to_owned(), word)).collect();
        let again = Answers::read(&spine.0, words.iter().map(|(f, w)| (f.as_str(), w.as_str())));
        prop_assert_eq!(again.answers, answers);
        prop_assert_eq!(again.faults, vec![]);
    }

    #[test]
    fn a_later_page_never_lowers_what_a_page_said(fields in any_form(), saved in 0usize..=5) {
        let spine = Spine::shipped();
        let on_page = |field: &str| spine.0.pages.iter().take(saved).flatten().any(|id| field.split('.').next() == Some(id));
        let page: Fields = fields.iter().filter(|(field, _)| on_page(field)).copied().collect();
        let before = spine.judge_at(FormStage::Saved, &page, &History::default());
        let whole = spine.judge(&fields, &History::default());
        prop_assert!(whole.tier >= before.tier, "{:?} {:?}", before, whole);
    }

    #[test]
    fn no_form_body_makes_the_reader_panic(pairs in prop::collection::vec(("\\PC{0,12}|SP0[0-9](\\.site)?", "\\PC{0,12}|new|no|[0-9]{1,5}"), 0..40)) {
        let spine = Spine::shipped();
        let reading = Answers::read(&spine.0, pairs.iter().map(|(f, w)| (f.as_str(), w.as_str())));
        drop(judge_all(&spine, &reading.answers));
    }
}

fn judge_all(spine: &Spine, answers: &Answers) -> Vec<TriageVerdict> {
    let histories = histories();
    let case = |history| Case { answers, stage: FormStage::Submitted, answered_on: TODAY, history };
    histories.iter().map(|history| judge(&spine.0, &case(history))).collect()
}

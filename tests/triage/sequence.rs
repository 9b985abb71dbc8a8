//! The spine rules over sequences of forms: what was said before may make a form weigh more, never less, until a clinician
//! has looked.
//!
//! Three promises. **History only adds**: whatever came before unread, a form gets at least the tier it would get alone.
//! **New stays new**: what was new or not sure on some form and is called "the same" on a later one, without a look between,
//! is not routine. **A climb never falls**: while every answer stays or gets worse and nobody looks, no form gets a lower
//! tier than the one before it.

use aftercare::care::checklist::answer::{Answers, Known, Last};
use aftercare::care::checklist::item::{AnswerKind, AnswerValue, ChangeSign, Pain};
use aftercare::care::triage::case::{Case, FormStage, History};
use aftercare::care::triage::judge::{TriageVerdict, judge, told_new};
use aftercare::care::triage::tier::{Code, Tier};
use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;

use crate::random::any_form;
use crate::spine::{CHANGE, Fields, SIGNS, Spine, TODAY, all_known, confirmed, form, joined, marked, quiet};

/// What the journey remembers of a patient between her forms (`journey/history.rs` gathers the same from the store).
struct Course<'a> {
    spine: &'a Spine,
    history: History,
    on: Date,
}

/// Whether a clinician dealt with a form before the next one came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Taken,
    Missing,
}

impl<'a> Course<'a> {
    fn begin(spine: &'a Spine, history: History) -> Self {
        Self { spine, history, on: TODAY }
    }

    fn judge(&self, answers: &Answers, history: &History) -> TriageVerdict {
        judge(&self.spine.0, &Case { answers, stage: FormStage::Submitted, answered_on: self.on, history })
    }

    /// A form a month later: its verdict with all that came before, and alone.
    fn answer(&mut self, fields: &Fields, look: Look) -> (TriageVerdict, TriageVerdict) {
        self.take(&self.spine.answers(fields), look)
    }

    fn take(&mut self, answers: &Answers, look: Look) -> (TriageVerdict, TriageVerdict) {
        let answers = answers.clone();
        let verdict = self.judge(&answers, &self.history);
        let bare =
            History { last: None, unlooked: std::collections::BTreeSet::new(), ..self.history.clone() };
        let alone = self.judge(&answers, &bare);
        let reasons = verdict.codes();
        match look {
            Look::Taken => self.history.unlooked.clear(),
            // Only what rang is remembered as not looked at.
            Look::Missing if verdict.tier > Tier::Routine => {
                self.history.unlooked.extend(told_new(&self.spine.0, &answers, &reasons));
            }
            Look::Missing => {}
        }
        self.history.last =
            Some(Last { answered_on: self.on, answers, reasons, reviewed: look == Look::Taken });
        self.on = self.on.saturating_add(1.month());
        (verdict, alone)
    }
}

/// Signs and pain called the same that some form before called new or not sure.
fn called_same(
    spine: &Spine,
    answers: &Answers,
    unlooked: &std::collections::BTreeSet<String>,
) -> Option<Tier> {
    let of = |part: &aftercare::care::checklist::item::Part| match (answers.get(&part.field), &part.kind) {
        (Some(AnswerValue::Change(ChangeSign::Same)), AnswerKind::Change) => Some(Tier::Urgent),
        (Some(AnswerValue::Pain(Pain::Same)), AnswerKind::Pain) => Some(Tier::Soon),
        _ => None,
    };
    spine.0.parts().filter(|part| unlooked.contains(&part.field)).filter_map(of).max()
}

fn histories() -> Vec<History> {
    vec![
        History::default(),
        all_known(),
        confirmed(&form("SP01=same SP03=3"), &[("SP01", aftercare::care::checklist::answer::Mark::Known)]),
        History { bone: aftercare::care::triage::case::BoneSpread::Known, ..all_known() },
    ]
}

/// Few answers that together give every code: each sign, its places, pain at every threshold, tiredness at every step.
fn alphabet() -> Vec<Fields> {
    let signs: Vec<String> = ["SP08", "SP07", "SP10"]
        .iter()
        .flat_map(|sign| CHANGE.map(|word| format!("{sign}={word}")))
        .chain(["SP10=new SP10.site=one-limb".to_owned(), "SP10=new SP10.site=both-legs".to_owned()])
        .collect();
    let mut pains = vec!["SP01=no".to_owned()];
    for word in ["same", "new"] {
        for more in ["", " SP02=neck", " SP05=yes", " SP06.move=yes"] {
            pains.push(format!("SP01={word}{more}"));
        }
        pains.extend([1, 3, 4, 5, 6, 7, 10].map(|score| format!("SP01={word} SP03={score}")));
    }
    let general =
        ["", "SP14=yes", "SP15.worst=1", "SP15.worst=2", "SP15.worst=3", "SP15.stops=2", "SP16=yes"];
    let mut all = Vec::new();
    let one = |changes: String| form(Box::leak(changes.into_boxed_str()));
    all.extend(general.map(|general| one(general.to_owned())));
    for general in ["", "SP14=yes", "SP15.worst=2"] {
        all.extend(pains.iter().map(|pain| one(format!("{pain} {general}"))));
    }
    all.extend(signs.iter().map(|sign| one(sign.clone())));
    for sign in &signs {
        all.extend(["SP01=same", "SP01=new SP03=4"].map(|pain| one(format!("{sign} {pain}"))));
    }
    all.sort();
    all.dedup();
    all
}

/// Whether each answer of `later` is as bad as in `earlier`, or worse.
fn is_no_better(spine: &Spine, before: &Answers, after: &Answers) -> bool {
    let rank = |value: Option<&AnswerValue>, kind: &AnswerKind| match value {
        Some(AnswerValue::Choice(word)) => u8::from(kind.is_red(word)) + 1,
        Some(AnswerValue::Change(change)) => *change as u8,
        Some(AnswerValue::Pain(pain)) => *pain as u8,
        Some(AnswerValue::Score(score)) => *score,
        Some(AnswerValue::YesNo(yes)) => u8::from(*yes),
        None => 0,
    };
    let rank_in =
        |answers: &Answers, part: &aftercare::care::checklist::item::Part| match answers.get(&part.field) {
            // Nobody knows where: the worst place.
            None if part.field == "SP10.site"
                && answers.get("SP10") == Some(&AnswerValue::Change(ChangeSign::New)) =>
            {
                3
            }
            value => rank(value, &part.kind),
        };
    spine.0.parts().all(|part| rank_in(after, part) >= rank_in(before, part))
}

#[test]
fn every_pair_of_forms_keeps_the_promises() {
    let spine = Spine::shipped();
    let alphabet: Vec<Answers> = alphabet().iter().map(|fields| spine.answers(fields)).collect();
    assert!(alphabet.len() > 100, "{}", alphabet.len());
    let climbs = std::thread::scope(|scope| {
        let (spine, alphabet) = (&spine, &alphabet);
        let prove = |history| scope.spawn(move || prove_pairs(spine, alphabet, &history));
        let proofs: Vec<_> = histories().into_iter().map(prove).collect();
        proofs.into_iter().map(|proof| proof.join().unwrap()).sum::<usize>()
    });
    assert!(climbs > 1_000, "{climbs}");
}

/// Proves every pair under one history; gives how many of them were climbs.
fn prove_pairs(spine: &Spine, alphabet: &[Answers], history: &History) -> usize {
    let words = |answers: &Answers| answers.words().map(|(f, w)| format!("{f}={w}")).collect::<Vec<_>>();
    let mut climbs = 0;
    for first in alphabet {
        for look in [Look::Taken, Look::Missing] {
            let mut begun = Course::begin(spine, history.clone());
            let (before, _) = begun.take(first, look);
            for second in alphabet {
                let mut course = Course { spine, history: begun.history.clone(), on: begun.on };
                let (after, alone) = course.take(second, Look::Missing);
                let told = || format!("{look:?} {:?} {before:?} {:?} {after:?}", words(first), words(second));
                assert!(after.tier >= alone.tier, "{}", told());
                let same = called_same(spine, second, &begun.history.unlooked);
                assert!(Some(after.tier) >= same, "{}", told());
                if look == Look::Missing && is_no_better(spine, first, second) {
                    climbs += 1;
                    assert!(after.tier >= before.tier, "{}", told());
                }
            }
        }
    }
    climbs
}

#[test]
fn pain_known_at_three_that_climbs_by_one_a_month_rings() {
    let spine = Spine::shipped();
    let known =
        || confirmed(&form("SP01=same SP03=3"), &[("SP01", aftercare::care::checklist::answer::Mark::Known)]);
    let climb = ["3", "4", "5", "6", "7", "8", "9", "10"]
        .map(|score| crate::spine::with(&form("SP01=same"), "SP03", score));
    for look in [Look::Taken, Look::Missing] {
        let mut course = Course::begin(&spine, known());
        let tiers: Vec<Tier> = climb.iter().map(|fields| course.answer(fields, look).0.tier).collect();
        assert_eq!(tiers[..2], [Tier::Routine, Tier::Soon]);
        assert!(tiers[2..].iter().all(|tier| *tier == Tier::Urgent), "{look:?} {tiers:?}");
    }
    // Marked as known at 3 or 4: still, two more than then is not silenced, nor is severe pain.
    for (at, silent) in [(3, 2), (4, 3), (6, 4), (10, 4)] {
        let mark = |code| Known::new(code, TODAY, TODAY.saturating_add(6.months())).unwrap().at(Some(at));
        let history = History { known: [Code::S2, Code::S3].map(mark).to_vec(), ..known() };
        let case = |fields: &Fields| {
            let answers = spine.answers(fields);
            let bare = History { baseline: None, ..history.clone() };
            let case =
                Case { answers: &answers, stage: FormStage::Submitted, answered_on: TODAY, history: &bare };
            judge(&spine.0, &case).tier
        };
        let tiers: Vec<Tier> = climb.iter().map(case).collect();
        let quiet = tiers.iter().take_while(|tier| **tier == Tier::Routine).count();
        assert_eq!(quiet, silent, "{at}: {tiers:?}");
        assert!(tiers[4..].iter().all(|tier| *tier > Tier::Routine), "{at}: {tiers:?}");
    }
}

#[test]
fn a_mark_made_before_scores_were_kept_silences_no_more_than_moderate_pain() {
    let spine = Spine::shipped();
    let history = History { known: marked(), ..all_known() };
    let tier =
        |score: &'static str| spine.judge(&crate::spine::with(&form("SP01=same"), "SP03", score), &history);
    assert_eq!(tier("4").tier, Tier::Routine);
    assert_eq!(tier("5").tier, Tier::Routine);
    assert!(tier("6").tier > Tier::Routine);
}

/// A form every answer of which is as bad as the one before, or worse.
fn climb() -> impl Strategy<Value = Vec<Fields>> {
    let steps = prop::collection::vec((0usize..8, 0usize..64), 1..12);
    (any_form(), steps).prop_map(|(first, steps)| {
        let spine = Spine::shipped();
        let mut forms = vec![first];
        for (raises, seed) in steps {
            let mut next = forms.last().unwrap().clone();
            for turn in 0..raises {
                next = raised(&spine, &next, seed * 7 + turn * 13);
            }
            forms.push(next);
        }
        forms
    })
}

/// One answer made one step worse; the same form where that cannot be.
fn raised(spine: &Spine, fields: &Fields, seed: usize) -> Fields {
    let Some((field, word)) = fields.get(seed % fields.len().max(1)).copied() else { return fields.clone() };
    let ladder: &[&str] = match spine.0.field(field).unwrap().1.kind {
        AnswerKind::Change => &CHANGE,
        AnswerKind::Pain => &["no", "same", "new"],
        AnswerKind::YesNo => &["no", "yes"],
        AnswerKind::Score { max: 4 } => &["0", "1", "2", "3", "4"],
        AnswerKind::Score { .. } => &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
        AnswerKind::Choice { .. } => return fields.clone(),
    };
    let step = ladder.iter().position(|known| *known == word).unwrap();
    let Some(worse) = ladder.get(step + 1) else { return fields.clone() };
    let mut next = crate::spine::with(fields, field, worse);
    if field == "SP01" && word == "no" {
        next = joined(&quiet(8..15, ""), &vec![("SP01", "same"), ("SP02", "low"), ("SP03", "0")])
            .into_iter()
            .filter(|(f, _)| ["SP01", "SP02", "SP03"].contains(f) || next.iter().any(|(other, _)| other == f))
            .map(|(f, w)| {
                (f, next.iter().find(|(other, _)| *other == f && f != "SP01").map_or(w, |(_, own)| *own))
            })
            .chain([("SP04", "no"), ("SP05", "no"), ("SP06.strain", "no"), ("SP06.move", "no")])
            .collect();
    }
    next
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_sequence_of_forms_loses_what_was_said(
        forms in prop::collection::vec((any_form(), any::<bool>()), 2..20), pick in 0usize..4,
    ) {
        let spine = Spine::shipped();
        let mut course = Course::begin(&spine, histories()[pick].clone());
        for (fields, looked) in forms {
            let unlooked = course.history.unlooked.clone();
            let look = if looked { Look::Taken } else { Look::Missing };
            let (verdict, alone) = course.answer(&fields, look);
            prop_assert!(verdict.tier >= alone.tier, "{:?} {:?}", verdict, alone);
            prop_assert!(Some(verdict.tier) >= called_same(&spine, &spine.answers(&fields), &unlooked), "{:?}", verdict);
            prop_assert!(!verdict.codes().contains(&Code::S7) || verdict.tier >= Tier::Soon);
        }
    }

    #[test]
    fn a_climb_nobody_looks_at_never_falls(forms in climb(), pick in 0usize..4) {
        let spine = Spine::shipped();
        let mut course = Course::begin(&spine, histories()[pick].clone());
        let mut before = Tier::Routine;
        for fields in forms {
            let (verdict, _) = course.answer(&fields, Look::Missing);
            prop_assert!(verdict.tier >= before, "{:?} after {:?}: {:?}", verdict, before, fields);
            before = verdict.tier;
        }
    }
}

/// Every sign, new once and then the same without a look, is urgent or worse, baseline or none.
#[test]
fn a_sign_new_once_and_then_the_same_is_never_routine() {
    let spine = Spine::shipped();
    for history in histories() {
        for sign in SIGNS.into_iter().chain(["SP10"]) {
            for told in ["new", "unsure"] {
                let mut course = Course::begin(&spine, history.clone());
                course.answer(&crate::spine::with(&form(""), sign, told), Look::Missing);
                course.answer(&form(""), Look::Missing);
                let (later, _) = course.answer(&crate::spine::with(&form(""), sign, "same"), Look::Missing);
                assert!(later.tier >= Tier::Urgent, "{sign} {told} {later:?}");
            }
        }
    }
}

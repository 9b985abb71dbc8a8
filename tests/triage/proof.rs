//! The spine rules proved over every reachable answer set of the shipped checklist (P5).
//!
//! There are about four thousand million answer sets. They are not sampled but factored. The rules read three blocks of
//! fields: signs (SP07-SP13), pain (SP01-SP06) and general (SP14-SP16). `care/triage/rules.rs` gives each block its own
//! function, which sees nothing else, except that the signs see whether there is pain at all; the combined rules (U10, U11)
//! see only soon codes, which signs never give. So the tier of a whole form is the higher one of two: the signs with pain or
//! without, and pain with general. The first is enumerated fully. For the second each block is enumerated fully, and one
//! representative of every distinct set of codes is judged with one of the other block, in all combinations.
//! `random::a_form_is_the_sum_of_its_blocks` checks that shape on random whole forms. A blank is proved equal to its stand-in
//! (`a_blank_counts_as_…`), so blanks need not be enumerated again everywhere.
//!
//! The order that "worse" means: no < same < not sure < new for signs; no < same < new for pain; numbers upwards; no < yes;
//! a place that weighs less < one that weighs more. Not sure sits below new because it asks for a person within a day, not
//! at once, and above same because nobody has looked at it yet. A blank on a submitted form sits with not sure for signs
//! and with the worst answer elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use aftercare::care::triage::case::History;
use aftercare::care::triage::judge::TriageVerdict;
use aftercare::care::triage::tier::{Code, Tier};

use crate::spine::{
    CHANGE, FIELDS, Fields, SIGNS, Spine, all_known, form, histories, joined, last, quiet, with, without,
};

const NERVES: [&str; 5] = ["SP08", "SP09", "SP11", "SP12", "SP13"];
/// From best to worst: every way to answer SP10 with its place; the last is new without a place.
const ODD: [(&str, &str); 9] = [
    ("no", ""),
    ("same", ""),
    ("unsure", ""),
    ("new", "hands-feet"),
    ("new", "one-limb"),
    ("new", "both-arms"),
    ("new", "body"),
    ("new", "both-legs"),
    ("new", ""),
];

/// One way to answer the signs: a step of [`ODD`], then one of [`CHANGE`] for each of [`SIGNS`].
type Signs = [usize; 7];

fn signs_form(signs: Signs, quiet: &Fields) -> Fields {
    let (odd, site) = ODD[signs[0]];
    let mut form = quiet.clone();
    form.extend(SIGNS.iter().zip(&signs[1..]).map(|(field, step)| (*field, CHANGE[*step])));
    form.push(("SP10", odd));
    form.extend(Some(("SP10.site", site)).filter(|_| !site.is_empty()));
    form
}

fn all_signs() -> Vec<Signs> {
    let mut all = Vec::new();
    for index in 0..ODD.len() * 4_usize.pow(6) {
        let mut signs = [index % ODD.len(), 0, 0, 0, 0, 0, 0];
        let mut rest = index / ODD.len();
        for place in &mut signs[1..] {
            *place = rest % 4;
            rest /= 4;
        }
        all.push(signs);
    }
    all
}

fn tiers_of_signs(spine: &Spine, history: &History, rest: &'static str) -> BTreeMap<Signs, Tier> {
    let quiet = form(rest).into_iter().filter(|(field, _)| !FIELDS[..8].contains(field)).collect();
    all_signs()
        .into_iter()
        .map(|signs| (signs, spine.judge(&signs_form(signs, &quiet), history).tier))
        .collect()
}

/// Judges every way to answer the signs, without pain and with it, on two threads.
fn prove_signs(spine: &Spine, history: &History) {
    let (calm, pained) = std::thread::scope(|scope| {
        let calm = scope.spawn(|| tiers_of_signs(spine, history, ""));
        let pained = tiers_of_signs(spine, history, "SP01=same");
        (calm.join().unwrap(), pained)
    });
    assert_eq!(calm.len(), 36_864);
    for (signs, tier) in &calm {
        let new = SIGNS
            .iter()
            .zip(&signs[1..])
            .any(|(field, step)| NERVES.contains(field) && CHANGE[*step] == "new");
        assert!(!new || *tier == Tier::Emergency, "{signs:?}");
        assert!(pained[signs] >= *tier, "pain lowered {signs:?}");
        assert!(!new || pained[signs] == Tier::Emergency, "{signs:?}");
        for place in 0..7 {
            let mut worse = *signs;
            worse[place] += 1;
            for tiers in [&calm, &pained] {
                assert!(tiers.get(&worse).is_none_or(|t| *t >= tiers[signs]), "{signs:?} {worse:?}");
            }
        }
    }
}

#[test]
fn signs_alone_keep_every_promise() {
    prove_signs(&Spine::shipped(), &History::default());
}

/// With U2 and U3 raised, as a stricter reading of NG234 asks for.
#[test]
fn signs_known_or_raised_keep_every_promise() {
    let mut spine = Spine::shipped();
    spine.0.raised.extend([(Code::U2, Tier::Emergency), (Code::U3, Tier::Emergency)]);
    prove_signs(&spine, &all_known());
}

/// From best to worst; blank stands apart.
const PAINS: [&str; 3] = ["no", "same", "new"];
const PLACES: [&str; 4] = ["tail-hips", "low", "middle", "neck"];
const SCORES: [&str; 11] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
const YES_NO: [&str; 2] = ["no", "yes"];
const ASKED: [(&str, &[&str]); 7] = [
    ("SP01", &PAINS),
    ("SP02", &PLACES),
    ("SP03", &SCORES),
    ("SP04", &YES_NO),
    ("SP05", &YES_NO),
    ("SP06.strain", &YES_NO),
    ("SP06.move", &YES_NO),
];
const GENERAL: [(&str, &[&str]); 4] = [
    ("SP14", &YES_NO),
    ("SP15.worst", &["0", "1", "2", "3", "4"]),
    ("SP15.stops", &["0", "1", "2", "3", "4"]),
    ("SP16", &YES_NO),
];

/// Every combination of steps; without pain, its details are not asked and stay at the first step.
fn steps(asked: &[(&'static str, &'static [&'static str])]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for (_, words) in asked {
        let longer = |head: &Vec<usize>, step: usize| head.iter().copied().chain([step]).collect::<Vec<_>>();
        all = all.iter().flat_map(|head| (0..words.len()).map(move |step| longer(head, step))).collect();
    }
    all.retain(|steps| asked[0].0 != "SP01" || steps[0] > 0 || steps[1..].iter().all(|step| *step == 0));
    all
}

fn fill(asked: &[(&'static str, &'static [&'static str])], steps: &[usize]) -> Fields {
    let fields: Fields =
        asked.iter().zip(steps).map(|((field, words), step)| (*field, words[*step])).collect();
    if fields[0] == ("SP01", "no") { vec![("SP01", "no")] } else { fields }
}

type Block = BTreeMap<Vec<usize>, BTreeSet<Code>>;

fn block(
    spine: &Spine,
    asked: &[(&'static str, &'static [&'static str])],
    rest: &Fields,
    history: &History,
) -> Block {
    let codes = |fields| spine.judge(&fields, history).codes();
    steps(asked).into_iter().map(|s| (s.clone(), codes(joined(&fill(asked, &s), rest)))).collect()
}

/// One way to get each distinct set of codes.
fn representatives(block: &Block) -> BTreeMap<&BTreeSet<Code>, &Vec<usize>> {
    block.iter().map(|(steps, codes)| (codes, steps)).collect()
}

/// Every step from one answer to a worse one, as pairs of code sets.
fn worsenings(block: &Block) -> BTreeSet<(&BTreeSet<Code>, &BTreeSet<Code>)> {
    let mut pairs = BTreeSet::new();
    for (steps, codes) in block {
        for place in 0..steps.len() {
            let mut worse = steps.clone();
            worse[place] += 1;
            pairs.extend(block.get(&worse).map(|worse| (codes, worse)));
        }
    }
    // From no pain to pain of any sort, not only to the mildest.
    let none = block.iter().find(|(steps, _)| steps.iter().all(|step| *step == 0)).map(|(_, codes)| codes);
    pairs.extend(none.into_iter().flat_map(|none| block.values().map(move |worse| (none, worse))));
    pairs
}

fn prove_pain_and_general(spine: &Spine, history: &History) {
    let pain = block(spine, &ASKED, &quiet(8..15, ""), history);
    let general = block(spine, &GENERAL, &quiet(15..19, ""), history);
    assert_eq!((pain.len(), general.len()), (1 + 2 * 4 * 11 * 16, 100));
    let (aches, rests) = (representatives(&pain), representatives(&general));
    let mut tiers = BTreeMap::new();
    for (ache, ache_steps) in &aches {
        for (rest, rest_steps) in &rests {
            let blocks = joined(&fill(&ASKED, ache_steps), &fill(&GENERAL, rest_steps));
            let fields = joined(&quiet(8..19, ""), &blocks);
            tiers.insert((*ache, *rest), spine.judge(&fields, history).tier);
        }
    }
    for (ache, worse) in worsenings(&pain) {
        assert!(rests.keys().all(|r| tiers[&(ache, *r)] <= tiers[&(worse, *r)]), "{ache:?} {worse:?}");
    }
    for (rest, worse) in worsenings(&general) {
        assert!(aches.keys().all(|a| tiers[&(*a, rest)] <= tiers[&(*a, worse)]), "{rest:?} {worse:?}");
    }
}

#[test]
fn pain_and_general_answers_never_lower_the_tier_by_getting_worse() {
    for history in histories() {
        prove_pain_and_general(&Spine::shipped(), &history);
    }
}

#[test]
fn a_rule_the_clinic_raised_keeps_the_order() {
    for code in Code::ALL.into_iter().filter(|code| code.may_be_raised()) {
        let mut spine = Spine::shipped();
        spine.0.raised.insert(code, Tier::Emergency);
        prove_pain_and_general(&spine, &History::default());
        prove_pain_and_general(&spine, &last("SP01=same SP06.move=yes SP03=5 SP15.worst=3", 30, false));
    }
}

#[test]
fn a_blank_sign_counts_as_not_sure_and_any_other_blank_as_its_worst_answer() {
    let spine = Spine::shipped();
    let weighed =
        |verdict: &TriageVerdict| verdict.codes().into_iter().filter(|c| *c < Code::K1).collect::<Vec<_>>();
    let odd = "SP10=new SP10.site=one-limb";
    for rest in ["", "SP01=same", "SP01=new", "SP08=new", odd, "SP07=new", "SP14=yes SP16=yes"] {
        let full = form(rest);
        for history in histories() {
            for field in answered(&full).filter(|field| may_be_blank(field, &full, &history)) {
                let blank = spine.judge(&without(&full, field), &history);
                let counted = spine.judge(&with(&full, field, stand_in(field)), &history);
                let reason = blank.reasons.iter().find(|reason| reason.code == Code::K2).unwrap();
                assert_eq!(reason.fields, [field]);
                assert!(blank.tier >= Tier::Soon && blank.tier >= counted.tier, "{field} {rest}");
                assert_eq!(weighed(&blank), weighed(&counted), "{field} {rest}");
            }
        }
    }
}

fn answered(form: &Fields) -> impl Iterator<Item = &'static str> {
    form.iter().map(|(field, _)| *field)
}

/// Not what the baseline calls not applicable, not what is never required, and not the question that others hang on.
fn may_be_blank(field: &str, form: &Fields, history: &History) -> bool {
    let item = field.split('.').next().unwrap();
    let off = history.baseline.as_ref().is_some_and(|b| b.is_not_applicable(item));
    !off && field != "SP16" && !(field == "SP01" && form.contains(&("SP01", "no")))
}

fn stand_in(field: &str) -> &'static str {
    let asked = ASKED.iter().chain(&GENERAL).find(|(other, _)| *other == field);
    let worst = asked.and_then(|(_, words)| words.last()).copied();
    worst.unwrap_or(if field == "SP10.site" { "both-legs" } else { "unsure" })
}

//! The table of rules (clinical brief, section 4), one line of it per line here.
//!
//! The four groups see only their own part of the facts; [`combined`] sees only codes. The proof over all answer sets
//! leans on that shape.

use std::collections::BTreeSet;

use super::facts::{Facts, Scored, Signs};
use crate::care::checklist::answer::Mark;
use crate::care::checklist::definition::Thresholds;
use crate::care::checklist::item::{ChangeSign, PartRole};
use crate::care::triage::case::TriageReason;
use crate::care::triage::facts::{ChangeFact, OtherFacts, PainFact};
use crate::care::triage::tier::Code;

/// Reasons found so far.
#[derive(Default)]
struct ReasonsFound<'a>(Vec<(Code, Vec<&'a str>)>);

impl<'a> ReasonsFound<'a> {
    /// Adds a reason if any field gives it.
    fn when(&mut self, code: Code, fields: impl IntoIterator<Item = &'a str>) {
        let fields: Vec<_> = fields.into_iter().collect();
        if !fields.is_empty() {
            self.0.push((code, fields));
        }
    }
}

pub(in crate::care::triage) fn apply(facts: &Facts<'_>) -> Vec<TriageReason> {
    let mut found = ReasonsFound::default();
    signs(&facts.signs, &mut found);
    if let Some(pain) = &facts.ache {
        ache(pain, &facts.thresholds, &mut found);
    }
    rest(&facts.rest, &facts.thresholds, &mut found);
    found.when(Code::K2, facts.blanks.iter().copied());
    combined(&facts.unread, &mut found);
    found
        .0
        .into_iter()
        .map(|(code, fields)| TriageReason {
            code,
            tier: None,
            fields: fields.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}

fn signs<'a>(signs: &Signs<'a>, found: &mut ReasonsFound<'a>) {
    let doubtful = |s: &&ChangeFact<'a>| s.change >= ChangeSign::Unsure;
    // A sign that cannot be asked never makes an emergency by itself; an answer to it still counts as not sure (case 45).
    let live = || signs.all.iter().filter(|s| s.mark != Some(Mark::NotApplicable));
    let new = |role: PartRole| live().filter(move |s| s.role == role && s.change == ChangeSign::New);
    let nerves =
        || live().filter(|s| matches!(s.role, PartRole::Nerve | PartRole::Sensation)).filter(doubtful);
    let band = || live().filter(|s| s.role == PartRole::Band).filter(doubtful);

    found.when(Code::E1, new(PartRole::Nerve).map(field));
    let broad = signs.wide || signs.pained.is_some() || band().next().is_some();
    let odd = || new(PartRole::Sensation).map(field);
    if broad && odd().next().is_some() {
        found.when(Code::E2, odd().chain(signs.pained).chain(band().map(field)));
    } else {
        found.when(Code::U2, odd());
    }
    if nerves().next().is_some() && new(PartRole::Band).next().is_some() {
        found.when(Code::E3, new(PartRole::Band).chain(nerves()).map(field));
    }
    let unsure = |s: &&ChangeFact<'a>| match s.mark {
        Some(Mark::NotApplicable) => s.change >= ChangeSign::Unsure,
        _ => s.change == ChangeSign::Unsure,
    };
    found.when(Code::U1, signs.all.iter().filter(unsure).map(field));
    found.when(Code::U3, new(PartRole::Band).map(field));
    let unconfirmed = |s: &&ChangeFact<'a>| s.mark.is_none() || s.mark == Some(Mark::Known) && s.unlooked;
    let same = signs.all.iter().filter(|s| s.change == ChangeSign::Same);
    found.when(Code::U9, same.filter(unconfirmed).map(field));
}

fn ache<'a>(ache: &PainFact<'a>, limits: &Thresholds, found: &mut ReasonsFound<'a>) {
    let any = ache.new.or(ache.same);
    let score = ache.score;
    let at_least = |limit: u8| (score.now >= limit).then_some(score.field);
    let unless_known = if ache.known { ache.new } else { any };

    found.when(Code::U4, unless_known.and(at_least(limits.severe)));
    found.when(Code::U5, risen(score, limits.rise).and(at_least(limits.rise_floor)));
    found.when(Code::U6, ache.new.and(ache.high));
    found.when(Code::U7, ache.restless.iter().copied());
    found.when(Code::U8, ache.new.and(ache.moving));
    found.when(Code::S1, ache.new);
    found.when(Code::S2, at_least(limits.moderate));
    found.when(Code::S3, ache.same.and(ache.moving));
    found.when(Code::S7, ache.unlooked);
}

fn rest<'a>(rest: &OtherFacts<'a>, limits: &Thresholds, found: &mut ReasonsFound<'a>) {
    let marked = |s: &&Scored<'a>| s.now >= limits.tired || risen(**s, limits.tired_rise).is_some();
    found.when(Code::S4, rest.weight);
    found.when(Code::S5, rest.tired.iter().filter(marked).map(|s| s.field));
    found.when(Code::S6, rest.call);
}

/// Reasons made of reasons: U10 pairs pain with a general sign, U11 repeats the last form's unread reason.
fn combined<'a>(unread: &BTreeSet<Code>, found: &mut ReasonsFound<'a>) {
    let fields_of = |codes: &[Code]| -> Vec<&'a str> {
        let hits = found.0.iter().filter(|(code, _)| codes.contains(code));
        hits.flat_map(|(_, fields)| fields.iter().copied()).collect()
    };
    let pain = fields_of(&[Code::S1, Code::S2, Code::S3, Code::S7]);
    let general = fields_of(&[Code::S4, Code::S5]);
    // Pain that nobody has looked at, called new once more, is the same pain.
    let before = |code: &Code| unread.contains(code) || *code == Code::S1 && unread.contains(&Code::S7);
    let again: Vec<Code> = [Code::S1, Code::S2, Code::S3, Code::S4, Code::S5, Code::S6, Code::S7]
        .into_iter()
        .filter(before)
        .collect();
    let repeated = fields_of(&again);
    if !pain.is_empty() && !general.is_empty() {
        found.when(Code::U10, pain.into_iter().chain(general));
    }
    found.when(Code::U11, repeated);
}

/// A rise stays one until a clinician has looked: the form after it would else compare with the risen number.
fn risen<'a>(score: Scored<'a>, by: u8) -> Option<&'a str> {
    let rose = score.before.is_some_and(|before| score.now >= before.saturating_add(by));
    (rose || score.held && score.now >= by).then_some(score.field)
}

fn field<'a>(sign: &ChangeFact<'a>) -> &'a str {
    sign.field
}

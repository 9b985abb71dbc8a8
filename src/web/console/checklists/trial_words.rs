//! The form that tries the rules, and what came of it, in the words staff and the patient would read.

use minijinja::{Value, context};

use crate::care::alert::escalation::PatientLetter;
use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::{Item, Part};
use crate::care::triage::case::TriageReason;
use crate::care::triage::rule_text::{clock, condition};
use crate::care::triage::tier::Tier;
use crate::config::checklists::wording::ChecklistWording;
use crate::journey::alert_policy::TriageMode;
use crate::journey::answers::trial::{TrialAlert, TrialForm, TrialNotice, TrialVerdict};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::checklists::filled_trial::FilledTrial;
use crate::web::console::layout::time_format::{TimeFormat, span};

/// The questions page by page, each with what was chosen.
pub(super) fn fields(checklist: &Checklist, wording: &ChecklistWording, trial: &FilledTrial) -> Vec<Value> {
    let page = |(number, ids): (usize, &Vec<String>)| {
        let items = ids.iter().filter_map(|id| checklist.item(id)).map(|item| {
            let words = wording.items.get(&item.id);
            let parts = item.parts.iter().map(|part| field(item, part, wording, trial));
            context! {
                id => item.id.clone(),
                ask => words.map(|words| words.ask.clone()),
                parts => parts.collect::<Vec<_>>(),
            }
        });
        let heading = wording.pages.get(number).cloned().unwrap_or_default();
        context! { heading, questions => items.collect::<Vec<_>>() }
    };
    checklist.pages.iter().enumerate().map(page).collect()
}

fn field(item: &Item, part: &Part, wording: &ChecklistWording, trial: &FilledTrial) -> Value {
    let words = wording.items.get(&item.id);
    let own = words.and_then(|words| words.parts.get(&part.field)).and_then(|own| own.ask.clone());
    let chosen = trial.chosen.get(&part.field);
    let choices = part.kind.words().into_iter().map(|word| {
        let text = wording.choice(&item.id, &part.field, &word).unwrap_or(&word).to_owned();
        context! { text, now => chosen == Some(&word), word }
    });
    context! {
        field => part.field.clone(),
        ask => own.or_else(|| words.map(|words| words.ask.clone())),
        choices => choices.collect::<Vec<_>>(),
    }
}

/// The signs that may be taken as known.
pub(super) fn signs(checklist: &Checklist, wording: &ChecklistWording, trial: &FilledTrial) -> Vec<Value> {
    let sign = |item: &Item| {
        let ask = wording.items.get(&item.id).map(|words| words.ask.clone());
        context! { id => item.id.clone(), ask, known => trial.known.contains(&item.id) }
    };
    checklist.signs().map(sign).collect()
}

/// What the rules say of the answers, why, and what would happen.
pub(super) fn verdict(
    signed_in: &SignedIn,
    form: &TrialForm<'_>,
    found: &TrialVerdict,
    wording: &ChecklistWording,
) -> Value {
    let judged = &found.verdict;
    let reasons = judged.reasons.iter().map(|reason| because(form, reason, wording));
    let mode = &signed_in.clinic().care.mode;
    context! {
        tier => judged.tier.word(),
        clock => clock(judged.tier),
        reasons => reasons.collect::<Vec<_>>(),
        sorted => found.sorted.as_ref().map(|alert| rings(signed_in, alert)),
        unsorted => found.unsorted.as_ref().map(|alert| rings(signed_in, alert)),
        calls => found.calls,
        shown => shown(signed_in, &wording.language, Some(judged.tier)),
        shown_unsorted => shown(signed_in, &wording.language, None),
        is_in_force => *mode != TriageMode::Education,
    }
}

fn because(form: &TrialForm<'_>, reason: &TriageReason, wording: &ChecklistWording) -> Value {
    let answer = |field: &String| {
        let item = form.checklist.field(field).map_or(field.as_str(), |(item, _)| item.id.as_str());
        let words = wording.items.get(item);
        let own = words.and_then(|words| words.parts.get(field)).and_then(|part| part.ask.clone());
        let said = form.answers.get(field).map(|value| {
            let word = value.word();
            wording.choice(item, field, &word).map_or(word.clone(), str::to_owned)
        });
        context! { item, ask => own.or_else(|| words.map(|words| words.ask.clone())), said }
    };
    context! {
        code => reason.code.word(),
        tier => reason.tier.map(Tier::word),
        means => reason.code.explain(),
        condition => condition(reason.code, form.checklist, &|field, word| wording.choice_name(field, word)),
        basis => reason.code.basis(),
        answers => reason.fields.iter().map(answer).collect::<Vec<_>>(),
    }
}

fn rings(signed_in: &SignedIn, alert: &TrialAlert) -> Value {
    let times = TimeFormat::from(signed_in);
    let notice = |notice: &TrialNotice| {
        let wait = notice.at.duration_since(times.now);
        let after = if wait.as_secs() < 60 { "at once".to_owned() } else { format!("after {}", span(wait)) };
        context! { after, who => notice.who.join(", "), to_patient => notice.to_patient == PatientLetter::On }
    };
    context! {
        due => times.moment(alert.due_at),
        notices => alert.notices.iter().map(notice).collect::<Vec<_>>(),
    }
}

/// The first lines of the page that she would see: of a tier, or of what everyone reads where nobody judges.
fn shown(signed_in: &SignedIn, language: &str, tier: Option<Tier>) -> Value {
    let texts = signed_in.app.words(language);
    let first = format!("emergency.{}", signed_in.app.emergency_line());
    let (title, lines): (&str, [&str; 3]) = match tier {
        Some(Tier::Emergency) => ("emergency.title", [&first, "emergency.do_not", "emergency.body"]),
        Some(Tier::Urgent) => ("urgent.title", ["urgent.do", "urgent.body", "urgent.worse"]),
        Some(Tier::Soon) => ("soon.title", ["soon.do", "soon.today", "soon.worse"]),
        Some(Tier::Routine) => ("routine.title", ["routine.do", "routine.care", "routine.worse"]),
        None => ("education.title", ["education.now_title", "education.now", "education.done"]),
    };
    let lines = lines.map(|key| texts.text(key).to_owned());
    context! { title => texts.text(title), lines, language => texts.language.clone() }
}

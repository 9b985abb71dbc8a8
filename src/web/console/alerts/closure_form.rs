//! What follows from an alert that turned out to be spread or recurrence: offered on its page with the effect of each step, as
//! it is closed and afterwards.

use jiff::ToSpan;
use minijinja::{Value, context};

use crate::care::alert::closure_step::{ClosureStep, NONE};
use crate::care::alert::lifecycle::{AlertOutcome, AlertState};
use crate::care::patient::Patient;
use crate::care::permission::Act;
use crate::journey::errors::step::StepError;
use crate::journey::operations::close_alert::{self, PausePreview, recurs_by, stops_by};
use crate::store::alerts::lifecycle::Alert;
use crate::store::db::transaction::View;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{machine_words, step_words};
use crate::web::locale::reader::ReaderWords;

/// A pause is proposed for so many days.
const PAUSE_DAYS: i64 = 28;

/// The steps an alert's page offers, and those that were taken.
pub(in crate::web::console::alerts) fn words(
    view: &View<'_>,
    signed_in: &SignedIn,
    alert: &Alert,
    patient: &Patient,
) -> Result<Value, StepError> {
    let taken = view.closure_steps(alert.id)?;
    let role = signed_in.who.role;
    let offered = match (alert.state, alert.outcome) {
        (AlertState::Closed, Some(outcome)) => ClosureStep::proposed(outcome),
        (AlertState::Closed, None) => &[],
        _ => ClosureStep::proposed(AlertOutcome::SpinalSpread),
    };
    let until = TimeFormat::from(signed_in).today().saturating_add(PAUSE_DAYS.days());
    let reader = ReaderWords::of(&signed_in.language);
    let paused = effect_words(&close_alert::effect(view, patient, Some(until))?, &reader);
    let ended = effect_words(&close_alert::effect(view, patient, None)?, &reader);
    let fits = |word: &&&str| match **word {
        "bone-spread" => role.may(Act::NoteBoneSpread),
        "pause" => stops_by(patient.status),
        "recurrence" => recurs_by(patient.status),
        _ => true,
    };
    let is_open = |word: &&&str| taken.iter().all(|step| step.word() != **word);
    let steps = offered.iter().filter(fits).filter(is_open).map(|word| {
        let effect = match *word {
            "pause" => {
                format!("Up to the day below no planned letter leaves. Until {}: {paused}", day(until))
            }
            "recurrence" => format!("Her plan stops, and a task asks a person to take over. {ended}"),
            other => effect(other).to_owned(),
        };
        context! { word => *word, text => text(word), effect }
    });
    Ok(context! {
        steps => steps.collect::<Vec<_>>(),
        until => until.to_string(),
        stays => stays(alert, patient),
        taken => taken.iter().map(|step| taken_words(*step)).collect::<Vec<_>>(),
        may => role.may(Act::closing(alert.tier)),
    })
}

/// What is said in the place of a step that would change her status, where closing the alert does not change it.
fn stays(alert: &Alert, patient: &Patient) -> Option<String> {
    let is_told = alert.state != AlertState::Closed && !recurs_by(patient.status);
    is_told.then(|| {
        let status = machine_words::status_name(patient.status);
        format!("Her status stays \"{status}\". Change it on her page, under \"Where she stands\".")
    })
}

fn taken_words(step: ClosureStep) -> String {
    match step {
        ClosureStep::Pause(until) => format!("Pause her letters until {}", day(until)),
        other => text(other.word()).to_owned(),
    }
}

fn text(word: &str) -> &'static str {
    match word {
        "bone-spread" => "Note that bone spread is known",
        "pause" => "Pause her letters",
        "recurrence" => "Set her status to recurrence, confirmed",
        "tell-team" => "Task: tell the team that treats her",
        "book-treatment" => "Task: book radiotherapy or surgery",
        _ => "Task: tell her own doctor",
    }
}

fn effect(word: &str) -> &'static str {
    match word {
        "bone-spread" => {
            "From her next answers on, what was soon counts as urgent, and what was urgent as an emergency. It can be withdrawn on her page."
        }
        _ => "It opens now, for whoever is there, and is due within half a working day.",
    }
}

/// What stops, in words; what is listed in it is said to the reader one by one.
fn effect_words(effect: &PausePreview, reader: &ReaderWords) -> String {
    let letters = match effect.waiting {
        0 => "no letter waits to leave".to_owned(),
        1 => "1 letter that waits is withdrawn".to_owned(),
        more => format!("{more} letters that wait are withdrawn"),
    };
    let shown = effect.silent.iter().take(4);
    let named = shown.map(|one| {
        let (series, due) = (machine_words::series(&one.series), day(one.owed.due_on));
        format!("{} ({})", reader.said(&series), reader.said(&due))
    });
    let mut named = named.collect::<Vec<_>>();
    if effect.silent.len() > named.len() {
        named.push(reader.said(&format!("{} more", effect.silent.len() - named.len())));
    }
    match named.is_empty() {
        true => format!("{letters}; nothing falls due."),
        false => format!("{letters}; without a letter stay: {}.", named.join(", ")),
    }
}

/// The steps that were ticked, but for [`NONE`].
pub(in crate::web::console::alerts) fn read(fields: &FormFields) -> Result<Vec<ClosureStep>, FieldFault> {
    let step = |word: &str| {
        let until = (word == "pause").then(|| fields.get("pause_until").parse().ok()).flatten();
        ClosureStep::parse(word, until)
            .ok_or_else(|| FieldFault::new("pause_until", "Give the last day of the pause."))
    };
    fields.all("follow").filter(|word| *word != NONE).map(step).collect()
}

/// A refused closing, beside the field that it is about.
pub(in crate::web::console::alerts) fn refusal(fault: &StepError) -> Option<FieldFault> {
    let field = step_words::field(fault)
        .filter(|field| matches!(*field, "follow" | "pause_until" | "until" | "mri_on" | "note"))?;
    let field = if field == "until" { "pause_until" } else { field };
    Some(step_words::beside(field, fault))
}

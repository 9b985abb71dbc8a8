//! How an alert ended, as a person reads it.

use jiff::civil::Date;
use minijinja::{Value, context};

use crate::care::alert::lifecycle::AlertOutcome;
use crate::care::alert::mri_date::MriDate;
use crate::store::alerts::lifecycle::Alert;
use crate::web::console::layout::machine_words::person;
use crate::web::console::layout::time_format::{TimeFormat, day};

/// How it ended: by whom, what was done, what it was.
pub(in crate::web::console) fn closed(alert: &Alert, times: &TimeFormat) -> Option<Value> {
    let (by, at) = alert.closed.as_ref()?;
    let done: Vec<serde_json::Value> =
        serde_json::from_str(alert.dispositions.as_deref().unwrap_or("[]")).unwrap_or_default();
    let done = done.iter().map(|step| {
        match step["on"].as_str().and_then(|on| on.parse().ok()) {
            // It alone has a day.
            Some(on) => mri_after(on, alert, times),
            None => doing(step["word"].as_str().unwrap_or_default()).to_owned(),
        }
    });
    Some(context! {
        by => person(by),
        at => times.moment(*at),
        done => done.collect::<Vec<_>>(),
        outcome => alert.outcome.map(found),
        note => alert.note.clone(),
    })
}

/// The step that alone has a day.
pub(in crate::web::console::alerts) fn mri_on(on: Date) -> String {
    format!("MRI of the spine on {}", day(on))
}

/// The same of an alert that is closed, with a remark where it comes later than it should.
fn mri_after(on: Date, alert: &Alert, times: &TimeFormat) -> String {
    match MriDate::of(on, times.day_of(alert.raised_at), on, alert.tier) {
        MriDate::AfterADay => format!("MRI of the spine on {}, more than 24 hours after her answer", day(on)),
        MriDate::AfterAWeek => format!("MRI of the spine on {}, more than a week after her answer", day(on)),
        MriDate::InTime | MriDate::Before | MriDate::TooFar => mri_on(on),
    }
}

/// What was done, as a person reads it.
pub(in crate::web::console) fn doing(word: &str) -> &str {
    match word {
        "called" => "Called the patient",
        "emergency" => "Sent to emergency care",
        "mri" => "MRI of the spine",
        "ct" => "CT",
        "bone-scan" => "Bone scan",
        "pet-ct" => "PET-CT",
        "biopsy" => "CT-guided biopsy",
        "bloods" => "Blood tests",
        "referral" => "Referral to another team",
        other => other,
    }
}

/// What it turned out to be, as a person reads it.
pub(in crate::web::console) const fn found(outcome: AlertOutcome) -> &'static str {
    match outcome {
        AlertOutcome::SpinalSpread => "Spread to the spine",
        AlertOutcome::OtherRecurrence => "Recurrence elsewhere",
        AlertOutcome::OtherCause => "Another cause",
        AlertOutcome::FalseAlarm => "False alarm",
    }
}

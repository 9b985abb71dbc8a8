//! The journey, step by step.

mod bounces;
mod checklists;
mod courier_faults;
mod doubts;
mod downtime;
mod enrolling;
mod extra_visits;
mod leaving;
mod merging;
mod mourning;
mod moving;
mod notices;
mod people_write;
mod poison;
mod refusals;
mod replanning;
mod retrying;
mod returned;
mod stopping;
mod visits;
mod volume;
mod zones;
mod ending;
mod forged_mail;
mod imports;
mod restoring;

use aftercare::journey::errors::step::StepError;

use crate::clinic::{Clinic, Person};
use crate::courier::Accepted;

/// One letter has left, an hour ago; it was the only one.
fn sent() -> (Clinic, Accepted) {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.live_until("2026-03-10T10:00");
    let letter = clinic.letters_to("A-1").remove(0);
    (clinic, letter)
}

/// Letters as pairs of local time and steps, to compare with.
fn post(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(at, steps)| ((*at).to_owned(), (*steps).to_owned())).collect()
}

fn refused(result: Result<(), StepError>) -> String {
    result.unwrap_err().to_string()
}

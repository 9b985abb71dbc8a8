//! The journey, step by step.

mod bounces;
mod checklists;
mod courier_faults;
mod doubts;
mod downtime;
mod enrolling;
mod leaving;
mod merging;
mod moving;
mod notices;
mod people_write;
mod poison;
mod refusals;
mod replanning;
mod retrying;
mod visits;
mod ending;

use aftercare::journey::StepError;

/// Letters as pairs of local time and steps, to compare with.
fn post(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(at, steps)| ((*at).to_owned(), (*steps).to_owned())).collect()
}

fn refused(result: Result<(), StepError>) -> String {
    result.unwrap_err().to_string()
}

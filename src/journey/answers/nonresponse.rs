//! Silence is not health (P7). Nudges and the task after two misses come from the plan; here is the order in which a
//! person should ring: the longer and the riskier the silence, the higher.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::care::roster::booking_list::RISKY_MONTHS;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, zone};
use crate::store::people::nonresponse::{Reach, Silence, SilenceFilter, SilencePage};

/// What is added where a silence may hide a sign or will not end by itself, in days.
const EXTRA_DAYS: i32 = 14;

/// A silence with its place in the list.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// Who is silent, since when, and how far her letters and forms got.
    pub silence: Silence,
    /// Days since the oldest unanswered checklist was due.
    pub days: i32,
    /// What it weighs; higher is rung first.
    pub weight: i32,
}

/// Which part of a list is looked at.
#[derive(Debug, Clone, Copy)]
pub struct ListPage {
    /// At most this many.
    pub limit: u32,
    /// After as many that come first.
    pub skip: u32,
}

/// A part of the list of those from whom an answer is awaited.
#[derive(Debug, Clone)]
pub struct Silent {
    /// The longest and riskiest silence first.
    pub ranked: Vec<Ranked>,
    /// How many there are in all.
    pub total: u32,
}

/// From whom an answer is awaited, the longest and riskiest silence first: a page of it.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn silent(clinic: &Deps, now: Timestamp, page: ListPage) -> Result<Silent, StepError> {
    let today = day(now, &zone(&clinic.policy.zone)?);
    let ListPage { limit, skip } = page;
    let filter =
        SilenceFilter { today, risky_since: risky_since(today), extra_days: EXTRA_DAYS, limit, skip };
    clinic.store.read(|view| {
        let SilencePage { listed, total } = view.silences(&filter)?;
        Ok(Silent { ranked: listed.into_iter().map(|silence| rank(silence, today)).collect(), total })
    })
}

fn risky_since(today: Date) -> Date {
    today.saturating_sub(RISKY_MONTHS.months())
}

/// Weighs one silence. In the risky months a day counts double; a form left half-way, or a letter that never arrived,
/// adds two weeks: the first may hide a sign, the second will not end by itself. The store sorts by the same weight.
#[must_use]
pub fn rank(silence: Silence, today: Date) -> Ranked {
    let days = (today - silence.since).get_days();
    let extra = match silence.reach {
        Reach::HalfDone | Reach::Bounced => EXTRA_DAYS,
        Reach::NotSent | Reach::Accepted | Reach::Opened => 0,
    };
    let weight = (days + extra) * if silence.anchor_on >= risky_since(today) { 2 } else { 1 };
    Ranked { silence, days, weight }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::patient::PatientId;
    use jiff::civil::date;

    fn silence(since: Date, reach: Reach, anchor_on: Date) -> Silence {
        let (patient, reference) = (PatientId(1), "C-1".to_owned());
        Silence { patient, reference, since, unanswered: 1, reach, anchor_on, answered_at: None }
    }

    #[test]
    fn the_longer_and_the_riskier_silence_is_rung_first() {
        let today = date(2027, 6, 1);
        let weight = |s| rank(s, today).weight;
        let (early, late) = (date(2026, 1, 1), date(2020, 1, 1));
        let short = weight(silence(date(2027, 5, 20), Reach::Accepted, early));
        assert!(weight(silence(date(2027, 4, 20), Reach::Accepted, early)) > short);
        assert!(short > weight(silence(date(2027, 5, 20), Reach::Accepted, late)));
        assert!(weight(silence(date(2027, 5, 20), Reach::HalfDone, early)) > short);
    }
}

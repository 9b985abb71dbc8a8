//! Silence is not health (P7). Nudges and the task after two misses come from the plan; here is the order in which a
//! person should ring: the longer and the riskier the silence, the higher.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::checklist::silence::{self, EXTRA_DAYS, risky_since};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, zone};
use crate::store::people::nonresponse::{Silence, SilenceFilter, SilencePage};

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

fn rank(silence: Silence, today: Date) -> Ranked {
    let days = (today - silence.since).get_days();
    let weight = silence::weight(days, silence.reach, silence.anchor_on, today);
    Ranked { silence, days, weight }
}

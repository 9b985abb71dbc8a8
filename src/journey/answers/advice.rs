//! What a visitor is told to do, and what still stands from before.

use jiff::Timestamp;

use crate::care::patient::PatientId;
use crate::care::triage::tier::Tier;
use crate::journey::errors::step::StepError;
use crate::store::answers::responses::Response;
use crate::store::db::transaction::View;

/// What an open alert of hers tells her, and when the answers behind it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandingAdvice {
    /// How urgent it is.
    pub tier: Tier,
    /// When she said what rang; the alert's own moment where its answers cannot be read.
    pub answered_at: Timestamp,
}

/// What a visitor is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RespondOutcome {
    /// The page of this tier.
    Tier(Tier),
    /// The advice everyone gets (education mode).
    Unsorted,
}

impl RespondOutcome {
    /// Whether coming back to a form half-way shows first what to do.
    #[must_use]
    pub fn worries(self) -> bool {
        matches!(self, Self::Tier(Tier::Emergency | Tier::Urgent | Tier::Soon))
    }

    /// What a stored form stands at.
    #[must_use]
    pub fn of(response: &Response) -> Self {
        response.tier.map_or(Self::Unsorted, Self::Tier)
    }

    /// The same, or what an open alert tells her if that is more urgent.
    #[must_use]
    pub fn at_least(self, open: Option<StandingAdvice>) -> Self {
        match (self, open.map(|open| open.tier)) {
            (own, None) => own,
            (Self::Unsorted, Some(open)) => Self::Tier(open),
            (Self::Tier(own), Some(open)) => Self::Tier(own.max(open)),
        }
    }
}

/// The most urgent of her alerts that nobody has closed. One that cannot be read is left out; the store notes it.
///
/// # Errors
/// [`StepError`] when the store fails.
pub(in crate::journey) fn standing_advice(
    view: &View<'_>,
    patient: PatientId,
) -> Result<Option<StandingAdvice>, StepError> {
    let open = view.alerts_open_of(patient)?.into_iter().filter_map(|alert| Some((alert.tier?, alert)));
    let Some((tier, alert)) = open.max_by_key(|(tier, alert)| (*tier, alert.raised_at)) else {
        return Ok(None);
    };
    let rang = view.responses_of_alert(alert.id)?.into_iter().find(|response| response.tier == Some(tier));
    Ok(Some(StandingAdvice { tier, answered_at: rang.map_or(alert.raised_at, |r| r.answered_at) }))
}

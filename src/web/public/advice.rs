//! What she sees when it counts: what to do now. It needs nothing but words, and is shown however badly the rest went.

use jiff::Timestamp;
use minijinja::context;

use crate::journey::alerts::cover;
use crate::journey::answers::advice::RespondOutcome;
use crate::journey::sending_policy::zone;
use crate::web::app_state::AppState;
use crate::web::html::PageFault;

/// How far the form got.
pub(super) enum FormProgress {
    /// The whole form is sent and stored.
    Sent,
    /// A page is stored; the address of the next one.
    HalfWay(String),
    /// It could not be stored.
    Unsaved,
    /// Not now: the form behind this address was submitted before. A new one can be asked for there.
    SentBefore(String),
}

/// What she is told after a page or a form.
pub(super) struct Advice {
    pub(super) outcome: RespondOutcome,
    pub(super) progress: FormProgress,
    /// When it was judged.
    pub(super) at: Timestamp,
}

/// The page of an outcome.
pub(super) fn page(app: &AppState, language: &str, advice: &Advice) -> Result<String, PageFault> {
    let Advice { outcome, progress, at } = advice;
    let texts = app.words(language);
    let tier = match outcome {
        RespondOutcome::Tier(tier) => tier.word(),
        RespondOutcome::Unsorted => "education",
    };
    let (go_on, renew) = match progress {
        FormProgress::HalfWay(address) => (Some(address.as_str()), None),
        FormProgress::SentBefore(address) => (None, Some(address.as_str())),
        FormProgress::Sent | FormProgress::Unsaved => (None, None),
    };
    let words = context! {
        tier,
        first => app.emergency_line(),
        advice => context! { title => texts.text(&format!("{tier}.title")) },
        unsaved => matches!(progress, FormProgress::Unsaved),
        go_on,
        renew,
        uncovered => cover::is_missing(&app.deps.clinic),
        when => moment(app, *at),
        warning => app.warning(language),
    };
    app.render("tier.html", language, words)
}

/// Day and hour at the clinic, in figures, so that any doctor can read it.
fn moment(app: &AppState, at: Timestamp) -> String {
    let name = &app.deps.clinic.policy.zone;
    let local = zone(name).map(|zone| zone.to_datetime(at));
    local.map_or_else(
        |_| at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        |local| local.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

//! What she sees when it counts: what to do now. It needs nothing but words, and is shown however badly the rest went.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use minijinja::{Value, context};

use crate::care::triage::judge::Reads;
use crate::journey::alerts::cover;
use crate::journey::answers::advice::RespondOutcome;
use crate::journey::sending_policy::zone;
use crate::web::html::PageFault;
use crate::web::public::form;
use crate::web::public::form_state::FormStep;
use crate::web::public::reader_pages::ReaderPages;

/// How far the form got.
pub(super) enum FormProgress {
    /// The whole form is sent and stored.
    Sent,
    /// A page is stored: the step of the next one, and of this page.
    HalfWay { next: Box<FormStep>, here: Box<FormStep> },
    /// A form that is not begun: what is told rests on the answers of one before it. The step of its first page, and of this one.
    NotBegun { first: Box<FormStep>, here: Box<FormStep> },
    /// It could not be stored.
    Unsaved,
    /// Not now: the form behind this link was submitted before. A new one can be asked for, with the nonce of this step.
    SentBefore(Box<FormStep>),
}

/// What she is told after a page or a form.
pub(super) struct AdviceContent {
    pub(super) outcome: RespondOutcome,
    pub(super) progress: FormProgress,
    /// When the answers came that it rests on; `None` where none is stored.
    pub(super) answered_at: Option<Timestamp>,
    /// Whether a question that needs an answer stayed open, which is a reason for what she is told.
    pub(super) left_open: bool,
}

/// The same as a page shows it.
pub(super) struct Advice {
    pub(super) told: AdviceContent,
    /// The token of her link.
    pub(super) token: String,
    /// When the page is opened, which is not when she answered.
    pub(super) opened_at: Timestamp,
    /// The zone she lives in, where it is known.
    pub(super) zone: Option<String>,
}

/// The page of an outcome.
pub(super) fn page(app: &ReaderPages, language: &str, advice: &Advice) -> Result<String, PageFault> {
    let Advice {
        told: AdviceContent { outcome, progress, answered_at, left_open },
        token,
        opened_at,
        zone: hers,
    } = advice;
    let texts = app.words(language);
    let tier = match outcome {
        RespondOutcome::Tier(tier) => tier.word(),
        RespondOutcome::Unsorted => "education",
    };
    let mut anew = None;
    let (go_on, renew, here) = match progress {
        FormProgress::HalfWay { next, here } => (Some(next.address(token)), None, Some(here)),
        FormProgress::NotBegun { first, here } => {
            anew = Some(first.address(token));
            (None, None, Some(here))
        }
        FormProgress::SentBefore(step) => (None, Some(form::renewal(token, step)), Some(step)),
        // What was sent by this very request has no address of its own.
        FormProgress::Sent | FormProgress::Unsaved => (None, None, None),
    };
    let shown = |at: Timestamp| moment(app, language, &by_her_clock(app, hers.as_deref(), at));
    let words = context! {
        tier,
        first => app.emergency_line(),
        read => match app.deps.clinic.care.reads {
            Reads::Everything => "read",
            Reads::NewOrWorse => "read_new",
        },
        advice => context! { title => texts.text(&format!("{tier}.title")) },
        left_open,
        unsaved => matches!(progress, FormProgress::Unsaved),
        anew,
        go_on,
        renew,
        uncovered => cover::is_missing(&app.deps.clinic),
        answered => answered_at.map(&shown),
        opened => shown(*opened_at),
        others => here.map(|step| form::languages(app, language, token, step)),
        warning => app.warning(language),
    };
    app.render("tier.html", language, words)
}

/// Day and hour by her own clock, in her language, with the city of that clock: whoever helps her compares it with the clock
/// on the wall. Where nobody knows her zone, by the clinic's.
fn moment(app: &ReaderPages, language: &str, local: &Zoned) -> Value {
    let language = &app.words(language).language;
    let machine = local.strftime("%Y-%m-%dT%H:%M%:z").to_string();
    let words = app.deps.composer.dates(language).map(|dates| dates.local_moment(local));
    context! { words => words.unwrap_or_else(|| machine.clone()), machine }
}

/// A moment by her clock, or the clinic's, or the world's.
fn by_her_clock(app: &ReaderPages, hers: Option<&str>, at: Timestamp) -> Zoned {
    let names = hers.into_iter().chain([app.deps.clinic.policy.zone.as_str()]);
    at.to_zoned(names.filter_map(|name| zone(name).ok()).next().unwrap_or(TimeZone::UTC))
}

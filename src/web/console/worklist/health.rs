//! Whether letters and alerts work: what must be seen first, and one line each for mail server, daily test, ladder and daemon.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use minijinja::{Value, context};

use crate::care::canary::CanaryState;
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::operations::canary;
use crate::journey::operations::guards::volume;
use crate::store::db::transaction::View;
use crate::store::work::canary::CanaryWalk;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::letters::kinds::stops;

/// How long a page waits for the daemon to say how it is.
const PATIENCE: Duration = Duration::from_secs(2);
/// A letter that waits longer than this is late.
const LATE: SignedDuration = SignedDuration::from_mins(30);

/// How the daemon is, or why it is not well.
pub(super) type DaemonHealth = Result<(), String>;

/// One line: what it is about, how it is, whether somebody must act, and where.
struct HealthLine {
    what: &'static str,
    how: String,
    act: Option<String>,
}

impl HealthLine {
    fn well(what: &'static str, how: impl Into<String>) -> Self {
        Self { what, how: how.into(), act: None }
    }

    fn ill(what: &'static str, how: impl Into<String>, act: impl Into<String>) -> Self {
        Self { what, how: how.into(), act: Some(act.into()) }
    }

    fn words(self) -> Value {
        context! { what => self.what, how => self.how, act => self.act }
    }
}

/// Asks the daemon how it is. The question may wait for the database; no page waits with it for long.
pub(super) async fn ask_daemon(signed_in: &SignedIn) -> DaemonHealth {
    let ready = Arc::clone(&signed_in.console.ops.ready);
    let asked = tokio::task::spawn_blocking(move || ready());
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(well)) => well,
        Ok(Err(_)) | Err(_) => Err("it does not answer".to_owned()),
    }
}

/// What keeps letters or alerts from working, first and in words.
///
/// # Errors
/// [`StepError`] when the store fails.
pub(super) fn banners(
    view: &View<'_>,
    times: &TimeFormat,
    daemon: &DaemonHealth,
) -> Result<Vec<String>, StepError> {
    let mut banners = Vec::new();
    if view.is_held()? {
        banners
            .push("Letters to patients are held. See the task for it; closing it lets them go.".to_owned());
    }
    if volume::held(view)?.is_some() {
        banners.push(
            "Far more letters than usual wait to leave. See the task for it; closing it lets them go."
                .to_owned(),
        );
    }
    for stop in view.letter_stops()? {
        let (waiting, since) = (view.letters_of_kind(&stop.kind)?, times.moment(stop.stopped_at));
        let title = stops::title(&stop.kind);
        banners.push(format!("Letters are stopped since {since}: {title}. Letters that wait: {waiting}. Start them again under Letters."));
    }
    if let Some(reason) = view.missing_cover()? {
        banners.push(format!("Nobody on the ladder has proved reachable: {reason} Letters offer no form until the code of a test alert is given."));
    }
    let broken = view.fact(canary::BROKEN)?.is_some();
    if let Some(walk) =
        view.last_walk(times.today())?.filter(|walk| broken && walk.state == CanaryState::Broken)
    {
        let reason = walk.reason.unwrap_or_default();
        banners.push(format!("The daily test of the whole chain failed on {}: {reason}", day(walk.on)));
    }
    if let Err(reason) = daemon {
        banners
            .push(format!("The daemon is not well: {reason}. Alerts may not ring by mail; watch this page."));
    }
    Ok(banners)
}

/// How mail server, daily test, ladder and daemon are.
///
/// # Errors
/// [`StepError`] when the store fails.
pub(super) fn words(
    view: &View<'_>,
    signed_in: &SignedIn,
    times: &TimeFormat,
    daemon: &DaemonHealth,
) -> Result<Vec<Value>, StepError> {
    let program = match daemon {
        Ok(()) => HealthLine::well("Program", "works"),
        Err(reason) => HealthLine::ill("Program", format!("is not well: {reason}"), ""),
    };
    let own_words = signed_in.app.deps.set_aside.len();
    let own_words = (own_words > 0).then(|| {
        let how = format!("the clinic's own words of {own_words} do not prove: they leave as shipped");
        HealthLine::ill("Letters", how, "/letters")
    });
    let rules = signed_in.clinic().care.lapsed.as_ref().map(|_| {
        let how = "the rules in force are not signed: staff read every answer";
        HealthLine::ill("Rules", how, format!("/checklists/{}/sign", signed_in.clinic().care.standard))
    });
    let lines = [mail(view, times)?, daily_test(view, signed_in, times)?, ladder(view, times)?, program];
    let lines = lines.into_iter().chain(own_words).chain(rules);
    Ok(lines.map(HealthLine::words).collect())
}

fn task(kind: TaskKind) -> String {
    format!("/tasks?kind={}", kind.word())
}

fn mail(view: &View<'_>, times: &TimeFormat) -> Result<HealthLine, StepError> {
    let what = "Mail server";
    if let Some(refusal) = view.mail_refusal()? {
        let how = format!("refuses our letters since {}", times.moment(refusal.since));
        return Ok(HealthLine::ill(what, how, task(TaskKind::MailRefused)));
    }
    let (waiting, oldest) = view.oldest_waiting()?;
    let late = oldest.filter(|oldest| times.now.duration_since(*oldest) > LATE);
    Ok(match late {
        Some(oldest) => {
            let how = format!("{waiting} letters wait, the oldest since {}", times.moment(oldest));
            HealthLine::ill(what, how, "/leaving")
        }
        None => HealthLine::well(what, "nothing refused"),
    })
}

fn daily_test(view: &View<'_>, signed_in: &SignedIn, times: &TimeFormat) -> Result<HealthLine, StepError> {
    let what = "Daily test of the whole chain";
    let walk = view.last_walk(times.today())?;
    if signed_in.clinic().care.canary.is_none() {
        return Ok(HealthLine::ill(what, "is switched off; whoever runs the program can switch it on", ""));
    }
    Ok(match walk {
        None => HealthLine::well(what, "has not run yet"),
        Some(CanaryWalk { on, state: CanaryState::Done, .. }) => {
            HealthLine::well(what, format!("went well on {}", day(on)))
        }
        Some(CanaryWalk { began_at, state: CanaryState::Letter, .. }) => {
            HealthLine::well(what, format!("is on its way since {}", times.moment(began_at)))
        }
        Some(CanaryWalk { on, state: CanaryState::Broken, .. }) => {
            HealthLine::ill(what, format!("failed on {}", day(on)), task(TaskKind::CanaryBroken))
        }
    })
}

fn ladder(view: &View<'_>, times: &TimeFormat) -> Result<HealthLine, StepError> {
    let what = "Ladder";
    let seen = view.newest_proof_at(times.now)?;
    if view.missing_cover()?.is_some() {
        return Ok(HealthLine::ill(what, "nobody has proved reachable", "/test-alert"));
    }
    Ok(match seen {
        Some(at) => HealthLine::well(what, format!("somebody proved reachable last on {}", times.moment(at))),
        None => HealthLine::ill(what, "nobody has given the code of a test alert yet", "/test-alert"),
    })
}

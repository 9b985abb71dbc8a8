//! What the rules would have raised: on the answers of a span, by the rules in force or by what stands in the clinic's folder,
//! asked for by a form, counted beside the page, shown as charts and tables.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use minijinja::{Value, context};

use crate::care::checklist::definition::Checklist;
use crate::config::checklists::checklist;
use crate::config::sources::Sources;
use crate::journey::errors::step::StepError;
use crate::journey::forecast::alert_count::{AlertCountRequest, patients_to_count};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::checklists::count_run::{CountQuestion, CountStage};
use crate::web::console::checklists::count_words::CountedRules;
use crate::web::console::checklists::{count_words, in_force};
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::reports::{csv_table, schedule_names};
use crate::web::locale::reader::ReaderWords;

/// A longer span says nothing about the rules of now.
const MOST_YEARS: i64 = 5;

/// The page with its form and the last count.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(name): Path<String>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        shown(signed_in, &name, StatusCode::OK, &RefusedForm::default())
    })
    .await
}

/// Begins a count; while one runs, its page is shown instead.
pub(in crate::web::console) async fn begin(
    Path(name): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    page::blocking(signed_in, move |signed_in| match asked(signed_in, &name, &fields) {
        Ok(Ok(question)) => match signed_in.console.alert_counts.begin(signed_in.clinic(), question) {
            Ok(()) => Redirect::to(&format!("/checklists/{name}/{}", back(&fields))).into_response(),
            Err(fault) => {
                tracing::error!(%fault, "a count could not begin");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        },
        Ok(Err(faults)) => {
            let form = RefusedForm::new(&fields, faults);
            shown(signed_in, &name, StatusCode::UNPROCESSABLE_ENTITY, &form)
        }
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

/// Whoever asks from the page of the signature looks at the count there.
fn back(fields: &FormFields) -> &'static str {
    if fields.get("for") == "sign" { "sign" } else { "count" }
}

/// Ends the count that runs.
pub(in crate::web::console) async fn end(
    Path(name): Path<String>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    signed_in.console.alert_counts.end();
    Redirect::to(&format!("/checklists/{name}/count")).into_response()
}

/// The months of the last count as CSV.
pub(in crate::web::console) async fn csv(signed_in: SignedIn, Path(name): Path<String>) -> Response {
    match signed_in.console.alert_counts.last() {
        Some((question, CountStage::Done(counted))) if question.request.rules.id == name => {
            csv_table::download("would-have-raised", &count_words::file(&counted))
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn shown(signed_in: &SignedIn, name: &str, status: StatusCode, refused: &RefusedForm) -> Response {
    match words(signed_in, name, refused) {
        Ok(words) => page::with_status(signed_in, status, "checklist-count", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, name: &str, refused: &RefusedForm) -> Result<Value, StepError> {
    let form = in_force::read(signed_in, name)?;
    let times = TimeFormat::from(signed_in);
    let names = schedule_names::read(signed_in)?;
    let folder = folder(signed_in, name, &form.checklist.version);
    let (changed, faulty) = match &folder {
        Some(Ok(changed)) => (Some(changed.version.clone()), None),
        Some(Err(fault)) => (None, Some(fault.clone())),
        None => (None, None),
    };
    let wording = in_force::wording(signed_in, &form, "");
    let (names_of, reader) = (in_force::choice_names(wording), ReaderWords::of(&signed_in.language));
    let last = signed_in.console.alert_counts.last();
    let last = last.filter(|(question, _)| question.request.rules.id == name);
    let run = last.map(|(question, stage)| {
        let request = &question.request;
        let is_in_force = request.rules.version == form.checklist.version;
        context! {
            by => question.by.clone(),
            at => times.moment(question.asked_at),
            first => day(request.first_on),
            last => day(request.last_on),
            schedule => request.protocol.as_deref().map(|protocol| names.title(protocol).to_owned()),
            version => request.rules.version.clone(),
            is_in_force,
            ..count_words::stage(&stage, &CountedRules { rules: &request.rules, names: &names_of, reader: &reader })
        }
    });
    let today = times.today();
    Ok(context! {
        title => wording.map(|wording| wording.title.clone()),
        since => year_before(today).to_string(),
        until => today.to_string(),
        schedules => names.options(),
        changed,
        faulty,
        runs => run.as_ref().is_some_and(|run| run.get_attr("runs").is_ok_and(|runs| runs.is_true())),
        run,
        refused => refused.words(),
        ..in_force::facts(signed_in, &form)
    })
}

/// What the rules would have raised on everybody's answers of the last year, for whoever is about to sign them.
pub(super) enum CountedEffect {
    /// Nobody answered in that time: there is nothing to count.
    NoAnswers,
    /// Nobody has counted it by these rules since the program was started.
    NotCounted,
    /// A count of it runs, or is over.
    Known(CountStage),
}

impl CountedEffect {
    /// Looks how it stands for these rules.
    ///
    /// # Errors
    /// [`StepError`] when the store fails.
    pub(super) fn read(signed_in: &SignedIn, rules: &Checklist) -> Result<Self, StepError> {
        let last = signed_in.console.alert_counts.last().filter(|(question, _)| {
            question.request.rules.version == rules.version && question.request.protocol.is_none()
        });
        if let Some((_, stage)) = last.filter(|(_, stage)| !matches!(stage, CountStage::Ended)) {
            return Ok(Self::Known(stage));
        }
        let today = TimeFormat::from(signed_in).today();
        let (first_on, rules) = (year_before(today), Arc::new(rules.clone()));
        let request = AlertCountRequest { first_on, last_on: today, protocol: None, rules };
        let nobody = patients_to_count(signed_in.clinic(), &request)? == 0;
        Ok(if nobody { Self::NoAnswers } else { Self::NotCounted })
    }

    /// Whether all that can be known of it is there to be looked at.
    pub(super) const fn is_ready(&self) -> bool {
        matches!(self, Self::NoAnswers | Self::Known(CountStage::Done(_) | CountStage::Failed(_)))
    }

    /// The same for the page.
    pub(super) fn words(&self, by: &CountedRules<'_>) -> Value {
        let found = match self {
            Self::NoAnswers => context! { nobody => true },
            Self::NotCounted => context! { unknown => true },
            Self::Known(stage) => count_words::stage(stage, by),
        };
        let otherwise =
            context! { nobody => false, unknown => false, runs => false, failed => "", is_done => false };
        let found = context! { ..found, ..otherwise };
        context! { ready => self.is_ready(), ..found }
    }
}

/// The day from which on a year is looked back.
fn year_before(today: Date) -> Date {
    today.saturating_sub(1.years()).saturating_add(1.day())
}

/// What stands in the clinic's folder, where it is something else than what is in force; or why it cannot be read.
fn folder(signed_in: &SignedIn, name: &str, in_force: &str) -> Option<Result<Checklist, String>> {
    let sources = Sources::of(&signed_in.app.deps.config.paths);
    match checklist::load(name, &sources) {
        Ok(form) if form.checklist.version == in_force => None,
        Ok(form) => Some(Ok(form.checklist)),
        Err(faults) => Some(Err(faults.first().map(ToString::to_string).unwrap_or_default())),
    }
}

/// What is asked for, or what is wrong with it.
type AskedCount = Result<CountQuestion, Vec<FieldFault>>;

fn asked(signed_in: &SignedIn, name: &str, fields: &FormFields) -> Result<AskedCount, StepError> {
    let form = in_force::read(signed_in, name)?;
    let today = TimeFormat::from(signed_in).today();
    let mut faults = Vec::new();
    let mut date = |field: &str, usual: Date| match fields.get(field).trim() {
        "" => usual,
        typed => typed.parse().unwrap_or_else(|_| {
            faults.push(FieldFault::new(field, "Give a day of the calendar."));
            usual
        }),
    };
    let last_on = date("until", today);
    let first_on = date("since", year_before(last_on));
    if faults.is_empty() && last_on < first_on {
        faults.push(FieldFault::new("until", "The last day lies before the first."));
    } else if faults.is_empty() && first_on.saturating_add(MOST_YEARS.years()) < last_on {
        faults.push(FieldFault::new("since", "Ask for five years at most."));
    }
    let rules = match fields.get("rules") {
        "folder" => match folder(signed_in, name, &form.checklist.version) {
            Some(Ok(changed)) => changed,
            Some(Err(fault)) => {
                faults.push(FieldFault::new("rules", fault));
                form.checklist.clone()
            }
            None => form.checklist.clone(),
        },
        _ => form.checklist.clone(),
    };
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let protocol = Some(fields.get("schedule").to_owned()).filter(|name| !name.is_empty());
    let request = AlertCountRequest { first_on, last_on, protocol, rules: Arc::new(rules) };
    Ok(Ok(CountQuestion { by: signed_in.who.name.clone(), asked_at: signed_in.now, request }))
}

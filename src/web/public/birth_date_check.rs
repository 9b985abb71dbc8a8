//! Before the form: the birth date where it is asked for, and what a link that opens nothing shows instead.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use minijinja::{Value, context};

use super::form::{errors, hidden, languages, renewal};
use crate::journey::answers::link_access::ClosedLink;
use crate::journey::errors::step::StepError;
use crate::web::page_words::PageWords;
use crate::web::public::form_state::{FieldWords, FormStep};
use crate::web::public::layout::html_response;
use crate::web::public::reader_pages::ReaderPages;

/// Why the birth date is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BirthQuestion {
    /// It was not asked for yet.
    First,
    /// The check that was passed is over.
    Ended,
    /// It was passed just now, and the browser did not keep it.
    NotKept,
    /// What came is no date: it is asked for again, and is no try.
    Unreadable,
    /// Not the date we have; so many tries are left before the forms lock.
    Wrong { left: u32 },
}

/// The form that asks for the birth date.
pub(super) struct BirthForm<'a> {
    pub(super) token: &'a str,
    pub(super) step: &'a FormStep,
    pub(super) question: BirthQuestion,
    /// What she typed, to be mended and not typed anew.
    pub(super) typed: &'a [(String, String)],
}

/// From so few tries on she is told how many are left.
const FEW_TRIES: u32 = 2;
/// No field of a date holds more.
const LONGEST_FIELD: usize = 4;

/// Asks for the birth date.
pub(super) fn birth_date_page(app: &ReaderPages, language: &str, form: &BirthForm<'_>) -> Response {
    let BirthForm { token, step, question, typed } = *form;
    let texts = app.words(language);
    let (fields, date) = match app.is_month_first(language) {
        true => (["month", "day", "year"], "3 27 1980"),
        false => (["day", "month", "year"], "27 3 1980"),
    };
    let mistakes: Vec<(String, String)> =
        wrong(texts, question).map(|text| ("birth-day".to_owned(), text)).into_iter().collect();
    let parts = fields.map(|name| {
        let typed = typed.iter().find(|(field, _)| field == name).map_or("", |(_, word)| word.trim());
        context! {
            name,
            id => format!("birth-{name}"),
            label => texts.text(&format!("check.{name}")),
            typed => typed.chars().take(LONGEST_FIELD).collect::<String>(),
        }
    });
    let words = context! {
        action => format!("/c/{token}"),
        state => hidden(FormStep { proved: false, ..step.clone() }.hidden()),
        parts => Value::from_iter(parts),
        example => texts.filled("check.example", &[("date", date)]),
        note => match question {
            BirthQuestion::Ended => Some(texts.text("error.stale")),
            BirthQuestion::NotKept => Some(texts.text("check.cookies")),
            BirthQuestion::First | BirthQuestion::Unreadable | BirthQuestion::Wrong { .. } => None,
        },
        others => languages(app, language, token, &FormStep { proved: false, ..step.clone() }),
        errors => errors(&mistakes),
        warning => app.warning(language),
    };
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_response(status, &texts.language, app.render("birth.html", language, words))
}

/// What is wrong with the date that came, and how many tries are left once there are few.
fn wrong(texts: &PageWords, question: BirthQuestion) -> Option<String> {
    let text = |key: &str| texts.text(key).to_owned();
    match question {
        BirthQuestion::First | BirthQuestion::Ended | BirthQuestion::NotKept => None,
        BirthQuestion::Unreadable => Some(text("check.unreadable")),
        BirthQuestion::Wrong { left } if left > FEW_TRIES => Some(text("check.wrong")),
        BirthQuestion::Wrong { left } => {
            let few = texts.filled("check.few_tries", &[("left", &left.to_string())]);
            Some(format!("{} {few}", text("check.wrong")))
        }
    }
}

/// A birth date from its three fields; figures of any script that Unicode calls decimal would be guesswork, so ASCII only.
pub(super) fn read_birth(fields: &FieldWords) -> Option<Date> {
    let get = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, word)| word.trim());
    let small = |name: &str| get(name)?.parse::<i8>().ok();
    Date::new(get("year")?.parse().ok().filter(|year| *year >= 1000)?, small("month")?, small("day")?).ok()
}

/// A link that opens nothing.
pub(super) struct ClosedPage<'a> {
    pub(super) token: &'a str,
    pub(super) why: ClosedLink,
    /// The step with the nonce that asks for a new link to a form; `None` for a link that was to stop letters.
    pub(super) step: Option<&'a FormStep>,
}

/// A link that opens nothing: the warning list, the numbers, and the way to a new link or to no letters; no personal data.
pub(super) fn closed_link(app: &ReaderPages, language: &str, page: &ClosedPage<'_>) -> Response {
    let ClosedPage { token, why, step } = *page;
    let texts = app.words(language);
    let renew = step.map(|step| renewal(token, step));
    let (title, text, action) = match why {
        ClosedLink::Locked => ("check.locked_title", "check.locked", None),
        ClosedLink::Expired => ("link.expired_title", "link.expired", renew),
        ClosedLink::Used => ("link.used_title", "link.used", renew),
        // A dead link looks like a forged one: nobody learns whether it was ever good.
        ClosedLink::Forged | ClosedLink::Dead => ("link.unknown_title", "link.unknown", renew),
    };
    let words = context! {
        title => texts.text(title),
        text => texts.text(text),
        renew => action,
        stops => step.is_none(),
        others => step.map(|step| languages(app, language, token, &FormStep { nonce: None, ..step.clone() })),
        warning => app.warning(language),
    };
    html_response(StatusCode::NOT_FOUND, &texts.language, app.render("closed.html", language, words))
}

/// The thanks after a new link was asked for; the same in every case.
pub(super) fn new_link_requested(app: &ReaderPages, language: &str) -> Response {
    let texts = app.words(language);
    let words = context! {
        title => texts.text("link.renewed_title"),
        text => texts.text("link.renewed"),
        renew => None::<String>,
        stops => false,
        others => None::<String>,
        warning => app.warning(language),
    };
    html_response(StatusCode::OK, &texts.language, app.render("closed.html", language, words))
}

/// The store could not be asked: 503, and the error page in words.
pub(super) fn unavailable(fault: &StepError) -> Response {
    tracing::error!(%fault, "a page could not ask the memory");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

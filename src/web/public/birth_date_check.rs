//! Before the form: the birth date where it is asked for, and what a link that opens nothing shows instead.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
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
    Unreadable(DateFault),
    /// Not the date we have; so many tries are left before the forms lock.
    Wrong { left: u32 },
}

/// Why three fields are no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateFault {
    /// That field is empty.
    Empty(&'static str),
    /// That field holds something else than figures.
    NoFigures(&'static str),
    /// The year is short of its four figures.
    ShortYear,
    /// No calendar has that day.
    NoSuchDay,
}

impl DateFault {
    /// Which field to look at, and what is said of it.
    const fn told(self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::Empty(field) => (Some(field), "check.empty"),
            Self::NoFigures(field) => (Some(field), "check.unreadable"),
            Self::ShortYear => (Some("year"), "check.short_year"),
            Self::NoSuchDay => (None, "check.no_such_day"),
        }
    }
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
/// Where each day begins first.
const FIRST_ZONE: Offset = Offset::constant(14);
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
    let mistakes: Vec<(String, String)> = wrong(texts, question, fields)
        .map(|(field, text)| (format!("birth-{field}"), text))
        .into_iter()
        .collect();
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
            BirthQuestion::First | BirthQuestion::Unreadable(_) | BirthQuestion::Wrong { .. } => None,
        },
        others => languages(app, language, token, &FormStep { proved: false, ..step.clone() }),
        errors => errors(&mistakes),
        warning => app.warning(language),
    };
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_response(status, &texts.language, app.render("birth.html", language, words))
}

/// What is wrong with the date that came and in which field, and how many tries are left once there are few. The fields are named
/// in the order they stand in.
fn wrong(
    texts: &PageWords,
    question: BirthQuestion,
    fields: [&'static str; 3],
) -> Option<(&'static str, String)> {
    let text = |key: &str| texts.text(key).to_owned();
    let first = fields[0];
    match question {
        BirthQuestion::First | BirthQuestion::Ended | BirthQuestion::NotKept => None,
        BirthQuestion::Unreadable(fault) => {
            let names = fields.map(|name| text(&format!("check.{name}"))).join(", ");
            let order = texts.filled("check.order", &[("fields", &names)]);
            let (field, key) = fault.told();
            Some((field.unwrap_or(first), format!("{} {order}", text(key))))
        }
        BirthQuestion::Wrong { left } if left > FEW_TRIES => Some((first, text("check.wrong"))),
        BirthQuestion::Wrong { left } => {
            let few = texts.filled("check.few_tries", &[("left", &left.to_string())]);
            Some((first, format!("{} {few}", text("check.wrong"))))
        }
    }
}

/// A birth date from its three fields, or why they are none; figures of any script that Unicode calls decimal would be
/// guesswork, so ASCII only.
pub(super) fn read_birth(fields: &FieldWords, now: Timestamp) -> Result<Date, DateFault> {
    let get = |name: &str| fields.iter().find(|(field, _)| field == name).map_or("", |(_, word)| word.trim());
    let names = ["day", "month", "year"];
    if let Some(empty) = names.into_iter().find(|name| get(name).is_empty()) {
        return Err(DateFault::Empty(empty));
    }
    let is_number = |name: &&'static str| get(name).bytes().all(|byte| byte.is_ascii_digit());
    if let Some(odd) = names.into_iter().find(|name| !is_number(name)) {
        return Err(DateFault::NoFigures(odd));
    }
    let year = get("year").parse().unwrap_or(i16::MAX);
    if year < 1000 {
        return Err(DateFault::ShortYear);
    }
    let small = |name: &str| get(name).parse::<i8>().unwrap_or(i8::MAX);
    let born = Date::new(year, small("month"), small("day")).map_err(|_| DateFault::NoSuchDay)?;
    // A day that has begun nowhere yet is nobody's birth date: a slip of the fingers, and no try.
    Some(born).filter(|born| *born <= FIRST_ZONE.to_datetime(now).date()).ok_or(DateFault::NoSuchDay)
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

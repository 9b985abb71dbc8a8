//! The frame of every console page, signed in or not, its style sheet and its one script.

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use crate::config::pages::wording::FALLBACK;
use crate::journey::alert_policy::TriageMode;
use crate::web::app_state::AppState;
use crate::web::html::{self, PageFault};

pub(super) const SHEET: html::StyleSheet =
    html::StyleSheet { prefix: "console-", css: include_str!("../../pages/console/layout/console.css") };

const SCRIPT: html::Script =
    html::Script { prefix: "console-", js: include_str!("../../pages/console/layout/console.js") };

/// Path of the one script of the console.
pub(in crate::web::console) fn script_path() -> String {
    SCRIPT.path()
}

/// The one script of the console.
pub(in crate::web::console) async fn script() -> Response {
    SCRIPT.response()
}

/// Path of the style sheet of the console.
pub(in crate::web::console) fn sheet_path() -> String {
    SHEET.path()
}

/// The style sheet of the console.
pub(in crate::web::console) async fn sheet() -> Response {
    SHEET.response()
}

/// A page for somebody who is not signed in: the clinic's short name is all it tells.
pub(in crate::web::console) fn signed_out(
    app: &AppState,
    status: StatusCode,
    name: &str,
    words: Value,
) -> Response {
    let language = words.get_attr("page_language").ok().and_then(|code| code.as_str().map(str::to_owned));
    let page = Frame { app, language: language.as_deref().unwrap_or(FALLBACK) };
    page.response(status, name, context! { who => (), mark => "", notice => (), ..words })
}

/// A page's frame: what the clinic is called, and the language it is read in.
pub(in crate::web::console) struct Frame<'a> {
    pub(in crate::web::console) app: &'a AppState,
    pub(in crate::web::console) language: &'a str,
}

impl Frame<'_> {
    /// The page as a response.
    pub(in crate::web::console) fn response(&self, status: StatusCode, name: &str, words: Value) -> Response {
        match self.render(name, words) {
            Ok(body) => html::page(status, self.language, body),
            Err(fault) => {
                tracing::error!(%fault, "a console page could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// The page as text.
    ///
    /// # Errors
    /// [`PageFault`] when its template names something that was not given.
    pub(in crate::web::console) fn render(&self, name: &str, words: Value) -> Result<String, PageFault> {
        let clinic = &self.app.deps.clinic;
        let mode = match &clinic.care.mode {
            TriageMode::Education => "Education mode: answers come unsorted, to be read.".to_owned(),
            TriageMode::Triage(signed) => format!(
                "Triage mode: rules {} signed off by {} ({}) on {}.",
                signed.version, signed.name, signed.role, signed.date
            ),
        };
        let frame = context! {
            sheet => sheet_path(),
            script => script_path(),
            short_name => self.app.deps.says.short_name.clone(),
            zone => clinic.policy.zone.clone(),
            page_language => self.language,
            mode,
        };
        self.app.templates.render_in(
            self.language,
            &format!("console/{name}.html"),
            context! { ..words, ..frame },
        )
    }
}

/// Leads on to the same path from a page of our own, so that the strict cookie comes along; it
/// names no more than the link did.
pub(in crate::web::console) fn same_site_redirect(
    app: &AppState,
    headers: &HeaderMap,
    path: &str,
) -> Response {
    let page_language = app.staff_language(None, headers);
    signed_out(app, StatusCode::OK, "same-site", context! { path, page_language })
}

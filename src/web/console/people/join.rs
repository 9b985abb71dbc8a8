//! The page behind an invitation's link, before anybody is signed in: the colleague sets password and authenticator, and reads
//! her recovery codes once.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use crate::journey::errors::account::AccountError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::accounts::invitation::{self, InvitationAnswer};
use crate::web::app_state::AppState;
use crate::web::console::auth::form_fields;
use crate::web::console::auth::same_origin;
use crate::web::console::layout::error_page;
use crate::web::console::layout::frame;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::people::{own, session_lines};
use crate::web::console::state::ConsoleState;

/// Shows the form of an invitation, or that its link has ended.
pub(in crate::web::console) async fn show(
    State(console): State<ConsoleState>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let app = console.app();
    let link = JoinLink { token: &token, language: app.staff_language(None, &headers) };
    form(&app, &link, StatusCode::OK, &RefusedForm::default())
}

/// The invitation that is looked at, and the language of whoever looks.
struct JoinLink<'a> {
    token: &'a str,
    language: String,
}

fn form(app: &AppState, link: &JoinLink<'_>, status: StatusCode, refused: &RefusedForm) -> Response {
    let JoinLink { token, language } = link;
    match words(app, token) {
        Ok(Some(words)) => {
            let words =
                context! { token => *token, page_language => language, refused => refused.words(), ..words };
            frame::signed_out(app, status, "join", words)
        }
        Ok(None) => over(app, language),
        Err(fault) => error_page::failed(&fault),
    }
}

/// A link that was used, taken back, has ended or never was: told alike.
fn over(app: &AppState, language: &str) -> Response {
    let words = context! {
        title => "This link opens nothing",
        text => "It was used, taken back, or its days are over.",
        hint => "Ask whoever gave it to you for a new one. If you have used it already, sign in.",
        page_language => language,
    };
    frame::signed_out(app, StatusCode::NOT_FOUND, "fault", words)
}

fn words(app: &AppState, token: &str) -> Result<Option<Value>, StepError> {
    let deps = &app.deps;
    let Some(one) = invitation::of_link(&deps.clinic, deps.clock.now(), token)? else { return Ok(None) };
    let issued = invitation::authenticator_of(&deps.clinic.key, token, &one.name)?;
    Ok(Some(context! {
        name => one.name,
        role => one.role.name(),
        purpose => one.role.purpose(),
        back => one.staff.is_some(),
        secret => own::spaced(&issued.totp_secret),
        otpauth => issued.otpauth,
    }))
}

/// Takes the invitation up, and shows the recovery codes.
pub(in crate::web::console) async fn submit(
    State(console): State<ConsoleState>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let app = console.app();
    if !same_origin::is_ours(request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let link = JoinLink { token: &token, language: app.staff_language(None, request.headers()) };
    let fields = match form_fields::of(request).await {
        Ok(form) => form.fields,
        Err(status) => return status.into_response(),
    };
    let raw = |name: &str| fields.all(name).next().unwrap_or_default().to_owned();
    if raw("new") != raw("again") {
        let fault = FieldFault::new("again", "The two passwords differ. Type the same one twice.");
        let refused = RefusedForm::new(&session_lines::without_secrets(&fields), vec![fault]);
        return form(&app, &link, StatusCode::UNPROCESSABLE_ENTITY, &refused);
    }
    let Ok(_permit) = console.checks.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let deps = &app.deps;
    let answer = InvitationAnswer {
        token: token.clone(),
        password: raw("new"),
        code: fields.get("code").replace(' ', ""),
    };
    match invitation::accept(&deps.clinic, deps.clock.now(), answer, &*deps.entropy).await {
        Ok(opened) => {
            let words = context! { codes => opened.recovery_codes, name => opened.name, page_language => link.language };
            frame::signed_out(&app, StatusCode::OK, "recovery-codes", words)
        }
        Err(StepError::Account(AccountError::InvitationOver)) => over(&app, &link.language),
        Err(fault) => match session_lines::refused(&fields, fault) {
            Ok(refused) => form(&app, &link, StatusCode::UNPROCESSABLE_ENTITY, &refused),
            Err(fault) => error_page::failed(&fault),
        },
    }
}

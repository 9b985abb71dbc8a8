//! Who is looking: the session behind the cookie. A handler that takes a [`SignedIn`] or a [`SignedPost`] can only be reached by
//! somebody who is signed in.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;

use super::same_origin;
use crate::care::actor::Actor;
use crate::journey::deps::Deps;
use crate::journey::link_key::NoticeSeal;
use crate::journey::operations::accounts::{self, looked_at};
use crate::store::accounts::record_views::{NewView, ViewedPage};
use crate::store::db::transaction::Stamp;
use crate::store::people::staff::Session;
use crate::web::app_state::AppState;
use crate::web::console::auth::cookie::BrowserTransport;
use crate::web::console::auth::done_forms::FormMark;
use crate::web::console::auth::form_fields::{self, FormFields, SentForm};
use crate::web::console::auth::local_paths::is_local;
use crate::web::console::auth::unsaved_form::{self, FormOrigin};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{error_page, frame};
use crate::web::console::state::ConsoleState;
use crate::web::listener::Peer;

/// A sign of life is written down this often at most.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// What a page asks for by itself is no sign of life: a screen that nobody watches signs itself out.
const ASKED_BY_ITSELF: &str = "/live";

/// Where the form goes that ends a session.
const SIGN_OUT: &str = "/sign-out";

/// Extractor: somebody signed in, and the state the request works with. A route's check leaves it in the request.
#[derive(Clone)]
pub(in crate::web::console) struct SignedIn {
    pub(in crate::web::console) who: Session,
    pub(in crate::web::console) app: Arc<AppState>,
    pub(in crate::web::console) console: ConsoleState,
    pub(in crate::web::console) now: Timestamp,
    pub(in crate::web::console) token: String,
    /// What the address says was saved; [`crate::web::console::layout::page`] looks whether it is true.
    pub(in crate::web::console) saved: Option<String>,
    /// The language the page is in: the account's choice, else what the browser likes best.
    pub(in crate::web::console) language: String,
    /// The path that was asked for.
    pub(in crate::web::console) path: String,
    /// The form that was sent, and the page it stood on; `None` where a page is only shown.
    pub(in crate::web::console) form: Option<SignedForm>,
}

/// A form that somebody signed in has sent.
#[derive(Clone)]
pub(in crate::web::console) struct SignedForm {
    pub(in crate::web::console) mark: FormMark,
    /// The path of the page that it stood on.
    pub(in crate::web::console) page: String,
}

/// The clock of the clinic, when the page was asked for.
impl From<&SignedIn> for TimeFormat {
    fn from(signed_in: &SignedIn) -> Self {
        Self::at(signed_in.now, &signed_in.clinic().policy.zone)
    }
}

impl SignedIn {
    pub(in crate::web::console) fn clinic(&self) -> &Deps {
        &self.app.deps.clinic
    }

    /// The CSRF token that every form of this session carries, in its field `mark`.
    pub(in crate::web::console) fn csrf_token(&self) -> String {
        self.clinic().key.csrf_token(&self.token)
    }

    /// What shows that this session saved something then.
    pub(in crate::web::console) fn notice_seal(&self, word: &str, at: i64) -> NoticeSeal {
        self.clinic().key.notice_seal(&self.token, &format!("{word}.{at}"))
    }

    /// Every change is signed with the name of who is signed in.
    pub(in crate::web::console) fn stamp(&self) -> Stamp {
        Stamp { at: self.now, actor: Actor::Staff(self.who.name.clone()) }
    }

    /// Tells the log which list was looked at; whose records stand in it is not told.
    pub(in crate::web::console) fn listed(&self, page: &str) {
        tracing::info!(staff = %self.who.name, page, "looked at");
    }

    /// Puts on record whose case was looked at: beside the page, not before it, so that a full disk keeps nobody from reading
    /// an alert. It is the session's own record, no change of the clinic's (P13).
    pub(in crate::web::console) fn saw(&self, page: ViewedPage, case: &str) {
        tracing::info!(staff = %self.who.name, page = page.word(), case, "looked at");
        let look = NewView { staff: self.who.staff, reference: case.to_owned(), page };
        if !self.console.seen.is_first(&look, self.now) {
            return;
        }
        let (app, now) = (Arc::clone(&self.app), self.now);
        tokio::spawn(async move {
            if let Err(fault) = looked_at::note(&app.deps.clinic, now, look).await {
                tracing::error!(%fault, "a look at a record was not noted");
            }
        });
    }
}

impl SignedIn {
    /// Who is signed in in the browser that asks; `None` where nobody is, or her session is over.
    ///
    /// # Errors
    /// The answer to give when that cannot be told.
    pub(in crate::web::console) async fn find(
        parts: &mut Parts,
        console: &ConsoleState,
    ) -> Result<Option<Self>, Response> {
        if let Some(checked) = parts.extensions.remove::<Self>() {
            return Ok(Some(checked));
        }
        let app = console.app();
        let now = app.deps.clock.now();
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        let transport = BrowserTransport::of(peer, &parts.headers, &app.deps.clinic.care.console_url);
        let Some(token) = transport.session(&parts.headers) else { return Ok(None) };
        let found = accounts::session(&app.deps.clinic, now, &token);
        let Some(who) = found.map_err(|fault| error_page::failed(&fault))? else { return Ok(None) };
        if parts.uri.path() != ASKED_BY_ITSELF
            && now.duration_since(who.seen_at) >= NOTED_EVERY
            && let Err(fault) = accounts::touch(&app.deps.clinic, now, &token).await
        {
            // A database that takes no change must not keep anybody from reading an alert.
            tracing::error!(%fault, "a session's sign of life was not noted");
        }
        let asked = parts.uri.query().unwrap_or_default().split('&');
        let saved = asked.into_iter().find_map(|pair| pair.strip_prefix("saved=")).map(str::to_owned);
        let language = app.staff_language(who.language.as_deref(), &parts.headers);
        let (console, path) = (console.clone(), parts.uri.path().to_owned());
        Ok(Some(Self { who, app, console, now, token, saved, language, path, form: None }))
    }
}

impl FromRequestParts<ConsoleState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &ConsoleState) -> Result<Self, Response> {
        match Self::find(parts, console).await? {
            Some(found) => Ok(found),
            None => Err(to_sign_in(parts, &console.app())),
        }
    }
}

/// What somebody gets who is not signed in: a page leads to the sign-in and comes back, a form says that nothing was saved and
/// gives back what was typed. To sign out where nobody is signed in any more is nothing to be told of.
pub(in crate::web::console) async fn turned_away(console: &ConsoleState, request: Request) -> Response {
    let app = console.app();
    if request.method() == Method::POST && request.uri().path() != SIGN_OUT {
        return unsaved_form::session_over(&app, request).await;
    }
    let (parts, _) = request.into_parts();
    to_sign_in(&parts, &app)
}

/// Where somebody who is not signed in goes. A link in a mail brings no strict cookie along; a page of our own that leads
/// on at once does.
fn to_sign_in(parts: &Parts, app: &AppState) -> Response {
    let path = parts.uri.path();
    if parts.method == Method::GET && is_local(path) {
        if same_origin::is_foreign_link(&parts.headers) {
            return frame::same_site_redirect(app, &parts.headers, path);
        }
        return Redirect::to(&format!("/sign-in?to={path}")).into_response();
    }
    Redirect::to("/sign-in").into_response()
}

/// Whoever sent a form, and the form, if it comes from a page of our own and carries the session's CSRF token.
///
/// # Errors
/// The answer to give instead.
pub(in crate::web::console::auth) async fn own_form(
    request: Request,
    console: &ConsoleState,
) -> Result<(SignedIn, SentForm), Response> {
    let (mut parts, body) = request.into_parts();
    let mut signed_in = SignedIn::from_request_parts(&mut parts, console).await?;
    let own = same_origin::is_ours(&parts.headers);
    let origin = FormOrigin::of(&parts.uri, &parts.headers, &parts.extensions);
    let form =
        form_fields::of(Request::from_parts(parts, body)).await.map_err(IntoResponse::into_response)?;
    let token = signed_in.csrf_token();
    if !own {
        tracing::warn!(staff = %signed_in.who.name, "a form that is not ours was refused");
        return Err(StatusCode::FORBIDDEN.into_response());
    }
    if !bool::from(form.fields.get("mark").as_bytes().ct_eq(token.as_bytes())) {
        tracing::warn!(staff = %signed_in.who.name, "a form of another session was refused");
        return Err(unsaved_form::of_other_session(&signed_in.app, &signed_in.language, &origin, &form));
    }
    let mark = FormMark::of(&signed_in.token, &signed_in.path, &form.fields);
    signed_in.form = Some(SignedForm { mark, page: origin.page().to_owned() });
    Ok((signed_in, form))
}

/// Extractor: a change somebody asks for, signed in, from our own page, with the session's CSRF token.
pub(in crate::web::console) struct SignedPost {
    pub(in crate::web::console) signed_in: SignedIn,
    pub(in crate::web::console) fields: FormFields,
}

impl FromRequest<ConsoleState> for SignedPost {
    type Rejection = Response;

    async fn from_request(request: Request, console: &ConsoleState) -> Result<Self, Response> {
        let (signed_in, form) = own_form(request, console).await?;
        Ok(Self { signed_in, fields: form.into_text() })
    }
}

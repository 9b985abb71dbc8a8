//! A route of the console: a path, a method, what it asks of whoever comes, and the handler behind it. The check runs before the
//! handler and does not depend on what the handler takes.

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::MethodRouter;

use crate::care::permission::{Act, StaffRole};
use crate::journey::errors::permission::PermissionError;
use crate::journey::errors::step::StepError;
use crate::web::console::auth::session::{self, SignedIn};
use crate::web::console::auth::upload::UPLOAD_BYTES;
use crate::web::console::layout::error_page::ErrorText;
use crate::web::console::layout::{page, step_words};
use crate::web::console::state::ConsoleState;

/// What a route asks of whoever comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: the page stands before sign-in.
    Anybody,
    /// An account that is signed in, whatever its role.
    SignedIn,
    /// An account whose role may do that.
    May(Act),
    /// An account whose role may do one of these; the form says which, and its step asks again.
    MayOneOf(&'static [Act]),
}

/// How a route is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteMethod {
    /// It shows and changes nothing.
    Get,
    /// It changes something, and takes the session's form token.
    Post,
}

/// One row of the table of routes.
pub struct Route {
    /// The path as axum writes it, e.g. `/alerts/{id}`.
    pub path: String,
    /// How it is asked for.
    pub method: RouteMethod,
    /// Who may ask for it.
    pub needs: Access,
    handler: MethodRouter<ConsoleState>,
}

/// A page that shows something.
pub(in crate::web::console) fn get<H, T>(path: &str, needs: Access, handler: H) -> Route
where
    H: Handler<T, ConsoleState>,
    T: 'static,
{
    let handler = axum::routing::get(handler);
    Route { path: path.to_owned(), method: RouteMethod::Get, needs, handler }
}

/// A form that changes something; its handler takes a `SignedPost`.
pub(in crate::web::console) fn post<H, T>(path: &str, needs: Access, handler: H) -> Route
where
    H: Handler<T, ConsoleState>,
    T: 'static,
{
    let handler = axum::routing::post(handler);
    Route { path: path.to_owned(), method: RouteMethod::Post, needs, handler }
}

/// A form with a file; its handler takes a `SignedUpload`.
pub(in crate::web::console) fn upload<H, T>(path: &str, needs: Access, handler: H) -> Route
where
    H: Handler<T, ConsoleState>,
    T: 'static,
{
    // Form and file: the other fields are small.
    let most = DefaultBodyLimit::max(UPLOAD_BYTES + 64 * 1024);
    let handler = axum::routing::post(handler).layer(most);
    Route { path: path.to_owned(), method: RouteMethod::Post, needs, handler }
}

impl Access {
    /// Whether somebody signed in with that role may come; the error names the act that her role may not do.
    ///
    /// # Errors
    /// [`PermissionError::NotYours`].
    pub fn check(self, role: StaffRole) -> Result<(), PermissionError> {
        let acts: &[Act] = match &self {
            Self::Anybody | Self::SignedIn => return Ok(()),
            Self::May(act) => std::slice::from_ref(act),
            Self::MayOneOf(acts) => acts,
        };
        match acts.first() {
            Some(act) if !acts.iter().any(|act| role.may(*act)) => Err(PermissionError::NotYours(*act)),
            _ => Ok(()),
        }
    }
}

/// What a route's check works with.
#[derive(Clone)]
struct RouteCheck {
    console: ConsoleState,
    needs: Access,
}

impl Route {
    /// The handler behind its check.
    pub(in crate::web::console) fn checked(self, console: &ConsoleState) -> MethodRouter<ConsoleState> {
        match self.needs {
            Access::Anybody => self.handler,
            needs => {
                let state = RouteCheck { console: console.clone(), needs };
                self.handler.route_layer(from_fn_with_state(state, check))
            }
        }
    }
}

/// Lets through who is signed in and may; the handler finds her in the request.
async fn check(State(check): State<RouteCheck>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let signed_in = match SignedIn::find(&mut parts, &check.console).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return session::turned_away(&check.console, Request::from_parts(parts, body)).await,
        Err(failed) => return failed,
    };
    if let Err(fault) = check.needs.check(signed_in.who.role) {
        let fault = StepError::from(fault);
        let (text, hint) = (step_words::fault(&fault), step_words::next(&fault));
        let text = ErrorText { title: "Not for this account", text: &text, hint: &hint };
        return page::with_text(&signed_in, StatusCode::FORBIDDEN, &text);
    }
    parts.extensions.insert(signed_in);
    next.run(Request::from_parts(parts, body)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_act_of_several_is_enough_and_the_refusal_names_the_first() {
        let both = Access::MayOneOf(&[Act::EndHold, Act::TakeAlert]);
        assert!(both.check(StaffRole::Nurse).is_ok());
        let refused = Access::MayOneOf(&[Act::EndHold, Act::ReadAudit]).check(StaffRole::Nurse);
        assert!(matches!(refused, Err(PermissionError::NotYours(Act::EndHold))));
        assert!(Access::SignedIn.check(StaffRole::Nurse).is_ok());
    }
}

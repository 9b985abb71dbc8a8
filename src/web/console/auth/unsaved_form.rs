//! A form that came when its session was over, or from a page of another session: nothing of it is saved, and the page says so
//! and gives back what was typed, to be copied.

use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use minijinja::{Value, context};

use crate::web::app_state::AppState;
use crate::web::console::auth::form_fields::{self, SentForm};
use crate::web::console::auth::local_paths::PagePaths;
use crate::web::console::auth::same_origin;
use crate::web::console::auth::unsaved_fields::{self, NEW_PASSWORD, UnsavedField};
use crate::web::console::layout::frame;

/// Whoever changes a password, an authenticator or a session does it below this path: nothing of it is shown again.
const OWN_ACCOUNT: &str = "/account";

/// Longer than this, a value has more than one line to stand in.
const LINE: usize = 60;

/// Where a form came from: what the look for its page needs.
#[derive(Clone)]
pub(in crate::web::console::auth) struct FormOrigin {
    sent_to: String,
    page: String,
}

impl FormOrigin {
    /// The page that a form stood on: as the browser says, else the one above the path that it was sent to.
    pub(in crate::web::console::auth) fn of(uri: &Uri, headers: &HeaderMap, known: &Extensions) -> Self {
        let named = headers.get(header::REFERER).and_then(|line| line.to_str().ok());
        // Scheme and host are cut off: a form that is shown again came from a page of ours.
        let named = named.and_then(|page| page.parse::<Uri>().ok()).map(|page| page.path().to_owned());
        let sent_to = uri.path().to_owned();
        let pages = known.get::<PagePaths>();
        let nearest = |path: &str| pages.map_or("/", |pages| pages.nearest(path)).to_owned();
        let page = named.map(|path| nearest(&path)).filter(|page| page != "/");
        Self { page: page.unwrap_or_else(|| nearest(&sent_to)), sent_to }
    }

    /// The path of the page that the form stood on.
    pub(in crate::web::console::auth) fn page(&self) -> &str {
        &self.page
    }
}

/// The answer to a form of somebody whose session is over. It is no redirect: that would look as if it had been saved.
pub(in crate::web::console::auth) async fn session_over(app: &AppState, request: Request) -> Response {
    let origin = FormOrigin::of(request.uri(), request.headers(), request.extensions());
    let language = app.staff_language(None, request.headers());
    // What another site sends is not shown as if it were ours.
    let form = match same_origin::is_ours(request.headers()) {
        true => form_fields::of(request).await.ok(),
        false => None,
    };
    let words = context! { over => true, page_language => language, ..words(&origin, form.as_ref()) };
    frame::signed_out(app, StatusCode::UNAUTHORIZED, "unsaved", words)
}

/// The answer to a form of a page that was opened before its reader signed in anew.
pub(in crate::web::console::auth) fn of_other_session(
    app: &AppState,
    language: &str,
    origin: &FormOrigin,
    form: &SentForm,
) -> Response {
    let words = context! { over => false, page_language => language, ..words(origin, Some(form)) };
    frame::signed_out(app, StatusCode::FORBIDDEN, "unsaved", words)
}

fn words(origin: &FormOrigin, form: Option<&SentForm>) -> Value {
    let shown = form.filter(|_| !origin.sent_to.starts_with(OWN_ACCOUNT));
    let typed = shown.map(|form| form.fields.typed()).unwrap_or_default();
    // Where a password is chosen it is typed twice.
    let is_twice = |name: &str| name == "again" && typed.contains_key(NEW_PASSWORD);
    let fields =
        typed.iter().flat_map(|(name, all)| all.iter().map(move |text| (name.as_str(), text.as_str())));
    let fields = fields.filter(|(name, text)| !text.trim().is_empty() && !is_twice(name));
    let fields = fields.filter_map(|(name, text)| {
        let label = match UnsavedField::of(name) {
            Some(UnsavedField::Secret | UnsavedField::Untyped) => return None,
            Some(UnsavedField::Called(label)) => Some(label),
            None => None,
        };
        let text = unsaved_fields::shown(name, text);
        let lines = text.lines().map(|line| line.chars().count() / LINE + 1).sum::<usize>();
        let is_word = unsaved_fields::is_of_list(name);
        Some(context! { label, name => name.replace(['_', '-', '.'], " "), text, is_word, lines => lines.min(20) })
    });
    context! {
        fields => fields.collect::<Vec<_>>(),
        file => form.is_some_and(|form| form.file.is_some()),
        to => origin.page.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::console::auth::form_fields::FormFields;

    #[test]
    fn a_password_or_a_code_is_never_shown_again() {
        let fields = |sent_to: &str, of: &[(&str, &str)]| {
            let fields =
                FormFields::new(of.iter().map(|(n, w)| ((*n).to_owned(), (*w).to_owned())).collect());
            let origin = FormOrigin { sent_to: sent_to.to_owned(), page: "/".to_owned() };
            words(&origin, Some(&SentForm { fields, file: None })).to_string()
        };
        let typed =
            [("note", "rang her"), ("new_password", "sesame"), ("code", "123456"), ("mark", "m-a-r-k")];
        let shown = fields("/tasks/1/contact", &typed);
        assert!(shown.contains("rang her"), "{shown}");
        for secret in ["sesame", "123456", "m-a-r-k"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!fields("/account", &[("new", "sesame"), ("again", "sesame")]).contains("sesame"));
    }
}

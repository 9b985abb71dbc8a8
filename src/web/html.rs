//! Pages as text: templates compiled once, escaped always, strict about what they name; style sheets and scripts.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use sha2::{Digest, Sha256};

/// A style sheet that ships with the program.
pub(super) struct StyleSheet {
    /// What its file's name begins with.
    pub(super) prefix: &'static str,
    /// Its rules, without `url()`.
    pub(super) css: &'static str,
}

impl StyleSheet {
    /// Its path, which changes with every change of the sheet, so that it may be kept for ever.
    pub(super) fn path(&self) -> String {
        hashed(self.prefix, self.css, "css")
    }

    /// The response that delivers it, to be cached for ever.
    pub(super) fn response(&self) -> Response {
        kept_for_ever("text/css; charset=utf-8", self.css)
    }
}

/// A script that ships with the program.
pub(super) struct Script {
    /// What its file's name begins with.
    pub(super) prefix: &'static str,
    /// The text of the script.
    pub(super) js: &'static str,
}

impl Script {
    /// Its path, which changes with every change of the script.
    pub(super) fn path(&self) -> String {
        hashed(self.prefix, self.js, "js")
    }

    /// The response that delivers it, to be cached for ever.
    pub(super) fn response(&self) -> Response {
        kept_for_ever("text/javascript; charset=utf-8", self.js)
    }
}

fn hashed(prefix: &str, text: &str, extension: &str) -> String {
    let hash = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    format!("/static/{prefix}{}.{extension}", &hash[..16])
}

fn kept_for_ever(kind: &'static str, text: &'static str) -> Response {
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CACHE_CONTROL, kept)], text)
        .into_response()
}

/// A template that ships with the program.
pub(super) struct TemplateSource {
    /// What pages and other templates call it by.
    pub(super) name: &'static str,
    /// Its source in MiniJinja.
    pub(super) text: &'static str,
}

/// A page that could not be rendered; its words hold no answers.
#[derive(Debug, thiserror::Error)]
#[error("the page `{page}` could not be written: {reason}")]
pub struct PageFault {
    page: String,
    reason: minijinja::Error,
}

/// Templates compiled once, by name.
pub(super) struct Templates {
    env: Environment<'static>,
}

impl Templates {
    /// Compiles the templates of every page that is served.
    ///
    /// # Errors
    /// [`PageFault`] for a template that cannot be read; a test keeps them at none.
    pub(super) fn new<'a>(sources: impl IntoIterator<Item = &'a TemplateSource>) -> Result<Self, PageFault> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| AutoEscape::Html);
        for TemplateSource { name, text } in sources {
            env.add_template(name, text).map_err(|reason| fault(name, reason))?;
        }
        Ok(Self { env })
    }

    /// Renders the template of that name.
    ///
    /// # Errors
    /// [`PageFault`] when the template names something that was not given.
    pub(super) fn render(&self, page: &str, words: Value) -> Result<String, PageFault> {
        let rendered = self.env.get_template(page).and_then(|template| template.render(words));
        rendered.map_err(|reason| fault(page, reason))
    }
}

fn fault(page: &str, reason: minijinja::Error) -> PageFault {
    PageFault { page: page.to_owned(), reason }
}

/// An extension of a response that is a page already, so that no error page takes its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rendered;

/// A page as a response in that language.
pub(super) fn page(status: StatusCode, language: &str, body: impl Into<axum::body::Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(language) = HeaderValue::from_str(language) {
        headers.insert(header::CONTENT_LANGUAGE, language);
    }
    response.extensions_mut().insert(Rendered);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_given_brings_markup() {
        let mut env = Environment::new();
        env.set_auto_escape_callback(|_| AutoEscape::Html);
        let page = env.render_str("{{ x }}", minijinja::context! { x => "<b>\"'" }).unwrap();
        assert!(!page.contains('<') && !page.contains('"') && !page.contains('\''));
    }
}

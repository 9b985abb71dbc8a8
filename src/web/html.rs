//! Pages as text: templates compiled once, when they are needed, escaped always, strict about what they name; style sheets and scripts.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use minijinja::{AutoEscape, Environment, State, UndefinedBehavior, Value, escape_formatter};
use sha2::{Digest, Sha256};

use crate::care::patient::Reference;
use crate::config::pages::wording::FALLBACK;
use crate::web::locale::catalog::Catalog;
use crate::web::locale::shipped::ShippedLanguage;

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

/// What templates are written as, by name.
type TemplateTexts = Arc<BTreeMap<&'static str, &'static str>>;

/// Templates by language and name. Each is compiled when a page needs it first: there are hundreds, and most are never shown. A
/// test compiles all of them.
pub(super) struct Templates {
    /// The templates as they are written, in English. Patients' pages take their words from the page texts.
    env: Environment<'static>,
    /// The same in other languages, for staff; put together when somebody reads one of them first.
    others: BTreeMap<&'static str, OtherLanguage>,
    sources: TemplateTexts,
}

/// A language beside English.
struct OtherLanguage {
    language: &'static ShippedLanguage,
    env: OnceLock<Option<Environment<'static>>>,
}

impl OtherLanguage {
    /// Its templates; none where its catalog cannot be read.
    fn env(&self, sources: &TemplateTexts) -> Option<&Environment<'static>> {
        let made = || self.language.catalog().map(|catalog| in_language(sources, catalog));
        self.env.get_or_init(made).as_ref()
    }
}

impl Templates {
    /// The templates of every page that is served.
    pub(super) fn new(
        sources: impl Iterator<Item = &'static TemplateSource>,
        languages: &'static [ShippedLanguage],
    ) -> Self {
        let sources: TemplateTexts = Arc::new(sources.map(|source| (source.name, source.text)).collect());
        let mut env = strict();
        env.add_filter("said", |words: Value| words);
        env.add_filter("said_plain", |words: Value| words);
        let all = Arc::clone(&sources);
        env.set_loader(move |name| Ok(all.get(name).copied()));
        let other = |language: &'static ShippedLanguage| {
            (language.code.as_str(), OtherLanguage { language, env: OnceLock::new() })
        };
        Self { env, others: languages.iter().map(other).collect(), sources }
    }

    /// The languages there are templates in.
    pub(super) fn languages(&self) -> impl Iterator<Item = &str> {
        std::iter::once(FALLBACK).chain(self.others.keys().copied())
    }

    /// Renders the template of that name for staff who read that language.
    ///
    /// # Errors
    /// [`PageFault`] when the template names something that was not given.
    pub(super) fn render_in(&self, language: &str, page: &str, words: Value) -> Result<String, PageFault> {
        let env = self.others.get(language).and_then(|other| other.env(&self.sources)).unwrap_or(&self.env);
        let rendered = env.get_template(page).and_then(|template| template.render(words));
        rendered.map_err(|reason| fault(page, reason))
    }

    /// Renders the template of that name.
    ///
    /// # Errors
    /// [`PageFault`] when the template names something that was not given.
    pub(super) fn render(&self, page: &str, words: Value) -> Result<String, PageFault> {
        self.render_in(FALLBACK, page, words)
    }

    /// The templates that do not compile, in every language.
    #[cfg(test)]
    pub(super) fn faults(&self) -> Vec<String> {
        let envs =
            self.others.values().filter_map(|other| other.env(&self.sources)).map(|env| (env, "console/"));
        let envs = std::iter::once((&self.env, "")).chain(envs);
        let named = |prefix| self.sources.keys().filter(move |name| name.starts_with(prefix));
        envs.flat_map(|(env, prefix)| named(prefix).filter_map(|name| env.get_template(name).err()))
            .map(|fault| fault.to_string())
            .collect()
    }
}

fn strict() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.add_filter("in_path", in_path);
    env
}

/// A case code as the end of an address.
fn in_path(code: Value) -> Value {
    let reference = code.as_str().and_then(|code| Reference::parse(code).ok());
    reference.map_or(code, |reference| Value::from(reference.in_path()))
}

/// The templates of staff in another language: their texts at once, and what the program says in them as it is said.
fn in_language(sources: &TemplateTexts, catalog: &Arc<Catalog>) -> Environment<'static> {
    let mut env = strict();
    let (said, plain, dates) = (Arc::clone(catalog), Arc::clone(catalog), Arc::clone(catalog));
    env.add_filter("said", move |state: &State<'_, '_>, words: Value| shown(state, &said, words));
    env.add_filter("said_plain", move |state: &State<'_, '_>, words: Value| plainly(state, &plain, words));
    env.set_formatter(move |out, state, value| match value.as_str().and_then(|text| dates.date(text)) {
        Some(date) => escape_formatter(out, state, &Value::from(date)),
        None => escape_formatter(out, state, value),
    });
    let (sources, texts) = (Arc::clone(sources), Arc::clone(catalog));
    env.set_loader(move |name| {
        let source = sources.get(name).filter(|_| name.starts_with("console/"));
        Ok(source.map(|text| texts.template(name, text).0))
    });
    env
}

/// Words of the program for a reader; what there are no words for is marked as English, so that it is read aloud as such.
fn shown(state: &State<'_, '_>, catalog: &Catalog, words: Value) -> Value {
    let Some(text) = words.as_str() else { return words };
    said(state, catalog, text).map_or_else(
        || {
            let text = minijinja::HtmlEscape(text);
            Value::from_safe_string(format!("<span lang=\"{FALLBACK}\">{text}</span>"))
        },
        Value::from,
    )
}

/// The same where no markup may stand: in an attribute or a title.
fn plainly(state: &State<'_, '_>, catalog: &Catalog, words: Value) -> Value {
    let found = words.as_str().and_then(|text| said(state, catalog, text));
    found.map_or(words, Value::from)
}

fn said(state: &State<'_, '_>, catalog: &Catalog, text: &str) -> Option<String> {
    let found = catalog.said(text);
    if found.is_none() {
        let (page, language) = (state.name(), &catalog.language);
        tracing::error!(page, language, "the program said what has no words");
    }
    found
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

//! The pages that need no token: the warning list with the numbers, the leaflets, the clinic's list of centres.

use std::sync::Arc;

use axum::extract::{Extension, Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::phone::is_country;
use crate::config::centres::ShownCentre;
use crate::web::app_state::AppState;
use crate::web::public::layout::html_response;
use crate::web::public::reader_pages::ReaderPages;

/// Which language the reader picked, and the country that a letter named with its link.
#[derive(Deserialize)]
pub(super) struct ReaderQuery {
    lang: Option<String>,
    /// Named as [`crate::letter::wording::PAGE_COUNTRY`] says.
    #[serde(rename = "in")]
    country: Option<String>,
}

impl ReaderQuery {
    fn pages(self, app: Arc<AppState>) -> ReaderPages {
        ReaderPages::new(app, self.country.filter(|code| is_country(code)))
    }
}

type HelpState = Extension<Arc<AppState>>;

/// The warning list and the numbers.
pub(super) async fn help(
    Extension(app): HelpState,
    Query(asked): Query<ReaderQuery>,
    headers: HeaderMap,
) -> Response {
    let language = app.negotiate_language(asked.lang.as_deref(), &headers);
    let app = asked.pages(app);
    let words = context! {
        warning => app.warning(&language),
        others => app.other_languages(&language),
        path => "/help",
        leaflets => app.leaflets(&language).next().is_some() || app.deps.centres.shown(&language).is_some(),
    };
    html_response(StatusCode::OK, &language, app.render("help.html", &language, words))
}

/// The list of leaflets.
pub(super) async fn learn(
    Extension(app): HelpState,
    Query(asked): Query<ReaderQuery>,
    headers: HeaderMap,
) -> Response {
    let language = app.negotiate_language(asked.lang.as_deref(), &headers);
    let app = asked.pages(app);
    let leaflets = app.leaflets(&language);
    let leaflets = Value::from_iter(leaflets.map(|(name, title)| context! { name, title }));
    let centres = app.deps.centres.shown(&language).is_some();
    let words = context! { leaflets, centres, others => app.other_languages(&language), path => "/learn" };
    html_response(StatusCode::OK, &language, app.render("learn.html", &language, words))
}

/// One leaflet, where the clinic switched it on.
pub(super) async fn leaflet(
    Extension(app): HelpState,
    Path(name): Path<String>,
    Query(asked): Query<ReaderQuery>,
    headers: HeaderMap,
) -> Response {
    let language = app.negotiate_language(asked.lang.as_deref(), &headers);
    let app = asked.pages(app);
    let Some(leaflet) = app.leaflet(&language, &name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let words = context! {
        title => leaflet.title.clone(),
        body => leaflet.html(),
        others => app.other_languages(&language),
        path => format!("/learn/{name}"),
    };
    html_response(StatusCode::OK, &language, app.render("leaflet.html", &language, words))
}

/// The clinic's list of centres.
pub(super) async fn centres(
    Extension(app): HelpState,
    Query(asked): Query<ReaderQuery>,
    headers: HeaderMap,
) -> Response {
    let language = app.negotiate_language(asked.lang.as_deref(), &headers);
    let app = asked.pages(app);
    let Some(ShownCentre { intro, weigh, centres }) = app.deps.centres.shown(&language) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let weigh = Value::from_iter(weigh.iter().map(String::as_str));
    let centre = |[name, place, offers]: [&str; 3]| context! { name, place, offers };
    let centres = Value::from_iter(centres.into_iter().map(centre));
    let words = context! { intro, weigh, centres, others => app.other_languages(&language), path => "/learn/centres" };
    html_response(StatusCode::OK, &language, app.render("centres.html", &language, words))
}

//! The pages that need no token: the warning list with the numbers, the leaflets, the clinic's list of centres.

use std::sync::Arc;

use axum::extract::{Extension, Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};
use serde::Deserialize;

use crate::config::centres::ShownCentre;
use crate::web::app_state::AppState;
use crate::web::public::layout::shown;

/// Which language the visitor picked.
#[derive(Deserialize)]
pub(super) struct LanguageQuery {
    lang: Option<String>,
}

type HelpState = Extension<Arc<AppState>>;

/// The warning list and the numbers.
pub(super) async fn help(
    Extension(rooms): HelpState,
    Query(asked): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Response {
    let language = rooms.greet(asked.lang.as_deref(), &headers);
    let words = context! {
        warning => rooms.warning(&language),
        others => rooms.others(&language),
        path => "/help",
        leaflets => rooms.leaflets(&language).next().is_some() || rooms.furniture.centres.shown(&language).is_some(),
    };
    shown(StatusCode::OK, &language, rooms.write("help.html", &language, words))
}

/// The list of leaflets.
pub(super) async fn learn(
    Extension(rooms): HelpState,
    Query(asked): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Response {
    let language = rooms.greet(asked.lang.as_deref(), &headers);
    let leaflets = rooms.leaflets(&language);
    let leaflets = Value::from_iter(leaflets.map(|(name, title)| context! { name, title }));
    let centres = rooms.furniture.centres.shown(&language).is_some();
    let words = context! { leaflets, centres, others => rooms.others(&language), path => "/learn" };
    shown(StatusCode::OK, &language, rooms.write("learn.html", &language, words))
}

/// One leaflet.
pub(super) async fn leaflet(
    Extension(rooms): HelpState,
    Path(name): Path<String>,
    Query(asked): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Response {
    let language = rooms.greet(asked.lang.as_deref(), &headers);
    let Some(leaflet) = rooms.leaflet(&language, &name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let words = context! {
        title => leaflet.title.clone(),
        body => leaflet.html(),
        others => rooms.others(&language),
        path => format!("/learn/{name}"),
    };
    shown(StatusCode::OK, &language, rooms.write("leaflet.html", &language, words))
}

/// The clinic's list of centres.
pub(super) async fn centres(
    Extension(rooms): HelpState,
    Query(asked): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Response {
    let language = rooms.greet(asked.lang.as_deref(), &headers);
    let Some(ShownCentre { intro, weigh, centres }) = rooms.furniture.centres.shown(&language) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let weigh = Value::from_iter(weigh.iter().map(String::as_str));
    let centre = |[name, place, offers]: [&str; 3]| context! { name, place, offers };
    let centres = Value::from_iter(centres.into_iter().map(centre));
    let words =
        context! { intro, weigh, centres, others => rooms.others(&language), path => "/learn/centres" };
    shown(StatusCode::OK, &language, rooms.write("centres.html", &language, words))
}

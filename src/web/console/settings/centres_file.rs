//! The list of centres in force as a file, in the form in which it is taken back.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::settings::current::CurrentSettings;
use crate::web::console::settings::form;

/// The list as `centres.toml`.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| {
        let current = match CurrentSettings::read(signed_in) {
            Ok(current) => current,
            Err(fault) => return page::failed(signed_in, &fault),
        };
        let mut response = form::listed(&signed_in.app, &current.config).to_toml().into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/toml; charset=utf-8"));
        let name = HeaderValue::from_static("attachment; filename=\"centres.toml\"");
        headers.insert(header::CONTENT_DISPOSITION, name);
        response
    })
    .await
}

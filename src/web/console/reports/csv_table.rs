//! A table to take along, as CSV.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A table as a file of that name: figures, months and names of protocols, nothing that a spreadsheet would calculate.
pub(in crate::web::console::reports) fn download(name: &str, rows: &[Vec<String>]) -> Response {
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = rows.iter().try_for_each(|row| out.write_record(row));
    let (Ok(()), Ok(body)) = (written, out.into_inner()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let attached = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""));
    let attached = attached.unwrap_or(HeaderValue::from_static("attachment"));
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, attached)], body).into_response()
}

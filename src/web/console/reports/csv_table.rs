//! A table to take along, as CSV.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::exchange::csv_file::{CsvFile, LineEnd};

/// A table as a file of that name. Whatever a spreadsheet would take for a formula gets an apostrophe before it.
pub(in crate::web::console) fn download(name: &str, rows: &[Vec<String>]) -> Response {
    download_ending(name, rows, LineEnd::Lf)
}

/// The same with lines that end so.
pub(in crate::web::console) fn download_ending(name: &str, rows: &[Vec<String>], ends: LineEnd) -> Response {
    let mut file = CsvFile::new(Vec::new(), ends);
    let written = rows.iter().try_for_each(|row| file.row(row)).and_then(|()| file.end());
    let Ok(body) = written else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let attached = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""));
    let attached = attached.unwrap_or(HeaderValue::from_static("attachment"));
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, attached)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_cell_is_a_formula_for_whoever_opens_the_file() {
        let rows = [vec!["=HYPERLINK(\"https://evil.example\")".to_owned(), "-".to_owned(), "12".to_owned()]];
        let file = download("answers", &rows);
        assert_eq!(file.headers()["content-disposition"], "attachment; filename=\"answers.csv\"");
        let body = axum::body::to_bytes(file.into_body(), 1000).await.unwrap();
        assert_eq!(body, "\"'=HYPERLINK(\"\"https://evil.example\"\")\",'-,12\n");
    }
}

//! The fields of a form that a browser or a mail program sent: both encodings that RFC 8058 §3.2 names.

use axum::extract::{FromRequest, Multipart, RawForm, Request};
use axum::http::{StatusCode, header};

use crate::web::public::form_state::{FieldWords, query_fields};

/// More fields than any form of ours has.
const MOST: usize = 64;
/// Longer than any word of ours; the body as a whole is bounded before.
const LONGEST: usize = 4_096;

/// Reads them; a body without a type that is known is read as the plain encoding, for some programs name none.
///
/// # Errors
/// The status to answer with: the body is no form.
pub(super) async fn fields(mut request: Request) -> Result<FieldWords, StatusCode> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_in_parts = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"));
    if is_in_parts {
        return in_parts(request).await;
    }
    let plain = header::HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, plain);
    let form = RawForm::from_request(request, &()).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    let text = std::str::from_utf8(&form.0).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    let uri = format!("/?{}", text.trim()).parse().map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    Ok(query_fields(&uri))
}

async fn in_parts(request: Request) -> Result<FieldWords, StatusCode> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    let mut fields = FieldWords::new();
    while let Some(part) = parts.next_field().await.map_err(|_| StatusCode::BAD_REQUEST)? {
        let name = part.name().unwrap_or_default().to_owned();
        let word = part.text().await.map_err(|_| StatusCode::BAD_REQUEST)?;
        if fields.len() >= MOST || name.len() > LONGEST || word.len() > LONGEST {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        fields.push((name, word));
    }
    Ok(fields)
}

/// Whether a mail program asks for one click (RFC 8058 §3.1).
pub(super) fn is_one_click(fields: &FieldWords) -> bool {
    let is = |(name, word): &(String, String)| {
        name.eq_ignore_ascii_case("List-Unsubscribe") && word.trim().eq_ignore_ascii_case("One-Click")
    };
    fields.iter().any(is)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    async fn read(kind: Option<&str>, body: &'static str) -> Result<FieldWords, StatusCode> {
        let mut request = Request::builder().method("POST").uri("/o/x");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        fields(request.body(Body::from(body)).unwrap()).await
    }

    const PARTS: &str =
        "--b1\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b1--\r\n";

    #[tokio::test]
    async fn one_click_comes_in_either_encoding() {
        let plain = Some("application/x-www-form-urlencoded");
        for (kind, body) in [
            (plain, "List-Unsubscribe=One-Click"),
            (Some("application/x-www-form-urlencoded; charset=UTF-8"), "List-Unsubscribe=One-Click"),
            (None, "List-Unsubscribe=One-Click\r\n"),
            (Some("multipart/form-data; boundary=b1"), PARTS),
            (Some("Multipart/Form-Data; boundary=\"b1\""), PARTS),
        ] {
            assert!(is_one_click(&read(kind, body).await.unwrap()), "{kind:?}");
        }
        assert!(!is_one_click(&read(plain, "List-Unsubscribe=").await.unwrap()));
    }

    #[tokio::test]
    async fn every_field_is_kept_and_what_is_no_form_is_refused() {
        let two =
            read(Some("application/x-www-form-urlencoded"), "kind=visits&kind=leaf%20let+s").await.unwrap();
        assert_eq!(
            two,
            [("kind", "visits"), ("kind", "leaf let s")].map(|(n, w)| (n.to_owned(), w.to_owned()))
        );
        for (kind, body) in [
            ("multipart/form-data", PARTS),
            ("multipart/form-data; boundary=b1", "--b1\r\nContent-Disposition: form-data"),
            ("multipart/form-data; boundary=other", PARTS),
        ] {
            assert!(read(Some(kind), body).await.is_err(), "{kind}");
        }
    }
}

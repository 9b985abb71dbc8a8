//! What a browser keeps after the right birth date: the pass for one form, in a cookie for that form's pages alone. It stands in
//! no address, so that whoever is sent one, or reads it in a proxy's log, gets no further than she who does not know the date.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::web::public::form_state::is_token_text;

const NAME: &str = "aftercare-form";

/// The pass that came with a request.
pub(super) fn read(headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(NAME).map(|cookie| cookie.value().to_owned()).filter(|pass| is_token_text(pass))
}

/// The response with the pass for the form of that token; it ends with the browser, and here after two hours.
pub(super) fn with_pass(
    mut response: Response,
    token: &str,
    pass: String,
    public_url: Option<&str>,
) -> Response {
    let mut cookie = Cookie::new(NAME, pass);
    cookie.set_path(format!("/c/{token}"));
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_secure(public_url.is_some_and(|url| url.starts_with("https://")));
    if let Ok(line) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn the_pass_is_for_one_form_and_for_no_script_and_no_other_site() {
        let line = |url| {
            let response = with_pass(StatusCode::OK.into_response(), "tok-1", "99.ab-c".to_owned(), url);
            response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned()
        };
        let secure = line(Some("https://care.clinic.example"));
        for part in ["aftercare-form=99.ab-c", "HttpOnly", "SameSite=Strict", "Secure", "Path=/c/tok-1"] {
            assert!(secure.split("; ").any(|said| said == part), "{part}: {secure}");
        }
        assert!(!secure.contains("Max-Age") && !line(Some("http://localhost:8480")).contains("Secure"));
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "other=1; aftercare-form=99.ab-c".parse().unwrap());
        assert_eq!(read(&headers).as_deref(), Some("99.ab-c"));
        headers.insert(header::COOKIE, "aftercare-form=<b>".parse().unwrap());
        assert_eq!(read(&headers), None);
    }
}

//! The session's cookie. Behind TLS it is `__Host-aftercare`, Secure; a browser keeps neither over plain http on loopback,
//! so there, and only there, it goes by a plain name. The token is the only thing in it.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

const SEALED: &str = "__Host-aftercare";
const PLAIN: &str = "aftercare";

fn name(headers: &HeaderMap) -> &'static str {
    if is_plain(headers) { PLAIN } else { SEALED }
}

/// Whether the visitor's browser speaks plain http to this very machine (or to an SSH tunnel that ends there).
fn is_plain(headers: &HeaderMap) -> bool {
    let get = |name: &str| headers.get(name).and_then(|line| line.to_str().ok());
    let sealed = get("x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
    !sealed && get("host").is_some_and(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The token that came with a request.
pub(super) fn read(headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(name(headers)).map(|cookie| cookie.value().to_owned()).filter(|token| token.len() <= 64)
}

/// The header that hands a token over; it ends with the browser, and here with the session.
pub(super) fn give(headers: &HeaderMap, token: &str) -> Option<(header::HeaderName, HeaderValue)> {
    line(headers, Cookie::new(name(headers), token.to_owned()))
}

/// The header that takes the cookie back.
pub(super) fn take_back(headers: &HeaderMap) -> Option<(header::HeaderName, HeaderValue)> {
    let mut cookie = Cookie::new(name(headers), "");
    cookie.make_removal();
    line(headers, cookie)
}

fn line(headers: &HeaderMap, mut cookie: Cookie<'static>) -> Option<(header::HeaderName, HeaderValue)> {
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_secure(!is_plain(headers));
    Some((header::SET_COOKIE, HeaderValue::from_str(&cookie.to_string()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(n, v)| (header::HeaderName::from_static(n), v.parse().unwrap())).collect()
    }

    #[test]
    fn only_plain_http_on_loopback_gets_a_cookie_without_secure() {
        let given = |lines: &[(&'static str, &str)]| {
            give(&headers(lines), "t").unwrap().1.to_str().unwrap().to_owned()
        };
        for host in ["127.0.0.1:8081", "localhost", "[::1]:8081"] {
            assert_eq!(given(&[("host", host)]), "aftercare=t; HttpOnly; SameSite=Strict; Path=/");
        }
        let sealed = "__Host-aftercare=t; HttpOnly; SameSite=Strict; Secure; Path=/";
        assert_eq!(given(&[("host", "console.clinic.example")]), sealed);
        assert_eq!(given(&[("host", "localhost.clinic.example")]), sealed);
        assert_eq!(given(&[("host", "127.0.0.1:8081"), ("x-forwarded-proto", "https")]), sealed);
        assert_eq!(given(&[]), sealed);
    }

    #[test]
    fn a_plain_cookie_opens_nothing_behind_tls() {
        assert_eq!(read(&headers(&[("host", "c.example"), ("cookie", "aftercare=t")])), None);
        assert_eq!(
            read(&headers(&[("host", "c.example"), ("cookie", "__Host-aftercare=t")])).as_deref(),
            Some("t")
        );
    }
}

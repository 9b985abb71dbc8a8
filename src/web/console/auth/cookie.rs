//! The console's cookies. All are Secure and bound to the host (`__Host-`) unless the browser itself came by plain http to
//! this very machine, where some browsers keep neither. One holds the session's token and nothing else; one is a
//! token of a browser that has signed in as an account before, so that its tries are counted apart from a stranger's; one
//! waits for the hospital's provider to send the browser back.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

const SESSION: &str = "aftercare";
const DEVICE: &str = "aftercare-device";
const OPENID: &str = "aftercare-openid";
const HOST_PREFIX: &str = "__Host-";
/// What a proxy adds to a request.
const FORWARDED: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via"];

/// A header line that gives a browser a cookie, or takes one back.
pub(in crate::web::console) type CookieLine = (header::HeaderName, HeaderValue);

/// The response with such lines.
pub(in crate::web::console) fn with_cookies(
    mut response: Response,
    lines: impl IntoIterator<Item = CookieLine>,
) -> Response {
    for (name, line) in lines {
        response.headers_mut().append(name, line);
    }
    response
}

/// How the browser reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web::console) enum BrowserTransport {
    /// Over TLS, or nobody can tell: cookies are Secure.
    Secure,
    /// By plain http on loopback, or an SSH tunnel that ends there.
    Plain,
}

impl BrowserTransport {
    /// What a new cookie needs: as [`BrowserTransport::of`], and the browser must not name another page than one of plain loopback as
    /// the one its form stood on. A proxy that adds nothing to a request does not change that line.
    pub(in crate::web::console) fn for_new_cookie(
        peer: Option<IpAddr>,
        headers: &HeaderMap,
        console_url: &str,
    ) -> Self {
        let origin = headers.get("origin").map(|line| line.to_str().unwrap_or_default());
        let is_near = origin.is_none_or(|origin| origin.strip_prefix("http://").is_some_and(is_loopback));
        if is_near { Self::of(peer, headers, console_url) } else { Self::Secure }
    }

    /// Plain only if the other end is this machine, nothing says that a proxy stands between, the browser asked for a
    /// loopback name, and the console is not said to live behind TLS (`web.console_url`).
    pub(in crate::web::console) fn of(peer: Option<IpAddr>, headers: &HeaderMap, console_url: &str) -> Self {
        let get = |name: &str| headers.get(name).and_then(|line| line.to_str().ok());
        let is_near = peer.is_some_and(|peer| peer.to_canonical().is_loopback());
        let through_proxy = FORWARDED.iter().any(|name| headers.contains_key(*name));
        let asked = get("host").is_some_and(is_loopback);
        let console_has_tls = console_url.starts_with("https://");
        if is_near && !through_proxy && asked && !console_has_tls { Self::Plain } else { Self::Secure }
    }

    fn name(self, plain: &str) -> String {
        match self {
            Self::Secure => format!("{HOST_PREFIX}{plain}"),
            Self::Plain => plain.to_owned(),
        }
    }

    /// The token of the session that came with a request.
    pub(in crate::web::console) fn session(self, headers: &HeaderMap) -> Option<String> {
        self.read(headers, SESSION)
    }

    /// The token that says which account this browser signed in as before; `tag` tells the accounts of one browser apart.
    pub(in crate::web::console) fn device(self, headers: &HeaderMap, tag: &str) -> Option<String> {
        self.read(headers, &format!("{DEVICE}-{tag}"))
    }

    /// What this browser keeps while its owner is at the provider.
    pub(in crate::web::console) fn openid(self, headers: &HeaderMap) -> Option<String> {
        let jar = CookieJar::from_headers(headers);
        let found = jar.get(&Self::Secure.name(OPENID)).or_else(|| jar.get(&self.name(OPENID)));
        found.map(|cookie| cookie.value().to_owned()).filter(|value| value.len() <= 250)
    }

    /// The header that lets this browser be known when the provider sends it back: from another site, so `Lax`, and for some
    /// minutes.
    pub(in crate::web::console) fn set_openid(self, value: &str, lasts: Duration) -> Option<CookieLine> {
        let mut cookie = Cookie::new(self.name(OPENID), value.to_owned());
        let mut most = cookie.max_age();
        most = lasts.try_into().ok().or(most);
        cookie.set_max_age(most);
        self.set_cookie(cookie, SameSite::Lax)
    }

    /// The headers that take it back, under either name: it is good for one return.
    pub(in crate::web::console) fn clear_openid() -> impl Iterator<Item = CookieLine> {
        Self::clear(OPENID)
    }

    fn read(self, headers: &HeaderMap, plain: &str) -> Option<String> {
        let jar = CookieJar::from_headers(headers);
        // A secure cookie only ever came to a browser over TLS, so it is good on any.
        let secure = jar.get(&Self::Secure.name(plain));
        let found = secure.or_else(|| jar.get(&self.name(plain)));
        found.map(|cookie| cookie.value().to_owned()).filter(|value| value.len() <= 64)
    }

    /// The header that hands a session's token over; it ends with the browser, and here with the session.
    pub(in crate::web::console) fn set_session(self, token: &str) -> Option<CookieLine> {
        self.set_cookie(Cookie::new(self.name(SESSION), token.to_owned()), SameSite::Strict)
    }

    /// The header that lets the browser be known again.
    pub(in crate::web::console) fn set_device(self, tag: &str, token: &str) -> Option<CookieLine> {
        let mut cookie = Cookie::new(self.name(&format!("{DEVICE}-{tag}")), token.to_owned());
        cookie.make_permanent();
        self.set_cookie(cookie, SameSite::Strict)
    }

    /// The headers that take the session's cookie back, under either name.
    pub(in crate::web::console) fn clear_session() -> impl Iterator<Item = CookieLine> {
        Self::clear(SESSION)
    }

    fn clear(plain: &'static str) -> impl Iterator<Item = CookieLine> {
        [Self::Secure, Self::Plain].into_iter().filter_map(move |transport| {
            let mut cookie = Cookie::new(transport.name(plain), "");
            cookie.make_removal();
            transport.set_cookie(cookie, SameSite::Strict)
        })
    }

    fn set_cookie(self, mut cookie: Cookie<'static>, same_site: SameSite) -> Option<CookieLine> {
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_same_site(same_site);
        cookie.set_secure(self == Self::Secure);
        Some((header::SET_COOKIE, HeaderValue::from_str(&cookie.to_string()).ok()?))
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(n, v)| (header::HeaderName::from_static(n), v.parse().unwrap())).collect()
    }

    fn transport(peer: &str, lines: &[(&'static str, &str)], console_url: &str) -> BrowserTransport {
        BrowserTransport::for_new_cookie(peer.parse().ok(), &headers(lines), console_url)
    }

    const HERE: &str = "http://127.0.0.1:8481";

    #[test]
    fn only_a_browser_that_itself_came_by_loopback_gets_cookies_without_secure() {
        for host in ["127.0.0.1:8481", "localhost", "[::1]:8481"] {
            assert_eq!(transport("127.0.0.1", &[("host", host)], HERE), BrowserTransport::Plain, "{host}");
            let from = [("host", host), ("origin", "http://localhost:8481")];
            assert_eq!(transport("::1", &from, HERE), BrowserTransport::Plain, "{host}");
        }
        let near = ("host", "127.0.0.1:8481");
        for (peer, lines, console_url, why) in [
            ("192.0.2.7", &[near][..], HERE, "another machine"),
            ("", &[near], HERE, "nobody knows who"),
            ("127.0.0.1", &[("host", "console.clinic.example")], HERE, "a name of the network"),
            ("127.0.0.1", &[("host", "localhost.clinic.example")], HERE, "a name that only begins so"),
            ("127.0.0.1", &[], HERE, "no name at all"),
            ("127.0.0.1", &[near, ("x-forwarded-proto", "https")], HERE, "a proxy with TLS"),
            ("127.0.0.1", &[near, ("x-forwarded-for", "192.0.2.9")], HERE, "a proxy that names the visitor"),
            ("127.0.0.1", &[near, ("via", "1.1 proxy")], HERE, "a proxy that names itself"),
            (
                "127.0.0.1",
                &[near, ("origin", "https://console.clinic.example")],
                HERE,
                "the browser says TLS",
            ),
            ("127.0.0.1", &[near, ("origin", "http://console.clinic.example")], HERE, "a silent proxy"),
            ("127.0.0.1", &[near], "https://console.clinic.example", "the console lives behind TLS"),
        ] {
            assert_eq!(transport(peer, lines, console_url), BrowserTransport::Secure, "{why}");
        }
    }

    #[test]
    fn cookies_say_what_their_wire_allows() {
        let line =
            |transport: BrowserTransport| transport.set_session("t").unwrap().1.to_str().unwrap().to_owned();
        assert_eq!(line(BrowserTransport::Plain), "aftercare=t; HttpOnly; SameSite=Strict; Path=/");
        assert_eq!(
            line(BrowserTransport::Secure),
            "__Host-aftercare=t; HttpOnly; SameSite=Strict; Secure; Path=/"
        );
        let device =
            BrowserTransport::Secure.set_device("ab12", "mark").unwrap().1.to_str().unwrap().to_owned();
        assert!(device.starts_with("__Host-aftercare-device-ab12=mark; HttpOnly; SameSite=Strict; Secure"));
        assert!(device.contains("Max-Age="), "{device}");
    }

    #[test]
    fn a_plain_cookie_opens_nothing_over_a_sealed_wire() {
        let plain = headers(&[("cookie", "aftercare=t")]);
        assert_eq!(BrowserTransport::Secure.session(&plain), None);
        assert_eq!(BrowserTransport::Plain.session(&plain).as_deref(), Some("t"));
        let sealed = headers(&[("cookie", "__Host-aftercare=t")]);
        assert_eq!(BrowserTransport::Secure.session(&sealed).as_deref(), Some("t"));
    }
}

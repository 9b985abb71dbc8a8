//! Under which names the console answers. A page on the internet may give its own name the console's address (DNS rebinding); the
//! browser then takes that page and the console for one site. Such a name stands in the browser's `Host`, and is none of ours.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::config::sections::web::Web;
use crate::web::app_state::CurrentState;
use crate::web::console;
use crate::web::security_headers::{self, ReferrerPolicy};

/// Ends of names that nobody can buy: RFC 6761 and 8375, and RFC 6762 appendix G.
const PRIVATE: [&str; 8] =
    ["localhost", "local", "internal", "intranet", "private", "corp", "lan", "home.arpa"];

/// Refuses a request for another host before anything else sees it.
pub(super) async fn refuse_others(State(app): State<CurrentState>, request: Request, next: Next) -> Response {
    let app = app.borrow().clone();
    if is_ours(request.headers(), request.uri(), &app.deps.config.web) {
        return next.run(request).await;
    }
    let language = app.staff_language(None, request.headers());
    let mut response = console::error_page(&app, &language, StatusCode::MISDIRECTED_REQUEST);
    security_headers::set(response.headers_mut(), ReferrerPolicy::Nobody);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A request without any host comes from no browser.
fn is_ours(headers: &HeaderMap, uri: &Uri, web: &Web) -> bool {
    let named = headers.get_all(header::HOST).iter().map(|line| line.to_str().unwrap_or("?.?"));
    named.chain(uri.authority().map(|authority| authority.as_str())).all(|host| is_known(name_of(host), web))
}

/// An address, a name without a point, a name that nobody can own, or what the configuration says of itself.
fn is_known(name: &str, web: &Web) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let inside = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_address = inside.unwrap_or(&name).parse::<std::net::IpAddr>().is_ok();
    let is_private = PRIVATE.iter().any(|end| name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')));
    let own = [Some(web.public_url.as_str()), web.console_url.as_deref()];
    let mut own = own.into_iter().flatten().filter_map(|url| url.split_once("://"));
    let is_own = own.any(|(_, host)| name_of(host).eq_ignore_ascii_case(&name));
    is_address || is_private || is_own || !name.contains('.')
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(hosts: &[&str]) -> bool {
        let web = Web {
            listen: "127.0.0.1:1".parse().unwrap(),
            public_url: "https://care.riverside.example".to_owned(),
            console_listen: "10.0.0.5:2".parse().unwrap(),
            console_url: Some("https://Console.riverside.example:8443".to_owned()),
            trusted_proxies: Vec::new(),
        };
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        is_ours(&headers, &Uri::from_static("/"), &web)
    }

    #[test]
    fn the_console_answers_under_names_that_no_stranger_can_own() {
        for host in [
            "console.riverside.example",
            "CONSOLE.riverside.example.:8443",
            "care.riverside.example",
            "10.0.0.5:8481",
            "[::1]:8481",
            "[fd00::5]",
            "localhost:8481",
            "aftercare",
            "aftercare.clinic.local:8481",
            "aftercare.home.arpa",
        ] {
            assert!(answers(&[host]), "{host}");
        }
        assert!(answers(&[]), "no browser");
        for host in [
            "evil.example",
            "evil.example:8481",
            "riverside.example",
            "console.riverside.example.evil.example",
            "10.0.0.5.evil.example",
            "evillocal.example",
            "local.evil.example",
            "evil.example:console",
        ] {
            assert!(!answers(&[host]), "{host}");
            assert!(!answers(&["localhost", host]), "{host}");
        }
    }
}

//! Whether a POST comes from a page of our own: the browser says so, and no other site can make it say so.

use axum::http::HeaderMap;

/// `Sec-Fetch-Site` decides where the browser sends it (TLS and loopback); else `Origin` must name this host.
pub(in crate::web::console) fn is_ours(headers: &HeaderMap) -> bool {
    let get = |name: &str| headers.get(name).and_then(|line| line.to_str().ok());
    if let Some(site) = get("sec-fetch-site") {
        return site == "same-origin";
    }
    let named = get("origin").and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    named.is_some() && named == get("host")
}

/// Whether a link on another site or in a mail program led here: a strict cookie is not sent along then.
pub(in crate::web::console) fn is_foreign_link(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|line| line.to_str().ok());
    matches!(site, Some("cross-site" | "same-site"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(lines: &[(&'static str, &str)]) -> bool {
        let named = |n: &'static str| axum::http::header::HeaderName::from_static(n);
        is_ours(&lines.iter().map(|(n, v)| (named(n), v.parse().unwrap())).collect())
    }

    #[test]
    fn a_foreign_or_silent_browser_is_refused() {
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("host", "c.example"), ("origin", "https://c.example")]));
        for refused in [
            &[][..],
            &[("host", "c.example")][..],
            &[("host", "c.example"), ("origin", "null")][..],
            &[("host", "c.example"), ("origin", "https://evil.example")][..],
            &[("host", "c.example"), ("origin", "https://c.example"), ("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")][..],
            &[("sec-fetch-site", "none")][..],
        ] {
            assert!(!ours(refused), "{refused:?}");
        }
    }
}

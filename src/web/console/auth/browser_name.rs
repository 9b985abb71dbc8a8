//! What a browser calls itself, in words that its owner knows it by: "Firefox on Windows". Nothing else of the line is kept.

use axum::http::{HeaderMap, header};

/// Names as they stand in the line, the more telling first, and what people call them.
const BROWSERS: [(&str, &str); 5] = [
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("Windows", "Windows"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
];

/// The browser of a request; empty where it does not say, or says nothing known.
pub(in crate::web::console) fn of(headers: &HeaderMap) -> String {
    let line = headers.get(header::USER_AGENT).and_then(|line| line.to_str().ok()).unwrap_or_default();
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| line.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_by_its_usual_name() {
        let of = |line: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, line.parse().unwrap());
            super::of(&headers)
        };
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(of(edge), "Edge on Windows");
        assert_eq!(of("Mozilla/5.0 (iPhone; CPU OS 18 like Mac OS X) Safari/605"), "Safari on an iPhone");
        assert_eq!(of("curl/8"), "");
    }
}

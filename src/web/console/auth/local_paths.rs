//! Paths of ours that somebody is led to: plain ones only, and of pages that can be opened.

use std::sync::Arc;

/// A path of ours that needs no escaping in a URL.
pub(in crate::web::console) fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 120
        && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
}

/// The paths of all pages, as the table of routes writes them; an extension of every request.
#[derive(Clone)]
pub(in crate::web::console) struct PagePaths(Arc<[String]>);

impl PagePaths {
    pub(in crate::web::console) fn new(paths: impl Iterator<Item = String>) -> Self {
        Self(paths.collect())
    }

    /// The page at that path, or the nearest above it: most forms are sent to a path that cannot be opened.
    pub(in crate::web::console) fn nearest<'p>(&self, path: &'p str) -> &'p str {
        let mut place = if is_local(path) { path } else { "" };
        while !place.is_empty() {
            if self.0.iter().any(|page| fits(page, place)) {
                return place;
            }
            place = place.rfind('/').map_or("", |end| &place[..end]);
        }
        "/"
    }
}

/// Whether a route written with `{id}` or `{*rest}` answers at that path.
fn fits(route: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for part in route.split('/') {
        let fits = match parts.next() {
            Some(one) if part.starts_with("{*") => return !one.is_empty(),
            Some(one) if part.starts_with('{') => !one.is_empty(),
            one => one == Some(part),
        };
        if !fits {
            return false;
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_path_of_ours_is_gone_on_to() {
        assert!(is_local("/alerts/7") && is_local("/patients/D-001/x"));
        for path in ["//evil.example", "https://evil.example", "/\\evil", "/a?b", "", "/%2f", "/a b"] {
            assert!(!is_local(path), "{path}");
        }
    }

    #[test]
    fn a_form_leads_back_to_the_page_above_it() {
        let pages = ["/", "/tasks", "/tasks/{id}", "/patients/{*reference}"].map(str::to_owned);
        let pages = PagePaths::new(pages.into_iter());
        for (sent_to, page) in [
            ("/tasks/17/contact", "/tasks/17"),
            ("/tasks/17", "/tasks/17"),
            ("/tasks/", "/tasks"),
            ("/patients/D-001/x", "/patients/D-001/x"),
            ("/audit/check", "/"),
            ("//evil.example/tasks/1", "/"),
            ("https://evil.example/tasks", "/"),
            ("/", "/"),
        ] {
            assert_eq!(pages.nearest(sent_to), page, "{sent_to}");
        }
    }
}

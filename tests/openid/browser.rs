//! A browser that keeps cookies and goes from the console to the provider and back.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::http::{Answer, form, send};
use crate::provider::RETURN;

/// Cookies by where they came from and their name.
#[derive(Default, Clone)]
pub(crate) struct Browser(BTreeMap<(SocketAddr, String), String>);

impl Browser {
    /// A browser in which somebody is signed in at the console.
    pub(crate) fn signed_in(console: SocketAddr, cookie: &str) -> Self {
        let mut browser = Self::default();
        browser.keep(console, cookie);
        browser
    }

    fn keep(&mut self, at: SocketAddr, line: &str) {
        let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
        let key = (at, name.to_owned());
        match value {
            "" => drop(self.0.remove(&key)),
            value => drop(self.0.insert(key, value.to_owned())),
        }
    }

    /// Whether it holds a cookie of that name.
    pub(crate) fn has(&self, at: SocketAddr, name: &str) -> bool {
        self.0.contains_key(&(at, name.to_owned()))
    }

    async fn ask(&mut self, at: SocketAddr, line: &str, sent: (&str, &str)) -> Answer {
        let (site, body) = sent;
        // Our session's cookie is strict: it does not come along from another site.
        let is_strict = |name: &str| site == "cross-site" && name != "aftercare-openid";
        let cookies = self.0.iter().filter(|((from, name), _)| *from == at && !is_strict(name));
        let cookies: Vec<String> = cookies.map(|((_, name), value)| format!("{name}={value}")).collect();
        let (host, cookies) = (at.to_string(), cookies.join("; "));
        let headers = [("Host", host.as_str()), ("Cookie", cookies.as_str()), ("Sec-Fetch-Site", site)];
        let answer = send(at, line, &headers, body).await;
        for line in answer.cookies() {
            self.keep(at, line);
        }
        answer
    }

    pub(crate) async fn get(&mut self, at: SocketAddr, path: &str) -> Answer {
        self.ask(at, &format!("GET {path}"), ("same-origin", "")).await
    }

    /// Comes back from another site.
    pub(crate) async fn comes_back(&mut self, at: SocketAddr, path: &str) -> Answer {
        self.ask(at, &format!("GET {path}"), ("cross-site", "")).await
    }

    /// Sends a form of a page of the console.
    pub(crate) async fn act(&mut self, at: SocketAddr, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mark = self.get(at, "/").await.csrf_token();
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("mark", mark.as_str())]).collect();
        self.ask(at, &format!("POST {path}"), ("same-origin", &form(&fields))).await
    }

    /// Signs in at the provider with that name; gives the address at the console that it sends back to.
    pub(crate) async fn signs_in_there(&mut self, url: &str, name: &str) -> String {
        let mut to = url.to_owned();
        // Whoever was signed in there before is not any more.
        self.0.retain(|(at, _), _| *at != place(url).0);
        for _ in 0..12 {
            if let Some(back) = to.strip_prefix(RETURN) {
                return format!("/sign-in/openid/return{back}");
            }
            let (at, path) = place(&to);
            let answer = self.get(at, &path).await;
            let answer = match answer.hidden("prompt") {
                Some(prompt) => {
                    let fields = [("prompt", prompt.as_str()), ("login", name), ("password", "theirs")];
                    self.ask(at, &format!("POST {path}"), ("same-origin", &form(&fields))).await
                }
                None => answer,
            };
            assert!((300..400).contains(&answer.status), "{to}: {} {}", answer.status, answer.body);
            let location = answer.header("location").unwrap();
            to = if location.starts_with('/') {
                format!("http://{at}{location}")
            } else {
                location.to_owned()
            };
        }
        panic!("the provider leads nowhere");
    }
}

fn place(url: &str) -> (SocketAddr, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    (host.parse().unwrap(), format!("/{path}"))
}

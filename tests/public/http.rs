//! A browser without a browser: requests as bytes, answers as bytes, forms filled in as they stand on the page.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response: status, header lines as one text, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// What the browser keeps and sends along, as a Cookie line has it.
    pub(crate) cookie: Option<String>,
}

impl Answer {
    /// A header line's value; the name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The hidden fields of the page's first form.
    pub(crate) fn hidden(&self) -> Vec<(String, String)> {
        let form = self.body.split("<form").nth(1).unwrap_or_default();
        let inputs = form.split("<input type=\"hidden\" ").skip(1);
        inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect()
    }
}

fn attribute(input: &str, name: &str) -> String {
    input
        .split(&format!("{name}=\""))
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned()
}

/// Sends bytes and reads until the other side closes.
pub(crate) async fn raw(at: SocketAddr, bytes: &[u8]) -> Answer {
    let Ok(mut stream) = TcpStream::connect(at).await else {
        return Answer { status: 0, head: String::new(), body: String::new(), cookie: None };
    };
    // The other side may close before it has read everything; what it says then counts.
    drop(stream.write_all(bytes).await);
    let mut all = Vec::new();
    drop(stream.read_to_end(&mut all).await);
    let text = String::from_utf8_lossy(&all).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    // A slash is written as an entity in attributes; a browser reads it as a slash.
    let mut answer =
        Answer { status, head: head.to_owned(), body: body.replace("&#x2f;", "/"), cookie: None };
    answer.cookie = answer.header("set-cookie").and_then(|line| line.split(';').next()).map(str::to_owned);
    answer
}

fn cookie_line(cookie: Option<&str>) -> String {
    cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default()
}

/// GET of a path by a browser that keeps that cookie.
pub(crate) async fn get_with(at: SocketAddr, path: &str, cookie: Option<&str>) -> Answer {
    let kept = cookie_line(cookie);
    let head = format!("GET {path} HTTP/1.1\r\nHost: clinic.example\r\n{kept}Connection: close\r\n\r\n");
    let answer = raw(at, head.as_bytes()).await;
    Answer { cookie: answer.cookie.or_else(|| cookie.map(str::to_owned)), ..answer }
}

/// GET of a path, on a connection of its own.
pub(crate) async fn get(at: SocketAddr, path: &str) -> Answer {
    get_with(at, path, None).await
}

/// POST of a form.
pub(crate) async fn post(at: SocketAddr, path: &str, fields: &[(&str, &str)]) -> Answer {
    post_with(at, path, fields, None).await
}

async fn post_with(at: SocketAddr, path: &str, fields: &[(&str, &str)], cookie: Option<&str>) -> Answer {
    let body: Vec<String> =
        fields.iter().map(|(name, word)| format!("{}={}", coded(name), coded(word))).collect();
    let body = body.join("&");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: clinic.example\r\n{}Connection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        cookie_line(cookie),
        body.len()
    );
    let answer = raw(at, (head + &body).as_bytes()).await;
    Answer { cookie: answer.cookie.or_else(|| cookie.map(str::to_owned)), ..answer }
}

/// POST of a form in parts, as some mail programs send it (RFC 8058 §3.2).
pub(crate) async fn in_parts(at: SocketAddr, path: &str, fields: &[(&str, &str)]) -> Answer {
    let part = |(name, word): &(&str, &str)| {
        format!("--b0und\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{word}\r\n")
    };
    let body: String = fields.iter().map(part).collect::<String>() + "--b0und--\r\n";
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: clinic.example\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=b0und\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    raw(at, (head + &body).as_bytes()).await
}

/// Fills in the form of a page and sends it; follows to where it leads.
pub(crate) async fn fill(at: SocketAddr, page: &Answer, answers: &[(&str, &str)], go: &str) -> Answer {
    follow(at, send(at, page, answers, go).await).await
}

/// Goes wherever an answer leads, as a browser does.
pub(crate) async fn follow(at: SocketAddr, mut sent: Answer) -> Answer {
    while let Some(next) = sent.header("location").filter(|_| sent.status == 303).map(str::to_owned) {
        sent = get_with(at, &next, sent.cookie.as_deref()).await;
    }
    sent
}

/// Fills in the form of a page and sends it.
pub(crate) async fn send(at: SocketAddr, page: &Answer, answers: &[(&str, &str)], go: &str) -> Answer {
    let form = page.body.split("<form").nth(1).expect("a form on the page");
    let action = attribute(form, "action");
    let hidden = page.hidden();
    let mut fields: Vec<(&str, &str)> =
        hidden.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect();
    fields.extend(answers);
    fields.push(("go", go));
    post_with(at, &action, &fields, page.cookie.as_deref()).await
}

fn coded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

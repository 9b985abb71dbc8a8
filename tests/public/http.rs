//! A browser without a browser: requests as bytes, answers as bytes, forms filled in as they stand on the page.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response: status, header lines as one text, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
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
        return Answer { status: 0, head: String::new(), body: String::new() };
    };
    // The other side may close before it has read everything; what it says then counts.
    drop(stream.write_all(bytes).await);
    let mut all = Vec::new();
    drop(stream.read_to_end(&mut all).await);
    let text = String::from_utf8_lossy(&all).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    // A slash is written as an entity in attributes; a browser reads it as a slash.
    Answer { status, head: head.to_owned(), body: body.replace("&#x2f;", "/") }
}

/// GET of a path, on a connection of its own.
pub(crate) async fn get(at: SocketAddr, path: &str) -> Answer {
    raw(at, format!("GET {path} HTTP/1.1\r\nHost: clinic.example\r\nConnection: close\r\n\r\n").as_bytes())
        .await
}

/// POST of a form.
pub(crate) async fn post(at: SocketAddr, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body: Vec<String> =
        fields.iter().map(|(name, word)| format!("{}={}", coded(name), coded(word))).collect();
    let body = body.join("&");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: clinic.example\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    raw(at, (head + &body).as_bytes()).await
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
    let sent = send(at, page, answers, go).await;
    match sent.header("location") {
        Some(next) if sent.status == 303 => get(at, next).await,
        _ => sent,
    }
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
    post(at, &action, &fields).await
}

fn coded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

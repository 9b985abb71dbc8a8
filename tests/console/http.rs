//! A browser without a browser: requests as bytes, answers as bytes.

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

    /// Every cookie that was handed out, with its attributes.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).map(|(_, value)| value).collect()
    }

    /// The CSRF token that the page's forms carry, in their field `mark`.
    pub(crate) fn csrf_token(&self) -> String {
        self.hidden("mark").unwrap_or_default()
    }

    /// What a hidden field of the page would send back; the first of that name.
    pub(crate) fn hidden(&self, name: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(&format!("name=\"{name}\" value=\""))?;
        Some(unescaped(rest.split('"').next()?))
    }

    /// Where the link to the next page leads.
    pub(crate) fn next_page(&self) -> Option<String> {
        let link = self.body.split("href=\"").find(|link| link.contains("Next page"))?;
        Some(unescaped(link.split('"').next()?))
    }

    /// Whether the page speaks of a flag of the command line. The CSRF token is left out: it is random,
    /// and now and then two hyphens stand side by side in it.
    pub(crate) fn names_a_flag(&self) -> bool {
        self.body.replace(&self.csrf_token(), "").contains("--")
    }
}

/// Text of a page as a browser understands it.
fn unescaped(text: &str) -> String {
    let marks = [("&quot;", "\""), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    marks.into_iter().fold(text.to_owned(), |text, (coded, plain)| text.replace(coded, plain))
}

/// Sends a request with further header lines.
pub(crate) async fn send(at: SocketAddr, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if line.starts_with("POST") {
        let length = body.len();
        request.push_str(&format!("Content-Length: {length}\r\n"));
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
        }
    }
    request.push_str("\r\n");
    request.push_str(body);
    let mut stream = TcpStream::connect(at).await.unwrap();
    drop(stream.write_all(request.as_bytes()).await);
    let mut all = Vec::new();
    drop(stream.read_to_end(&mut all).await);
    let text = String::from_utf8_lossy(&all).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.replace("&#x2f;", "/") }
}

/// Fields as a browser's form sends them: every line of a field ends in CRLF, also of a hidden one (HTML, section 4.10.21.4).
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let coded = |text: &str| -> String {
        let lines = text.replace("\r\n", "\n").replace('\n', "\r\n");
        lines
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect()
    };
    let fields: Vec<String> = fields.iter().map(|(n, v)| format!("{}={}", coded(n), coded(v))).collect();
    fields.join("&")
}

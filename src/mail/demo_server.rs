//! An SMTP endpoint on loopback for the demo: a real SMTP dialogue, addresses it does not know, and every accepted letter as
//! an `.eml` file. It is no mail server: it speaks to our own lines only.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// An endpoint that listens; it stops when it is dropped.
pub struct DemoServer {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

struct ServerRules {
    directory: PathBuf,
    unknown: BTreeSet<String>,
}

impl DemoServer {
    /// Opens on a free loopback port; letters go under `directory`, addresses in `unknown` get a 550.
    ///
    /// # Errors
    /// The system's.
    pub async fn open(directory: &Path, unknown: BTreeSet<String>) -> std::io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let rules = Arc::new(ServerRules { directory: directory.to_owned(), unknown });
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let rules = Arc::clone(&rules);
                tokio::spawn(async move {
                    // A client who hangs up is not missed.
                    drop(talk(client, &rules).await);
                });
            }
        });
        Ok(Self { address, accepting })
    }

    /// The address it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Whether anybody stands to read the letter that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attendance {
    None,
    Some,
}

impl Attendance {
    /// After a command that was accepted.
    fn after(self, verb: &str) -> Self {
        match verb {
            "RCPT" => Self::Some,
            "MAIL" | "RSET" | "DATA" | "EHLO" => Self::None,
            _ => self,
        }
    }
}

async fn talk(client: TcpStream, rules: &ServerRules) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    client.write_all(b"220 postbox ESMTP\r\n").await?;
    let mut readers = Attendance::None;
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let before = readers;
        readers = before.after(&verb);
        let reply: &[u8] = match verb.as_str() {
            "EHLO" => b"250-postbox\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
            "RCPT" if rules.unknown.iter().any(|known| line.contains(known.as_str())) => {
                readers = before;
                b"550 5.1.1 no such mailbox\r\n"
            }
            "DATA" if before == Attendance::None => b"554 5.5.1 nobody to give it to\r\n",
            "DATA" => {
                client.write_all(b"354 go on\r\n").await?;
                let letter = body(&mut client).await?;
                keep(&letter, &rules.directory)?;
                b"250 2.0.0 kept\r\n"
            }
            "QUIT" => {
                client.write_all(b"221 2.0.0 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 2.0.0 ok\r\n",
        };
        client.write_all(reply).await?;
    }
}

/// Reads up to the lone dot and takes the stuffing out (RFC 5321 section 4.5.2).
async fn body(client: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut letter = Vec::new();
    loop {
        let mut line = Vec::new();
        if client.read_until(b'\n', &mut line).await? == 0 || line == b".\r\n" {
            return Ok(letter);
        }
        letter.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

/// Files a letter under its month, named by its day and Message-ID, so that a listing reads in order.
fn keep(letter: &[u8], directory: &Path) -> std::io::Result<()> {
    let text = String::from_utf8_lossy(letter);
    let header = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim();
    let id = header("Message-ID:").trim_matches(['<', '>']).split('@').next().unwrap_or_default();
    let date = jiff::fmt::rfc2822::parse(header("Date:")).map(|z| z.timestamp()).unwrap_or_default();
    let date = date.to_zoned(jiff::tz::TimeZone::UTC);
    let month = directory.join(date.strftime("%Y-%m").to_string());
    std::fs::create_dir_all(&month)?;
    std::fs::write(month.join(format!("{}-{id}.eml", date.strftime("%Y%m%dT%H%M%SZ"))), letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the server answers, command by command.
    async fn replies(server: &DemoServer, said: &[&str]) -> Vec<String> {
        let mut client = BufReader::new(TcpStream::connect(server.address()).await.unwrap());
        let mut heard = Vec::new();
        for words in said {
            client.write_all(words.as_bytes()).await.unwrap();
            let mut line = String::new();
            client.read_line(&mut line).await.unwrap();
            heard.push(line.chars().take(3).collect());
        }
        heard
    }

    #[tokio::test]
    async fn a_letter_without_a_reader_is_not_taken_and_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let unknown = BTreeSet::from(["gone@p.example".to_owned()]);
        let server = DemoServer::open(dir.path(), unknown).await.unwrap();
        let gone = ["", "MAIL FROM:<a@b.example>\r\n", "RCPT TO:<gone@p.example>\r\n", "DATA\r\n"];
        let known =
            ["MAIL FROM:<a@b.example>\r\n", "RCPT TO:<here@p.example>\r\n", "DATA\r\n", "Hello.\r\n.\r\n"];
        let again = ["MAIL FROM:<a@b.example>\r\n", "DATA\r\n"];
        let heard = replies(&server, &[&gone[..], &known, &again].concat()).await;
        assert_eq!(heard, ["220", "250", "550", "554", "250", "250", "354", "250", "250", "554"]);
        let months = std::fs::read_dir(dir.path()).unwrap().map(|month| month.unwrap().path());
        assert_eq!(months.flat_map(|month| std::fs::read_dir(month).unwrap()).count(), 1);
    }
}

//! From a host name to an encrypted stream that lettre may speak on. STARTTLS is ours, because lettre keeps what was
//! sent before the handshake and would believe it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::config::sections::smtp::{Smtp, Tls};
use crate::mail::smtp::reply::{Reply, SmtpStage};
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::smtp::transport::connect_error::ConnectError;
use crate::mail::smtp::transport::deadline_stream::{DeadlineStream, MailStream};
use crate::mail::smtp::transport::reply_lines::ReplyLines;
use crate::mail::smtp::transport::tls_error::TlsError;

/// More than any honest EHLO answer.
const LONGEST_REPLY: u64 = 16 * 1024;

/// What the encryption came to, for `check --online`.
pub(in crate::mail) type ChannelSecurity = Option<String>;

/// Opens the stream: TCP, then TLS as the settings say.
pub(in crate::mail) async fn open(
    smtp: &SmtpSettings,
    trust: Option<Arc<ClientConfig>>,
    hello: &str,
) -> Result<(DeadlineStream, ChannelSecurity), ConnectError> {
    let (server, dot_timeout) = (&smtp.server, smtp.dot_timeout);
    let stream = dial(server).await?;
    let peer = stream.peer_addr().map_err(|error| unreachable(server, &error.to_string()))?;
    let Some(trust) = trust else {
        let timed = DeadlineStream::new(Box::new(stream), peer, server.timeout);
        return Ok((timed.patient_after_dot(dot_timeout), None));
    };
    let starttls = server.tls == Tls::StartTls;
    let stream = if starttls { ask_for_tls(server, stream, hello).await? } else { stream };
    let stream = shake_hands(server, stream, trust).await?;
    let (_, session) = stream.get_ref();
    let seal = session.protocol_version().map(|version| format!("{version:?}"));
    let timed = DeadlineStream::new(Box::new(stream), peer, server.timeout).patient_after_dot(dot_timeout);
    Ok((if starttls { timed.with_preface(b"220 encrypted\r\n") } else { timed }, seal))
}

/// Opens a stream for another protocol: TCP, then TLS from the first byte where there are roots to trust.
pub(in crate::mail) async fn stream(
    server: &Smtp,
    trust: Option<Arc<ClientConfig>>,
) -> Result<DeadlineStream, ConnectError> {
    let stream = dial(server).await?;
    let peer = stream.peer_addr().map_err(|error| unreachable(server, &error.to_string()))?;
    let stream: Box<dyn MailStream> = match trust {
        Some(trust) => Box::new(shake_hands(server, stream, trust).await?),
        None => Box::new(stream),
    };
    Ok(DeadlineStream::new(stream, peer, server.timeout))
}

async fn dial(smtp: &Smtp) -> Result<TcpStream, ConnectError> {
    let unresolved = |why: String| ConnectError::Unresolved { host: smtp.host.clone(), why };
    let found = timeout(smtp.timeout, tokio::net::lookup_host((smtp.host.as_str(), smtp.port)))
        .await
        .map_err(|_| unresolved(format!("no answer in {:?}", smtp.timeout)))?
        .map_err(|error| unresolved(error.to_string()))?;
    let places: Vec<SocketAddr> = found.collect();
    if smtp.tls == Tls::None && places.iter().any(|place| !place.ip().is_loopback()) {
        return Err(ConnectError::NotLoopback(smtp.host.clone()));
    }
    // One dead address (often IPv6) must not eat the time of the next.
    let share = smtp.timeout / u32::try_from(places.len().max(1)).unwrap_or(1);
    let mut last = "the name has no address".to_owned();
    for place in places {
        match reach(place, share).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error.to_string(),
        }
    }
    Err(unreachable(smtp, &last))
}

async fn reach(place: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, format!("no answer in {limit:?}"));
    let stream = timeout(limit, TcpStream::connect(place)).await.map_err(late)??;
    // Else a letter in two segments waits 40 ms for the server's delayed acknowledgement.
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn unreachable(smtp: &Smtp, why: &str) -> ConnectError {
    ConnectError::Unreachable { place: smtp.place(), why: why.to_owned() }
}

async fn shake_hands(
    smtp: &Smtp,
    stream: TcpStream,
    trust: Arc<ClientConfig>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, ConnectError> {
    let failed = |why: String| ConnectError::Handshake { place: smtp.place(), why };
    let name = ServerName::try_from(smtp.host.clone()).map_err(|error| failed(error.to_string()))?;
    timeout(smtp.timeout, TlsConnector::from(trust).connect(name, stream))
        .await
        .map_err(|_| failed(format!("no answer in {:?}", smtp.timeout)))?
        .map_err(|error| match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(why)) => {
                ConnectError::Untrusted { host: smtp.host.clone(), why: TlsError::read(&smtp.host, why) }
            }
            Some(
                rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
                | rustls::Error::PeerIncompatible(_),
            ) => ConnectError::TooOld { place: smtp.place(), why: error.to_string() },
            _ => failed(error.to_string()),
        })
}

/// Greeting, EHLO and STARTTLS in plain text; what was learnt on the way is forgotten.
async fn ask_for_tls(smtp: &Smtp, stream: TcpStream, hello: &str) -> Result<TcpStream, ConnectError> {
    let mut stream = BufReader::new(stream);
    let greeting = ask(smtp, &mut stream, "").await?;
    expect(SmtpStage::Greeting, 220, &greeting)?;
    let offers = ask(smtp, &mut stream, &format!("EHLO {hello}\r\n")).await?;
    expect(SmtpStage::Greeting, 250, &offers)?;
    if !offers.words.lines().any(|line| line.trim().eq_ignore_ascii_case("STARTTLS")) {
        return Err(ConnectError::NoStartTls(smtp.place()));
    }
    let go = ask(smtp, &mut stream, "STARTTLS\r\n").await?;
    expect(SmtpStage::Encryption, 220, &go)?;
    Ok(stream.into_inner())
}

fn expect(stage: SmtpStage, code: u16, reply: &Reply) -> Result<(), ConnectError> {
    if reply.code == code { Ok(()) } else { Err(ConnectError::said(stage, reply)) }
}

/// One question, one answer, and not a byte more.
async fn ask(smtp: &Smtp, stream: &mut BufReader<TcpStream>, question: &str) -> Result<Reply, ConnectError> {
    let lost = |why: String| ConnectError::Lost { stage: SmtpStage::Encryption, why };
    let turn = async {
        stream.get_mut().write_all(question.as_bytes()).await?;
        read_reply(stream).await
    };
    let reply = timeout(smtp.timeout, turn)
        .await
        .map_err(|_| lost(format!("the server was silent for {:?}", smtp.timeout)))?
        .map_err(|error| lost(error.to_string()))?;
    if stream.buffer().is_empty() { Ok(reply) } else { Err(ConnectError::OutOfTurn(smtp.place())) }
}

/// A reply in whatever form [`ReplyLines`] reads: a server is understood alike before and behind the encryption.
async fn read_reply(stream: &mut BufReader<TcpStream>) -> io::Result<Reply> {
    let mut limited = stream.take(LONGEST_REPLY);
    let mut lines = ReplyLines::default();
    loop {
        let mut line = Vec::new();
        if limited.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up"));
        }
        let whole = lines.take(&line);
        if !whole.is_empty() {
            let strange = || io::Error::new(io::ErrorKind::InvalidData, "this is not SMTP");
            return one_reply(&String::from_utf8_lossy(&whole)).ok_or_else(strange);
        }
    }
}

/// The reply of lines in the strictest form; `None` where they give no code, or several.
fn one_reply(whole: &str) -> Option<Reply> {
    let code = |line: &str| line.get(..3)?.parse::<u16>().ok();
    let first = whole.lines().next().and_then(code)?;
    let words: Vec<&str> = whole.lines().map(|line| line.get(4..).unwrap_or_default().trim_end()).collect();
    let is_one = whole.lines().all(|line| code(line) == Some(first));
    is_one.then(|| Reply { code: first, words: words.join("\n") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_does_not_wait_for_the_delayed_acknowledgement() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = reach(listener.local_addr().unwrap(), Duration::from_secs(10)).await.unwrap();
        assert!(stream.nodelay().unwrap());
    }
}

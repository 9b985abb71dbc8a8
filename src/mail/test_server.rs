//! A small mail server in this process that does what a test tells it to, step by step.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::mail::smtp::transport::deadline_stream::MailStream;

/// What the server does at one step instead of its usual answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Says this instead; line ends between lines are the test's.
    Say(&'static str),
    /// Sends this line and closes the connection.
    SayAndHangUp(&'static str),
    /// Says this after so many milliseconds.
    SayLate(&'static str, u64),
    /// Keeps silent for ever.
    Stall,
    /// Begins an answer and never ends it, a line at a time, each well within the allowed silence.
    Drip,
    /// Begins a line and pours on without end.
    Pour,
    /// Closes the connection without an answer.
    HangUp,
}

/// How the server encrypts.
#[derive(Clone)]
pub(super) enum Seal {
    /// It does not encrypt.
    Open,
    /// From the first byte.
    Implicit(TlsAcceptor),
    /// From STARTTLS on, which the test lets it offer.
    StartTls(TlsAcceptor),
}

/// What happened and what shall happen.
#[derive(Default)]
pub(super) struct Story {
    /// Steps to come, by verb; the first that fits is used once.
    pub(super) acts: Vec<(&'static str, Act)>,
    /// The keywords it answers EHLO with.
    pub(super) offers: Vec<&'static str>,
    /// Letters taken with 250, dots undone.
    pub(super) letters: Vec<String>,
    /// Every command it has heard, in order.
    pub(super) heard: Vec<String>,
    /// How many connections it has taken.
    pub(super) connections: usize,
}

/// The running server; it ends with the test's runtime.
#[derive(Clone)]
pub(super) struct Fake {
    /// Its port on 127.0.0.1.
    pub(super) port: u16,
    story: Arc<Mutex<Story>>,
}

impl Fake {
    /// A server without encryption that offers PIPELINING.
    pub(super) async fn start() -> Self {
        Self::sealed(Seal::Open).await
    }

    /// A server with encryption.
    pub(super) async fn sealed(seal: Seal) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let story = Story { offers: vec!["PIPELINING", "8BITMIME"], ..Story::default() };
        let fake = Self { port: listener.local_addr().unwrap().port(), story: Arc::new(Mutex::new(story)) };
        let server = fake.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                server.tell(|story| story.connections += 1);
                tokio::spawn(server.clone().serve(Box::new(stream), seal.clone()));
            }
        });
        fake
    }

    /// Reads or changes the story.
    pub(super) fn tell<T>(&self, change: impl FnOnce(&mut Story) -> T) -> T {
        change(&mut self.story.lock().unwrap())
    }

    /// Lets the next `verb` end in `act`.
    pub(super) fn next(&self, verb: &'static str, act: Act) -> &Self {
        self.tell(|story| story.acts.push((verb, act)));
        self
    }

    async fn serve(self, stream: Box<dyn MailStream>, seal: Seal) {
        let stream = match &seal {
            Seal::Implicit(acceptor) => match acceptor.accept(stream).await {
                Ok(stream) => Box::new(stream),
                Err(_) => return,
            },
            Seal::Open | Seal::StartTls(_) => stream,
        };
        let mut talk = Talk { fake: self, stream: BufReader::new(stream) };
        let Some(()) = talk.answer("GREETING", "220 fake.example").await.map(drop) else { return };
        while let Some(line) = talk.line().await {
            let Some(said) = talk.command(line.trim_end()).await else { return };
            if said.starts_with("354") && talk.body().await.is_none() {
                return;
            }
            if let (true, Seal::StartTls(acceptor)) = (line.starts_with("STARTTLS"), &seal) {
                let Ok(stream) = acceptor.accept(talk.stream.into_inner()).await else { return };
                talk.stream = BufReader::new(Box::new(stream));
            }
        }
    }
}

struct Talk {
    fake: Fake,
    stream: BufReader<Box<dyn MailStream>>,
}

impl Talk {
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let count = self.stream.read_line(&mut line).await.ok()?;
        (count > 0).then_some(line)
    }

    async fn command(&mut self, line: &str) -> Option<String> {
        self.fake.tell(|story| story.heard.push(line.to_owned()));
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let usual = match verb.as_str() {
            "EHLO" => self.fake.tell(|story| {
                let lines = ["fake.example"].iter().chain(&story.offers).copied().collect::<Vec<_>>();
                let (last, first) = lines.split_last().unwrap();
                let first: String = first.iter().map(|line| format!("250-{line}\r\n")).collect();
                format!("{first}250 {last}")
            }),
            "DATA" => "354 go on".to_owned(),
            "AUTH" => "235 2.7.0 welcome".to_owned(),
            "QUIT" => "221 2.0.0 bye".to_owned(),
            "STARTTLS" => "220 2.0.0 go".to_owned(),
            _ => "250 2.0.0 ok".to_owned(),
        };
        self.answer(&verb, &usual).await
    }

    async fn body(&mut self) -> Option<()> {
        self.answer("BODY", "").await?;
        let mut letter = String::new();
        loop {
            let line = self.line().await?;
            if line == ".\r\n" {
                break;
            }
            letter.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        let said = self.answer("DOT", "250 2.0.0 queued").await?;
        if said.starts_with("250") {
            self.fake.tell(|story| story.letters.push(letter));
        }
        Some(())
    }

    /// The scripted act or the usual words; `None` = the connection ends.
    async fn answer(&mut self, verb: &str, usual: &str) -> Option<String> {
        let act = self.fake.tell(|story| {
            let index = story.acts.iter().position(|(at, _)| *at == verb)?;
            Some(story.acts.remove(index).1)
        });
        let (words, go_on) = match act {
            None => (usual, true),
            Some(Act::Say(words)) => (words, true),
            Some(Act::SayAndHangUp(words)) => (words, false),
            Some(Act::SayLate(words, wait)) => {
                tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
                (words, true)
            }
            Some(Act::Stall) => std::future::pending().await,
            Some(Act::Drip) => loop {
                self.stream.get_mut().write_all(b"250-still here\r\n").await.ok()?;
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            },
            Some(Act::Pour) => {
                self.stream.get_mut().write_all(b"250-").await.ok()?;
                loop {
                    self.stream.get_mut().write_all(&[b'x'; 4096]).await.ok()?;
                }
            }
            Some(Act::HangUp) => return None,
        };
        if !words.is_empty() {
            self.stream.get_mut().write_all(format!("{words}\r\n").as_bytes()).await.ok()?;
            self.stream.get_mut().flush().await.ok()?;
        }
        go_on.then(|| words.to_owned())
    }
}

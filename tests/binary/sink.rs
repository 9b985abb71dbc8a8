//! A mail server in the test's own threads: takes every letter, keeps it by its Message-ID in order of arrival, and lets
//! the test watch, wait or kill at each step of the dialogue.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A step of the dialogue, as the server sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Mail,
    Recipient,
    /// DATA was heard, 354 is not said yet.
    Begin,
    /// In the middle of the letter.
    Body,
    /// The dot was heard: the letter is the server's, and the client does not know yet.
    Dot,
    /// 250 was said.
    Told,
}

impl Step {
    pub(crate) const ALL: [Self; 6] =
        [Self::Mail, Self::Recipient, Self::Begin, Self::Body, Self::Dot, Self::Told];
}

#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    /// The value of [`Sink::run`] when it came.
    pub(crate) run: usize,
    pub(crate) message_id: String,
    pub(crate) to: String,
    pub(crate) letter: String,
}

impl Accepted {
    pub(crate) fn is_for_a_patient(&self) -> bool {
        is_patient(&self.to)
    }
}

pub(crate) fn is_patient(address: &str) -> bool {
    address.ends_with("@patients.example")
}

/// Told each step and whom the letter is for.
type Watch = dyn Fn(Step, &str) + Send + Sync;

#[derive(Clone)]
pub(crate) struct Sink {
    pub(crate) port: u16,
    run: Arc<AtomicUsize>,
    accepted: Arc<Mutex<Vec<Accepted>>>,
    watch: Arc<Watch>,
    guests: Arc<AtomicUsize>,
    /// What RCPT is answered.
    to_recipients: &'static str,
    /// The bearer token that signs in; whoever has none may stay.
    token: Option<Arc<Mutex<String>>>,
}

impl Sink {
    /// Opens; `watch` is called on the connection's own thread at every step, and may keep it waiting.
    pub(crate) fn open(watch: impl Fn(Step, &str) + Send + Sync + 'static) -> Self {
        Self::with(watch, "250 2.1.5 ok")
    }

    fn with(watch: impl Fn(Step, &str) + Send + Sync + 'static, to_recipients: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            run: Arc::default(),
            accepted: Arc::default(),
            watch: Arc::new(watch),
            guests: Arc::default(),
            to_recipients,
            token: None,
        };
        sink.serve(listener)
    }

    /// Wants XOAUTH2 or PLAIN with the token or password that stands there at that moment, and ends each connection after a
    /// letter.
    pub(crate) fn signing_in(
        token: Arc<Mutex<String>>,
        watch: impl Fn(Step, &str) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            run: Arc::default(),
            accepted: Arc::default(),
            watch: Arc::new(watch),
            guests: Arc::default(),
            to_recipients: "250 2.1.5 ok",
            token: Some(token),
        };
        sink.serve(listener)
    }

    fn serve(self, listener: TcpListener) -> Self {
        let (sink, server) = (self.clone(), self);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                server.guests.fetch_add(1, Ordering::SeqCst);
                let server = server.clone();
                // A client who dies in the middle is the whole point.
                std::thread::spawn(move || drop(server.talk(client)));
            }
        });
        sink
    }

    /// Knows no mailbox at all.
    pub(crate) fn refusing() -> Self {
        Self::with(|_, _| (), "550 5.1.1 no such mailbox")
    }

    /// Letters from here on belong to another run.
    pub(crate) fn next_run(&self) {
        self.run.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn accepted(&self) -> Vec<Accepted> {
        self.accepted.lock().unwrap().clone()
    }

    /// How many connections were ever made.
    pub(crate) fn guests(&self) -> usize {
        self.guests.load(Ordering::SeqCst)
    }

    /// Without what the ladder and the canary get.
    pub(crate) fn to_patients(&self) -> Vec<Accepted> {
        self.accepted().into_iter().filter(Accepted::is_for_a_patient).collect()
    }

    fn talk(&self, client: TcpStream) -> std::io::Result<()> {
        client.set_nodelay(true)?;
        let mut client = BufReader::new(client);
        let run = self.run.load(Ordering::SeqCst);
        let (mut to, mut signed_in) = (String::new(), false);
        say(&mut client, "220 sink.example ESMTP")?;
        loop {
            let Some(line) = heard(&mut client)? else { return Ok(()) };
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" if self.token.is_some() => {
                    say(&mut client, "250-sink.example\r\n250-AUTH XOAUTH2 PLAIN\r\n250 8BITMIME")?;
                }
                "EHLO" => say(&mut client, "250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME")?,
                "AUTH" => {
                    signed_in = self.knows(&line);
                    let said = if signed_in { "235 2.7.0 welcome" } else { "535 5.7.3 unsuccessful" };
                    say(&mut client, said)?;
                }
                "MAIL" if self.token.is_some() && !signed_in => {
                    say(&mut client, "530 5.7.57 not authenticated")?;
                }
                "MAIL" => {
                    (self.watch)(Step::Mail, "");
                    say(&mut client, "250 2.1.0 ok")?;
                }
                "RCPT" => {
                    to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    (self.watch)(Step::Recipient, &to);
                    say(&mut client, self.to_recipients)?;
                }
                "DATA" => {
                    (self.watch)(Step::Begin, &to);
                    say(&mut client, "354 go on")?;
                    let Some(letter) = self.body(&mut client, &to)? else { return Ok(()) };
                    let message_id = header(&letter, "Message-ID:");
                    self.accepted.lock().unwrap().push(Accepted { run, message_id, to: to.clone(), letter });
                    (self.watch)(Step::Dot, &to);
                    say(&mut client, "250 2.0.0 kept")?;
                    if self.token.is_some() {
                        return Ok(());
                    }
                    (self.watch)(Step::Told, &to);
                }
                "QUIT" => return say(&mut client, "221 2.0.0 bye"),
                _ => say(&mut client, "250 2.0.0 ok")?,
            }
        }
    }

    fn knows(&self, auth: &str) -> bool {
        let coded = auth.split_whitespace().nth(2).unwrap_or_default();
        let bytes = data_encoding::BASE64.decode(coded.as_bytes()).unwrap_or_default();
        let good = self.token.as_ref().map(|token| token.lock().unwrap().clone()).unwrap_or_default();
        let said = String::from_utf8_lossy(&bytes);
        said.contains(&format!("auth=Bearer {good}\u{1}")) || said.ends_with(&format!("\0{good}"))
    }

    /// The letter up to its dot; `None` when the client died before it: then it is not ours.
    fn body(&self, client: &mut BufReader<TcpStream>, to: &str) -> std::io::Result<Option<String>> {
        let (mut letter, mut lines) = (String::new(), 0);
        loop {
            let Some(line) = heard(client)? else { return Ok(None) };
            if line == ".\r\n" {
                return Ok(Some(letter));
            }
            lines += 1;
            if lines == 20 {
                (self.watch)(Step::Body, to);
            }
            letter.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
    }
}

/// One whole line; half a line before the end is nothing.
fn heard(client: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    client.read_until(b'\n', &mut line)?;
    Ok(line.ends_with(b"\n").then(|| String::from_utf8_lossy(&line).into_owned()))
}

fn say(client: &mut BufReader<TcpStream>, words: &str) -> std::io::Result<()> {
    client.get_mut().write_all(format!("{words}\r\n").as_bytes())
}

/// A header's value; folded lines are joined.
pub(crate) fn header(letter: &str, name: &str) -> String {
    let unfolded = letter.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let value = unfolded.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default();
    value.trim().trim_matches(['<', '>']).to_owned()
}

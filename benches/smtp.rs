//! The courier alone against Postfix's `smtp-sink`, beside Postfix's own `smtp-source -d`: same size, same connections,
//! same run. `cargo bench --bench smtp [-- LETTERS]`; needs Debian's `postfix` for the two programs.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aftercare::care::address::EmailAddress;
use aftercare::care::delivery::AttemptVerdict;
use aftercare::config::sections::smtp::{Smtp, Tls};
use aftercare::letter::content::Letter;
use aftercare::mail::dkim::key::DkimKey;
use aftercare::mail::dkim::signer::DkimSigner;
use aftercare::mail::mime;
use aftercare::mail::smtp::courier::SmtpCourier;
use aftercare::mail::smtp::settings::SmtpSettings;
use aftercare::ports::{Clock, Courier, LastLook, MessageBytes, Outgoing, Transfer};
use anyhow::{Context, ensure};

const LINES: usize = 10;
const ROUNDS: usize = 3;

struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
    fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Stopwatch {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Ends the sink with the bench.
struct Sink(Child);

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.0.kill()); // It may have ended by itself.
        drop(self.0.wait());
    }
}

fn main() -> anyhow::Result<()> {
    let letters = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(20_000);
    let (_sink, port) = sink()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let mut out = std::io::stdout().lock();
    for (words, sample) in [
        ("7bit", "Bring your card, and a list of questions. "),
        ("quoted", "Traiga su tarjeta y una lista. Mañana sí. "),
    ] {
        let letter = letter(sample)?;
        let size = mime::format(&letter).len();
        let watch = Stopwatch::start();
        for _ in 0..10_000 {
            std::hint::black_box(mime::digest(&mime::format(std::hint::black_box(&letter))));
        }
        writeln!(out, "{words}, {size} bytes: format and digest {:?} a letter", watch.0.elapsed() / 10_000)?;
        sign(&mut out, &letter)?;
        for _ in 0..ROUNDS {
            let theirs = source(port, letters, size)?;
            let ours = runtime.block_on(courier(port, letters, &letter))?;
            writeln!(
                out,
                "  smtp-source {theirs:>6.0}/s  courier {ours:>6.0}/s  ratio {:.2}",
                ours / theirs
            )?;
        }
    }
    Ok(())
}

/// What a signature costs, by each kind of key.
fn sign(out: &mut impl Write, letter: &Outgoing) -> anyhow::Result<()> {
    let message = mime::format(letter);
    for kind in [&["rsa", "-pkeyopt", "rsa_keygen_bits:2048"][..], &["ed25519"]] {
        let made = Command::new("openssl").args(["genpkey", "-algorithm"]).args(kind).output()?;
        let key = DkimKey::from_pem(&String::from_utf8(made.stdout)?.into())?;
        let signer = DkimSigner { domain: "clinic.example".into(), selector: "bench".into(), key };
        let watch = Stopwatch::start();
        for _ in 0..1_000 {
            std::hint::black_box(signer.field(std::hint::black_box(&message), letter.date));
        }
        writeln!(out, "  signed with {}: {:?} a letter", kind[0], watch.0.elapsed() / 1_000)?;
    }
    Ok(())
}

fn sink() -> anyhow::Result<(Sink, u16)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut command = Command::new("/usr/sbin/smtp-sink");
    command
        .args(["-u", "nobody", &format!("127.0.0.1:{port}"), "1000"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let sink = Sink(command.spawn().context("smtp-sink; hint: apt-get install postfix")?);
    let watch = Stopwatch::start();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        ensure!(watch.0.elapsed() < Duration::from_secs(5), "smtp-sink does not listen on {port}");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok((sink, port))
}

fn source(port: u16, letters: u32, size: usize) -> anyhow::Result<f64> {
    let watch = Stopwatch::start();
    let status = Command::new("/usr/sbin/smtp-source")
        .args(["-d", "-s", &LINES.to_string(), "-m", &letters.to_string(), "-l", &size.to_string()])
        .args(["-f", "a@clinic.example", "-t", "b@home.example", &format!("127.0.0.1:{port}")])
        .status()?;
    ensure!(status.success(), "smtp-source failed");
    Ok(f64::from(letters) / watch.0.elapsed().as_secs_f64())
}

/// Every letter may leave.
struct Sure;

impl LastLook for Sure {
    fn may_leave(&self) -> bool {
        true
    }
}

async fn courier(port: u16, letters: u32, letter: &Outgoing) -> anyhow::Result<f64> {
    let smtp = Smtp { connections: LINES, ..Smtp::new("127.0.0.1", port, Tls::None) };
    let courier = SmtpCourier::new(SmtpSettings::new(smtp), Arc::new(Stopwatch::start()))?;
    let watch = Stopwatch::start();
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..u32::try_from(LINES)? {
        let (mut connection, letter) = (courier.connection(), letter.clone());
        workers.spawn(async move {
            for number in (worker..letters).step_by(LINES) {
                let letter = Outgoing { message_id: format!("d-{number}@clinic.example"), ..letter.clone() };
                connection.ready().await.map_err(|receipt| anyhow::anyhow!(receipt.reply))?;
                let ended = connection.transfer(&letter, &Sure).await;
                let is_taken =
                    matches!(&ended, Transfer::Over(receipt) if receipt.verdict == AttemptVerdict::Accepted);
                ensure!(is_taken, "{ended:?}");
            }
            connection.rest().await;
            Ok(())
        });
    }
    while let Some(done) = workers.join_next().await {
        done??;
    }
    Ok(f64::from(letters) / watch.0.elapsed().as_secs_f64())
}

fn letter(sample: &str) -> anyhow::Result<Outgoing> {
    let text = format!("{}\n", sample.repeat(2)).repeat(30);
    let html = format!("<p style=\"margin:0\">{}</p>\n", sample.repeat(2)).repeat(50);
    Ok(Outgoing {
        message_id: "d-1@clinic.example".to_owned(),
        date: jiff::Timestamp::UNIX_EPOCH,
        return_path: EmailAddress::parse("bounce+1-abc@clinic.example")?,
        from: ("Clínica".to_owned(), EmailAddress::parse("post@clinic.example")?),
        reply_to: Some(EmailAddress::parse("desk@clinic.example")?),
        to: EmailAddress::parse("someone@home.example")?,
        unsubscribe: Some("https://clinic.example/o/0123456789abcdef0123456789abcdef".to_owned()),
        headers: Vec::new(),
        letter: Letter {
            subject: "A note from your clinic".to_owned(),
            text,
            html,
            calendar: None,
            language: "es".to_owned(),
        },
        wire: MessageBytes::default(),
    })
}

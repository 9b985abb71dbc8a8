//! Letters through a hosted mail server that wants XOAUTH2: tokens are fetched from a token endpoint, and one that is taken no
//! more in the middle of a run is replaced.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aftercare::care::task::TaskKind;

use crate::sandbox::{Ground, balance, references};
use crate::sink::{Sink, Step};

/// A token endpoint that issues `token-1`, `token-2`, … to whoever knows the secret.
struct TokenEndpoint {
    port: u16,
    issued: Arc<AtomicUsize>,
}

impl TokenEndpoint {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let issued = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&issued);
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let (mut got, mut bytes) = (String::new(), [0; 4096]);
                while !is_whole(&got) {
                    let read = client.read(&mut bytes).unwrap();
                    got.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
                }
                let (status, body) = if got.contains("client_secret=right") || got.contains("assertion=ey") {
                    let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                    let token = format!("token-{number}");
                    (200, format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{token}"}}"#))
                } else {
                    (
                        401,
                        r#"{"error":"invalid_client","error_description":"AADSTS7000215: wrong"}"#.to_owned(),
                    )
                };
                let head =
                    format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close");
                write!(client, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
            }
        });
        Self { port, issued }
    }
}

/// Whether a request is there with its whole body.
fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.unwrap().parse::<usize>().unwrap()
}

/// A clinic with a hosted mailbox, whose letters go over one connection.
fn clinic(smtp: u16, endpoint: u16) -> Ground {
    let sandbox = Ground::new(smtp);
    std::fs::write(sandbox.dir.path().join("secret"), "right\n").unwrap();
    sandbox.set("# username = \"aftercare\"", "username = \"care@riverside.example\"");
    sandbox.set("auth = \"plain\"", "auth = \"xoauth2\"");
    sandbox.set("connections = 4", "connections = 1");
    let secret = sandbox.dir.path().join("secret").display().to_string();
    let oauth = format!(
        "[mail.oauth]\ngrant = \"client-credentials\"\ntoken_url = \"http://127.0.0.1:{endpoint}/token\"\n\
         client_id = \"app\"\nclient_secret_credential = \"{secret}\"\nscope = \"https://mail.example/.default\"\n"
    );
    sandbox.set("\n[sending]\n", &format!("\n{oauth}\n[sending]\n"));
    sandbox
}

#[test]
fn a_token_that_expires_in_the_middle_of_a_run_costs_no_letter() {
    let endpoint = TokenEndpoint::start();
    let good = Arc::new(Mutex::new("token-2".to_owned()));
    let (now, taken) = (Arc::clone(&good), Arc::new(AtomicUsize::new(0)));
    let letters = Arc::clone(&taken);
    // After the second letter the token is good no more.
    let sink = Sink::signing_in(Arc::clone(&good), move |step, _| {
        if step == Step::Dot && letters.fetch_add(1, Ordering::SeqCst) == 1 {
            *now.lock().unwrap() = "token-3".to_owned();
        }
    });
    let sandbox = clinic(sink.port, endpoint.port);
    // The first token is another command's, and the server knows it.
    *good.lock().unwrap() = "token-1".to_owned();
    let (code, _, said) = sandbox.run(&["check", "--online"]);
    assert_eq!(code, 0, "{said}");
    *good.lock().unwrap() = "token-2".to_owned();
    sandbox.admit(&references(4), None);
    sandbox.drain();
    // The server hangs up after each letter: one may meet that in the middle of its first words, and waits for its next try.
    let balance = balance(&sandbox.store());
    let sent = sink.to_patients().len();
    let waits = 4 - sent;
    let wanted = [("pending", waits), ("sent", sent)];
    assert!(sent >= 3 && wanted.iter().filter(|(_, count)| *count > 0).eq(&balance), "{balance:?}");
    assert_eq!(endpoint.issued.load(Ordering::SeqCst), 3);
    let wide = std::fs::read_to_string(sandbox.database().with_extension("db-wal")).unwrap_or_default();
    assert!(!wide.contains("token-2"));
}

#[test]
fn a_token_endpoint_that_is_away_holds_letters_and_one_that_refuses_us_is_a_task() {
    let sink = Sink::signing_in(Arc::default(), |_, _| ());
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sandbox = clinic(sink.port, gone);
    sandbox.admit(&references(1), None);
    let refused = |sandbox: &Ground| {
        let tasks = sandbox.store().read(|v| v.tasks_open()).unwrap();
        tasks.iter().any(|task| task.kind == TaskKind::MailRefused)
    };
    sandbox.drain();
    assert_eq!((balance(&sandbox.store()), refused(&sandbox)), (vec![("pending", 1)], false));
    let (code, _, said) = sandbox.run(&["check", "--online"]);
    assert!(code == 69 && said.contains("mail.oauth.token_url"), "{code}: {said}");

    let endpoint = TokenEndpoint::start();
    let old = format!("http://127.0.0.1:{gone}/");
    sandbox.set(&old, &format!("http://127.0.0.1:{}/", endpoint.port));
    std::fs::write(sandbox.dir.path().join("secret"), "s3cret-of-last-year\n").unwrap();
    sandbox.admit(&["R-0002".to_owned()], None);
    sandbox.drain();
    assert_eq!((balance(&sandbox.store()), refused(&sandbox)), (vec![("pending", 2)], true));
    let (code, _, said) = sandbox.run(&["check", "--online"]);
    assert!(code == 78 && said.contains("invalid_client (AADSTS7000215)"), "{code}: {said}");
    assert!(!said.contains("s3cret"), "{said}");
}

/// The blocks of the manual that begin with `# recipe: NAME` and hold `[mail.smtp]`: name and text of each.
fn recipes() -> Vec<(String, String)> {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let blocks = manual.split("```toml\n# recipe: ").skip(1).map(|rest| rest.split("```").next().unwrap());
    let named = blocks.map(|block| block.split_once('\n').unwrap());
    let named = named.filter(|(_, text)| text.contains("[mail.smtp]"));
    named.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// Each recipe as it stands in the manual, but for where servers and secrets are; TLS is tried at Postfix and Dovecot.
#[test]
fn every_mail_account_of_the_manual_signs_in_and_sends() {
    let endpoint = TokenEndpoint::start();
    let recipes = recipes();
    let names: Vec<&str> = recipes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["postfix", "password", "microsoft-365", "google-workspace", "google-refresh-token"]);
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/service_account.json");
    for (name, text) in recipes {
        let by_token = text.contains("[mail.oauth]");
        let good = Arc::new(Mutex::new("right".to_owned()));
        let sink = if name == "postfix" {
            Sink::open(|_, _| ())
        } else {
            Sink::signing_in(Arc::clone(&good), |_, _| ())
        };
        let sandbox = Ground::new(sink.port);
        let secret = sandbox.dir.path().join("secret");
        std::fs::write(&secret, "right\n").unwrap();
        let line = |line: &str| match line.split_once(" = ").map_or(line, |(key, _)| key) {
            "host" => "host = \"127.0.0.1\"".to_owned(),
            "port" => format!("port = {}", sink.port),
            "tls" => "tls = \"none\"".to_owned(),
            "token_url" => format!("token_url = \"http://127.0.0.1:{}/token\"", endpoint.port),
            "key_credential" => format!("key_credential = \"{}\"", key.display()),
            named if named.ends_with("_credential") => format!("{named} = \"{}\"", secret.display()),
            _ => line.to_owned(),
        };
        let recipe: Vec<String> = text.lines().map(line).collect();
        let config = std::fs::read_to_string(sandbox.config()).unwrap();
        let (before, rest) = config.split_once("\n[mail.smtp]\n").unwrap();
        let (_, after) = rest.split_once("\n[sending]\n").unwrap();
        let config = format!("{before}\n{}\n[sending]\n{after}", recipe.join("\n"));
        std::fs::write(sandbox.config(), config).unwrap();
        // Each command is a program of its own, and fetches a token of its own.
        let next = || format!("token-{}", endpoint.issued.load(Ordering::SeqCst) + 1);
        if by_token {
            *good.lock().unwrap() = next();
        }
        let (code, _, said) = sandbox.run(&["check", "--online"]);
        assert_eq!(code, 0, "{name}: {said}");
        if by_token {
            *good.lock().unwrap() = next();
        }
        sandbox.admit(&references(1), None);
        sandbox.drain();
        assert_eq!(balance(&sandbox.store()), [("sent", 1)], "{name}");
    }
}

//! Letters through a hosted mail server that wants XOAUTH2: tokens are fetched from a token endpoint, and one that is taken no
//! more in the middle of a run is replaced.

use std::io::{Read, Write};
use std::net::TcpListener;
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
                while !got.contains("scope=") {
                    let read = client.read(&mut bytes).unwrap();
                    got.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
                }
                let (status, body) = if got.contains("client_secret=right") {
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
    assert_eq!(balance(&sandbox.store()), [("sent", 4)]);
    assert_eq!(sink.to_patients().len(), 4, "each once");
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
    assert!(code == 78 && said.contains("mail.oauth.token_url"), "{code}: {said}");

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

//! Listening sockets that somebody else holds, as systemd does with `aftercare.socket`: no page request is refused while the
//! daemon restarts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::daemon::signal;
use crate::sandbox::{Ground, free_port, until};

const SOON: Duration = Duration::from_secs(30);

/// Sockets in the place of systemd's, at the addresses of the configuration.
struct Held {
    public: TcpListener,
    console: TcpListener,
}

impl Held {
    fn new(sandbox: &Ground) -> Self {
        let (public, console) =
            (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
        let public_key = format!("listen = \"{}\"", public.local_addr().unwrap());
        let text = std::fs::read_to_string(sandbox.config()).unwrap();
        let line = text.lines().find(|line| line.starts_with("listen = ")).unwrap();
        sandbox.set(line, &public_key);
        sandbox.set(&sandbox.console(), &console.local_addr().unwrap().to_string());
        Self { public, console }
    }

    /// Starts the daemon with both: a shell puts them where systemd does, third and fourth, and says for which process.
    fn serve(&self, sandbox: &Ground) -> Child {
        let end = |listener: &TcpListener| Stdio::from(OwnedFd::from(listener.try_clone().unwrap()));
        let serve = sandbox.command(&["serve"]);
        let log =
            std::fs::File::options().create(true).append(true).open(sandbox.dir.path().join("log")).unwrap();
        let script = "LISTEN_PID=$$ LISTEN_FDS=2 exec \"$@\" 3<&0 4<&1 </dev/null >/dev/null";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]).arg(serve.get_program()).args(serve.get_args());
        for name in
            ["AFTERCARE_CONFIG", "CREDENTIALS_DIRECTORY", "RUST_LOG", "NOTIFY_SOCKET", "WATCHDOG_USEC"]
        {
            shell.env_remove(name);
        }
        shell.stdin(end(&self.public)).stdout(end(&self.console)).stderr(log).spawn().unwrap()
    }
}

/// What a GET of this path is answered with; it waits for as long as nobody takes the request up.
fn page(at: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(SOON))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    Ok(said)
}

fn ends(mut daemon: Child) {
    signal(daemon.id(), "-TERM");
    until("serve ends", SOON, || daemon.try_wait().unwrap().is_some());
    assert_eq!(daemon.wait().unwrap().code(), Some(0));
}

#[test]
fn no_page_request_is_refused_while_the_daemon_restarts() {
    let sandbox = Ground::new(free_port());
    let held = Held::new(&sandbox);
    let (public, console) = (held.public.local_addr().unwrap(), held.console.local_addr().unwrap());
    let (asked, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let asks = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let said = page(public, "/help").unwrap();
                assert!(said.starts_with("HTTP/1.1 200"), "{said}");
                asked.fetch_add(1, Ordering::Relaxed);
                // One address gets ten pages a second.
                std::thread::sleep(Duration::from_millis(110));
            }
        });
        let more = |count: usize| {
            let before = asked.load(Ordering::Relaxed);
            until("pages are shown", SOON, || {
                asks.is_finished() || asked.load(Ordering::Relaxed) >= before + count
            });
        };
        let mut daemon = held.serve(&sandbox);
        for _ in 0..3 {
            more(4);
            ends(daemon);
            daemon = held.serve(&sandbox);
        }
        more(4);
        assert!(page(console, "/readyz").unwrap().starts_with("HTTP/1.1 200"));
        over.store(true, Ordering::Relaxed);
        asks.join().unwrap();
        ends(daemon);
    });
    assert!(sandbox.log().contains("systemd keeps the sockets open over a restart"), "{}", sandbox.log());
}

#[test]
fn a_socket_that_no_key_names_is_told_in_the_log_and_by_doctor_until_they_agree() {
    let sandbox = Ground::new(free_port());
    let held = Held::new(&sandbox);
    let (public, moved) =
        (held.public.local_addr().unwrap().to_string(), format!("127.0.0.1:{}", free_port()));
    sandbox.set(&public, &moved);
    let daemon = held.serve(&sandbox);
    let at: SocketAddr = moved.parse().unwrap();
    until("the configured address answers", SOON, || {
        page(at, "/help").is_ok_and(|said| said.contains("200 OK"))
    });
    ends(daemon);
    assert!(
        sandbox.log().contains("systemd listens for us where the configuration does not"),
        "{}",
        sandbox.log()
    );
    let (code, out, _) = sandbox.run(&["doctor"]);
    assert!(code == 1 && out.contains(&format!("systemd listens at {public} for the daemon")), "{out}");

    sandbox.set(&moved, &public);
    let daemon = held.serve(&sandbox);
    assert!(page(held.public.local_addr().unwrap(), "/help").unwrap().contains("200 OK"));
    ends(daemon);
    let (_, out, _) = sandbox.run(&["doctor"]);
    assert!(!out.contains("systemd listens"), "{out}");
}

//! A running `serve`: what it tells systemd, and what it is told.

use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use aftercare::clock::SystemClock;
use aftercare::ports::Clock;

use crate::sandbox::{Ground, until};
use crate::sink::Sink;

pub(crate) const SOON: Duration = Duration::from_secs(30);

/// A running `serve` and what it tells systemd.
pub(crate) struct Daemon {
    pub(crate) child: Child,
    pub(crate) told: Receiver<String>,
}

impl Daemon {
    /// Starts it and waits until it says that it is ready.
    pub(crate) fn ready(sandbox: &Ground) -> Self {
        let daemon = Self::started(sandbox);
        daemon.hears("READY=1");
        daemon
    }

    pub(crate) fn started(sandbox: &Ground) -> Self {
        let socket = sandbox.dir.path().join("notify");
        drop(std::fs::remove_file(&socket));
        let ear = UnixDatagram::bind(&socket).unwrap();
        let (say, told) = channel();
        std::thread::spawn(move || {
            let mut words = [0; 4096];
            while let Ok(count) = ear.recv(&mut words) {
                if say.send(String::from_utf8_lossy(&words[..count]).into_owned()).is_err() {
                    return;
                }
            }
        });
        let log =
            std::fs::File::options().create(true).append(true).open(sandbox.dir.path().join("log")).unwrap();
        let mut command = sandbox.command(&["serve"]);
        command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "400000").stderr(log);
        Self { child: command.spawn().unwrap(), told }
    }

    /// Waits for a message that holds these words; returns it.
    pub(crate) fn hears(&self, words: &str) -> String {
        let begun = SystemClock.monotonic();
        loop {
            let left = SOON.saturating_sub(SystemClock.monotonic() - begun);
            let message =
                self.told.recv_timeout(left).unwrap_or_else(|_| panic!("systemd never heard {words}"));
            if message.contains(words) {
                return message;
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for its end; returns the exit code and how long it took.
    pub(crate) fn ends(mut self) -> (Option<i32>, Duration) {
        let begun = SystemClock.monotonic();
        until("serve ends", Duration::from_secs(12), || self.child.try_wait().unwrap().is_some());
        (self.child.wait().unwrap().code(), SystemClock.monotonic() - begun)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn signal(id: u32, name: &str) {
    let sent = Command::new("kill").args([name, &id.to_string()]).status().unwrap();
    assert!(sent.success());
}

pub(crate) fn quiet() -> Sink {
    Sink::open(|_, _| ())
}

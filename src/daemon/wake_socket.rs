//! How a command reaches the daemon: a datagram socket beside the database, open to its owner alone. Whoever changed something
//! wakes it, so that it need not poll; two such calls melt into one, and a lost one only means that the slow poll comes first.
//! Whoever asks for a reload is answered with what became of it.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixDatagram as Plain};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::UnixDatagram;

use super::lock::beside;

/// Socket addresses hold 108 bytes with their end (unix(7)).
const LONGEST: usize = 100;

/// What wakes the daemon for work.
const WORK: u8 = b'!';
/// What asks it to read its configuration again.
const RELOAD: u8 = b'r';
/// The answer when the new configuration is in force; anything else says why not.
const TAKEN: &[u8] = b"";

/// What a command wants of the daemon.
#[derive(Debug)]
pub enum WakeRequest {
    /// To look whether something is due.
    Work,
    /// To read its configuration again, and to say there what became of it.
    Reload(tokio::net::unix::SocketAddr),
}

/// Why a reload that was asked for did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ReloadRefusal {
    /// Nobody listens on the database's socket.
    #[error("no daemon works on this database: {0}")]
    Nobody(std::io::Error),
    /// There is no way to ask, or to hear the answer.
    #[error("the daemon cannot be asked: {0}")]
    Unasked(std::io::Error),
    /// It listens and did not answer in time.
    #[error("the daemon did not answer: {0}")]
    Silent(std::io::Error),
    /// It says why it keeps what it has.
    #[error("{0}")]
    Refused(String),
}

/// Asks the daemon that works on this database to read its configuration again, and waits for what becomes of it.
///
/// # Errors
/// [`ReloadRefusal`]; then the old configuration stays in force.
pub fn reload(database: &Path, within: Duration) -> Result<(), ReloadRefusal> {
    let own = beside(database, &format!("reload.{}", std::process::id()));
    let answer = ask(&beside(database, "bell"), &own, within);
    // Gone already is as good as removed.
    drop(std::fs::remove_file(&own));
    answer
}

/// Where the answer is to go. A path that does not fit an address has a short one only in the process that opened it; then it is
/// a name in the kernel, which is the same for the daemon.
fn answered_at(own: &Path) -> std::io::Result<SocketAddr> {
    match own.as_os_str().len() <= LONGEST {
        true => SocketAddr::from_pathname(own),
        false => {
            // Anybody may take such a name, so nobody can foretell it.
            let name = RandomState::new().hash_one(own);
            SocketAddr::from_abstract_name(format!("aftercare-reload-{name:016x}"))
        }
    }
}

fn ask(bell: &Path, own: &Path, within: Duration) -> Result<(), ReloadRefusal> {
    // A killed command of the same number left it: in a container the numbers begin anew.
    drop(std::fs::remove_file(own));
    let asked = || -> std::io::Result<Plain> {
        let (_open, bell) = short(bell)?;
        let socket = Plain::bind_addr(&answered_at(own)?)?;
        socket.set_read_timeout(Some(within))?;
        socket.send_to(&[RELOAD], bell)?;
        Ok(socket)
    };
    let socket = asked().map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => ReloadRefusal::Nobody(error),
        _ => ReloadRefusal::Unasked(error),
    })?;
    let mut answer = vec![0; 64 * 1024];
    let length = socket.recv(&mut answer).map_err(ReloadRefusal::Silent)?;
    match answer.get(..length).unwrap_or_default() {
        TAKEN => Ok(()),
        why => Err(ReloadRefusal::Refused(String::from_utf8_lossy(why).into_owned())),
    }
}

/// Rings the bell of the daemon that works on this database. Nobody may be at home: that is no fault, the change is
/// recorded and the next daemon finds it.
pub fn ring(database: &Path) {
    let path = beside(database, "bell");
    let rung = short(&path).and_then(|(_open, path)| {
        let socket = Plain::unbound()?;
        socket.set_nonblocking(true)?;
        socket.send_to(&[WORK], path)
    });
    drop(rung);
}

/// Where the socket of the daemon stands that works on this database.
#[must_use]
pub fn place(database: &Path) -> PathBuf {
    beside(database, "bell")
}

/// Whether a daemon listens on the socket of this database; it is not woken.
#[must_use]
pub fn is_heard(database: &Path) -> bool {
    let path = beside(database, "bell");
    let heard = short(&path).and_then(|(_open, path)| Plain::unbound()?.connect(path));
    heard.is_ok()
}

/// The end of the socket that the daemon listens on.
#[derive(Debug)]
pub struct WakeSocket {
    socket: UnixDatagram,
    path: PathBuf,
}

impl WakeSocket {
    /// Hangs the bell beside the database. The caller holds the database's lock, so a socket found there is a dead one's
    /// and is replaced. Call it inside the runtime.
    ///
    /// # Errors
    /// The system's, e.g. a directory that is not writable.
    pub fn bind(database: &Path) -> std::io::Result<Self> {
        let path = beside(database, "bell");
        forget_askers(database);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let (_open, near) = short(&path)?;
        let socket = UnixDatagram::bind(near)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { socket, path })
    }

    /// Waits until somebody asks for something. Wishes for work that came meanwhile count as one, and one that stands behind a
    /// reload is met by it: a reload wakes every loop. A broken socket never returns: the slow poll still finds what is due.
    pub async fn heard(&self) -> WakeRequest {
        let mut byte = [0_u8; 1];
        let Ok(first) = self.socket.recv_from(&mut byte).await else {
            return std::future::pending().await;
        };
        let (mut from, mut wish) = (first.1, byte[0]);
        while wish != RELOAD {
            match self.socket.try_recv_from(&mut byte) {
                Ok((_, next)) => (from, wish) = (next, byte[0]),
                Err(_) => return WakeRequest::Work,
            }
        }
        WakeRequest::Reload(from)
    }

    /// Tells whoever asked for a reload what became of it. Gone meanwhile, it is told nothing.
    pub fn answer(&self, to: &tokio::net::unix::SocketAddr, outcome: &Result<(), String>) {
        let (to, words) = (to.clone().into(), outcome.as_ref().map_or_else(String::as_bytes, |()| TAKEN));
        let sent = Plain::unbound().and_then(|socket| {
            socket.set_nonblocking(true)?;
            socket.send_to_addr(words, &to)
        });
        drop(sent);
    }
}

impl Drop for WakeSocket {
    fn drop(&mut self) {
        // Gone already is as good as removed.
        drop(std::fs::remove_file(&self.path));
    }
}

/// Sockets of commands that asked for a reload and were killed before they heard the answer. Those that live wait on.
fn forget_askers(database: &Path) {
    let stem = beside(database, "reload.");
    let (Some(directory), Some(stem)) = (stem.parent(), stem.file_name().and_then(|name| name.to_str()))
    else {
        return;
    };
    for left in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let asker: Option<u32> =
            left.file_name().to_str().and_then(|name| name.strip_prefix(stem)?.parse().ok());
        if asker.is_some_and(|id| !Path::new(&format!("/proc/{id}")).exists()) {
            drop(std::fs::remove_file(left.path()));
        }
    }
}

/// A name for `path` that fits a socket address: itself, or a short way through the open directory.
fn short(path: &Path) -> std::io::Result<(Option<File>, PathBuf)> {
    if path.as_os_str().len() <= LONGEST {
        return Ok((None, path.to_owned()));
    }
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(std::io::Error::from(ErrorKind::InvalidFilename));
    };
    let open = File::open(directory)?;
    let near = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd())).join(name);
    Ok((Some(open), near))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    fn silent(bell: &WakeSocket) -> bool {
        let mut heard = std::pin::pin!(bell.heard());
        matches!(heard.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending)
    }

    #[tokio::test]
    async fn a_poke_is_heard_and_many_are_heard_once() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        let bell = WakeSocket::bind(&database).unwrap();
        assert!(silent(&bell));
        ring(&database);
        ring(&database);
        bell.heard().await;
        assert!(silent(&bell));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_asks_for_a_reload_is_told_what_became_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        let socket = WakeSocket::bind(&database).unwrap();
        // What a killed command of the same number left.
        drop(Plain::bind(beside(&database, &format!("reload.{}", std::process::id()))).unwrap());
        for outcome in [Ok(()), Err("`web.listen` has changed".to_owned())] {
            let place = database.clone();
            let asks = tokio::task::spawn_blocking(move || reload(&place, Duration::from_secs(10)));
            let WakeRequest::Reload(from) = socket.heard().await else { panic!("a reload was asked for") };
            socket.answer(&from, &outcome);
            assert_eq!(asks.await.unwrap().map_err(|refusal| refusal.to_string()), outcome);
        }
        drop(socket);
        assert!(matches!(reload(&database, Duration::from_secs(1)), Err(ReloadRefusal::Nobody(_))));
        let left: Vec<_> =
            std::fs::read_dir(dir.path()).unwrap().flatten().map(|file| file.file_name()).collect();
        assert_eq!(left, Vec::<std::ffi::OsString>::new(), "no socket of an asker stays behind");
    }

    #[tokio::test]
    async fn a_long_path_has_a_bell_too() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("d".repeat(120));
        std::fs::create_dir(&deep).unwrap();
        let database = deep.join("a.db");
        let bell = WakeSocket::bind(&database).unwrap();
        ring(&database);
        bell.heard().await;
        // A daemon is another process: what its asker has open says nothing to it.
        let asks = tokio::task::spawn_blocking(move || reload(&database, Duration::from_secs(10)));
        let WakeRequest::Reload(from) = bell.heard().await else { panic!("a reload was asked for") };
        let named = SocketAddr::from(from.clone()).as_pathname().map(Path::to_owned);
        assert!(named.is_none_or(|path| !path.starts_with("/proc")), "its own alone");
        bell.answer(&from, &Ok(()));
        asks.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_a_killed_reload_left_goes_with_the_next_start_and_a_living_ones_stays() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        let of = |id: u32| beside(&database, &format!("reload.{id}"));
        // No process has so high a number.
        let (dead, living) = (of(u32::MAX), of(std::process::id()));
        let other = dir.path().join("a.db.reload.notes");
        for left in [&dead, &living, &other] {
            std::fs::write(left, "").unwrap();
        }
        let _bell = WakeSocket::bind(&database).unwrap();
        assert!(!dead.exists() && living.exists() && other.exists());
    }

    #[tokio::test]
    async fn a_dead_daemons_socket_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        std::mem::forget(WakeSocket::bind(&database).unwrap());
        let bell = WakeSocket::bind(&database).unwrap();
        ring(&database);
        bell.heard().await;
    }

    #[tokio::test]
    async fn the_bell_is_its_owners_alone_and_goes_with_the_daemon() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        let bell = WakeSocket::bind(&database).unwrap();
        let socket = beside(&database, "bell");
        assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
        drop(bell);
        assert!(!socket.exists());
    }

    #[tokio::test]
    async fn ringing_while_no_daemon_listens_is_no_fault_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        ring(&dir.path().join("gone/a.db"));
        ring(&database);
        assert!(!is_heard(&database));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        // Nor does it keep the next daemon from listening, or wake it for what was rung before.
        let bell = WakeSocket::bind(&database).unwrap();
        assert!(silent(&bell) && is_heard(&database));
        ring(&database);
        bell.heard().await;
    }
}

//! The doorbell: a command that changed something pokes the daemon, which so need not poll. A datagram socket beside the
//! database, open to its owner alone; two rings melt into one, and a lost ring only means the slow poll comes first.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram as Plain;
use std::path::{Path, PathBuf};

use tokio::net::UnixDatagram;

use super::lock::beside;

/// Socket addresses hold 108 bytes with their end (unix(7)).
const LONGEST: usize = 100;

/// Rings the bell of the daemon that works on this database. Nobody may be at home: that is no fault, the change is
/// recorded and the next daemon finds it.
pub fn ring(database: &Path) {
    let path = beside(database, "bell");
    let rung = short(&path).and_then(|(_open, path)| {
        let socket = Plain::unbound()?;
        socket.set_nonblocking(true)?;
        socket.send_to(b"!", path)
    });
    drop(rung);
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
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let (_open, near) = short(&path)?;
        let socket = UnixDatagram::bind(near)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { socket, path })
    }

    /// Waits until somebody rings; rings that came meanwhile count as one. A broken socket never returns: the slow poll
    /// still finds what is due.
    pub async fn heard(&self) {
        let mut byte = [0_u8; 1];
        if self.socket.recv(&mut byte).await.is_err() {
            std::future::pending::<()>().await;
        }
        while self.socket.try_recv(&mut byte).is_ok() {}
    }
}

impl Drop for WakeSocket {
    fn drop(&mut self) {
        // Gone already is as good as removed.
        drop(std::fs::remove_file(&self.path));
    }
}

/// A name for `path` that fits a socket address: itself, or a short way through the open directory.
fn short(path: &Path) -> std::io::Result<(Option<File>, PathBuf)> {
    if path.as_os_str().len() <= LONGEST {
        return Ok((None, path.to_owned()));
    }
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(std::io::Error::from(std::io::ErrorKind::InvalidFilename));
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
        heard.as_mut().poll(&mut Context::from_waker(Waker::noop())) == Poll::Pending
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

    #[tokio::test]
    async fn a_long_path_has_a_bell_too() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("d".repeat(120));
        std::fs::create_dir(&deep).unwrap();
        let database = deep.join("a.db");
        let bell = WakeSocket::bind(&database).unwrap();
        ring(&database);
        bell.heard().await;
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

    #[test]
    fn ringing_at_an_empty_house_is_no_fault() {
        ring(Path::new("/nonexistent/a.db"));
    }
}

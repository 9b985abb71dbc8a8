//! A look at a place that may not answer: a disk of another machine that is away stops whoever touches it, for ever.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// After so long a place is said not to answer.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What the look gives; `None` where it does not end within that time. Then its thread is left behind, and ends with the place.
#[must_use]
pub fn look_within<T: Send + 'static>(
    patience: Duration,
    look: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    begin(look)?.recv_timeout(patience).ok()
}

/// That a place does not answer, if it is so: for whoever is about to touch it, and could not be ended then.
#[must_use]
pub fn silence(place: &Path) -> Option<PlaceFault> {
    let touched = place.to_owned();
    let answer = look_within(PATIENCE, move || drop(std::fs::metadata(touched)));
    answer.is_none().then(|| PlaceFault::Silent(place.to_owned()))
}

/// What speaks against writing into a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceFault {
    /// Whoever touches it waits for ever.
    #[error("`{}` does not answer: its disk or the network to it hangs", .0.display())]
    Silent(PathBuf),
    /// It is no place for files of ours, for this reason.
    #[error("{0}")]
    Unfit(String),
}

fn begin<T: Send + 'static>(look: impl FnOnce() -> T + Send + 'static) -> Option<mpsc::Receiver<T>> {
    let (tell, told) = mpsc::channel();
    let looking = std::thread::Builder::new().name("look".to_owned()).spawn(move || drop(tell.send(look())));
    looking.ok().map(|_| told)
}

/// A place that is looked at again and again: while one look hangs no other is begun, so that threads do not heap up. Cheap to
/// clone.
pub struct PlaceLook<T>(Arc<Mutex<Option<mpsc::Receiver<T>>>>);

impl<T> Clone for PlaceLook<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for PlaceLook<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Send + 'static> PlaceLook<T> {
    /// [`look_within`]; `None` at once while an earlier look hangs.
    pub(in crate::daemon) fn look(
        &self,
        patience: Duration,
        look: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let mut late = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if late.as_ref().is_some_and(|told| matches!(told.try_recv(), Err(TryRecvError::Empty))) {
            return None;
        }
        let told = begin(look)?;
        let found = told.recv_timeout(patience).ok();
        *late = found.is_none().then_some(told);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_does_not_answer_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let read = pipe.clone();
        assert!(look_within(Duration::from_millis(50), move || std::fs::read(read)).is_none());
        // Whoever writes into it lets the other go.
        std::fs::write(&pipe, "").unwrap();
        assert_eq!(look_within(PATIENCE, || 7), Some(7));
    }

    #[test]
    fn a_place_that_hangs_is_not_looked_at_beside_that_look() {
        let (soon, place) = (Duration::from_millis(50), PlaceLook::default());
        let (ends, end) = mpsc::channel::<()>();
        assert_eq!(place.look(soon, move || end.recv().map_or(1, |()| 2)), None);
        assert_eq!(place.look(PATIENCE, || 3), None, "a second thread hangs beside the first");
        drop(ends);
        let mut found = None;
        while found.is_none() {
            found = place.look(PATIENCE, || 4);
        }
        assert_eq!(found, Some(4));
    }
}

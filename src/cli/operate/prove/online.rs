//! A question to a server elsewhere, for the provers that put one: asked on a runtime that nobody waits for afterwards.

use tokio::runtime::Builder;

/// What the question gives. A look-up of a name that a silent name server keeps goes on behind it, and holds nobody: the question has
/// its own deadline.
///
/// # Errors
/// The system gives no runtime.
pub(super) fn ask<T>(question: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(question);
    runtime.shutdown_background();
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_look_up_that_hangs_is_not_waited_for_once_the_question_is_given_up() {
        let (ends, end) = mpsc::channel::<()>();
        let (answered, is_answered) = mpsc::channel();
        let asking = std::thread::spawn(move || {
            // As `getaddrinfo` in front of a name server that is silent.
            let question = async move {
                let lookup = tokio::task::spawn_blocking(move || end.recv().is_err());
                tokio::time::timeout(Duration::from_millis(20), lookup).await.is_err()
            };
            answered.send(ask(question).unwrap()).unwrap();
        });
        let in_time = is_answered.recv_timeout(Duration::from_secs(20));
        drop(ends);
        asking.join().unwrap();
        assert_eq!(in_time, Ok(true), "it waits for the look-up");
    }
}

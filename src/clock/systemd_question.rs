//! Who may ask the kernel where we may not: systemd's timedated, which the bus starts when it is asked. `timedatectl` speaks to it.

use std::io::Read;
use std::os::fd::AsFd;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::Once;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How many milliseconds an answer may take: it comes within a few, or as soon as timedated has started.
const WITHIN: u16 = 2000;

/// Whether something outside keeps the kernel's clock right, and `false` where nobody tells. It holds its thread meanwhile,
/// for two seconds at most.
pub(super) fn keeps_right() -> bool {
    static WARNED: Once = Once::new();
    let mut asked = Command::new("timedatectl");
    asked.args(["show", "--property=NTPSynchronized", "--value"]);
    let answer = answer(&mut asked, WITHIN);
    if answer.is_none() {
        WARNED.call_once(|| tracing::warn!("nobody tells whether something keeps the clock right"));
    }
    answer == Some(true)
}

/// The yes or no that a program prints; nothing where it cannot be started, says something else, or takes longer.
fn answer(program: &mut Command, within: u16) -> Option<bool> {
    let mut child = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let said = child.stdout.as_mut().and_then(|said| word(said, within));
    // It has nothing more to say, or is too slow to be waited for.
    drop(child.kill());
    drop(child.wait());
    match said?.trim_ascii() {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

/// What it writes first: so short a word comes in one piece (pipe(7), atomicity).
fn word(said: &mut ChildStdout, within: u16) -> Option<Vec<u8>> {
    let mut listened = [PollFd::new(said.as_fd(), PollFlags::POLLIN)];
    poll(&mut listened, PollTimeout::from(within)).ok().filter(|ready| *ready > 0)?;
    let mut word = [0; 8];
    let length = said.read(&mut word).ok()?;
    Some(word[..length].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, within: u16) -> Option<bool> {
        answer(Command::new("sh").args(["-c", script]), within)
    }

    #[test]
    fn a_plain_yes_or_no_is_an_answer_and_nothing_else() {
        for (script, expected) in [
            ("echo yes", Some(true)),
            ("echo no", Some(false)),
            ("echo yesterday", None),
            ("echo 'Failed to connect to bus' >&2; exit 1", None),
        ] {
            assert_eq!(shell(script, WITHIN), expected, "{script}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_tells_nothing() {
        assert_eq!(answer(&mut Command::new("/nowhere/timedatectl"), WITHIN), None);
    }

    #[test]
    fn a_program_that_hangs_is_waited_for_no_longer_than_allowed_and_ended() {
        // Without a deadline, or if it were not ended, this test would take an hour.
        assert_eq!(answer(Command::new("sleep").arg("3600"), 1), None);
        assert_eq!(shell("echo yes; exec sleep 3600", WITHIN), Some(true));
    }
}

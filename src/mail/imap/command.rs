//! One command and what the server says to it, down to the line that tells whether it was done: the library's own reader of lists
//! takes a refusal for an empty list, and a message that was refused is then one that never came.

use async_imap::Session;
use async_imap::error::{Error, Result as ImapResult};
use async_imap::imap_proto::{Outcome, Response, Status};

use crate::mail::imap::sign_in::ImapStream;

/// Says a command; `each` hears what comes beside its end.
///
/// # Errors
/// `Error::No` and `Error::Bad` when the server does not do it; whatever breaks the line.
pub(in crate::mail::imap) async fn run(
    session: &mut Session<ImapStream>,
    command: &str,
    mut each: impl FnMut(&Response<'_>),
) -> ImapResult<()> {
    let ours = session.run_command(command).await?;
    loop {
        let said = session.read_response().await?.ok_or(Error::ConnectionLost)?;
        match said.parsed() {
            Response::Done { tag, status, outcome } if *tag == ours => return end(status, outcome),
            other => each(other),
        }
    }
}

fn end(status: &Status, outcome: &Outcome<'_>) -> ImapResult<()> {
    let said = || format!("code: {:?}, info: {:?}", outcome.code, outcome.information.as_deref());
    match status {
        Status::Ok => Ok(()),
        Status::No => Err(Error::No(said())),
        Status::Bad | Status::PreAuth | Status::Bye => Err(Error::Bad(said())),
    }
}

/// Whether the server understood a command and did not do it: the line goes on.
pub(in crate::mail::imap) const fn is_refused(error: &Error) -> bool {
    matches!(error, Error::No(_) | Error::Bad(_))
}

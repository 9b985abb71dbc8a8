//! Prover of the way in: with `--online` the mailbox of replies is opened, to be read only.

use std::sync::Arc;

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::cli::operate::prove::online::ask;
use crate::clock::SystemClock;
use crate::daemon::assembly::mail_account;
use crate::mail::imap::fault::ImapFault;
use crate::mail::imap::mailbox::OpenMailbox;
use crate::ports::Clock;

/// Where to look when something answers and then says nothing, or breaks off.
const SILENT: &str = "is it the IMAP server that listens there, on this port with this `tls` (993 wants \"implicit\")? Does a firewall between \
                      swallow what it says? If all of that is right, ask whoever runs the server";

/// Connects, encrypts, signs in, opens the folder and says goodbye. No message is read.
pub(super) fn online(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = context.config.as_ref().filter(|_| context.online) else { return Vec::new() };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let Some(settings) = mail_account::imap_settings(&config.mail, &clock) else { return Vec::new() };
    let look = async {
        OpenMailbox::open(&settings).await?.leave().await;
        Ok(())
    };
    let fault = match ask(look) {
        Ok(Ok(())) => return Vec::new(),
        Ok(Err(fault)) => fault,
        Err(error) => ImapFault::Lost(error.to_string()),
    };
    let key = match fault {
        ImapFault::SignIn(_) | ImapFault::Password(_) => "mail.imap.username",
        ImapFault::Folder(_) => "mail.imap.folder",
        ImapFault::Connect(_) | ImapFault::Lost(_) => "mail.imap.host",
    };
    let told = fault.to_string();
    let (problem, hint) = told.split_once("; hint: ").unwrap_or((&told, "look at `[mail.imap]`"));
    // The daemon waits; whoever asks now wants to know where to look.
    let hint = if matches!(fault, ImapFault::Lost(_)) { SILENT } else { hint };
    vec![context.fault_at(key, problem, hint)]
}

//! Provers of the way out: the mail settings, and with `--online` the mail server itself.

use std::sync::Arc;

use super::{Finding, Ground};
use crate::clock::SystemClock;
use crate::config::Transport;
use crate::daemon::engine;
use crate::mail::smtp::SmtpCourier;

/// The settings of the mail room contradict nothing; nobody is called.
pub(super) fn settings(ground: &Ground) -> Vec<Finding> {
    let Some(Transport::Smtp(smtp)) = ground.config.as_ref().map(|c| &c.mail.transport) else {
        return Vec::new();
    };
    match engine::smtp_settings(smtp).checked() {
        Ok(_) => Vec::new(),
        Err(fault) => vec![ground.fault_at("mail.smtp", &fault.to_string(), "look at `[mail.smtp]`")],
    }
}

/// With `--online`: connects, encrypts, signs in and says goodbye.
pub(super) fn online(ground: &Ground) -> Vec<Finding> {
    let Some(Transport::Smtp(smtp)) = ground.config.as_ref().map(|c| &c.mail.transport) else {
        return Vec::new();
    };
    if !ground.online {
        return Vec::new();
    }
    let Ok(courier) = SmtpCourier::new(engine::smtp_settings(smtp), Arc::new(SystemClock)) else {
        return Vec::new();
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map(|runtime| runtime.block_on(courier.greet())) {
        Ok(Ok(_)) => Vec::new(),
        Ok(Err(snag)) => {
            let told = snag.to_string();
            let (problem, hint) = told.split_once("; hint: ").unwrap_or((&told, "look at `[mail.smtp]`"));
            vec![ground.fault_at("mail.smtp.host", problem, hint)]
        }
        Err(error) => {
            vec![ground.fault_at("mail.smtp", &error.to_string(), "free some memory and try again")]
        }
    }
}

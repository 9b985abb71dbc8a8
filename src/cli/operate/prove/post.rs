//! Provers of the way out: the mail settings, and with `--online` the mail server itself.

use std::sync::Arc;

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::cli::operate::prove::online::ask;
use crate::clock::SystemClock;
use crate::config::sections::mail::Mail;
use crate::config::sections::mail::Transport;
use crate::config::sections::smtp::Smtp;
use crate::daemon::assembly::mail_account;
use crate::mail::smtp::courier::SmtpCourier;
use crate::mail::smtp::ehlo_name;
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::smtp::transport::connect_error::ConnectError;
use crate::ports::Clock;

/// The settings of the `mail` module contradict nothing, and there is a full name to say at EHLO; nobody is called.
pub(super) fn settings(context: &CheckContext) -> Vec<CheckFinding> {
    let Some((smtp, mail)) = by_smtp(context) else { return Vec::new() };
    let mut found = Vec::new();
    if let Err(fault) = opened(smtp, mail).checked() {
        found.push(context.fault_at("mail.smtp", &fault.to_string(), "look at `[mail.smtp]`"));
    }
    found.extend(name_said(context, smtp, &mail.message_id_domain, ehlo_name::host_name().as_deref()));
    found
}

/// Many mail servers refuse whoever says a short name; this machine's own is not said then, and somebody should know.
fn name_said(context: &CheckContext, smtp: &Smtp, domain: &str, host: Option<&str>) -> Option<CheckFinding> {
    let host = host.unwrap_or("no name");
    if smtp.hello.is_some() || ehlo_name::is_full(host) {
        return None;
    }
    let problem = format!(
        "this machine calls itself `{host}`, which is no full name; mail servers are told `{domain}`"
    );
    let hint = "set `hello` in `[mail.smtp]` to the full name under which the mail server knows this machine, e.g. `mail.clinic.example`";
    Some(context.remark_at("mail.smtp.hello", &problem, hint))
}

fn opened(smtp: &Smtp, mail: &Mail) -> SmtpSettings {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    mail_account::smtp_settings(mail, smtp, &clock)
}

fn by_smtp(context: &CheckContext) -> Option<(&Smtp, &Mail)> {
    let mail = context.config.as_ref().map(|config| &config.mail)?;
    match &mail.transport {
        Transport::Smtp(smtp) => Some((smtp, mail)),
        Transport::Spool => None,
    }
}

/// Patients write back, and calendars decline appointments: somebody should read that.
pub(super) fn replies(context: &CheckContext) -> Vec<CheckFinding> {
    let is_missing = context.config.as_ref().is_some_and(|config| config.mail.reply_to.is_none());
    if !is_missing {
        return Vec::new();
    }
    let problem = "is not set, so what patients write back and calendars decline goes to the sender's mailbox, and every letter says \
                   that nobody reads it";
    let hint = "name a mailbox that people read in office hours, and let `aftercare bounce` read it too (docs/operating.md)";
    vec![context.remark_at("mail.reply_to", problem, hint)]
}

/// With `--online`: connects, encrypts, signs in and says goodbye.
pub(super) fn online(context: &CheckContext) -> Vec<CheckFinding> {
    let Some((smtp, mail)) = by_smtp(context).filter(|_| context.online) else { return Vec::new() };
    let Ok(courier) = SmtpCourier::new(opened(smtp, mail), Arc::new(SystemClock)) else {
        return Vec::new();
    };
    match ask(courier.greet()) {
        Ok(Ok(_)) => Vec::new(),
        Ok(Err(fault)) => {
            let told = fault.to_string();
            let (problem, hint) = told.split_once("; hint: ").unwrap_or((&told, "look at `[mail.smtp]`"));
            let by_token = matches!(fault, ConnectError::TokenIssuerAway(_) | ConnectError::TokenRefused(_));
            let key = if by_token { "mail.oauth.token_url" } else { "mail.smtp.host" };
            vec![match is_away(&fault) {
                true => context.away_at(key, problem, hint),
                false => context.fault_at(key, problem, hint),
            }]
        }
        Err(error) => {
            vec![context.fault_at("mail.smtp", &error.to_string(), "free some memory and try again")]
        }
    }
}

/// Whether the server, or who issues its tokens, is away: what is configured may well be right.
const fn is_away(fault: &ConnectError) -> bool {
    matches!(
        fault,
        ConnectError::Unreachable { .. }
            | ConnectError::TokenIssuerAway(_)
            | ConnectError::Lost { .. }
            | ConnectError::TooSlow(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::operate::prove::tests::context;

    #[test]
    fn a_machine_without_a_full_name_is_remarked_unless_the_configuration_gives_one() {
        let (_dir, mut context, _) = context(&[
            ("transport = \"spool\"", "transport = \"smtp\""),
            ("smtp.riverside.example", "127.0.0.1"),
        ]);
        let mut look = |hello: Option<&str>, host: &str| {
            if let Some(Transport::Smtp(smtp)) = context.config.as_mut().map(|c| &mut c.mail.transport) {
                smtp.hello = hello.map(str::to_owned);
            }
            let (smtp, mail) = by_smtp(&context).unwrap();
            name_said(&context, smtp, &mail.message_id_domain, Some(host))
        };
        let Some(CheckFinding::Remark(remark)) = look(None, "vm") else { panic!("no remark") };
        assert!(remark.problem.contains("`vm`") && remark.hint.contains("hello"), "{remark:?}");
        assert_eq!(look(None, "mail.clinic.example"), None);
        assert_eq!(look(Some("mail.clinic.example"), "vm"), None);
    }
}

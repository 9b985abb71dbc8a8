//! Rules between keys.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::civil::Time;

use super::types::Transport;
use crate::care::address::EmailAddress;
use crate::config::file::addresses::is_loopback;
use crate::config::file::reader::Section;
use crate::config::sections::types::{ClinicSection, RungSection, SmtpSection, TlsMode};

pub(in crate::config) fn smtp(s: &Section<'_, '_>, host: Option<&str>, tls: Option<TlsMode>) {
    if tls == Some(TlsMode::None) && host.is_some_and(|h| !is_loopback(h)) {
        let hint = "use `starttls` or `implicit`; `none` is for a server on this very machine (127.0.0.1, ::1, localhost)";
        s.fault("tls", "is `none`, but the server is another machine", hint);
    }
    match (s.has("username"), s.has("password_credential")) {
        (true, false) => {
            let hint =
                "name the credential that holds the password: `password_credential = \"smtp-password\"`";
            s.fault("username", "has no `password_credential` beside it", hint);
        }
        (false, true) => s.fault("password_credential", "has no `username` beside it", "add `username`"),
        _ => {}
    }
}

/// Each letter's return path is the sender's mailbox with `+NUMBER-TAG` behind it: at most twelve digits, ten of the tag and
/// two signs. A mailbox name longer than 64 octets (RFC 5321 §4.5.3.1.1) is refused by every server.
const LONGEST_SENDER: usize = 64 - 24;

pub(in crate::config) fn sender(s: &Section<'_, '_>, from: &EmailAddress) {
    let local = from.expose().split('@').next().unwrap_or_default().len();
    if local > LONGEST_SENDER {
        let problem = format!("has {local} characters before the @, and {LONGEST_SENDER} are the most");
        s.fault(
            "from",
            &problem,
            "choose a shorter address: each letter adds up to 24 characters of its own to it",
        );
    }
}

/// Words in a language nobody is written to would look as if they were in use.
pub(in crate::config) fn local_languages(
    about: &Section<'_, '_>,
    clinic: &ClinicSection,
    languages: &[String],
) {
    let section = about.section("in");
    for language in clinic.local.keys().filter(|l| !languages.contains(l)) {
        let hint = "add the language to `sending.languages`, or take this section away";
        section.fault(language, "is a language the clinic does not write in", hint);
    }
}

pub(in crate::config) fn at_in_window(s: &Section<'_, '_>, at: Time, (opens, closes): (Time, Time)) {
    if at < opens || at >= closes {
        let key = if s.has("at") { "at" } else { "window" };
        let hint = "reminders leave at `at`, so the window must hold it; its end is exclusive";
        s.fault(key, &format!("puts reminders at {at}, outside the window {opens} to {closes}"), hint);
    }
}

const MOST_RETRIES: usize = 20;

pub(in crate::config) fn retry(s: &Section<'_, '_>, steps: &[Duration], give_up_after: Duration) {
    if steps.is_empty() {
        s.fault("retry", "names no step", "name at least one wait, e.g. `[\"5m\", \"1h\"]`");
    }
    if steps.len() > MOST_RETRIES {
        s.fault("retry", "names more than 20 waits", "name 1 to 20: the last one repeats");
    }
    if steps.is_sorted() {
        if steps.first().is_some_and(|first| *first > give_up_after) {
            s.fault(
                "give_up_after",
                "is shorter than the first retry",
                "no letter would ever be tried twice",
            );
        }
        return;
    }
    s.fault("retry", "goes down", "write the waits from short to long: `[\"5m\", \"1h\"]`");
}

pub(in crate::config) fn ladder(s: &Section<'_, '_>, rungs: &[RungSection]) {
    if !rungs.is_sorted_by_key(|r| r.after) {
        s.fault("ladder", "is out of order", "write the rungs by `after`, from early to late");
    }
    let ids: Vec<&String> = rungs.iter().filter_map(|rung| rung.id.as_ref()).collect();
    if let Some(twice) = ids.iter().enumerate().find(|(n, id)| ids[..*n].contains(id)).map(|(_, id)| id) {
        let hint = "give each rung an `id` of its own, or none";
        s.fault("ladder", &format!("gives two rungs the id `{twice}`"), hint);
    }
    if rungs.iter().all(|r| r.after > Duration::ZERO) && !rungs.is_empty() {
        s.fault("ladder", "leaves a new alert untold", "give the first rung `after = \"0m\"`");
    }
}

/// Made-up numbers must not reach patients: a fault as soon as letters leave this machine.
pub(in crate::config) fn made_up_numbers(s: &Section<'_, '_>, clinic: &ClinicSection, transport: &Transport) {
    let leaves = matches!(transport, Transport::Smtp(SmtpSection { host, .. }) if !is_loopback(host));
    if !leaves {
        return;
    }
    for (key, number) in made_up(clinic) {
        let hint = "write the clinic's own number; patients will ring it";
        s.fault(key, &format!("is still the made-up `{number}` of the example"), hint);
    }
}

/// The numbers that are still those of the shipped example.
pub(in crate::config) fn made_up(clinic: &ClinicSection) -> Vec<(&'static str, &str)> {
    [
        ("phone_office", clinic.phone_office.as_str(), "+1 555 0100"),
        ("phone_24h", clinic.phone_24h.as_str(), "+1 555 0199"),
    ]
    .into_iter()
    .filter(|(_, number, example)| number == example)
    .map(|(key, number, _)| (key, number))
    .collect()
}

/// The console must have an address that staff can follow, and a port of its own.
pub(in crate::config) fn listeners(s: &Section<'_, '_>, public: SocketAddr, console: SocketAddr) {
    let is_any = |at: SocketAddr| at.ip().is_unspecified();
    if public == console {
        let hint = "give the console a port of its own, reachable from inside the clinic only";
        s.fault("console_listen", "is the same as `web.listen`", hint);
    } else if public.port() == console.port() && (is_any(public) || is_any(console)) {
        let hint = "give the console a port of its own: `0.0.0.0` and `[::]` take the port at every address";
        s.fault("console_listen", "has the port of `web.listen`", hint);
    }
    if is_any(console) && !s.has("console_url") {
        let hint = "add `console_url`, e.g. `https://console.clinic.example`: letters to staff link to it";
        s.fault("console_listen", "is no address that a link can lead to", hint);
    }
}

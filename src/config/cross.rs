//! Rules between sections. What concerns one section alone stands with it.

use crate::config::file::addresses::is_loopback;
use crate::config::file::reader::Section;
use crate::config::sections::clinic::Clinic;
use crate::config::sections::mail::Transport;
use crate::config::sections::smtp::Smtp;
use crate::config::sections::web::Web;

/// Words in a language nobody is written to would look as if they were in use.
pub(in crate::config) fn local_languages(s: &Section<'_, '_>, clinic: &Clinic, languages: &[String]) {
    let section = s.section("in");
    for language in clinic.local.keys().filter(|l| !languages.contains(l)) {
        let hint = "add the language to `sending.languages`, or take this section away";
        section.fault(language, "is a language the clinic does not write in", hint);
    }
}

/// Made-up numbers must not reach patients: a fault as soon as letters leave this machine.
pub(in crate::config) fn made_up_numbers(s: &Section<'_, '_>, clinic: &Clinic, transport: &Transport) {
    let leaves = matches!(transport, Transport::Smtp(Smtp { host, .. }) if !is_loopback(host));
    if !leaves {
        return;
    }
    for (key, number) in clinic.made_up_numbers() {
        let hint = "write the clinic's own number; patients will ring it";
        s.fault(key, &format!("is still the made-up `{number}` of the example"), hint);
    }
}

/// A provider sends staff back to the console with what lets them in: by TLS, or to this very machine.
pub(in crate::config) fn openid_return(s: &Section<'_, '_>, web: &Web) {
    if s.is_there() && web.console_url.is_none() && !web.console_listen.ip().is_loopback() {
        let hint = "add `console_url` to `[web]`, e.g. `https://console.clinic.example`";
        s.fault("issuer", "needs an address of the console that is encrypted", hint);
    }
}

//! The sections about the world around: alerts, pages, heartbeat, backup, paths, trials.

use std::path::PathBuf;
use std::time::Duration;

use super::cross;
use super::places::{Backup, Heartbeat, Paths, Test};
use super::types::{Alerts, Web, Webhook};
use crate::config::file::addresses::{ip, origin, socket, url};
use crate::config::file::ranges::{count, span};
use crate::config::file::reader::Section;
use crate::config::file::values::{LONGEST_PATH, address, list, path, switch, weekdays, window, words};
use crate::config::sections::types::RungSection;

pub(in crate::config) fn alerts(s: &Section<'_, '_>) -> Option<Alerts> {
    let written = s.has("ladder");
    let rungs = s.sections("ladder");
    let ladder: Option<Vec<RungSection>> = rungs.iter().map(rung).collect();
    if s.is_there() && (!written || (rungs.is_empty() && ladder.is_some())) {
        let hint = "add one `[[alerts.ladder]]` for each person to tell, the first with `after = \"0m\"`";
        s.fault("ladder", "names nobody", hint);
    }
    let section = s.section("webhook");
    let webhook = if section.is_there() { Some(webhook(&section)) } else { None };
    let repeat_every = s.or("repeat_every", Duration::from_secs(900), span("1m", "1d"));
    let test_every_days = s.or("test_every_days", 30, count(1, 366));
    let patient_letter = s.or("patient_letter", false, switch);
    let ladder = ladder?;
    cross::ladder(s, &ladder);
    s.close();
    let webhook = match webhook {
        Some(call) => Some(call?),
        None => None,
    };
    Some(Alerts { ladder, webhook, repeat_every, test_every_days, patient_letter })
}

fn rung(s: &Section<'_, '_>) -> Option<RungSection> {
    let id = s.may("id", words(60));
    let name = s.need("name", words(100));
    let email = s.need("email", address);
    let webhook = s.may("webhook", url);
    let hours = s.may("hours", window);
    let days = s.may("days", weekdays);
    let after = s.need("after", span("0m", "1h"));
    s.close();
    Some(RungSection { id, name: name?, email: email?, webhook, hours, days, after: after? })
}

fn webhook(s: &Section<'_, '_>) -> Option<Webhook> {
    let url = s.need("url", url);
    let secret_credential = s.need("secret_credential", words(LONGEST_PATH));
    s.close();
    Some(Webhook { url: url?, secret_credential: secret_credential? })
}

pub(in crate::config) fn web(s: &Section<'_, '_>) -> Option<Web> {
    let listen = s.need("listen", socket);
    let public_url = s.need("public_url", origin);
    let console_listen = s.need("console_listen", socket);
    let console_url = s.may("console_url", origin);
    let trusted_proxies = s.or("trusted_proxies", Vec::new(), |v| list(v, ip));
    if let (Some(public), Some(console)) = (listen, console_listen) {
        cross::listeners(s, public, console);
    }
    s.close();
    let (listen, public_url, console_listen) = (listen?, public_url?, console_listen?);
    Some(Web { listen, public_url, console_listen, console_url, trusted_proxies })
}

pub(in crate::config) fn heartbeat(s: &Section<'_, '_>) -> Heartbeat {
    let heartbeat = Heartbeat { url: s.may("url", url), mail_to: s.may("mail_to", address) };
    s.close();
    heartbeat
}

pub(in crate::config) fn backup(s: &Section<'_, '_>) -> Backup {
    let directory = s.or("directory", PathBuf::from("backups"), path);
    let keep = s.or("keep", 14, count(1, 3650));
    s.close();
    Backup { directory, keep }
}

pub(in crate::config) fn paths(s: &Section<'_, '_>) -> Paths {
    let paths = Paths {
        protocols: s.may("protocols", path),
        checklists: s.may("checklists", path),
        letters: s.may("letters", path),
        leaflets: s.may("leaflets", path),
        centres: s.may("centres", path),
    };
    s.close();
    paths
}

pub(in crate::config) fn test(s: &Section<'_, '_>) -> Test {
    let allow = s.or("allow", Vec::new(), |v| list(v, address));
    s.close();
    Test { allow }
}

//! The screen of `aftercare status`: a line for each part, in colour on a terminal that wants it (NO_COLOR is respected).

use std::io::Write;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use super::format::{bytes, span};
use super::shown::Shown;
use crate::care::delivery::DeliveryState;
use crate::care::time::zone;
use crate::care::triage::tier::Tier;
use crate::config::Config;
use crate::daemon::files::look_deadline::PlaceFault;
use crate::daemon::monitoring::machine::DiskReadings;
use crate::journey::operations::condition::ops_findings::Severity;
use crate::store::db::health;
use crate::store::monitoring::alerts::OpenAlerts;

const WELL: Style = AnsiColor::Green.on_default().bold();
const LOOK: Style = AnsiColor::Yellow.on_default().bold();
const NOT_WELL: Style = AnsiColor::Red.on_default().bold();

/// Writes the screen: verdict, parts, findings.
///
/// # Errors
/// The writer's.
pub(super) fn write(out: &mut dyn Write, shown: &Shown, config: &Config) -> std::io::Result<()> {
    let paint = Paint::of_stdout();
    let (style, verdict) = match shown.findings.first().map(|finding| finding.severity) {
        None => (WELL, "all is well".to_owned()),
        Some(Severity::Look) => (LOOK, format!("needs a look ({})", shown.findings.len())),
        Some(Severity::NotWell) => (NOT_WELL, format!("NOT WELL ({})", shown.findings.len())),
    };
    writeln!(out, "aftercare at {}: {}", config.clinic.short_name, paint.text(style, &verdict))?;
    writeln!(out)?;
    for (part, how) in parts(shown, config) {
        writeln!(out, "{part:<9} {how}")?;
    }
    if !shown.findings.is_empty() {
        writeln!(out)?;
    }
    for finding in &shown.findings {
        let (style, mark) = match finding.severity {
            Severity::Look => (LOOK, "look"),
            Severity::NotWell => (NOT_WELL, "NOW "),
        };
        writeln!(out, "{} {}", paint.text(style, mark), finding.sentence)?;
    }
    Ok(())
}

/// Whether words are coloured.
struct Paint(ColorChoice);

impl Paint {
    fn of_stdout() -> Self {
        Self(AutoStream::choice(&std::io::stdout()))
    }

    fn text(&self, style: Style, text: &str) -> String {
        match self.0 {
            ColorChoice::Never => text.to_owned(),
            _ => format!("{style}{text}{style:#}"),
        }
    }
}

/// Each part and how it is.
fn parts(shown: &Shown, config: &Config) -> Vec<(&'static str, String)> {
    let (readings, machine) = (&shown.look.readings, &shown.machine);
    let here = |at: Timestamp| at.to_zoned(config.clinic.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let standing = &readings.standing;
    let mail = standing.mail_refusal.as_ref().map_or_else(
        || "takes letters".to_owned(),
        |refusal| format!("refuses us since {} ({})", here(refusal.since), refusal.words.cause.word()),
    );
    let canary = match (&standing.canary_broken, standing.canary_walked, &config.heartbeat.mail_to) {
        (Some(_), ..) => "broken".to_owned(),
        (None, Some(at), _) => format!("held, last walk {}", here(at)),
        (None, None, Some(_)) => "has not walked yet".to_owned(),
        (None, None, None) => "switched off (heartbeat.mail_to)".to_owned(),
    };
    let copy = machine.newest_copy.map(|copy| format!("of {}, {}", copy.on, bytes(copy.bytes)));
    let room = |room: DiskReadings| {
        let files = room.files.map(|files| format!(" and {files} files")).unwrap_or_default();
        room.bytes.map_or_else(|| "unknown".to_owned(), |left| format!("{}{files}", bytes(left)))
    };
    let copies = match &machine.backup_fault {
        Some(PlaceFault::Silent(_)) => "their place does not answer".to_owned(),
        Some(PlaceFault::Unfit(_)) => "none can be written".to_owned(),
        None => format!("{} free", room(machine.backup_room)),
    };
    let is_seen = !matches!(machine.backup_fault, Some(PlaceFault::Silent(_)));
    let none = if is_seen { "none yet" } else { "unknown" };
    let (open, overdue) =
        readings.tasks.iter().fold((0, 0), |sum, tasks| (sum.0 + tasks.open, sum.1 + tasks.overdue));
    vec![
        ("daemon", daemon(shown)),
        ("letters", letters(shown, &here)),
        ("mail", mail),
        ("mailbox", mailbox(shown, config, &here)),
        ("alerts", alerts(&readings.alerts, &here)),
        ("tasks", format!("{open} open, {overdue} past their time")),
        ("cover", cover(standing.missing_cover.as_deref())),
        ("clock", shown.look.clock_doubt.clone().unwrap_or_else(|| "right, as far as is known".to_owned())),
        ("canary", canary),
        ("copies", copy.map_or_else(|| none.to_owned(), |copy| format!("the newest {copy}"))),
        (
            "disk",
            format!(
                "database {} and log {}, {} free; copies: {}",
                bytes(machine.database_bytes),
                bytes(machine.wal_bytes),
                room(machine.database_room),
                copies
            ),
        ),
        ("versions", versions(config)),
    ]
}

fn mailbox(shown: &Shown, config: &Config, here: &dyn Fn(Timestamp) -> String) -> String {
    let Some(mailbox) = shown.mailbox(config) else { return "none is read (mail.imap)".to_owned() };
    match (mailbox.away_since, mailbox.read_at) {
        (Some(since), _) => format!("cannot be read since {}", here(since)),
        (None, Some(at)) => format!("read to the end at {}", here(at)),
        (None, None) => "not read yet".to_owned(),
    }
}

fn daemon(shown: &Shown) -> String {
    let daemon = &shown.daemon;
    let wrote = daemon.wrote_at.map(|at| span(shown.now.duration_since(at)));
    if let Some(drains) = daemon.drains.filter(|_| daemon.is_by_drain()) {
        return format!("none; the last `drain` ended {} ago", span(shown.now.duration_since(drains.last)));
    }
    match (daemon.is_heard, wrote) {
        (true, Some(wrote)) => format!("runs, wrote {wrote} ago"),
        (true, None) => "runs, and has not written yet".to_owned(),
        (false, Some(wrote)) => format!("does not run; one wrote {wrote} ago"),
        (false, None) => "does not run".to_owned(),
    }
}

fn letters(shown: &Shown, here: &dyn Fn(Timestamp) -> String) -> String {
    let readings = &shown.look.readings;
    let waiting: u64 = readings.waiting.iter().map(|letters| letters.waiting).sum();
    let due: u64 = readings.waiting.iter().map(|letters| letters.due).sum();
    let oldest = readings.waiting.iter().filter_map(|letters| letters.oldest_due).min();
    let oldest = oldest.map(|at| format!(", the oldest since {}", here(at))).unwrap_or_default();
    let unknown = readings.letters.iter().filter(|count| count.state == DeliveryState::Unknown);
    let unknown: u64 = unknown.map(|count| count.letters).sum();
    let held = if readings.standing.is_held { "; HELD" } else { "" };
    format!("{waiting} wait, {due} due{oldest}; {unknown} of which nobody knows{held}")
}

fn alerts(open: &[OpenAlerts], here: &dyn Fn(Timestamp) -> String) -> String {
    let one = |alerts: &OpenAlerts| {
        let tier = alerts.tier.map_or("unsorted", Tier::word);
        let clock = match alerts.overdue {
            0 => format!("act by {}", here(alerts.first_due)),
            overdue => format!("{overdue} past their clock since {}", here(alerts.first_due)),
        };
        format!("{} {tier} {} ({clock})", alerts.open, alerts.state.word())
    };
    let told: Vec<_> = open.iter().map(one).collect();
    if told.is_empty() { "none open".to_owned() } else { told.join(", ") }
}

fn cover(missing: Option<&str>) -> String {
    missing.map_or_else(|| "somebody on the ladder has proved reachable".to_owned(), str::to_owned)
}

fn versions(config: &Config) -> String {
    let schema = health::schema(&config.database.path)
        .ok()
        .map_or_else(|| "unknown".to_owned(), |number| number.to_string());
    let program = env!("CARGO_PKG_VERSION");
    format!(
        "program {program}, schema {schema}, SQLite {}, zones {}",
        health::sqlite_version(),
        zone::version()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_coloured_only_where_that_is_wanted() {
        assert_eq!(Paint(ColorChoice::Never).text(WELL, "well"), "well");
        assert!(Paint(ColorChoice::Always).text(WELL, "well").starts_with('\u{1b}'));
    }
}

//! What `aftercare status --json` prints.

use serde_json::{Value, json};

use super::shown::Shown;
use crate::care::time::zone;
use crate::care::triage::tier::Tier;
use crate::config::Config;
use crate::journey::operations::condition::ops_findings::Severity;
use crate::store::db::health;

/// The document of what was found.
pub(super) fn of(shown: &Shown, config: &Config) -> Value {
    let (readings, machine) = (&shown.look.readings, &shown.machine);
    let words = |severity| if severity == Severity::Look { "look" } else { "not-well" };
    let findings = shown.findings.iter().map(|finding| {
        json!({ "name": finding.name, "severity": words(finding.severity), "sentence": finding.sentence })
    });
    let alerts = readings.alerts.iter().map(|alerts| {
        json!({ "tier": alerts.tier.map(Tier::word), "state": alerts.state.word(), "open": alerts.open,
            "overdue": alerts.overdue, "oldest": alerts.oldest.to_string(), "first_due": alerts.first_due.to_string() })
    });
    let waiting = readings.waiting.iter().map(|letters| {
        json!({ "kind": letters.purpose.word(), "waiting": letters.waiting, "due": letters.due,
            "oldest_due": letters.oldest_due.map(|at| at.to_string()) })
    });
    let tasks = readings.tasks.iter();
    let tasks =
        tasks.map(|tasks| json!({ "kind": tasks.kind.word(), "open": tasks.open, "overdue": tasks.overdue }));
    let (standing, mailbox) = (&readings.standing, shown.mailbox(config).unwrap_or_default());
    json!({
        "state": shown.word(),
        "findings": findings.collect::<Vec<_>>(),
        "daemon": { "running": shown.daemon.is_heard, "wrote_at": shown.daemon.wrote_at.map(|at| at.to_string()),
            "drained_at": shown.daemon.drains.map(|drains| drains.last.to_string()) },
        "letters": waiting.collect::<Vec<_>>(),
        "held": standing.is_held,
        "mail_refused_since": standing.mail_refusal.as_ref().map(|refusal| refusal.since.to_string()),
        "alerts": alerts.collect::<Vec<_>>(),
        "tasks": tasks.collect::<Vec<_>>(),
        "no_cover": standing.missing_cover,
        "clock_doubt": shown.look.clock_doubt,
        "mailbox_read_at": mailbox.read_at.map(|at| at.to_string()),
        "mailbox_away_since": mailbox.away_since.map(|at| at.to_string()),
        "canary_walked": standing.canary_walked.map(|at| at.to_string()),
        "canary_broken": standing.canary_broken,
        "backup": machine.newest_copy.map(|copy| json!({ "on": copy.on.to_string(), "bytes": copy.bytes })),
        "database_bytes": machine.database_bytes,
        "wal_bytes": machine.wal_bytes,
        "free_bytes": { "database": machine.database_room.bytes, "backup": machine.backup_room.bytes },
        "free_inodes": { "database": machine.database_room.files, "backup": machine.backup_room.files },
        "program": env!("CARGO_PKG_VERSION"),
        "schema": health::schema(&config.database.path).ok(),
        "sqlite": health::sqlite_version(),
        "zones": zone::version(),
    })
}

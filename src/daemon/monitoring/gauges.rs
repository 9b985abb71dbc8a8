//! Puts what was read into the families of Prometheus. Every series that can be is there, at 0 where there is nothing: an
//! alert rule cannot tell a series that is missing from one that was never there.

use jiff::Timestamp;

use crate::care::alert::lifecycle::AlertState;
use crate::care::delivery::DeliveryState;
use crate::care::patient::PatientStatus;
use crate::care::refusal::cause::Cause;
use crate::care::task::TaskKind;
use crate::care::triage::tier::Tier;
use crate::daemon::files::look_deadline::PlaceFault;
use crate::daemon::monitoring::machine::MachineReadings;
use crate::journey::operations::condition::mailbox::MailboxReadings;
use crate::store::mail::delivery::Purpose;
use crate::store::monitoring::alerts::{FIRST_ACT_LIMITS, FirstActTime};
use crate::store::monitoring::duration_counts::DurationCounts;
use crate::store::monitoring::letters::LettersInState;
use crate::store::monitoring::patients::PatientReadings;
use crate::store::monitoring::readings::{Readings, StandingReadings};
use crate::store::monitoring::writer_load::WriterReadings;
use crate::telemetry::metrics::MetricSet;
use crate::telemetry::metrics::families::{Counted, Gauge, Timed};
use crate::telemetry::metrics::read_histogram::{BucketReading, HistogramReading};

/// The word for alerts of answers that nobody sorted.
const UNSORTED: &str = "unsorted";

/// The tiers that alerts have, and those without one.
const TIERS: [Option<Tier>; 4] = [Some(Tier::Emergency), Some(Tier::Urgent), Some(Tier::Soon), None];

/// What the database said at one look.
pub(in crate::daemon::monitoring) fn readings(set: &MetricSet, found: &Readings, now: Timestamp) {
    letters(set, found, now);
    alerts(set, found, now);
    for kind in TaskKind::ALL {
        let open = found.tasks.iter().find(|tasks| tasks.kind == kind);
        set.set(Gauge::TasksOpen, &[kind.word()], open.map_or(0.0, |tasks| number(tasks.open)));
        set.set(Gauge::TasksOverdue, &[kind.word()], open.map_or(0.0, |tasks| number(tasks.overdue)));
    }
    standing(set, &found.standing, now);
}

fn letters(set: &MetricSet, found: &Readings, now: Timestamp) {
    for purpose in Purpose::ALL {
        let waiting = found.waiting.iter().find(|letters| letters.purpose == purpose);
        for state in DeliveryState::ALL {
            let is_it = |count: &&_| is_of(count, purpose, state);
            let ended = found.letters.iter().filter(is_it).map(|count| count.letters).sum();
            let letters =
                if state == DeliveryState::Pending { waiting.map_or(0, |w| w.waiting) } else { ended };
            set.set(Gauge::Letters, &[purpose.word(), state.word()], number(letters));
        }
        set.set(Gauge::LettersDue, &[purpose.word()], waiting.map_or(0.0, |letters| number(letters.due)));
        let age = waiting.and_then(|letters| letters.oldest_due).map_or(0.0, |at| age(at, now));
        set.set(Gauge::OldestDueLetter, &[purpose.word()], age);
    }
}

fn is_of(count: &LettersInState, purpose: Purpose, state: DeliveryState) -> bool {
    count.purpose == purpose && count.state == state
}

fn alerts(set: &MetricSet, found: &Readings, now: Timestamp) {
    for tier in TIERS {
        let word = tier.map_or(UNSORTED, Tier::word);
        let of_tier = || found.alerts.iter().filter(move |alerts| alerts.tier == tier);
        for state in [AlertState::Raised, AlertState::Acknowledged] {
            let open = of_tier().filter(|alerts| alerts.state == state).map(|alerts| alerts.open).sum();
            set.set(Gauge::AlertsOpen, &[word, state.word()], number(open));
        }
        set.set(Gauge::AlertsOverdue, &[word], number(of_tier().map(|alerts| alerts.overdue).sum()));
        let oldest = of_tier().map(|alerts| alerts.oldest).min();
        set.set(Gauge::OldestAlert, &[word], oldest.map_or(0.0, |at| age(at, now)));
    }
}

/// How long people took to act, by tier.
pub(in crate::daemon::monitoring) fn first_acts(set: &MetricSet, found: &[FirstActTime]) {
    let of_tier = |tier: Option<Tier>| {
        let took = found.iter().find(|acts| acts.tier == tier).map(|acts| acts.took.clone());
        let took = took.unwrap_or_else(|| DurationCounts::none(&FIRST_ACT_LIMITS));
        histogram(&[tier.map_or(UNSORTED, Tier::word)], &took)
    };
    set.tell(Timed::FirstActs, TIERS.into_iter().map(of_tier).collect());
}

fn standing(set: &MetricSet, found: &StandingReadings, now: Timestamp) {
    set.set(Gauge::Held, &[], yes(found.is_held));
    set.set(Gauge::CoverMissing, &[], yes(found.missing_cover.is_some()));
    set.set(Gauge::CanaryBroken, &[], yes(found.canary_broken.is_some()));
    set.set(Gauge::CanaryWalked, &[], found.canary_walked.map_or(0.0, seconds));
    let refusal = found.mail_refusal.as_ref();
    for cause in Cause::ALL {
        let is_it = refusal.is_some_and(|refusal| refusal.words.cause == cause);
        set.set(Gauge::MailRefused, &[cause.word()], yes(is_it));
    }
    set.set(Gauge::MailRefusedAge, &[], refusal.map_or(0.0, |refusal| age(refusal.since, now)));
}

/// How the reading of the mailbox of replies goes.
pub(in crate::daemon::monitoring) fn mailbox(set: &MetricSet, found: MailboxReadings, now: Timestamp) {
    set.set(Gauge::MailboxRead, &[], found.read_at.map_or(0.0, seconds));
    set.set(Gauge::MailboxAwayAge, &[], found.away_since.map_or(0.0, |since| age(since, now)));
}

/// How many patients stand where.
pub(in crate::daemon::monitoring) fn patients(set: &MetricSet, found: &PatientReadings) {
    for status in PatientStatus::ALL {
        let count = found.by_status.iter().find(|count| count.status == status);
        set.set(Gauge::Patients, &[status.word()], count.map_or(0.0, |count| number(count.patients)));
    }
    set.set(Gauge::PatientsWithoutContact, &[], number(found.without_contact));
}

/// How the writer fares.
pub(in crate::daemon::monitoring) fn writer(set: &MetricSet, found: &WriterReadings) {
    set.set(Gauge::WriterQueue, &[], number(u64::try_from(found.queued).unwrap_or(u64::MAX)));
    set.count_up_to(Counted::CommitsFailed, &[], found.failed);
    set.tell(Timed::Commits, vec![histogram(&[], &found.commits)]);
}

/// What the machine says.
pub(in crate::daemon::monitoring) fn machine(set: &MetricSet, found: &MachineReadings) {
    set.set(Gauge::DatabaseSize, &[], number(found.database_bytes));
    set.set(Gauge::WalSize, &[], number(found.wal_bytes));
    for (place, room) in [("database", found.database_room), ("backup", found.backup_room)] {
        set.set(Gauge::DiskFree, &[place], room.bytes.map_or(f64::NAN, number));
        set.set(Gauge::InodesFree, &[place], room.files.map_or(f64::NAN, number));
    }
    let is_silent = matches!(found.backup_fault, Some(PlaceFault::Silent(_)));
    set.set(Gauge::BackupSilent, &[], yes(is_silent));
    // What was last seen there stays, and grows old.
    if !is_silent {
        copies(set, found);
    }
}

fn copies(set: &MetricSet, found: &MachineReadings) {
    let copy = found.newest_copy.as_ref();
    set.set(Gauge::BackupMade, &[], copy.map_or(0.0, |copy| seconds(copy.made_at)));
    set.set(Gauge::BackupSize, &[], copy.map_or(0.0, |copy| number(copy.bytes)));
}

fn histogram(labels: &[&str], counts: &DurationCounts) -> HistogramReading {
    let buckets = counts.up_to.iter().map(|one| BucketReading { limit: one.limit, count: one.count });
    HistogramReading {
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        buckets: buckets.collect(),
        count: counts.all,
        sum: counts.seconds,
    }
}

/// 1 or 0, as gauges say yes or no.
pub(in crate::daemon::monitoring) fn yes<T: Into<u8>>(is_so: T) -> f64 {
    f64::from(is_so.into())
}

/// Counts beyond 2^53 lose their last digits, which no gauge has.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^53")]
const fn number(count: u64) -> f64 {
    count as f64
}

fn age(at: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(at).as_secs_f64().max(0.0)
}

/// An instant as Prometheus tells it, in seconds since 1970.
pub(in crate::daemon::monitoring) fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

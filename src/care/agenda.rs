//! What an open follow-up asks for at an instant: letters to write, promises that came too late, tasks for a person,
//! and when to look again. Decided here as values; `journey::fall_due` carries them out.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::calendar::{self, SendingHours};
use super::plan::{Basis, Laid, Owed, lay};
use super::protocol::{Kind, Series, Trigger};
use super::task;

/// Name of the built-in step that asks staff to book what is due and not booked (clinical brief §5).
pub const NOT_BOOKED: &str = "staff-task-not-booked";

/// How long after a booked date nobody recorded anything the follow-up is closed as missed.
const AFTER_APPOINTMENT_DAYS: i64 = 14;

/// Whether a date at the clinic is agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booking {
    /// Nothing is booked.
    None,
    /// A date is booked.
    On {
        /// Its civil date at the clinic.
        on: Date,
        /// Its instant.
        at: Timestamp,
    },
}

/// The natural key of a promise within its follow-up.
pub type Key = (Trigger, String, Date);

/// An open follow-up as the agenda sees it.
#[derive(Debug)]
pub struct Open<'s> {
    /// Its series.
    pub series: &'s Series,
    /// Its place on the grid.
    pub owed: Owed,
    /// Whether it is booked.
    pub booking: Booking,
    /// Steps before this instant were never promised.
    pub promised_from: Timestamp,
    /// Promises already recorded, whatever became of them.
    pub gone: &'s [Key],
}

/// One thing that is due now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due<'s> {
    /// Write this letter.
    Letter(Laid<'s>),
    /// Its use is over: record that it lapsed.
    Late(Laid<'s>),
    /// Another step of the same follow-up is written instead: record that it was overtaken.
    Overtaken(Laid<'s>),
    /// Open a task for a person.
    Task {
        /// Why.
        kind: task::Kind,
        /// The key under which it is recorded.
        key: Key,
    },
}

/// What happens to the follow-up after what is due now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Look again at this instant.
    Wait(Timestamp),
    /// Its last day is over.
    Close,
}

/// Everything an open follow-up asks for at `now`. One that was over before it was promised asks for nothing.
#[must_use]
pub fn agenda<'s>(open: &Open<'s>, now: Timestamp, wall: (&SendingHours, &TimeZone)) -> (Vec<Due<'s>>, Then) {
    let close_at = close_at(open, wall.1);
    if close_at <= open.promised_from {
        return (Vec::new(), Then::Close);
    }
    let (letters, tasks) = steps(open, wall);
    let mut due = overtake(letters.iter().filter(|l| l.send_at <= now), now);
    due.extend(tasks.iter().filter(|t| t.0 <= now).map(|(_, task)| task.clone()));

    if close_at <= now {
        return (due, Then::Close);
    }
    let later = letters.iter().map(|l| l.send_at).chain(tasks.iter().map(|t| t.0)).filter(|at| *at > now);
    (due, Then::Wait(later.chain([close_at]).min().unwrap_or(close_at)))
}

type Asked<'s> = Vec<(Timestamp, Due<'s>)>;

fn steps<'s>(open: &Open<'s>, wall: (&SendingHours, &TimeZone)) -> (Vec<Laid<'s>>, Asked<'s>) {
    let closes_on = open.owed.closes_on;
    let mut laid = match open.booking {
        Booking::None => {
            let basis = Basis { on: open.owed.due_on, closes_on, appointment_at: None };
            lay(open.series, Trigger::Remind, basis, wall)
        }
        Booking::On { on, at } => {
            let basis = Basis { on, closes_on, appointment_at: Some(at) };
            let mut both = lay(open.series, Trigger::Booked, basis, wall);
            both.extend(lay(open.series, Trigger::Missed, basis, wall));
            both
        }
    };
    laid.retain(|l| l.send_at >= open.promised_from && !open.is_gone(l.trigger, &l.step.name, l.basis_on));
    laid.sort_by_key(|l| l.send_at);
    let (named, letters): (Vec<_>, Vec<_>) = laid.into_iter().partition(|l| l.step.is_staff_task());
    let mut tasks: Asked<'s> = named.into_iter().map(|l| (l.send_at, task_of(&l))).collect();
    tasks.extend(not_booked(open, wall));
    (letters, tasks)
}

fn task_of<'s>(laid: &Laid<'s>) -> Due<'s> {
    let kind = if laid.trigger == Trigger::Missed { task::Kind::Missed } else { task::Kind::ProtocolStep };
    Due::Task { kind, key: (laid.trigger, laid.step.name.clone(), laid.basis_on) }
}

fn not_booked<'s>(open: &Open<'s>, wall: (&SendingHours, &TimeZone)) -> Option<(Timestamp, Due<'s>)> {
    let on = open.owed.due_on;
    let wanted = open.series.kind.is_bookable()
        && open.booking == Booking::None
        && !open.is_gone(Trigger::Remind, NOT_BOOKED, on);
    wanted.then(|| {
        let key = (Trigger::Remind, NOT_BOOKED.to_owned(), on);
        (calendar::instant(on, wall.0.at, wall.1), Due::Task { kind: task::Kind::NotBooked, key })
    })
}

/// Of the letters that are due together and still useful only one is written. Before the date is agreed it is the first,
/// for "we wrote to you" must be true; after that the last, for it is the most pressing.
fn overtake<'a, 's: 'a>(due: impl Iterator<Item = &'a Laid<'s>>, now: Timestamp) -> Vec<Due<'s>> {
    let (late, mut useful): (Vec<_>, Vec<_>) = due.cloned().partition(|l| l.useful_until <= now);
    let first = useful.iter().position(|l| l.trigger == Trigger::Remind);
    let written = first.or(useful.len().checked_sub(1)).map(|at| useful.remove(at));
    let late = late.into_iter().map(Due::Late);
    late.chain(useful.into_iter().map(Due::Overtaken)).chain(written.map(Due::Letter)).collect()
}

fn close_at(open: &Open<'_>, zone: &TimeZone) -> Timestamp {
    let booked = match open.booking {
        Booking::On { on, .. } => on.saturating_add(AFTER_APPOINTMENT_DAYS.days()),
        Booking::None => open.owed.closes_on,
    };
    let last = booked.max(open.owed.closes_on);
    calendar::instant(last.saturating_add(1.day()), Time::midnight(), zone)
}

impl Open<'_> {
    fn is_gone(&self, trigger: Trigger, step: &str, basis_on: Date) -> bool {
        self.gone.iter().any(|(t, s, b)| *t == trigger && s == step && *b == basis_on)
    }
}

/// Whether a follow-up of this kind that nobody closed counts as missed; a leaflet is done once its time is over.
#[must_use]
pub const fn is_missed_at_close(kind: Kind) -> bool {
    !matches!(kind, Kind::Leaflet)
}

//! What an open follow-up asks for at an instant: letters to write, promises that came too late, tasks for a person,
//! and when to look again. Decided here as values; `journey::fall_due` carries them out.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::protocol::{Series, Trigger};
use crate::care::plan::protocol::FollowUpKind;
use crate::care::plan::reminder_times::{Basis, TimedStep, reminders, timed_steps};
use crate::care::plan::schedule::Owed;
use crate::care::task;
use crate::care::time::calendar::{self, LocalHours};

/// Name of the built-in step that asks staff to book what is due and not booked (clinical brief §5).
pub const NOT_BOOKED: &str = "staff-task-not-booked";

/// Why a letter that is not useful any more is not written.
pub const TOO_LATE: &str = "its use was over before it could leave";

/// Why a letter is not written when another of its follow-up is.
pub const OVERTAKEN: &str = "another step was due with it";

/// How long after a booked date nobody recorded anything the follow-up is closed as missed.
const AFTER_APPOINTMENT_DAYS: i64 = 14;

/// Whether a date at the clinic is agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booking {
    /// No date is agreed.
    None,
    /// A date is booked.
    On {
        /// Its civil date at the clinic.
        on: Date,
        /// The instant at which she is expected.
        at: Timestamp,
    },
}

/// The natural key of a promise within its follow-up.
pub type Key = (Trigger, String, Date);

/// An open follow-up as the agenda sees it.
#[derive(Debug)]
pub struct OpenFollowUp<'s> {
    /// The series it belongs to.
    pub series: &'s Series,
    /// Its place on the grid.
    pub owed: Owed,
    /// Whether it is booked.
    pub booking: Booking,
    /// Steps before this instant were never promised.
    pub promised_from: Timestamp,
    /// Promises already recorded, whatever became of them.
    pub gone: &'s [Key],
    /// Letters of it that left, or wait to.
    pub asked: &'s [AskedStep],
}

/// A letter that asks for something and left, or waits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedStep {
    /// Name of the step that asks.
    pub step: String,
    /// When it left; of one that waits, the soonest instant at which it leaves.
    pub at: Timestamp,
}

/// One thing that is due now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due<'s> {
    /// A letter is to be written.
    Letter(TimedStep<'s>),
    /// Its use is over: record that it lapsed.
    Late(TimedStep<'s>),
    /// Another step of the same follow-up is written instead: record that it was overtaken.
    Overtaken(TimedStep<'s>),
    /// Open a task for a person.
    Task {
        /// What the person is asked to do.
        kind: task::TaskKind,
        /// The key under which it is recorded.
        key: Key,
    },
}

/// What happens to the follow-up after what is due now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextLook {
    /// Look again at this instant.
    Wait(Timestamp),
    /// Its last day is over.
    Close,
}

/// Everything an open follow-up asks for at `now`. One that was over before it was promised asks for nothing.
#[must_use]
pub fn agenda<'s>(
    open: &OpenFollowUp<'s>,
    now: Timestamp,
    local: LocalHours<'_>,
) -> (Vec<Due<'s>>, NextLook) {
    let close_at = close_at(open, local.zone);
    if close_at <= open.promised_from {
        return (Vec::new(), NextLook::Close);
    }
    let (letters, tasks) = steps(open, now, local);
    let close_at = after_a_miss(&letters, &tasks).map_or(close_at, |last| last.max(close_at));
    let mut due = overtake(letters.iter().filter(|l| l.send_at <= now), now);
    due.extend(tasks.iter().filter(|t| t.0 <= now).map(|(_, task)| task.clone()));

    if close_at <= now {
        return (due, NextLook::Close);
    }
    let later = letters.iter().map(|l| l.send_at).chain(tasks.iter().map(|t| t.0)).filter(|at| *at > now);
    (due, NextLook::Wait(later.chain([close_at]).min().unwrap_or(close_at)))
}

/// The dated steps still to come, in order, each with the reason why it would lapse if the daemon looked at `now`. The
/// letters after a missed date are no promise before that date.
#[must_use]
pub fn outlook<'s>(
    open: &OpenFollowUp<'s>,
    now: Timestamp,
    local: LocalHours<'_>,
) -> Vec<(TimedStep<'s>, Option<&'static str>)> {
    let is_ahead = matches!(open.booking, Booking::On { at, .. } if at > now);
    let timed = ahead(open, now, local).into_iter().filter(|l| !(is_ahead && l.trigger == Trigger::Missed));
    foresee(timed.collect(), now)
}

/// What becomes of steps if the daemon looks at `now` and from then on in time: those that meet at one look become one
/// letter, the others lapse with the reason given here.
#[must_use]
pub fn foresee(timed: Vec<TimedStep<'_>>, now: Timestamp) -> Vec<(TimedStep<'_>, Option<&'static str>)> {
    let (tasks, mut letters): (Vec<_>, Vec<_>) = timed.into_iter().partition(|l| l.step.is_staff_task());
    letters.sort_by_key(|l| l.send_at);
    let looks = letters.chunk_by(|a, b| a.send_at.max(now) == b.send_at.max(now));
    let judged = looks.flat_map(|met| overtake(met.iter(), met[0].send_at.max(now)));
    let judged = judged.filter_map(|due| match due {
        Due::Letter(timed) => Some((timed, None)),
        Due::Late(timed) => Some((timed, Some(TOO_LATE))),
        Due::Overtaken(timed) => Some((timed, Some(OVERTAKEN))),
        Due::Task { .. } => None,
    });
    let mut all: Vec<_> = judged.chain(tasks.into_iter().map(|timed| (timed, None))).collect();
    all.sort_by_key(|(timed, why)| (timed.send_at, why.is_some()));
    all
}

type StepRequest<'s> = Vec<(Timestamp, Due<'s>)>;

fn ahead<'s>(open: &OpenFollowUp<'s>, now: Timestamp, local: LocalHours<'_>) -> Vec<TimedStep<'s>> {
    let closes_on = open.owed.closes_on;
    let mut timed = match open.booking {
        Booking::None => {
            let basis = Basis { on: open.owed.due_on, closes_on, appointment_at: None };
            reminders(open.series, basis, local, &|laid| open.left_on(laid, now, local))
        }
        Booking::On { on, at } => {
            let basis = Basis { on, closes_on, appointment_at: Some(at) };
            let mut both = timed_steps(open.series, Trigger::Booked, basis, local);
            both.extend(timed_steps(open.series, Trigger::Missed, basis, local));
            both
        }
    };
    timed.retain(|l| l.send_at >= open.promised_from && !open.is_gone(l.trigger, &l.step.name, l.basis_on));
    timed.sort_by_key(|l| l.send_at);
    timed
}

fn steps<'s>(
    open: &OpenFollowUp<'s>,
    now: Timestamp,
    local: LocalHours<'_>,
) -> (Vec<TimedStep<'s>>, StepRequest<'s>) {
    let (named, letters): (Vec<_>, Vec<_>) =
        ahead(open, now, local).into_iter().partition(|l| l.step.is_staff_task());
    let mut tasks: StepRequest<'s> = named.into_iter().map(|l| (l.send_at, task_of(&l))).collect();
    tasks.extend(not_booked(open, local));
    (letters, tasks)
}

/// Until when a missed date still asks for something, where closed days put that beyond the usual end (P7).
fn after_a_miss(letters: &[TimedStep<'_>], tasks: &[(Timestamp, Due<'_>)]) -> Option<Timestamp> {
    let letters = letters.iter().filter(|l| l.trigger == Trigger::Missed).map(|l| l.useful_until);
    let is_after_a_miss = |due: &Due<'_>| matches!(due, Due::Task { kind: task::TaskKind::Missed, .. });
    letters.chain(tasks.iter().filter(|(_, due)| is_after_a_miss(due)).map(|(at, _)| *at)).max()
}

fn task_of<'s>(timed: &TimedStep<'s>) -> Due<'s> {
    let kind =
        if timed.trigger == Trigger::Missed { task::TaskKind::Missed } else { task::TaskKind::ProtocolStep };
    Due::Task { kind, key: (timed.trigger, timed.step.name.clone(), timed.basis_on) }
}

fn not_booked<'s>(open: &OpenFollowUp<'s>, local: LocalHours<'_>) -> Option<(Timestamp, Due<'s>)> {
    let on = open.owed.due_on;
    let wanted = open.series.kind.is_bookable()
        && open.booking == Booking::None
        && !open.is_gone(Trigger::Remind, NOT_BOOKED, on);
    wanted.then(|| {
        let key = (Trigger::Remind, NOT_BOOKED.to_owned(), on);
        (
            calendar::instant(on, local.hours.at, local.zone),
            Due::Task { kind: task::TaskKind::NotBooked, key },
        )
    })
}

/// Of the letters that are due together and still useful only one is written. Before the date is agreed it is the first,
/// for "we wrote to you" must be true; after that the last, for it is the most pressing.
fn overtake<'a, 's: 'a>(due: impl Iterator<Item = &'a TimedStep<'s>>, now: Timestamp) -> Vec<Due<'s>> {
    let (late, mut useful): (Vec<_>, Vec<_>) = due.cloned().partition(|l| l.useful_until <= now);
    let first = useful.iter().position(|l| l.trigger == Trigger::Remind);
    let written = first.or(useful.len().checked_sub(1)).map(|at| useful.remove(at));
    let late = late.into_iter().map(Due::Late);
    late.chain(useful.into_iter().map(Due::Overtaken)).chain(written.map(Due::Letter)).collect()
}

fn close_at(open: &OpenFollowUp<'_>, zone: &TimeZone) -> Timestamp {
    let booked = match open.booking {
        Booking::On { on, .. } => on.saturating_add(AFTER_APPOINTMENT_DAYS.days()),
        Booking::None => open.owed.closes_on,
    };
    let last = booked.max(open.owed.closes_on);
    calendar::instant(last.saturating_add(1.day()), Time::midnight(), zone)
}

impl OpenFollowUp<'_> {
    /// On which day a letter left, or will if the daemon looks at `now`; `None` where that is the day it is laid on.
    fn left_on(&self, laid: &TimedStep<'_>, now: Timestamp, local: LocalHours<'_>) -> Option<Date> {
        let day = |at: Timestamp| local.zone.to_datetime(at).date();
        if let Some(asked) = self.asked.iter().find(|asked| asked.step == laid.step.name) {
            return Some(day(asked.at));
        }
        let is_promised =
            laid.send_at >= self.promised_from && !self.is_gone(laid.trigger, &laid.step.name, laid.basis_on);
        let is_written_now = is_promised && laid.send_at <= now && now < laid.useful_until;
        is_written_now.then(|| day(local.hours.next_open(now, local.zone)))
    }

    fn is_gone(&self, trigger: Trigger, step: &str, basis_on: Date) -> bool {
        self.gone.iter().any(|(t, s, b)| *t == trigger && s == step && *b == basis_on)
    }
}

/// Whether a follow-up of this kind that nobody closed counts as missed; a leaflet is done once its time is over.
#[must_use]
pub const fn is_missed_at_close(kind: FollowUpKind) -> bool {
    !matches!(kind, FollowUpKind::Leaflet)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{any_series, high_risk, office, phase, series, step, zone};
    use super::*;
    use crate::care::plan::schedule::nth;
    use jiff::civil::date;
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn open<'s>(series: &'s Series, number: u32, gone: &'s [Key]) -> OpenFollowUp<'s> {
        let owed = nth(series, date(2026, 1, 15), number).unwrap();
        OpenFollowUp { series, owed, booking: Booking::None, promised_from: Timestamp::MIN, gone, asked: &[] }
    }

    fn names(due: &[Due<'_>]) -> Vec<String> {
        let name = |d: &Due<'_>| match d {
            Due::Letter(l) => l.step.name.clone(),
            Due::Late(l) => format!("late {}", l.step.name),
            Due::Overtaken(l) => format!("overtaken {}", l.step.name),
            Due::Task { key, .. } => key.1.clone(),
        };
        due.iter().map(name).collect()
    }

    fn asked(open: &OpenFollowUp<'_>, now: &str) -> (Vec<String>, NextLook) {
        let (due, then) = agenda(open, at(now), LocalHours { hours: &office(), zone: &TimeZone::UTC });
        (names(&due), then)
    }

    #[test]
    fn nothing_is_asked_before_the_first_step_and_one_letter_at_it() {
        let visits = high_risk();
        let open = open(&visits, 1, &[]);
        // Due on 15 April; 28 days before is Wednesday 18 March.
        let first = at("2026-03-18T09:00:00Z");
        assert_eq!(asked(&open, "2026-03-18T08:59:59Z"), (vec![], NextLook::Wait(first)));
        let next = at("2026-04-01T09:00:00Z");
        assert_eq!(asked(&open, "2026-03-18T09:00:00Z"), (vec!["book".to_owned()], NextLook::Wait(next)));
    }

    #[test]
    fn of_two_letters_that_ask_to_book_and_are_due_together_the_first_is_written() {
        let visits = high_risk();
        let (due, _) = asked(&open(&visits, 1, &[]), "2026-04-02T08:00:00Z");
        assert_eq!(due, ["overtaken book-again", "book"]);
    }

    fn invited(step: &str, at: &str) -> AskedStep {
        AskedStep { step: step.to_owned(), at: self::at(at) }
    }

    #[test]
    fn a_late_invitation_takes_its_nudges_along() {
        let monthly = series(FollowUpKind::Checklist, vec![phase("0m", "", "1m")]);
        // Due on Sunday the 15th; nobody looked before the morning of Thursday the 19th, and Friday is closed.
        let next = NextLook::Wait(at("2026-02-23T09:00:00Z"));
        assert_eq!(asked(&open(&monthly, 1, &[]), "2026-02-19T08:00:00Z"), (vec!["invite".to_owned()], next));
        let gone = [(Trigger::Remind, "invite".to_owned(), date(2026, 2, 15))];
        // While it waits to leave, no nudge falls due or lapses, however long that takes.
        let waits = [invited("invite", "2026-02-25T12:00:00Z")];
        let open = OpenFollowUp { gone: &gone, asked: &waits, ..open(&monthly, 1, &[]) };
        let next = NextLook::Wait(at("2026-02-26T09:00:00Z"));
        assert_eq!(asked(&open, "2026-02-25T12:00:00Z"), (vec![], next));
        // It left on the 25th: 24 and 72 hours later, the 28th being a Saturday.
        assert_eq!(asked(&open, "2026-02-26T09:00:00Z").0, ["nudge"]);
        let gone = ["invite", "nudge"].map(|step| (Trigger::Remind, step.to_owned(), date(2026, 2, 15)));
        let left = [invited("invite", "2026-02-25T12:00:00Z"), invited("nudge", "2026-02-26T09:00:00Z")];
        let open = OpenFollowUp { gone: &gone, asked: &left, ..open };
        let next = NextLook::Wait(at("2026-03-02T09:00:00Z"));
        assert_eq!(asked(&open, "2026-02-26T09:00:00Z"), (vec![], next));
        assert_eq!(asked(&open, "2026-03-02T09:00:00Z").0, ["nudge-again"]);
    }

    #[test]
    fn a_preview_says_of_each_letter_what_the_daemon_would_do() {
        let monthly = series(FollowUpKind::Checklist, vec![phase("0m", "", "1m")]);
        // Due on a Sunday: the invitation leaves on Monday the 16th, and both nudges keep their distance.
        let open = open(&monthly, 1, &[]);
        let said = |now: &str| -> Vec<_> {
            let shown = outlook(&open, at(now), LocalHours { hours: &office(), zone: &TimeZone::UTC });
            shown.into_iter().map(|(l, why)| (l.step.name.clone(), l.send_on.day(), why)).collect()
        };
        let all = |days: [i8; 3]| {
            let names = ["invite", "nudge", "nudge-again"].into_iter();
            names.zip(days).map(|(name, day)| (name.to_owned(), day, None)).collect::<Vec<_>>()
        };
        assert_eq!(said("2026-02-01T00:00:00Z"), all([16, 17, 19]));
        assert_eq!(said("2026-02-18T10:00:00Z"), all([16, 19, 23]));
        let gone = [(Trigger::Remind, "invite".to_owned(), date(2026, 2, 15))];
        let asked = [invited("invite", "2026-02-16T09:00:00Z")];
        let open = OpenFollowUp { gone: &gone, asked: &asked, ..open };
        let shown =
            outlook(&open, at("2026-02-28T10:00:00Z"), LocalHours { hours: &office(), zone: &TimeZone::UTC });
        let late: Vec<_> = shown.into_iter().map(|(l, why)| (l.step.name.clone(), why)).collect();
        assert_eq!(late, [("nudge".to_owned(), Some(TOO_LATE)), ("nudge-again".to_owned(), Some(TOO_LATE))]);
    }

    #[test]
    fn a_missed_date_before_a_long_closure_still_asks_a_person() {
        let visits = high_risk();
        let on = date(2026, 5, 28);
        let booking = Booking::On { on, at: at("2026-05-28T10:00:00Z") };
        let gone = ["week-before", "day-before", "sorry"].map(|n| (Trigger::Booked, n.to_owned(), on));
        let open = OpenFollowUp { booking, ..open(&visits, 1, &gone) };
        let mut hours = office();
        hours.days.holidays = (0..30).map(|n| date(2026, 6, 1).saturating_add(n.days())).collect();
        let asked = |now: &str| agenda(&open, at(now), LocalHours { hours: &hours, zone: &TimeZone::UTC });
        assert!(matches!(asked("2026-06-12T10:00:00Z").1, NextLook::Wait(_)));
        assert!(names(&asked("2026-07-01T09:00:00Z").0).contains(&"staff-task".to_owned()));
    }

    #[test]
    fn a_step_that_lost_its_use_is_late_and_the_task_still_opens() {
        let visits = high_risk();
        let (due, _) = asked(&open(&visits, 1, &[]), "2026-04-20T10:00:00Z");
        assert_eq!(due, ["late book", "late book-again", NOT_BOOKED]);
    }

    #[test]
    fn what_was_recorded_is_not_asked_again() {
        let visits = high_risk();
        let on = date(2026, 4, 15);
        let gone = ["book", "book-again", NOT_BOOKED].map(|n| (Trigger::Remind, n.to_owned(), on));
        assert_eq!(asked(&open(&visits, 1, &gone), "2026-04-20T10:00:00Z").0, [""; 0]);
    }

    #[test]
    fn steps_before_the_promise_are_nobodys() {
        let visits = high_risk();
        let open = OpenFollowUp { promised_from: at("2026-03-20T00:00:00Z"), ..open(&visits, 1, &[]) };
        assert_eq!(asked(&open, "2026-03-25T10:00:00Z").0, [""; 0]);
        assert_eq!(asked(&open, "2026-04-01T10:00:00Z").0, ["book-again"]);
    }

    #[test]
    fn a_follow_up_that_was_over_before_it_was_promised_asks_for_nothing() {
        let visits = high_risk();
        let open = OpenFollowUp { promised_from: at("2027-01-01T00:00:00Z"), ..open(&visits, 1, &[]) };
        assert_eq!(asked(&open, "2027-01-01T00:00:00Z"), (vec![], NextLook::Close));
    }

    #[test]
    fn a_booked_date_silences_the_letters_that_ask_to_book() {
        let visits = high_risk();
        let booking = Booking::On { on: date(2026, 4, 14), at: at("2026-04-14T10:00:00Z") };
        let booked = OpenFollowUp { booking, ..open(&visits, 1, &[]) };
        assert_eq!(asked(&booked, "2026-04-07T09:00:00Z").0, ["week-before"]);
        let gone = ["week-before", "day-before"].map(|n| (Trigger::Booked, n.to_owned(), date(2026, 4, 14)));
        let after = OpenFollowUp { booking, ..open(&visits, 1, &gone) };
        assert_eq!(asked(&after, "2026-04-15T09:00:00Z").0, ["sorry"]);
    }

    #[test]
    fn a_step_named_as_a_task_opens_one_however_late() {
        let mut visits = high_risk();
        visits.remind.push(step("staff-task-ring", "+3d"));
        let (due, _) = asked(&open(&visits, 1, &[]), "2026-05-05T09:00:00Z");
        assert!(due.contains(&"staff-task-ring".to_owned()), "{due:?}");
    }

    fn key(due: &Due<'_>) -> Key {
        match due {
            Due::Letter(l) | Due::Late(l) | Due::Overtaken(l) => (l.trigger, l.step.name.clone(), l.basis_on),
            Due::Task { key, .. } => key.clone(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Looked at whenever it asks to be looked at, or later: each step comes up exactly once, and it ends.
        #[test]
        fn every_step_comes_up_once_however_late_one_looks(
            series in any_series(),
            number in 1_u32..12,
            zone_name in proptest::sample::select(vec!["Europe/Madrid", "Africa/Cairo", "Pacific/Apia"]),
            late in proptest::collection::vec(0_i64..2_000, 1..12),
        ) {
            let (hours, zone) = (office(), zone(zone_name));
            let Some(owed) = nth(&series, date(2011, 10, 31), number) else { return Ok(()) };
            let (mut gone, mut left) = (Vec::<Key>::new(), Vec::<AskedStep>::new());
            let mut now = calendar::instant(owed.opens_on.saturating_sub(400.days()), Time::midnight(), &zone);
            let mut delays = late.iter().cycle();
            let mut is_closed = false;
            for _ in 0..60 {
                let (seen, out) = (gone.clone(), left.clone());
                let open = OpenFollowUp { series: &series, owed, booking: Booking::None, promised_from: Timestamp::MIN, gone: &seen, asked: &out };
                let (due, then) = agenda(&open, now, LocalHours { hours: &hours, zone: &zone });
                prop_assert!(due.iter().filter(|d| matches!(d, Due::Letter(_))).count() <= 1);
                for one in &due {
                    if let Due::Letter(l) = one {
                        prop_assert!(l.send_at <= now && now < l.useful_until);
                        left.push(AskedStep { step: l.step.name.clone(), at: hours.next_open(now, &zone) });
                    }
                    prop_assert!(!gone.contains(&key(one)));
                    gone.push(key(one));
                }
                match then {
                    NextLook::Close => { is_closed = true; break; }
                    NextLook::Wait(next) => {
                        prop_assert!(next > now);
                        let delay = jiff::SignedDuration::from_mins(*delays.next().unwrap());
                        now = next.saturating_add(delay).unwrap();
                    }
                }
            }
            prop_assert!(is_closed);
            let basis = Basis { on: owed.due_on, closes_on: owed.closes_on, appointment_at: None };
            let promised: usize = timed_steps(&series, Trigger::Remind, basis, LocalHours { hours: &hours, zone: &zone })
                .iter()
                .filter(|l| l.send_at <= now)
                .count() + usize::from(series.kind.is_bookable());
            // Nudges that follow a late invitation may come to lie beyond the end.
            match series.kind {
                FollowUpKind::Checklist => prop_assert!(gone.len() <= promised && (promised == 0 || !gone.is_empty())),
                _ => prop_assert_eq!(gone.len(), promised),
            }
        }
    }
}

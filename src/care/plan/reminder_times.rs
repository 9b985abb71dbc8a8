//! Which reminder leaves when, and until when it is of use (P4, P9). Pure: a step, a date, the clinic's hours, her zone.
//!
//! A reminder before its date is useful until that date is over; an invitation until its follow-up closes; a nudge and a
//! letter after a missed visit for 72 hours; a letter before an appointment until the next one or the appointment itself.
//! A nudge is counted from the day on which the invitation leaves, and keeps its distance from the letter before it.
//! A step that names a staff task never expires: a person is needed however late it is (P7).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::protocol::{At, Series, Trigger};
use crate::care::plan::protocol::{FollowUpKind, ProtocolStep};
use crate::care::time::calendar::{LocalHours, end_of_day, instant, instant_within};
use crate::care::time::span::later;

const NUDGE: SignedDuration = SignedDuration::from_hours(72);

/// A step on its day in the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedStep<'s> {
    /// The step of the protocol that it comes from.
    pub step: &'s ProtocolStep,
    /// The trigger it belongs to.
    pub trigger: Trigger,
    /// The due or booked date it was counted from.
    pub basis_on: Date,
    /// The civil day it leaves, after the shift off closed days.
    pub send_on: Date,
    /// The instant it leaves.
    pub send_at: Timestamp,
    /// From this instant on it must not leave any more; it lapses instead (never stale, P9).
    pub useful_until: Timestamp,
}

/// What steps are counted from, and until when the follow-up itself is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// The due date, or the appointment's date.
    pub on: Date,
    /// The follow-up's last day (`Owed::closes_on`).
    pub closes_on: Date,
    /// The instant of the appointment, if booked.
    pub appointment_at: Option<Timestamp>,
}

/// The dated steps of one trigger counted from `basis.on`, in order of `send_at`. Steps without an offset are left out,
/// and so is a step that would have lost its use before it leaves.
#[must_use]
pub fn timed_steps<'s>(
    series: &'s Series,
    trigger: Trigger,
    basis: Basis,
    local: LocalHours<'_>,
) -> Vec<TimedStep<'s>> {
    if trigger == Trigger::Remind {
        return reminders(series, basis, local, &|_| None);
    }
    let steps = series.steps(trigger).iter();
    let mut timed: Vec<_> = steps.filter_map(|step| place(step, trigger, basis.on, local)).collect();
    timed.sort_by_key(|l| l.send_at);
    match trigger {
        Trigger::Booked => limit_booked(&mut timed, basis, local.zone),
        _ => timed.iter_mut().for_each(|l| l.useful_until = nudged_until(l)),
    }
    timed.iter_mut().for_each(|l| limit_as_written(l, basis, local));
    timed.retain(|l| l.useful_until > l.send_at);
    timed
}

/// The dated steps while nothing is booked or answered, in order of `send_at`, as [`timed_steps`] has them. `left_on` tells on which
/// day a letter left, or leaves at the soonest, where that is not the day it was laid on.
pub(super) fn reminders<'s>(
    series: &'s Series,
    basis: Basis,
    local: LocalHours<'_>,
    left_on: &dyn Fn(&TimedStep<'_>) -> Option<Date>,
) -> Vec<TimedStep<'s>> {
    let (mut timed, mut behind, mut asks) = (Vec::new(), 0_i32, AskedTurn::First);
    for (asked_on, step) in dated(series, basis.on) {
        let is_paced = series.kind == FollowUpKind::Checklist && !step.is_staff_task();
        let asked_on = if is_paced { asked_on.saturating_add(behind.days()) } else { asked_on };
        let placed = StepDay { basis_on: basis.on, asked_on };
        let Some(mut laid) = place_on(step, Trigger::Remind, placed, local) else { continue };
        laid.useful_until = reminded_until(&laid, basis, asks, local.zone);
        limit_as_written(&mut laid, basis, local);
        // A letter before the date announces it, and moves nothing.
        if is_paced && laid.send_on >= basis.on {
            asks = AskedTurn::Again;
            let leaves_on = left_on(&laid).map_or(laid.send_on, |on| on.max(laid.send_on));
            behind += (leaves_on - asked_on).get_days().max(0);
        }
        timed.push(laid);
    }
    timed.sort_by_key(|l| l.send_at);
    timed.retain(|l| l.useful_until > l.send_at);
    timed
}

/// The letter with which a series first speaks of what is due then: the earliest of its dated letters. One that comes later may
/// only say "we wrote to you" where something was written.
#[must_use]
pub fn opening_step(series: &Series, due_on: Date) -> Option<&ProtocolStep> {
    dated(series, due_on).into_iter().map(|(_, step)| step).find(|step| !step.is_staff_task())
}

/// The steps while nothing is booked or answered that have a day, each with the day it is counted to, in that order.
fn dated(series: &Series, due_on: Date) -> Vec<(Date, &ProtocolStep)> {
    let dated = series.remind.iter().filter_map(|step| match step.at {
        At::Offset(span) => Some((span.from(due_on), step)),
        At::AfterTwoMisses => None,
    });
    let mut dated: Vec<_> = dated.collect();
    dated.sort_by_key(|(asked_on, _)| *asked_on);
    dated
}

/// The use that the protocol names, or that a task has.
fn limit_as_written(l: &mut TimedStep<'_>, basis: Basis, local: LocalHours<'_>) {
    let LocalHours { hours, zone } = local;
    match l.step.useful {
        _ if l.step.is_staff_task() => l.useful_until = Timestamp::MAX,
        Some(useful) => {
            let until = instant(useful.from(l.send_on), hours.at, zone);
            l.useful_until = if l.trigger == Trigger::Booked { until.min(start(basis, zone)) } else { until };
        }
        None => {}
    }
}

fn place<'s>(
    step: &'s ProtocolStep,
    trigger: Trigger,
    on: Date,
    local: LocalHours<'_>,
) -> Option<TimedStep<'s>> {
    let At::Offset(span) = step.at else { return None };
    place_on(step, trigger, StepDay { basis_on: on, asked_on: span.from(on) }, local)
}

/// The day a step is counted from, and the day that comes to.
#[derive(Clone, Copy)]
struct StepDay {
    basis_on: Date,
    asked_on: Date,
}

/// Whether a letter asks for an answer first, or once more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AskedTurn {
    First,
    Again,
}

/// The step on its day, moved off closed days: back if it comes before the date, forward if not.
/// A day that never was in her zone counts as closed.
fn place_on<'s>(
    step: &'s ProtocolStep,
    trigger: Trigger,
    StepDay { basis_on: on, asked_on: asked }: StepDay,
    local: LocalHours<'_>,
) -> Option<TimedStep<'s>> {
    let LocalHours { hours, zone } = local;
    let is_before = asked < on;
    let open = |day| if is_before { hours.days.at_or_before(day) } else { hours.days.at_or_after(day) };
    let beside = |day: Date| if is_before { day.yesterday() } else { day.tomorrow() };
    let mut send_on = open(asked);
    let mut found = instant_within(send_on, hours.at, zone);
    if found.is_none() {
        send_on = open(beside(send_on).ok()?);
        found = instant_within(send_on, hours.at, zone);
    }
    let send_at = found?;
    Some(TimedStep { step, trigger, basis_on: on, send_on, send_at, useful_until: Timestamp::MAX })
}

fn nudged_until(l: &TimedStep<'_>) -> Timestamp {
    later(l.send_at, NUDGE)
}

fn reminded_until(l: &TimedStep<'_>, basis: Basis, asks: AskedTurn, zone: &TimeZone) -> Timestamp {
    let closed = || end_of_day(basis.closes_on, zone);
    match asks {
        _ if l.send_on < basis.on => end_of_day(basis.on, zone),
        AskedTurn::Again => nudged_until(l).min(closed()),
        AskedTurn::First => closed(),
    }
}

fn limit_booked(timed: &mut Vec<TimedStep<'_>>, basis: Basis, zone: &TimeZone) {
    let mut until = start(basis, zone);
    timed.retain(|l| l.send_at < until);
    for l in timed.iter_mut().rev() {
        l.useful_until = until;
        if !l.step.is_staff_task() {
            until = l.send_at;
        }
    }
}

fn start(basis: Basis, zone: &TimeZone) -> Timestamp {
    basis.appointment_at.unwrap_or_else(|| end_of_day(basis.on, zone))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{any_series, high_risk, office, phase, series, span, step, zone};
    use super::*;
    use crate::care::plan::schedule::owed;
    use jiff::civil::date;
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};

    fn on(due: Date) -> Basis {
        Basis { on: due, closes_on: due.saturating_add(jiff::Span::new().days(20)), appointment_at: None }
    }

    fn shown(timed: &[TimedStep<'_>]) -> Vec<(String, String, String)> {
        timed
            .iter()
            .map(|l| (l.step.name.clone(), l.send_at.to_string(), l.useful_until.to_string()))
            .collect()
    }

    fn is(found: &[TimedStep<'_>], want: &[(&str, &str, &str)]) {
        let want: Vec<_> =
            want.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect();
        assert_eq!(shown(found), want);
    }

    #[test]
    fn a_reminder_leaves_at_the_local_hour_whatever_the_season() {
        let madrid = zone("Europe/Madrid");
        let visits = high_risk();
        is(
            &timed_steps(
                &visits,
                Trigger::Remind,
                on(date(2026, 11, 11)),
                LocalHours { hours: &office(), zone: &madrid },
            ),
            &[
                ("book", "2026-10-14T07:00:00Z", "2026-11-11T23:00:00Z"),
                ("book-again", "2026-10-28T08:00:00Z", "2026-11-11T23:00:00Z"),
            ],
        );
    }

    #[test]
    fn a_step_before_its_date_moves_back_off_closed_days_and_one_after_moves_on() {
        let friday = date(2026, 5, 1);
        let mut both = series(FollowUpKind::Checklist, vec![phase("0m", "", "1m")]);
        both.remind = vec![step("before", "-7d"), step("invite", "0d"), step("nudge", "1d")];
        let found = timed_steps(
            &both,
            Trigger::Remind,
            on(friday),
            LocalHours { hours: &office(), zone: &TimeZone::UTC },
        );
        let days: Vec<Date> = found.iter().map(|l| l.send_on).collect();
        assert_eq!(days, [date(2026, 4, 23), date(2026, 5, 4), date(2026, 5, 5)]);
    }

    #[test]
    fn an_invitation_lives_until_its_follow_up_closes_and_a_nudge_72_hours() {
        let monthly = series(FollowUpKind::Checklist, vec![phase("0m", "", "1m")]);
        is(
            &timed_steps(
                &monthly,
                Trigger::Remind,
                on(date(2026, 6, 1)),
                LocalHours { hours: &office(), zone: &TimeZone::UTC },
            ),
            &[
                ("invite", "2026-06-01T09:00:00Z", "2026-06-22T00:00:00Z"),
                ("nudge", "2026-06-02T09:00:00Z", "2026-06-05T09:00:00Z"),
                ("nudge-again", "2026-06-04T09:00:00Z", "2026-06-07T09:00:00Z"),
            ],
        );
    }

    #[test]
    fn a_letter_before_an_appointment_lives_until_the_next_one_or_the_appointment() {
        let (visits, madrid) = (high_risk(), zone("Europe/Madrid"));
        let appointment_at = Some("2026-06-11T08:30:00Z".parse().unwrap());
        let basis = Basis { appointment_at, ..on(date(2026, 6, 11)) };
        is(
            &timed_steps(&visits, Trigger::Booked, basis, LocalHours { hours: &office(), zone: &madrid }),
            &[
                ("week-before", "2026-06-04T07:00:00Z", "2026-06-10T07:00:00Z"),
                ("day-before", "2026-06-10T07:00:00Z", "2026-06-11T08:30:00Z"),
            ],
        );
    }

    #[test]
    fn a_letter_at_or_after_the_appointment_is_not_laid() {
        let mut visits = high_risk();
        visits.booked = vec![step("same-day", "0d")];
        let early =
            Basis { appointment_at: Some("2026-06-11T09:00:00Z".parse().unwrap()), ..on(date(2026, 6, 11)) };
        assert!(
            timed_steps(
                &visits,
                Trigger::Booked,
                early,
                LocalHours { hours: &office(), zone: &TimeZone::UTC }
            )
            .is_empty()
        );
    }

    #[test]
    fn two_letters_that_shift_to_one_hour_become_the_later_one() {
        let mut visits = high_risk();
        visits.booked = vec![step("two-before", "-2d"), step("day-before", "-1d")];
        let monday = date(2026, 6, 15);
        let found = timed_steps(
            &visits,
            Trigger::Booked,
            on(monday),
            LocalHours { hours: &office(), zone: &TimeZone::UTC },
        );
        let names: Vec<&str> = found.iter().map(|l| l.step.name.as_str()).collect();
        assert_eq!((names, found[0].send_on), (vec!["day-before"], date(2026, 6, 11)));
    }

    #[test]
    fn after_a_missed_visit_a_letter_lives_72_hours_and_a_task_for_ever() {
        is(
            &timed_steps(
                &high_risk(),
                Trigger::Missed,
                on(date(2026, 6, 1)),
                LocalHours { hours: &office(), zone: &TimeZone::UTC },
            ),
            &[
                ("sorry", "2026-06-02T09:00:00Z", "2026-06-05T09:00:00Z"),
                ("staff-task", "2026-06-11T09:00:00Z", &Timestamp::MAX.to_string()),
            ],
        );
    }

    #[test]
    fn a_use_the_protocol_names_is_kept_but_never_beyond_the_appointment() {
        let mut visits = high_risk();
        visits.remind[0].useful = Some(span("2d"));
        visits.booked = vec![ProtocolStep { useful: Some(span("9d")), ..step("day-before", "-1d") }];
        let hours = office();
        let local = LocalHours { hours: &hours, zone: &TimeZone::UTC };
        let book = timed_steps(&visits, Trigger::Remind, on(date(2026, 6, 11)), local)[0].useful_until;
        assert_eq!(book, "2026-05-16T09:00:00Z".parse().unwrap());
        let appointment_at = Some("2026-06-11T11:00:00Z".parse().unwrap());
        let basis = Basis { appointment_at, ..on(date(2026, 6, 11)) };
        assert_eq!(Some(timed_steps(&visits, Trigger::Booked, basis, local)[0].useful_until), appointment_at);
    }

    #[test]
    fn a_day_that_never_was_counts_as_closed() {
        let apia = zone("Pacific/Apia");
        let mut hours = office();
        hours.days.weekdays = jiff::civil::Weekday::Sunday.cycle_forward().take(7).collect();
        let monthly = series(FollowUpKind::Checklist, vec![phase("0m", "", "1m")]);
        let gone = date(2011, 12, 30);
        let invite =
            timed_steps(&monthly, Trigger::Remind, on(gone), LocalHours { hours: &hours, zone: &apia });
        assert_eq!(invite[0].send_on, date(2011, 12, 31));
        assert_eq!(
            invite[0].send_at.to_zoned(apia.clone()).strftime("%F %H:%M").to_string(),
            "2011-12-31 09:00"
        );
        let visits = high_risk();
        let before = timed_steps(
            &visits,
            Trigger::Booked,
            on(date(2011, 12, 31)),
            LocalHours { hours: &hours, zone: &apia },
        );
        assert_eq!(before[1].send_on, date(2011, 12, 29));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn every_letter_leaves_on_an_open_day_at_its_hour_and_before_its_use_is_over(
            series in any_series(),
            days in 0..9_000_i64,
            zone_name in proptest::sample::select(vec!["Europe/Madrid", "Africa/Cairo", "America/Santiago", "Asia/Gaza"]),
            trigger in proptest::sample::select(Trigger::ALL.to_vec()),
        ) {
            let (hours, zone) = (office(), zone(zone_name));
            let anchor = date(2001, 1, 1).saturating_add(jiff::Span::new().days(days));
            for owed in owed(&series, anchor).take(20) {
                let basis = Basis { on: owed.due_on, closes_on: owed.closes_on, appointment_at: None };
                for timed in timed_steps(&series, trigger, basis, LocalHours { hours: &hours, zone: &zone }) {
                    prop_assert!(hours.days.is_open(timed.send_on));
                    let local = zone.to_datetime(timed.send_at);
                    prop_assert!(local.date() == timed.send_on && local.time() == hours.at);
                    prop_assert!(timed.send_at < timed.useful_until);
                    let asked = match timed.step.at { At::Offset(s) => s.from(owed.due_on), At::AfterTwoMisses => unreachable!() };
                    let moved_right = if asked < owed.due_on { timed.send_on <= asked } else { timed.send_on >= asked };
                    prop_assert!(moved_right);
                }
            }
        }
    }
}

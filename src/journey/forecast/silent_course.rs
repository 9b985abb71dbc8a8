//! One patient's years to come, lived in memory: nobody answers, books or falls ill. What falls due, which letter carries
//! it and how a follow-up ends is decided by the same rules as in `plan/fall_due` and `outbox/enqueue`.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::care::plan::due_steps::{
    AskedStep, Booking, Due, Key, NextLook, OpenFollowUp, agenda, is_missed_at_close,
};
use crate::care::plan::protocol::{At, FollowUpKind, Protocol, Series, Trigger};
use crate::care::plan::reminder_times::TimedStep;
use crate::care::plan::schedule::{Owed, after};
use crate::care::task::TaskKind;
use crate::care::time::calendar::end_of_day;
use crate::journey::outbox::enqueue::{ReminderRoute, UsefulSpan, route_among};
use crate::journey::plan::discharge::{closing_times, is_course};
use crate::journey::sending_policy::{Local, Policy};
use crate::store::people::preferences::LetterKind;
use crate::store::plan::follow_ups::EnrolmentId;
use crate::store::plan::reminders::LetterDay;
use crate::store::work::monthly_load::MonthlyLoad;

/// Letters so old hold no place in a week any more.
const FORGOTTEN_DAYS: i64 = 21;

/// A follow-up that is open.
#[derive(Clone)]
pub(in crate::journey::forecast) struct AwaitedFollowUp {
    /// Whether the list of an import asks for its date.
    pub(in crate::journey::forecast) is_listed: bool,
    /// The enrolment it stands under; `None` under one that a change would open.
    pub(in crate::journey::forecast) enrolment: Option<EnrolmentId>,
    pub(in crate::journey::forecast) plan: Arc<Protocol>,
    /// Its series, by place in what may stand on record under the protocol.
    pub(in crate::journey::forecast) series: usize,
    pub(in crate::journey::forecast) anchor_on: Date,
    pub(in crate::journey::forecast) owed: Owed,
    pub(in crate::journey::forecast) booking: Booking,
    pub(in crate::journey::forecast) promised_from: Timestamp,
    pub(in crate::journey::forecast) gone: Vec<Key>,
    /// Letters of it that left, or wait to.
    pub(in crate::journey::forecast) asked: Vec<AskedStep>,
    pub(in crate::journey::forecast) next_at: Timestamp,
    /// Whether a letter asked for it.
    pub(in crate::journey::forecast) was_asked: bool,
    /// Whether the one before it was missed.
    pub(in crate::journey::forecast) follows_a_miss: bool,
    /// Whether its plan goes on after it; not so for a booked visit that outlived its plan.
    pub(in crate::journey::forecast) goes_on: bool,
}

impl AwaitedFollowUp {
    fn series(&self) -> Option<&Series> {
        self.plan.on_record().nth(self.series)
    }

    fn kind(&self) -> Option<FollowUpKind> {
        self.series().map(|s| s.kind)
    }
}

/// A letter of hers, and when it leaves. It is never written, so nothing names it.
#[derive(Clone, Copy)]
pub(in crate::journey::forecast) struct LetterAhead {
    pub(in crate::journey::forecast) day: LetterDay<()>,
    pub(in crate::journey::forecast) leaves_at: Timestamp,
}

/// What of her record decides what she will be sent.
#[derive(Clone)]
pub(in crate::journey::forecast) struct PatientAhead {
    pub(in crate::journey::forecast) zone: TimeZone,
    pub(in crate::journey::forecast) has_address: bool,
    pub(in crate::journey::forecast) declined: Vec<LetterKind>,
    /// Whether she ever was on more than add-ons.
    pub(in crate::journey::forecast) had_a_plan: bool,
    pub(in crate::journey::forecast) open: Vec<AwaitedFollowUp>,
    pub(in crate::journey::forecast) letters: Vec<LetterAhead>,
    /// The places of her follow-ups on record, open or not: none is written twice.
    pub(in crate::journey::forecast) written: HashSet<(EnrolmentId, usize, u32)>,
    /// Tasks about her that are open: one is not opened twice.
    pub(in crate::journey::forecast) tasks: HashSet<(TaskKind, String)>,
}

/// A moment of hers, with the clinic's hours on her clock.
#[derive(Clone, Copy)]
struct PatientMoment<'a> {
    now: Timestamp,
    local: Local<'a>,
}

/// What the forecast is counted within.
#[derive(Clone, Copy)]
pub(in crate::journey::forecast) struct ForecastSpan<'a> {
    pub(in crate::journey::forecast) from: Timestamp,
    pub(in crate::journey::forecast) until: Timestamp,
    /// First and last day at the clinic.
    pub(in crate::journey::forecast) days: (Date, Date),
    pub(in crate::journey::forecast) policy: &'a Policy,
    /// Whether nobody can read a form now.
    pub(in crate::journey::forecast) no_cover: bool,
}

/// Lives her years forward and counts what they ask for.
pub(in crate::journey::forecast) fn live(her: PatientAhead, span: ForecastSpan<'_>, load: &mut MonthlyLoad) {
    let waiting = her.letters.iter().filter(|l| l.leaves_at >= span.from && l.leaves_at < span.until);
    waiting.for_each(|l| load.month_of(l.day.on).letters += 1);
    let mut course = SilentCourse { her, span, load };
    for at in 0..course.her.open.len() {
        course.count_visit(at);
    }
    while let Some((at, now)) = course.next() {
        course.look(at, now);
    }
}

struct SilentCourse<'a> {
    her: PatientAhead,
    span: ForecastSpan<'a>,
    load: &'a mut MonthlyLoad,
}

impl SilentCourse<'_> {
    /// The follow-up that asks for something next, and when.
    fn next(&self) -> Option<(usize, Timestamp)> {
        let each = self.her.open.iter().enumerate().map(|(at, f)| (at, f.next_at.max(self.span.from)));
        each.min_by_key(|(_, next_at)| *next_at).filter(|(_, next_at)| *next_at < self.span.until)
    }

    fn look(&mut self, at: usize, now: Timestamp) {
        let zone = self.her.zone.clone();
        let local = Local { policy: self.span.policy, zone: &zone };
        let gone = std::mem::take(&mut self.her.open[at].gone);
        let out = std::mem::take(&mut self.her.open[at].asked);
        let open = &self.her.open[at];
        let plan = Arc::clone(&open.plan);
        let Some(series) = plan.on_record().nth(open.series) else {
            self.her.open.swap_remove(at);
            return;
        };
        let asked = OpenFollowUp {
            series,
            owed: open.owed,
            booking: open.booking,
            promised_from: open.promised_from,
            gone: &gone,
            asked: &out,
        };
        let (due, then) = agenda(&asked, now, local.hours());
        for one in due {
            self.carry_out(at, &one, PatientMoment { now, local });
        }
        self.her.open[at].gone.extend(gone);
        self.her.open[at].asked.extend(out);
        match then {
            NextLook::Wait(next_at) => self.her.open[at].next_at = next_at,
            NextLook::Close => self.close(at, series, PatientMoment { now, local }),
        }
    }

    fn carry_out(&mut self, at: usize, due: &Due<'_>, when: PatientMoment<'_>) {
        match due {
            Due::Letter(timed) => {
                self.promise(at, timed, when);
                self.her.open[at].gone.push((timed.trigger, timed.step.name.clone(), timed.basis_on));
            }
            Due::Late(timed) => {
                let is_nudge = self.is_nudge(at, timed);
                self.her.open[at].gone.push((timed.trigger, timed.step.name.clone(), timed.basis_on));
                if !is_nudge {
                    self.ask(TaskKind::LetterLapsed, timed.send_on.to_string(), when);
                }
            }
            Due::Overtaken(timed) => {
                self.her.open[at].gone.push((timed.trigger, timed.step.name.clone(), timed.basis_on));
            }
            // The list of an import asks for that date.
            Due::Task { kind: TaskKind::NotBooked, .. } if self.her.open[at].is_listed => {}
            Due::Task { kind, key } => {
                self.her.open[at].gone.push(key.clone());
                self.count_call(*kind, when);
            }
        }
    }

    /// Puts a promise into a letter, as `outbox/enqueue` does.
    fn promise(&mut self, at: usize, timed: &TimedStep<'_>, when: PatientMoment<'_>) {
        let useful = UsefulSpan { from: when.now.max(timed.send_at), until: timed.useful_until };
        let Some(series) = self.her.open[at].series() else { return };
        let kind = series.kind;
        if !self.her.has_address {
            return self.ask(TaskKind::Unreachable, String::new(), when);
        }
        if when.local.policy.leaflet_off(series).is_some() {
            return;
        }
        if self.her.declined.contains(&LetterKind::of(kind)) {
            return self.ask(TaskKind::OptedOut, "kinds".to_owned(), when);
        }
        // Nobody is reminded of a form that she was never offered.
        if self.span.no_cover && kind == FollowUpKind::Checklist && self.her.open[at].was_asked {
            return;
        }
        let is_nudge = self.is_nudge(at, timed);
        self.her.open[at].was_asked = true;
        match self.send(useful, when) {
            Some(leaves_at) if timed.trigger == Trigger::Remind => {
                let step = timed.step.name.clone();
                self.her.open[at].asked.push(AskedStep { step, at: leaves_at });
            }
            Some(_) => {}
            None if is_nudge => {}
            None => self.ask(TaskKind::LetterLapsed, when.local.day(useful.from).to_string(), when),
        }
    }

    /// Whether a letter was to ask for the same before: what is due first of a form is its invitation.
    fn is_nudge(&self, at: usize, timed: &TimedStep<'_>) -> bool {
        let open = &self.her.open[at];
        open.kind() == Some(FollowUpKind::Checklist)
            && timed.trigger == Trigger::Remind
            && (open.was_asked || !open.gone.is_empty())
    }

    /// When a letter carries it, if one does; counts that letter if it is a new one.
    fn send(
        &mut self,
        useful: UsefulSpan,
        PatientMoment { now, local }: PatientMoment<'_>,
    ) -> Option<Timestamp> {
        let forgotten = local.day(now).saturating_sub(jiff::Span::new().days(FORGOTTEN_DAYS));
        self.her.letters.retain(|l| l.day.on >= forgotten);
        let has_room =
            |l: &LetterAhead| LetterDay { has_room: l.day.has_room && l.leaves_at >= now, ..l.day };
        let days: Vec<LetterDay<()>> = self.her.letters.iter().map(has_room).collect();
        match route_among(&days, useful, local) {
            None => None,
            Some(ReminderRoute::Join(())) => Some(local.next_open(useful.from)),
            Some(ReminderRoute::New(leaves_at)) => {
                let on = local.day(leaves_at);
                let day = LetterDay { letter: (), on, is_news: false, has_room: true };
                self.her.letters.push(LetterAhead { day, leaves_at });
                if leaves_at < self.span.until {
                    self.load.month_of(on).letters += 1;
                }
                Some(leaves_at)
            }
        }
    }

    /// Closes a follow-up whose last day is over and goes on to the next of its series, as `plan/fall_due` does.
    fn close(&mut self, at: usize, series: &Series, when: PatientMoment<'_>) {
        let closed = self.her.open.swap_remove(at);
        let was_away = end_of_day(closed.owed.closes_on, when.local.zone) <= closed.promised_from;
        let is_form = series.kind == FollowUpKind::Checklist;
        let could_answer = series.kind.is_bookable() || closed.was_asked && !(is_form && self.span.no_cover);
        let is_missed = !was_away && is_missed_at_close(series.kind) && could_answer;
        if is_missed && closed.follows_a_miss && series.remind.iter().any(|s| s.at == At::AfterTwoMisses) {
            self.ask(TaskKind::Silent, series.id.clone(), when);
        }
        if !was_away && is_form && closed.was_asked && self.span.no_cover {
            self.ask(TaskKind::NotAsked, format!("{}/no-form", series.id), when);
        }
        match after(series, closed.anchor_on, &closed.owed, None) {
            _ if !closed.goes_on => {}
            Some(owed) if self.is_written(&closed, owed.number) => {}
            Some(owed) => {
                let (gone, asked) = (Vec::new(), Vec::new());
                let next = AwaitedFollowUp {
                    is_listed: false,
                    owed,
                    booking: Booking::None,
                    gone,
                    asked,
                    next_at: when.now,
                    was_asked: false,
                    follows_a_miss: is_missed,
                    ..closed
                };
                self.her.open.push(next);
                self.count_visit(self.her.open.len() - 1);
            }
            None => self.end_series(series.kind, when),
        }
    }

    /// Whether a later place of the same series is on record: a visit past due may be open beside the next.
    fn is_written(&self, closed: &AwaitedFollowUp, number: u32) -> bool {
        let on_record = |enrolment| self.her.written.contains(&(enrolment, closed.series, number));
        let is_same = |f: &AwaitedFollowUp| {
            f.enrolment == closed.enrolment && f.series == closed.series && f.owed.number == number
        };
        closed.enrolment.is_some_and(on_record) || self.her.open.iter().any(is_same)
    }

    /// The last yearly letter has left: she is let go with the closing letter.
    fn end_series(&mut self, kind: FollowUpKind, when: PatientMoment<'_>) {
        let is_last = !self.her.open.iter().filter_map(AwaitedFollowUp::kind).any(is_course);
        if kind == FollowUpKind::Leaflet && is_last && self.her.had_a_plan && self.her.has_address {
            let times = closing_times(when.now, when.local);
            self.send(UsefulSpan { from: times.send_at, until: times.expires_at }, when);
        }
    }

    fn ask(&mut self, kind: TaskKind, cause: String, when: PatientMoment<'_>) {
        if self.her.tasks.insert((kind, cause)) {
            self.count_call(kind, when);
        }
    }

    fn count_call(&mut self, kind: TaskKind, PatientMoment { now, .. }: PatientMoment<'_>) {
        if kind.is_call() {
            // As the record counts them: by the calendar of UTC.
            self.load.month_of(TimeZone::UTC.to_datetime(now).date()).calls += 1;
        }
    }

    fn count_visit(&mut self, at: usize) {
        let (first, last) = self.span.days;
        let open = &self.her.open[at];
        let due_on = open.owed.due_on;
        if open.kind().is_some_and(FollowUpKind::is_bookable) && due_on >= first && due_on <= last {
            self.load.month_of(due_on).visits += 1;
        }
    }
}

//! A patient's record, read as what decides what she will be sent; as it is, or as it would be under another protocol.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::plan_move::PlanMove;
use super::silent_course::{AwaitedFollowUp, ForecastSpan, LetterAhead, PatientAhead};
use crate::care::patient::Patient;
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::due_steps::Booking;
use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::reminder::ReminderState;
use crate::care::task::TaskKind;
use crate::care::task_state::TaskState;
use crate::care::time::calendar::instant;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::plan::enrol::CourseContent;
use crate::journey::plan::replan_preview::{PlanChange, ReplanPreview, preview};
use crate::journey::sending_policy::{Local, zone};
use crate::store::db::transaction::View;
use crate::store::mail::delivery::DeliveryId;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};
use crate::store::plan::reminders::LetterDay;
use crate::store::subject::Subject;

/// A patient on record, seen from the first instant of the forecast.
#[derive(Clone, Copy)]
pub(in crate::journey::forecast) struct RecordAhead<'a> {
    pub(in crate::journey::forecast) view: &'a View<'a>,
    pub(in crate::journey::forecast) clinic: &'a Deps,
    pub(in crate::journey::forecast) patient: &'a Patient,
    pub(in crate::journey::forecast) span: ForecastSpan<'a>,
}

impl RecordAhead<'_> {
    /// What she will be sent, as things stand; `None` where nothing will be: her status keeps no plan, or only for ever paused.
    pub(in crate::journey::forecast) fn read(&self) -> Result<Option<PatientAhead>, StepError> {
        let Self { view, patient, span, .. } = *self;
        let zone = zone(&patient.zone)?;
        let Some(starts_at) = self.starts_at(&zone) else { return Ok(None) };
        let local = Local { policy: span.policy, zone: &zone };
        let enrolments = view.enrolments_of(patient.id)?;
        let (mut open, mut written) = (Vec::new(), HashSet::new());
        for follow_up in view.follow_ups_of(patient.id)? {
            let Some(enrolment) = enrolments.iter().find(|e| e.id == follow_up.enrolment) else { continue };
            let plan = self.clinic.protocol_cache.get(view, enrolment.version)?;
            let Some(series) = plan.on_record().position(|s| s.id == follow_up.series) else { continue };
            written.insert((enrolment.id, series, follow_up.owed.number));
            if follow_up.is_open() {
                open.extend(self.awaited(&follow_up, enrolment, starts_at)?);
            }
        }
        let first = local.day(span.from).saturating_sub(jiff::Span::new().days(7));
        let letters = view.letter_days(patient.id, first, Date::MAX)?.into_iter();
        let waiting = view.letters_waiting(patient.id)?;
        let ahead = |day: LetterDay<DeliveryId>| {
            let at = waiting.iter().find(|w| w.id == day.letter).map(|w| w.next_at.unwrap_or(span.from));
            let leaves_at = at.map_or(Timestamp::MIN, |at| at.max(span.from));
            let LetterDay { on, is_news, has_room, .. } = day;
            LetterAhead { leaves_at, day: LetterDay { letter: (), on, is_news, has_room } }
        };
        let mut had_a_plan = false;
        for enrolment in &enrolments {
            had_a_plan |= self.clinic.protocol_cache.get(view, enrolment.version).is_ok_and(|p| !p.add_on);
        }
        let letters = letters.map(ahead).collect();
        let has_address = patient.letters_to().is_some();
        let declined = view.declined(patient.id)?;
        Ok(Some(PatientAhead {
            has_address,
            declined,
            had_a_plan,
            open,
            letters,
            written,
            tasks: self.tasks()?,
            zone,
        }))
    }

    /// The same as if she were moved from one protocol to another today; `None` where she is not on it.
    pub(in crate::journey::forecast) fn moved(
        &self,
        now: &PatientAhead,
        change: &PlanMove,
    ) -> Result<Option<PatientAhead>, StepError> {
        let Self { view, clinic, patient, span } = *self;
        let enrolments = view.enrolments_of(patient.id)?;
        let Some(old) = enrolments.iter().find(|e| e.is_active && e.protocol == change.from) else {
            return Ok(None);
        };
        let course = CourseContent { protocol: &change.to, anchor_on: old.anchor_on };
        let today = Local { policy: span.policy, zone: &now.zone }.day(span.from);
        let change = PlanChange { old, course: Some(course) };
        let all = preview(view, change, &clinic.protocol_cache, today)?;
        let mut open = Vec::new();
        let rows = view.follow_ups_of(patient.id)?;
        for follow_up in rows.iter().filter(|f| f.is_open() && f.enrolment != old.id) {
            let Some(enrolment) = enrolments.iter().find(|e| e.id == follow_up.enrolment) else { continue };
            open.extend(self.awaited(follow_up, enrolment, span.from)?);
        }
        for series in &all {
            open.extend(self.of_new_plan(series, old, course)?);
        }
        Ok(Some(PatientAhead { open, ..now.clone() }))
    }

    /// What is open of a series once the new plan is in force: what goes over, and what begins.
    fn of_new_plan(
        &self,
        preview: &ReplanPreview,
        old: &Enrolment,
        course: CourseContent<'_>,
    ) -> Result<Vec<AwaitedFollowUp>, StepError> {
        let from = self.span.from;
        let Some(series) = course.protocol.on_record().position(|s| s.id == preview.series) else {
            return Ok(Vec::new());
        };
        let begun = |owed| AwaitedFollowUp {
            is_listed: false,
            enrolment: None,
            plan: Arc::clone(course.protocol),
            series,
            anchor_on: course.anchor_on,
            owed,
            booking: Booking::None,
            promised_from: from,
            gone: Vec::new(),
            asked: Vec::new(),
            next_at: from,
            was_asked: false,
            follows_a_miss: false,
            goes_on: true,
        };
        let mut open: Vec<_> = preview.replanned.iter().filter_map(|r| r.next).map(begun).collect();
        for (at, (follow_up, _)) in preview.open.iter().enumerate() {
            let Some(stood) = self.awaited(follow_up, old, from)? else { continue };
            if preview.stays(at) {
                open.push(AwaitedFollowUp { goes_on: false, ..stood });
            } else if let Some(owed) = preview.counts_for(at) {
                let AwaitedFollowUp { is_listed, booking, gone, asked, was_asked, follows_a_miss, .. } =
                    stood;
                open.push(AwaitedFollowUp {
                    is_listed,
                    booking,
                    gone,
                    asked,
                    was_asked,
                    follows_a_miss,
                    ..begun(owed)
                });
            }
        }
        Ok(open)
    }

    /// From when on letters reach her: now, or the day after the last of her pause.
    fn starts_at(&self, zone: &TimeZone) -> Option<Timestamp> {
        let Self { patient, span, .. } = *self;
        if patient.status.may_receive() {
            return Some(span.from);
        }
        let paused_until = patient.paused_until.filter(|_| patient.status.is_asked_by_letter())?;
        let first = paused_until.saturating_add(jiff::Span::new().days(1));
        Some(instant(first, Time::midnight(), zone).max(span.from))
    }

    fn awaited(
        &self,
        follow_up: &FollowUp,
        enrolment: &Enrolment,
        starts_at: Timestamp,
    ) -> Result<Option<AwaitedFollowUp>, StepError> {
        let Self { view, clinic, span, .. } = *self;
        let plan = clinic.protocol_cache.get(view, enrolment.version)?;
        let Some(series) = plan.on_record().position(|s| s.id == follow_up.series) else { return Ok(None) };
        let reminders = view.reminders_of_follow_up(follow_up.id)?;
        let was_asked = reminders
            .iter()
            .any(|r| matches!(r.state, ReminderState::Sent | ReminderState::Due) && r.delivery.is_some());
        let before = match follow_up.owed.number.checked_sub(1) {
            Some(number) => view.follow_up_state(enrolment.id, &follow_up.series, number)?,
            None => None,
        };
        let is_later = starts_at > span.from;
        Ok(Some(AwaitedFollowUp {
            is_listed: view.is_on_booking_list(follow_up.id)?,
            enrolment: Some(enrolment.id),
            plan,
            series,
            anchor_on: enrolment.anchor_on,
            owed: follow_up.owed,
            booking: self.booking(follow_up)?,
            promised_from: if is_later { starts_at } else { follow_up.promised_from },
            gone: reminders.into_iter().map(|r| r.key).collect(),
            asked: view.asked_steps(follow_up, span.from)?,
            next_at: if is_later { starts_at } else { follow_up.next_at.unwrap_or(Timestamp::MAX) },
            was_asked,
            follows_a_miss: before == Some(FollowUpState::Missed),
            goes_on: enrolment.is_active,
        }))
    }

    fn booking(&self, follow_up: &FollowUp) -> Result<Booking, StepError> {
        if follow_up.state != FollowUpState::Booked {
            return Ok(Booking::None);
        }
        let found = self.view.appointment_of(follow_up.id)?.filter(|a| a.state == AppointmentState::Booked);
        let Some(appointment) = found else { return Ok(Booking::None) };
        let at = instant(appointment.on, appointment.at, &zone(&appointment.zone)?);
        Ok(Booking::On { on: appointment.on, at })
    }

    /// Open tasks about her, by kind and what of her they are about.
    fn tasks(&self) -> Result<HashSet<(TaskKind, String)>, StepError> {
        let own = Subject::from(self.patient.id).to_string();
        let open = self.view.tasks_of(self.patient.id)?.into_iter().filter(|t| t.state == TaskState::Open);
        let about = |cause: &str| {
            let rest = cause.strip_prefix(&own)?;
            Some(rest.trim_start_matches('/').to_owned())
        };
        Ok(open.filter_map(|t| Some((t.kind, about(&t.cause)?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::civil::date;

    use super::*;
    use crate::care::patient::PatientStatus;
    use crate::journey::fixture::{due, fixture, sure, triage};
    use crate::journey::patients::status::{self, pause_end};
    use crate::journey::status_change::StatusChange;

    #[tokio::test(flavor = "multi_thread")]
    async fn letters_go_on_in_the_forecast_at_the_instant_at_which_the_pause_ends() {
        let fixture = fixture(triage());
        let her = fixture.her();
        let pause = StatusChange {
            to: PatientStatus::Paused,
            reason: "she is away".to_owned(),
            until: Some(date(2026, 3, 10)),
            confirmed_by: None,
        };
        fixture.write(("daemon", due()), move |tx| status::change(tx, &her, &pause)).unwrap();
        let (her, clinic) = (fixture.her(), &fixture.clinic);
        let span = ForecastSpan {
            from: due(),
            until: due(),
            days: (Date::MIN, Date::MAX),
            policy: &clinic.policy,
            no_cover: false,
        };
        let starts_at = clinic
            .store
            .read(|view| {
                let record = RecordAhead { view, clinic, patient: &her, span };
                Ok::<_, StepError>(record.starts_at(&zone(&her.zone)?))
            })
            .unwrap()
            .unwrap();
        let before = starts_at - SignedDuration::from_secs(1);
        assert_eq!(pause_end::end_pauses(clinic, sure(before)).await.unwrap(), 0);
        assert_eq!(pause_end::end_pauses(clinic, sure(starts_at)).await.unwrap(), 1);
    }
}

//! What staff and patients of the demo do, day by day, as people do: they book, move, come, forget, fall ill.

use std::sync::Arc;

use jiff::civil::{Date, time};
use jiff::{Timestamp, ToSpan};

use super::cast::{CAST, Person, contact};
use crate::care::actor::Actor;
use crate::care::address::EmailAddress;
use crate::care::patient::{Detail, Patient, PatientId, PatientStatus, PreferredName, Reference};
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::follow_up::FollowUpState;
use crate::care::task::TaskKind;
use crate::care::time::calendar;
use crate::clock::SeededEntropy;
use crate::daemon::assembly::engine::Engine;
use crate::daemon::demo::cast::CourseEvent;
use crate::daemon::demo::folder::{DEAD, STAFF};
use crate::daemon::rehearsal::{SimulatedClinic, live};
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::close_task;
use crate::journey::patients::status;
use crate::journey::plan::booking_request::{AppointmentSlot, BookingRequest, CompletedVisit, Tell};
use crate::journey::plan::enrol::{Admission, Course, admit};
use crate::journey::plan::{book, replan};
use crate::journey::sending_policy::{day, zone};
use crate::journey::status_change::StatusChange;
use crate::ports::{Clock, Entropy};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::people::patients::Newcomer;
use crate::store::plan::follow_ups::FollowUp;

pub(super) struct Story<'a> {
    pub(super) engine: &'a Engine,
    chance: SeededEntropy,
    pub(super) people: Vec<(PatientId, Person)>,
    begun_on: Date,
}

impl<'a> Story<'a> {
    pub(super) fn new(engine: &'a Engine, seed: u64) -> Self {
        let chance = SeededEntropy::new(seed.wrapping_add(1));
        Self { engine, chance, people: Vec::new(), begun_on: Date::MIN }
    }

    pub(super) async fn tell(
        mut self,
        simulated: &SimulatedClinic<'_>,
        until: Timestamp,
        mut shown: impl FnMut(u64),
    ) -> Result<(), StepError> {
        let here = zone(&self.engine.config.clinic.time_zone)?;
        let begin = simulated.clock.now();
        self.begun_on = day(begin, &here);
        self.admit_all(begin).await?;
        let mut days = 0;
        while simulated.clock.now() < until {
            let today = day(simulated.clock.now(), &here);
            let evening = calendar::instant(today, time(17, 0, 0, 0), &here).max(simulated.clock.now());
            live::<StepError>(simulated, evening.min(until), |_, _| Ok(())).await?;
            self.afternoon(StoryMoment { today, now: evening }).await?;
            self.answers(simulated, StoryMoment { today, now: evening }).await?;
            let tomorrow = calendar::instant(today.saturating_add(1.day()), time(7, 0, 0, 0), &here);
            live::<StepError>(simulated, tomorrow.min(until), |_, _| Ok(())).await?;
            days += 1;
            shown(days);
        }
        Ok(())
    }

    async fn admit_all(&mut self, now: Timestamp) -> Result<(), StepError> {
        for (index, person) in CAST.iter().enumerate() {
            let admission = self.admission(index, person)?;
            let policy = Arc::clone(&self.engine.clinic.policy);
            let id = self.write(now, move |tx| admit(tx, &admission, &policy)).await?;
            self.people.push((id, *person));
        }
        Ok(())
    }

    fn admission(&self, index: usize, person: &Person) -> Result<Admission, StepError> {
        let anchor_on = self
            .begun_on
            .saturating_sub(person.months_since.months())
            .saturating_sub(i64::try_from(index).unwrap_or(0).days());
        let mut courses = Vec::new();
        for name in person.protocols.split('+') {
            let (version, protocol) = self
                .engine
                .published
                .get(name)
                .cloned()
                .ok_or_else(|| StepError::Content(ContentError::Protocol(name.to_owned())))?;
            courses.push(Course { version, protocol, anchor_on });
        }
        let impossible = || StoreError::corrupt("the demo's cast");
        let mailbox = match person.course_event {
            CourseEvent::NoAddress => None,
            CourseEvent::DeadAddress => Some(DEAD.to_owned()),
            CourseEvent::SharesMailbox => Some(mailbox(index - 1)),
            _ => Some(mailbox(index)),
        };
        let shares = person.course_event == CourseEvent::SharesMailbox
            || CAST.get(index + 1).is_some_and(|next| next.course_event == CourseEvent::SharesMailbox);
        Ok(Admission {
            newcomer: Newcomer {
                reference: Reference::parse(&format!("D-{:03}", index + 1)).map_err(|_| impossible())?,
                name: PreferredName::parse(person.name).map_err(|_| impossible())?,
                birth_on: jiff::civil::date(1960, 1, 1)
                    .saturating_add(i64::try_from(index * 217).unwrap_or(0).days()),
                email: mailbox.map(|m| EmailAddress::parse(&m)).transpose().map_err(|_| impossible())?,
                language: person.language.to_owned(),
                zone: person.zone.to_owned(),
                detail: [Detail::Standard, Detail::Full, Detail::Minimal][index % 3],
                detail_follows: false,
                proxy: None,
                shared_inbox: shares,
                status: PatientStatus::Active,
                contact: contact(index).map_err(|_| impossible())?,
            },
            courses,
            waiting: Vec::new(),
            next_visit: None,
        })
    }

    /// What people do once the day's letters are out.
    async fn afternoon(&mut self, when: StoryMoment) -> Result<(), StepError> {
        for (id, person) in self.people.clone() {
            let patient = self.engine.clinic.store.read(|view| view.patient(id))?;
            self.record_event(&patient, person.course_event, when).await?;
            if patient.status == PatientStatus::Active {
                self.appointments(&patient, person.course_event, when).await?;
            }
        }
        self.staff_work(when.now).await
    }

    async fn appointments(
        &mut self,
        patient: &Patient,
        course_event: CourseEvent,
        when: StoryMoment,
    ) -> Result<(), StepError> {
        for follow_up in self.engine.clinic.store.read(|view| view.follow_ups_of(patient.id))? {
            let booked = self.engine.clinic.store.read(|view| view.appointment_of(follow_up.id))?;
            match (follow_up.state, booked.filter(|b| b.state == AppointmentState::Booked)) {
                (FollowUpState::Planned, _) if follow_up.kind.is_bookable() => {
                    let near = (follow_up.owed.due_on - when.today).get_days() <= 25;
                    let eager = if course_event == CourseEvent::Forgets { 4 } else { 40 };
                    if near && self.happens(eager) {
                        self.book(patient, &follow_up, when).await?;
                    }
                }
                (FollowUpState::Booked, Some(slot)) if slot.on == when.today && self.comes(course_event) => {
                    self.done(patient, &follow_up, when).await?;
                }
                (FollowUpState::Booked, Some(slot))
                    if course_event == CourseEvent::Moves
                        && slot.sequence == 0
                        && (slot.on - when.today).get_days() == 4 =>
                {
                    let slot = AppointmentSlot {
                        on: slot.on.saturating_add(3.days()),
                        at: slot.at,
                        place: String::new(),
                    };
                    let (patient, clinic) = (patient.clone(), self.engine.clinic.clone());
                    let wish = wish(&follow_up.series, slot);
                    self.visit(when.now, move |tx| book::move_to(tx, &patient, &wish, &clinic)).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn book(
        &mut self,
        patient: &Patient,
        follow_up: &FollowUp,
        when: StoryMoment,
    ) -> Result<(), StepError> {
        let ahead = follow_up.owed.due_on.max(when.today.saturating_add(6.days()));
        let on = self.engine.clinic.policy.hours.days.at_or_after(ahead);
        let half = i8::try_from(self.roll() % 12).unwrap_or(0);
        let slot = AppointmentSlot {
            on,
            at: time(9 + half / 2, 30 * (half % 2), 0, 0),
            place: "Second floor, room 2".to_owned(),
        };
        let (patient, clinic) = (patient.clone(), self.engine.clinic.clone());
        let wish = wish(&follow_up.series, slot);
        self.visit(when.now, move |tx| book::book(tx, &patient, &wish, &clinic)).await
    }

    /// What cannot be booked is left as it is.
    async fn visit(
        &self,
        now: Timestamp,
        booking: impl FnOnce(&mut Tx<'_>) -> Result<FollowUp, StepError> + Send + 'static,
    ) -> Result<(), StepError> {
        match self.write(now, booking).await {
            Ok(_)
            | Err(StepError::Booking(
                BookingError::NoFollowUp
                | BookingError::NotBooked
                | BookingError::Booked(_)
                | BookingError::Outside(_)
                | BookingError::Past,
            )) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    async fn done(
        &self,
        patient: &Patient,
        follow_up: &FollowUp,
        when: StoryMoment,
    ) -> Result<(), StepError> {
        let (patient, clinic, series) =
            (patient.clone(), self.engine.clinic.clone(), follow_up.series.clone());
        let visit = CompletedVisit {
            series: Some(series),
            on: when.today,
            source: "clinic".to_owned(),
            anyway: false,
        };
        let took_place = move |tx: &mut Tx<'_>| book::done(tx, &patient, &visit, &clinic);
        match self.write(when.now, took_place).await {
            Ok(_) | Err(StepError::Booking(BookingError::NoFollowUp)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    async fn record_event(
        &self,
        patient: &Patient,
        course_event: CourseEvent,
        when: StoryMoment,
    ) -> Result<(), StepError> {
        let (to, month, reason) = match course_event {
            CourseEvent::Dies(month) => (PatientStatus::Deceased, month, "the family rang"),
            CourseEvent::Pauses(month) => (PatientStatus::Paused, month, "in hospital"),
            CourseEvent::OptsOut(month) => (PatientStatus::OptedOutEmail, month, "asked for no letters"),
            CourseEvent::Leaves(month) => (PatientStatus::Transferred, month, "moved to another town"),
            CourseEvent::Suspected(month) => {
                (PatientStatus::RecurrenceSuspected, month, "a finding at the visit")
            }
            CourseEvent::Recurs(month) => {
                (PatientStatus::RecurrenceConfirmed, month, "confirmed at the board")
            }
            CourseEvent::Palliative(month) => (PatientStatus::Palliative, month, "by her own wish"),
            CourseEvent::Corrected(month) if when.today == self.begun_on.saturating_add(month.months()) => {
                return self.correct(patient, when.now).await;
            }
            _ => return Ok(()),
        };
        if when.today != self.begun_on.saturating_add(month.months()) {
            return Ok(());
        }
        let until = (to == PatientStatus::Paused).then(|| when.today.saturating_add(2.months()));
        let change = StatusChange { to, reason: reason.to_owned(), until, confirmed_by: None };
        let patient = patient.clone();
        self.write(when.now, move |tx| status::change(tx, &patient, &change)).await
    }

    /// The last day of treatment turns out to have been five weeks later.
    async fn correct(&self, patient: &Patient, now: Timestamp) -> Result<(), StepError> {
        let clinic = self.engine.clinic.clone();
        let patient = patient.clone();
        let again = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
            for old in tx.enrolments_of(patient.id)?.into_iter().filter(|e| e.is_active) {
                let protocol = clinic.protocol_cache.get(tx, old.version)?;
                let anchor_on = old.anchor_on.saturating_add(5.weeks());
                let course = Course { version: old.version, protocol, anchor_on };
                replan::apply(tx, &old, &course, &clinic)?;
            }
            Ok(())
        };
        self.write(now, again).await
    }

    /// Staff confirm the test alert that reached them, and close what they have dealt with, most of it within days.
    async fn staff_work(&mut self, now: Timestamp) -> Result<(), StepError> {
        self.confirm_test(now).await?;
        for task in self.engine.clinic.store.read(|view| view.tasks_open())? {
            let ends_by_hand = task.kind != TaskKind::Hold
                && task.kind.stands_while().is_none()
                && task.kind.ends_once().is_none();
            if task.kind == TaskKind::Missed && self.happens(80) {
                self.call_off(&task, now).await?;
            } else if ends_by_hand && self.happens(80) {
                let done = move |tx: &mut Tx<'_>| close_task::close(tx, task.id, "dealt with by telephone");
                self.write(now, done).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn write<T, E>(
        &self,
        at: Timestamp,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.engine.clinic.store.write(Stamp { at, actor: Actor::Staff(STAFF.to_owned()) }, job).await
    }

    pub(super) fn roll(&self) -> u8 {
        let mut byte = [0];
        self.chance.fill(&mut byte);
        byte[0]
    }

    /// Whether she comes to her appointment, and somebody notes it.
    fn comes(&mut self, course_event: CourseEvent) -> bool {
        self.happens(if course_event == CourseEvent::Forgets { 90 } else { 235 })
    }

    /// Whether something happens whose odds are `of_256` in 256.
    pub(super) fn happens(&mut self, of_256: u8) -> bool {
        self.roll() < of_256
    }
}

/// One afternoon of the story.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoryMoment {
    pub(super) today: Date,
    pub(super) now: Timestamp,
}

fn wish(series: &str, slot: AppointmentSlot) -> BookingRequest {
    BookingRequest { series: Some(series.to_owned()), slot, tell: Tell::Patient, anyway: false }
}

fn mailbox(index: usize) -> String {
    format!("demo{:03}@patients.example", index + 1)
}

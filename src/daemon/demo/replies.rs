//! What patients of the demo answer, and what staff do about it: most have nothing to tell, some worsen, some do not answer;
//! the one on call is quick most of the time.

use jiff::{SignedDuration, Timestamp};

use super::story::Story;
use crate::care::actor::Actor;
use crate::care::alert::closure_step::ClosureStep;
use crate::care::alert::lifecycle::{AlertOutcome, AlertState, Disposition};
use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::AnswerKind as Asked;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::protocol::FollowUpKind;
use crate::care::time::span::earlier;
use crate::care::triage::case::FormStage;
use crate::care::triage::tier::Tier;
use crate::daemon::demo::cast::CourseEvent;
use crate::daemon::demo::folder::STAFF;
use crate::daemon::demo::story::StoryMoment;
use crate::daemon::rehearsal::{SimulatedClinic, live};
use crate::journey::alerts::test_alert::{TestReply, code};
use crate::journey::alerts::{acknowledge, cover};
use crate::journey::answers::link_access::birth_date::{Proved, prove};
use crate::journey::answers::respond::{Saved, SentPage, respond};
use crate::journey::deps::Deps;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::close_alert::{self, ClosureRequest};
use crate::journey::operations::close_task;
use crate::journey::plan::book;
use crate::journey::plan::booking_request::{CancellationRequest, Tell};
use crate::journey::sending_policy;
use crate::ports::Clock;
use crate::store::alerts::lifecycle::{Alert, AlertClosure};
use crate::store::alerts::test_alerts::RungReach;
use crate::store::answers::links::LinkPurpose;
use crate::store::answers::responses::Respondent;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::work::tasks::Task;

/// Answers other than "no": what worsened, in ascending order of worry.
const WORRIES: [&[(&str, &str)]; 4] = [
    &[("SP14", "yes")],
    &[("SP01", "new"), ("SP02", "low"), ("SP03", "4")],
    &[("SP07", "new")],
    &[("SP08", "new"), ("SP01", "new"), ("SP02", "middle"), ("SP03", "7")],
];

impl Story<'_> {
    /// Open checklists are answered or not; then staff see to what rings.
    pub(super) async fn answers(
        &mut self,
        simulated: &SimulatedClinic<'_>,
        when: StoryMoment,
    ) -> Result<(), StepError> {
        for (id, person) in self.people.clone() {
            let patient = self.engine.clinic.store.read(|view| view.patient(id))?;
            if patient.status == PatientStatus::Active && patient.email.is_some() {
                self.reply(&patient, person.course_event, when).await?;
            }
        }
        self.see_to_alerts(simulated).await
    }

    async fn reply(
        &mut self,
        patient: &Patient,
        course_event: CourseEvent,
        when: StoryMoment,
    ) -> Result<(), StepError> {
        for owed in self.engine.clinic.store.read(|view| view.follow_ups_of(patient.id))? {
            let open = owed.kind == FollowUpKind::Checklist
                && owed.state == FollowUpState::Planned
                && owed.owed.due_on <= when.today;
            let eager = if course_event == CourseEvent::Forgets { 12 } else { 150 };
            if open && self.happens(eager) {
                let worry = self.worry();
                let purpose = LinkPurpose::Checklist(owed.id);
                let form = AnsweredForm { patient, purpose, worry };
                answer(&self.engine.clinic, form, when.now).await?;
            }
        }
        Ok(())
    }

    /// Most have nothing to tell; about one form in twenty worries.
    fn worry(&self) -> &'static [(&'static str, &'static str)] {
        match self.roll() {
            0..3 => WORRIES[0],
            3..6 => WORRIES[1],
            6..10 => WORRIES[2],
            10..12 => WORRIES[3],
            _ => &[],
        }
    }

    /// The one on call looks after a quarter of an hour, and is away one time in six: then the next rung is told.
    async fn see_to_alerts(&mut self, simulated: &SimulatedClinic<'_>) -> Result<(), StepError> {
        for minutes in [12, 29] {
            let ringing = self.engine.clinic.store.read(|view| view.alerts_open())?;
            if ringing.is_empty() {
                return Ok(());
            }
            let later = simulated.clock.now().saturating_add(SignedDuration::from_mins(minutes));
            live::<StepError>(simulated, later.unwrap_or(simulated.clock.now()), |_, _| Ok(())).await?;
            for one in ringing {
                self.see_to(&one, simulated).await?;
            }
        }
        Ok(())
    }

    /// Each rung gives the code of the test letter that reached it.
    pub(super) async fn confirm_test(&self, now: Timestamp) -> Result<(), StepError> {
        let clinic = &self.engine.clinic;
        let lately = earlier(now, SignedDuration::from_hours(48));
        for asked in clinic.store.read(|view| view.asked_rungs(lately))? {
            if asked.reach == RungReach::Told && asked.confirmed.is_none() {
                let stamp = Stamp { at: now, actor: Actor::Staff(STAFF.to_owned()) };
                cover::answer(clinic, stamp, TestReply::Code(code(&asked, &clinic.key))).await?;
            }
        }
        Ok(())
    }

    async fn see_to(&mut self, one: &Alert, simulated: &SimulatedClinic<'_>) -> Result<(), StepError> {
        let (id, now) = (one.id, simulated.clock.now());
        let state = self.engine.clinic.store.read(|view| view.alert(id))?.state;
        if state == AlertState::Raised {
            if self.happens(215) {
                // She is rung at once; what it was is known days later.
                let clinic = self.engine.clinic.clone();
                let taken = move |tx: &mut Tx<'_>| {
                    acknowledge::acknowledge(tx, id)?;
                    acknowledge::renew(tx, id, &clinic).map(drop)
                };
                self.write(now, taken).await?;
            }
            return Ok(());
        }
        // She was rung; the file is closed once the work-up has said what it was.
        let waited =
            one.acknowledged.as_ref().is_some_and(|(_, at)| now.duration_since(*at).as_hours() >= 40);
        if waited {
            let on = sending_policy::day(now, &jiff::tz::TimeZone::UTC);
            let mri = (one.tier >= Some(Tier::Urgent)).then_some(Disposition::Mri(on));
            let dispositions = [Some(Disposition::Called), mri].into_iter().flatten().collect();
            let outcome =
                if self.happens(30) { AlertOutcome::SpinalSpread } else { AlertOutcome::OtherCause };
            let her = self.engine.clinic.store.read(|view| view.patient(one.patient))?;
            let steps = match outcome {
                AlertOutcome::SpinalSpread if close_alert::recurs_by(her.status) => {
                    vec![ClosureStep::Recurrence, ClosureStep::TellTeam]
                }
                _ => Vec::new(),
            };
            let closure = AlertClosure { dispositions, outcome, note: "made up for the demo".to_owned() };
            let stamp = Stamp { at: now, actor: Actor::Staff(STAFF.to_owned()) };
            let ending = ClosureRequest { closure, steps, says_none: false };
            close_alert::end(&self.engine.clinic, stamp, id, ending).await?;
        } else {
            let clinic = self.engine.clinic.clone();
            self.write(now, move |tx: &mut Tx<'_>| acknowledge::renew(tx, id, &clinic).map(drop)).await?;
        }
        Ok(())
    }

    /// Reached by telephone, she says that she could not come: the date is called off, and another is agreed on later. Once its
    /// window is over the call is the end of it.
    pub(super) async fn call_off(&self, task: &Task, now: Timestamp) -> Result<(), StepError> {
        let (clinic, id, whose) = (self.engine.clinic.clone(), task.id, task.patient.clone());
        let Some((patient, _)) = whose else { return Ok(()) };
        let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
            let Some(booked) = tx.booked_behind(id)? else {
                return close_task::close(tx, id, "dealt with by telephone").map(drop);
            };
            let mut series = None;
            for owed in
                tx.follow_ups_of(patient)?.into_iter().filter(|owed| owed.state == FollowUpState::Booked)
            {
                if tx.appointment_of(owed.id)?.is_some_and(|date| date.id == booked.id) {
                    series = Some(owed.series);
                }
            }
            let reason = Some("she could not come".to_owned());
            let asked = CancellationRequest { series, tell: Tell::Nobody, reason };
            match book::call_off(tx, &tx.patient(patient)?, &asked, &clinic.policy) {
                // Two dates stand: somebody looks on another day which one it was.
                Err(StepError::Booking(BookingError::Several(_))) => Ok(()),
                done => done.map(drop),
            }
        };
        self.write(now, job).await
    }
}

/// A form as a patient of the demo fills it in.
pub(super) struct AnsweredForm<'a> {
    pub(super) patient: &'a Patient,
    /// The link she came by.
    pub(super) purpose: LinkPurpose,
    /// Fields and answers other than "no".
    pub(super) worry: &'a [(&'a str, &'a str)],
}

/// Fills a form in through its link, as the page does. A link that is closed stays closed.
pub(super) async fn answer(
    clinic: &Deps,
    form: AnsweredForm<'_>,
    now: jiff::Timestamp,
) -> Result<(), StepError> {
    let AnsweredForm { patient, purpose, worry } = form;
    let token = clinic.key.token(patient.id, purpose, 0);
    let (_, checklist) = clinic.store.read(|view| clinic.care.in_force(view, &clinic.care.standard))?;
    let pass = match patient.shared_inbox {
        true => match prove(clinic, now, token.clone(), patient.birth_on).await? {
            Proved::Pass(pass) => Some(pass),
            Proved::NotAsked => None,
            Proved::Wrong { .. } | Proved::Shut(_) => return Ok(()),
        },
        false => None,
    };
    let page = SentPage {
        nonce: format!("demo-{}-{}-of-the-story", patient.id.0, now.as_second()),
        token,
        pass,
        version: checklist.version.clone(),
        who: Respondent::Myself,
        fields: filled_in(&checklist, worry),
        number: 0,
        stage: FormStage::Submitted,
    };
    match respond(clinic, now, page).await? {
        Saved::Kept(_) | Saved::Birth(_) | Saved::Shut(_) => Ok(()),
    }
}

/// Every question answered with "no", or nought, but for what worries.
fn filled_in(checklist: &Checklist, worry: &[(&str, &str)]) -> Vec<(String, String)> {
    let calm = |kind: &Asked| match kind {
        Asked::Change | Asked::Pain | Asked::YesNo => Some("no".to_owned()),
        Asked::Score { .. } => Some("0".to_owned()),
        Asked::Choice { .. } => None,
    };
    let word = |field: &str| worry.iter().find(|(of, _)| *of == field).map(|(_, word)| (*word).to_owned());
    let parts = checklist.parts();
    parts
        .filter_map(|part| Some((part.field.clone(), word(&part.field).or_else(|| calm(&part.kind))?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::checklists::checklist;

    #[test]
    fn every_worry_names_questions_and_answers_that_the_shipped_checklist_has() {
        let checklist = checklist::shipped().unwrap().checklist;
        for (field, word) in WORRIES.iter().flat_map(|worry| worry.iter()) {
            let (_, part) = checklist.field(field).unwrap_or_else(|| panic!("no field {field}"));
            assert!(part.kind.read(word).is_some(), "{field}={word}");
        }
    }
}

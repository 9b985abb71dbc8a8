//! The form of her plan, read into changes: each protocol that she is on may stay, move, or end; others may be added.

use std::sync::Arc;

use jiff::civil::Date;

use crate::care::patient::Patient;
use crate::care::plan::protocol::Protocol;
use crate::care::plan::schedule::first_from;
use crate::care::record::field_check::{self, EntryFault};
use crate::journey::patients::amend::PlanAmendment;
use crate::journey::plan::enrol::Course;
use crate::store::plan::follow_ups::Enrolment;
use crate::web::console::patients::enrol_form::KnownProtocol;
use crate::web::console::patients::field_reader::{self, FieldReader};

/// A protocol that she is on, with its content as published.
pub(super) struct ActiveCourse {
    pub(super) enrolment: Enrolment,
    pub(super) protocol: Arc<Protocol>,
}

/// What her plan is changed from and to.
pub(super) struct PlanForm<'a> {
    pub(super) patient: &'a Patient,
    pub(super) active: &'a [ActiveCourse],
    pub(super) known: &'a [KnownProtocol],
    pub(super) today: Date,
}

impl PlanForm<'_> {
    /// The changes that the form asks for, in order; the reader holds what is wrong.
    pub(super) fn read(&self, reader: &mut FieldReader<'_>) -> Vec<PlanAmendment> {
        let mut turns = Vec::new();
        for course in self.active {
            turns.extend(self.of_active(course, reader));
        }
        for known in self.known.iter().filter(|known| !self.is_on(&known.protocol.id)) {
            turns.extend(self.added(known, reader));
        }
        self.check_mains(&turns, reader);
        turns
    }

    fn is_on(&self, id: &str) -> bool {
        self.active.iter().any(|course| course.enrolment.protocol == id)
    }

    fn anchor(&self, text: &str) -> Result<Date, EntryFault> {
        let on = field_reader::date(text)?;
        field_check::anchored(on, self.today, Some(self.patient.birth_on))
    }

    /// What becomes of a protocol that she is on.
    fn of_active(&self, course: &ActiveCourse, reader: &mut FieldReader<'_>) -> Option<PlanAmendment> {
        let ActiveCourse { enrolment, protocol } = course;
        let id = enrolment.id.0;
        if reader.fields.get(&format!("end.{id}")) == "yes" {
            let reason = reader.need("reason", |text| Ok(text.chars().take(300).collect()))?;
            return Some(PlanAmendment::End(enrolment.clone(), reason));
        }
        let anchor_on = reader.need(&format!("anchor.{id}"), |text| self.anchor(text))?;
        let to = reader.fields.get(&format!("to.{id}")).to_owned();
        if to.is_empty() {
            let moves = anchor_on != enrolment.anchor_on;
            let course = Course { version: enrolment.version, protocol: Arc::clone(protocol), anchor_on };
            return moves.then(|| PlanAmendment::Instead(enrolment.clone(), course));
        }
        let Some(next) = self.known.iter().find(|known| known.protocol.id == to) else {
            reader.fault("protocol", &EntryFault::new("is not one of those in force", "choose another"));
            return None;
        };
        let course = Course { version: next.version, protocol: Arc::clone(&next.protocol), anchor_on };
        Some(PlanAmendment::Instead(enrolment.clone(), course))
    }

    /// An add-on beside what she is on, or her first protocol.
    fn added(&self, known: &KnownProtocol, reader: &mut FieldReader<'_>) -> Option<PlanAmendment> {
        let id = &known.protocol.id;
        if !reader.fields.all("add").any(|name| name == id) {
            return None;
        }
        let field = format!("anchor.{id}");
        let own = reader.may(&field, |text| self.anchor(text));
        let Some(anchor_on) = own.or_else(|| self.main_anchor(reader)) else {
            reader.fault(&field, &EntryFault::new("is empty", "give the date the protocol counts from"));
            return None;
        };
        if known.protocol.series.iter().all(|series| first_from(series, anchor_on, self.today).is_none()) {
            let over = format!("is so long ago that {id} is over already");
            reader.fault(&field, &EntryFault::new(over, "give a later date"));
            return None;
        }
        let protocol = Arc::clone(&known.protocol);
        Some(PlanAmendment::Add(Course { version: known.version, protocol, anchor_on }))
    }

    /// From when her main protocol will count.
    fn main_anchor(&self, reader: &FieldReader<'_>) -> Option<Date> {
        let main = self.active.iter().find(|course| !course.protocol.add_on)?;
        let typed = reader.fields.get(&format!("anchor.{}", main.enrolment.id.0)).parse().ok();
        Some(typed.unwrap_or(main.enrolment.anchor_on))
    }

    /// Two whole schedules would ask her to come twice as often as either says.
    fn check_mains(&self, turns: &[PlanAmendment], reader: &mut FieldReader<'_>) {
        let is_left = |course: &&ActiveCourse| {
            !turns.iter().any(|turn| match turn {
                PlanAmendment::Instead(old, _) | PlanAmendment::End(old, _) => old.id == course.enrolment.id,
                PlanAmendment::Add(_) => false,
            })
        };
        let stays = self.active.iter().filter(is_left).map(|course| course.protocol.as_ref());
        let comes = turns.iter().filter_map(|turn| match turn {
            PlanAmendment::Instead(_, course) | PlanAmendment::Add(course) => Some(course.protocol.as_ref()),
            PlanAmendment::End(..) => None,
        });
        let known = self.known.iter().map(|known| known.protocol.as_ref());
        if let Err(fault) = field_check::beside(stays.chain(comes), known) {
            let problem = format!("is one too many: {}", fault.problem.replace('`', ""));
            reader.fault("protocol", &EntryFault::new(problem, fault.hint));
        }
    }
}

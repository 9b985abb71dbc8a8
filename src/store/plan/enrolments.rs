//! Enrolments: a patient on a protocol. Ending one stops what is open under it; history stays.

use jiff::civil::Date;
use rusqlite::Row;

use crate::care::patient::{PatientId, PreferredName};
use crate::store::db::columns::date;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, word};
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::{self, Enrolment, EnrolmentId, FollowUp, FollowUpId};
use crate::store::plan::protocols::ProtocolVersionId;

pub(in crate::store) const COLUMNS: &str =
    "e.id, e.patient_id, e.protocol_version_id, e.protocol, e.anchor_on, e.state";

/// Somebody on a protocol, and who she is.
#[derive(Debug, Clone)]
pub struct EnrolledPatient {
    /// The enrolment on that protocol.
    pub enrolment: Enrolment,
    /// Case code of the patient.
    pub reference: String,
    /// What she is called.
    pub name: PreferredName,
}

/// An enrolment about to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewEnrolment<'a> {
    /// The patient; no active enrolment of hers may be in the same protocol.
    pub patient: PatientId,
    /// The published version whose rules its plan follows.
    pub version: ProtocolVersionId,
    /// Name of the protocol, whatever its version.
    pub protocol: &'a str,
    /// The day from which its plan is counted, as a rule the end of treatment.
    pub anchor_on: Date,
}

impl Tx<'_> {
    /// Puts a patient on a protocol.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when she is on it already.
    pub fn insert_enrolment(&mut self, new: &NewEnrolment<'_>) -> Result<EnrolmentId, StoreError> {
        let insert = "INSERT INTO enrolment (id, patient_id, protocol_version_id, protocol, anchor_on, state, opened_at) \
                      VALUES ((SELECT 1 + max(highest, (SELECT coalesce(max(id), 0) FROM enrolment)) FROM id_floor \
                      WHERE name = 'enrolment'), ?, ?, ?, ?, 'active', ?)";
        let at = self.at_ms();
        self.sql.prepare_cached(insert)?.execute((
            new.patient.0,
            new.version.0,
            new.protocol,
            new.anchor_on.to_string(),
            at,
        ))?;
        Ok(EnrolmentId(self.sql.last_insert_rowid()))
    }

    /// Ends an enrolment and stops its open follow-ups; history stays.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn close_enrolment(&mut self, id: EnrolmentId, reason: &str, today: Date) -> Result<(), StoreError> {
        let close =
            "UPDATE enrolment SET state = 'closed', closed_reason = ? WHERE id = ? AND state = 'active'";
        self.sql.prepare_cached(close)?.execute((reason, id.0))?;
        let stop = "UPDATE follow_up SET state = 'cancelled', next_at = NULL, closed_on = ?, closed_reason = ? \
                    WHERE enrolment_id = ? AND state IN ('planned', 'booked')";
        self.sql.prepare_cached(stop)?.execute((today.to_string(), reason, id.0))?;
        self.strike_bookings_under(id.0)
    }
}

impl View<'_> {
    /// One follow-up with its enrolment.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn follow_up_enrolled(&self, id: FollowUpId) -> Result<(FollowUp, Enrolment), StoreError> {
        let ask = format!(
            "SELECT {}, {COLUMNS} FROM follow_up f JOIN enrolment e ON e.id = f.enrolment_id WHERE f.id = ?",
            follow_ups::COLUMNS
        );
        self.one(&ask, [id.0], |r| Ok((follow_ups::follow_up(r, 0)?, enrolment(r, follow_ups::WIDTH)?)))?
            .ok_or_else(|| StoreError::not_found("follow-up"))
    }

    /// The enrolment in that row, active or closed.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn enrolment(&self, id: EnrolmentId) -> Result<Enrolment, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM enrolment e WHERE id = ?");
        self.one(&ask, [id.0], |r| enrolment(r, 0))?.ok_or_else(|| StoreError::not_found("enrolment"))
    }

    /// Everybody on a protocol, whatever the version, the dead apart; by enrolment.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn enrolled_on(&self, protocol: &str) -> Result<Vec<EnrolledPatient>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS}, p.reference, p.preferred_name FROM enrolment e JOIN patient p ON p.id = e.patient_id \
             WHERE e.protocol = ? AND e.state = 'active' AND p.status <> 'deceased' ORDER BY e.id"
        );
        self.readable(&ask, [protocol], |r| {
            let name = PreferredName::parse(&r.get::<_, String>(7)?);
            let name = name.map_err(|_| StoreError::corrupt("name"))?;
            Ok(EnrolledPatient { enrolment: enrolment(r, 0)?, reference: r.get(6)?, name })
        })
    }

    /// A patient's enrolments, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn enrolments_of(&self, patient: PatientId) -> Result<Vec<Enrolment>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM enrolment e WHERE patient_id = ? ORDER BY id");
        self.readable(&ask, [patient.0], |r| enrolment(r, 0))
    }
}

pub(in crate::store) fn enrolment(row: &Row<'_>, from: usize) -> Result<Enrolment, StoreError> {
    of_row("enrolment", row, from, || {
        Ok(Enrolment {
            id: EnrolmentId(row.get(from)?),
            patient: PatientId(row.get(from + 1)?),
            version: ProtocolVersionId(row.get(from + 2)?),
            protocol: row.get(from + 3)?,
            anchor_on: date(&row.get::<_, String>(from + 4)?)?,
            is_active: word(row.get(from + 5)?, &["active", "closed"])? == "active",
        })
    })
}

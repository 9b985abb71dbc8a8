//! Patients: who they are, how they are reached, where they stand.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::care::address::EmailAddress;
use crate::care::contact::PatientContact;
use crate::care::patient::{Detail, Patient, PatientId, PatientStatus, PreferredName, Reference};
use crate::care::record::proxy::NewProxy;
use crate::care::record::suspected_death::SuspectedDeath;
use crate::store::db::columns::{self, instant, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, raw, shown};
use crate::store::error::StoreError;
use crate::store::people::proxies;

/// A status that is given, or asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewStatus<'a> {
    /// Where she is to stand; only `Active` receives letters.
    pub to: PatientStatus,
    /// Why, in words for staff.
    pub reason: &'a str,
    /// How it was told that she may have died, where that is why letters to her wait.
    pub suspected_death: Option<SuspectedDeath>,
}

/// A patient about to be taken in.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The clinic's case code.
    pub reference: Reference,
    /// What she wants to be called.
    pub name: PreferredName,
    /// Birth date, the second factor of her pages.
    pub birth_on: Date,
    /// Where letters go, if anywhere.
    pub email: Option<EmailAddress>,
    /// BCP 47 primary language.
    pub language: String,
    /// IANA name of the zone in which her days and hours are counted.
    pub zone: String,
    /// How much letters may say.
    pub detail: Detail,
    /// Whether that is the clinic's level, and goes with it: nobody chose one for her.
    pub detail_follows: bool,
    /// Whether others read the same mailbox.
    pub shared_inbox: bool,
    /// Who acts for her and gets her letters in her place.
    pub proxy: Option<Box<NewProxy>>,
    /// Where she stands as she is taken in; only `Active` receives letters.
    pub status: PatientStatus,
    /// How she is reached by telephone.
    pub contact: PatientContact,
}

/// What [`patient`] reads, in its order.
pub(in crate::store) const COLUMNS: &str = "p.id, p.reference, p.preferred_name, p.birth_on, p.email, p.language, p.zone, p.detail, \
                                  p.shared_inbox, p.status, p.paused_until, p.detail_follows, \
                                  (SELECT json_array(x.id, x.name, x.email, x.language, x.until, x.refused_at) FROM patient_proxy x \
                                  WHERE x.patient_id = p.id AND x.ended_at IS NULL), \
                                  p.suspected_death";

const SHARING: &str = "SELECT id, shared_inbox FROM patient WHERE email = ? COLLATE NOCASE";

/// The widest code of digits that is looked for with more or fewer zeros before it.
const WIDEST_CODE: usize = 16;

impl View<'_> {
    /// The patient with that case code; the code of a record that ended in another leads to the one that stays.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none; `erased_at` when there was one.
    pub fn patient_by_reference(&self, reference: &Reference) -> Result<Patient, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM patient p WHERE p.id = (SELECT coalesce((SELECT m.into_id FROM patient_merge m \
             WHERE m.patient_id = o.id), o.id) FROM patient o WHERE o.reference = ?)"
        );
        let found = self.one(&ask, [reference.as_str()], |r| patient(r, 0))?;
        let erased = match &found {
            Some(found) => self.erased(found.id)?,
            None => self.erased_under(reference)?,
        };
        if let Some(erased) = erased {
            return Err(StoreError::erased(erased.at));
        }
        found.ok_or_else(|| StoreError::not_found(&format!("patient `{}`", reference.as_str())))
    }

    /// The patient of that row.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn patient(&self, id: PatientId) -> Result<Patient, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM patient p WHERE id = ?");
        self.one(&ask, [id.0], |r| patient(r, 0))?.ok_or_else(|| StoreError::not_found("patient"))
    }

    /// Everyone but the canary, by case code, at most `limit` after `after` (exclusive; empty for the first page).
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn patients(&self, after: &str, limit: u32) -> Result<Vec<Patient>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM patient p WHERE reference > CAST(? AS TEXT) AND reference <> ? \
             AND p.id NOT IN (SELECT patient_id FROM ended_record) ORDER BY reference LIMIT ?"
        );
        let (mut found, mut after) = (Vec::new(), after.as_bytes().to_vec());
        // A page is full, or the last, whatever cannot be read on its way.
        while let Some(left) =
            limit.checked_sub(u32::try_from(found.len()).unwrap_or(limit)).filter(|left| *left > 0)
        {
            let mut last = None;
            found.extend(self.readable(&ask, (&after, Reference::CANARY, left), |r| {
                // As it stands there: a code that is no text sorts behind what is shown of it, and would be met for ever.
                last = Some(raw(r, 1)?);
                patient(r, 0)
            })?);
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
        Ok(found)
    }

    /// Everyone who uses this mailbox, whatever the case of its letters, and whether each says that it is shared.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn sharing(&self, email: &EmailAddress) -> Result<Vec<(PatientId, bool)>, StoreError> {
        self.all(SHARING, [email.expose()], |r| {
            of_row("patient", r, 0, || Ok((PatientId(r.get(0)?), r.get(1)?)))
        })
    }

    /// Row and case code of at most five others with this name, whatever its case, and birth date; the oldest record first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alike(
        &self,
        id: PatientId,
        name: &PreferredName,
        birth_on: Date,
    ) -> Result<Vec<(PatientId, String)>, StoreError> {
        let ask = "SELECT id, reference FROM patient WHERE birth_on = ? AND preferred_name = ? COLLATE NOCASE AND id <> ? \
                   AND reference <> ? AND id NOT IN (SELECT patient_id FROM ended_record) ORDER BY id LIMIT 5";
        let who = (birth_on.to_string(), name.expose(), id.0, Reference::CANARY);
        rows(self.sql, ask, who, |r| Ok((PatientId(r.get(0)?), r.get(1)?)))
    }

    /// Whether the case code is taken.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn is_known(&self, reference: &Reference) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM patient WHERE reference = ?";
        Ok(self.sql.prepare_cached(ask)?.exists([reference.as_str()])?)
    }

    /// A case code on record that is this one in capitals or in small letters: one code, written in two ways.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn in_other_case(&self, reference: &Reference) -> Result<Option<String>, StoreError> {
        let ask = "SELECT reference FROM patient WHERE reference IN (?1, ?2) AND reference <> ?3";
        let code = reference.as_str();
        let forms = (code.to_ascii_uppercase(), code.to_ascii_lowercase(), code);
        Ok(rows(self.sql, ask, forms, |r| r.get(0))?.pop())
    }

    /// A patient on record whose case code differs only in zeros at its beginning; codes that are not all digits have none.
    /// One look at the index for each width.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn in_other_zeros(&self, reference: &Reference) -> Result<Option<String>, StoreError> {
        let code = reference.as_str();
        let bare = code.trim_start_matches('0');
        if !code.bytes().all(|b| b.is_ascii_digit()) || code.len() > WIDEST_CODE {
            return Ok(None);
        }
        let forms: Vec<String> = (1..=WIDEST_CODE).map(|width| format!("{bare:0>width$}")).collect();
        let places = vec!["?"; forms.len()].join(", ");
        let ask = format!("SELECT reference FROM patient WHERE reference IN ({places})");
        let found: Vec<String> = rows(self.sql, &ask, rusqlite::params_from_iter(forms), |r| r.get(0))?;
        Ok(found.into_iter().find(|other| other != code))
    }

    /// Since when a patient stands where she does.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn status_since(&self, patient: PatientId) -> Result<Timestamp, StoreError> {
        let ask = "SELECT status_at FROM patient WHERE id = ?";
        Ok(instant(self.sql.prepare_cached(ask)?.query_row([patient.0], |r| r.get(0))?))
    }

    /// Why a patient stands where she does, in words for staff.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn status_reason(&self, patient: PatientId) -> Result<Option<String>, StoreError> {
        let ask = "SELECT status_reason FROM patient WHERE id = ?";
        Ok(self.sql.prepare_cached(ask)?.query_row([patient.0], |r| r.get(0))?)
    }

    /// Patients whose pause has its last day before `day`, with that day and the zone by which it ends.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn pauses_ending(&self, day: Date) -> Result<Vec<Pause>, StoreError> {
        let ask = "SELECT id, zone, paused_until FROM patient WHERE status = 'paused' AND paused_until < ? \
                   ORDER BY paused_until LIMIT 500";
        self.readable(ask, [day.to_string()], |r| {
            of_row("patient", r, 0, || {
                let until = shown(r, 2)?.parse().ok();
                Ok(Pause { patient: PatientId(r.get(0)?), zone: shown(r, 1)?, until })
            })
        })
    }
}

/// A pause that ends by itself.
#[derive(Debug, Clone)]
pub struct Pause {
    /// The patient whose letters are paused.
    pub patient: PatientId,
    /// Name of the zone by whose days it ends, unchecked.
    pub zone: String,
    /// Its last day; `None` when that cannot be read.
    pub until: Option<Date>,
}

impl Tx<'_> {
    /// Takes a patient in. Writes no audit event: the step that enrols does.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when the case code is taken.
    pub fn insert_patient(&mut self, new: &Newcomer) -> Result<PatientId, StoreError> {
        // The number of somebody who was removed never comes back.
        let insert = "INSERT INTO patient (id, reference, preferred_name, birth_on, email, language, zone, detail, \
                      detail_follows, shared_inbox, status, status_at, created_at) VALUES ((SELECT 1 + max(highest, \
                      (SELECT coalesce(max(id), 0) FROM patient)) FROM id_floor WHERE name = 'patient'), \
                      ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let at = self.at_ms();
        self.sql.prepare_cached(insert)?.execute((
            new.reference.as_str(),
            new.name.expose(),
            new.birth_on.to_string(),
            new.email.as_ref().map(EmailAddress::expose),
            &new.language,
            &new.zone,
            new.detail.word(),
            new.detail_follows,
            new.shared_inbox,
            new.status.word(),
            at,
            at,
        ))?;
        let id = PatientId(self.sql.last_insert_rowid());
        if !new.contact.is_empty() {
            self.put_contact(id, &new.contact)?;
        }
        if let Some(proxy) = &new.proxy {
            self.record_proxy(id, proxy)?;
        }
        Ok(id)
    }

    /// Writes a new status and the reason for it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn set_status(
        &mut self,
        id: PatientId,
        new: NewStatus<'_>,
        paused_until: Option<Date>,
    ) -> Result<(), StoreError> {
        let update = "UPDATE patient SET status = ?, status_reason = ?, suspected_death = ?, status_at = ?, paused_until = ? \
                      WHERE id = ?";
        let (until, death) =
            (paused_until.map(|d| d.to_string()), new.suspected_death.map(SuspectedDeath::word));
        let row = (new.to.word(), new.reason, death, self.at_ms(), until, id.0);
        self.sql.prepare_cached(update)?.execute(row)?;
        Ok(())
    }

    /// Writes everything but status and plan of a patient as given.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn update_patient(&mut self, p: &Patient) -> Result<(), StoreError> {
        let update = "UPDATE patient SET preferred_name = ?, birth_on = ?, email = ?, language = ?, zone = ?, \
                      detail = ?, detail_follows = ?, shared_inbox = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((
            p.name.expose(),
            p.birth_on.to_string(),
            p.email.as_ref().map(EmailAddress::expose),
            &p.language,
            &p.zone,
            p.detail.word(),
            p.detail_follows,
            p.shared_inbox,
            p.id.0,
        ))?;
        Ok(())
    }
}

/// Builds a patient from a row of [`COLUMNS`], through the same parsers as any other text.
pub(in crate::store) fn patient(row: &Row<'_>, from: usize) -> Result<Patient, StoreError> {
    of_row("patient", row, from, || {
        let text = |i: usize| row.get::<_, String>(from + i);
        let email: Option<String> = row.get(from + 4)?;
        Ok(Patient {
            id: PatientId(row.get(from)?),
            reference: Reference::parse(&text(1)?).map_err(|_| StoreError::corrupt("reference"))?,
            name: PreferredName::parse(&text(2)?).map_err(|_| StoreError::corrupt("preferred name"))?,
            birth_on: columns::date(&text(3)?)?,
            email: email
                .map(|e| EmailAddress::parse(&e).map_err(|_| StoreError::corrupt("address")))
                .transpose()?,
            language: text(5)?,
            zone: text(6)?,
            detail: Detail::parse(&text(7)?).map_err(|_| StoreError::corrupt("detail"))?,
            detail_follows: row.get(from + 11)?,
            shared_inbox: row.get(from + 8)?,
            status: PatientStatus::parse(&text(9)?).map_err(|_| StoreError::corrupt("status"))?,
            proxy: match row.get_ref(from + 12)? {
                ValueRef::Null => None,
                _ => Some(proxies::in_force(&shown(row, from + 12)?)?),
            },
            paused_until: row.get::<_, Option<String>>(from + 10)?.map(|d| columns::date(&d)).transpose()?,
            suspected_death: row
                .get::<_, Option<String>>(from + 13)?
                .map(|told| {
                    SuspectedDeath::parse(&told).ok_or_else(|| StoreError::corrupt("suspected death"))
                })
                .transpose()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> rusqlite::Connection {
        let mut sql = rusqlite::Connection::open_in_memory().unwrap();
        crate::store::db::migrate::up(&mut sql).unwrap();
        let two = "INSERT INTO patient (reference, preferred_name, birth_on, email, language, zone, status_at, created_at) \
                   VALUES ('A-1', 'Bea', '1970-01-01', 'Bea@p.example', 'en', 'UTC', 0, 0), \
                   ('b-2', 'Ana', '1970-01-01', NULL, 'en', 'UTC', 0, 0)";
        sql.execute_batch(two).unwrap();
        sql
    }

    #[test]
    fn a_mailbox_is_one_whatever_the_case_and_is_found_through_its_index() {
        let sql = database();
        let found = View::of(&sql).sharing(&EmailAddress::parse("bEA@P.example").unwrap()).unwrap();
        assert_eq!(found, [(PatientId(1), false)]);
        let mut plan = sql.prepare(&format!("EXPLAIN QUERY PLAN {SHARING}")).unwrap();
        let steps: String = plan.query_row(["x"], |r| r.get(3)).unwrap();
        assert_eq!(steps, "SEARCH patient USING INDEX patient_mailbox (email=?)");
    }

    #[test]
    fn a_case_code_in_the_other_case_is_found() {
        let sql = database();
        let other = |code| View::of(&sql).in_other_case(&Reference::parse(code).unwrap()).unwrap();
        assert_eq!(other("a-1").as_deref(), Some("A-1"));
        assert_eq!(other("B-2").as_deref(), Some("b-2"));
        assert_eq!((other("A-1"), other("C-3")), (None, None));
    }
}

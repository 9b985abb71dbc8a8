//! Where patients stand, as SQL asks it: lists of states made from the rules of care, never copied by hand; and why each stands there.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::care::patient::PatientStatus;
use crate::care::record::letter_role::{LetterRole, may_leave};
use crate::care::record::suspected_death::SuspectedDeath;
use crate::store::error::StoreError;

/// The states of which a rule of care holds, as a list in SQL: `'active', 'paused'`.
pub(in crate::store) fn words(holds: impl Fn(PatientStatus) -> bool) -> String {
    let all = PatientStatus::ALL.into_iter().filter(|status| holds(*status));
    all.map(|status| format!("'{}'", status.word())).collect::<Vec<_>>().join(", ")
}

/// A question with the lists that rules of care make in the place of their names: `KEEPS_PLAN`, `ASKED_BY_LETTER`, and `NOT_HANDED_OVER`
/// for whoever keeps her plan or is not in care any more.
pub(in crate::store) fn with_lists(ask: &str) -> String {
    ask.replace("KEEPS_PLAN", &words(PatientStatus::keeps_plan))
        .replace("ASKED_BY_LETTER", &words(PatientStatus::is_asked_by_letter))
        .replace("NOT_HANDED_OVER", &words(|status| status.keeps_plan() || !status.is_in_care()))
}

/// Whether patient `p` stands so that letter `d` may leave to her: the rule of care, in SQL.
pub(in crate::store) fn lets_leave() -> String {
    format!(
        "({} OR {} AND EXISTS (SELECT 1 FROM inbound i WHERE i.answer_id = d.id))",
        stands_for(LetterRole::Plan),
        stands_for(LetterRole::Answer)
    )
}

fn stands_for(role: LetterRole) -> String {
    let always = |status| SuspectedDeath::ALL.into_iter().all(|told| may_leave(status, Some(told), role));
    let (lives, may_have_died) = (words(|status| may_leave(status, None, role)), words(always));
    format!("iif(p.suspected_death IS NULL, p.status IN ({lives}), p.status IN ({may_have_died}))")
}

/// Why somebody stands where she does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReason {
    /// In words for staff.
    pub text: String,
    /// How it was told that she may have died, where that is why.
    pub suspected_death: Option<SuspectedDeath>,
}

/// Why everybody who is not active stands so in a database that may be of an earlier version, by case code. A row that cannot be
/// read says nothing, of herself alone. Earlier versions say in their sentence alone that she may have died.
pub(in crate::store) fn reasons(sql: &Connection) -> Result<BTreeMap<String, StatusReason>, StoreError> {
    let column = "SELECT 1 FROM pragma_table_info('patient') WHERE name = 'suspected_death'";
    let has_word = sql.prepare(column)?.exists([])?;
    let told = if has_word { "suspected_death" } else { "NULL" };
    let ask = format!(
        "SELECT reference, status_reason, {told} FROM patient WHERE status_reason IS NOT NULL AND status <> 'active'"
    );
    let mut statement = sql.prepare(&ask)?;
    let mut rows = statement.query([])?;
    let mut all = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (Ok(code), Ok(text)) = (row.get(0), row.get::<_, String>(1)) else { continue };
        // What cannot be read says all the same that she may have died.
        let word: Option<String> = row.get(2).unwrap_or_else(|_| Some(String::new()));
        let suspected_death = match word {
            Some(word) => Some(SuspectedDeath::parse(&word).unwrap_or(SuspectedDeath::Untold)),
            None if has_word => None,
            None => SuspectedDeath::meant_by(&text),
        };
        all.insert(code, StatusReason { text, suspected_death });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::migrate;

    #[test]
    fn a_database_of_an_earlier_version_says_it_in_its_sentence_alone() {
        let sql = Connection::open_in_memory().unwrap();
        sql.execute_batch("CREATE TABLE patient (reference, status, status_reason)").unwrap();
        let sentence = SuspectedDeath::Alike.reason();
        for (code, reason) in [("A-1", sentence), ("A-2", "travels")] {
            sql.execute("INSERT INTO patient VALUES (?, 'paused', ?)", (code, reason)).unwrap();
        }
        sql.execute_batch("INSERT INTO patient VALUES ('A-3', 'paused', 7)").unwrap();
        let found = reasons(&sql).unwrap();
        let told: Vec<_> = found.iter().map(|(code, why)| (code.as_str(), why.suspected_death)).collect();
        assert_eq!(told, [("A-1", Some(SuspectedDeath::Alike)), ("A-2", None)]);
        sql.execute_batch(
            "ALTER TABLE patient ADD COLUMN suspected_death; UPDATE patient SET suspected_death = 'message'",
        )
        .unwrap();
        assert_eq!(reasons(&sql).unwrap()["A-2"].suspected_death, Some(SuspectedDeath::Message));
    }

    /// Both roles in each status, and with each way in which a death is told: what SQL lets leave is what care does.
    #[test]
    fn sql_lets_leave_what_care_does() {
        let mut sql = Connection::open_in_memory().unwrap();
        migrate::up(&mut sql).unwrap();
        let told = SuspectedDeath::ALL.into_iter().map(|told| (PatientStatus::Paused, Some(told)));
        let all: Vec<_> = PatientStatus::ALL.into_iter().map(|status| (status, None)).chain(told).collect();
        for (n, (status, told)) in (0_i64..).zip(all) {
            let her = "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status, suspected_death, status_at, \
                       created_at) VALUES (?1, 'A-' || ?1, 'Ana', '1970-01-01', 'en', 'UTC', ?2, ?3, 0, 0)";
            sql.execute(her, (n, status.word(), told.map(SuspectedDeath::word))).unwrap();
            for (role, letter) in [(LetterRole::Plan, 2 * n), (LetterRole::Answer, 2 * n + 1)] {
                let new = "INSERT INTO delivery (id, audience, purpose, patient_id, local_on, priority, state, next_at, expires_at, \
                           message_id, created_at) VALUES (?1, 'patient', 'notice', ?2, '2026-01-01', 1, 'pending', 0, 9000, 'm-' || ?1, 0)";
                sql.execute(new, (letter, n)).unwrap();
                if role == LetterRole::Answer {
                    let inbound = "INSERT INTO inbound (digest, received_at, kind, patient_id, subject, text, answer_id) \
                                   VALUES (CAST(?1 AS BLOB), 0, 'wrote', ?2, '', '', ?1)";
                    sql.execute(inbound, (letter, n)).unwrap();
                }
                let ask = format!(
                    "SELECT {} FROM delivery d JOIN patient p ON p.id = d.patient_id WHERE d.id = ?",
                    lets_leave()
                );
                let lets: bool = sql.query_row(&ask, [letter], |r| r.get(0)).unwrap();
                assert_eq!(lets, may_leave(status, told, role), "{status:?} {told:?} {role:?}");
            }
        }
    }
}

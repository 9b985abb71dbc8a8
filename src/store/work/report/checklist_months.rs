//! Who answers: checklists that were asked for, by month and protocol, and what became of them.

use jiff::civil::Date;

use crate::store::db::columns::{date, name};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::report::ReportScope;

/// Checklists that were asked for and whose day came. Answered, half done, missed and open make up all that were asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChecklistCounts {
    /// All of them: a letter that asked left, or an answer came.
    pub asked: u32,
    /// Those for which a form was submitted.
    pub answered: u32,
    /// Those for which pages were saved and no form was submitted.
    pub half_done: u32,
    /// Those whose time is over without a page saved.
    pub missed: u32,
    /// Those that can still be answered.
    pub open: u32,
    /// Those whose time is over without a form, with pages saved or not.
    pub closed: u32,
}

impl ChecklistCounts {
    /// Adds the counts of others.
    pub fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.answered += other.answered;
        self.half_done += other.half_done;
        self.missed += other.missed;
        self.open += other.open;
        self.closed += other.closed;
    }
}

/// The checklists of one protocol that came due in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistMonth {
    /// The first day of the month.
    pub month: Date,
    /// The name of the protocol that asks.
    pub protocol: String,
    /// How many, and what became of them.
    pub counts: ChecklistCounts,
}

/// What is planned counts only once a letter asked for it, as long as she is followed: nobody is silent who was not asked. A
/// letter that said that nobody can read forms now did not ask. What was planned for whoever has left stands still
/// (`next_at`). `form` is the furthest that an answer got, and one that came by another link ended it too; of its two words the later one in the alphabet is the further.
const ASK: &str = "WITH asked AS (SELECT substr(f.due_on, 1, 7) AS month, e.protocol AS protocol, f.state AS state, \
     f.next_at IS NOT NULL AS runs, f.id AS id, CASE WHEN f.state = 'done' THEN 'submitted' ELSE \
     (SELECT max(r.state) FROM response r WHERE r.follow_up_id = f.id) END AS form \
     FROM follow_up f INDEXED BY follow_up_asked JOIN enrolment e ON e.id = f.enrolment_id \
     WHERE f.kind = 'checklist' AND f.state <> 'cancelled' AND f.due_on >= ?1 AND f.due_on < ?2 \
     AND (?3 IS NULL OR e.protocol = ?3)) \
     SELECT month, protocol, count(*), total(form = 'submitted'), total(form = 'partial'), \
     total(form IS NULL AND state = 'missed'), total(form IS NULL AND state <> 'missed'), \
     total(state = 'missed' AND form IS NOT 'submitted') FROM asked \
     WHERE form IS NOT NULL OR state = 'missed' OR (state = 'planned' AND runs AND EXISTS (SELECT 1 FROM reminder m \
     LEFT JOIN sealed s ON s.delivery_id = m.delivery_id WHERE m.follow_up_id = asked.id AND m.state = 'sent' \
     AND m.delivery_id IS NOT NULL AND NOT coalesce(CASE WHEN json_valid(s.inputs) THEN json_extract(s.inputs, '$.no_cover') END, 0))) \
     GROUP BY 1, 2 ORDER BY 1, 2";

impl View<'_> {
    /// Checklists asked for and answered, by month and protocol.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn checklist_months(&self, scope: &ReportScope<'_>) -> Result<Vec<ChecklistMonth>, StoreError> {
        let days = (scope.span.first_on.to_string(), scope.span.end_on.to_string(), scope.protocol);
        self.all(ASK, days, |r| {
            let month: String = r.get(0)?;
            let counts = ChecklistCounts {
                asked: r.get(2)?,
                answered: sum(r, 3)?,
                half_done: sum(r, 4)?,
                missed: sum(r, 5)?,
                open: sum(r, 6)?,
                closed: sum(r, 7)?,
            };
            Ok(ChecklistMonth { month: date(&format!("{month}-01"))?, protocol: name(r, 1)?, counts })
        })
    }
}

/// A sum that is never NULL comes as a real number.
fn sum(row: &rusqlite::Row<'_>, at: usize) -> Result<u32, StoreError> {
    let sum: f64 = row.get(at)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of rows")]
    Ok(sum as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn only_the_checklists_of_the_days_asked_for_are_looked_at() {
        let (_dir, store) = fresh();
        let steps = plan(&store, ASK, &["2026-01-01", "2026-03-03", "nccn"]);
        assert!(
            steps.iter().any(|step| step.contains("INDEX follow_up_asked (due_on>? AND due_on<?)")),
            "{steps:?}"
        );
        for table in ["SCAN f", "SCAN e", "SCAN r", "SCAN m", "SCAN s"] {
            let scans = steps.iter().any(|step| step == table || step.starts_with(&format!("{table} ")));
            assert!(!scans, "{steps:?}");
        }
    }
}

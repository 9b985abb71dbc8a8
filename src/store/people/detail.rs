//! Patients whose record says nothing of how much letters say: the clinic's level counts, and a change of it reaches them.

use crate::care::patient::Detail;
use crate::care::settings::setting::Setting;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::rows;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// So many of them are named.
const NAMED: u32 = 20;

const OTHERS: &str = "SELECT count(*) FROM patient WHERE detail_follows = 1 AND detail <> ?";
const FOLLOW: &str = "UPDATE patient SET detail = ?1 WHERE detail_follows = 1 AND detail <> ?1";
const REACHED: &str = "SELECT count(*) FROM patient INDEXED BY patient_detail_follows WHERE detail_follows = 1 AND detail <> ? AND status = 'active' \
                       AND email IS NOT NULL AND shared_inbox = 0";
const EXAMPLES: &str = "SELECT reference FROM patient INDEXED BY patient_detail_follows WHERE detail_follows = 1 AND detail <> ? \
                        AND status = 'active' AND email IS NOT NULL AND shared_inbox = 0 LIMIT ?";

/// Whose letters another level of the clinic's would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailReach {
    /// How many get letters and leave the level to the clinic.
    pub count: u32,
    /// Case codes of some of them.
    pub examples: Vec<String>,
}

impl Tx<'_> {
    /// Whoever leaves the level to the clinic has this one from now on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn follow_detail(&mut self, level: Detail) -> Result<(), StoreError> {
        let others: i64 = self.sql.prepare_cached(OTHERS)?.query_row([level.word()], |row| row.get(0))?;
        if others == 0 {
            return Ok(());
        }
        self.sql.prepare_cached(FOLLOW)?.execute([level.word()])?;
        let detail = serde_json::json!({ "level": level.word(), "patients": others });
        self.audit(AuditAction::DetailFollowed, Subject::Setting(Setting::DetailDefault), &detail)
    }
}

impl View<'_> {
    /// Whose letters would say more or less if the clinic's level were this one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn detail_reach(&self, level: Detail) -> Result<DetailReach, StoreError> {
        let count = rows(self.sql, REACHED, [level.word()], |row| row.get(0))?;
        let examples = rows(self.sql, EXAMPLES, (level.word(), NAMED), |row| row.get(0))?;
        Ok(DetailReach { count: count.first().copied().unwrap_or_default(), examples })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn whoever_follows_is_found_without_reading_the_others() {
        let (_dir, store) = fresh();
        for (ask, values) in [(OTHERS, &["x"][..]), (EXAMPLES, &["x", "1"]), (REACHED, &["x"])] {
            let steps = plan(&store, ask, values);
            assert!(steps.iter().any(|step| step.contains("patient_detail_follows")), "{steps:?}");
        }
    }
}

//! What became of the letters to patients, month by month.

use jiff::civil::Date;

use crate::care::delivery::DeliveryState;
use crate::store::db::columns::date;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::report::ReportScope;

/// Letters to patients of one month that stand alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFate {
    /// First day of the month, by the reader's own day.
    pub month: Date,
    /// What became of them.
    pub state: DeliveryState,
    /// How many stand so.
    pub count: u32,
}

impl View<'_> {
    /// Letters to patients by month and what became of them; the canary's are not counted. It looks at every letter there is:
    /// an index by day would cost every letter that leaves more than it spares the few who ask.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letter_months(&self, scope: &ReportScope<'_>) -> Result<Vec<LetterFate>, StoreError> {
        let ask = "SELECT substr(d.local_on, 1, 7), d.state, count(*) FROM delivery d WHERE d.audience = 'patient' \
                   AND d.purpose <> 'canary' AND d.local_on >= ?1 AND d.local_on < ?2 AND (?3 IS NULL \
                   OR EXISTS (SELECT 1 FROM enrolment e WHERE e.patient_id = d.patient_id AND e.protocol = ?3)) \
                   GROUP BY 1, 2 ORDER BY 1, 2";
        let days = (scope.span.first_on.to_string(), scope.span.end_on.to_string(), scope.protocol);
        self.all(ask, days, |r| {
            let (month, state): (String, String) = (r.get(0)?, r.get(1)?);
            let state = DeliveryState::parse(&state).ok_or_else(|| StoreError::corrupt("delivery state"))?;
            Ok(LetterFate { month: date(&format!("{month}-01"))?, state, count: r.get(2)? })
        })
    }
}

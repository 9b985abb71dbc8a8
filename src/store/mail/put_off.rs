//! Letters that wait and that the mail server put off since it took one last.

use jiff::Timestamp;

use crate::care::delivery::AttemptVerdict;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// A letter that was put off, with the server's last words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOffLetter {
    /// The address it was sealed for.
    pub mailbox: String,
    /// Whether it goes to a patient.
    pub is_to_patient: bool,
    /// When it was put off first.
    pub first: Timestamp,
    /// When it was put off last.
    pub last: Timestamp,
    /// The reply code then; `None` if none came.
    pub code: Option<u16>,
    /// The words then, no address in them.
    pub reply: String,
}

const PUT_OFF: &str = "SELECT s.recipient, d.audience = 'patient', min(a.ended_at), l.ended_at, l.code, l.reply \
     FROM delivery d JOIN attempt a ON a.delivery_id = d.id JOIN sealed s ON s.delivery_id = d.id \
     JOIN attempt l ON l.delivery_id = d.id AND l.number = (SELECT max(n.number) FROM attempt n WHERE n.delivery_id = d.id) \
     WHERE d.state = 'pending' AND a.ended_at >= ?1 AND a.verdict = ?2 AND l.verdict = ?2 AND s.recipient IS NOT NULL \
     GROUP BY d.id ORDER BY d.id DESC LIMIT 1000";

impl View<'_> {
    /// Letters that wait whose last attempt since then ended so; at most 1,000, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn put_off(
        &self,
        verdict: AttemptVerdict,
        since: Timestamp,
    ) -> Result<Vec<PutOffLetter>, StoreError> {
        rows(self.sql, PUT_OFF, (millis(since), verdict.word()), |r| {
            Ok(PutOffLetter {
                mailbox: r.get(0)?,
                is_to_patient: r.get(1)?,
                first: instant(r.get(2)?),
                last: instant(r.get(3)?),
                code: r.get(4)?,
                reply: r.get(5)?,
            })
        })
    }
}

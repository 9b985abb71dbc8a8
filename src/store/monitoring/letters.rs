//! Letters by why they exist and what became of them, and those whose instant has come.

use jiff::Timestamp;

use crate::care::delivery::DeliveryState;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::delivery::Purpose;

/// How many letters of one purpose are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LettersInState {
    /// Why the letters exist.
    pub purpose: Purpose,
    /// Where they are, or how their trip ended.
    pub state: DeliveryState,
    /// How many there are.
    pub letters: u64,
}

/// The letters of one purpose that wait, and which of them could have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingLetters {
    /// Why the letters exist.
    pub purpose: Purpose,
    /// How many wait, those for a later instant included.
    pub waiting: u64,
    /// How many of them could leave now.
    pub due: u64,
    /// Since when the oldest could have left; `None` where none is due. Letters about alerts count from their first attempt on,
    /// also while they wait for another.
    pub oldest_due: Option<Timestamp>,
}

const ENDED: &str = "SELECT purpose, fate, letters FROM letter_count";
const IN_HAND: &str = "SELECT purpose, count(*) FROM delivery INDEXED BY delivery_leased WHERE state = 'claimed' GROUP BY purpose";
// A letter about an alert is owed from when it could first have left: each attempt that fails puts it off, and nobody hears.
const WAITING: &str = "SELECT priority, count(*), coalesce(sum(next_at <= ?1), 0), \
     min(CASE purpose WHEN 'alert' THEN coalesce(first_tried_at, next_at) ELSE next_at END) \
     FROM delivery INDEXED BY delivery_due WHERE state = 'pending' GROUP BY priority";

impl View<'_> {
    /// How many letters are in hand or came to an end, by purpose and state. Those that wait tells [`Self::letters_pending`].
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub(in crate::store) fn letter_counts(&self) -> Result<Vec<LettersInState>, StoreError> {
        let ended =
            rows(self.sql, ENDED, [], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?, r.get(2)?)))?;
        let ended = ended.into_iter().filter_map(|(purpose, state, letters): (String, String, i64)| {
            let (purpose, state) = (Purpose::parse(&purpose)?, DeliveryState::parse(&state)?);
            Some(LettersInState { purpose, state, letters: u64::try_from(letters).unwrap_or(0) })
        });
        let claimed = rows(self.sql, IN_HAND, [], |r| Ok((r.get::<_, String>(0)?, r.get::<_, u32>(1)?)))?;
        let claimed = claimed.into_iter().filter_map(|(purpose, letters)| {
            let purpose = Purpose::parse(&purpose)?;
            Some(LettersInState { purpose, state: DeliveryState::Claimed, letters: u64::from(letters) })
        });
        Ok(ended.chain(claimed).collect())
    }

    /// The letters that wait, by purpose; a purpose of which none waits is left out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub(in crate::store) fn letters_pending(
        &self,
        now: Timestamp,
    ) -> Result<Vec<WaitingLetters>, StoreError> {
        let read = |r: &rusqlite::Row<'_>| {
            Ok((r.get::<_, u8>(0)?, r.get::<_, u32>(1)?, r.get::<_, u32>(2)?, r.get::<_, i64>(3)?))
        };
        let found = rows(self.sql, WAITING, [millis(now)], read)?;
        let of = |(priority, waiting, due, first): (u8, u32, u32, i64)| {
            let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.priority() == priority)?;
            let oldest_due = Some(instant(first)).filter(|first| *first <= now);
            Some(WaitingLetters { purpose, waiting: u64::from(waiting), due: u64::from(due), oldest_due })
        };
        Ok(found.into_iter().filter_map(of).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::database::Store;
    use crate::store::database::tests::{fresh, plan, sabotage, stamp};

    /// Letters to staff, one for each state named, written down in that state.
    fn write_down(store: &Store, states: &'static [&'static str]) {
        let job = move |tx: &mut crate::store::db::transaction::Tx<'_>| -> Result<(), StoreError> {
            for state in states {
                let ended = !matches!(*state, "pending" | "claimed");
                let insert = format!(
                    "INSERT INTO delivery (audience, purpose, local_on, priority, state, frees_day, next_at, lease_until, \
                     message_id, expires_at, created_at, ended_at, reason) VALUES ('staff', 'alert', '2026-11-26', 0, '{state}', {}, \
                     {}, {}, 'x@y', 9, 0, {}, {})",
                    matches!(*state, "skipped" | "lapsed" | "failed"),
                    if *state == "pending" { "7000" } else { "NULL" },
                    if *state == "claimed" { "9" } else { "NULL" },
                    if ended { "8" } else { "NULL" },
                    if ended && *state != "sent" { "'so'" } else { "NULL" },
                );
                sabotage(tx, &insert)?;
            }
            Ok(())
        };
        store.write_blocking(stamp(), job).unwrap();
    }

    fn counted(store: &Store) -> BTreeMap<&'static str, u64> {
        let found = store.read(|v| v.letter_counts()).unwrap();
        found.into_iter().filter(|c| c.letters > 0).map(|c| (c.state.word(), c.letters)).collect()
    }

    #[test]
    fn a_letter_is_counted_where_it_is_and_goes_over_when_it_moves_on() {
        let (_dir, store) = fresh();
        write_down(&store, &["pending", "claimed", "sent", "sent", "failed"]);
        assert_eq!(counted(&store), [("claimed", 1), ("failed", 1), ("sent", 2)].into());
        let does = |sql: &'static str| store.write_blocking(stamp(), move |tx| sabotage(tx, sql)).unwrap();
        does(
            "UPDATE delivery SET state = 'sent', lease_until = NULL, ended_at = 9, reason = NULL WHERE state = 'claimed'",
        );
        does(
            "UPDATE delivery SET state = 'failed', frees_day = 1, reason = 'it came back' WHERE id = (SELECT min(id) FROM delivery WHERE state = 'sent')",
        );
        assert_eq!(counted(&store), [("failed", 2), ("sent", 2)].into());
        does(
            "UPDATE delivery SET state = 'pending', frees_day = 0, next_at = 5, ended_at = NULL, reason = NULL WHERE state = 'failed'",
        );
        assert_eq!(counted(&store), [("sent", 2)].into(), "it goes again and is counted back");
    }

    #[test]
    fn the_oldest_letter_that_could_have_left_is_told_and_one_for_later_is_not() {
        let (_dir, store) = fresh();
        write_down(&store, &["pending", "pending"]);
        let at = |ms| store.read(|v| v.letters_pending(instant(ms))).unwrap();
        let [early] = at(6_999)[..] else { panic!("one purpose") };
        assert_eq!((early.waiting, early.due, early.oldest_due), (2, 0, None));
        let [late] = at(7_000)[..] else { panic!("one purpose") };
        assert_eq!((late.purpose, late.due, late.oldest_due), (Purpose::Alert, 2, Some(instant(7_000))));
    }

    #[test]
    fn a_letter_about_an_alert_that_was_put_off_counts_from_its_first_attempt() {
        let (_dir, store) = fresh();
        write_down(&store, &["pending"]);
        let tried = "UPDATE delivery SET first_tried_at = 1000, attempt = 3 WHERE state = 'pending'";
        store.write_blocking(stamp(), move |tx| sabotage(tx, tried)).unwrap();
        let [alert] = store.read(|v| v.letters_pending(instant(6_000))).unwrap()[..] else { panic!("one") };
        assert_eq!((alert.due, alert.oldest_due), (0, Some(instant(1_000))));
    }

    #[test]
    fn the_ledger_is_not_read_for_it() {
        let (_dir, store) = fresh();
        for (ask, index) in [
            (WAITING, "SCAN delivery USING INDEX delivery_due"),
            (IN_HAND, "SCAN delivery USING INDEX delivery_leased"),
        ] {
            let steps = plan(&store, ask, &["5"][..ask.matches("?1").count().min(1)]);
            assert!(steps.iter().any(|step| step.starts_with(index)), "{steps:?}");
        }
    }
}

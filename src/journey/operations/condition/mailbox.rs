//! How far the mailbox of replies is read, and the task that stands while it cannot be. A message is taken in before its number
//! is written down: what a crash falls between is read again and changes nothing.

use std::time::Duration;

use jiff::Timestamp;

use crate::care::task::TaskKind;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;
use crate::store::work::tasks::NewTask;

/// The fact that keeps the position: a line for each of its parts.
const POSITION: &str = "mailbox-position";
/// The fact that keeps since when the mailbox cannot be read.
const AWAY: &str = "mailbox-away";
/// The cause of the task.
const CAUSE: &str = "mailbox";
/// A server may be away for so long before a person is asked; a restart or a cut takes less.
const ABSENCE: Duration = Duration::from_secs(3600);

/// How far a mailbox is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxPosition {
    /// Which mailbox, by account, server and folder.
    pub mailbox: String,
    /// The value beside which its numbers mean something (UIDVALIDITY, RFC 3501 §2.3.1.1).
    pub validity: u32,
    /// The number of the last message that was taken in.
    pub uid: u32,
    /// When all that had come was last taken in.
    pub read_at: Timestamp,
}

/// Why a mailbox is not read.
#[derive(Debug, Clone)]
pub struct MailboxFault {
    /// What is wrong, in words of the server's or ours; no address in it.
    pub said: String,
    /// Whether waiting alone will not mend it: a person is asked at once.
    pub needs_a_person: bool,
}

/// Why a message is not taken in, while others are.
#[derive(Debug, Clone)]
pub enum UnreadReason {
    /// The server does not hand it over: its words, without addresses.
    Refused(String),
    /// It breaks whatever of ours reads it.
    Broken,
}

/// A message that is not taken in, while others are.
#[derive(Debug, Clone)]
pub struct UnreadMessage {
    /// The value beside which its number means something.
    pub validity: u32,
    /// Its number in the folder.
    pub uid: u32,
    /// Why it is left there.
    pub why: UnreadReason,
    /// How many were left before it over the same line.
    pub before: usize,
}

/// So many of them have a task each; what comes beyond shares one.
const REFUSED: usize = 20;

/// How far the mailbox is read; `None` before the first look.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn position(view: &View<'_>) -> Result<Option<MailboxPosition>, StoreError> {
    Ok(view.fact(POSITION)?.as_deref().and_then(written))
}

/// Since when the mailbox cannot be read; `None` while it can.
fn away_since(view: &View<'_>) -> Result<Option<Timestamp>, StoreError> {
    Ok(view.fact(AWAY)?.and_then(|since| since.parse().ok()))
}

/// When the mailbox was last read, and since when it cannot be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailboxReadings {
    /// When all that had come was last taken in; `None` before the first look.
    pub read_at: Option<Timestamp>,
    /// Since when it cannot be read; `None` while it can.
    pub away_since: Option<Timestamp>,
}

/// How the reading of the mailbox goes.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn readings(view: &View<'_>) -> Result<MailboxReadings, StoreError> {
    let read_at = position(view)?.map(|position| position.read_at);
    Ok(MailboxReadings { read_at, away_since: away_since(view)? })
}

fn written(text: &str) -> Option<MailboxPosition> {
    let mut parts = text.splitn(4, '\n');
    Some(MailboxPosition {
        validity: parts.next()?.parse().ok()?,
        uid: parts.next()?.parse().ok()?,
        read_at: parts.next()?.parse().ok()?,
        mailbox: parts.next()?.to_owned(),
    })
}

/// Writes the position down; the mailbox can be read, so the task about it ends.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn read_up_to(clinic: &Deps, now: Timestamp, position: &MailboxPosition) -> Result<(), StepError> {
    let MailboxPosition { mailbox, validity, uid, read_at } = position;
    let text = format!("{validity}\n{uid}\n{read_at}\n{mailbox}");
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        tx.set_fact(POSITION, &text)?;
        if tx.fact(AWAY)?.is_some() {
            tx.clear_fact(AWAY)?;
            tx.close_tasks_caused(TaskKind::MailboxUnread, CAUSE, "the mailbox is read again")?;
        }
        Ok(())
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

/// The mailbox cannot be read: written down, and a task as soon as waiting is of no use.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn away(clinic: &Deps, now: Timestamp, trouble: MailboxFault) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let since = away_since(tx)?.unwrap_or(now);
        tx.set_fact(AWAY, &since.to_string())?;
        let lasts = Duration::try_from(now.duration_since(since)).is_ok_and(|lasted| lasted >= ABSENCE);
        if trouble.needs_a_person || lasts {
            let said = trouble.said.trim_end_matches('.');
            let reason = format!("The mailbox of replies cannot be read: {said}.");
            tx.open_task(&NewTask {
                kind: TaskKind::MailboxUnread,
                cause: CAUSE.to_owned(),
                patient: None,
                follow_up: None,
                reason,
                due_at: tx.at(),
            })?;
        }
        Ok(())
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

/// A message cannot be taken in, and what lies behind it can: it may be a patient's, so a person looks into the mailbox the same day.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn left_unread(clinic: &Deps, now: Timestamp, unread: UnreadMessage) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let UnreadMessage { validity, uid, why, before } = unread;
        let (cause, reason) = match before < REFUSED {
            true => (
                format!("mailbox/{validity}/{uid}"),
                match why {
                    UnreadReason::Refused(said) => {
                        let said = said.trim_end_matches('.');
                        format!("A message in the mailbox of replies cannot be fetched (number {uid}): {said}. It may be a patient's: read it there.")
                    }
                    UnreadReason::Broken => {
                        format!("A message in the mailbox of replies breaks the program that reads it (number {uid}). It may be a patient's: read it there.")
                    }
                },
            ),
            false => (
                "mailbox/more".to_owned(),
                "Many messages in the mailbox of replies cannot be fetched. They may be patients': read them there.".to_owned(),
            ),
        };
        let (kind, due_at) = (TaskKind::SheWrote, tx.at());
        tx.open_task(&NewTask { kind, cause, patient: None, follow_up: None, reason, due_at })?;
        Ok(())
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

/// A file of a Maildir breaks whatever of ours reads it: a person looks at it the same day.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn left_broken(clinic: &Deps, stamp: Stamp, name: &str) -> Result<(), StepError> {
    let cause = format!("maildir/{name}");
    let reason = format!(
        "A message breaks the program that reads it: {name}. It may be a patient's: read it there, then take it away."
    );
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let (kind, due_at) = (TaskKind::SheWrote, tx.at());
        tx.open_task(&NewTask { kind, cause, patient: None, follow_up: None, reason, due_at })?;
        Ok(())
    };
    clinic.store.write_blocking(stamp, job)
}

/// No mailbox is configured any more: nothing stands for it.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn given_up(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    if clinic.store.read(away_since)?.is_none() {
        return Ok(());
    }
    let job = |tx: &mut Tx<'_>| -> Result<(), StepError> {
        tx.clear_fact(AWAY)?;
        Ok(tx.close_tasks_caused(TaskKind::MailboxUnread, CAUSE, "no mailbox is read any more")?)
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, triage};

    fn tasks(fixture: &Fixture) -> usize {
        let open = fixture.clinic.store.read(|view| view.tasks_open()).unwrap();
        open.iter().filter(|task| task.kind == TaskKind::MailboxUnread).count()
    }

    fn trouble(needs_a_person: bool) -> MailboxFault {
        MailboxFault { said: "no connection.".to_owned(), needs_a_person }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_mailbox_that_is_away_for_an_hour_is_a_task_and_one_that_refuses_us_at_once() {
        let fixture = fixture(triage());
        let clinic = &fixture.clinic;
        let read = MailboxPosition { mailbox: "a b\nc".to_owned(), validity: 7, uid: 9, read_at: due() };
        away(clinic, due(), trouble(false)).await.unwrap();
        away(clinic, due() + minutes(59), trouble(false)).await.unwrap();
        assert_eq!(tasks(&fixture), 0);
        away(clinic, due() + minutes(61), trouble(false)).await.unwrap();
        away(clinic, due() + minutes(62), trouble(false)).await.unwrap();
        assert_eq!(tasks(&fixture), 1);
        read_up_to(clinic, due() + minutes(63), &read).await.unwrap();
        assert_eq!((tasks(&fixture), clinic.store.read(position).unwrap()), (0, Some(read)));
        away(clinic, due() + minutes(64), trouble(true)).await.unwrap();
        assert_eq!(tasks(&fixture), 1);
        for before in 0..30 {
            let why = UnreadReason::Refused("no.".to_owned());
            let uid = 10 + u32::try_from(before).unwrap();
            let unread = UnreadMessage { validity: 7, uid, why, before };
            left_unread(clinic, due() + minutes(64), unread).await.unwrap();
        }
        let open = clinic.store.read(|view| view.tasks_open()).unwrap();
        let asked: Vec<_> = open.iter().filter(|task| task.kind == TaskKind::SheWrote).collect();
        assert!(asked.len() == REFUSED + 1 && asked[0].reason.contains("(number 10): no. It"), "{asked:?}");
        let broken = UnreadMessage { validity: 7, uid: 9, why: UnreadReason::Broken, before: 0 };
        left_unread(clinic, due() + minutes(64), broken).await.unwrap();
        let stamp = Stamp::daemon(due());
        tokio::task::block_in_place(|| left_broken(clinic, stamp, "1700000000.M1.host")).unwrap();
        let open = clinic.store.read(|view| view.tasks_open()).unwrap();
        for told in ["it (number 9). It may be", "it: 1700000000.M1.host. It may be"] {
            assert!(open.iter().any(|task| task.reason.contains(told)), "{told}: {open:?}");
        }
        given_up(clinic, due() + minutes(65)).await.unwrap();
        assert_eq!((tasks(&fixture), clinic.store.read(away_since).unwrap()), (0, None));
    }
}

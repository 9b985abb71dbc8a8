//! Days far from normal. Where far more letters of the plan would leave than on such a weekday as a rule, a small sample leaves and the
//! rest waits until a person agrees; where far fewer left, a person is told. News that she or staff caused, and letters to
//! staff, never wait for it.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::care::guards::volume::{NormalVolume, SAMPLE, UnusualVolume, VolumeRise, WEEKS};
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::care::time::calendar::instant;
use crate::care::time::clock_trust::Trusted;
use crate::journey::authorize::permit_or_operator;
use crate::journey::deps::Deps;
use crate::journey::errors::guard::GuardError;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::withdraw;
use crate::journey::sending_policy::{Policy, day, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::volume::{LetterVolume, UsualVolume};
use crate::store::subject::Singleton;
use crate::store::work::tasks::NewTask;

/// The cause of the task that holds the rest of a day; it is one, however many days it lasts.
const CAUSE: &str = "outbox";
/// The fact that keeps the last day whose letters were compared with normal.
const JUDGED: &str = "volume-judged";
/// Patients taken in, and people's agreement, raise what is usual for so many days.
const RISE_DAYS: i64 = 7;
/// What was counted counts for so long, and for as many letters.
const CLEARED_FOR: SignedDuration = SignedDuration::from_mins(1);
/// Fewer letters are counted faster than it is written down that they were.
const WORTH_KEEPING: u32 = 50;

/// How many letters of the plan may be taken in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum VolumeLimit {
    /// As many as are due.
    Open,
    /// So many more of the sample.
    Sample(u32),
}

/// Whether the letters that are due may leave today.
pub(in crate::journey) fn limit(tx: &mut Tx<'_>, policy: &Policy) -> Result<VolumeLimit, StepError> {
    if policy.unusual_volume == UnusualVolume::Leaves {
        return Ok(VolumeLimit::Open);
    }
    let on = day(tx.at(), &zone(&policy.zone)?);
    let volume = match tx.letter_volume(on, on) {
        Ok(Some(volume)) => volume,
        Ok(None) => begin(tx, on, policy)?,
        // It has a task of its own, and costs nobody her letter.
        Err(fault) if fault.is_unreadable() => return Ok(VolumeLimit::Open),
        Err(fault) => return Err(fault.into()),
    };
    let Some(usual) = volume.usual else { return Ok(VolumeLimit::Open) };
    if is_cleared(&volume, tx.at()) {
        return Ok(VolumeLimit::Open);
    }
    let waiting = waiting_up_to(tx, &volume, usual)?;
    if volume.taken + waiting <= usual.most {
        if waiting > WORTH_KEEPING {
            tx.clear_volume(on, volume.taken + waiting)?;
        }
        return settle(tx, &volume).map(|()| VolumeLimit::Open);
    }
    if volume.held_at.is_none() {
        // Somebody may have taken patients in since the day began.
        let most = usual_on(tx, on, policy)?.map_or(usual.most, |fresh| fresh.most.max(usual.most));
        if most > usual.most {
            tx.set_usual_volume(on, Some(UsualVolume { most, ..usual }))?;
            return limit(tx, policy);
        }
        hold(tx, &volume, usual)?;
    }
    Ok(VolumeLimit::Sample(SAMPLE.saturating_sub(volume.taken)))
}

/// Letters that were taken in hand for the first time count for the day.
pub(in crate::journey) fn count(tx: &mut Tx<'_>, policy: &Policy, letters: u32) -> Result<(), StepError> {
    if letters > 0 && policy.unusual_volume == UnusualVolume::Waits {
        tx.count_taken(day(tx.at(), &zone(&policy.zone)?), letters)?;
    }
    Ok(())
}

/// Whether the letters that leave now were counted a moment ago. Of a flood that comes meanwhile no more leave before it is seen
/// than were counted as usual.
fn is_cleared(volume: &LetterVolume, now: Timestamp) -> bool {
    let is_fresh = |at: Timestamp| at <= now && now.duration_since(at) < CLEARED_FOR;
    volume.held_at.is_none()
        && volume.cleared.is_some_and(|(letters, at)| volume.taken < letters && is_fresh(at))
}

/// One more than may leave is enough to know.
fn waiting_up_to(tx: &Tx<'_>, volume: &LetterVolume, usual: UsualVolume) -> Result<u32, StepError> {
    let left = usual.most.saturating_sub(volume.taken).saturating_add(1);
    Ok(tx.reminders_waiting(tx.at(), left)?)
}

/// A new day begins: what is usual on it.
fn begin(tx: &mut Tx<'_>, on: Date, policy: &Policy) -> Result<LetterVolume, StepError> {
    let usual = usual_on(tx, on, policy)?;
    tx.set_usual_volume(on, usual)?;
    let volume = LetterVolume { on, usual, taken: 0, held_at: None, agreed: None, cleared: None };
    // What was held yesterday is judged anew, and its task with it.
    let is_held = match usual {
        Some(usual) => waiting_up_to(tx, &volume, usual)? > usual.most,
        None => false,
    };
    if !is_held {
        tx.close_tasks_caused(TaskKind::UnusualVolume, CAUSE, "the number of letters is usual again")?;
    }
    Ok(volume)
}

/// What is usual on a day, with what raises it.
fn usual_on(view: &View<'_>, on: Date, policy: &Policy) -> Result<Option<UsualVolume>, StepError> {
    let Some(normal) = normal(view, on, policy)? else { return Ok(None) };
    let since = on.saturating_sub(RISE_DAYS.days());
    let newcomers =
        view.newcomers_since(instant(since, jiff::civil::Time::midnight(), &zone(&policy.zone)?))?;
    let agreed = view.letter_volume(since, on)?.map_or(0, |before| {
        before
            .agreed
            .map_or(0, |agreed| agreed.saturating_sub(if before.on == on { 0 } else { before.taken }))
    });
    let most = normal.most(VolumeRise { newcomers, agreed });
    Ok(Some(UsualVolume { normal: normal.median, most }))
}

/// What is normal on a day, by the ledger.
fn normal(view: &View<'_>, on: Date, policy: &Policy) -> Result<Option<NormalVolume>, StepError> {
    let left = view.letters_by_day(on.saturating_sub(WEEKS.weeks()), on)?;
    Ok(NormalVolume::on(on, &left, &policy.hours.days))
}

fn hold(tx: &mut Tx<'_>, volume: &LetterVolume, usual: UsualVolume) -> Result<(), StepError> {
    let waiting = tx.reminders_waiting(tx.at(), u32::MAX)?;
    tx.hold_volume(volume.on)?;
    tx.open_task(&NewTask {
        kind: TaskKind::UnusualVolume,
        cause: CAUSE.to_owned(),
        patient: None,
        follow_up: None,
        reason: format!(
            "{waiting} letters wait and {} left today. Usual on this weekday: {}, at most {}.",
            volume.taken, usual.normal, usual.most
        ),
        due_at: tx.at(),
    })?;
    let detail = serde_json::json!({
        "waiting": waiting, "taken": volume.taken, "normal": usual.normal, "most": usual.most,
    });
    tx.audit(AuditAction::VolumeHeld, Singleton::Outbox, &detail)?;
    tracing::warn!(
        waiting,
        taken = volume.taken,
        normal = usual.normal,
        most = usual.most,
        "far more letters than usual would leave: a sample leaves, the rest waits for a person"
    );
    Ok(())
}

/// What was held is usual again: letters were withdrawn, or patients taken in.
fn settle(tx: &mut Tx<'_>, volume: &LetterVolume) -> Result<(), StepError> {
    if volume.held_at.is_some() {
        tx.release_volume(volume.on, None)?;
        tx.close_tasks_caused(TaskKind::UnusualVolume, CAUSE, "the number of letters is usual again")?;
    }
    Ok(())
}

/// How many letters wait for a person's agreement; `None` where none is asked for.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub fn held(view: &View<'_>) -> Result<Option<u32>, StoreError> {
    let is_held = view.has_open(TaskKind::UnusualVolume, CAUSE)?;
    // What waits at any hour: some of it may wait for one.
    is_held.then(|| view.reminders_waiting(Timestamp::MAX, u32::MAX)).transpose()
}

/// A person agrees that the letters which wait now leave. The task is closed by whoever calls. Returns how many they are.
///
/// # Errors
/// `PermissionError`; the store's own.
pub(in crate::journey) fn agree(tx: &mut Tx<'_>) -> Result<u32, StepError> {
    permit_or_operator(tx, Act::EndHold)?;
    let Some(volume) = tx.letter_volume(Date::MIN, Date::MAX)?.filter(|volume| volume.held_at.is_some())
    else {
        return Ok(0);
    };
    let waiting = tx.reminders_waiting(tx.at(), u32::MAX)?;
    let all = volume.taken.saturating_add(waiting);
    tx.release_volume(volume.on, Some(all))?;
    if let Some(usual) = volume.usual {
        let most = usual.most.saturating_add(all);
        tx.set_usual_volume(volume.on, Some(UsualVolume { most, ..usual }))?;
    }
    tx.audit(AuditAction::VolumeAgreed, Singleton::Outbox, &serde_json::json!({ "letters": waiting }))?;
    Ok(waiting)
}

/// Agrees, and closes the task.
///
/// # Errors
/// [`GuardError::NothingHeld`]; as [`agree`].
pub fn agree_and_close(tx: &mut Tx<'_>, note: &str) -> Result<u32, StepError> {
    if !tx.has_open(TaskKind::UnusualVolume, CAUSE)? {
        return Err(GuardError::NothingHeld.into());
    }
    let letters = agree(tx)?;
    tx.close_tasks_caused(TaskKind::UnusualVolume, CAUSE, note)?;
    Ok(letters)
}

/// Compares the last day whose hours are over with what is normal on it, once. Far fewer letters open a task.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn look(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    let here = zone(&clinic.policy.zone)?;
    let today = day(now.at(), &here);
    let is_over = now.at() >= instant(today, clinic.policy.hours.closes, &here);
    let on = if is_over { today } else { today.yesterday().unwrap_or(today) };
    let policy = clinic.policy.clone();
    if clinic.store.read(held)?.is_some() {
        // What loses its use while it waits for a person lapses on time, with a task.
        let reason = "its use was over while somebody was asked about far more letters than usual";
        let job = move |tx: &mut Tx<'_>| withdraw::expire_outlived(tx, reason, now);
        clinic.store.write(Stamp::daemon(now.at()), job).await?;
    }
    if clinic.store.read(|view| view.fact(JUDGED))?.as_deref() == Some(on.to_string().as_str()) {
        return Ok(());
    }
    clinic.store.write(Stamp::daemon(now.at()), move |tx: &mut Tx<'_>| judge(tx, on, &policy)).await
}

fn judge(tx: &mut Tx<'_>, on: Date, policy: &Policy) -> Result<(), StepError> {
    tx.set_fact(JUDGED, &on.to_string())?;
    let Some(normal) = normal(tx, on, policy)? else { return Ok(()) };
    let next = on.tomorrow().unwrap_or(on);
    let left = tx.letters_by_day(on, next)?.get(&on).copied().unwrap_or(0);
    if !normal.is_few(left) {
        return Ok(());
    }
    tracing::warn!(%on, left, normal = normal.median, "far fewer letters than usual left");
    tx.open_task(&NewTask {
        kind: TaskKind::FewLetters,
        cause: CAUSE.to_owned(),
        patient: None,
        follow_up: None,
        reason: format!("{left} letters left on {on}. Usual on this weekday: {}.", normal.median),
        due_at: tx.at(),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn volume(taken: u32, cleared: Option<(u32, Timestamp)>) -> LetterVolume {
        LetterVolume { on: date(2027, 3, 14), usual: None, taken, held_at: None, agreed: None, cleared }
    }

    #[test]
    fn what_was_counted_counts_for_as_many_letters_for_a_minute_and_never_while_some_wait_for_a_person() {
        let at = Timestamp::UNIX_EPOCH;
        let after = |seconds| at + SignedDuration::from_secs(seconds);
        assert!(is_cleared(&volume(0, Some((60, at))), at));
        assert!(is_cleared(&volume(59, Some((60, at))), after(59)));
        assert!(!is_cleared(&volume(60, Some((60, at))), after(1)), "as many have left as were counted");
        assert!(!is_cleared(&volume(0, Some((60, at))), after(60)), "others may have come since");
        assert!(!is_cleared(&volume(0, Some((60, at))), after(-1)), "the clock was set back");
        assert!(!is_cleared(&volume(0, None), at));
        let held = LetterVolume { held_at: Some(at), ..volume(0, Some((60, at))) };
        assert!(!is_cleared(&held, at));
    }
}

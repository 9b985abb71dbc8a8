//! Records that cannot be read become tasks, one each, and the task closes itself once the record can be read again.

use jiff::Timestamp;

use crate::care::task::TaskKind;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::answers::checklists::ChecklistVersionId;
use crate::store::db::row_location::RowLocation;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::plan::protocols::ProtocolVersionId;
use crate::store::work::tasks::NewTask;

/// The fact that remembers the day.
const LOOKED: &str = "records-looked-at";
/// The cause of the task about a damaged file, which no single record stands for.
pub(in crate::journey::operations) const DAMAGED: &str = "database-file";
const MENDED: &str = "the record can be read again";

/// Opens a task for every record that was met and could not be read, and closes those of records that were mended. Returns
/// how many were opened.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn look(clinic: &Deps, now: Timestamp) -> Result<usize, StepError> {
    let (met, asked) =
        (clinic.store.unread().take(), clinic.store.read(|view| view.causes(TaskKind::RecordUnreadable))?);
    if met.is_empty() && asked.is_empty() {
        return Ok(0);
    }
    let steps = clinic.clone();
    clinic.store.write(Stamp::daemon(now), move |tx: &mut Tx<'_>| tell(tx, &met, &asked, &steps)).await
}

/// Looks at every record there is, on a thread of its own. A file that is damaged itself opens a task of its own, until a look
/// comes through again.
///
/// # Errors
/// [`StepError`] when the store fails, also where the file is damaged.
pub async fn look_at_all(clinic: &Deps, now: Timestamp) -> Result<usize, StepError> {
    let store = clinic.store.clone();
    let census = tokio::task::spawn_blocking(move || {
        store.read(|view| {
            let found = view.census()?;
            found.iter().for_each(|(place, why)| view.note_place(place, why));
            Ok::<_, StepError>(found.len())
        })
    });
    match census.await {
        Ok(Ok(_)) => whole(clinic, now).await?,
        Ok(Err(fault)) => {
            if fault.is_damaged() {
                damaged(clinic, now, &fault).await?;
            }
            return Err(fault);
        }
        Err(fault) => {
            tracing::error!(%fault, "the look over all records ended before its time");
            return Ok(0);
        }
    };
    look(clinic, now).await
}

/// A page that cannot be read takes records with it that nobody can name.
async fn damaged(clinic: &Deps, now: Timestamp, fault: &StepError) -> Result<bool, StepError> {
    let task = NewTask {
        kind: TaskKind::RecordUnreadable,
        cause: DAMAGED.to_owned(),
        patient: None,
        follow_up: None,
        reason: format!(
            "The database's file is damaged ({fault}): records on that page cannot be read. Stop the service and restore the \
             last backup: `aftercare restore FILE`."
        ),
        due_at: now,
    };
    Ok(clinic.store.write(Stamp::daemon(now), move |tx: &mut Tx<'_>| tx.open_task(&task)).await?)
}

async fn whole(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    if clinic.store.read(|view| view.causes(TaskKind::RecordUnreadable))?.iter().any(|cause| cause == DAMAGED)
    {
        let close = |tx: &mut Tx<'_>| tx.close_tasks_caused(TaskKind::RecordUnreadable, DAMAGED, MENDED);
        clinic.store.write(Stamp::daemon(now), close).await?;
    }
    Ok(())
}

/// [`look_at_all`], unless it was done on that day: for whoever runs pass by pass.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn look_once_a_day(clinic: &Deps, now: Timestamp) -> Result<usize, StepError> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    if clinic.store.read(|view| view.fact(LOOKED))?.as_ref() == Some(&today) {
        return look(clinic, now).await;
    }
    let opened = look_at_all(clinic, now).await?;
    clinic.store.write(Stamp::daemon(now), move |tx: &mut Tx<'_>| tx.set_fact(LOOKED, &today)).await?;
    Ok(opened)
}

fn tell(
    tx: &mut Tx<'_>,
    met: &[(RowLocation, String)],
    asked: &[String],
    clinic: &Deps,
) -> Result<usize, StepError> {
    let mut opened = 0;
    for (place, met_with) in met {
        // What was met a moment ago may have been mended, or be the half of a change that was undone.
        let Some(why) = why(tx, place, clinic, Some(met_with))? else { continue };
        opened += usize::from(ask(tx, place, &why)?);
    }
    for cause in asked.iter().filter(|cause| *cause != DAMAGED) {
        let still = RowLocation::parse(cause).map(|place| why(tx, &place, clinic, None)).transpose()?;
        if still.flatten().is_none() {
            tx.close_tasks_caused(TaskKind::RecordUnreadable, cause, MENDED)?;
        }
    }
    Ok(opened)
}

fn ask(tx: &mut Tx<'_>, place: &RowLocation, why: &str) -> Result<bool, StepError> {
    tracing::error!(record = %place, why, "a record cannot be read");
    Ok(tx.open_task(&NewTask {
        kind: TaskKind::RecordUnreadable,
        cause: place.to_string(),
        patient: tx.whose(place)?,
        follow_up: None,
        reason: format!("Record {place} cannot be read: {why}. Everything else goes on without it."),
        due_at: tx.at(),
    })?)
}

/// What is wrong with a record now. Published protocols and checklists are read by more than the memory.
fn why(
    view: &View<'_>,
    place: &RowLocation,
    clinic: &Deps,
    met_with: Option<&str>,
) -> Result<Option<String>, StepError> {
    if let Some(why) = view.why_unread(place)? {
        return Ok(Some(why));
    }
    let Ok(row) = place.row.parse() else { return Ok(None) };
    let read = match place.table.as_str() {
        "protocol_version" => clinic.protocol_cache.get(view, ProtocolVersionId(row)).map(drop),
        "checklist_version" => clinic.care.checklists.get(view, ChecklistVersionId(row)).map(drop),
        _ => return Ok(None),
    };
    Ok(read
        .err()
        .filter(StepError::is_unreadable)
        .map(|fault| met_with.map_or_else(|| fault.to_string(), str::to_owned)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::journey::alerts::escalate::escalate;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, page, triage};
    use crate::store::database::tests::{sabotage, words};
    use crate::store::error::StoreError;

    fn spoil(fixture: &Fixture, what: &str) {
        let sql =
            format!("PRAGMA ignore_check_constraints = ON; {what}; PRAGMA ignore_check_constraints = OFF");
        fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, &sql)?)).unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_damaged_page_is_told_until_the_file_is_whole_again() {
        let fixture = fixture(triage());
        let store = &fixture.clinic.store;
        store.fold_log().unwrap();
        let ask = "SELECT CAST(rootpage AS TEXT) FROM sqlite_schema WHERE name = 'known_mark'";
        let root: u64 = store.read(|view| words(view, ask)).unwrap()[0].parse().unwrap();
        let file = std::fs::File::options().read(true).write(true).open(store.path()).unwrap();
        let (place, mut whole) = ((root - 1) * 4096, [0; 4096]);
        file.read_exact_at(&mut whole, place).unwrap();
        file.write_all_at(&[0xA5; 4096], place).unwrap();
        let fault = look_at_all(&fixture.clinic, due()).await.unwrap_err();
        assert!(matches!(fault, StepError::Store(fault) if fault.is_damaged()));
        assert_eq!(look(&fixture.clinic, due()).await.unwrap(), 0);
        assert_eq!(causes(&fixture), [DAMAGED]);
        file.write_all_at(&whole, place).unwrap();
        look_at_all(&fixture.clinic, due()).await.unwrap();
        assert!(causes(&fixture).is_empty());
    }

    fn causes(fixture: &Fixture) -> Vec<String> {
        fixture.clinic.store.read(|view| view.causes(TaskKind::RecordUnreadable)).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_record_that_cannot_be_read_is_one_task_until_it_is_mended() {
        let fixture = fixture(triage());
        spoil(&fixture, "UPDATE patient SET birth_on = '1970-99-99'");
        assert_eq!(look(&fixture.clinic, due()).await.unwrap(), 0, "nobody has met it");
        let refused: Result<_, StoreError> = fixture.clinic.store.read(|view| view.patient(fixture.patient));
        assert!(refused.unwrap_err().is_unreadable());
        assert_eq!(look(&fixture.clinic, due()).await.unwrap(), 1);
        assert_eq!(look_at_all(&fixture.clinic, due()).await.unwrap(), 0, "once");
        assert_eq!(causes(&fixture), [format!("patient/{}", fixture.patient.0)]);
        spoil(&fixture, "UPDATE patient SET birth_on = '1970-09-09'");
        look(&fixture.clinic, due()).await.unwrap();
        assert_eq!(causes(&fixture), Vec::<String>::new());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_alert_rings_whatever_its_row_or_hers_has_become() {
        for what in [
            "UPDATE alert SET tier = 'rubbish'",
            "UPDATE alert SET state = 'rubbish'",
            "UPDATE alert SET round = -4",
            "UPDATE alert SET notices = -1, audience = 'x'",
            "UPDATE patient SET birth_on = 'rubbish', zone = 'rubbish'",
            "UPDATE patient SET reference = CAST(x'4fff' AS TEXT)",
        ] {
            let fixture = fixture(triage());
            fixture.kept(due(), page(&fixture.form(), "1", &[("walk", "new")])).await;
            spoil(&fixture, what);
            assert!(escalate(&fixture.clinic, due() + minutes(1)).await.unwrap() > 0, "{what}");
            assert!(
                escalate(&fixture.clinic, due() + minutes(1)).await.unwrap() == 0,
                "{what}: it does not ring round and round"
            );
            assert!(escalate(&fixture.clinic, due() + minutes(90)).await.unwrap() > 0, "{what}: it rings on");
        }
    }
}

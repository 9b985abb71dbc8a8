//! The mail server refuses us (P14). Letters to patients wait as a whole, nothing fails by it, and no clock of a letter runs
//! but that of its use. One task says what the server says and what to do; one letter asks from time to time, and once it is
//! taken the rest follow. The same refusal for several people in a row counts as about us, whatever it says: those who were
//! thought dead by it are put right again.

use std::time::Duration;

use jiff::Timestamp;

use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::cause::Cause;
use crate::care::refusal::classify::{self, DialogueStage, RefusalText};
use crate::care::refusal::envelope::Envelope;
use crate::care::refusal::probe;
use crate::care::refusal::reason::RefusalReason;
use crate::care::refusal::receipt::Receipt;
use crate::care::refusal::similarity::{RefusalClaim, is_about_us, likeness};
use crate::care::task::TaskKind;
use crate::care::time::clock_trust::Trusted;
use crate::care::time::span::{earlier, later};
use crate::journey::delivery::failure::put_off::{self, ABSENCE, PutOffRefusal};
use crate::journey::delivery::failure::{notice_probe, run};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::withdraw;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::mail::delivery::Delivery;
use crate::store::mail::mail_refusal::{MailRefusal, RefusedAudience, ServerWords};
use crate::store::mail::refusals::{PUT_OFF, STALLED};
use crate::store::subject::Singleton;
use crate::store::work::tasks::NewTask;

const CAUSE: &str = Singleton::MailServer.word();
/// A server that puts everything off for so long refuses us, whatever it calls it.
const PATIENCE: jiff::SignedDuration = jiff::SignedDuration::from_hours(4);
/// Refusals further apart are no run.
const RUN: Duration = Duration::from_secs(24 * 3600);

/// An attempt's report, and why it is about us rather than about the letter or its reader, if it is.
#[derive(Clone, Copy)]
pub(in crate::journey) struct ClassifiedReport<'r> {
    /// What the server, or its silence, said.
    pub(in crate::journey) report: &'r Receipt,
    /// Why our account, address or server was refused; `None` when the report is about this letter alone.
    pub(in crate::journey) cause: Option<Cause>,
}

/// Why a report is about us, if it is: the server says so, goes on saying what it said to everybody, or says now the same to
/// so many that it cannot be about them. A letter that was refused before is taken at its word: a run that was none must not
/// go round for ever.
pub(in crate::journey) fn classify<'r>(
    tx: &Tx<'_>,
    letter: &Delivery,
    report: &'r Receipt,
) -> Result<ClassifiedReport<'r>, StepError> {
    Ok(ClassifiedReport { report, cause: cause(tx, letter, report)? })
}

fn cause(tx: &Tx<'_>, letter: &Delivery, report: &Receipt) -> Result<Option<Cause>, StepError> {
    if let AttemptVerdict::RefusesUs(cause) = report.verdict {
        return Ok(Some(cause));
    }
    if let Some(cause) = stall(report) {
        let patience = if cause == Cause::Unreachable { ABSENCE } else { PATIENCE };
        let since = put_off::since(tx, STALLED)?;
        return Ok(since.filter(|since| tx.at().duration_since(*since) >= patience).map(|_| cause));
    }
    if report.verdict == AttemptVerdict::Later {
        // Whoever asks while nothing is taken hears what all heard.
        let alike = put_off::like(report.code, &report.reply);
        let standing = tx.mail_refusal()?.filter(|standing| standing.words.likeness == alike);
        return Ok(standing.map(|standing| standing.words.cause));
    }
    let Some(alike) = counted(letter, report) else { return Ok(None) };
    if let Some(standing) = tx.mail_refusal()?.filter(|standing| standing.words.likeness == alike) {
        return Ok(Some(standing.words.cause));
    }
    if tx.was_refused(letter.id)? {
        return Ok(None);
    }
    let claim = if report.verdict == AttemptVerdict::BadAddress {
        RefusalClaim::NoMailbox
    } else {
        RefusalClaim::Other
    };
    let run = tx.run(&alike, begin(tx.at()))?;
    let mailboxes = run.iter().map(|refused| refused.mailbox.as_str()).chain(letter.recipient.as_deref());
    Ok(is_about_us(mailboxes, claim).then_some(Cause::Everyone))
}

/// What lies behind that which puts off everybody: too much at once, that we are not let in, or that nobody answers.
fn stall(report: &Receipt) -> Option<Cause> {
    match (report.verdict, report.at) {
        (AttemptVerdict::Overloaded, Some(_)) => Some(Cause::Limit),
        (AttemptVerdict::Unreached, Some(at)) => Some(not_let_in(report, at)),
        (AttemptVerdict::Unreached, None) => Some(Cause::Unreachable),
        _ => None,
    }
}

/// Why we are not let in: at the sign-in because of our account, before it as the words say, if they say anything.
fn not_let_in(report: &Receipt, at: DialogueStage) -> Cause {
    let (status, words) = (report.enhanced.as_deref(), &report.reply);
    let said = RefusalText { at, code: report.code, status, words, envelope: Envelope::default() };
    match classify::read(&said).reason {
        _ if at == DialogueStage::SignIn => Cause::SignIn,
        RefusalReason::Us(cause) => cause,
        _ => Cause::Protocol,
    }
}

/// What a refusal of a patient's letter has in common with others; `None` for anything else. What
/// never reached the server has no code.
fn counted(letter: &Delivery, report: &Receipt) -> Option<String> {
    let is_refusal = matches!(report.verdict, AttemptVerdict::Refused | AttemptVerdict::BadAddress)
        && letter.is_to_patient();
    report.code.filter(|_| is_refusal).map(|code| likeness(code, &report.reply))
}

fn begin(now: Timestamp) -> Timestamp {
    earlier(now, RUN)
}

/// Takes in what a report says of the server, before its letter ends.
pub(in crate::journey) fn note(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    ClassifiedReport { report, cause }: ClassifiedReport<'_>,
) -> Result<(), StepError> {
    match (cause, report.verdict) {
        (Some(cause), _) => refuses_us(tx, letter, report, cause),
        (None, AttemptVerdict::Accepted) => takes_letters(tx, letter),
        (None, _) if stall(report).is_some() => put_off::note(tx, STALLED),
        (None, AttemptVerdict::Later) => put_off::note(tx, PUT_OFF),
        (None, _) => remember(tx, letter, report),
    }
}

/// The server refuses us: the condition begins, or goes on.
fn refuses_us(tx: &mut Tx<'_>, letter: &Delivery, report: &Receipt, cause: Cause) -> Result<(), StepError> {
    let alike = likeness(report.code.unwrap_or_default(), &report.reply);
    let audience = if letter.is_to_patient() { RefusedAudience::Patient } else { RefusedAudience::Staff };
    let run = tx.run(&alike, begin(tx.at()))?;
    let words = ServerWords { cause, likeness: alike, code: report.code, reply: report.reply.clone() };
    match tx.mail_refusal()? {
        // A letter to staff says nothing about what patients' letters met.
        Some(standing)
            if audience == RefusedAudience::Staff && standing.audience == RefusedAudience::Patient => {}
        Some(_) => tx.renew_mail_refusal(audience, &words)?,
        None => put_off::begin(tx, &PutOffRefusal { audience, words })?,
    }
    ask(tx)?;
    for refused in run {
        run::put_right(tx, &refused)?;
    }
    tx.end_run()?;
    Ok(())
}

/// The one task, with the server's words and what to do.
fn ask(tx: &mut Tx<'_>) -> Result<(), StepError> {
    let Some(MailRefusal { words, .. }) = tx.mail_refusal()? else { return Ok(()) };
    let said = words.reply.trim_end_matches('.');
    // What keeps a connection from opening is told with its code.
    let code = words
        .code
        .map(|code| format!("{code} "))
        .filter(|code| !said.contains(code.as_str()))
        .unwrap_or_default();
    tx.open_task(&NewTask {
        kind: TaskKind::MailRefused,
        cause: CAUSE.to_owned(),
        patient: None,
        follow_up: None,
        reason: format!("The mail server says: {code}{said}. {}", words.cause.advice()),
        due_at: tx.at(),
    })?;
    Ok(())
}

/// The server took a letter. One to staff proves little where patients' letters were refused: one of those asks at once.
fn takes_letters(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    if !tx.has_refusals()? {
        return Ok(());
    }
    if tx.fact(STALLED)?.is_some() {
        tx.clear_fact(STALLED)?;
        // Each was put off for itself, some for hours; it was never about them. Whom it told to slow down it is not to see all
        // at once.
        tx.hurry_deferred(AttemptVerdict::Unreached)?;
    }
    if let Some(since) = put_off::since(tx, PUT_OFF)? {
        tx.clear_fact(PUT_OFF)?;
        put_off::hurry_stalled(tx, since)?;
        // While it refuses us it was about none of those either.
        if tx.mail_refusal()?.is_some() {
            tx.hurry_deferred(AttemptVerdict::Later)?;
        }
    }
    if letter.is_to_patient() {
        tx.end_run()?;
    }
    let Some(standing) = tx.mail_refusal()? else { return Ok(()) };
    let proves_little = !letter.is_to_patient() && standing.audience == RefusedAudience::Patient;
    if notice_probe::stands(tx)? {
        // It had taken the letter that came back as well.
        return if proves_little { Ok(()) } else { notice_probe::taken(tx, letter) };
    }
    if proves_little {
        tx.hurry_probe()?;
        return Ok(());
    }
    end(tx, &standing)
}

/// The condition is over, and everything goes in the pace allowed.
fn end(tx: &mut Tx<'_>, standing: &MailRefusal) -> Result<(), StepError> {
    tx.end_mail_refusal()?;
    notice_probe::forget(tx)?;
    hurry_all(tx)?;
    tracing::info!(probes = standing.probes, "the mail server takes letters again");
    let detail = serde_json::json!({ "probes": standing.probes });
    tx.audit(AuditAction::MailAccepted, Singleton::MailServer, &detail)?;
    Ok(tx.close_tasks_caused(TaskKind::MailRefused, CAUSE, "the mail server takes letters again")?)
}

/// After hours of it, or because a person wants it: whatever the server put off for reasons of its own goes in the pace allowed.
fn hurry_all(tx: &mut Tx<'_>) -> Result<usize, StepError> {
    let refused = hurry_refused(tx)?;
    Ok(refused
        + tx.hurry_deferred(AttemptVerdict::Unreached)?
        + tx.hurry_deferred(AttemptVerdict::Overloaded)?
        + tx.hurry_unanswered()?)
}

/// Letters that met the refusal itself: those to staff, which were tried all the while in a rhythm of hours.
fn hurry_refused(tx: &mut Tx<'_>) -> Result<usize, StepError> {
    // Which cause it was makes no difference to how it stands on record.
    Ok(tx.hurry_deferred(AttemptVerdict::RefusesUs(Cause::Everyone))?)
}

/// A refusal that seems to be about her or the letter may turn out to be one of a run: how things stood before is kept.
fn remember(tx: &mut Tx<'_>, letter: &Delivery, report: &Receipt) -> Result<(), StepError> {
    let Some(alike) = counted(letter, report) else { return Ok(()) };
    if tx.mail_refusal()?.is_some() {
        // It spoke of her, so it may hear of others.
        tx.hurry_probe()?;
    }
    tx.refused_alike(letter.id, &alike)?;
    let Some(patient) = letter.patient.map(|id| tx.patient(id)).transpose()? else { return Ok(()) };
    let Some(email) = &patient.email else { return Ok(()) };
    for (mate, _) in tx.sharing(email)? {
        let mate = tx.patient(mate)?;
        tx.keep_standing(letter.id, &mate)?;
    }
    Ok(())
}

/// A letter to a patient was taken in hand although the server refuses us: it asks for all.
pub(in crate::journey) fn probing(tx: &mut Tx<'_>, standing: &MailRefusal) -> Result<(), StepError> {
    Ok(tx.count_probe(later(tx.at(), probe::wait(standing.words.cause, standing.probes + 1)))?)
}

/// Looks, by the clock, whether the server takes nothing. While it refuses us: what lost its use ends on record all the same,
/// and a task that was marked as done comes back.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn watch(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    let stands = clinic.store.read(|view| view.mail_refusal())?.is_some();
    if !stands && clinic.store.read(|view| put_off::look(view, now.at()))?.is_none() {
        return Ok(());
    }
    clinic.store.write(Stamp::daemon(now.at()), move |tx: &mut Tx<'_>| look(tx, now)).await
}

fn look(tx: &mut Tx<'_>, now: Trusted) -> Result<(), StepError> {
    if tx.mail_refusal()?.is_none()
        && let Some(found) = put_off::look(tx, now.at())?
    {
        put_off::begin(tx, &found)?;
    }
    if notice_probe::is_over(tx)?
        && let Some(standing) = tx.mail_refusal()?
    {
        return end(tx, &standing);
    }
    ask(tx)?;
    withdraw::expire_outlived(tx, "its use was over while the mail server refused us", now)
}

/// The clock was wrong: what it dated says nothing about how long the server has put everything off.
pub(in crate::journey) fn forget_stall(tx: &mut Tx<'_>) -> Result<(), StepError> {
    tx.clear_fact(PUT_OFF)?;
    Ok(tx.clear_fact(STALLED)?)
}

/// What became of the letters that waited when a person would not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedLetters {
    /// So many are tried now.
    pub asked: usize,
    /// So many were put off for a reason of their own, and keep their own time.
    pub waiting: u32,
}

/// A person will not wait: whatever the server put off is tried now, and a refusal that came by notice is over by her word.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn flush(clinic: &Deps, stamp: Stamp) -> Result<AskedLetters, StepError> {
    let job = |tx: &mut Tx<'_>| -> Result<AskedLetters, StepError> {
        let by_notice = if notice_probe::stands(tx)? { tx.mail_refusal()? } else { None };
        let asked = usize::from(match by_notice {
            Some(standing) => end(tx, &standing).map(|()| true)?,
            None => tx.hurry_probe()? && !tx.letter_least_tried(tx.at())?.is_empty(),
        });
        let letters = hurry_all(tx)?;
        tx.audit(
            AuditAction::MailFlushed,
            Singleton::MailServer,
            &serde_json::json!({ "letters": letters }),
        )?;
        Ok(AskedLetters { asked: letters.max(asked), waiting: tx.waiting_for_next_try(tx.at())? })
    };
    clinic.store.write_blocking(stamp, job)
}

/// Something was mended perhaps (a start, a new configuration): the next letter asks at once, and those to staff go again.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn ask_at_once(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    if clinic.store.read(|view| view.mail_refusal())?.is_none() {
        return Ok(());
    }
    let again = |tx: &mut Tx<'_>| -> Result<usize, StepError> {
        tx.hurry_probe()?;
        hurry_refused(tx)
    };
    clinic.store.write(Stamp::daemon(now), again).await.map(drop)
}

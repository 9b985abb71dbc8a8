//! Whose a message is: by a mark that only we can have made, else by the calendar entry it answers, else by the address it came
//! from, if one patient alone has it, or which a mail server's own report names. What a notice tells must moreover be about the
//! mailbox the letter went to, unless the notice came to that letter's own return path.

use crate::care::address::EmailAddress;
use crate::care::inbound::{Content, Inbound, Names, NoReplyReason, NoticeReport, RecipientReport};
use crate::care::patient::{Patient, PatientId};
use crate::care::refusal::status::EnhancedStatus;
use crate::care::refusal::status_codes;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::{Delivery, DeliveryId};
use crate::store::plan::appointments::Booked;

/// What shows that a message about her comes from her or from those around her.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::journey::patients) enum SenderProof {
    /// A mark that only we can have made: whoever wrote has a letter or an entry of hers.
    Mark,
    /// The address on record for her or her proxy. Anybody can write it down; nothing speaks against it.
    Address,
    /// Nothing shows from whom it is.
    #[default]
    None,
}

/// What is known of a message's author.
#[derive(Debug, Clone, Default)]
pub(in crate::journey::patients) struct SenderEvidence {
    pub(in crate::journey::patients) patient: Option<PatientId>,
    pub(in crate::journey::patients) delivery: Option<DeliveryId>,
    /// How far it is shown that it is hers.
    pub(in crate::journey::patients) proof: SenderProof,
    /// Letters that a notice tells of, each with what it tells.
    pub(in crate::journey::patients) reports: Vec<MatchedReport>,
    pub(in crate::journey::patients) appointment: Option<Booked>,
    /// Case codes of those who share the mailbox it came from, if nothing else tells them apart.
    pub(in crate::journey::patients) shared: Vec<String>,
    /// Those of them who are in the clinic's care, each with what shows that it comes from her.
    pub(in crate::journey::patients) mates: Vec<(PatientId, SenderProof)>,
    /// Whether it says that it comes from her or her proxy, and nothing speaks against it.
    pub(in crate::journey::patients) is_by_her: bool,
    /// Whether it came from another address than the patient's.
    pub(in crate::journey::patients) is_from_elsewhere: bool,
    /// Whether it came from a mailbox of ours: a copy of what staff wrote.
    pub(in crate::journey::patients) is_own: bool,
    /// Whether it is about a letter to somebody whose record was erased.
    pub(in crate::journey::patients) is_of_erased: bool,
    /// Whether it is about the patient who does not exist.
    pub(in crate::journey::patients) is_canary: bool,
    /// Whether a record that it is about cannot be read: a person reads it instead.
    pub(in crate::journey::patients) is_unread: bool,
}

impl SenderEvidence {
    /// What is known where our own records cannot be asked.
    pub(in crate::journey::patients) fn unread(clinic: &Deps, names: &Names) -> Self {
        Self { is_own: is_own(clinic, names), is_unread: true, ..Self::default() }
    }
}

/// What a notice tells of one letter.
#[derive(Debug, Clone)]
pub(in crate::journey::patients) struct MatchedReport {
    pub(in crate::journey::patients) delivery: DeliveryId,
    pub(in crate::journey::patients) report: NoticeReport,
    /// Whether the mailbox that failed is another than the letter's: hers passes her mail on to it, and may well be alive.
    pub(in crate::journey::patients) is_of_another: bool,
}

pub(in crate::journey::patients) fn find(
    view: &View<'_>,
    clinic: &Deps,
    message: &Inbound,
) -> Result<SenderEvidence, StepError> {
    let names = &message.names;
    let mut whose = SenderEvidence { is_own: is_own(clinic, names), ..SenderEvidence::default() };
    let mut letters = letters(view, clinic, names)?;
    whose.is_unread = letters.is_unread;
    // A husk takes nothing in: whoever writes now is a stranger again, and a person reads it.
    letters.leave_erased(view, &mut whose)?;
    let letter = match &message.content {
        Content::Report(worst) => {
            whose.reports = reports(&letters, message, worst);
            let is_told = |letter: &&Delivery| whose.reports.iter().any(|told| told.delivery == letter.id);
            let told = letters.all().find(is_told);
            whose.delivery = told.map(|letter| letter.id);
            // It is hers to read about, though it is not about that letter.
            told.or_else(|| letters.only())
        }
        _ => {
            let first = letters.all().next();
            whose.delivery = first.map(|letter| letter.id);
            first
        }
    }
    .cloned();
    if let Some((patient, booked)) =
        names.uid.as_deref().map(|uid| view.appointment_named(uid)).transpose()?.flatten()
        && view.erased(patient)?.is_none()
    {
        whose.patient = Some(patient);
        whose.appointment = Some(booked);
    }
    whose.patient = letter.and_then(|letter| letter.patient).or(whose.patient);
    whose.patient = whose.patient.map(|id| view.record_that_stays(id)).transpose()?;
    if whose.patient.is_some() {
        whose.proof = SenderProof::Mark;
    } else if whose.delivery.is_none() {
        by_address(view, message, &mut whose)?;
    }
    // Her words are kept whether or not her record can be read.
    if let Some(patient) = whose.patient.map(|id| readable(view, id)).transpose()?.flatten() {
        whose.is_canary = patient.reference.is_canary();
        whose.is_from_elsewhere = !names.from.iter().any(|from| patient.writes_from(from));
        whose.is_by_her = is_by(&patient, message);
        if whose.proof == SenderProof::None {
            whose.proof = proof(&patient, message);
        }
    }
    Ok(whose)
}

/// How far a message shows by its address alone that it is hers.
pub(in crate::journey::patients) fn proof(patient: &Patient, message: &Inbound) -> SenderProof {
    if is_by(patient, message) { SenderProof::Address } else { SenderProof::None }
}

/// Whether a message says that it is from her or her proxy, and nothing speaks against it. Whoever passed something on stands last,
/// and may have put anybody's address into it.
fn is_by(patient: &Patient, message: &Inbound) -> bool {
    let names = &message.names;
    let is_hers = names.from.last().is_some_and(|from| patient.writes_from(from));
    is_hers && !names.is_disowned && !message.note.signs.contains(&NoReplyReason::Forwarded)
}

/// Her record, if it can be read.
pub(in crate::journey::patients) fn readable(
    view: &View<'_>,
    id: PatientId,
) -> Result<Option<Patient>, StepError> {
    match view.patient(id) {
        Ok(patient) => Ok(Some(patient)),
        Err(fault) if fault.is_everyones() => Err(fault.into()),
        Err(_) => Ok(None),
    }
}

/// The letters a message names.
#[derive(Default)]
struct NamedLetters {
    /// By a tag that only we can have made: it came to their return paths.
    tagged: Vec<Delivery>,
    /// By their unguessable Message-IDs alone.
    named: Vec<Delivery>,
    /// Whether one more is named whose row cannot be read.
    is_unread: bool,
}

impl NamedLetters {
    /// Every one once, by a tag first.
    fn all(&self) -> impl Iterator<Item = &Delivery> {
        self.tagged.iter().chain(&self.named)
    }

    fn only(&self) -> Option<&Delivery> {
        let mut all = self.all();
        all.next().filter(|_| all.next().is_none())
    }

    /// Leaves out letters to people whose record was erased.
    fn leave_erased(&mut self, view: &View<'_>, whose: &mut SenderEvidence) -> Result<(), StepError> {
        for letters in [&mut self.tagged, &mut self.named] {
            let mut kept = Vec::new();
            for letter in letters.drain(..) {
                let erased = letter.patient.map(|id| view.erased(id)).transpose()?;
                if erased.flatten().is_some() {
                    whose.is_of_erased = true;
                } else {
                    kept.push(letter);
                }
            }
            *letters = kept;
        }
        whose.is_of_erased &= self.all().next().is_none();
        Ok(())
    }
}

fn letters(view: &View<'_>, clinic: &Deps, names: &Names) -> Result<NamedLetters, StepError> {
    let mut found = NamedLetters::default();
    for id in names.tags.iter().filter_map(|tag| clinic.key.read_return_tag(tag)) {
        // A restored database may be older than the letter.
        match view.delivery(id) {
            Ok(letter) if found.all().all(|known| known.id != id) => found.tagged.push(letter),
            Err(fault) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => found.is_unread |= fault.is_unreadable(),
            Ok(_) => {}
        }
    }
    for left in &names.message_ids {
        let Some(id) = clinic.key.read_message_id(left) else { continue };
        match view.delivery(id) {
            Ok(letter) if is_named(&letter, left) && found.all().all(|known| known.id != id) => {
                found.named.push(letter);
            }
            Err(fault) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => found.is_unread |= fault.is_unreadable(),
            Ok(_) => {}
        }
    }
    if found.all().next().is_none()
        && !found.is_unread
        && !names.message_ids.is_empty()
        && (view.known_keys()?.len() > 1 || view.has_prior_letters()?)
    {
        found.named.extend(by_record(view, clinic, names)?);
    }
    Ok(found)
}

/// A key that was replaced cannot be asked any more, and a second copy after a restore has the first one's Message-ID; what it made stands on record, and nobody can guess it. No index is kept
/// over Message-IDs (V004), so the whole ledger is gone through: once, and only where there was another key.
fn by_record(view: &View<'_>, clinic: &Deps, names: &Names) -> Result<Option<Delivery>, StepError> {
    let domain = &clinic.policy.message_id_domain;
    let whole: Vec<String> = names.message_ids.iter().map(|left| format!("{left}@{domain}")).collect();
    Ok(view.letter_named(&whole)?.map(|id| view.delivery(id)).transpose()?)
}

/// What a notice tells of which letter. Each letter has what is told of its own mailbox. Where nothing is, the one letter whose
/// return path it came to has the worst (her mail system may have passed it on); one that is only named by its Message-ID only
/// where the notice names no mailbox at all. Of whatever else no program can tell which letter it means.
/// What somebody passed on or copied counts only where it names her mailbox: it may have come back to him.
fn reports(letters: &NamedLetters, message: &Inbound, worst: &NoticeReport) -> Vec<MatchedReport> {
    let names = &message.names;
    let own: Vec<MatchedReport> = letters.all().filter_map(|letter| told_of(letter, names)).collect();
    if !own.is_empty() {
        return own;
    }
    let is_to = |letter: &&Delivery| names.about.iter().any(|mailbox| is_mailbox(letter, mailbox));
    let meant: Vec<&Delivery> = letters.all().filter(is_to).collect();
    let is_passed_on = message.note.signs.contains(&NoReplyReason::Forwarded);
    let one = match (meant.as_slice(), letters.tagged.as_slice()) {
        ([one], _) => Some(*one),
        _ if is_passed_on => None,
        (_, [one]) => Some(one),
        ([], []) if names.about.is_empty() => letters.only(),
        _ => None,
    };
    let told = |letter: &Delivery| MatchedReport {
        delivery: letter.id,
        report: worst.clone(),
        is_of_another: names.is_passed_on || is_of_another(letter, names),
    };
    one.map(told).into_iter().collect()
}

/// The worst that is told of the letter's own mailbox.
fn told_of(letter: &Delivery, names: &Names) -> Option<MatchedReport> {
    let own = names.reports.iter().filter(|told| told.to.iter().any(|mailbox| is_mailbox(letter, mailbox)));
    let worst = own.min_by_key(|told| {
        let status = told.report.status.as_deref().and_then(EnhancedStatus::parse);
        let is_vague = !status.is_some_and(status_codes::names_dead_mailbox);
        (told.report.fate, ends_elsewhere(letter, told), is_vague)
    })?;
    let is_of_another = ends_elsewhere(letter, worst);
    Some(MatchedReport { delivery: letter.id, report: worst.report.clone(), is_of_another })
}

/// Whether a letter that was written to hers came to an end at another mailbox: hers passes its mail on. The same name at a host
/// within her domain is hers.
fn ends_elsewhere(letter: &Delivery, told: &RecipientReport) -> bool {
    let (own, last) = (letter.recipient.as_deref(), told.to.last().map(EmailAddress::expose));
    let Some(((own, home), (name, host))) = own.and_then(parts).zip(last.and_then(parts)) else {
        return false;
    };
    let is_within = host.strip_suffix(&home).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    own != name || !is_within
}

/// Name and domain of an address in lower case, without what she put behind a plus sign.
fn parts(address: &str) -> Option<(String, String)> {
    let (name, domain) = address.rsplit_once('@')?;
    let name = name.split('+').next().unwrap_or(name);
    Some((name.to_ascii_lowercase(), domain.to_ascii_lowercase()))
}

/// Whether a letter went to that mailbox.
fn is_mailbox(letter: &Delivery, mailbox: &EmailAddress) -> bool {
    letter.recipient.as_deref().is_some_and(|to| to.eq_ignore_ascii_case(mailbox.expose()))
}

/// Whether a notice names mailboxes, and none of them is at the letter's own domain: there hers may only be called otherwise.
fn is_of_another(letter: &Delivery, names: &Names) -> bool {
    let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    let own = letter.recipient.as_deref().and_then(domain);
    !names.about.is_empty() && names.about.iter().all(|other| domain(other.expose()) != own)
}

fn is_named(letter: &Delivery, left: &str) -> bool {
    letter
        .message_id
        .as_deref()
        .and_then(|id| id.split_once('@'))
        .is_some_and(|(own, _)| own.eq_ignore_ascii_case(left))
}

fn is_own(clinic: &Deps, names: &Names) -> bool {
    let policy = &clinic.policy;
    let ours = || std::iter::once(&policy.from.1).chain(&policy.reply_to).map(EmailAddress::expose);
    // Who passes on what we wrote may have written words of her own to it.
    let is_ours = |from: &EmailAddress| ours().any(|own| own.eq_ignore_ascii_case(from.expose()));
    !names.from.is_empty() && names.from.iter().all(is_ours)
}

/// One patient alone at a mailbox is the one who wrote, or whom a mail server's own report is about; of several, the only one
/// still in care. An address that somebody writes into his words says nothing of him.
fn by_address(view: &View<'_>, message: &Inbound, whose: &mut SenderEvidence) -> Result<(), StepError> {
    let is_report = matches!(message.content, Content::Report(_) | Content::ServerNote | Content::Complaint);
    let named = message.names.notified.iter().filter(|_| is_report);
    for from in message.names.from.iter().chain(named) {
        let behind = view.behind(from)?;
        let mut in_care = behind.iter().filter(|(_, _, in_care)| *in_care);
        let only = match (behind.as_slice(), in_care.next(), in_care.next()) {
            ([one], _, _) => Some(one.0),
            (_, Some(one), None) => Some(one.0),
            _ => None,
        };
        if only.is_some() || !behind.is_empty() {
            whose.patient = only;
            if only.is_none() {
                for (id, _, _) in behind.iter().filter(|(_, _, in_care)| *in_care) {
                    let mate = readable(view, *id)?;
                    whose.mates.extend(mate.map(|mate| (*id, proof(&mate, message))));
                }
                whose.shared = behind.into_iter().map(|(_, code, _)| code).collect();
            }
            return Ok(());
        }
    }
    Ok(())
}

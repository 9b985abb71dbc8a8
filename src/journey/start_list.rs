//! The start list: what must be done before the first letter leaves, and how far it is. It looks; it changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::address::EmailAddress;
use crate::care::permission::Act;
use crate::care::phone;
use crate::care::plan::protocol::Protocol;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, zone};
use crate::letter::wording::ClinicFacts;
use crate::store::db::transaction::View;

/// The fact that remembers the day of the newest copy.
pub const BACKUP_ON: &str = "backup-on";
/// The fact that remembers the day of the newest copy in the second place.
pub const SECOND_COPY_ON: &str = "backup-second-on";
/// A copy older than this many days is no copy of today's clinic.
const COPY_DAYS: i32 = 2;
/// Domains that nobody owns (RFC 2606).
const MADE_UP: [&str; 7] =
    [".example", ".test", ".invalid", ".localhost", "example.com", "example.net", "example.org"];

/// One thing to do before the first letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartStep {
    /// The numbers that stand in every letter.
    Phones,
    /// Who letters come from, and whether they leave.
    Sender,
    /// A letter was sent and somebody has it.
    MailTest,
    /// Somebody on the ladder has confirmed a test alert.
    Ladder,
    /// Somebody may close an urgent alert.
    Colleagues,
    /// A schedule in force that a clinician has signed.
    Schedule,
    /// Somebody to write to.
    Patient,
    /// A copy of the database every night.
    Backup,
}

/// A step and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartItem {
    /// What is to be done.
    pub step: StartStep,
    /// How it stands, in words.
    pub stands: Result<String, String>,
}

/// What is known of the configuration in force.
pub struct StartFacts<'a> {
    /// What letters say of the clinic.
    pub says: &'a ClinicFacts,
    /// Whether letters go to a mail server, and not into files.
    pub letters_leave: bool,
    /// The schedules in force, by name.
    pub in_force: BTreeMap<String, Arc<Protocol>>,
}

impl StartStep {
    /// Every step, in the order in which they are done.
    pub const ALL: [Self; 8] = [
        Self::Phones,
        Self::Sender,
        Self::MailTest,
        Self::Ladder,
        Self::Colleagues,
        Self::Schedule,
        Self::Backup,
        Self::Patient,
    ];

    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phones => "phones",
            Self::Sender => "sender",
            Self::MailTest => "mail-test",
            Self::Ladder => "ladder",
            Self::Colleagues => "colleagues",
            Self::Schedule => "schedule",
            Self::Patient => "patient",
            Self::Backup => "backup",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Phones => "Telephone numbers",
            Self::Sender => "Sender of letters",
            Self::MailTest => "A test letter, sent and received",
            Self::Ladder => "Ladder, confirmed by a person",
            Self::Colleagues => "Somebody who may close an urgent alert",
            Self::Schedule => "A signed schedule",
            Self::Patient => "First patient",
            Self::Backup => "A copy every night",
        }
    }

    /// Why the first letter should not leave before it is done.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Phones => {
                "They stand in every letter and on every warning page: a wrong one leads her nowhere."
            }
            Self::Sender => {
                "Patients and their mail providers know us by it; while letters are written into files, none leaves."
            }
            Self::MailTest => "Only a letter that somebody has read proves that letters arrive.",
            Self::Ladder => {
                "An alert is worth as much as the person it reaches. Until then letters offer no form."
            }
            Self::Colleagues => {
                "An emergency or urgent alert ends with a doctor or lead: without one it rings for ever."
            }
            Self::Schedule => "Whoever signs answers for what patients are asked, and when.",
            Self::Patient => {
                "Import a list, or enrol one patient: her first year of letters is shown before it counts."
            }
            Self::Backup => "The database is the clinic's whole memory, and disks die.",
        }
    }

    /// How whoever runs the program does it.
    #[must_use]
    pub const fn how(self) -> &'static str {
        match self {
            Self::Phones => {
                "phone_office and phone_24h under [clinic] in aftercare.toml, or aftercare settings set"
            }
            Self::Sender => "from and transport under [mail] in aftercare.toml",
            Self::MailTest => "aftercare send-test ADDRESS, then aftercare alerts test",
            Self::Ladder => {
                "ladder under [alerts] in aftercare.toml, or aftercare settings set, then aftercare alerts test"
            }
            Self::Colleagues => "aftercare staff add",
            Self::Schedule => {
                "verified = true in your own copy of its file, after a clinician has read it; or a doctor's aftercare protocol sign NAME --as ACCOUNT"
            }
            Self::Patient => "aftercare import, or aftercare patient add",
            Self::Backup => {
                "directory under [backup] in aftercare.toml; the copy is made after two in the morning"
            }
        }
    }
}

/// Every step with how it stands.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn look(
    view: &View<'_>,
    clinic: &Deps,
    facts: &StartFacts<'_>,
    now: Timestamp,
) -> Result<Vec<StartItem>, StepError> {
    let today = day(now, &zone(&clinic.policy.zone)?);
    let seen = view.newest_proof_at(now)?.map(|at| day(at, &clinic.care.ladder.zone));
    let item = |step| {
        let stands = match step {
            StartStep::Phones => phones(facts.says),
            StartStep::Sender => sender(facts),
            StartStep::MailTest => mail_test(view, seen)?,
            StartStep::Ladder => ladder(view, clinic, seen)?,
            StartStep::Colleagues => colleagues(view)?,
            StartStep::Schedule => schedule(view, &facts.in_force)?,
            StartStep::Patient => match view.has_patient()? {
                true => Ok("somebody is enrolled".to_owned()),
                false => Err("nobody is enrolled yet".to_owned()),
            },
            StartStep::Backup => backup(view, today)?,
        };
        Ok(StartItem { step, stands })
    };
    StartStep::ALL.into_iter().map(item).collect()
}

fn phones(says: &ClinicFacts) -> Result<String, String> {
    let of = |number: &str| phone::parse(number, says.region.as_deref());
    let numbers = [says.phone_office.as_str(), says.phone_24h.as_str()];
    let made_up = numbers.into_iter().filter(|number| of(number).map_or(true, |phone| phone.is_made_up));
    let made_up: Vec<&str> = made_up.collect();
    match made_up[..] {
        [] => Ok(format!("{} in office hours, {} day and night", numbers[0], numbers[1])),
        [one, other] => Err(format!("nobody answers {one} and {other}: numbers of an example")),
        _ => Err(format!("nobody answers {}: an example's number", made_up.join(", "))),
    }
}

fn is_made_up(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    MADE_UP.iter().any(|end| domain == end.trim_start_matches('.') || domain.ends_with(end))
}

fn sender(facts: &StartFacts<'_>) -> Result<String, String> {
    let address = facts.says.organizer.as_deref().unwrap_or_default();
    if is_made_up(address) {
        return Err("its address is an example's, in a domain that nobody owns".to_owned());
    }
    match facts.letters_leave {
        true => Ok("letters leave under an address of the clinic's".to_owned()),
        false => Err("letters are written into files; none leaves".to_owned()),
    }
}

fn mail_test(view: &View<'_>, seen: Option<Date>) -> Result<Result<String, String>, StepError> {
    Ok(match (view.has_accepted_letter()?, seen) {
        (true, Some(on)) => Ok(format!("letters are taken, and somebody answered one on {}", read(on))),
        (true, None) => Err("letters are taken; nobody has confirmed that one arrived".to_owned()),
        (false, _) => Err("no letter has left yet".to_owned()),
    })
}

fn ladder(view: &View<'_>, clinic: &Deps, seen: Option<Date>) -> Result<Result<String, String>, StepError> {
    let contacts = &clinic.care.contacts;
    let made_up = contacts.iter().filter(|contact| is_made_up(EmailAddress::expose(&contact.email)));
    let made_up: Vec<&str> = made_up.map(|contact| contact.name.as_str()).collect();
    if contacts.is_empty() {
        return Ok(Err("nobody stands on it".to_owned()));
    }
    if !made_up.is_empty() {
        return Ok(Err(format!("an example's address stands for {}", made_up.join(", "))));
    }
    let is_uncovered = view.missing_cover()?.is_some();
    Ok(match seen.filter(|_| !is_uncovered) {
        Some(on) => Ok(format!("somebody on it answered on {}", read(on))),
        None => {
            Err("nobody on it has proved reachable: send a test alert and give the code it brings".to_owned())
        }
    })
}

fn colleagues(view: &View<'_>) -> Result<Result<String, String>, StepError> {
    let staff = view.staff()?;
    let may = staff.iter().filter(|one| one.disabled_at.is_none() && one.role.may(Act::CloseUrgentAlert));
    let names: Vec<&str> = may.map(|one| one.name.as_str()).collect();
    Ok(match names.is_empty() {
        false => Ok(names.join(", ")),
        true => Err("no doctor or lead has an account".to_owned()),
    })
}

/// One counts as signed by its file, or by somebody who signed this very version.
fn schedule(
    view: &View<'_>,
    in_force: &BTreeMap<String, Arc<Protocol>>,
) -> Result<Result<String, String>, StepError> {
    let mut signed = Vec::new();
    for (name, protocol) in in_force {
        let version = view.protocol_version_id(name, &protocol.version)?;
        let by = version.map_or(Ok(Vec::new()), |version| view.sign_offs(version))?;
        if protocol.verified || !by.is_empty() {
            signed.push(protocol.title.as_str());
        }
    }
    Ok(match signed.is_empty() {
        false => Ok(format!("signed: {}", signed.join(", "))),
        true => Err("no schedule in force is signed by a clinician".to_owned()),
    })
}

/// A day as a person reads it, e.g. `23 Nov 2026`.
fn read(on: Date) -> String {
    on.strftime("%-d %b %Y").to_string()
}

fn backup(view: &View<'_>, today: Date) -> Result<Result<String, String>, StepError> {
    let newest: Option<Date> = view.fact(BACKUP_ON)?.and_then(|on| on.parse().ok());
    Ok(match newest {
        Some(on) if (today - on).get_days() <= COPY_DAYS => Ok(format!("the newest is of {}", read(on))),
        Some(on) => Err(format!("the newest is of {}", read(on))),
        None => Err("none has been made yet".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_examples_numbers_and_addresses_are_not_taken_for_a_clinics() {
        for address in ["care@riverside.example", "a@example.com", "a@mail.example.org", "a@x.test"] {
            assert!(is_made_up(address), "{address}");
        }
        for address in ["care@clinic.org", "a@myexample.com.au", "a@latest"] {
            assert!(!is_made_up(address), "{address}");
        }
    }

    #[test]
    fn every_step_has_its_own_word() {
        let mut words = StartStep::ALL.map(StartStep::word).to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), StartStep::ALL.len());
    }
}

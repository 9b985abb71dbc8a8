//! Of several who share a mailbox a death may be told of one: where the words name her alone, it is she; else it may be each of
//! them.

use crate::care::inbound::{Content, Inbound, ReaderNews};
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::journey::errors::step::StepError;
use crate::journey::patients::sender_match::{self, SenderEvidence, SenderProof};
use crate::store::db::transaction::Tx;

/// From here on writing leaves no gaps between words.
const UNPARTED: char = '\u{2E80}';

/// So many words at the end, at most, are a signature.
const SIGNATURE: usize = 3;
/// How somebody begins who says who she is.
const AUTHOR: [&str; 8] =
    ["i am ", "i'm ", "i’m ", "this is ", "my name is ", "soy ", "me llamo ", "mi nombre es "];

/// What is known of a message, and whom its words name where they tell of a death.
pub(super) fn find(
    tx: &Tx<'_>,
    message: &Inbound,
    whose: &SenderEvidence,
) -> Result<SenderEvidence, StepError> {
    let whose = whose.clone();
    if message.tells != Some(ReaderNews::Died) {
        return Ok(whose);
    }
    let mates = mates(tx, &whose)?;
    let words = format!("{}\n{}", message.note.subject.to_lowercase(), told(&message.note.text));
    let mut named = (0..mates.len()).filter(|at| is_named(&words, *at, &mates));
    let (Some(one), None) = (named.next().and_then(|at| mates.get(at)), named.next()) else {
        // Of whom a mail server says so nobody can tell: each of them reads there.
        if matches!(message.content, Content::Report(_)) && !mates.is_empty() {
            let each = mates.iter().map(|mate| (mate.id, whose.proof)).collect();
            return Ok(SenderEvidence { mates: each, ..whose });
        }
        return Ok(whose);
    };
    let proof =
        if whose.proof == SenderProof::Mark { whose.proof } else { sender_match::proof(one, message) };
    Ok(SenderEvidence { patient: Some(one.id), proof, mates: Vec::new(), shared: Vec::new(), ..whose })
}

/// Those in care who share the mailbox of whoever wrote; nobody where she alone has it.
fn mates(tx: &Tx<'_>, whose: &SenderEvidence) -> Result<Vec<Patient>, StepError> {
    let mut all: Vec<PatientId> = whose.mates.iter().map(|(id, _)| *id).collect();
    let own = whose.patient.map(|id| sender_match::readable(tx, id)).transpose()?.flatten();
    if let Some(email) = own.and_then(|own| own.email) {
        all = tx.sharing(&email)?.into_iter().map(|(id, _)| id).collect();
    }
    let mut found = Vec::new();
    for id in all {
        found.extend(sender_match::readable(tx, id)?);
    }
    let in_care =
        |mate: &Patient| !matches!(mate.status, PatientStatus::Deceased | PatientStatus::Transferred);
    found.retain(in_care);
    Ok(if found.len() > 1 { found } else { Vec::new() })
}

/// The text in small letters without what somebody quotes, and without how its author calls herself: a daughter who shares the
/// mailbox signs with her own name.
fn told(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('>')).collect();
    let last = lines.iter().rposition(|line| !line.trim().is_empty());
    let is_signature = |at: usize| at > 0 && Some(at) == last && words(lines[at]).count() <= SIGNATURE;
    let own = lines.iter().enumerate().filter(|(at, _)| !is_signature(*at)).map(|(_, line)| *line);
    let own = own.collect::<Vec<_>>().join("\n").to_lowercase();
    let sentences = own.split_inclusive(['.', '!', '?', ';', '\n']);
    sentences
        .filter(|sentence| !AUTHOR.iter().any(|begin| sentence.trim_start().starts_with(begin)))
        .collect()
}

/// Whether a text in small letters holds a part of that one's name which no other of them has.
fn is_named(text: &str, at: usize, mates: &[Patient]) -> bool {
    let parts = |mate: &Patient| -> Vec<String> {
        words(&mate.name.expose().to_lowercase()).map(str::to_owned).collect()
    };
    let others: Vec<String> = mates
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != at)
        .flat_map(|(_, mate)| parts(mate))
        .collect();
    let own = mates.get(at).map(parts).unwrap_or_default();
    own.iter().filter(|part| !others.contains(part)).any(|part| {
        words(text).any(|word| word == part)
            || part.chars().any(|c| c >= UNPARTED) && text.contains(part.as_str())
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1)
}

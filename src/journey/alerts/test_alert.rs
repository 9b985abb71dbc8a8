//! The test alert: each rung is told through its own letter and call, and proves that it is reached by the code they bring.
//! Nobody proves it for somebody else, and nothing that was not sent proves anything.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;

use crate::care::permission::Act;
use crate::care::time::span::{earlier, later};
use crate::journey::alert_policy::Contact;
use crate::journey::alerts::notify::{enqueue, item};
use crate::journey::alerts::webhook_calls::receiver;
use crate::journey::authorize::{permit, permit_account};
use crate::journey::deps::Deps;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::LinkKey;
use crate::journey::outbox::fact_names::{ASKED, CONSOLE};
use crate::letter::template_names::LetterName;
use crate::store::alerts::test_alerts::{AskedRung, NewAskedRung, RungReach};
use crate::store::alerts::webhook_calls::NewCall;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;

/// Test alerts are at least so far apart.
const TESTS_APART: Duration = Duration::from_secs(15 * 60);
/// A code counts for so long: whoever finds it later was not reached in time.
const CODE_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A call that could not be made for so long says nothing any more.
const CALL_OF_USE: Duration = Duration::from_secs(3 * 24 * 3600);

/// What somebody brings to a test alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestReply {
    /// The code that a letter or call brought.
    Code(String),
    /// No code: a note for whoever mends the ladder, which proves nothing.
    Note(String),
}

/// When the next test alert can leave: so long after the last one, so that nobody wears the ladder out; at once while somebody
/// stands on the ladder whom the last one did not ask. A test that a wrong clock dated into the future does not count.
///
/// # Errors
/// The store's own.
pub fn next_test_at(view: &View<'_>, clinic: &Deps, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let Some(sent) = view.last_test_at(now)?.filter(|sent| *sent <= now) else { return Ok(None) };
    let next = later(sent, TESTS_APART);
    let asked = view.asked_rungs(sent)?;
    let is_asked = |contact: &Contact| asked.iter().any(|one| one.who == contact.who());
    Ok((next > now && clinic.care.contacts.iter().all(is_asked)).then_some(next))
}

/// Sends a test alert down the whole ladder.
///
/// # Errors
/// [`AlertError::TestTooSoon`] when one left a moment ago; an account acts that may not; [`StepError`] when the store fails.
pub(in crate::journey::alerts) fn send(tx: &mut Tx<'_>, clinic: &Deps) -> Result<i64, StepError> {
    permit_account(tx, Act::TestLadder)?;
    if let Some(next) = next_test_at(tx, clinic, tx.at())? {
        return Err(AlertError::TestTooSoon(next).into());
    }
    let test = tx.insert_test_alert()?;
    for (place, contact) in (0u32..).zip(&clinic.care.contacts) {
        ask(tx, contact, Question { test, place }, clinic)?;
    }
    Ok(test)
}

/// One question of a test alert: which test, and which rung of the ladder.
#[derive(Debug, Clone, Copy)]
struct Question {
    test: i64,
    place: u32,
}

/// Asks one rung, by letter and, where it has a way of its own, by a signed call.
fn ask(tx: &mut Tx<'_>, contact: &Contact, question: Question, clinic: &Deps) -> Result<(), StepError> {
    let Question { test, place } = question;
    let asked = subject(question, tx.at());
    let page = page(clinic);
    let facts = BTreeMap::from([(CONSOLE.to_owned(), page.clone()), (ASKED.to_owned(), asked.clone())]);
    let letter = enqueue(tx, contact, item(LetterName::StaffTestAlert, facts), clinic)?;
    // The code is put in when the call is made: nothing that proves a rung lies in the database.
    let body =
        serde_json::json!({ "test": test, "rung": contact.name, ASKED: asked, "link": page }).to_string();
    let expires_at = later(tx.at(), CALL_OF_USE);
    let new = |url| NewCall { alert: None, receiver: receiver(url), url, body: &body, expires_at };
    let call = contact.webhook.as_deref().map(|url| tx.enqueue_call(&new(url))).transpose()?;
    Ok(tx.insert_asked_rung(&NewAskedRung { test, place, who: contact.who(), letter, call })?)
}

/// The page of the console where codes are given.
fn page(clinic: &Deps) -> String {
    format!("{}/test-alert", clinic.care.console_url)
}

/// What the code of a rung is made from. The instant tells a test from one that a restored copy has forgotten.
fn subject(question: Question, sent_at: Timestamp) -> String {
    format!("{}|{}|{}", question.test, question.place, sent_at.as_millisecond())
}

/// The code that a rung was told.
#[must_use]
pub fn code(asked: &AskedRung, key: &LinkKey) -> String {
    let AskedRung { test, place, sent_at, .. } = *asked;
    key.test_code(&subject(Question { test, place }, sent_at))
}

/// The signed-in actor answers a test alert. Returns the rung that is proved, by name; `None` for a note.
///
/// # Errors
/// `PermissionError::NotSignedIn` for anyone but staff; [`AlertError`] when the code fits nothing that was sent lately, or
/// when there is nothing to note or no test to note it on; the store's own.
pub(in crate::journey::alerts) fn answer(
    tx: &mut Tx<'_>,
    reply: &TestReply,
    clinic: &Deps,
) -> Result<Option<String>, StepError> {
    permit(tx, Act::TakeAlert)?;
    let since = earlier(tx.at(), CODE_LASTS);
    let asked = tx.asked_rungs(since)?;
    match reply {
        TestReply::Code(typed) => {
            let typed = plain(typed);
            let is_its = |asked: &&AskedRung| {
                let code = plain(&code(asked, &clinic.key));
                code.as_bytes().ct_eq(typed.as_bytes()).into()
            };
            let found = asked.iter().find(is_its).ok_or(AlertError::NoSuchCode)?;
            if found.reach == RungReach::Waiting {
                return Err(AlertError::NotSentYet.into());
            }
            tx.confirm_rung(found)?;
            Ok(Some(found.who.name.clone()))
        }
        TestReply::Note(note) => {
            let note = note.trim();
            if note.is_empty() {
                return Err(AlertError::NothingNoted.into());
            }
            let test = asked.first().ok_or(AlertError::NoTest)?.test;
            tx.note_test_alert(test, note)?;
            Ok(None)
        }
    }
}

/// A code as it is compared: however it was typed.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests;

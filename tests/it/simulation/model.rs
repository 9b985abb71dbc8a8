//! What the world outside knows: who may not be written to, and when the process is to die.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use aftercare::care::patient::PatientStatus;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::Notify;

use crate::courier::Accepted;
use crate::people::acting_mailbox;

/// The case code of the reader a letter names.
pub(super) fn reader(letter: &Accepted) -> String {
    let line = letter.text.lines().next().unwrap();
    line.split("Name of ").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Shared between the story, the courier's hooks and the checks.
#[derive(Default)]
pub(super) struct Model {
    state: Mutex<State>,
    kill: Notify,
}

#[derive(Default)]
pub(super) struct State {
    /// Where the story last put everyone, by case code, and the day a pause ends.
    pub(super) status: BTreeMap<String, (PatientStatus, Option<Date>)>,
    /// Where everyone lives, by case code.
    pub(super) zones: BTreeMap<String, String>,
    /// For whom somebody acts, by case code, and the last day of it.
    pub(super) acting: BTreeMap<String, Option<Date>>,
    /// Letters that reached someone whom the story had taken out.
    pub(super) wrong: Vec<String>,
    /// Those of whom staff or the story changed anything since they were taken in.
    pub(super) touched: BTreeSet<String>,
    /// Letters seen by the checks, by Message-ID.
    pub(super) seen: BTreeMap<String, u32>,
    /// What each letter said whenever it arrived, by Message-ID.
    pub(super) said: BTreeMap<String, BTreeSet<String>>,
    /// Days on which a letter of reminders reached someone: case code, local day, Message-ID.
    pub(super) days: BTreeMap<(String, String), String>,
    /// While the server refuses us, in words that say so: letters that had failed before, and who had a dead address.
    pub(super) outage: Option<(BTreeSet<i64>, BTreeSet<String>)>,
    /// What the server is known to refuse us with, and since when: one condition may change its words.
    pub(super) refused_with: Option<(String, Timestamp)>,
    /// Since when the server takes every letter.
    pub(super) fair_since: Option<Timestamp>,
    fuse: Option<u32>,
}

impl Model {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The process dies at the `steps`th point of a dialogue from now.
    pub(super) fn light(&self, steps: u32) {
        self.state().fuse = Some(steps);
    }

    pub(super) fn disarm(&self) {
        self.state().fuse = None;
    }

    /// One point of a dialogue has passed; true when the fuse is over.
    pub(super) fn burns(&self) -> bool {
        let mut state = self.state();
        let Some(left) = state.fuse else { return false };
        state.fuse = Some(left.saturating_sub(1));
        if left <= 1 {
            self.kill.notify_one();
        }
        left <= 1
    }

    /// P2, asked while the server takes the letter: whether the story lets this reader have one.
    pub(super) fn witness(&self, letter: &Accepted) {
        let who = reader(letter);
        let mut state = self.state();
        let today = letter.at.in_tz(&state.zones[&who]).unwrap().date();
        let may = match state.status[&who] {
            (PatientStatus::Active, _) => true,
            // The last day of a pause belongs to it, where she lives.
            (PatientStatus::Paused, Some(until)) => until < today,
            _ => false,
        };
        // The last day belongs to it, where she lives.
        let is_acted_for =
            state.acting.get(&who).is_some_and(|until| until.is_none_or(|until| today <= until));
        let is_theirs = letter.to == acting_mailbox(&who);
        if !may || is_acted_for != is_theirs {
            state.wrong.push(format!("{who} at {}, to {}", letter.at, letter.to));
        }
    }

    pub(super) async fn killed(&self) {
        self.kill.notified().await;
    }
}

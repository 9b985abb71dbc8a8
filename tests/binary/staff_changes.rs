//! What staff record beside a daemon that is killed, by commands of which some are killed too: whatever a command said it had
//! recorded stands, and nothing stands that nobody wrote.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use aftercare::care::contact::ContactField;
use aftercare::care::patient::Reference;
use aftercare::clock::SystemEntropy;
use aftercare::ports::Entropy;
use aftercare::store::database::Store;

use crate::sandbox::{Ground, references};

/// Patients whose record is changed again and again.
const CHANGED: usize = 20;

/// When a patient is reached best, as commands wrote it; each text is written once.
#[derive(Default)]
pub(crate) struct StaffChanges {
    written: BTreeMap<String, Vec<String>>,
    acknowledged: BTreeMap<String, String>,
    /// Commands that were killed.
    pub(crate) kills: usize,
    /// Commands that said that it was recorded.
    pub(crate) recorded: usize,
}

impl StaffChanges {
    /// One command; every third is killed at some moment, wherever it is.
    pub(crate) fn make(&mut self, sandbox: &Ground, number: usize) {
        let reference = references(CHANGED)[number % CHANGED].clone();
        let text = format!("after call {number}");
        let mut command = sandbox.command(&["patient", "set", &reference, "--best-time", &text]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        self.written.entry(reference.clone()).or_default().push(text.clone());
        if number.is_multiple_of(3) {
            let mut byte = [0];
            SystemEntropy.fill(&mut byte);
            std::thread::sleep(Duration::from_millis(u64::from(byte[0]) / 2));
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                self.kills += 1;
            }
        }
        if child.wait().unwrap().success() {
            self.recorded += 1;
            self.acknowledged.insert(reference, text);
        }
    }

    /// Holds the records against what the commands said.
    pub(crate) fn judge(&self, store: &Store) {
        for (reference, written) in &self.written {
            let code = Reference::parse(reference).unwrap();
            let stands = store
                .read(|view| {
                    let patient = view.patient_by_reference(&code)?;
                    view.contact(patient.id)
                })
                .unwrap();
            let stands = stands.details.text(ContactField::BestTime).map(str::to_owned);
            let place = |text: &String| written.iter().position(|one| one == text);
            let found = stands.as_ref().map(|text| place(text).expect("a text that nobody wrote"));
            let said = self.acknowledged.get(reference).map(|text| place(text).unwrap());
            assert!(found >= said, "{reference}: {stands:?} stands, recorded was {said:?} of {written:?}");
        }
        assert!(self.recorded > 0, "no command came through");
    }
}

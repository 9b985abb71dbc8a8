//! Test doubles: seeded randomness, words that show what a letter was made from.

use std::sync::Mutex;

use aftercare::letter::content::{Inputs, Letter, LetterItem, Links};
use aftercare::ports::Entropy;

/// Randomness from a seed (SplitMix64), so that a failing run can be run again.
pub(crate) struct Seeded(Mutex<u64>);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    pub(crate) fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `0..bound`.
    pub(crate) fn below(&self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    /// Uniform in `0..bound`, signed.
    pub(crate) fn up_to(&self, bound: i64) -> i64 {
        i64::try_from(self.next() >> 1).unwrap() % bound
    }

    pub(crate) fn one_in(&self, odds: usize) -> bool {
        self.below(odds) == 0
    }

    pub(crate) fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.next().to_le_bytes()[3];
        }
    }
}

/// A letter that shows its inputs; the steps `poison` and `panic` cannot be written.
pub(crate) fn write(inputs: &Inputs, links: &Links) -> Result<Letter, String> {
    if inputs.items.iter().any(|i| i.template == "poison") {
        return Err("no such fragment".to_owned());
    }
    assert!(inputs.items.iter().all(|i| i.template != "panic"), "a template panicked");
    let mut text = format!("written {} for {:?}\n", inputs.written_on, inputs.name);
    text.extend(inputs.items.iter().map(line));
    if let Some(page) = &links.checklist {
        text.push_str(&format!("checklist={page}\n"));
    }
    Ok(Letter {
        subject: "A letter from Sample Clinic".to_owned(),
        html: format!("<p>{text}</p>"),
        text,
        calendar: None,
        language: inputs.language.clone(),
    })
}

fn line(item: &LetterItem) -> String {
    let due = item.due_on.map(|d| d.to_string()).unwrap_or_default();
    let mut line = format!("item {}:{} due={due}", item.kind, item.template);
    if let Some(a) = &item.appointment {
        line.push_str(&format!(
            " on={} at={} uid={} sequence={} cancelled={}",
            a.on, a.at, a.uid, a.sequence, a.cancelled
        ));
    }
    line + "\n"
}

//! Rows of one file that are one person, or one mailbox.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use super::compare::{SHARE, ZEROS};
use crate::care::address::EmailAddress;
use crate::exchange::roster::row::RosterRow;
use crate::exchange::roster::row_fault::{CellFault, RowFault};

/// Marks of 64 bits of every reference and address, whatever their case: 16 bytes a row, whatever their length. Where marks
/// meet, the rows are read again and compared by the letter.
#[derive(Default)]
pub(in crate::exchange::roster) struct DuplicateRows {
    marker: RandomState,
    codes: HashSet<u64>,
    shared: HashSet<u64>,
    unshared: HashSet<u64>,
    met: HashSet<u64>,
}

/// Where a reference, or a mailbox and whether it is shared, was first seen.
pub(in crate::exchange::roster) type FirstSeen = BTreeMap<String, (u64, String)>;
pub(in crate::exchange::roster) type SeenMailboxes = BTreeMap<String, (u64, bool)>;

impl DuplicateRows {
    pub(in crate::exchange::roster) fn note(&mut self, row: &RosterRow) {
        let code = self.mark(bare(row.newcomer.reference.as_str()));
        if !self.codes.insert(code) {
            self.met.insert(code);
        }
        let Some(email) = row.newcomer.email.as_ref().map(EmailAddress::expose) else { return };
        let mailbox = self.mark(email);
        let alone = if row.newcomer.shared_inbox {
            self.shared.insert(mailbox);
            !self.unshared.contains(&mailbox)
        } else {
            self.unshared.insert(mailbox) && !self.shared.contains(&mailbox)
        };
        if !alone {
            self.met.insert(mailbox);
        }
    }

    pub(in crate::exchange::roster) fn any(&self) -> bool {
        !self.met.is_empty()
    }

    pub(in crate::exchange::roster) fn meet(
        &self,
        row: &RosterRow,
        codes: &mut FirstSeen,
        boxes: &mut SeenMailboxes,
    ) -> Option<RowFault> {
        let code = row.newcomer.reference.as_str();
        if self.met.contains(&self.mark(bare(code))) {
            let lower = code.to_ascii_lowercase();
            if let Some((first, other)) = codes.get(bare(&lower)) {
                let wrong = match *other == lower {
                    true => CellFault::new(
                        format!("`{code}` stands in line {first} already"),
                        "keep one row for each patient",
                    ),
                    false => CellFault::new(
                        format!("differs from `{other}` in line {first} only in zeros at its beginning"),
                        ZEROS,
                    ),
                };
                return Some(RowFault::at(row.line, "reference", wrong));
            }
            codes.insert(bare(&lower).to_owned(), (row.line, lower));
        }
        let email = row.newcomer.email.as_ref().map(EmailAddress::expose)?;
        if !self.met.contains(&self.mark(email)) {
            return None;
        }
        let shared = row.newcomer.shared_inbox;
        let (first, all_shared) = *boxes.entry(email.to_ascii_lowercase()).or_insert((row.line, shared));
        if first == row.line || (all_shared && shared) {
            return None;
        }
        boxes.insert(email.to_ascii_lowercase(), (first, all_shared && shared));
        let wrong = CellFault::new(format!("line {first} has the same address"), SHARE);
        Some(RowFault::at(row.line, "email", wrong))
    }

    fn mark(&self, text: &str) -> u64 {
        self.marker.hash_one(text.to_ascii_lowercase())
    }
}

/// A code of digits without the zeros at its beginning, which spreadsheets take away.
fn bare(code: &str) -> &str {
    if code.bytes().all(|b| b.is_ascii_digit()) { code.trim_start_matches('0') } else { code }
}

impl std::fmt::Debug for DuplicateRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DuplicateRows").field("rows", &self.codes.len()).finish_non_exhaustive()
    }
}

//! One letter's trip over one line: the last look, the words, the dialogue. No transaction is open meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::turn::{End, unwritable};
use crate::journey::{Clinic, compose};
use crate::ports::{Line, Outgoing, Receipt};
use crate::store::outbox::{Delivery, Report};

/// A letter in hand with its words.
pub(super) struct Held {
    pub(super) letter: Box<Delivery>,
    written: Result<Outgoing, String>,
}

impl Held {
    pub(super) fn new(letter: Box<Delivery>, clinic: &Clinic) -> Self {
        let written = catch_unwind(AssertUnwindSafe(|| compose::outgoing(&letter, clinic)))
            .unwrap_or_else(|_| Err("writing it panicked".to_owned()));
        Self { letter, written }
    }

    /// Tells the line what comes after the letter it is about to carry.
    pub(super) fn announce(&self, line: &mut dyn Line) {
        if let Ok(outgoing) = &self.written {
            line.announce(outgoing);
        }
    }
}

pub(super) async fn carry(clinic: &Clinic, line: &mut dyn Line, held: &Held) -> End {
    let Held { letter, written } = held;
    if let Err(receipt) = line.ready().await {
        return End::NoLine(report(receipt));
    }
    match clinic.store.read(|view| view.may_leave(letter.id, letter.attempt)) {
        Ok(true) => {}
        Ok(false) => {
            line.call_off();
            return End::Stopped;
        }
        Err(fault) => {
            // What nobody could look at does not leave.
            tracing::error!(delivery = letter.id.0, %fault, "the last look before a letter leaves failed");
            line.call_off();
            return End::Untouched;
        }
    }
    match written {
        Ok(outgoing) => End::Carried(report(line.carry(outgoing).await)),
        Err(reason) => {
            tracing::error!(delivery = letter.id.0, %reason, "letter cannot be composed");
            line.call_off();
            End::Carried(unwritable(reason))
        }
    }
}

fn report(receipt: Receipt) -> Report {
    let Receipt { verdict, code, enhanced, reply, digest } = receipt;
    Report { verdict, code, enhanced, reply, digest }
}

//! One letter's trip over one line: the last look, the words, the dialogue. No transaction is open meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::turn::{self, End, InHand, Looked, unwritable};
use crate::journey::{Clinic, compose};
use crate::ports::{Courier, Line, Outgoing, Ready, Receipt};
use crate::store::outbox::{Delivery, Report};

/// A letter in hand with its words.
pub(super) struct Held {
    pub(super) letter: Box<Delivery>,
    written: Result<Outgoing, String>,
}

impl Held {
    pub(super) fn new(letter: Box<Delivery>, clinic: &Clinic, courier: &dyn Courier) -> Self {
        let write = || compose::outgoing(&letter, clinic).inspect(|outgoing| courier.write(outgoing));
        let written =
            catch_unwind(AssertUnwindSafe(write)).unwrap_or_else(|_| Err("writing it panicked".to_owned()));
        Self { letter, written }
    }

    /// Which letter it is.
    pub(super) fn in_hand(&self) -> InHand {
        (self.letter.id, self.letter.attempt)
    }

    /// Tells the line what comes after the letter it is about to carry.
    pub(super) fn announce(&self, line: &mut dyn Line) {
        if let Ok(outgoing) = &self.written {
            line.announce(outgoing);
        }
    }
}

/// Carries a letter whose turn it is. `looked` is what the last transaction found: it is asked again if that was a while ago.
pub(super) async fn carry(clinic: &Clinic, line: &mut dyn Line, (held, looked): (&Held, Looked)) -> End {
    let Held { letter, written } = held;
    let looked = match looked {
        Looked::MayNot => Ok(Looked::MayNot),
        Looked::MayLeave => match line.ready().await {
            Err(receipt) => return End::NoLine(report(receipt)),
            Ok(Ready::AtOnce) => Ok(Looked::MayLeave),
            Ok(Ready::InTime) => clinic.store.read(|view| turn::look(view, held.in_hand())),
        },
    };
    match looked {
        Ok(Looked::MayLeave) => {}
        Ok(Looked::MayNot) => {
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

//! What the person of a task is asked to do.

use crate::care::task::TaskKind;

/// One arm for each kind: a kind without words does not compile.
macro_rules! asks {
    ($($kind:ident $ask:literal;)*) => {
        impl TaskKind {
            /// What the person is asked to do, in one sentence.
            #[must_use]
            pub const fn ask(self) -> &'static str {
                match self { $(Self::$kind => $ask,)* }
            }
        }
    };
}

asks! {
    AddressBad
        "Her address does not work. Ring her; record the new address, or the status \"no letters by e-mail\" if she is followed another way.";
    OptedOut "She wants no letters. Ring her and agree another way to follow up.";
    LetterFailed "A letter was refused. Read the reply, then tell her another way.";
    LetterUnknown "Nobody knows if a letter arrived. Ask her.";
    LetterLapsed "A letter came too late to be of use. Tell her another way.";
    NotBooked "She is due and nothing is booked. Book a date with her.";
    Missed "She missed a date and letters did not help. Check the record, then ring her.";
    Silent "She has not answered two checklists in a row. Ring her: silence is not health.";
    ProtocolStep "The protocol asks for a person at this point.";
    ReviewPlan "Something about her plan needs a person. Read why, then decide what she still needs.";
    HandOver "She has left letter follow-up. Make sure that a person has taken over.";
    ProtocolEnded "Her protocol has run to its end. Decide how she is followed from here.";
    Unreachable "She cannot be written to. Complete the record or choose paper or phone.";
    Hold "Letters to patients are held. Check the clock or the restored data, then close this task.";
    ReadAnswer "Read this answer.";
    LinkLocked "Someone failed the birth-date check five times. Ring her.";
    CanaryBroken "The daily test of the chain failed. Mend it before a patient needs it.";
    NoCover "Nobody on the ladder has proved reachable. Send a test alert and acknowledge it.";
    CallRequested "She asked to be rung.";
    DuplicateSuspected
        "Two records may be one person. Compare them; if so, make them one on her page.";
    AfterDeath
        "Her death is on record, and something came in or is left to do. Read why, and see to it with care.";
    DeathSuspected
        "She may have died, and letters to her wait. Find out with care; then record it, or let her letters go on.";
    DeathInQuestion
        "A colleague says that a recorded death is a mistake. Check the record; then agree on her page, or close this.";
    BackupFailed "A backup, its second place, the sent journal or a rehearsal failed. Mend it.";
    MailRefused
        "The mail server refuses us, not her. Letters wait. Mend what it names; they leave by themselves then.";
    AfterAlert "An alert ended with something left to do. Do what it says, then close this.";
    SheWrote "She wrote to us. Read her words today and ring her.";
    RecordUnreadable "A record cannot be read, so nothing is sent or asked for it. Have it mended.";
    RungUnreachable
        "Letters to this step of the ladder do not arrive. Mend its address; alerts go past it until then.";
    CallsRefused
        "A system that alerts call does not take the calls. Mend it or its address, then send a test alert.";
    MailboxUnread "The mailbox of replies cannot be read. Mend what it names.";
    ProxyAddress "Letters to her proxy are refused. Ring her; record another, or end it.";
    LadderGap "Somebody on the ladder is away. Name a deputy under Settings.";
    LettersStopped
        "Letters of a kind are stopped and wait. Once what was wrong is mended, start them again, under Letters.";
    UnusualVolume
        "Far more letters than usual would leave. Read some of those that left; closing this lets the rest go.";
    FewLetters "Far fewer letters than usual left on a day. Find out why, then close this.";
    ZonesChanged "New time zone data moved what is planned; each local hour stayed. Look at it, then close this.";
    RulesUnsigned "No rule judges answers. Let a doctor sign the rules, under Checklists.";
    NotAsked "She could not be asked: nobody was there to read her form. Ring her and ask.";
    ImportBookings "No letter asks these patients. Book a date with each on the list, from its top.";
    BaselineMissing "Nobody has confirmed what she had before. Go through the signs with her, one by one.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_task_speaks_in_codes() {
        for kind in TaskKind::ALL {
            let texts = [Some(kind.ask()), kind.stands_while()];
            assert!(texts.into_iter().flatten().all(|text| !text.contains('_')), "{kind:?}");
        }
    }
}

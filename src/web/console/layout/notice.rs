//! What a page says after something was saved: one closed list, so that an address can bring no words of its own.

use jiff::{SignedDuration, Timestamp};

/// A confirmation is shown for so long after the save; a kept or passed-on address says nothing later.
const SHOWN_FOR: SignedDuration = SignedDuration::from_mins(2);

/// What a form has just saved or started; each has its words in [`NOTICES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web::console) enum Notice {
    AlertTaken,
    AlertKept,
    AlertGivenBack,
    AlertHandedOver,
    AlertHandedUntold,
    AlertNotKnown,
    AlertClosed,
    AlertFollowed,
    BoneSpreadWithdrawn,
    TaskDone,
    AnswerRead,
    TaskClaimed,
    TaskPutOff,
    CallLogged,
    AlikeClosed,
    BaselineConfirmed,
    MarkedKnown,
    StatusChanged,
    StatusAsked,
    AddressRefused,
    DeathRecorded,
    CallNoted,
    CallPassedOn,
    DeathUndone,
    DeathStands,
    FormsOpened,
    BoneSpreadNoted,
    DateBooked,
    VisitAdded,
    DateMoved,
    VisitRecorded,
    DateCalledOff,
    DateUntold,
    LetterAgain,
    LetterTested,
    LettersStopped,
    LettersStarted,
    TestSent,
    TestConfirmed,
    TestNoted,
    TelephoneSaved,
    DraftSaved,
    DraftDiscarded,
    ProtocolSigned,
    ProtocolRetired,
    PublicationSigned,
    PublicationWithdrawn,
    SignatoriesChosen,
    Enrolled,
    RecordCorrected,
    ProxyRecorded,
    ProxyEnded,
    RecordsMerged,
    ErasureAsked,
    ErasureDeclined,
    RecordErased,
    PlanChanged,
    LettersWanted,
    BookingSettled,
    HeldDecided,
    ImportDiscarded,
    ImportUndone,
    SettingSaved,
    WordingSaved,
    SettingProposed,
    SettingCounts,
    SettingWithdrawn,
    RulesSigned,
    RulesStopped,
    RoleChanged,
    AccountOff,
    SessionsEnded,
    InvitationWithdrawn,
    PasswordChanged,
    AuthenticatorRenewed,
    AccountConnected,
    AccountDisconnected,
    LanguageChosen,
    DoneAlready,
    SignatoriesAsked,
}

/// Every notice with the word that names it in an address, and what the page says.
const NOTICES: [(Notice, &str, &str); 80] = [
    (Notice::DoneAlready, "done-already", "You have done this already. The page shows how it stands now."),
    (
        Notice::SignatoriesAsked,
        "signatories-asked",
        "You have asked for it. A second person signs until another doctor or lead agrees.",
    ),
    (Notice::HeldDecided, "held-decided", "Decided. The other letters wait on."),
    (Notice::ImportDiscarded, "import-discarded", "The file and all that was read from it are deleted."),
    (Notice::ImportUndone, "import-undone", "The import is undone. Whoever stays is named below."),
    (
        Notice::BookingSettled,
        "booking-settled",
        "She is off the list, with your reason. Her plan goes on as it is.",
    ),
    (
        Notice::WordingSaved,
        "wording-saved",
        "These words count for every letter that is written from now on.",
    ),
    (Notice::SettingSaved, "setting-saved", "It counts from now on."),
    (Notice::SettingProposed, "setting-proposed", "It is proposed, and counts once somebody has tried it."),
    (Notice::SettingCounts, "setting-counts", "It counts from now on."),
    (Notice::SettingWithdrawn, "setting-withdrawn", "The proposal is taken back. What counted goes on."),
    (Notice::RulesSigned, "rules-signed", "You have signed the rules. They judge every answer from now on."),
    (Notice::RulesStopped, "rules-stopped", "No rule judges an answer from now on. Staff read them all."),
    (Notice::RoleChanged, "role-changed", "The role is changed. It counts at once."),
    (Notice::AccountOff, "account-off", "The account is turned off and signed out everywhere."),
    (Notice::SessionsEnded, "sessions-ended", "Signed out there."),
    (Notice::InvitationWithdrawn, "invitation-withdrawn", "The link opens nothing any more."),
    (
        Notice::PasswordChanged,
        "password-changed",
        "Your password is changed. You are signed out everywhere else.",
    ),
    (Notice::LanguageChosen, "language-chosen", "The console speaks this language with you from now on."),
    (Notice::AuthenticatorRenewed, "authenticator-renewed", "The new authenticator counts from now on."),
    (
        Notice::AccountConnected,
        "account-connected",
        "Connected. From now on you can sign in that way; your password and authenticator work as before.",
    ),
    (
        Notice::AccountDisconnected,
        "account-disconnected",
        "The connection is ended. The account's password and authenticator work as before.",
    ),
    (Notice::TelephoneSaved, "telephone-saved", "How she is reached is saved."),
    (Notice::DraftSaved, "draft-saved", "The draft is saved."),
    (Notice::DraftDiscarded, "draft-discarded", "The draft is thrown away."),
    (Notice::ProtocolSigned, "protocol-signed", "You have signed this version."),
    (
        Notice::ProtocolRetired,
        "protocol-retired",
        "No new patient is put on this version. Whoever is on it stays on it.",
    ),
    (
        Notice::PublicationSigned,
        "publication-signed",
        "You have signed it. It is put in force when its day has come.",
    ),
    (
        Notice::PublicationWithdrawn,
        "publication-withdrawn",
        "It is taken back. Nothing changed for any patient.",
    ),
    (Notice::SignatoriesChosen, "signatories-chosen", "Who signs what is published is changed."),
    (Notice::Enrolled, "enrolled", "She is enrolled. Her letters leave as the check showed."),
    (Notice::PlanChanged, "plan-changed", "Her plan is changed as the check showed."),
    (Notice::LettersWanted, "letters-wanted", "Noted: she wants these letters again."),
    (Notice::RecordsMerged, "records-merged", "The two are one record now. The other case code leads here."),
    (
        Notice::ProxyRecorded,
        "proxy-recorded",
        "Noted: letters about her go to whoever acts for her from now on.",
    ),
    (Notice::ProxyEnded, "proxy-ended", "Noted: nobody acts for her any more."),
    (
        Notice::ErasureAsked,
        "erasure-asked",
        "You have asked for it. A second person looks at it and agrees, or says that the record stays.",
    ),
    (Notice::ErasureDeclined, "erasure-declined", "The record stays as it is."),
    (Notice::RecordErased, "record-erased", "The record is erased. Nothing of hers is left in it."),
    (Notice::RecordCorrected, "record-corrected", "Her record is corrected."),
    (Notice::AlertTaken, "alert-taken", "You have taken the alert on. It rings no more."),
    (Notice::AlertKept, "alert-kept", "Noted: she was spoken with, and the alert stays open with you."),
    (Notice::AlertGivenBack, "alert-given-back", "You have given the alert back. It rings again."),
    (Notice::AlertHandedOver, "alert-handed-over", "It is your colleague's now; a letter tells them."),
    (
        Notice::AlertHandedUntold,
        "alert-handed-untold",
        "It is your colleague's now. No letter says so: tell them yourself.",
    ),
    (
        Notice::AlertNotKnown,
        "alert-not-known",
        "The alert stays open with you until it is known what it was. What you did so far stands in its call log.",
    ),
    (Notice::AlertClosed, "alert-closed", "The alert is closed, with what was done and what it was."),
    (Notice::TaskClaimed, "task-claimed", "The task is yours."),
    (Notice::TaskPutOff, "task-put-off", "The task is put off, and comes back on that day."),
    (Notice::CallLogged, "call-logged", "What happened is written into the call log."),
    (Notice::AlertFollowed, "alert-followed", "What follows from the alert is done, or waits as a task."),
    (
        Notice::BoneSpreadWithdrawn,
        "bone-spread-withdrawn",
        "The note is withdrawn. Her next answers are judged without it.",
    ),
    (
        Notice::AnswerRead,
        "answer-read",
        "The task is done. You have taken the alert on with it: close it here, with what was done and what it was.",
    ),
    (Notice::TaskDone, "task-done", "The task is done, and your note is kept with it."),
    (Notice::AlikeClosed, "alike-closed", "All that you ticked are closed, and your note is kept with each."),
    (Notice::BaselineConfirmed, "baseline-confirmed", "These answers are her baseline now."),
    (Notice::MarkedKnown, "marked-known", "The reason is marked as known until that day."),
    (Notice::StatusChanged, "status-changed", "Her status is changed. It counts from now on."),
    (
        Notice::StatusAsked,
        "status-asked",
        "You have asked for it. Nothing is changed until a second person agrees on this page.",
    ),
    (
        Notice::AddressRefused,
        "address-refused",
        "Her pause is over, but the mail server refused her address meanwhile. No letter leaves until it is put right.",
    ),
    (Notice::DeathRecorded, "death-recorded", "She is recorded as deceased."),
    (Notice::CallNoted, "call-noted", "Her call is noted. Nothing is left to do for it."),
    (Notice::CallPassedOn, "call-passed-on", "Her call is noted, and a task asks the team to ring her."),
    (Notice::DeathUndone, "death-undone", "Her recorded death is undone."),
    (Notice::DeathStands, "death-stands", "The request is declined. Her death stays recorded."),
    (Notice::FormsOpened, "forms-opened", "Her forms are open again."),
    (Notice::BoneSpreadNoted, "bone-spread-noted", "Known bone spread is noted."),
    (Notice::DateBooked, "date-booked", "The date is booked."),
    (Notice::VisitAdded, "visit-added", "The visit is added beside her plan, with its date."),
    (Notice::DateMoved, "date-moved", "The date is moved."),
    (Notice::VisitRecorded, "visit-recorded", "It is noted that it took place."),
    (Notice::DateCalledOff, "date-called-off", "The date is called off."),
    (
        Notice::DateUntold,
        "date-untold",
        "It counts, but the letter about it waits: letters are stopped or held. Ring her.",
    ),
    (
        Notice::LettersStopped,
        "letters-stopped",
        "These letters wait from now on. A task stays open until they are started again.",
    ),
    (
        Notice::LettersStarted,
        "letters-started",
        "These letters go on. Whatever waited leaves at its next open hour, if it is still of use.",
    ),
    (Notice::LetterTested, "letter-tested", "The mail server took the test letter."),
    (Notice::LetterAgain, "letter-again", "The letter will be sent again."),
    (Notice::TestSent, "test-sent", "A test alert is on its way down the ladder."),
    (Notice::TestConfirmed, "test-confirmed", "This step of the ladder has proved that it is reached."),
    (
        Notice::TestNoted,
        "test-noted",
        "Your note is kept with the test alert. It proves nothing about the ladder.",
    ),
];

impl Notice {
    /// The word in an address.
    pub(in crate::web::console) fn word(self) -> &'static str {
        NOTICES.iter().find(|(notice, ..)| *notice == self).map_or("", |(_, word, _)| word)
    }

    /// What the page says.
    pub(in crate::web::console) fn text(self) -> &'static str {
        NOTICES.iter().find(|(notice, ..)| *notice == self).map_or("", |(.., text)| text)
    }

    /// The notice of that word in an address; `None` for any other word.
    pub(in crate::web::console) fn parse(word: &str) -> Option<Self> {
        NOTICES.iter().find(|(_, known, _)| *known == word).map(|(notice, ..)| *notice)
    }
}

/// Whether something saved at that second is still news.
pub(in crate::web::console) fn is_news(saved_at: i64, now: Timestamp) -> bool {
    let age = now.as_second().saturating_sub(saved_at);
    (0..=SHOWN_FOR.as_secs()).contains(&age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_has_one_word_and_it_fits_an_address() {
        for (notice, word, text) in NOTICES {
            assert_eq!((Notice::parse(word), notice.word(), notice.text()), (Some(notice), word, text));
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{word}");
        }
        assert_eq!(Notice::parse("<b>all is well</b>"), None);
    }

    #[test]
    fn a_kept_address_confirms_nothing_later() {
        let now = Timestamp::from_second(1_000).unwrap();
        assert!(is_news(1_000, now) && is_news(880, now));
        assert!(!is_news(879, now) && !is_news(1_001, now));
    }
}

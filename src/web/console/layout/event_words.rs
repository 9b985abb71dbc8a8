//! What the console calls each action of the audit.

use crate::store::audit_action::AuditAction;

/// One arm for each action: an action without words does not compile.
macro_rules! event_words {
    ($($action:ident $words:literal;)*) => {
        pub(super) const fn event_words(action: AuditAction) -> &'static str {
            match action { $(AuditAction::$action => $words,)* }
        }
    };
}

event_words! {
    AlertAcknowledged "alert taken on";
    AlertClosed "alert closed";
    AlertFollowed "step after an alert taken";
    AlertHandedOver "alert handed over";
    AlertJoined "further answers joined an alert";
    AlertLifted "alert made more urgent";
    AlertMended "alert put right";
    AlertOwnerTold "owner reminded of an alert";
    AlertRaised "alert raised";
    AlertRead "answers read";
    AlertRenewed "alert kept open";
    AlertReopened "alert rings again";
    AlertTold "staff told of an alert";
    AppointmentBooked "date booked";
    AppointmentCancelled "date called off";
    AppointmentCarriedOver "date carried over";
    AppointmentMoved "date moved";
    AppointmentReason "reason for calling a date off noted";
    BaselineConfirmed "baseline confirmed";
    BoneSpreadNoted "known bone spread noted";
    BoneSpreadWithdrawn "note of bone spread withdrawn";
    BookingSettled "decided that no date is booked";
    CanaryOff "daily test turned off";
    CanaryWalked "daily test done";
    ChecklistPublished "checklist published";
    ClockBelieved "clock confirmed";
    ContactLogged "call or message written down";
    CoverLost "nobody on the ladder reachable";
    CoverProved "ladder proved reachable";
    DatabaseRestored "backup restored";
    DeathReversalAgreed "agreed to undo a recorded death";
    DeathReversalAsked "asked to undo a recorded death";
    DeathReversalDeclined "said that a recorded death is right";
    DeathReversalExpired "nobody agreed to undo a recorded death";
    DeliveryBounced "letter came back";
    DeliveryClaimed "letters picked to be sent";
    DeliveryDeferred "letter to be tried again later";
    DeliveryFailed "letter refused";
    DeliveryGivenUp "letter given up";
    DeliveryLapsed "letter came too late to be sent";
    DeliveryLateReport "late report about a letter";
    DeliveryPostponed "letter put off";
    DeliveryResent "letter sent once more";
    DeliveryRetried "letter to be sent again";
    DeliveryReturned "letter given back unsent";
    DeliverySent "letter sent";
    DeliverySkipped "letter held back";
    DeliveryUnknown "letter may have been sent";
    EnrolmentEnded "plan ended";
    EnrolmentOpened "put on a protocol";
    EnrolmentReplanned "plan changed";
    FollowUpClosed "follow-up ended";
    FollowUpDone "follow-up done";
    ImportDiscarded "file to import deleted";
    ImportMatched "columns of a file matched";
    ImportMended "rows of a file mended";
    ImportStaged "file sent to be imported";
    InboundAnswered "message answered";
    InboundKept "message received";
    KeyNoted "key of the links noted";
    KeyReplaced "key of the links replaced";
    LettersAccepted "letters wanted again";
    LettersDeclined "letters declined";
    LinkRequested "new link asked for";
    LinkUnlocked "forms unlocked";
    LinkWrongBirthDate "wrong birth date on a form";
    MailAccepted "mail server takes letters again";
    MailFlushed "waiting letters to be sent now";
    MailRefused "mail server takes no letters";
    OwnWordingSet "letter worded";
    PatientAdmitted "patient enrolled";
    PatientCorrected "record corrected";
    PatientExported "record printed or taken along";
    PatientMerged "records merged";
    PatientRemoved "patient removed with her import";
    PatientStatus "status changed";
    ProtocolDraftBegun "protocol draft begun";
    ProtocolDraftChanged "protocol draft changed";
    ProtocolDraftDiscarded "protocol draft thrown away";
    ProtocolPublished "protocol published";
    ProtocolRetired "protocol given to no new patient";
    ProtocolSignatories "chosen who signs protocols";
    ProtocolSigned "protocol signed";
    PublicationAsked "asked to publish a protocol";
    PublicationDone "patients moved to a protocol version";
    PublicationInForce "protocol version put in force";
    PublicationSigned "publication signed";
    PublicationWithdrawn "publication taken back";
    ReasonKnown "reason marked as known";
    ReminderDue "letter became due";
    ReminderLaidAgain "letter planned again";
    ReminderLapsed "letter came too late to be written";
    ResponseSaved "page of answers saved";
    ResponseSubmitted "answers sent in";
    RosterImported "patients imported";
    RosterUndone "import undone";
    RungUnreachable "a step of the ladder cannot be reached";
    SettingCounts "setting counts from now on";
    SettingDropped "proposed setting taken back";
    SettingSet "setting written";
    StaffAdded "account opened";
    StaffDisabled "account turned off";
    StaffInvitationUsed "invitation used";
    StaffInvitationWithdrawn "invitation taken back";
    StaffInvited "invited";
    StaffRecoveryCodeUsed "signed in with a recovery code";
    StaffRecoveryCodes "recovery codes replaced";
    StaffReset "account reset";
    StaffRole "role changed";
    StaffLanguage "language of the console chosen";
    StaffSecrets "password or authenticator changed";
    StaffSessionsEnded "signed out elsewhere";
    StaffSignInFailed "sign-in failed";
    StaffSignedIn "signed in";
    TaskAssigned "task given to somebody";
    TaskDone "task done";
    TaskOpened "task opened";
    TaskReopened "task opened again";
    TaskSnoozed "task put off";
    TestAlertAcknowledged "code of a test alert given";
    TestAlertNoted "note on a test alert";
    TestAlertSent "test alert sent";
    WebhookTried "webhook called";
    WordingKept "wording of letters kept";
}

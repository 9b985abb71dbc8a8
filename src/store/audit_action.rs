//! What the audit calls what was done. The names stand in the chain for good: one that was written is never changed or used for
//! something else.

/// Makes the enum, its list and its names of one table.
macro_rules! actions {
    ($($(#[$meaning:meta])* $action:ident = $name:literal,)*) => {
        /// What an audit event says was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum AuditAction { $($(#[$meaning])* $action,)* }

        impl AuditAction {
            /// Every action, in the order of the names.
            const ALL: &'static [Self] = &[$(Self::$action),*];

            /// The name in the audit, e.g. `delivery.sent`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$action => $name,)* }
            }
        }
    };
}

actions! {
    /// A person took an alert on, or read its unsorted answer.
    AlertAcknowledged = "alert.acknowledged",
    /// An alert was closed, with what was done and what it turned out to be.
    AlertClosed = "alert.closed",
    /// A step that follows from an alert was taken, as the detail says.
    AlertFollowed = "alert.followed",
    /// A person gave an alert back that was taken on: it rings again.
    AlertGivenBack = "alert.given-back",
    /// An alert that was taken on is another account's from now on.
    AlertHandedOver = "alert.handed-over",
    /// A further answer is covered by an alert that rings already.
    AlertJoined = "alert.joined",
    /// An alert that rings was raised to a higher tier, and its ladder began anew.
    AlertLifted = "alert.lifted",
    /// A row of an alert that could not be read was put right.
    AlertMended = "alert.mended",
    /// The owner of an alert that she left open was reminded.
    AlertOwnerTold = "alert.owner-told",
    /// An alert was raised for an answer.
    AlertRaised = "alert.raised",
    /// The answers of an alert were read; nothing more is asked for it.
    AlertRead = "alert.read",
    /// The owner of an alert keeps it open for longer.
    AlertRenewed = "alert.renewed",
    /// An alert that was taken on and not closed in time rings again.
    AlertReopened = "alert.reopened",
    /// Somebody was told of an alert through one channel.
    AlertTold = "alert.told",
    /// A date was booked for a follow-up, the subject.
    AppointmentBooked = "appointment.booked",
    /// The date of a follow-up, the subject, was called off.
    AppointmentCancelled = "appointment.cancelled",
    /// A booked follow-up counts for another due date after a change of plan.
    AppointmentCarriedOver = "appointment.carried-over",
    /// The date of a follow-up, the subject, was moved.
    AppointmentMoved = "appointment.moved",
    /// Why a date was called off. Earlier versions wrote it; now the reason stands with the task to book anew.
    AppointmentReason = "appointment.reason",
    /// A clinician confirmed a baseline of a patient.
    BaselineConfirmed = "baseline.confirmed",
    /// A clinician noted that bone spread is known.
    BoneSpreadNoted = "bone-spread.noted",
    /// A clinician withdrew the note that bone spread is known; the reason stands with the note.
    BoneSpreadWithdrawn = "bone-spread.withdrawn",
    /// A person decided that no date is booked for somebody on an import's list.
    BookingSettled = "booking.settled",
    /// The daily test was turned off.
    CanaryOff = "canary.off",
    /// A daily test ended; the detail says how.
    CanaryWalked = "canary.walked",
    /// A version of a checklist was put on record.
    ChecklistPublished = "checklist.published",
    /// A person said that the clock is right.
    ClockBelieved = "clock.believed",
    /// An entry of the call log was written; its words are not in the event.
    ContactLogged = "contact.logged",
    /// Nobody on the ladder can be reached any more.
    CoverLost = "cover.lost",
    /// Somebody on the ladder can be reached again.
    CoverProved = "cover.proved",
    /// The database was encrypted, encrypted with another key, or written in plain again, as the detail says.
    DatabaseEncryption = "database.encryption",
    /// A person decided after a restore what becomes of a letter, as the detail says.
    RestoreDecided = "restore.decided",
    /// The newest copy was restored into a scratch directory; the detail says whether it could be.
    RestoreRehearsed = "restore.rehearsed",
    /// A backup was made ready to take the place of the database.
    DatabaseRestored = "database.restored",
    /// Another person agreed that a recorded death is undone.
    DeathReversalAgreed = "death-reversal.agreed",
    /// Somebody asked for a recorded death to be undone.
    DeathReversalAsked = "death-reversal.asked",
    /// Somebody said that a recorded death is right.
    DeathReversalDeclined = "death-reversal.declined",
    /// Nobody agreed in time that a recorded death is undone.
    DeathReversalExpired = "death-reversal.expired",
    /// News of a letter came back after it was handed over, as `what` says.
    DeliveryBounced = "delivery.bounced",
    /// Letters were taken in hand; the detail lists them, the subject is the outbox.
    DeliveryClaimed = "delivery.claimed",
    /// An attempt failed for now; the letter waits for the next one.
    DeliveryDeferred = "delivery.deferred",
    /// The mail server refused a letter for good.
    DeliveryFailed = "delivery.failed",
    /// A letter that fell into doubt is not sent again.
    DeliveryGivenUp = "delivery.given-up",
    /// A letter of a kind that is stopped waits until the kind is started again.
    DeliveryHeldBack = "delivery.held-back",
    /// A letter was not sent before its use was over.
    DeliveryLapsed = "delivery.lapsed",
    /// A worker reported an attempt after its lease had run out.
    DeliveryLateReport = "delivery.late-report",
    /// A waiting letter has a later instant.
    DeliveryPostponed = "delivery.postponed",
    /// A letter that fell into doubt goes out once more under the same Message-ID.
    DeliveryResent = "delivery.resent",
    /// A letter that failed is to be sent again.
    DeliveryRetried = "delivery.retried",
    /// A worker gave a claimed letter back to the outbox untouched.
    DeliveryReturned = "delivery.returned",
    /// The mail server took a letter.
    DeliverySent = "delivery.sent",
    /// A letter is held back: it is not owed or not allowed any more.
    DeliverySkipped = "delivery.skipped",
    /// What of a letter is of a kind that is stopped waits in another one, as `in` says.
    DeliverySplit = "delivery.split",
    /// Nobody knows whether the mail server took a letter.
    DeliveryUnknown = "delivery.unknown",
    /// Whoever leaves the level of detail to the clinic has another from now on.
    DetailFollowed = "detail.followed",
    /// An enrolment ended: its plan has run out, or was stopped for a reason.
    EnrolmentEnded = "enrolment.ended",
    /// A patient on record, the subject, was put on a further protocol.
    EnrolmentOpened = "enrolment.opened",
    /// The anchor date or protocol of a patient, the subject, was changed.
    EnrolmentReplanned = "enrolment.replanned",
    /// The time of a follow-up was over.
    FollowUpClosed = "follow-up.closed",
    /// Somebody asked for a record to be erased.
    ErasureAsked = "erasure.asked",
    /// Somebody said that a record stays, or asked anew.
    ErasureDeclined = "erasure.declined",
    /// Nobody agreed in time that a record is erased.
    ErasureExpired = "erasure.expired",
    /// A follow-up took place or was answered.
    FollowUpDone = "follow-up.done",
    /// A staged file was thrown away, by a person or after a day.
    ImportDiscarded = "import.discarded",
    /// The columns of a staged file were matched.
    ImportMatched = "import.matched",
    /// Rows of a staged file were mended.
    ImportMended = "import.mended",
    /// A file to import was sent in.
    ImportStaged = "import.staged",
    /// A message that came in was answered with a letter.
    InboundAnswered = "inbound.answered",
    /// A message about nobody on record was old enough, and was deleted.
    InboundDropped = "inbound.dropped",
    /// A message that came in was kept for staff.
    InboundKept = "inbound.kept",
    /// The database notes the fingerprint of the key that its links are made with.
    KeyNoted = "key.noted",
    /// Links are made with another key from now on.
    KeyReplaced = "key.replaced",
    /// A patient wants a kind of letters again.
    LettersAccepted = "letters.accepted",
    /// A patient does not want a kind of letters.
    LettersDeclined = "letters.declined",
    /// Letters of a kind, the subject, go on.
    LettersStarted = "letters.started",
    /// Letters of a kind, the subject, wait until somebody starts it again.
    LettersStopped = "letters.stopped",
    /// A new link is on its way to a patient.
    LinkRequested = "link.requested",
    /// A person opened the locked forms of a patient, the subject, again.
    LinkUnlocked = "link.unlocked",
    /// A wrong birth date was typed on a form.
    LinkWrongBirthDate = "link.wrong-birth-date",
    /// The mail server takes letters again.
    MailAccepted = "mail.accepted",
    /// Whatever the mail server put off is tried now, because a person will not wait.
    MailFlushed = "mail.flushed",
    /// The mail server takes no letters; they wait.
    MailRefused = "mail.refused",
    /// A letter was worded in the clinic's own words; the detail has the names of its texts only.
    OwnWordingSet = "own-wording.set",
    /// A patient was taken in, with her protocols and status.
    PatientAdmitted = "patient.admitted",
    /// Fields of a patient's record changed; the detail has their names only.
    PatientCorrected = "patient.corrected",
    /// A record was erased: asked for by one, as the detail has it, agreed to by the actor.
    PatientErased = "patient.erased",
    /// A patient's whole record was printed or taken along; why and as what is in the detail.
    PatientExported = "patient.exported",
    /// Two records became one: the one that ended tells into which, the one that stays from which.
    PatientMerged = "patient.merged",
    /// Somebody whom an import brought was removed when it was undone.
    PatientRemoved = "patient.removed",
    /// The status of a patient changed; `from`, `to` and the reason are in the detail.
    PatientStatus = "patient.status",
    /// A draft of a protocol was begun.
    ProtocolDraftBegun = "protocol-draft.begun",
    /// The text of a draft of a protocol was changed.
    ProtocolDraftChanged = "protocol-draft.changed",
    /// A draft of a protocol was thrown away.
    ProtocolDraftDiscarded = "protocol-draft.discarded",
    /// A version of a protocol was put on record.
    ProtocolPublished = "protocol.published",
    /// A protocol is given to no new patient.
    ProtocolRetired = "protocol.retired",
    /// It was chosen who signs protocols.
    ProtocolSignatories = "protocol.signatories",
    /// A version of a protocol was signed.
    ProtocolSigned = "protocol.signed",
    /// Nobody acts for a patient any more who did.
    ProxyEnded = "proxy.ended",
    /// Somebody acts for a patient and gets her letters in her place.
    ProxyRecorded = "proxy.recorded",
    /// The address of whoever acts for a patient was refused for good.
    ProxyRefused = "proxy.refused",
    /// A refusal of that address was none: letters go there again.
    ProxyRestored = "proxy.restored",
    /// Somebody asked for a draft to be published.
    PublicationAsked = "publication.asked",
    /// Every patient whom a publication moves is on its version.
    PublicationDone = "publication.done",
    /// The version of a publication is given to new patients.
    PublicationInForce = "publication.in-force",
    /// A publication was signed, by one of those whose signature it needs.
    PublicationSigned = "publication.signed",
    /// A publication was taken back before it was in force.
    PublicationWithdrawn = "publication.withdrawn",
    /// A clinician marked a reason as known until a day.
    ReasonKnown = "reason.known",
    /// A step of a follow-up became due.
    ReminderDue = "reminder.due",
    /// An ended promise may be laid again; its row keeps its fate.
    ReminderLaidAgain = "reminder.laid-again",
    /// No letter could carry a promise while it was of use.
    ReminderLapsed = "reminder.lapsed",
    /// A page of a form was saved and judged; the form goes on.
    ResponseSaved = "response.saved",
    /// A form was submitted and judged.
    ResponseSubmitted = "response.submitted",
    /// A roster was taken in: how many were new, how many changed.
    RosterImported = "roster.imported",
    /// An import was undone: how many were removed, how many stay.
    RosterUndone = "roster.undone",
    /// It was learned that a rung of the ladder is not reached at its address.
    RungUnreachable = "rung.unreachable",
    /// A doctor signed the rules that judge answers, and they judge from now on; the subject is the version.
    RulesSigned = "rules.signed",
    /// Rules that judged answers judge them no more; the reason stands with the setting.
    RulesStopped = "rules.stopped",
    /// A version of a setting counts from now on.
    SettingCounts = "setting.counts",
    /// A proposed version of a setting was taken back.
    SettingDropped = "setting.dropped",
    /// A version of a setting was written; it does not count yet.
    SettingSet = "setting.set",
    /// A console account was made.
    StaffAdded = "staff.added",
    /// An account was connected with its owner's sign-in at the hospital's provider.
    StaffConnected = "staff.connected",
    /// A console account was turned off.
    StaffDisabled = "staff.disabled",
    /// An account is not connected any more with a sign-in at the hospital's provider.
    StaffDisconnected = "staff.disconnected",
    /// An invitation to the console was used.
    StaffInvitationUsed = "staff.invitation-used",
    /// An invitation to the console was taken back.
    StaffInvitationWithdrawn = "staff.invitation-withdrawn",
    /// Somebody was invited to the console.
    StaffInvited = "staff.invited",
    /// A recovery code took the place of the authenticator at a sign-in.
    StaffRecoveryCodeUsed = "staff.recovery-code-used",
    /// The recovery codes of an account were replaced.
    StaffRecoveryCodes = "staff.recovery-codes",
    /// A console account was given new secrets, and is on again.
    StaffReset = "staff.reset",
    /// A console account has another role; `from` and `to` are in the detail.
    StaffRole = "staff.role",
    /// The language that an account reads the console in was chosen.
    StaffLanguage = "staff.language",
    /// The secret of an account's authenticator, which an earlier version kept in plain, was sealed.
    StaffSealed = "staff.sealed",
    /// The owner of a console account changed her password or authenticator.
    StaffSecrets = "staff.secrets",
    /// Sessions of a console account were ended before their time.
    StaffSessionsEnded = "staff.sessions-ended",
    /// A sign-in was refused; the subject is the account it aimed at, `-` when there is none.
    StaffSignInFailed = "staff.sign-in-failed",
    /// An account signed in at the console.
    StaffSignedIn = "staff.signed-in",
    /// A task has an owner, or another one.
    TaskAssigned = "task.assigned",
    /// A task was closed, by a person or because its cause is gone.
    TaskDone = "task.done",
    /// A task was opened; the detail has its kind, cause and patient.
    TaskOpened = "task.opened",
    /// A task was marked as done while its cause lasts, and is open again.
    TaskReopened = "task.reopened",
    /// A task is put off until a day.
    TaskSnoozed = "task.snoozed",
    /// The code of a test alert was given.
    TestAlertAcknowledged = "test-alert.acknowledged",
    /// A note was left on a test alert.
    TestAlertNoted = "test-alert.noted",
    /// A test alert was sent to a rung.
    TestAlertSent = "test-alert.sent",
    /// A person agreed that far more letters than usual leave.
    VolumeAgreed = "letters.agreed",
    /// Far more letters than usual would leave: the rest waits for a person.
    VolumeHeld = "letters.held",
    /// A call of the webhook was tried; the detail says what became of it.
    WebhookTried = "webhook.tried",
    /// New time zone data counts; the detail names the zones whose rules differ.
    ZonesChanged = "clock.zones-changed",
    /// The wording of a letter was kept, for letters to refer to.
    WordingKept = "wording.kept",
}

impl AuditAction {
    /// The action of that name; `None` for one that another version of the program wrote.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_found_by_its_name() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::of_name(action.name()), Some(*action));
        }
        assert_eq!(AuditAction::of_name("odd.thing"), None);
    }
}

//! Names of audit events that are told apart after they were written: when a backup is restored, those of the database that was
//! there before say what must be done again. The others stand where they are written.

macro_rules! retold {
    ($($(#[doc = $text:literal])* $name:ident $kind:ident $word:literal;)*) => {
        $($(#[doc = $text])* pub const $name: &str = $word;)*

        /// An event whose loss a person is told in words of its own, in the order in which she is told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RetoldEvent { $($(#[doc = $text])* $kind,)* }

        impl RetoldEvent {
            /// The event of that name in the audit; `None` for any other.
            #[must_use]
            pub fn parse(action: &str) -> Option<Self> {
                match action {
                    $($word => Some(Self::$kind),)*
                    _ => None,
                }
            }
        }
    };
}

retold! {
    /// A patient was taken in, with her protocols and status.
    PATIENT_ADMITTED PatientAdmitted "patient.admitted";
    /// A roster was taken in: how many were new, how many changed.
    ROSTER_IMPORTED RosterImported "roster.imported";
    /// An import was undone: how many were removed, how many stay.
    ROSTER_UNDONE RosterUndone "roster.undone";
    /// Somebody whom an import brought was removed when it was undone.
    PATIENT_REMOVED PatientRemoved "patient.removed";
    /// The status of a patient changed; `from`, `to` and the reason are in the detail.
    PATIENT_STATUS PatientStatus "patient.status";
    /// Somebody asked for a recorded death to be undone; a second person has to agree.
    DEATH_REVERSAL_ASKED DeathReversalAsked "death-reversal.asked";
    /// Fields of a patient's record changed; the detail has their names only.
    PATIENT_CORRECTED PatientCorrected "patient.corrected";
    /// Two records became one: the one that ended tells into which, the one that stays from which.
    PATIENT_MERGED PatientMerged "patient.merged";
    /// A patient's whole record was printed or taken along; why and as what is in the detail.
    PATIENT_EXPORTED PatientExported "patient.exported";
    /// A patient on record, the subject, was put on a further protocol.
    ENROLMENT_OPENED EnrolmentOpened "enrolment.opened";
    /// The anchor date or protocol of a patient, the subject, was changed.
    ENROLMENT_REPLANNED EnrolmentReplanned "enrolment.replanned";
    /// An enrolment ended: its plan has run out, or was stopped for a reason.
    ENROLMENT_ENDED EnrolmentEnded "enrolment.ended";
    /// A date was booked for a follow-up, the subject.
    APPOINTMENT_BOOKED AppointmentBooked "appointment.booked";
    /// The date of a follow-up, the subject, was moved.
    APPOINTMENT_MOVED AppointmentMoved "appointment.moved";
    /// The date of a follow-up, the subject, was called off.
    APPOINTMENT_CANCELLED AppointmentCancelled "appointment.cancelled";
    /// A booked follow-up counts for another due date after a change of plan.
    APPOINTMENT_CARRIED_OVER AppointmentCarriedOver "appointment.carried-over";
    /// Why a date was called off; follows `appointment.cancelled` where a reason was given.
    APPOINTMENT_REASON AppointmentReason "appointment.reason";
    /// A follow-up took place or was answered.
    FOLLOW_UP_DONE FollowUpDone "follow-up.done";
    /// A person decided that no date is booked for somebody on an import's list.
    BOOKING_SETTLED BookingSettled "booking.settled";
    /// A patient does not want a kind of letters.
    LETTERS_DECLINED LettersDeclined "letters.declined";
    /// A patient wants a kind of letters again.
    LETTERS_ACCEPTED LettersAccepted "letters.accepted";
    /// A form was submitted and judged.
    RESPONSE_SUBMITTED ResponseSubmitted "response.submitted";
    /// A page of a form was saved and judged; the form goes on.
    RESPONSE_SAVED ResponseSaved "response.saved";
    /// A message came in.
    INBOUND_KEPT InboundKept "inbound.kept";
    /// An alert was raised for an answer.
    ALERT_RAISED AlertRaised "alert.raised";
    /// An alert that rings was raised to a higher tier, and its ladder began anew.
    ALERT_LIFTED AlertLifted "alert.lifted";
    /// A further answer is covered by an alert that rings already.
    ALERT_JOINED AlertJoined "alert.joined";
    /// A person took an alert on, or read its unsorted answer.
    ALERT_ACKNOWLEDGED AlertAcknowledged "alert.acknowledged";
    /// An alert that was taken on went over to a colleague.
    ALERT_HANDED_OVER AlertHandedOver "alert.handed-over";
    /// Whoever took an alert on keeps it open: it is in hand.
    ALERT_RENEWED AlertRenewed "alert.renewed";
    /// An alert was closed, with what was done and what it turned out to be.
    ALERT_CLOSED AlertClosed "alert.closed";
    /// A step that follows a closed alert was taken.
    ALERT_FOLLOWED AlertFollowed "alert.followed";
    /// A clinician confirmed a baseline of a patient.
    BASELINE_CONFIRMED BaselineConfirmed "baseline.confirmed";
    /// A clinician marked a reason as known until a day.
    REASON_KNOWN ReasonKnown "reason.known";
    /// A clinician noted that bone spread is known.
    BONE_SPREAD_NOTED BoneSpreadNoted "bone-spread.noted";
    /// A clinician withdrew the note that bone spread is known; the reason stands with the note.
    BONE_SPREAD_WITHDRAWN BoneSpreadWithdrawn "bone-spread.withdrawn";
    /// The mail server refused a letter for good.
    DELIVERY_FAILED DeliveryFailed "delivery.failed";
    /// News of a letter came back after it was handed over, as `what` says.
    DELIVERY_BOUNCED DeliveryBounced "delivery.bounced";
    /// A letter that was refused waits in the outbox again.
    DELIVERY_RETRIED DeliveryRetried "delivery.retried";
    /// An entry of the call log was written; its words are not in the event.
    CONTACT_LOGGED ContactLogged "contact.logged";
    /// Somebody works on a task from now on.
    TASK_ASSIGNED TaskAssigned "task.assigned";
    /// A task was put off until a day.
    TASK_SNOOZED TaskSnoozed "task.snoozed";
    /// A task was closed, by a person or because its cause is gone.
    TASK_DONE TaskDone "task.done";
    /// A person opened the locked forms of a patient, the subject, again.
    LINK_UNLOCKED LinkUnlocked "link.unlocked";
    /// Somebody was invited by a link, or let back in by one.
    STAFF_INVITED StaffInvited "staff.invited";
    /// A console account was made.
    STAFF_ADDED StaffAdded "staff.added";
    /// A console account was turned off.
    STAFF_DISABLED StaffDisabled "staff.disabled";
    /// A console account was given new secrets, and is on again.
    STAFF_RESET StaffReset "staff.reset";
    /// A console account has another role; `from` and `to` are in the detail.
    STAFF_ROLE StaffRole "staff.role";
    /// The owner of a console account changed her password or authenticator.
    STAFF_SECRETS StaffSecrets "staff.secrets";
    /// Recovery codes of a console account were replaced.
    RECOVERY_CODES RecoveryCodes "staff.recovery-codes";
    /// A recovery code of a console account was used up.
    RECOVERY_CODE_USED RecoveryCodeUsed "staff.recovery-code-used";
    /// A setting that staff own was written.
    SETTING_SET SettingSet "setting.set";
    /// A proposed setting was taken back.
    SETTING_DROPPED SettingDropped "setting.dropped";
    /// A draft of a protocol was begun.
    PROTOCOL_DRAFT_BEGUN ProtocolDraftBegun "protocol-draft.begun";
    /// A draft of a protocol was changed.
    PROTOCOL_DRAFT_CHANGED ProtocolDraftChanged "protocol-draft.changed";
    /// A draft of a protocol was thrown away.
    PROTOCOL_DRAFT_DISCARDED ProtocolDraftDiscarded "protocol-draft.discarded";
    /// Somebody asked for a protocol to be published.
    PUBLICATION_ASKED PublicationAsked "publication.asked";
    /// Somebody signed the publication of a protocol.
    PUBLICATION_SIGNED PublicationSigned "publication.signed";
    /// The publication of a protocol was taken back.
    PUBLICATION_WITHDRAWN PublicationWithdrawn "publication.withdrawn";
    /// A published protocol version came into force.
    PUBLICATION_IN_FORCE PublicationInForce "publication.in-force";
    /// Somebody signed a version of a protocol.
    PROTOCOL_SIGNED ProtocolSigned "protocol.signed";
    /// A protocol is given to no new patient any more.
    PROTOCOL_RETIRED ProtocolRetired "protocol.retired";
    /// It was chosen who signs protocols.
    PROTOCOL_SIGNATORIES ProtocolSignatories "protocol.signatories";
    /// Links are made with another key from now on.
    KEY_REPLACED KeyReplaced "key.replaced";
    /// A backup was made ready to take the place of the database.
    DATABASE_RESTORED DatabaseRestored "database.restored";
    /// Letters were taken in hand; the detail lists them, the subject is the outbox.
    DELIVERY_CLAIMED DeliveryClaimed "delivery.claimed";
    /// A worker gave a claimed letter back to the outbox untouched.
    DELIVERY_RETURNED DeliveryReturned "delivery.returned";
    /// The mail server took a letter.
    DELIVERY_SENT DeliverySent "delivery.sent";
    /// Nobody knows whether the mail server took a letter.
    DELIVERY_UNKNOWN DeliveryUnknown "delivery.unknown";
    /// A task was opened; the detail has its kind, cause and patient.
    TASK_OPENED TaskOpened "task.opened";
    /// An account signed in at the console.
    STAFF_SIGNED_IN StaffSignedIn "staff.signed-in";
    /// Sessions of a console account were ended before their time.
    STAFF_SESSIONS_ENDED StaffSessionsEnded "staff.sessions-ended";
}

//! Events of the audit whose loss a person is told of in words of its own when a backup is restored.

use crate::store::audit_action::AuditAction;

/// Where it is known from what happened after a copy was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EventSource {
    /// The audit of the database that was there before.
    #[default]
    Database,
    /// The sent journal outside the database.
    Journal,
}

impl EventSource {
    /// The word in JSON and sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Database => "old database",
            Self::Journal => "sent journal",
        }
    }
}

macro_rules! retold {
    ($($event:ident)*) => {
        /// An event whose loss a person is told in words of its own, in the order in which she is told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RetoldEvent { $(#[doc = concat!("The loss of [`AuditAction::", stringify!($event), "`].")] $event,)* }

        impl RetoldEvent {
            /// The event of that action; `None` for an action that is told by its name.
            #[must_use]
            pub const fn of(action: AuditAction) -> Option<Self> {
                match action {
                    $(AuditAction::$event => Some(Self::$event),)*
                    _ => None,
                }
            }
        }
    };
}

retold! {
    PatientAdmitted
    RosterImported
    RosterUndone
    PatientRemoved
    PatientStatus
    DeathReversalAsked
    PatientCorrected
    PatientMerged
    PatientExported
    PatientErased
    ErasureAsked
    EnrolmentOpened
    EnrolmentReplanned
    EnrolmentEnded
    AppointmentBooked
    AppointmentMoved
    AppointmentCancelled
    AppointmentCarriedOver
    AppointmentReason
    FollowUpDone
    BookingSettled
    LettersDeclined
    LettersAccepted
    LettersStopped
    LettersStarted
    ResponseSubmitted
    ResponseSaved
    InboundKept
    AlertRaised
    AlertLifted
    AlertJoined
    AlertAcknowledged
    AlertGivenBack
    AlertHandedOver
    AlertRenewed
    AlertClosed
    AlertFollowed
    BaselineConfirmed
    ReasonKnown
    BoneSpreadNoted
    BoneSpreadWithdrawn
    DeliveryFailed
    DeliveryBounced
    DeliveryRetried
    ContactLogged
    TaskAssigned
    TaskSnoozed
    TaskDone
    LinkUnlocked
    StaffInvited
    StaffAdded
    StaffDisabled
    StaffReset
    StaffRole
    StaffSecrets
    StaffRecoveryCodes
    StaffRecoveryCodeUsed
    StaffConnected
    StaffDisconnected
    SettingSet
    SettingDropped
    RulesSigned
    RulesStopped
    OwnWordingSet
    ProtocolDraftBegun
    ProtocolDraftChanged
    ProtocolDraftDiscarded
    PublicationAsked
    PublicationSigned
    PublicationWithdrawn
    PublicationInForce
    ProtocolSigned
    ProtocolRetired
    ProtocolSignatories
    KeyReplaced
    StaffSealed
    DatabaseEncryption
    DatabaseRestored
    DeliveryClaimed
    DeliveryReturned
    DeliverySent
    DeliveryUnknown
    TaskOpened
    StaffSignedIn
    StaffSessionsEnded
}

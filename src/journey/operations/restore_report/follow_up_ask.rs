//! What a person is asked to do about each kind of event that a restored copy does not have.

use crate::store::events::RetoldEvent;

/// What a line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FollowUpAsk {
    /// A person must do it again, or look.
    Again,
    /// It was carried over.
    Carried,
    /// It comes about again by itself, or cannot be undone; good to know.
    Know,
}

impl FollowUpAsk {
    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Carried => "carried-over",
            Self::Know => "know",
        }
    }
}

macro_rules! asks {
    ($($event:ident $ask:ident $what:literal;)*) => {
        impl FollowUpAsk {
            /// What the loss of such an event asks for, and in which words.
            pub(in crate::journey::operations) const fn of(event: RetoldEvent) -> (Self, &'static str) {
                match event { $(RetoldEvent::$event => (Self::$ask, $what),)* }
            }
        }
    };
}

asks! {
    PatientAdmitted Again "take in again";
    RosterImported Again "import the list again";
    RosterUndone Again "undo the import again";
    PatientRemoved Know "was removed with her import; she is back until it is undone again";
    PatientStatus Again "record again that letters go on";
    DeathReversalAsked Again "ask again for the recorded death to be undone";
    PatientCorrected Again "correct the record again";
    PatientMerged Again "make the two records one again";
    PatientErased Again "was erased: she is back until two people erase her record again";
    ErasureAsked Again "ask again for the record to be erased";
    PatientExported Know "a whole record was printed or taken along";
    EnrolmentOpened Again "put on the protocol again";
    EnrolmentReplanned Again "move the anchor date or the protocol again";
    EnrolmentEnded Again "end the plan again";
    AppointmentBooked Again "book the date again";
    AppointmentMoved Again "move the date again";
    AppointmentCancelled Again "call the date off again";
    AppointmentCarriedOver Again "book the date again after the change of plan";
    AppointmentReason Again "note again why the date was called off";
    FollowUpDone Again "record again as done";
    BookingSettled Again "decide again that no date is booked";
    LettersDeclined Again "record again which letters she does not want";
    LettersAccepted Again "record again which letters she wants";
    LettersStopped Again "stop the kind of letters again";
    LettersStarted Again "letters of a kind went on: start the kind again";
    ResponseSubmitted Again "read the answers in what was there before";
    ResponseSaved Again "read the answers left half-way in what was there before";
    InboundKept Again "a message came: read it in what was there before";
    AlertRaised Again "an alert was raised: look at it in what was there before and ring her";
    AlertLifted Again "an alert became more urgent: look at it in what was there before";
    AlertJoined Again "an answer joined an alert: read it in what was there before";
    AlertAcknowledged Again "an alert was taken on: go on with it";
    AlertGivenBack Again "an alert was given back: if somebody has it, give it back again";
    AlertHandedOver Again "an alert was handed over: go on with it";
    AlertRenewed Again "an alert was kept open: go on with it";
    AlertClosed Again "an alert was closed: if it is open again, close it again";
    AlertFollowed Again "a step was taken after an alert: take it again";
    BaselineConfirmed Again "confirm the baseline again";
    ReasonKnown Again "mark the known reason again";
    BoneSpreadNoted Again "note the bone spread again";
    BoneSpreadWithdrawn Again "withdraw the note of bone spread again";
    DeliveryFailed Again "a letter was refused: look at the address";
    DeliveryBounced Again "a letter came back: look at the address";
    DeliveryRetried Again "a refused letter was let go again: let it go again";
    ContactLogged Again "something was written in a call log: write it again";
    TaskAssigned Again "a task was claimed or handed over: claim it again";
    TaskSnoozed Again "a task was put off: put it off again";
    TaskDone Again "a task was done: if it is open again, close it again";
    LinkUnlocked Again "unlock her forms again";
    StaffInvited Again "invite again: every link was taken back";
    StaffAdded Again "add the account again";
    StaffDisabled Again "turn the account off again";
    StaffReset Again "give the account new secrets again";
    StaffRole Again "give the account its role again";
    StaffSecrets Again "a password or authenticator was changed: the one before counts again";
    StaffRecoveryCodes Again "recovery codes were replaced: the ones before count again";
    StaffRecoveryCodeUsed Again "a recovery code was used up: it counts again";
    StaffConnected Again "connect the account with the hospital's sign-in again";
    StaffDisconnected Again "end the account's connection with the hospital's sign-in again";
    SettingSet Again "write the setting again";
    SettingDropped Again "take the proposed setting back again";
    RulesSigned Again "let a doctor sign the rules again";
    RulesStopped Again "end again that the rules judge answers";
    OwnWordingSet Again "word the letter again";
    ProtocolDraftBegun Again "begin the draft of the protocol again";
    ProtocolDraftChanged Again "change the draft of the protocol again";
    ProtocolDraftDiscarded Again "throw the draft of the protocol away again";
    PublicationAsked Again "ask again for the protocol to be published";
    PublicationSigned Again "sign the publication of the protocol again";
    PublicationWithdrawn Again "take the publication of the protocol back again";
    PublicationInForce Again "a protocol version came into force: look whether it is in force";
    ProtocolSigned Again "sign the protocol again";
    ProtocolRetired Again "retire the protocol again";
    ProtocolSignatories Again "choose again who signs protocols";
    KeyReplaced Again "the key of the links was replaced: `aftercare key show`";
    StaffSealed Know "the secret of an authenticator was sealed; it is again by itself";
    DatabaseEncryption Know "the encryption of the database was changed";
    DatabaseRestored Know "a backup was restored";
    DeliveryClaimed Know "a letter was taken in hand; the same letter may leave again";
    DeliveryReturned Know "a letter went back to the outbox; it leaves by itself";
    DeliverySent Know "a letter left; the same letter may leave again";
    DeliveryUnknown Know "a letter may have left; the same letter may leave again";
    TaskOpened Know "a task was opened; if its cause lasts it comes again by itself";
    StaffSignedIn Know "signed in; everybody is signed out now";
    StaffSessionsEnded Know "sessions were ended; everybody is signed out now";
}

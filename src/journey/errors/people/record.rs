//! Why a patient's record cannot be kept as given.

use crate::care::contact::ContactFault;
use crate::care::patient::Reference;
use crate::care::record::merge_clash::MergeClash;
use crate::care::record::proxy::ProxyFault;

/// What another record or a colleague rules out, or nobody could use.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A patient under that case code exists.
    #[error("case code `{0}` is taken")]
    Duplicate(String),
    /// Somebody else took a patient in under that case code after the roster was looked through.
    #[error("somebody else has taken in case code `{0}` in the meantime")]
    Overtaken(String),
    /// The case code is that of a woman whose death is on record.
    #[error("case code `{0}` is that of a woman who is recorded as deceased")]
    HasDied(String),
    /// A patient had that case code whose record was erased.
    #[error(
        "the record of case code `{0}` was erased, as two people had decided; the code is never given again"
    )]
    Erased(String),
    /// The canary's case code was given to a patient: her alerts would tell nobody.
    #[error("case code `{canary}` is kept for the daily test of the chain", canary = Reference::CANARY)]
    Reserved,
    /// The address is in use and one of the records does not say that the inbox is shared.
    #[error("another patient uses the same address and the inbox is not marked as shared")]
    SharedInbox,
    /// Her letters would come to the clinic itself, and she would get none.
    #[error("the e-mail address is the clinic's own")]
    ClinicsAddress,
    /// Somebody else changed the record after it was looked at.
    #[error("somebody else has changed this record meanwhile")]
    Changed,
    /// The two records cannot become one as they stand.
    #[error("{0}")]
    CannotMerge(MergeClash),
    /// Her telephone numbers are not those that were seen before.
    #[error("somebody else has changed her telephone numbers in the meantime")]
    ContactChanged,
    /// Her telephone numbers cannot stand so.
    #[error("the number of whoever else may be rung {0}")]
    Contact(ContactFault),
    /// Somebody cannot be recorded as acting for her, or nobody does.
    #[error(transparent)]
    Proxy(ProxyFault),
}

impl RecordError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Duplicate(_) => "use `aftercare patient set` to change the record",
            Self::Overtaken(_) => "import the list again: who is on record already is passed over",
            Self::HasDied(_) => {
                "check whom the list means: another woman gets a case code of her own; a death recorded by mistake is undone on the page of that record, by two people"
            }
            Self::Erased(_) => "take her off the list; if she has come back, give her a case code of her own",
            Self::Reserved => "give the patient a case code of her own",
            Self::SharedInbox => {
                "set shared_inbox on both records if the people agree, or leave the address empty"
            }
            Self::ClinicsAddress => "write hers, or leave it empty",
            Self::Changed => "look at the record as it stands now, then correct what is still wrong",
            Self::CannotMerge(clash) => clash.hint(),
            Self::ContactChanged => "look at what stands there now, and save again",
            Self::Contact(fault) => fault.hint(),
            Self::Proxy(fault) => fault.hint(),
        }
    }
}

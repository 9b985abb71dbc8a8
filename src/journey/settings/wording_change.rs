//! A letter is worded anew: the version is written and counts for whatever is composed from then on. Whether its words can stand
//! was proved before, by whoever reads wordings.

use crate::care::permission::Act;
use crate::journey::authorize::permit_or_operator;
use crate::journey::errors::step::StepError;
use crate::journey::errors::wording::WordingError;
use crate::store::db::transaction::Tx;
use crate::store::own_wordings::{NewOwnWording, OwnWordingVersion};

/// What a letter shall say from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordingChange {
    /// The version to write.
    pub new: NewOwnWording,
    /// The newest version that whoever decides has looked at; `None` where there was none.
    pub seen: Option<i64>,
}

/// Writes a version of the clinic's own words of a letter.
///
/// # Errors
/// `PermissionError`; [`WordingError`]; the store's own.
pub fn change(tx: &mut Tx<'_>, change: &WordingChange) -> Result<OwnWordingVersion, StepError> {
    permit_or_operator(tx, Act::ChangeWording)?;
    let own = &change.new.own;
    let newest = tx.own_wording_newest(&own.letter, &own.language)?;
    if newest.as_ref().map(|version| version.own.version) != change.seen {
        return Err(WordingError::Overtaken.into());
    }
    if newest.map(|version| version.own.texts).unwrap_or_default() == own.texts {
        return Err(WordingError::Same.into());
    }
    let id = tx.write_own_wording(&change.new)?;
    Ok(tx.own_wording_version(&own.letter, &own.language, id)?)
}

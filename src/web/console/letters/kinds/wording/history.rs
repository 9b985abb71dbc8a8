//! The versions of a letter's own words, newest first.

use minijinja::{Value, context};

use super::text_fields::label;
use super::worded_letter::WordedLetter;
use crate::journey::errors::step::StepError;
use crate::store::own_wordings::OwnWordingVersion;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::locale::reader::ReaderWords;

/// A page of them, and where the next one begins.
pub(super) fn words(
    signed_in: &SignedIn,
    worded: &WordedLetter,
    before: Option<i64>,
) -> Result<Value, StepError> {
    let own = worded.saying(std::collections::BTreeMap::new());
    let versions = signed_in.clinic().store.read(|view| view.own_wording_versions(&own, before))?;
    let next = versions.next().map(|version| version.own.version);
    let rows: Vec<Value> = versions.rows.iter().map(|one| row(signed_in, one, worded.seen())).collect();
    Ok(context! { rows, next })
}

fn row(signed_in: &SignedIn, version: &OwnWordingVersion, newest: Option<i64>) -> Value {
    let id = version.own.version;
    let texts: Vec<String> = version.own.texts.keys().map(|name| label(name)).collect();
    context! {
        id,
        texts,
        at => TimeFormat::from(signed_in).moment(version.set_at),
        by => ReaderWords::of(&signed_in.language).person(&version.set_by),
        again_of => version.again_of,
        now => newest == Some(id),
    }
}

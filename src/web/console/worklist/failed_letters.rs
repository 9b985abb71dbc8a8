//! Letters that failed of late, each with what sending it again would do.

use jiff::SignedDuration;
use minijinja::{Value, context};

use crate::care::time::span::earlier;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::letters::ledger;

/// So far back is looked.
const BACK: SignedDuration = SignedDuration::from_hours(14 * 24);
/// As many are shown; the ledger has them all.
const MOST: u32 = 10;

/// The newest letters that failed, and whether there are more.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(super) fn words(view: &View<'_>, signed_in: &SignedIn, times: &TimeFormat) -> Result<Value, StoreError> {
    let since = earlier(signed_in.now, BACK);
    let failed = view.letters_lost_since(since, MOST)?;
    let shown = failed.rows.iter().map(|line| ledger::line(view, line, signed_in, times));
    Ok(context! { shown => shown.collect::<Vec<_>>(), more => failed.next().is_some() })
}

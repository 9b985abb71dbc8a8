//! The looks that this process has noted in this hour, so that reading a page again writes nothing.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::store::accounts::record_views::NewView;

/// Looks of the hour that runs.
#[derive(Default)]
pub(in crate::web::console) struct SeenLately(Mutex<HourOfViews>);

#[derive(Default)]
struct HourOfViews {
    hour: i64,
    seen: HashSet<NewView>,
}

impl SeenLately {
    /// Whether it is the first such look of its hour.
    pub(in crate::web::console) fn is_first(&self, look: &NewView, now: Timestamp) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = now.as_second().div_euclid(3_600);
        if known.hour != hour {
            *known = HourOfViews { hour, seen: HashSet::new() };
        }
        known.seen.insert(look.clone())
    }
}

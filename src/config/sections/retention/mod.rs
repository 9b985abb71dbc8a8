//! `[retention]`: for how many years records are kept. Neither key has a default: what nobody decided erases nothing.

use crate::care::record::retention::RetentionPeriods;
use crate::config::file::ranges::count;
use crate::config::file::reader::Section;

/// Years that a record may have to be kept, at most.
const MOST_YEARS: u32 = 100;

/// Reads the section; a key left out is `None`, and nothing is ever due by it.
pub(in crate::config) fn read(s: &Section<'_, '_>) -> RetentionPeriods {
    let years = |key| s.may(key, count(1, MOST_YEARS)).and_then(|years| u16::try_from(years).ok());
    let periods = RetentionPeriods {
        after_last_contact: years("after_last_contact"),
        after_death: years("after_death"),
    };
    s.close();
    periods
}

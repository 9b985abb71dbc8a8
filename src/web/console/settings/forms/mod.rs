//! The fields of each kind of setting, a file each: from what a configuration says, and back to a setting's text.

pub(super) mod absences;
pub(super) mod centres;
pub(super) mod detail;
pub(super) mod holidays;
pub(super) mod judging;
pub(super) mod ladder;
pub(super) mod number;
pub(super) mod office_hours;
pub(super) mod reading;
pub(in crate::web::console) mod retention;
pub(super) mod sending;

//! Proves a wording before a patient could get it.

pub mod forbidden;
pub mod reading_grade;
pub mod samples;
pub(in crate::letter) mod css_lint;
pub(in crate::letter) mod html_lint;
mod part_lint;
pub(in crate::letter) mod safety;
pub mod prove;

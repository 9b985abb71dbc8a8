//! The words: care values become a [`Letter`](content::Letter). Pure apart from the templates it was given; the same inputs, wording and
//! links always give the same letter, byte for byte.
//!
//! Reading order: [`wording`] (what a clinic may change) is gathered by [`sources`], compiled by [`compose::Composer`] with one
//! [`crate::letter::locale`] per language, one [`crate::letter::layout`] per audience and the [`crate::letter::markup`] markup; [`calendar`] adds the appointment,
//! [`crate::letter::proof::prove`] finds every fault before a patient could.

pub mod fault;
pub mod wording;
pub mod sources;
pub mod template_names;
pub mod markup;
pub mod dates;
pub mod footer;
mod layout;
pub mod locale;
pub mod calendar;
pub mod compose;
pub mod leaflet;
pub mod proof;
pub mod limits;
pub mod own;
pub mod content;

//! Every kind of letter as it will look, in the clinic's own words, written by the composer of real letters to somebody who
//! does not exist.

pub(in crate::web::console) mod list;
mod colour_scheme;
mod options;
mod letter_names;
pub(in crate::web::console) mod look;
pub(in crate::web::console) mod sample;
mod sample_query;
pub(in crate::web::console) mod stops;
pub(in crate::web::console) mod test_send;
pub(in crate::web::console) mod wording;

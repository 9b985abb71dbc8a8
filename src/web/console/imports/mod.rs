//! A roster comes in on screen: sent, its columns matched, looked through, its faults mended, taken in, and undone.

pub(in crate::web::console) mod booking_list;
mod column_words;
pub(in crate::web::console) mod change;
pub(in crate::web::console) mod faults_file;
pub(in crate::web::console) mod jobs;
pub(in crate::web::console) mod list;
pub(in crate::web::console) mod record;
mod row_words;
pub(in crate::web::console) mod staged;
mod work;

//! What is to come, counted without a letter written or a row changed: the plan, caps and hours are those by which letters
//! really leave, lived forward in memory for a clinic whose patients stay silent. `rehearse --letters none` and the page
//! "What if" count like this.

pub mod clinic_ahead;
pub mod plan_move;
mod patient_ahead;
mod silent_course;

//! What is to come, counted without a letter written or a row changed: the plan, caps and hours are those by which letters
//! really leave, lived forward in memory for a clinic whose patients stay silent. `rehearse --letters none` and the page
//! "What if" count like this. Beside it the figures of a report, which end with the weeks to come, and what rules would have
//! raised on the answers that came.

pub mod alert_count;
mod asked_versions;
pub mod clinic_ahead;
pub mod clinic_figures;
pub mod plan_move;
mod patient_ahead;
mod patient_recount;
mod silent_course;
pub mod week_load;

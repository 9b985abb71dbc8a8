//! What the clinic learns from its figures, and what is to come: pages with a chart, the same as a table, and as CSV.

pub(in crate::web::console) mod chart;
pub(in crate::web::console) mod csv_table;
pub(in crate::web::console) mod figure_counts;
mod figures;
pub(in crate::web::console) mod forecast_run;
pub(in crate::web::console) mod overdue;
pub(in crate::web::console) mod overview;
pub(in crate::web::console) mod schedule_names;
pub(in crate::web::console) mod what_if;

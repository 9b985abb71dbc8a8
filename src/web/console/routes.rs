//! Every route of the console, a row each: path, what it needs, handler. The router is made from this table alone, and
//! `tests/console/role_matrix.rs` tries each row with every role. A new page or form is a row in the function of its module;
//! a new module is a function of its own.

use crate::care::permission::Act;
use crate::web::console::route::Access::{Anybody, May, MayOneOf, SignedIn};
use crate::web::console::route::{Route, get, post};
use crate::web::console::{alerts, auth, layout, letters, patients, protocols, records, worklist};

/// Every route.
#[must_use]
pub fn all() -> Vec<Route> {
    [
        frame_routes(),
        sign_in_routes(),
        worklist_routes(),
        alert_routes(),
        patient_routes(),
        protocol_routes(),
        letter_routes(),
        record_routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn frame_routes() -> Vec<Route> {
    vec![
        get(&layout::frame::sheet_path(), Anybody, layout::frame::sheet),
        get(&layout::frame::script_path(), Anybody, layout::frame::script),
    ]
}

fn sign_in_routes() -> Vec<Route> {
    vec![
        get("/sign-in", Anybody, auth::sign_in::show),
        post("/sign-in", Anybody, auth::sign_in::submit),
        post("/sign-out", SignedIn, auth::sign_in::sign_out),
    ]
}

fn worklist_routes() -> Vec<Route> {
    vec![
        get("/", SignedIn, worklist::today::show),
        get("/live", SignedIn, worklist::today::live),
        get("/alerts", SignedIn, worklist::alert_list::show),
        get("/tasks", SignedIn, worklist::list::show),
        get("/silence", SignedIn, worklist::silence::show),
        get("/start", SignedIn, worklist::start::show),
        get("/leaving", SignedIn, worklist::leaving::show),
        get("/tasks/{id}", SignedIn, worklist::task::show),
        post("/tasks/{id}", SignedIn, worklist::task::close),
        get("/tasks/{id}/alike", SignedIn, alerts::alike::show_tasks),
        post("/tasks/{id}/alike", SignedIn, alerts::alike::close_tasks),
        post("/tasks/{id}/contact", May(Act::LogContact), worklist::task::log),
        post("/tasks/{id}/claim", May(Act::AssignTask), worklist::task::claim),
        post("/tasks/{id}/snooze", May(Act::AssignTask), worklist::task::snooze),
    ]
}

fn alert_routes() -> Vec<Route> {
    vec![
        get("/alerts/{id}", SignedIn, alerts::alert::show),
        post("/alerts/{id}/acknowledge", May(Act::TakeAlert), alerts::alert::acknowledge),
        post("/alerts/{id}/keep", May(Act::TakeAlert), alerts::alert::keep),
        post("/alerts/{id}/close", May(Act::CloseAlert), alerts::alert::close),
        get("/alerts/{id}/alike", SignedIn, alerts::alike::show_alerts),
        post("/alerts/{id}/alike", May(Act::CloseAlert), alerts::alike::close_alerts),
        post("/alerts/{id}/follow", May(Act::CloseAlert), alerts::alert::follow),
        post("/alerts/{id}/contact", May(Act::LogContact), alerts::alert::log),
        get("/test-alert", SignedIn, alerts::test_alert::show),
        post("/test-alert", May(Act::TakeAlert), alerts::test_alert::submit),
        get("/test-alert/{code}", SignedIn, alerts::test_alert::show_code),
    ]
}

fn patient_routes() -> Vec<Route> {
    vec![
        get("/patients", SignedIn, patients::list::list),
        get("/patients/{*reference}", SignedIn, patients::patient::show),
        post("/patients/{*reference}", SignedIn, patients::actions::submit),
        get("/answers/{id}", SignedIn, patients::response::show),
        post("/answers/{id}", MayOneOf(&[Act::ConfirmBaseline, Act::MarkKnown]), patients::response::confirm),
    ]
}

fn protocol_routes() -> Vec<Route> {
    vec![
        get("/protocols", SignedIn, protocols::list::list),
        get("/protocols/{id}", SignedIn, protocols::version::show),
    ]
}

fn letter_routes() -> Vec<Route> {
    vec![
        get("/ledger", SignedIn, letters::ledger::show),
        get("/letters/{id}", SignedIn, letters::letter::show),
        post("/letters/{id}", SignedIn, letters::letter::retry),
        get("/letters/{id}/html", SignedIn, letters::html_part::show),
    ]
}

fn record_routes() -> Vec<Route> {
    vec![get("/audit", May(Act::ReadAudit), records::audit::show)]
}

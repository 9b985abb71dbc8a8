//! Every route of the console, a row each: path, what it needs, handler. The router is made from this table alone, and
//! `tests/console/role_matrix.rs` tries each row with every role. A new page or form is a row in the function of its module;
//! a new module is a function of its own.

use crate::care::permission::Act;
use crate::web::console::route::Access::{Anybody, May, MayOneOf, SignedIn};
use crate::web::console::route::{Route, get, post};
use crate::web::console::{alerts, auth, layout, letters, patients, people, protocols, records, worklist};

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
        people_routes(),
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
        post("/tasks/{id}", May(Act::CloseTask), worklist::task::close),
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
        post("/alerts/{id}/contact", May(Act::LogContact), alerts::alert::log),
        get("/test-alert", SignedIn, alerts::test_alert::show),
        post("/test-alert", MayOneOf(&[Act::TestLadder, Act::TakeAlert]), alerts::test_alert::submit),
    ]
}

/// What the forms of a patient's page do.
const ON_HER_PAGE: &[Act] = &[
    Act::ChangeRecord,
    Act::ChangeDate,
    Act::ChangeContact,
    Act::OpenForms,
    Act::UndoDeath,
    Act::NoteBoneSpread,
];

fn patient_routes() -> Vec<Route> {
    vec![
        get("/patients", SignedIn, patients::list::list),
        get("/patients/{*reference}", SignedIn, patients::patient::show),
        post("/patients/{*reference}", MayOneOf(ON_HER_PAGE), patients::actions::submit),
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
        post("/letters/{id}", May(Act::RetryLetter), letters::letter::retry),
        get("/letters/{id}/html", SignedIn, letters::html_part::show),
    ]
}

fn record_routes() -> Vec<Route> {
    vec![get("/audit", May(Act::ReadAudit), records::audit::show)]
}

fn people_routes() -> Vec<Route> {
    vec![
        get("/roles", SignedIn, people::roles::show),
        get("/people", May(Act::ManageAccounts), people::list::show),
        post("/people", May(Act::ManageAccounts), people::list::invite),
        post("/invitations/{id}/withdraw", May(Act::ManageAccounts), people::list::withdraw),
        get("/people/{name}", May(Act::ManageAccounts), people::account::show),
        post("/people/{name}/role", May(Act::ManageAccounts), people::account::change_role),
        post("/people/{name}/disable", May(Act::ManageAccounts), people::account::turn_off),
        post("/people/{name}/reset", May(Act::ManageAccounts), people::account::reset),
        post("/people/{name}/sessions", May(Act::ManageAccounts), people::account::end_sessions),
        get("/views", May(Act::ReadViews), people::views::show),
        get("/account", SignedIn, people::own::show),
        post("/account", SignedIn, people::own::submit),
        post("/account/sessions", SignedIn, people::own::end_sessions),
        get("/join/{token}", Anybody, people::join::show),
        post("/join/{token}", Anybody, people::join::submit),
    ]
}

//! Every route of the console, a row each: path, what it needs, handler. The router is made from this table alone, and
//! `tests/console/role_matrix.rs` tries each row with every role. A new page or form is a row in the function of its module;
//! a new module is a function of its own.

use crate::care::permission::Act;
use crate::exchange::openid::provider::RETURN_PATH;
use crate::web::console::route::Access::{Anybody, May, MayOneOf, SignedIn};
use crate::web::console::route::{Route, get, post, upload};
use crate::web::console::{
    alerts, auth, checklists, imports, layout, letters, patients, people, protocols, records, reports,
    settings, worklist,
};

/// Every route of the console.
#[must_use]
pub fn all() -> Vec<Route> {
    [
        frame_routes(),
        sign_in_routes(),
        worklist_routes(),
        alert_routes(),
        patient_routes(),
        protocol_routes(),
        draft_routes(),
        checklist_routes(),
        letter_routes(),
        record_routes(),
        report_routes(),
        import_routes(),
        setting_routes(),
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
        get("/style", SignedIn, layout::style_page::show),
    ]
}

fn sign_in_routes() -> Vec<Route> {
    vec![
        get("/sign-in", Anybody, auth::sign_in::show),
        post("/sign-in", Anybody, auth::sign_in::submit),
        post("/sign-out", SignedIn, auth::sign_in::sign_out),
        get("/sign-in/openid", Anybody, auth::openid::begin::show),
        get(RETURN_PATH, Anybody, auth::openid::callback::show),
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
        get("/tasks/{id}/alike", May(Act::CloseTask), alerts::alike::show_tasks),
        post("/tasks/{id}/alike", May(Act::CloseTask), alerts::alike::close_tasks),
        post("/tasks/{id}/contact", May(Act::LogContact), worklist::task::log),
        post("/tasks/{id}/claim", May(Act::AssignTask), worklist::task::claim),
        post("/tasks/{id}/settle", May(Act::SettleBooking), worklist::task::settle),
        post("/tasks/{id}/snooze", May(Act::AssignTask), worklist::task::snooze),
    ]
}

fn alert_routes() -> Vec<Route> {
    vec![
        get("/alerts/{id}", SignedIn, alerts::alert::show),
        post("/alerts/{id}/acknowledge", May(Act::TakeAlert), alerts::alert::acknowledge),
        post("/alerts/{id}/keep", May(Act::TakeAlert), alerts::alert::keep),
        post("/alerts/{id}/give-back", May(Act::TakeAlert), alerts::alert::give_back),
        post("/alerts/{id}/close", May(Act::CloseAlert), alerts::closing::close),
        get("/alerts/{id}/alike", May(Act::CloseAlert), alerts::alike::show_alerts),
        post("/alerts/{id}/alike", May(Act::CloseAlert), alerts::alike::close_alerts),
        post("/alerts/{id}/follow", May(Act::CloseAlert), alerts::closing::follow),
        post("/alerts/{id}/contact", May(Act::LogContact), alerts::alert::log),
        get("/test-alert", SignedIn, alerts::test_alert::show),
        post("/test-alert", MayOneOf(&[Act::TestLadder, Act::TakeAlert]), alerts::test_alert::submit),
        get("/test-alert/{code}", SignedIn, alerts::test_alert::show_code),
    ]
}

/// What the forms of a patient's page do.
const ON_HER_PAGE: &[Act] = &[
    Act::LogContact,
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
        post("/patients", SignedIn, patients::list::search),
        get("/patients/{*reference}", SignedIn, patients::patient::show),
        post("/patients/{*reference}", MayOneOf(ON_HER_PAGE), patients::actions::submit),
        get("/story/{*reference}", SignedIn, patients::story::page::show),
        get("/enrol", May(Act::EnrolPatient), patients::enrol::show),
        post("/enrol", May(Act::EnrolPatient), patients::enrol::submit),
        get("/proxy/{*reference}", May(Act::CorrectRecord), patients::proxy::page::show),
        post("/proxy/{*reference}", May(Act::CorrectRecord), patients::proxy::page::submit),
        get("/correct/{*reference}", May(Act::CorrectRecord), patients::correction::show),
        post("/correct/{*reference}", May(Act::CorrectRecord), patients::correction::submit),
        get("/plan/{*reference}", May(Act::ChangePlan), patients::plan::page::show),
        post("/plan/{*reference}", May(Act::ChangePlan), patients::plan::page::submit),
        get("/answers/{id}", SignedIn, patients::response::show),
        post("/answers/{id}", MayOneOf(&[Act::ConfirmBaseline, Act::MarkKnown]), patients::response::confirm),
    ]
}

fn protocol_routes() -> Vec<Route> {
    vec![
        get("/protocols", SignedIn, protocols::list::list),
        get("/protocols/signatories", May(Act::ChooseSignatories), protocols::list::look),
        post(
            "/protocols/signatories",
            MayOneOf(&[Act::ChooseSignatories, Act::SignProtocol]),
            protocols::list::choose,
        ),
        get("/protocols/compare", SignedIn, protocols::compare::show),
        get("/protocols/{id}", SignedIn, protocols::version::show),
        get("/protocols/{id}/file", SignedIn, protocols::version::file),
        post("/protocols/{id}/sign", May(Act::SignProtocol), protocols::version::sign),
        get("/protocols/{id}/retire", May(Act::EditProtocol), protocols::version::look),
        post("/protocols/{id}/retire", May(Act::EditProtocol), protocols::version::retire),
    ]
}

fn draft_routes() -> Vec<Route> {
    vec![
        get("/protocols/drafts", May(Act::EditProtocol), protocols::draft_begin::show),
        post("/protocols/drafts", May(Act::EditProtocol), protocols::draft_begin::begin),
        get("/protocols/drafts/{id}", SignedIn, protocols::draft::show),
        get("/protocols/drafts/{id}/details", SignedIn, protocols::designer::details),
        post("/protocols/drafts/{id}/details", May(Act::EditProtocol), protocols::designer::save_details),
        post("/protocols/drafts/{id}/series", May(Act::EditProtocol), protocols::designer::alter_list),
        get("/protocols/drafts/{id}/series/{number}", SignedIn, protocols::designer::series),
        post(
            "/protocols/drafts/{id}/series/{number}",
            May(Act::EditProtocol),
            protocols::designer::save_series,
        ),
        get("/protocols/drafts/{id}/text", SignedIn, protocols::draft_text::show),
        post("/protocols/drafts/{id}/text", May(Act::EditProtocol), protocols::draft_text::save),
        get("/protocols/drafts/{id}/file", SignedIn, protocols::draft_text::file),
        get("/protocols/drafts/{id}/discard", May(Act::EditProtocol), protocols::draft_text::look),
        post("/protocols/drafts/{id}/discard", May(Act::EditProtocol), protocols::draft_text::discard),
        get("/protocols/drafts/{id}/publish", SignedIn, protocols::publish::show),
        post("/protocols/drafts/{id}/publish", May(Act::EditProtocol), protocols::publish::publish),
        get("/protocols/publications/{id}", SignedIn, protocols::publication::show),
        post("/protocols/publications/{id}/sign", May(Act::SignProtocol), protocols::publication::sign),
        post(
            "/protocols/publications/{id}/withdraw",
            MayOneOf(&[Act::EditProtocol, Act::SignProtocol]),
            protocols::publication::withdraw,
        ),
    ]
}

fn checklist_routes() -> Vec<Route> {
    vec![
        get("/checklists", SignedIn, checklists::list::show),
        get("/checklists/{checklist}", SignedIn, checklists::checklist::show),
        get("/checklists/{checklist}/try", SignedIn, checklists::trial::show),
        post("/checklists/{checklist}/try", SignedIn, checklists::trial::judge),
        get("/checklists/{checklist}/count", SignedIn, checklists::count::show),
        post("/checklists/{checklist}/count", May(Act::CountAlerts), checklists::count::begin),
        post("/checklists/{checklist}/count/end", May(Act::CountAlerts), checklists::count::end),
        get("/checklists/{checklist}/count.csv", SignedIn, checklists::count::csv),
        get("/checklists/{checklist}/sign", SignedIn, checklists::sign::show),
        post("/checklists/{checklist}/sign", May(Act::SignRules), checklists::sign::sign),
        post("/checklists/{checklist}/stop", May(Act::StopRules), checklists::sign::stop),
    ]
}

fn letter_routes() -> Vec<Route> {
    vec![
        get("/ledger", SignedIn, letters::ledger::show),
        get("/restored", May(Act::EndHold), letters::held::show),
        post("/restored", May(Act::EndHold), letters::held::submit),
        get("/letters", SignedIn, letters::kinds::list::show),
        get("/letters/kinds/{name}", SignedIn, letters::kinds::sample::show),
        get("/letters/kinds/{name}/html", SignedIn, letters::kinds::look::show),
        post("/letters/kinds/{name}/test", May(Act::RetryLetter), letters::kinds::test_send::submit),
        get("/letters/kinds/{name}/wording", SignedIn, letters::kinds::wording::page::show),
        post("/letters/kinds/{name}/wording", May(Act::ChangeWording), letters::kinds::wording::page::submit),
        get("/letters/kinds/{name}/wording/compare", SignedIn, letters::kinds::wording::compare::show),
        get(
            "/letters/kinds/{name}/wording/looks/{token}",
            SignedIn,
            letters::kinds::wording::html_part::show,
        ),
        get("/letters/stops", SignedIn, letters::kinds::stops::show),
        post("/letters/stops", MayOneOf(&[Act::StopLetters, Act::EndHold]), letters::kinds::stops::submit),
        get("/letters/{id}", SignedIn, letters::letter::show),
        post("/letters/{id}", May(Act::RetryLetter), letters::letter::retry),
        get("/letters/{id}/html", SignedIn, letters::html_part::show),
    ]
}

fn record_routes() -> Vec<Route> {
    vec![
        get("/audit", May(Act::ReadAudit), records::audit::show),
        post("/audit/check", May(Act::ReadAudit), records::audit::check),
        get("/merge", May(Act::MergeRecords), records::merge::show),
        post("/merge", May(Act::MergeRecords), records::merge::submit),
        get("/export/{*reference}", May(Act::ExportRecord), records::export::show),
        post("/export/{*reference}", May(Act::ExportRecord), records::export::submit),
        get("/erase/{*reference}", May(Act::EraseRecord), records::erase::show),
        post("/erase/{*reference}", May(Act::EraseRecord), records::erase::submit),
        get("/retention", May(Act::EraseRecord), records::retention::show),
    ]
}

fn report_routes() -> Vec<Route> {
    let needs = May(Act::ReadReports);
    vec![
        get("/reports", needs, reports::overview::show),
        get("/reports/overdue", SignedIn, reports::overdue::show),
        get("/reports/{file}", needs, reports::overview::csv),
        get("/what-if", needs, reports::what_if::show),
        post("/what-if", needs, reports::what_if::begin),
        post("/what-if/end", needs, reports::what_if::end),
        get("/what-if.csv", needs, reports::what_if::csv),
    ]
}

fn import_routes() -> Vec<Route> {
    let needs = May(Act::ImportRoster);
    vec![
        get("/import", needs, imports::list::show),
        upload("/import", needs, imports::list::upload),
        get("/import/{id}", needs, imports::staged::show),
        get("/import/{id}/faults.csv", needs, imports::faults_file::show),
        post("/import/{id}/columns", needs, imports::change::columns),
        post("/import/{id}/mend", needs, imports::change::mend),
        post("/import/{id}/take", needs, imports::change::take),
        post("/import/{id}/discard", needs, imports::change::discard),
        get("/imports/{id}", needs, imports::record::show),
        post("/imports/{id}/undo", needs, imports::record::undo),
    ]
}

fn setting_routes() -> Vec<Route> {
    vec![
        get("/settings", SignedIn, settings::list::show),
        get("/settings/centres.toml", SignedIn, settings::centres_file::show),
        get("/settings/{setting}", SignedIn, settings::setting::show),
        post("/settings/{setting}", May(Act::ChangeSettings), settings::setting::submit),
    ]
}

fn people_routes() -> Vec<Route> {
    vec![
        get("/roles", SignedIn, people::roles::show),
        get("/people", May(Act::ManageAccounts), people::list::show),
        post("/people", May(Act::ManageAccounts), people::list::invite),
        post("/invitations/{id}/withdraw", May(Act::ManageAccounts), people::list::withdraw),
        get("/people/{account}", May(Act::ManageAccounts), people::account::show),
        post("/people/{account}/role", May(Act::ManageAccounts), people::account::change_role),
        post("/people/{account}/disable", May(Act::ManageAccounts), people::account::turn_off),
        post("/people/{account}/reset", May(Act::ManageAccounts), people::account::reset),
        post("/people/{account}/sessions", May(Act::ManageAccounts), people::account::end_sessions),
        post("/people/{account}/disconnect", May(Act::ManageAccounts), people::account::disconnect),
        get("/views", May(Act::ReadViews), people::views::show),
        get("/account", SignedIn, people::own::show),
        post("/account", SignedIn, people::own::submit),
        post("/account/sessions", SignedIn, people::own::end_sessions),
        post("/account/openid", SignedIn, people::connection::submit),
        get("/join/{token}", Anybody, people::join::show),
        post("/join/{token}", Anybody, people::join::submit),
    ]
}

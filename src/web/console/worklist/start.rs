//! The start list: what is missing before the first letter leaves, why it matters, and where it is done.

use axum::response::Response;
use minijinja::{Value, context};

use crate::journey::errors::step::StepError;
use crate::journey::start_list::{self, StartFacts, StartItem, StartStep};
use crate::store::db::transaction::View;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;

/// Shows every step and how it stands.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| {
        match signed_in.clinic().store.read(|view| items(view, signed_in)) {
            Ok(items) => {
                let open = items.iter().filter(|item| item.stands.is_err()).count();
                let items = items.iter().map(line).collect::<Vec<_>>();
                page::render(signed_in, "start", context! { items, open })
            }
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

/// How many steps are open, for the first screen; none once all are done.
///
/// # Errors
/// [`StepError`] when the store fails.
pub(super) fn open(view: &View<'_>, signed_in: &SignedIn) -> Result<Option<Value>, StepError> {
    let items = items(view, signed_in)?;
    let open: Vec<&str> =
        items.iter().filter(|item| item.stands.is_err()).map(|item| item.step.title()).collect();
    Ok((!open.is_empty()).then(|| context! { count => open.len(), all => items.len(), next => open[0] }))
}

fn items(view: &View<'_>, signed_in: &SignedIn) -> Result<Vec<StartItem>, StepError> {
    let deps = &signed_in.app.deps;
    let mut signed = Vec::new();
    for version in &deps.in_force {
        // A schedule that cannot be read is told by a task of its own.
        if let Ok(protocol) = deps.clinic.protocol_cache.get(view, *version)
            && protocol.verified
        {
            signed.push(protocol.title.clone());
        }
    }
    let facts = StartFacts { says: &deps.says, letters_leave: deps.letters_leave, signed };
    start_list::look(view, &deps.clinic, &facts, signed_in.now)
}

fn line(item: &StartItem) -> Value {
    let (done, stands) = match &item.stands {
        Ok(words) => (true, words),
        Err(words) => (false, words),
    };
    let (href, link) = place(item.step).unzip();
    context! { title => item.step.title(), why => item.step.why(), how => item.step.how(), done, stands, href, link }
}

/// The page on which it is done; `None` where only whoever runs the program can.
const fn place(step: StartStep) -> Option<(&'static str, &'static str)> {
    match step {
        StartStep::MailTest | StartStep::Ladder => Some(("/test-alert", "Send a test alert and confirm it")),
        StartStep::Schedule => Some(("/protocols", "Look at the schedules")),
        StartStep::Patient => Some(("/patients", "Patients")),
        StartStep::Phones | StartStep::Sender | StartStep::Colleagues | StartStep::Backup => None,
    }
}

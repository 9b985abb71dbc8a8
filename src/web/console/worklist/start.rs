//! The start list: what is missing before the first letter leaves, why it matters, and where it is done.

use axum::response::Response;
use minijinja::{Value, context};

use crate::care::permission::Act;
use crate::journey::errors::step::StepError;
use crate::journey::protocols::in_force::in_force;
use crate::journey::start_list::{self, StartFacts, StartItem, StartStep};
use crate::store::db::transaction::View;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::locale::reader::ReaderWords;

/// Shows every step and how it stands.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| {
        match signed_in.clinic().store.read(|view| items(view, signed_in)) {
            Ok(items) => {
                let open = items.iter().filter(|item| item.stands.is_err()).count();
                let items = items.iter().map(|item| line(signed_in, item)).collect::<Vec<_>>();
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
    // A schedule that cannot be read is told by a task of its own.
    let in_force = in_force(view, &deps.clinic)?.into_iter();
    let in_force = in_force.map(|(name, one)| (name, one.protocol)).collect();
    let facts = StartFacts { says: &deps.says, letters_leave: deps.letters_leave, in_force };
    start_list::look(view, &deps.clinic, &facts, signed_in.now)
}

fn line(signed_in: &SignedIn, item: &StartItem) -> Value {
    let (done, stands) = match &item.stands {
        Ok(words) => (true, words),
        Err(words) => (false, words),
    };
    // It may be names alone.
    let stands = ReaderWords::of(&signed_in.language).said(stands);
    let link = |link: &StartLink| {
        let whose = link.needs.filter(|act| !signed_in.who.role.may(*act)).map(Act::whose);
        context! { href => link.href, words => link.words, whose }
    };
    let links = links(item.step).iter().map(link).collect::<Vec<_>>();
    context! { title => item.step.title(), why => item.step.why(), how => item.step.how(), done, stands, links }
}

/// A page on which a step is done.
struct StartLink {
    href: &'static str,
    words: &'static str,
    /// What only some may do there.
    needs: Option<Act>,
}

const fn link(href: &'static str, words: &'static str) -> StartLink {
    StartLink { href, words, needs: None }
}

/// The pages on which it is done; none where only whoever runs the program can.
const fn links(step: StartStep) -> &'static [StartLink] {
    const TEST: StartLink = link("/test-alert", "Send a test alert and confirm it");
    const LADDER: StartLink = link("/settings/ladder", "Look at the ladder under Settings");
    const IMPORT: StartLink =
        StartLink { needs: Some(Act::ImportRoster), ..link("/import", "Take in a list of patients") };
    const ENROL: StartLink =
        StartLink { needs: Some(Act::EnrolPatient), ..link("/enrol", "Enrol one patient") };
    match step {
        StartStep::Phones => &[const { link("/settings", "Look at the numbers under Settings") }],
        StartStep::MailTest => &[TEST],
        StartStep::Ladder => &[LADDER, TEST],
        StartStep::Colleagues => {
            &[
                const { StartLink { needs: Some(Act::ManageAccounts), ..link("/people", "Invite a colleague") } },
            ]
        }
        StartStep::Schedule => &[const { link("/protocols", "Look at the schedules") }],
        StartStep::Patient => &[IMPORT, ENROL],
        StartStep::Sender | StartStep::Backup => &[],
    }
}

//! `aftercare start-list`: what must be done before the first letter leaves.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::daemon::assembly::{engine, wording};
use crate::journey::start_list::{self, StartFacts, StartItem};
use crate::store::database::OpenMode;

/// Say what must be done before the first letter leaves, and how far it is
///
/// The same list as the console's page "Before the first letter". It ends with 0 whatever is open.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare start-list")]
pub struct StartListArgs {}

/// Runs `aftercare start-list`: prints the list.
///
/// # Errors
/// 78 for faulty configuration or protocols.
pub fn run(_args: &StartListArgs, ctx: &Context) -> Result<(), Failure> {
    let (config, sources) = (ctx.config()?, ctx.sources()?);
    let clinic = ctx.deps(OpenMode::AsItIs)?;
    let in_force = engine::in_force_unpublished(Some(&clinic.store), config, &sources)?;
    let says = wording::says(config);
    let facts = StartFacts { says: &says, letters_leave: config.mail.transport.is_smtp(), in_force };
    let items = clinic.store.read(|view| start_list::look(view, &clinic, &facts, ctx.stamp().at))?;
    let documents: Vec<Value> = items.iter().map(document).collect();
    ctx.show(&documents, |out| {
        for item in &items {
            let (mark, stands) = match &item.stands {
                Ok(words) => ("done", words),
                Err(words) => ("OPEN", words),
            };
            writeln!(out, "{mark}  {}: {stands}", item.step.title())?;
            if item.stands.is_err() {
                writeln!(out, "      {}\n      how: {}", item.step.why(), item.step.how())?;
            }
        }
        Ok(())
    })
}

fn document(item: &StartItem) -> Value {
    let (done, stands) = match &item.stands {
        Ok(words) => (true, words),
        Err(words) => (false, words),
    };
    json!({ "step": item.step.word(), "title": item.step.title(), "done": done, "stands": stands,
        "why": item.step.why(), "how": item.step.how() })
}

//! `aftercare reload`: the running daemon reads its configuration again, and says here what became of it.

use std::time::Duration;

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::run_as;
use crate::config::load;
use crate::daemon::wake_socket::{self, ReloadRefusal};

/// A large set of protocols and letters is proved in a few seconds.
const WITHIN: Duration = Duration::from_secs(60);

/// Let the running daemon read configuration, protocols and letters again
///
/// Waits for what becomes of it. If anything is faulty the old configuration stays in force, and the command fails, so that
/// `systemctl reload aftercare` fails too.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare reload")]
pub struct ReloadArgs {}

/// Asks, waits and tells.
///
/// # Errors
/// 69 when no daemon runs, 75 when it does not answer in time, 78 with its reason when the new configuration is not taken.
pub fn run(_args: &ReloadArgs, ctx: &Context) -> Result<(), Failure> {
    // The daemon judges the file; here only its database's place is asked of it.
    let (_, Some(database)) = load::places(&ctx.config_path) else {
        return ctx.config().map(|_| ());
    };
    run_as::take_on(&database)?;
    wake_socket::reload(&database, WITHIN).map_err(|refusal| {
        let said = refusal.to_string();
        match refusal {
            ReloadRefusal::Nobody(_) => Failure::unavailable(said).about(&database).hint(
                "start it: `systemctl start aftercare`; if one runs and `database.path` was changed since, a reload cannot take that: \
                 `systemctl restart aftercare`, or change it back",
            ),
            ReloadRefusal::Unasked(_) => Failure::unavailable(said).about(&database).hint(
                "its answer comes to a socket beside the database: look whether there is room, and who may write there; \
                 `systemctl kill --signal HUP aftercare` asks without an answer",
            ),
            ReloadRefusal::Silent(_) => {
                Failure::new(Exit::TryLater, said).hint("look at `systemctl status aftercare` and try again")
            }
            ReloadRefusal::Refused(_) => Failure::new(Exit::BadConfiguration, said)
                .hint("the old configuration stays in force; `aftercare check` shows every fault"),
        }
    })?;
    ctx.show(&json!({ "reloaded": true }), |out| writeln!(out, "the new configuration is in force"))
}

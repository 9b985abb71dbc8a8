//! The pace of a command that copies a database: it steps aside for a daemon beside it, and a terminal shows how far it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use crate::cli::context::Context;
use crate::daemon::backup::copy_pace::{self, CopyPace};
use crate::daemon::backup::online::part_of;
use crate::store::db::online::pace::Pace;

/// A pace that shows how much of the copy is written, then that it is being proved.
pub(super) struct CommandPace {
    pace: CopyPace,
    bar: ProgressBar,
    part: PathBuf,
}

impl CommandPace {
    /// The pace of copying `database` to `whole`.
    pub(super) fn new(database: &Path, whole: &Path, ctx: &Context) -> Arc<Self> {
        let (clock, never) = (ctx.world().clock, CancellationToken::new());
        let pace = CopyPace::beside(database, copy_pace::COMMAND, clock, never);
        Arc::new(Self { pace, bar: bar(database, ctx), part: part_of(whole) })
    }

    /// Takes what it showed off the terminal.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Pace for CommandPace {
    fn is_stopped(&self) -> bool {
        self.pace.is_stopped()
    }

    fn rest(&self) {
        let written = self.part.metadata().map_or(0, |file| file.len());
        if self.bar.length().is_some_and(|all| written >= all) {
            self.bar.set_message("proving");
        }
        self.bar.set_position(written);
        self.pace.rest();
    }
}

fn bar(database: &Path, ctx: &Context) -> ProgressBar {
    if ctx.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg:11} [{bar:40}] {percent:>3}%");
    ProgressBar::new(database.metadata().map_or(0, |file| file.len()))
        .with_message("copying")
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

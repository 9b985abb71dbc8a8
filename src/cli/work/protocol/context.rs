//! What the verbs of `aftercare protocol` work with.

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::journey::commands::protocols::{self, ProtocolCommand};
use crate::journey::deps::Deps;
use crate::store::db::transaction::Stamp;
use crate::store::plan::drafts::{DraftId, ProtocolDraft};

/// What the verbs work with.
pub(super) struct ProtocolContext<'c> {
    pub(super) ctx: &'c Context,
    pub(super) clinic: Deps,
    pub(super) stamp: Stamp,
}

impl ProtocolContext<'_> {
    /// Makes a change, and wakes the daemon.
    pub(super) fn change(&self, command: ProtocolCommand) -> Result<(), Failure> {
        let change = protocols::change(&self.clinic, self.stamp.clone(), command);
        self.ctx.runtime()?.block_on(change)?;
        self.ctx.changed()
    }

    /// The draft of that number.
    pub(super) fn draft(&self, id: i64) -> Result<ProtocolDraft, Failure> {
        Ok(self.clinic.store.read(|view| view.draft(DraftId(id)))?)
    }

    /// Says how it ended.
    pub(super) fn told(&self, state: &str, words: &str) -> Result<(), Failure> {
        self.ctx.show(&json!({ "state": state }), |out| writeln!(out, "{words}"))
    }
}

//! Published protocols as read values, by the version that published them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::care::plan::protocol::{Protocol, Series};
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::View;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::plan::protocols::ProtocolVersionId;

/// Reads a protocol's name and text; `None` when this version of the program cannot.
pub type ParseProtocol = dyn Fn(&str, &str) -> Option<Protocol> + Send + Sync;

/// Versions read so far. A version never changes, so nothing here goes stale.
pub struct ProtocolCache {
    read: Box<ParseProtocol>,
    known: RwLock<HashMap<ProtocolVersionId, Arc<Protocol>>>,
}

impl ProtocolCache {
    /// An empty cache that reads with `read`.
    #[must_use]
    pub fn new(read: Box<ParseProtocol>) -> Self {
        Self { read, known: RwLock::default() }
    }

    /// What a text that is not published asks for; `None` when this version cannot read it.
    #[must_use]
    pub fn parse(&self, name: &str, text: &str) -> Option<Protocol> {
        (self.read)(name, text)
    }

    /// The protocol of that version.
    ///
    /// # Errors
    /// [`ContentError::Protocol`] when its text cannot be read, or the store's own.
    pub fn get(&self, view: &View<'_>, id: ProtocolVersionId) -> Result<Arc<Protocol>, StepError> {
        if let Some(found) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(found));
        }
        let (name, content) = view.protocol_content(id)?;
        let protocol = (self.read)(&name, &content).ok_or_else(|| {
            view.note_unread(
                "protocol_version",
                id.0,
                "the protocol as published cannot be read by this version",
            );
            StepError::Content(ContentError::Protocol(name))
        })?;
        let protocol = Arc::new(protocol);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&protocol));
        Ok(protocol)
    }
}

/// The series that a follow-up belongs to.
///
/// # Errors
/// [`ContentError::Protocol`] when that version does not have it.
pub(super) fn series_of<'p>(
    protocol: &'p Protocol,
    follow_up: &FollowUp,
) -> Result<&'p Series, ContentError> {
    protocol.series(&follow_up.series).ok_or_else(|| ContentError::Protocol(protocol.id.clone()))
}

//! The end of the audit chain as far as one transaction knows it.

use std::cell::RefCell;

/// The end of the chain as far as one transaction knows it. Forgotten whenever something is undone.
#[derive(Default)]
pub(in crate::store) struct ChainHead(pub(in crate::store) RefCell<Option<(i64, Vec<u8>)>>);

impl ChainHead {
    pub(in crate::store) fn forget(&self) {
        self.0.replace(None);
    }
}

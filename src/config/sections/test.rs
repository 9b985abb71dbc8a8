//! `[test]`: who may get a trial letter.

use crate::care::address::EmailAddress;
use crate::config::file::reader::Section;
use crate::config::file::values::{address, list};

/// What trials are allowed to do.
#[derive(Debug, Clone)]
pub struct Test {
    /// The only addresses `send-test` writes to.
    pub allow: Vec<EmailAddress>,
}

impl Test {
    /// Reads the section; left out, `send-test` may write to nobody.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Self {
        let allow = s.or("allow", Vec::new(), |v| list(v, address));
        s.close();
        Self { allow }
    }
}

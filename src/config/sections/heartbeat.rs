//! `[heartbeat]`: proof of life for a watcher outside the clinic.

use crate::care::address::EmailAddress;
use crate::config::file::addresses::url;
use crate::config::file::reader::Section;
use crate::config::file::values::address;

/// Where the daemon shows that it is alive; silence there is the alarm.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    /// Fetched every five minutes while all is well.
    pub url: Option<String>,
    /// Gets one letter a day.
    pub mail_to: Option<EmailAddress>,
}

impl Heartbeat {
    /// Reads the section; a key left out or faulty is `None`: nothing is shown there.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Self {
        let heartbeat = Self { url: s.may("url", url), mail_to: s.may("mail_to", address) };
        s.close();
        heartbeat
    }
}

//! `[heartbeat]`: proof of life for a watcher outside the clinic.

use jiff::civil::Time;

use crate::care::address::EmailAddress;
use crate::config::file::addresses::url;
use crate::config::file::reader::Section;
use crate::config::file::values::{address, list, time};

/// Where the daemon shows that it is alive; silence there is the alarm.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    /// Fetched every five minutes while all is well.
    pub url: Option<String>,
    /// Gets one letter a day.
    pub mail_to: Option<EmailAddress>,
    /// Each gets the daily digest; empty where nobody does.
    pub digest_to: Vec<EmailAddress>,
    /// From this time of the clinic's day on the digest leaves.
    pub digest_at: Time,
}

/// When the digest leaves where the clinic names no other time.
const DIGEST_AT: Time = Time::constant(7, 0, 0, 0);

impl Heartbeat {
    /// Reads the section; a key left out or faulty is `None`: nothing is shown there.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Self {
        let heartbeat = Self {
            url: s.may("url", url),
            mail_to: s.may("mail_to", address),
            digest_to: s.or("digest_to", Vec::new(), |v| list(v, address)),
            digest_at: s.or("digest_at", DIGEST_AT, time),
        };
        s.close();
        heartbeat
    }
}

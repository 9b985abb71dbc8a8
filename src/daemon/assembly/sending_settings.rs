//! What the configuration says of sending, as the journey needs it.

use std::time::Duration;

use crate::care::address::EmailAddress;
use crate::config::Config;
use crate::journey::sending_policy::Policy;

/// The clinic's decisions as the steps need them.
#[must_use]
pub fn policy(config: &Config) -> Policy {
    Policy {
        hours: config.sending.hours.clone(),
        zone: config.clinic.time_zone.clone(),
        detail: config.sending.detail,
        weekly_cap: config.sending.weekly_cap,
        daily_cap: config.sending.daily_cap,
        max_per_minute: config.sending.max_per_minute,
        unusual_volume: config.sending.unusual_volume,
        retry: config.sending.retry.clone(),
        give_up_after: config.sending.give_up_after,
        lease: LEASE,
        doubt_rests: config.sending.unknown_rests,
        from: (config.mail.from.name.clone(), config.mail.from.address.clone()),
        reply_to: config.mail.reply_to.clone(),
        own_addresses: own_addresses(config),
        leaflets: config.learn.leaflets.clone(),
        retention: config.retention,
        message_id_domain: config.mail.message_id_domain.clone(),
        public_url: Some(config.web.public_url.trim_end_matches('/').to_owned()).filter(|u| !u.is_empty()),
    }
}

/// Where mail to the clinic itself goes.
fn own_addresses(config: &Config) -> Vec<EmailAddress> {
    let rungs = config.alerts.ladder.iter().map(|rung| &rung.email);
    config.mail.reply_to.iter().chain([&config.mail.from.address]).chain(rungs).cloned().collect()
}

/// How long a worker may hold a letter: longer than all deadlines of the dialogues together that a connection has with it in hand
/// (its own, and those of two letters before it; each step ends after five times `mail.smtp.timeout`, and the final dot has
/// ten minutes on top). Whoever holds it longer keeps it: no lease takes a letter from a connection that lives.
pub const LEASE: Duration = Duration::from_secs(60 * 60);

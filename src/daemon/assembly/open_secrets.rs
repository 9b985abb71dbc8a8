//! Secrets whose files others than their owner may read. They work, and whoever runs the machine is told at each start and reload.

use crate::config::{Config, credential};

/// Says in the log which they are.
pub fn tell(config: &Config) {
    for secret in config.secrets() {
        if let Some(open) = credential::open_to_others(secret.name) {
            let (key, reason, hint) = (secret.key, open.problem(), open.hint());
            tracing::warn!(key, reason, hint, "a secret can be read by others than its owner");
        }
    }
}

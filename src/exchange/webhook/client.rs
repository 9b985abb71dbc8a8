//! Who makes the calls, and how they are signed.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::exchange::webhook::call::{DEADLINE, judge};
use crate::journey::alerts::webhook_calls::CallResult;
use crate::store::alerts::webhook_calls::Call;

/// Who makes calls. No Debug: it holds the key.
pub struct WebhookClient {
    agent: ureq::Agent,
    key: Vec<u8>,
}

impl WebhookClient {
    /// A caller that signs with that key.
    #[must_use]
    pub fn new(key: Vec<u8>) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(DEADLINE))
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self { agent: config.into(), key }
    }

    /// Makes one call, signed at `now`, which is when it is sent.
    pub(in crate::exchange::webhook) fn call(&self, call: &Call, now: Timestamp) -> CallResult {
        let second = now.as_second().to_string();
        let request = self
            .agent
            .post(&call.url)
            .header("Content-Type", "application/json")
            .header("X-Aftercare-Timestamp", &second)
            .header("X-Aftercare-Call", call.id.to_string())
            .header("X-Aftercare-Signature", self.sign(&second, &call.body));
        match request.send(call.body.as_str()) {
            Ok(reply) => judge(reply.status().as_u16()),
            // The words of a transport fault name hosts, never patients.
            Err(fault) => CallResult::Later(fault.to_string().chars().take(120).collect()),
        }
    }

    /// Hex of HMAC-SHA256 over `TIMESTAMP.BODY`.
    pub(in crate::exchange::webhook) fn sign(&self, second: &str, body: &str) -> String {
        // HMAC takes a key of any length, so this cannot fail; an empty mark would only be refused.
        Hmac::<Sha256>::new_from_slice(&self.key).map_or_else(
            |_| String::new(),
            |mut mac| {
                mac.update(format!("{second}.{body}").as_bytes());
                data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
            },
        )
    }
}

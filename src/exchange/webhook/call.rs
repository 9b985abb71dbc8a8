//! Signed calls to other systems, such as a pager gateway. The rows are the truth: each is tried with back-off until it
//! is taken, refused for good, or of no use any more. A call says case code, tier, link and alert, and nothing else (P10).
//! Each receiver has a lane of its own ([`Lanes`]): a slow or dead one keeps no other waiting.
//!
//! The receiver checks `X-Aftercare-Signature`: hex of HMAC-SHA256 over `TIMESTAMP.BODY` with the shared key, where the
//! timestamp is the second in `X-Aftercare-Timestamp`; and it drops what is older than a few minutes.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::journey::alerts::webhook_calls::CallResult;
use crate::store::alerts::webhook_calls::Call;

pub use crate::exchange::webhook::lanes::{Lanes, Round};

const DEADLINE: Duration = Duration::from_secs(10);

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
    fn sign(&self, second: &str, body: &str) -> String {
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

fn judge(status: u16) -> CallResult {
    let reply = format!("HTTP {status}");
    match status {
        200..=299 => CallResult::Taken(reply),
        400..=407 | 409..=424 | 426..=428 | 431..=499 => CallResult::Never(reply),
        _ => CallResult::Later(reply),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_what_any_tool_computes() {
        // printf '1000.{"alert":1}' | openssl dgst -sha256 -hmac key
        let made = WebhookClient::new(b"key".to_vec()).sign("1000", r#"{"alert":1}"#);
        assert_eq!(made, "365d5d0e3cfb44134cbd8af777d447c1e4028f08048982f9ef53a7226933b3ae");
    }

    #[test]
    fn only_a_plain_refusal_ends_a_call() {
        assert!(matches!(judge(204), CallResult::Taken(_)));
        for never in [400, 401, 404, 410] {
            assert!(matches!(judge(never), CallResult::Never(_)), "{never}");
        }
        for again in [302, 408, 425, 429, 500, 503] {
            assert!(matches!(judge(again), CallResult::Later(_)), "{again}");
        }
    }
}

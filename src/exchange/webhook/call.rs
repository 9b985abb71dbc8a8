//! Signed calls to other systems, such as a pager gateway. The rows are the truth: each is tried with back-off until it
//! is taken, refused for good, or of no use any more. A call says case code, tier, link and alert, or of a test alert rung,
//! code and link, and nothing else (P10).
//! Each receiver has a lane of its own ([`Lanes`](super::lanes::Lanes)): a slow or dead one keeps no other waiting.
//!
//! The receiver checks `X-Aftercare-Signature`: hex of HMAC-SHA256 over `TIMESTAMP.BODY` with the shared key, where the
//! timestamp is the second in `X-Aftercare-Timestamp`; and it drops what is older than a few minutes.

use std::time::Duration;

use crate::journey::alerts::webhook_calls::CallResult;

pub(in crate::exchange::webhook) const DEADLINE: Duration = Duration::from_secs(10);

pub(in crate::exchange::webhook) fn judge(status: u16) -> CallResult {
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
    use crate::exchange::webhook::client::WebhookClient;

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

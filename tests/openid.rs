//! Signing in through a real OpenID Connect provider on this machine: connecting an account, coming in, and everything that must
//! keep somebody out.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

#[path = "empty_database/mod.rs"]
mod empty_database;
#[path = "console/fixture.rs"]
#[expect(dead_code, reason = "made for more than this needs")]
mod fixture;
#[path = "console/http.rs"]
#[expect(dead_code, reason = "made for more than this needs")]
mod http;
#[path = "openid/browser.rs"]
mod browser;
#[path = "openid/check.rs"]
mod check;
#[path = "openid/connecting.rs"]
mod connecting;
#[path = "openid/hospital.rs"]
mod hospital;
#[path = "openid/provider.rs"]
mod provider;
#[path = "openid/signing_in.rs"]
mod signing_in;

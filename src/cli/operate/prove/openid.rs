//! Provers of `[openid]`: what it needs on this machine, what is to be registered at the provider, and with `--online` the
//! provider itself.

use std::sync::Arc;

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::clock::SystemClock;
use crate::exchange::openid::fault::OpenIdFault;
use crate::exchange::openid::provider::{OpenIdProvider, RETURN_PATH};

/// The client secret and the file of roots are there; and the redirect URI, for whoever registers the console.
pub(super) fn settings(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let Some(openid) = &config.openid else { return Vec::new() };
    let mut found = Vec::new();
    if let Some((ca, error)) = openid.ca_file.as_ref().and_then(|ca| Some((ca, std::fs::read(ca).err()?))) {
        let problem = format!("`{}` cannot be read: {error}", ca.display());
        found.push(context.fault_at("openid.ca_file", &problem, "make it readable for the service's user"));
    }
    let problem = format!("the redirect URI of this console is {}{RETURN_PATH}", config.web.console());
    let hint = "register it at the provider, letter by letter, for `openid.client_id`; fine if it stands there already";
    found.push(context.remark_at("openid.client_id", &problem, hint));
    found
}

/// With `--online`: fetches what the provider says of itself, and its keys.
pub(super) fn online(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = context.config.as_ref().filter(|_| context.online) else { return Vec::new() };
    let Some(openid) = &config.openid else { return Vec::new() };
    let provider = OpenIdProvider::new(openid, &config.web.console(), Arc::new(SystemClock));
    let Err(fault) = provider.probe() else { return Vec::new() };
    let key = match fault {
        OpenIdFault::Setup(_) => "openid.ca_file",
        OpenIdFault::ClientRefused(_) => "openid.client_id",
        OpenIdFault::Away(_)
        | OpenIdFault::OtherProvider(_)
        | OpenIdFault::CodeRefused
        | OpenIdFault::Unproved(_)
        | OpenIdFault::TooWeak => "openid.issuer",
    };
    vec![context.fault_at(key, &fault.to_string(), fault.hint())]
}

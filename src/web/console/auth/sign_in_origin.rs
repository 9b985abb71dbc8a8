//! Where a sign-in comes from, and what its browser is given when it worked.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::journey::link_key::LinkKey;
use crate::web::app_state::AppState;
use crate::web::client_address;
use crate::web::console::auth::attempt_limits::AttemptSource;
use crate::web::console::auth::cookie::{BrowserTransport, CookieLine};
use crate::web::listener::Peer;

/// Whose request it is, as far as that shows before anybody signs in.
pub(in crate::web::console) struct SignInOrigin {
    pub(in crate::web::console) headers: HeaderMap,
    pub(in crate::web::console) from: IpAddr,
    pub(in crate::web::console) transport: BrowserTransport,
}

impl SignInOrigin {
    pub(in crate::web::console) fn of(peer: Option<Peer>, headers: HeaderMap, app: &AppState) -> Self {
        let (deps, peer) = (&app.deps, peer.map(|Peer(peer)| peer));
        let behind = |peer| client_address::behind(peer, &headers, &deps.proxies);
        let network = peer.map_or(IpAddr::from([0, 0, 0, 0]), behind);
        let transport = BrowserTransport::for_new_cookie(peer, &headers, &deps.clinic.care.console_url);
        Self { headers, from: network, transport }
    }

    /// What its tries for that account are counted under.
    pub(super) fn attempt_source(&self, key: &LinkKey, account: &str) -> AttemptSource {
        let token = self.transport.device(&self.headers, &key.device_tag(account));
        match token.filter(|token| key.knows_device(account, token)) {
            Some(token) => AttemptSource::Device(token),
            None => self.network(),
        }
    }

    /// What its tries are counted under where nobody says which account is meant.
    pub(super) fn network(&self) -> AttemptSource {
        AttemptSource::Network(client_address::network(self.from))
    }

    /// What the browser of whoever signed in keeps: her session, and what lets it be known again.
    pub(super) fn welcome(&self, app: &AppState, token: &str, account: &str) -> Vec<CookieLine> {
        let (key, mut random) = (&app.deps.clinic.key, [0; 16]);
        app.deps.entropy.fill(&mut random);
        let known = self.transport.set_device(&key.device_tag(account), &key.device_token(account, &random));
        self.transport.set_session(token).into_iter().chain(known).collect()
    }
}

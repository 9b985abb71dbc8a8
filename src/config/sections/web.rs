//! `[web]`: where the patients' pages and the staff's console listen, and under which addresses they are reached.

use std::net::{IpAddr, SocketAddr};

use crate::config::file::addresses::{ip, origin, socket};
use crate::config::file::reader::Section;
use crate::config::file::values::list;

/// The two listeners and what links to them start with.
#[derive(Debug, Clone)]
pub struct Web {
    /// Where the patients' pages listen.
    pub listen: SocketAddr,
    /// What patients' links start with; no slash at the end.
    pub public_url: String,
    /// Where the console listens.
    pub console_listen: SocketAddr,
    /// Where staff reach the console, if not there itself; no slash at the end.
    pub console_url: Option<String>,
    /// Proxies whose word on the client's address is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Web {
    /// Reads the section; `None` when something it needs is missing or wrong, which has then been reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Option<Self> {
        let listen = s.need("listen", socket);
        let public_url = s.need("public_url", origin);
        let console_listen = s.need("console_listen", socket);
        let console_url = s.may("console_url", origin);
        let trusted_proxies = s.or("trusted_proxies", Vec::new(), |v| list(v, ip));
        if let (Some(public), Some(console)) = (listen, console_listen) {
            listeners(s, public, console);
        }
        s.close();
        let (listen, public_url, console_listen) = (listen?, public_url?, console_listen?);
        Some(Self { listen, public_url, console_listen, console_url, trusted_proxies })
    }

    /// What the links in alerts' letters start with.
    #[must_use]
    pub fn console(&self) -> String {
        self.console_url.clone().unwrap_or_else(|| format!("http://{}", self.console_listen))
    }
}

/// The console must have an address that staff can follow, and a port of its own.
fn listeners(s: &Section<'_, '_>, public: SocketAddr, console: SocketAddr) {
    let is_any = |at: SocketAddr| at.ip().is_unspecified();
    if public == console {
        let hint = "give the console a port of its own, reachable from inside the clinic only";
        s.fault("console_listen", "is the same as `web.listen`", hint);
    } else if public.port() == console.port() && (is_any(public) || is_any(console)) {
        let hint = "give the console a port of its own: `0.0.0.0` and `[::]` take the port at every address";
        s.fault("console_listen", "has the port of `web.listen`", hint);
    }
    if is_any(console) && !s.has("console_url") {
        let hint = "add `console_url`, e.g. `https://console.clinic.example`: letters to staff link to it";
        s.fault("console_listen", "is no address that a link can lead to", hint);
    }
}

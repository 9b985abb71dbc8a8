//! Parsers of where something is: listeners, proxies, hosts, web addresses.

use std::net::{IpAddr, SocketAddr};

use super::values::text;
use crate::config::file::reader::{SpannedValue, ValueFault, ValueResult};

/// The longest host name, in bytes (RFC 1035 §2.3.4).
const LONGEST_NAME: usize = 253;
/// The longest label of a host name, in bytes (RFC 1035 §2.3.4).
const LONGEST_LABEL: usize = 63;
/// Longer ones are cut by proxies and mail programs.
const LONGEST_URL: usize = 500;

/// An address to listen on, as `address:port`.
pub(in crate::config) fn socket(value: &SpannedValue<'_>) -> ValueResult<SocketAddr> {
    let written = text(value)?;
    let parsed = written.parse::<SocketAddr>().map_err(|_| {
        let hint = "write an IP address and a port: `127.0.0.1:8080` or `[::1]:8080`";
        ValueFault::new(value, format!("`{written}` is not an address to listen on"), hint)
    })?;
    if parsed.port() == 0 {
        return Err(ValueFault::new(
            value,
            "has port 0",
            "choose a fixed port, so that links and checks find it",
        ));
    }
    Ok(parsed)
}

/// The IP address of one machine.
pub(in crate::config) fn ip(value: &SpannedValue<'_>) -> ValueResult<IpAddr> {
    let written = text(value)?;
    let hint = "write one address, e.g. `10.0.0.2`; no network, no name, no port";
    let parsed: Option<IpAddr> = written.parse().ok();
    // Nobody calls from "any address".
    parsed.filter(|address| !address.is_unspecified()).ok_or_else(|| {
        ValueFault::new(value, format!("`{written}` is not an IP address of one machine"), hint)
    })
}

/// The name or IP address of a machine, without a port.
pub(in crate::config) fn host(value: &SpannedValue<'_>) -> ValueResult<String> {
    let written = text(value)?;
    if written.parse::<IpAddr>().is_ok() || is_name(&written) {
        return Ok(written);
    }
    let hint = "write the name alone, e.g. `smtp.clinic.example`; the port stands in `port`";
    let problem =
        if written.contains([':', '/']) { "is more than a name" } else { "is not the name of a machine" };
    Err(ValueFault::new(value, format!("`{written}` {problem}"), hint))
}

/// A host name (RFC 1123 §2.1; some clinics' own names hold an underscore).
fn is_name(name: &str) -> bool {
    let bare = name.strip_suffix('.').unwrap_or(name);
    let label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = bare.rsplit('.').next().unwrap_or_default();
    // "10.0.0.300" is an address with a slip, no name.
    bare.len() <= LONGEST_NAME && bare.split('.').all(label) && !last.bytes().all(|b| b.is_ascii_digit())
}

/// A web address in its parts.
struct Url<'t> {
    scheme: &'t str,
    host: &'t str,
    port: Option<&'t str>,
    /// From the first `/` or `?` on.
    tail: &'t str,
}

impl<'t> Url<'t> {
    fn cut(written: &'t str) -> Option<Self> {
        let (scheme, rest) = written.split_once("://")?;
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(at);
        let (host, port) = match authority.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((six, "")) => (six, None),
            Some((six, after)) => (six, Some(after.strip_prefix(':')?)),
            None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
        };
        Some(Self { scheme, host, port, tail })
    }

    fn is_sound(&self) -> bool {
        let odd = |c: char| c.is_whitespace() || "\"<>\\`{}@#".contains(c);
        let named = self.host.parse::<IpAddr>().is_ok() || is_name(self.host);
        named && !self.tail.contains(odd)
    }
}

/// An https address, or http to this very machine; without a slash at the end.
pub(in crate::config) fn url(value: &SpannedValue<'_>) -> ValueResult<String> {
    let written = text(value)?;
    let hint = "write `https://…`; plain http is for `http://127.0.0.1` only";
    let wrong =
        |problem: &str, hint: &str| Err(ValueFault::new(value, format!("`{written}` {problem}"), hint));
    let Some(url) = Url::cut(&written).filter(Url::is_sound) else {
        return wrong("is not a web address", hint);
    };
    if written.len() > LONGEST_URL {
        return wrong("is too long", "write at most 500 characters");
    }
    if url.port.is_some_and(|port| port.parse::<u16>().ok().is_none_or(|port| port == 0)) {
        return wrong("has a port that is none", "write a port from 1 to 65535, or none");
    }
    match url.scheme {
        "https" => Ok(written.trim_end_matches('/').to_owned()),
        "http" if is_loopback(url.host) => Ok(written.trim_end_matches('/').to_owned()),
        "http" => wrong("is not encrypted", hint),
        _ => wrong("is not a web address", hint),
    }
}

/// As [`url`], and nothing behind the host: our forms post to addresses from its root.
pub(in crate::config) fn origin(value: &SpannedValue<'_>) -> ValueResult<String> {
    let url = url(value)?;
    let tail = Url::cut(&url).map_or("", |url| url.tail);
    if tail.is_empty() {
        return Ok(url);
    }
    let hint =
        "write scheme, host and port only, e.g. `https://care.clinic.example`: pages stand at its root";
    Err(ValueFault::new(value, format!("`{url}` has a path or a query"), hint))
}

/// As [`url`], letter by letter as it is written: an issuer is compared so, a slash at its end included.
pub(in crate::config) fn issuer(value: &SpannedValue<'_>) -> ValueResult<String> {
    url(value)?;
    let written = text(value)?;
    if written.contains('?') {
        let hint = "write the issuer as the provider's discovery document has it";
        return Err(ValueFault::new(value, format!("`{written}` has a query"), hint));
    }
    Ok(written)
}

/// Whether a host is this very machine.
pub(in crate::config) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

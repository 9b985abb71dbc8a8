//! Whose request it is: the address that limits are counted by. A header is believed only from a trusted proxy.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// The client behind a connection: the peer itself, or, if the peer is a trusted proxy, the last address that is not a
/// trusted proxy too, in `X-Forwarded-For` or in `Forwarded` (RFC 7239). A proxy that writes the one may let the other through as
/// the visitor sent it: where they name different clients, neither is believed.
pub(super) fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|proxy| plain(*proxy) == plain(*address));
    if !trusted(&peer) {
        return plain(peer);
    }
    let client = |claimed: Vec<Option<IpAddr>>| {
        // What comes before nonsense was not written by our proxy.
        let mut written = claimed.into_iter().map_while(|address| address);
        written.find(|address| !trusted(address)).map_or(plain(peer), plain)
    };
    let [de_facto, standard] = claimed(headers).map(|claimed| claimed.map(&client));
    match (de_facto, standard) {
        (Some(one), Some(other)) if one != other => plain(peer),
        (one, other) => one.or(other).unwrap_or(plain(peer)),
    }
}

/// The addresses that are claimed under either name, the last first; nonsense is none.
fn claimed(headers: &HeaderMap) -> [Option<Vec<Option<IpAddr>>>; 2] {
    let lines = |name: &str| -> Vec<String> {
        let lines =
            headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
        lines.collect()
    };
    let parts = |name: &str, read: fn(&str) -> Option<IpAddr>| {
        let lines = lines(name);
        let parts = lines.iter().rev().flat_map(|line| line.rsplit(','));
        (!lines.is_empty()).then(|| parts.map(read).collect())
    };
    [parts("x-forwarded-for", address), parts("forwarded", |element| address(for_of(element)?))]
}

/// The `for` of one element of `Forwarded`, without its quotation marks.
fn for_of(element: &str) -> Option<&str> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let node = pairs
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
        .map(|(_, node)| node.trim())
        .next()?;
    Some(node.strip_prefix('"').and_then(|node| node.strip_suffix('"')).unwrap_or(node))
}

/// An address as proxies write it: alone, with a port, in brackets, with both.
fn address(written: &str) -> Option<IpAddr> {
    let written = written.trim();
    if let Ok(address) = written.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(socket) = written.parse::<SocketAddr>() {
        return Some(socket.ip());
    }
    let inside = written.strip_prefix('[')?.strip_suffix(']')?;
    inside.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

/// What counts as one client: an IPv4 address, or the /64 of an IPv6 address.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match plain(address) {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// An IPv4 address mapped into IPv6 counts as itself.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies: Vec<IpAddr> = proxies.iter().map(|p| p.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn a_header_is_believed_only_from_a_trusted_proxy() {
        assert_eq!(client("203.0.113.5", &["198.51.100.1"], &[]), "203.0.113.5");
        assert_eq!(client("203.0.113.5", &["198.51.100.1"], &["192.0.2.1"]), "203.0.113.5");
        assert_eq!(client("192.0.2.1", &["198.51.100.1"], &["192.0.2.1"]), "198.51.100.1");
        assert_eq!(client("::ffff:192.0.2.1", &["198.51.100.1"], &["192.0.2.1"]), "198.51.100.1");
    }

    #[test]
    fn what_a_client_wrote_itself_is_not_believed() {
        assert_eq!(client("192.0.2.1", &["1.1.1.1, 198.51.100.1"], &["192.0.2.1"]), "198.51.100.1");
        assert_eq!(
            client("192.0.2.1", &["1.1.1.1", "198.51.100.1, 192.0.2.2"], &["192.0.2.1", "192.0.2.2"]),
            "198.51.100.1"
        );
        assert_eq!(client("192.0.2.1", &["198.51.100.1, '; DROP"], &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &[], &["192.0.2.1"]), "192.0.2.1");
    }

    #[test]
    fn ports_and_brackets_are_no_nonsense() {
        for (claim, address) in [
            ("198.51.100.1:4711", "198.51.100.1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            (" 198.51.100.1 ", "198.51.100.1"),
            ("[::ffff:198.51.100.1]:80", "198.51.100.1"),
            ("198.51.100.1:99999", "192.0.2.1"),
            ("unknown", "192.0.2.1"),
            ("[198.51.100.1]", "192.0.2.1"),
        ] {
            assert_eq!(client("192.0.2.1", &[claim], &["192.0.2.1"]), address, "{claim}");
        }
        let chain = "203.0.113.9:1, [2001:db8::7]:443, 192.0.2.2:8080";
        assert_eq!(client("192.0.2.1", &[chain], &["192.0.2.1", "192.0.2.2"]), "2001:db8::7");
    }

    fn by_standard(lines: &[&str], de_facto: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("forwarded", line.parse().unwrap());
        }
        if let Some(line) = de_facto {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxy: IpAddr = "192.0.2.1".parse().unwrap();
        behind(proxy, &headers, &[proxy]).to_string()
    }

    #[test]
    fn the_standard_header_is_read_too_and_neither_where_they_differ() {
        for (line, address) in [
            ("for=198.51.100.1", "198.51.100.1"),
            ("For=\"[2001:db8::1]:4711\";proto=https", "2001:db8::1"),
            ("by=192.0.2.1;for=\"198.51.100.1:80\"", "198.51.100.1"),
            ("for=203.0.113.9, for=198.51.100.1", "198.51.100.1"),
            ("for=198.51.100.1, for=192.0.2.1", "198.51.100.1"),
            ("for=_hidden", "192.0.2.1"),
            ("for=198.51.100.1, proto=https", "192.0.2.1"),
        ] {
            assert_eq!(by_standard(&[line], None), address, "{line}");
        }
        // One of them the visitor wrote, and nobody knows which.
        assert_eq!(by_standard(&["for=203.0.113.9"], Some("198.51.100.1")), "192.0.2.1");
        assert_eq!(by_standard(&["for=203.0.113.9"], Some("nonsense")), "192.0.2.1");
        assert_eq!(by_standard(&["for=_hidden"], Some("198.51.100.1")), "192.0.2.1");
        assert_eq!(by_standard(&["for=198.51.100.1"], Some("1.1.1.1, 198.51.100.1:80")), "198.51.100.1");
        assert_eq!(by_standard(&["for=203.0.113.9", "for=198.51.100.1"], None), "198.51.100.1");
    }

    #[test]
    fn neighbours_in_one_sixty_four_are_one_client() {
        let of = |address: &str| network(address.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:203.0.113.5"), "203.0.113.5");
    }
}

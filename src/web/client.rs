//! Whose request it is: the address that limits are counted by. A header is believed only from a trusted proxy.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;

/// The client behind a connection: the peer itself, or, if the peer is a trusted proxy, the last address in
/// `X-Forwarded-For` that is not a trusted proxy too.
pub(super) fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|proxy| plain(*proxy) == plain(*address));
    if !trusted(&peer) {
        return plain(peer);
    }
    let lines = headers.get_all("x-forwarded-for").iter().rev().filter_map(|line| line.to_str().ok());
    let claimed = lines.flat_map(|line| line.rsplit(',')).map(|part| part.trim().parse::<IpAddr>());
    for address in claimed {
        match address {
            Ok(address) if trusted(&address) => {}
            Ok(address) => return plain(address),
            // What stands left of nonsense was not written by our proxy.
            Err(_) => break,
        }
    }
    plain(peer)
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

/// An IPv4 address that came in IPv6 clothes counts as itself.
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
    fn neighbours_in_one_sixty_four_are_one_client() {
        let of = |address: &str| network(address.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:203.0.113.5"), "203.0.113.5");
    }
}

//! What the server says it can do (EHLO keywords). lettre keeps only those it uses itself.

use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::response::Response;

/// The extensions that matter to us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::mail) struct Capabilities {
    /// Several commands in one go (RFC 2920).
    pub(in crate::mail) pipelining: bool,
    /// Whether `SIZE=` may be announced (RFC 1870).
    pub(in crate::mail) size: bool,
    /// The largest letter in bytes; `None` = no limit named.
    pub(in crate::mail) largest: Option<u64>,
    /// Ways to sign in, in the server's order.
    pub(in crate::mail) mechanisms: Vec<Mechanism>,
}

impl Capabilities {
    /// Reads the answer to EHLO.
    pub(in crate::mail) fn read(response: &Response) -> Self {
        let mut offers = Self::default();
        // The first line is the server's name.
        for line in response.message().skip(1) {
            let line = line.trim().to_ascii_uppercase().replace("AUTH=", "AUTH ");
            let mut words = line.split_whitespace();
            match words.next() {
                Some("PIPELINING") => offers.pipelining = true,
                Some("SIZE") => {
                    offers.size = true;
                    offers.largest = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
                }
                Some("AUTH") => offers.mechanisms.extend(words.filter_map(mechanism)),
                _ => {}
            }
        }
        offers
    }

    /// The sign-in mechanisms offered, as a fault names them; `none` without any.
    pub(in crate::mail) fn ways_to_sign_in(&self) -> String {
        let names: Vec<String> = self.mechanisms.iter().map(ToString::to_string).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

fn mechanism(word: &str) -> Option<Mechanism> {
    match word {
        "PLAIN" => Some(Mechanism::Plain),
        "LOGIN" => Some(Mechanism::Login),
        "XOAUTH2" => Some(Mechanism::Xoauth2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_whatever_their_case() {
        let text = "250-pipelining.example\r\n250-Pipelining\r\n250-SIZE 1000\r\n250-AUTH=login X-NEW\r\n250 auth XOAUTH2\r\n";
        let offers = Capabilities::read(&text.parse().unwrap());
        let mechanisms = vec![Mechanism::Login, Mechanism::Xoauth2];
        assert_eq!(offers, Capabilities { pipelining: true, size: true, largest: Some(1000), mechanisms });
    }

    #[test]
    fn a_server_called_pipelining_offers_nothing() {
        assert_eq!(Capabilities::read(&"250 PIPELINING\r\n".parse().unwrap()), Capabilities::default());
        let none = Capabilities::read(&"250-x\r\n250 SIZE 0\r\n".parse().unwrap());
        assert_eq!((none.size, none.largest), (true, None));
    }
}

//! What of a server's words may be kept (P10): in a reply and in a notice alike, nobody's address.

use crate::care::address::EmailAddress;

/// The words without addresses, control characters or more than 500 characters. The local part of `to` goes also where it
/// stands alone, since it is often a name.
pub(in crate::mail) fn without_address(words: &str, to: Option<&EmailAddress>) -> String {
    let local = to.and_then(|to| to.expose().split('@').next()).unwrap_or_default();
    let is_border = |c: char| c.is_whitespace() || c.is_control() || "<>\"'(),;:[]".contains(c);
    let mut clean = String::with_capacity(words.len());
    for piece in words.split_inclusive(is_border) {
        let token = piece.trim_end_matches(is_border);
        let bare = token.trim_end_matches('.');
        let hidden = token.contains('@') || (!local.is_empty() && bare.eq_ignore_ascii_case(local));
        clean.push_str(if hidden { "<address>" } else { token });
        clean.extend(
            piece
                .get(token.len()..)
                .unwrap_or_default()
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c }),
        );
    }
    clean.replace("<<address>>", "<address>").trim().chars().take(500).collect()
}

/// The words with the host alone of every address but `to`: whether a server speaks of her or of us is told by that, and nobody is
/// named (P10).
pub(in crate::mail) fn others_by_host(words: &str, to: &EmailAddress) -> String {
    let is_border = |c: char| c.is_whitespace() || "<>\"'(),;[]".contains(c);
    let is_hers = |piece: &str| {
        let address = piece.trim_end_matches(|c| is_border(c) || c == ':' || c == '.');
        address.eq_ignore_ascii_case(to.expose())
    };
    let named = words.split_inclusive(is_border).map(|piece| match piece.rsplit_once('@') {
        Some((_, host)) if !is_hers(piece) => host,
        Some(_) | None => piece,
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_and_no_local_part_is_kept() {
        let to = EmailAddress::parse("ana.b@x.example").unwrap();
        for (words, want) in [
            ("5.1.1 <ana.b@x.example>: unknown", "5.1.1 <address>: unknown"),
            ("user ana.b@x.example not here", "user <address> not here"),
            ("mailto:Ana.B@X.example", "mailto:<address>"),
            ("User Ana.B. is unknown", "User <address> is unknown"),
            ("a\r\nb\u{7}c", "a  b c"),
            ("other=40b@c", "<address>"),
        ] {
            assert_eq!(without_address(words, Some(&to)), want);
        }
        assert_eq!(without_address(&"ü".repeat(600), None).chars().count(), 500);
    }

    #[test]
    fn of_another_address_the_host_stays_and_of_hers_nothing() {
        let to = EmailAddress::parse("x@home.example").unwrap();
        for (words, left) in [
            ("550 Callout to <care@clinic.example> failed", "550 Callout to <clinic.example> failed"),
            ("550 <X@home.example>: no (care@clinic.example)", "550 <X@home.example>: no (clinic.example)"),
            ("x@home.example, no such user", "x@home.example, no such user"),
        ] {
            assert_eq!(others_by_host(words, &to), left);
            assert!(!without_address(&others_by_host(words, &to), Some(&to)).contains('@'), "{words}");
        }
    }
}

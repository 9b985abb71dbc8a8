//! What our own mail server found out about whoever a message says it is from (RFC 8601). Only what speaks against the sender is
//! heard: a field that says yes may have come with the message, one that says no harms nobody but whoever sent it.

use crate::mail::inbound::headers::HeaderFields;

/// Whether our server says that the message did not come from the domain it names: the topmost field is its own, for each server
/// writes above what was there before.
pub(in crate::mail::inbound) fn speaks_against(head: &HeaderFields) -> bool {
    head.value("authentication-results").is_some_and(is_disowned)
}

/// DMARC (RFC 7489) decides where it was asked; else a path that its domain forbids (SPF) and no signature that holds.
fn is_disowned(field: &str) -> bool {
    let found = results(field);
    let says = |method: &str, results: &[&str]| {
        found.iter().any(|(of, result)| of == method && results.contains(&result.as_str()))
    };
    !says("dmarc", &["pass"])
        && (says("dmarc", &["fail"]) || says("spf", &["fail", "hardfail"]) && !says("dkim", &["pass"]))
}

/// Methods and what they came to, in lower case. Microsoft leaves the name of its server out, so each piece is looked at.
fn results(field: &str) -> Vec<(String, String)> {
    let bare = without_comments(field).unwrap_or_else(|| field.to_owned()).to_ascii_lowercase();
    let one = |piece: &str| {
        let (method, rest) = piece.split_once('=')?;
        let method = method.split('/').next().unwrap_or_default().trim();
        let result = rest.split_whitespace().next()?;
        Some((method.to_owned(), result.to_owned()))
    };
    bare.split(';').filter_map(one).collect()
}

/// Comments stand in brackets (RFC 5322 §3.2.2) and may hold whatever the sender chose. `None` where one does not end: it would
/// swallow what follows.
fn without_comments(field: &str) -> Option<String> {
    let (mut bare, mut depth, mut is_quoted) = (String::with_capacity(field.len()), 0_usize, false);
    let mut letters = field.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '"' if depth == 0 => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth == 0 && !is_quoted => bare.push(letter),
            _ => {}
        }
    }
    (depth == 0 && !is_quoted).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_disowned_where_the_servers_own_check_says_so() {
        for (field, want) in [
            ("mx.clinic.example; dmarc=fail (p=REJECT) header.from=home.example", true),
            ("mx.clinic.example; dmarc=fail; spf=fail", true),
            ("mx.clinic.example 1; spf=fail smtp.mailfrom=x@home.example; dkim=none", true),
            ("mx.clinic.example; spf=hardfail; dkim=fail", true),
            (
                "spf=fail (sender IP is 192.0.2.9) smtp.mailfrom=home.example; dkim=none (message not signed); dmarc=fail action=none",
                true,
            ),
            ("mx.clinic.example; DMARC = FAIL", true),
            ("mx.clinic.example; dmarc=fail; x=\"; dmarc=pass\"", true),
            ("mx.clinic.example; dmarc=fail (; dmarc=pass (nested; dmarc=pass))", true),
            ("mx.clinic.example; spf=fail smtp.mailfrom=(@home.example; dmarc=fail", true),
            ("mx.clinic.example; dmarc=pass; spf=fail; dkim=pass", false),
            ("mx.clinic.example; spf=fail; dkim=pass header.d=home.example", false),
            ("mx.clinic.example; spf=softfail; dkim=none", false),
            ("mx.clinic.example; spf=pass (dmarc=fail; spf=fail)", false),
            ("mx.clinic.example; none", false),
            ("", false),
        ] {
            assert_eq!(is_disowned(field), want, "{field}");
        }
    }
}

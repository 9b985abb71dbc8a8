//! What a server said, without the names in it. An address or a host is made of whatever letters its owner chose
//! (`dkim@home.example`), so no rule may read it; and what stands around it belongs together (`User <address> unknown`).
//! Whose it is counts: in its place stands a mark.

use crate::care::refusal::envelope::Envelope;
use crate::care::refusal::sentence_marks::{HERS, HOST, IP, MARKS, OURS};

/// Words that a local part may be and a sentence needs.
const PLAIN_WORDS: &str = " a account address admin by client contact customer disabled domain email error exist for found full \
     here host hostmaster i in inbox info invalid is it known list local mail mailbox me member my name no not of our person \
     postmaster recipient relay sender server spam such support system test the this to unknown user users valid we webmaster \
     you your ";

/// Labels of hosts that are the name of a blocklist: they are what is said.
const LISTS: [&str; 24] = [
    "spamhaus",
    "spamcop",
    "barracudacentral",
    "barracudanetworks",
    "sorbs",
    "abuseat",
    "uceprotect",
    "spamrats",
    "mailspike",
    "invaluement",
    "backscatterer",
    "senderscore",
    "senderbase",
    "rbl",
    "dnsbl",
    "bl",
    "dbl",
    "sbl",
    "xbl",
    "zen",
    "pbl",
    "cbl",
    "ipcheck",
    "blacklist",
];

/// Ends of host names; two letters are a country, unless they are a word.
const TOP_DOMAINS: &str = " arpa biz cloud com coop edu email example gov health host info int internal invalid jobs lan local \
     localdomain mail med mil mobi name net online onmicrosoft org pro shop site test tv xyz ";
/// Countries whose two letters are a word: a full stop without a space behind it makes no host.
const WORDS_OF_TWO: &str =
    " am an as at be by do go he id if in is it la me my no of on or pm so to tv up us we ";

/// What was said, in lower case and one line, with marks in the places of names.
pub(in crate::care::refusal) fn read(words: &str, envelope: Envelope<'_>) -> String {
    let lower = words.to_lowercase();
    let line: String =
        lower.chars().filter(|c| !MARKS.contains(c)).map(|c| if c == '’' { '\'' } else { c }).collect();
    let mut text = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(first) = rest.chars().next() {
        let length = run(rest);
        let (word, after) = rest.split_at(if length == 0 { first.len_utf8() } else { length });
        let (name, tail) = if length == 0 { (word, "") } else { trimmed(word) };
        let is_quoted = is_name_in_quotes(name, &text, after);
        text.push_str(&if is_quoted { HERS.to_string() } else { replaced(name, &text, envelope) });
        text.push_str(tail);
        rest = after;
    }
    let text = without_empty_brackets(&text);
    if text.contains(OURS) { without_heading(&text) } else { text }
}

/// How long the word is that the text begins with: an address, a host, a link are one.
fn run(text: &str) -> usize {
    let is_link = text.starts_with("http://") || text.starts_with("https://");
    let goes_on = |c: char| match is_link {
        true => !c.is_whitespace() && !"<>()[]\"'".contains(c),
        false => c.is_alphanumeric() || "@._%+-=&~".contains(c),
    };
    text.find(|c| !goes_on(c)).unwrap_or(text.len())
}

/// `Mailbox "ana" does not exist`: what a server calls her need not be what we wrote to.
fn is_name_in_quotes(word: &str, before: &str, after: &str) -> bool {
    let Some(head) = before.strip_suffix(['"', '\'', '`']) else { return false };
    let subject = head.trim_end().rsplit(' ').next().unwrap_or_default();
    let is_subject = matches!(subject, "mailbox" | "user" | "recipient" | "account" | "address" | "alias");
    let is_closed = after.starts_with(['"', '\'']);
    is_subject && is_closed && !PLAIN_WORDS.contains(&format!(" {word} "))
}

fn trimmed(word: &str) -> (&str, &str) {
    let name = word.trim_end_matches(['.', '-', '_', '=', ',', ';', ':', '+', '&']);
    word.split_at(name.len())
}

/// A word, or the mark in its place. Numbers of hosts and names of blocklists stay behind theirs.
fn replaced(word: &str, before: &str, envelope: Envelope<'_>) -> String {
    let is_address = word.len() > 1 && (word.contains('@') || word.contains("%40") || word.contains("=40"));
    let is_hidden = word == "address" && before.ends_with('<');
    let is_name = envelope.is_her_name(word) && !PLAIN_WORDS.contains(&format!(" {word} "));
    match word {
        _ if word.starts_with("http://") || word.starts_with("https://") => link(word).to_owned(),
        _ if is_address && envelope.is_ours(word) => OURS.to_string(),
        _ if is_address || is_hidden || is_name => HERS.to_string(),
        _ if is_ip(word) => format!("{IP}{word}"),
        _ if !is_host(word) && !envelope.is_her_host(word) => word.to_owned(),
        _ if envelope.is_our_host(word) => OURS.to_string(),
        _ if envelope.is_her_host(word) || envelope.may_be_hers(before) => HERS.to_string(),
        _ if word.split('.').any(|label| LISTS.contains(&label)) => format!("{HOST}{word}"),
        _ => HOST.to_string(),
    }
}

/// A link explains; only a blocklist's, or a tester's of SPF, says something by itself, and whose address of the network it is
/// that it explains.
fn link(word: &str) -> &str {
    let mut parts = word.split(['/', '.', ':']);
    let says =
        parts.any(|part| LISTS.contains(&part)) || word.contains("/why?") || word.contains("dnsbl-lookup");
    match () {
        () if word.contains('@') => "http",
        () if says => word,
        () if word.contains("?ip=") => "http?ip=",
        () => "http",
    }
}

fn is_ip(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    parts.clone().count() == 4 && parts.all(is_number)
}

fn is_host(word: &str) -> bool {
    let Some((front, top)) = word.rsplit_once('.') else { return false };
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    let is_country = top.len() == 2 && top.bytes().all(|b| b.is_ascii_lowercase());
    let is_top = match is_country {
        true => front.contains('.') || !WORDS_OF_TWO.contains(&format!(" {top} ")),
        false => TOP_DOMAINS.contains(&format!(" {top} ")),
    };
    is_top && front.split('.').all(is_label)
}

/// "`<her address>`: Recipient address rejected:" only heads a sentence that speaks of us.
fn without_heading(text: &str) -> String {
    text.replacen(&format!("{HERS}:"), ":", 1).replace("recipient address rejected:", ":")
}

/// Brackets and quotes around a name go with it.
fn without_empty_brackets(text: &str) -> String {
    let mut text = text.to_owned();
    for mark in MARKS {
        for (open, close) in [
            ('<', '>'),
            ('"', '"'),
            ('\'', '\''),
            ('`', '\''),
            ('“', '”'),
            ('«', '»'),
            ('(', ')'),
            ('[', ']'),
        ] {
            text = text.replace(&format!("{open}{mark}{close}"), &mark.to_string());
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::refusal::sentence_marks::plain;

    const ENVELOPE: Envelope<'_> = Envelope {
        to: Some("dkim@home.example"),
        from: [Some("care@riverside.example"), Some("bounce+1@riverside.example")],
    };

    fn marked(words: &str) -> String {
        read(words, ENVELOPE)
    }

    #[test]
    fn names_give_way_to_marks_and_what_stands_around_them_is_joined() {
        for (words, text, joined) in [
            ("<dkim@home.example>: User unknown", "†: user unknown", ": user unknown"),
            ("User <dkim@home.example> unknown", "user † unknown", "user unknown"),
            ("User \"dkim\" unknown", "user † unknown", "user unknown"),
            ("Domain home.example does not exist", "domain † does not exist", "domain does not exist"),
            ("<care@riverside.example>: no", "‡: no", ": no"),
            ("<dkim@home.example>: no ‡", "†: no", ": no"),
            (
                "<dkim@home.example>: callout to <care@riverside.example> failed",
                ": callout to ‡ failed",
                ": callout to failed",
            ),
            ("mail.riverside.example: no", "‡: no", ": no"),
            ("host mx.spf.net[192.0.2.9] said", "host ¤[¶192.0.2.9] said", "host [192.0.2.9] said"),
            ("by zen.spamhaus.org", "by ¤zen.spamhaus.org", "by zen.spamhaus.org"),
            ("see https://help.example/dkim?u=dkim@home.example", "see http", "see http"),
            (
                "RESOLVER.ADR.RecipNotFound; no",
                "resolver.adr.recipnotfound; no",
                "resolver.adr.recipnotfound; no",
            ),
            ("not here.If you", "not here.if you", "not here.if you"),
        ] {
            assert_eq!((marked(words).as_str(), plain(&marked(words)).as_str()), (text, joined), "{words}");
        }
    }

    #[test]
    fn a_local_part_that_is_a_plain_word_stays_a_word() {
        let envelope = Envelope { to: Some("user@home.example"), ..ENVELOPE };
        assert_eq!(read("User unknown", envelope), "user unknown");
    }

    #[test]
    fn of_two_at_one_provider_only_the_address_tells_whose_it_is() {
        let from = [Some("clinic@big.example"), None];
        let envelope = Envelope { to: Some("ana@big.example"), from };
        let words = "clinic@big.example ana@big.example other@big.example mx.big.example";
        assert_eq!(read(words, envelope), "‡ † † †");
    }
}

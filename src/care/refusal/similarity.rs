//! When several people in a row are refused in the same words, the words are not about them.

use std::collections::BTreeSet;

/// So many people refused alike in a row are not a coincidence.
pub const IN_A_ROW: usize = 3;

/// So many of one domain, where each is said to have no mailbox: three dead addresses at one large provider are possible, and
/// it has the same words for each.
pub const DEAD_IN_A_ROW: usize = 5;

/// What two refusals have in common: the code, and the words without what changes from one to the next (addresses, names of
/// hosts, numbers, punctuation).
#[must_use]
pub fn likeness(code: u16, words: &str) -> String {
    let mut alike = code.to_string();
    for word in words.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let changes = bare.chars().any(|c| c.is_ascii_digit() || "@./:=".contains(c));
        let is_status = is_status(bare);
        if is_status || !(bare.is_empty() || changes || bare == "address") {
            alike.push(' ');
            alike.push_str(&bare.to_ascii_lowercase());
        }
    }
    alike
}

fn is_status(word: &str) -> bool {
    let mut parts = word.split('.');
    let small =
        |part: Option<&str>| part.is_some_and(|p| p.len() <= 3 && p.bytes().all(|b| b.is_ascii_digit()));
    small(parts.next()) && small(parts.next()) && small(parts.next()) && parts.next().is_none()
}

/// What the refusals of a run said of the mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClaim {
    /// That there are none: within one domain it takes [`DEAD_IN_A_ROW`] of them.
    NoMailbox,
    /// Anything else: [`IN_A_ROW`] are always enough.
    Other,
}

/// Whether a run of refusals in the same words, with no letter accepted between, is about us.
/// `mailboxes` are the addresses refused.
#[must_use]
pub fn is_about_us<'a>(mailboxes: impl IntoIterator<Item = &'a str>, claim: RefusalClaim) -> bool {
    let mailboxes: BTreeSet<String> = mailboxes.into_iter().map(str::to_ascii_lowercase).collect();
    let domains: BTreeSet<&str> =
        mailboxes.iter().filter_map(|mailbox| Some(mailbox.rsplit_once('@')?.1)).collect();
    let enough = match claim {
        RefusalClaim::NoMailbox if domains.len() < 2 => DEAD_IN_A_ROW,
        RefusalClaim::NoMailbox | RefusalClaim::Other => IN_A_ROW,
    };
    mailboxes.len() >= enough
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_from_one_recipient_to_the_next_does_not_count() {
        let one = likeness(550, "5.7.1 <address>: Rejected by mx1.relay.example (id 4Fz9-33)");
        let two = likeness(550, "5.7.1 <address>: Rejected by mx2.relay.example (id 8Kq1-02)");
        assert_eq!(one, two);
        assert_ne!(one, likeness(550, "5.7.2 <address>: Rejected by mx2.relay.example (id 8Kq1-02)"));
        assert_ne!(one, likeness(554, "5.7.1 <address>: Rejected by mx2.relay.example (id 8Kq1-02)"));
        assert_ne!(one, likeness(550, "5.7.1 <address>: Refused by mx2.relay.example (id 8Kq1-02)"));
    }

    #[test]
    fn three_people_are_enough_unless_one_domain_says_that_none_of_them_exists() {
        let here = ["a@one.example", "b@one.example", "c@one.example", "d@one.example", "e@one.example"];
        for (claim, enough) in [(RefusalClaim::Other, 3), (RefusalClaim::NoMailbox, 5)] {
            for count in 0..=5 {
                assert_eq!(is_about_us(here[..count].to_vec(), claim), count >= enough, "{claim:?} {count}");
            }
        }
        assert!(is_about_us(["a@one.example", "b@one.example", "c@two.example"], RefusalClaim::NoMailbox));
        assert!(
            !is_about_us(["a@one.example", "A@ONE.example", "c@two.example"], RefusalClaim::Other),
            "one twice"
        );
    }
}

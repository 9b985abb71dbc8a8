//! The words that RFC 5321 §4.2.3 gives to the codes 450 and 550. Some services open every refusal with them, whatever it is
//! for, and say the reason behind them.

/// The words, in lower case.
const FORMULAS: [&str; 3] = [
    "requested action not taken: mailbox unavailable",
    "requested mail action not taken: mailbox unavailable",
    "requested mail action aborted: mailbox unavailable",
];
/// Where a service explains itself: nothing behind is a reason.
const EXPLAINS: [&str; 8] =
    ["for explanation", "for more", "for further", "for details", "please ", "see http", "visit ", "http"];
/// So many words behind the formula are a reason.
const FEWEST: usize = 2;

/// What of the words tells the reason: all of them, unless more stands behind the formula.
pub(super) fn reason(lower: &str) -> &str {
    let rest = FORMULAS.iter().find_map(|formula| Some(lower.split_once(formula)?.1));
    rest.filter(|rest| tells(rest)).unwrap_or(lower)
}

fn tells(rest: &str) -> bool {
    let own = rest.trim_start_matches(['.', ':', ';', ' ', '-']);
    let end = EXPLAINS.iter().filter_map(|sign| own.find(sign)).min().unwrap_or(own.len());
    let own = outside_brackets(own.get(..end).unwrap_or(own));
    let is_word = |word: &&str| word.len() > 2 && word.chars().all(|c| c.is_alphabetic() || c == '-');
    // "mailbox unavailable or not local" goes on with the same thought.
    !own.starts_with("or ") && own.split([' ', ',', '.', ':']).filter(is_word).count() >= FEWEST
}

/// Numbers of a case and names of hosts stand in brackets.
pub(super) fn outside_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let mut outside = String::new();
    for c in text.chars() {
        match c {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' | '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_is_the_reason_only_where_nothing_else_is() {
        let formula = "requested action not taken: mailbox unavailable";
        for (rest, is_reason) in [
            ("", false),
            (" for explanation visit https://postmaster.example/case?c=r1", false),
            (" (s2017062302). [srv1.eop.example]", false),
            (". [srv1.example 2026-11-27t08:00:00.000z 08de]", false),
            (" or not local", false),
            (" (e.g., mailbox not found, no access)", false),
            (" reject due to policy restrictions. for explanation visit https://postmaster.example", true),
            (" sender address is not allowed.", true),
            (" invalid dns mx or a/aaaa resource record", true),
            (". user unknown", true),
        ] {
            let said = format!("{formula}{rest}");
            assert_eq!(reason(&said) == rest, is_reason && !rest.is_empty(), "{said}");
        }
        assert_eq!(reason("user unknown"), "user unknown");
    }
}

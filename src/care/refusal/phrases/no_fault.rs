//! What servers say beside the reason and mean as no fault: that a test of ours was passed, that nobody needs to sign in.

/// Tests of whoever writes (RFC 7208, RFC 6376, RFC 7489, RFC 8617).
const METHODS: [&str; 4] = ["spf", "dkim", "dmarc", "arc"];
/// What stands between a test and how it ended.
const JOINTS: [&str; 8] = ["=", ":", ": ", " ", " check ", " check: ", " is ", " has "];
/// That it was passed.
const PASSED: [&str; 4] = ["passed", "passes", "pass", "ok"];
/// That there was nothing to test: no fault beside a DMARC that was passed.
const NOT_TESTED: [&str; 2] = ["none", "neutral"];
/// Behind these it is what is missing.
const DEMANDS: [&str; 9] =
    ["no", "not", "without", "requires", "require", "required", "needs", "need", "must"];
/// Words that sound like a fault of ours, and what they say without it.
const PHRASES: [(&str, &str); 14] = [
    ("greylisting passed", ""),
    ("spf is valid", ""),
    ("dkim is valid", ""),
    ("dmarc report", ""),
    ("dmarc reports", ""),
    ("no authentication required", ""),
    ("no authentication needed", ""),
    ("authentication not required", ""),
    ("authentication not needed", ""),
    ("authentication is not required", ""),
    ("authentication is not needed", ""),
    ("spam trap or unknown", "unknown"),
    ("unknown user or spam trap", "unknown user"),
    ("user unknown or spam trap", "user unknown"),
];

/// What was said without it.
pub(super) fn without(lower: &str) -> String {
    let mut text = lower.to_owned();
    let is_passed = strip(&mut text, &["dmarc"], &PASSED);
    strip(&mut text, &METHODS, &PASSED);
    if is_passed {
        strip(&mut text, &METHODS, &NOT_TESTED);
    }
    PHRASES.iter().fold(text, |text, (from, to)| replaced(&text, from, to))
}

/// Takes each method that ended so out of the text; whether there was one.
fn strip(text: &mut String, methods: &[&str], ends: &[&str]) -> bool {
    let before = text.len();
    for method in methods {
        for (joint, end) in JOINTS.iter().flat_map(|joint| ends.iter().map(move |end| (joint, end))) {
            *text = replaced(text, &format!("{method}{joint}{end}"), "");
        }
    }
    text.len() < before
}

/// The text with other words in the place of a sign, wherever it stands as whole words.
fn replaced(text: &str, sign: &str, by: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(sign) {
        let is_border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let is_whole = is_border(before.chars().next_back()) && is_border(after.chars().next());
        let last = before.split_whitespace().next_back().unwrap_or_default();
        let is_whole = is_whole && !DEMANDS.contains(&last);
        clean.push_str(before);
        clean.push_str(if is_whole { by } else { sign });
        rest = after;
    }
    clean + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_passed_is_no_fault_and_what_failed_stays() {
        for (said, left) in [
            ("no such user (spf pass, dkim pass)", "no such user (, )"),
            ("spf=pass dkim=none dmarc=pass", "  "),
            ("spf=pass dkim=none", " dkim=none"),
            ("spf=fail dkim=pass", "spf=fail "),
            ("does not pass spf", "does not pass spf"),
            ("spf passport", "spf passport"),
            ("this server requires spf pass", "this server requires spf pass"),
            ("no spf pass", "no spf pass"),
            ("unknown user, authentication not needed", "unknown user, "),
            ("5.1.1 spam trap or unknown user", "5.1.1 unknown user"),
        ] {
            assert_eq!(without(said), left, "{said}");
        }
    }
}

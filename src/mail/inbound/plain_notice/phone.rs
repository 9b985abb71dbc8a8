//! Telephone numbers in what a server sends back stand in the letter it returns: none of their digits is a reply.

/// So many digits make a number that is called.
const FEWEST: usize = 7;
/// So many groups of digits one behind the other are a number that is called: a reply is one, and a status behind it.
const GROUPS: usize = 3;

/// The text without telephone numbers, line by line.
pub(super) fn without(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn line(line: &str) -> String {
    let words: Vec<&str> = line.split_inclusive(' ').collect();
    let mut kept = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let run = words.iter().skip(at).take_while(|word| is_part(word.trim())).count();
        let number = words.get(at..at + run).unwrap_or_default().concat();
        if run > 0 && is_called(&number) {
            kept.push(' ');
            at += run;
        } else {
            let count = run.max(1);
            let plain = if run > 0 { number } else { (*word).to_owned() };
            kept.push_str(&plain);
            at += count;
        }
    }
    kept
}

/// Digits and what parts them; a status has groups of three digits at most and two dots.
fn is_part(word: &str) -> bool {
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    let is_status = |piece: &str| {
        let groups: Vec<&str> = piece.split('.').collect();
        groups.len() == 3 && groups.iter().all(|group| (1..=3).contains(&group.len()))
    };
    let is_told = word.split(['-', '(', ')']).any(is_status);
    let is_host = word.split('.').count() > 3;
    has_digit && !is_told && !is_host && word.chars().all(|c| c.is_ascii_digit() || "()+-./".contains(c))
}

fn is_called(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let groups = number.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).count();
    digits >= FEWEST && (groups >= GROUPS || number.trim_start().starts_with(['+', '(', '0']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_to_call_go_and_replies_stay() {
        for number in ["+1 530 555 0100", "(530) 555-0100", "530-555-0100", "530.555.0100", "0550 555 0100"] {
            assert_eq!(
                line(&format!("Call {number} now")).split_whitespace().collect::<Vec<_>>(),
                ["Call", "now"]
            );
        }
        for reply in [
            "550 5.7.133 no",
            "550-5.1.1 no",
            "550-5.7.133 no",
            "451 4.7.500 from 192.0.2.9",
            "550 1234567 queued",
            "5.1.1",
        ] {
            assert_eq!(line(reply), reply);
        }
    }
}

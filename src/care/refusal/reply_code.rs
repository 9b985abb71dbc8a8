//! The basic reply code (RFC 5321 §4.2) in words that a person or a program wrote around it. Three digits are one where a reply
//! begins: at the beginning, behind a mark or behind a word that announces one, or before a status. A street, a telephone number or
//! a room is none.

/// Words behind which a server quotes a reply.
const ANNOUNCE: &str = " a and antwort antwortete antwoordde code codigo código dsn error erreur errore esmtp fehler fehlercode fel fout got is kod kode lmtp mit reply      replied réponse respuesta response responded result returned said sagte says server smtp status the via was with ошибка ошибкой ";
/// Behind such a number a street begins, not a reply.
const STREETS: &str = " street st road rd avenue ave av boulevard blvd lane drive square suite floor way place hospital clinic calle      avenida rue minutes ";

/// The code of a refusal, the first one.
#[must_use]
pub fn find(words: &str) -> Option<u16> {
    let all = words.char_indices().filter(|(_, letter)| matches!(letter, '4' | '5'));
    all.filter(|(at, _)| stands_at(words, *at)).find_map(|(at, _)| words.get(at..at + 3)?.parse().ok())
}

/// Whether a code of that class, 4 or 5, stands in words.
#[must_use]
pub fn has(words: &str, class: char) -> bool {
    words.match_indices(class).any(|(at, _)| stands_at(words, at))
}

/// Whether a reply begins at that place.
fn stands_at(words: &str, at: usize) -> bool {
    let (before, rest) = (words.get(..at).unwrap_or_default(), words.get(at..).unwrap_or_default());
    let is_three = rest.get(..3).is_some_and(|code| code.bytes().all(|b| b.is_ascii_digit()));
    let behind = rest.get(3..).unwrap_or_default();
    is_three
        && is_bare(before, behind)
        && is_announced(before, behind)
        && !is_number(behind)
        && !is_street(behind)
}

/// Whether no part of a number, a name or a word stands on either side.
fn is_bare(before: &str, behind: &str) -> bool {
    let borders = |c: char| c.is_whitespace() || "()[]#;:,<>\"'-=".contains(c);
    before.chars().next_back().is_none_or(borders)
        && !before.trim_end().ends_with(|c: char| c.is_ascii_digit() || c == '+')
        && behind.chars().next().is_none_or(|c| borders(c) || c == '.')
}

fn is_announced(before: &str, behind: &str) -> bool {
    let head = before.trim_end();
    let is_joined = head.len() == before.len() && head.strip_suffix('-').is_some_and(ends_with_word);
    let word = head.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    let is_marked = !ends_with_word(head);
    let announces = ANNOUNCE.contains(&format!(" {} ", word.to_lowercase()));
    let is_before_status = behind.get(1..).is_some_and(begins_with_status);
    !is_joined && (is_marked || announces || is_before_status)
}

fn ends_with_word(text: &str) -> bool {
    text.ends_with(char::is_alphanumeric)
}

fn begins_with_status(text: &str) -> bool {
    let word = text.trim_start().split(|c: char| c.is_whitespace() || ":;,".contains(c)).next();
    word.is_some_and(|word| super::status::EnhancedStatus::parse(word).is_some())
}

/// Whether the next word is a number too long for a code.
fn is_number(behind: &str) -> bool {
    let mut words = behind.split([' ', '\t', ':', '-', '<', '#', '\'', '"', '(', ')', ',', ';', '.']);
    let next = words.find(|word| !word.is_empty()).unwrap_or_default();
    next.len() > 3 && next.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the first words behind a number are those of a street.
fn is_street(behind: &str) -> bool {
    let words = behind.split_whitespace().map(|word| word.trim_end_matches([',', '.', ';']));
    let is_one = |word: &str| STREETS.contains(&format!(" {} ", word.to_lowercase()));
    behind.starts_with(' ') && words.take(3).any(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_where_a_reply_begins_and_no_other_number_is_one() {
        for (words, code) in [
            ("550 User unknown", Some(550)),
            ("smtp; 550-5.1.1 no", Some(550)),
            ("smtp;550 no", Some(550)),
            ("host mx.home.example[192.0.2.9] said: 452 4.2.2 full", Some(452)),
            ("Remote Server returned '550 5.1.10 x'", Some(550)),
            ("SMTP error 550", Some(550)),
            ("<<< 421 busy", Some(421)),
            ("#550 no", Some(550)),
            ("the server replied 554 no", Some(554)),
            ("нет 550 5.1.1 no", Some(550)),
            ("554: delivery error: dd This user doesn't have an account", Some(554)),
            ("unknown user 412", None),
            ("mailbox 555 unknown", None),
            ("ward-412 has no mailbox", None),
            ("550 Hospital Road", None),
            ("Call us on +1 530 555 0100", None),
            ("You have 550 minutes", None),
            ("192.0.2.550", None),
            ("5501 queued", None),
            ("", None),
        ] {
            let found = find(words);
            assert_eq!(found, code, "{words}");
            assert_eq!(found.is_some(), has(words, '4') || has(words, '5'), "{words}");
        }
    }
}

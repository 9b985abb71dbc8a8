//! A template in another language: its texts, the words in its code and the attributes that are read are replaced; code and tags
//! stay as they are, so that no page has two sources.

use super::literal;
use super::segment::segments;
use super::token::{Token, TokenKind, around_code, code_end, tokens};

/// Attributes that a reader sees or hears.
const READ: [&str; 8] = [
    " title=\"",
    " aria-label=\"",
    " placeholder=\"",
    " alt=\"",
    " label=\"",
    " data-gone=\"",
    " data-stale=\"",
    " data-more=\"",
];

/// What gives a text of the catalog its words.
pub(super) trait Words {
    /// The words for a text of the template; `None` leaves it as it is.
    fn of(&mut self, key: &str) -> Option<String>;
}

/// The source with every text replaced.
pub(super) fn translated(source: &str, words: &mut impl Words) -> String {
    let tokens = tokens(source);
    let mut page = String::new();
    let mut next = 0;
    for segment in segments(&tokens) {
        tokens[next..segment.start].iter().for_each(|token| page.push_str(&code(*token, words)));
        page.push_str(&text(&tokens[segment.clone()], words));
        next = segment.end;
    }
    tokens[next..].iter().for_each(|token| page.push_str(&code(*token, words)));
    page
}

/// A text by which the catalog knows it: white space is one space, and a tag is its name.
pub(super) fn key(tokens: &[Token<'_>]) -> String {
    let text: String = tokens.iter().map(short).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn short(token: &Token<'_>) -> String {
    match token.kind {
        TokenKind::Open | TokenKind::Empty => format!("<{}>", token.name()),
        TokenKind::Close => format!("</{}>", token.name()),
        _ => token.source.to_owned(),
    }
}

fn text(found: &[Token<'_>], words: &mut impl Words) -> String {
    let whole: String = found.iter().map(|token| token.source).collect();
    let Some(said) = words.of(&key(found)) else { return whole };
    let bare = whole.trim();
    let (before, after) = (whole.len() - whole.trim_start().len(), whole.trim_start().len() - bare.len());
    let mut tags: Vec<&Token<'_>> =
        found.iter().filter(|t| matches!(t.kind, TokenKind::Open | TokenKind::Empty)).collect();
    let said: String = tokens(&said).iter().map(|token| with_tag(token, &mut tags, words)).collect();
    format!("{}{said}{}", &whole[..before], &whole[whole.len() - after..])
}

/// A tag of the words as the template has it: the first that is left of its name.
fn with_tag(token: &Token<'_>, tags: &mut Vec<&Token<'_>>, words: &mut impl Words) -> String {
    let found = matches!(token.kind, TokenKind::Open | TokenKind::Empty)
        .then(|| tags.iter().position(|tag| tag.name() == token.name()))
        .flatten();
    found.map_or_else(|| token.source.to_owned(), |at| attributes(tags.remove(at).source, words))
}

/// Code and tags between the texts.
fn code(token: Token<'_>, words: &mut impl Words) -> String {
    match token.kind {
        TokenKind::Expression | TokenKind::Choice => literals(token.source, words),
        TokenKind::Wall if token.source.starts_with("{%") => literals(token.source, words),
        TokenKind::Text => token.source.to_owned(),
        _ if token.source.starts_with("{#") => String::new(),
        _ => attributes(token.source, words),
    }
}

fn literals(code: &str, words: &mut impl Words) -> String {
    let mut said = String::new();
    let mut from = 0;
    for at in literal::seen(code) {
        said.push_str(&code[from..at.start]);
        said.push_str(&padded(&code[at.clone()], words));
        from = at.end;
    }
    said + &code[from..]
}

/// The words for a text, with the white space around it kept.
fn padded(text: &str, words: &mut impl Words) -> String {
    let bare = text.trim();
    let said = words.of(&bare.split_whitespace().collect::<Vec<_>>().join(" "));
    said.map_or_else(|| text.to_owned(), |said| text.replacen(bare, &said, 1))
}

/// A tag with the attributes that are read in other words.
fn attributes(tag: &str, words: &mut impl Words) -> String {
    let mut said = String::new();
    let mut rest = tag;
    while let Some(open) = READ.iter().filter_map(|name| rest.find(name).map(|at| at + name.len())).min() {
        let close = value_end(&rest[open..]);
        let value = &rest[open..open + close];
        said.push_str(&literals_outside(&rest[..open], words));
        let has_words = tokens(value).iter().any(Token::has_words);
        said.push_str(&if has_words { padded(value, words) } else { literals_outside(value, words) });
        rest = &rest[open + close..];
    }
    said + &literals_outside(rest, words)
}

/// The words in the code of a tag, e.g. of a class that is chosen: only code is looked at, not the tag's own quotation marks.
fn literals_outside(part: &str, words: &mut impl Words) -> String {
    around_code(part).into_iter().map(|(text, code)| format!("{text}{}", literals(code, words))).collect()
}

/// Where an attribute's value ends; code inside it may hold quotation marks.
fn value_end(value: &str) -> usize {
    let mut at = 0;
    while at < value.len() && !value[at..].starts_with('"') {
        at += code_end(&value[at..]).unwrap_or_else(|| value[at..].chars().next().map_or(1, char::len_utf8));
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says everything aloud.
    struct Loud(Vec<String>);

    impl Words for Loud {
        fn of(&mut self, key: &str) -> Option<String> {
            self.0.push(key.to_owned());
            Some(key.replace("Look", "MIRA").replace("nobody yet", "NADIE"))
        }
    }

    #[test]
    fn texts_change_and_code_and_tags_stay() {
        let source = "<p title=\"Look {{ a[\"b\"] }}\">  {{ n }}\n wait. <a class=\"{{ \"x\" if y }}\" href=\"/{{ z }}\">Look</a></p><td>{{ o or \"nobody yet\" }}</td>";
        let mut loud = Loud(Vec::new());
        let page = translated(source, &mut loud);
        assert_eq!(
            page,
            "<p title=\"MIRA {{ a[\"b\"] }}\">  {{ n }} wait. <a class=\"{{ \"x\" if y }}\" href=\"/{{ z }}\">MIRA</a></p><td>{{ o or \"NADIE\" }}</td>"
        );
        assert_eq!(loud.0, ["Look {{ a[\"b\"] }}", "{{ n }} wait. <a>Look</a>", "nobody yet"]);
    }
}

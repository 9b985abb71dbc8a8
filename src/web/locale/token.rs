//! A template's source as tokens: text, MiniJinja's code, and tags of HTML with the code inside them.

/// Elements that stand inside a sentence. Every other one begins and ends a text.
const INLINE: [&str; 12] =
    ["a", "strong", "em", "span", "b", "i", "code", "kbd", "abbr", "time", "small", "br"];

/// Attributes without a value, where a macro writes them alone.
const MARKUP: [&str; 4] = ["checked", "selected", "open", "disabled"];

/// What a piece of a template's source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// What a reader sees.
    Text,
    /// A value that is written out: `{{ … }}`.
    Expression,
    /// `{% if … %}`, `{% elif … %}`, `{% else %}` or `{% endif %}`.
    Choice,
    /// Any other statement, a comment, or a tag that ends a text.
    Wall,
    /// A tag inside a sentence that opens.
    Open,
    /// A tag inside a sentence that closes.
    Close,
    /// A tag inside a sentence that does neither, e.g. `<br>`.
    Empty,
}

/// A piece of a template's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'s> {
    /// Which kind of piece it is.
    pub(super) kind: TokenKind,
    /// Its source from the first mark to the last.
    pub(super) source: &'s str,
}

impl<'s> Token<'s> {
    /// The name of a tag or the first word of a statement; empty for text.
    pub(super) fn name(&self) -> &'s str {
        let bare = self.source.trim_start_matches(['<', '/', '{', '%', '-']).trim_start();
        let end = bare.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(bare.len());
        &bare[..end]
    }

    /// Whether a reader finds a word in it.
    pub(super) fn has_words(&self) -> bool {
        let ends_value = || self.source.strip_suffix('"').is_some_and(|rest| !rest.contains(['"', ' ']));
        let is_markup =
            || self.source.contains("=\"") || MARKUP.contains(&self.source.trim()) || ends_value();
        let text = without_entities(self.source);
        self.kind == TokenKind::Text && text.chars().any(char::is_alphabetic) && !is_markup()
    }
}

/// A text without `&nbsp;` and its like, which are no words.
fn without_entities(text: &str) -> String {
    let mut rest = String::new();
    let mut parts = text.split('&');
    rest.push_str(parts.next().unwrap_or_default());
    for part in parts {
        rest.push_str(part.split_once(';').map_or(part, |(_, after)| after));
    }
    rest
}

/// The source as tokens; put together again they are the source.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut all = Vec::new();
    let mut rest = source;
    while !rest.is_empty() {
        let length = first_length(rest);
        let (source, after) = rest.split_at(length);
        all.push(Token { kind: kind_of(source), source });
        rest = after;
    }
    all
}

fn first_length(rest: &str) -> usize {
    if let Some(end) = code_end(rest) {
        return end;
    }
    if is_tag(rest) {
        return tag_end(rest);
    }
    let starts = rest.char_indices().skip(1).map(|(at, _)| at);
    starts
        .into_iter()
        .find(|at| code_end(&rest[*at..]).is_some() || is_tag(&rest[*at..]))
        .unwrap_or(rest.len())
}

/// Where the code ends that the text begins with.
pub(super) fn code_end(rest: &str) -> Option<usize> {
    let close = match rest.get(..2)? {
        "{{" => "}}",
        "{%" => "%}",
        "{#" => "#}",
        _ => return None,
    };
    Some(rest.find(close).map_or(rest.len(), |at| at + close.len()))
}

/// The stretches of a text that are code, in order, each with the text before it; what is left comes last with no code.
pub(super) fn around_code(text: &str) -> Vec<(&str, &str)> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((at, length)) = rest.char_indices().find_map(|(at, _)| Some((at, code_end(&rest[at..])?)))
    {
        all.push((&rest[..at], &rest[at..at + length]));
        rest = &rest[at + length..];
    }
    all.push((rest, ""));
    all
}

fn is_tag(rest: &str) -> bool {
    let mut letters = rest.chars();
    letters.next() == Some('<')
        && letters.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!'))
}

/// Where the tag ends; code inside it may hold a `>`.
fn tag_end(rest: &str) -> usize {
    let mut at = 1;
    while at < rest.len() {
        if let Some(length) = code_end(&rest[at..]) {
            at += length;
        } else if rest[at..].starts_with('>') {
            return at + 1;
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn kind_of(source: &str) -> TokenKind {
    let bare = Token { kind: TokenKind::Wall, source };
    match source.get(..2) {
        Some("{{") => TokenKind::Expression,
        Some("{%") if matches!(bare.name(), "if" | "elif" | "else" | "endif") => TokenKind::Choice,
        Some("{%" | "{#") => TokenKind::Wall,
        _ if !is_tag(source) => TokenKind::Text,
        _ if !INLINE.contains(&bare.name()) => TokenKind::Wall,
        _ if source.starts_with("</") => TokenKind::Close,
        _ if bare.name() == "br" => TokenKind::Empty,
        _ => TokenKind::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_the_sum_of_its_tokens() {
        let source = "<p{% if a > b %} class=\"x\"{% endif %}>Ring <a href=\"/{{ x }}\">her</a> {{ when }}&nbsp;.{# no #}</p> 1 < 2";
        let all = tokens(source);
        assert_eq!(all.iter().map(|t| t.source).collect::<String>(), source);
        let kinds: Vec<TokenKind> = all.iter().map(|t| t.kind).collect();
        use TokenKind::{Close, Expression, Open, Text, Wall};
        assert_eq!(kinds, [Wall, Text, Open, Text, Close, Text, Expression, Text, Wall, Wall, Text]);
        assert!(!all[7].has_words() && all[1].has_words());
        assert!(!tokens("{{ field }}-fault\"")[1].has_words());
    }
}

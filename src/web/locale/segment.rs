//! Which stretches of a template are one text: what stands between two tags that are no part of a sentence, with the code and
//! the tags inside it and the values beside it, and without other code at its edges.

use std::collections::BTreeMap;
use std::ops::Range;

use super::token::{Token, TokenKind};

/// The texts of a template, as ranges of its tokens, in order.
pub(super) fn segments(tokens: &[Token<'_>]) -> Vec<Range<usize>> {
    let pairs = pairs(tokens);
    let mut found = Vec::new();
    let mut begin = 0;
    for at in 0..=tokens.len() {
        let is_wall = tokens.get(at).is_none_or(|token| token.kind == TokenKind::Wall || is_open(at, &pairs));
        if is_wall {
            found.extend(trimmed(tokens, begin..at, &pairs));
            begin = at + 1;
        }
    }
    found
}

/// Of each token of a pair (a tag that opens and closes, a choice from `if` to `endif`) the whole stretch from first to last;
/// an empty one where the partner stands beyond a wall.
type Pairs = BTreeMap<usize, Range<usize>>;

fn is_open(at: usize, pairs: &Pairs) -> bool {
    pairs.get(&at).is_some_and(Range::is_empty)
}

fn pairs(tokens: &[Token<'_>]) -> Pairs {
    let mut all = Pairs::new();
    let mut open: Vec<Vec<usize>> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Open => open.push(vec![at]),
            TokenKind::Choice if token.name() == "if" => open.push(vec![at]),
            TokenKind::Choice if token.name() != "endif" => {
                if let Some(group) = open.last_mut() {
                    group.push(at);
                }
            }
            TokenKind::Close | TokenKind::Choice => {
                let group = open.pop().unwrap_or_default();
                close(tokens, &mut all, [group, vec![at]].concat());
            }
            _ => {}
        }
    }
    for at in open.concat() {
        all.insert(at, at..at);
    }
    all
}

/// Notes a pair. One that encloses a wall is none of a sentence: its tokens end texts themselves.
fn close(tokens: &[Token<'_>], all: &mut Pairs, group: Vec<usize>) {
    let (Some(first), Some(last)) = (group.first().copied(), group.last().copied()) else { return };
    let is_torn =
        first == last || (first..last).any(|at| tokens[at].kind == TokenKind::Wall || is_open(at, all));
    for at in group {
        all.insert(at, if is_torn { at..at } else { first..last + 1 });
    }
}

/// From the first to the last word of the run, with every pair whole.
fn trimmed(tokens: &[Token<'_>], run: Range<usize>, pairs: &Pairs) -> Option<Range<usize>> {
    let first = run.clone().find(|at| tokens[*at].has_words())?;
    let last = run.clone().rev().find(|at| tokens[*at].has_words())?;
    let mut found = first..last + 1;
    loop {
        let whole = found
            .clone()
            .filter_map(|at| pairs.get(&at))
            .fold(found.clone(), |all, pair| all.start.min(pair.start)..all.end.max(pair.end));
        let wider = with_values(tokens, &run, whole);
        if wider == found {
            return Some(found);
        }
        found = wider;
    }
}

/// With the values right beside it: another language may want them in the middle of the sentence.
fn with_values(tokens: &[Token<'_>], run: &Range<usize>, found: Range<usize>) -> Range<usize> {
    let is_beside = |at: &usize| {
        let token = tokens[*at];
        let is_value = token.kind == TokenKind::Expression && !token.source.contains('(');
        is_value || token.kind == TokenKind::Text
    };
    let is_value = |at: &usize| tokens[*at].kind == TokenKind::Expression;
    let before = (run.start..found.start).rev().take_while(is_beside).filter(is_value).last();
    let after = (found.end..run.end).take_while(is_beside).filter(is_value).last();
    let is_mark = |at: &usize| run.contains(at) && tokens[*at].kind == TokenKind::Text;
    let start = before.unwrap_or(found.start);
    let end = after.map_or(found.end, |at| at + 1);
    let opens = start.checked_sub(1).filter(is_mark);
    opens.unwrap_or(start)..Some(end).filter(is_mark).map_or(end, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let tokens = tokens(source);
        let text = |range: Range<usize>| tokens[range].iter().map(|t| t.source).collect();
        segments(&tokens).into_iter().map(text).collect()
    }

    #[test]
    fn a_text_keeps_the_code_in_its_middle_and_loses_it_at_its_edges() {
        for (source, found) in [
            ("<p>{% if a %}One{% else %}Two{% endif %}</p>", vec!["{% if a %}One{% else %}Two{% endif %}"]),
            (
                "<p>{{ n }} letter{% if n != 1 %}s{% endif %} wait.</p>",
                vec!["{{ n }} letter{% if n != 1 %}s{% endif %} wait."],
            ),
            ("<li>{% if a %}<b>Now</b> {{ x }}{% endif %}</li>", vec!["Now"]),
            ("<p><a href=\"/x\">Look</a> at it</p>", vec!["<a href=\"/x\">Look</a> at it"]),
            ("{% if a %}<p>One</p>{% endif %}<p>Two</p>", vec!["One", "Two"]),
            ("<p>Blank ({{ n }})</p>", vec!["Blank ({{ n }})"]),
            ("<td>{{ a }}</td><td>12</td>", vec![]),
        ] {
            assert_eq!(texts(source), found, "{source}");
        }
    }
}

//! What the reader of a page sees, and what no page of ours may hold. Strict on purpose: a layout may use the few elements
//! and attributes that mail programs show alike; what could fetch, run, ask or hide something is named as a fault.
//!
//! The tokens are those of html5ever, so that a page is cut here where browsers cut it (WHATWG HTML §13.2.5).

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::css_lint;

/// A page as its reader gets it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::letter) struct RenderedPage {
    /// The visible words, one space between them.
    pub(in crate::letter) words: String,
    /// What must not stand there.
    pub(in crate::letter) wrong: Vec<String>,
}

const ELEMENTS: &str = " html head meta title style body div p span h1 h2 h3 h4 h5 h6 ul ol li a b i em strong small br hr \
                        table tbody thead tr td th center section header footer main blockquote ";
const ATTRIBUTES: &str = " lang dir class id style charset name content href role title align valign width height border \
                          cellpadding cellspacing bgcolor colspan rowspan xmlns ";
const EMPTY: &str = " meta br hr ";

fn among(list: &str, word: &str) -> bool {
    !word.contains(' ') && list.contains(&format!(" {word} "))
}

/// Reads a page as its reader would see it, and names what must not stand there.
pub(in crate::letter) fn read(html: &str) -> RenderedPage {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(PageSink::default(), TokenizerOpts::default());
    // The sink asks for no pause, so one call reads all.
    drop(tokenizer.feed(&input));
    tokenizer.end();
    let mut seen = tokenizer.sink.0.into_inner().seen;
    seen.words = spaced(&seen.words);
    seen
}

/// One space between words, and no entities of ours.
pub(in crate::letter) fn line(text: &str) -> String {
    let pairs =
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    spaced(&pairs.into_iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign)))
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct PageSink(RefCell<PageReader>);

impl TokenSink for PageSink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        self.0.borrow_mut().take(token)
    }
}

struct OpenElement {
    name: String,
    /// Whether what is in it is hidden.
    hidden: bool,
}

#[derive(Default)]
struct PageReader {
    open: Vec<OpenElement>,
    /// The style sheet that is being read.
    sheet: String,
    /// Whether the next comment is what the tokenizer makes of a tag that is none.
    is_bogus: bool,
    seen: RenderedPage,
}

impl PageReader {
    fn take(&mut self, token: Token) -> TokenSinkResult<()> {
        if let Token::ParseError(error) = &token {
            self.malformed(error);
            return TokenSinkResult::Continue;
        }
        let was_bogus = std::mem::take(&mut self.is_bogus);
        match token {
            Token::CharacterTokens(text) => self.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return self.start(&tag),
            Token::TagToken(tag) => self.end(&tag.name),
            Token::CommentToken(_) if was_bogus => self.seen.words.push(' '),
            Token::CommentToken(_) => {
                self.seen.words.push(' ');
                self.wrong("a comment; write {# … #}, which stays with you".to_owned());
            }
            Token::DoctypeToken(_) => self.seen.words.push(' '),
            Token::EOFToken => self.end_of_sheet(),
            Token::NullCharacterToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    /// Of all errors only a `<` that begins no tag is one of ours. The tokenizer says it by the state it was in.
    fn malformed(&mut self, error: &str) {
        let Some((saw, state)) = error.split_once(" in state ") else { return };
        let is_unfinished = saw == "Saw EOF" && (state.contains("Tag") || state.contains("Attribute"));
        let opens_nothing = matches!(state, "TagOpen" | "MarkupDeclarationOpen");
        // `</>` is passed over; of `</3>` a comment is made.
        self.is_bogus |= opens_nothing || (state == "EndTagOpen" && saw != "Saw >");
        if opens_nothing || is_unfinished {
            self.wrong("a `<` that opens nothing".to_owned());
        }
    }

    fn wrong(&mut self, what: String) {
        if !self.seen.wrong.contains(&what) {
            self.seen.wrong.push(what);
        }
    }

    fn is_hidden(&self) -> bool {
        self.open.last().is_some_and(|element| element.hidden)
    }

    fn text(&mut self, text: &str) {
        if self.open.last().is_some_and(|element| element.name == "style") {
            self.sheet.push_str(text);
        } else if !self.is_hidden() {
            self.seen.words.push_str(text);
        }
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        self.seen.words.push(' ');
        let name = tag.name.to_string();
        if !among(ELEMENTS, &name) {
            self.wrong(format!("`<{name}>`"));
        }
        if tag.had_duplicate_attributes {
            // Only the first of them is told, and a mail program may take the other.
            self.wrong(format!("an attribute twice in `<{name}>`"));
        }
        let mut hidden = matches!(name.as_str(), "head" | "style" | "title") || self.is_hidden();
        for attribute in &tag.attrs {
            hidden |= self.judge(&name, &attribute.name.local, &spaced(&attribute.value));
        }
        let next = match name.as_str() {
            "style" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        };
        if !among(EMPTY, &name) {
            self.open.push(OpenElement { name, hidden });
        }
        next
    }

    fn end(&mut self, name: &str) {
        self.seen.words.push(' ');
        self.end_of_sheet();
        if let Some(at) = self.open.iter().rposition(|element| element.name == name) {
            self.open.truncate(at);
        }
    }

    fn end_of_sheet(&mut self) {
        let sheet = std::mem::take(&mut self.sheet);
        css_lint::wrong_in_sheet(&sheet).into_iter().for_each(|what| self.wrong(what));
    }

    /// Whether the attribute hides its element.
    fn judge(&mut self, element: &str, key: &str, value: &str) -> bool {
        let fits = match key {
            "href" => element == "a" && !value.trim_start().to_ascii_lowercase().starts_with("javascript"),
            "http-equiv" => {
                ["content-type", "x-ua-compatible"].contains(&value.to_ascii_lowercase().as_str())
            }
            _ => among(ATTRIBUTES, key) || key.starts_with("aria-"),
        };
        if !fits {
            self.wrong(format!("`{key}=` in `<{element}>`"));
        }
        if key != "style" {
            return matches!(key, "width" | "height") && value.trim() == "0";
        }
        css_lint::reaching_out(value).into_iter().for_each(|what| self.wrong(what));
        css_lint::hides(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_shows_is_seen() {
        let seen = read(
            "<!doctype html><head><title>T</title></head><p>One <b>two</b> &amp;&nbsp;&lt;3</p>\
             <div style='DISPLAY: none !important'>no <p>nor this</p></div><span style=\"font-size:0\">no</span>four",
        );
        assert_eq!((seen.words.as_str(), seen.wrong.len()), ("One two & <3 four", 0), "{seen:?}");
    }

    #[test]
    fn what_fetches_runs_asks_or_hides_is_named() {
        for (page, what) in [
            ("<img src=\"https://track.example/p.gif\">", "<img>"),
            ("<SCRIPT>x</SCRIPT>", "<script>"),
            ("<form action=x>", "<form>"),
            ("<iframe src=x>", "<iframe>"),
            ("<link rel=stylesheet href=x>", "<link>"),
            ("<p onclick=\"x\">", "`onclick=` in `<p>`"),
            ("<p hidden>", "`hidden=`"),
            ("<table background=\"https://a.example\">", "`background=`"),
            ("<a href=\" javascript:x\">", "`href=`"),
            ("<meta http-equiv=refresh content='0;url=https://a.example'>", "`http-equiv=`"),
            ("<p style=\"background: URL('https://a.example')\">", "url("),
            ("<style>@import 'https://a.example/x.css';</style>", "@import"),
            ("<style>@media all { .warning { display: none } }</style>", "hides"),
            ("a <!-- <p>warning</p> --> b", "comment"),
            ("a < b", "opens nothing"),
        ] {
            let seen = read(page);
            assert!(seen.wrong.iter().any(|wrong| wrong.contains(what)), "{page}: {seen:?}");
        }
    }

    #[test]
    fn a_page_is_cut_where_browsers_cut_it() {
        for (page, words, wrong) in [
            ("a <?x?> b", "a b", vec!["a `<` that opens nothing"]),
            ("a <![x]> b", "a b", vec!["a `<` that opens nothing"]),
            ("a </3> </> b", "a b", vec![]),
            ("a <p class=\"x", "a", vec!["a `<` that opens nothing"]),
            ("<a href=\"&#106;avascript:x\">a</a>", "a", vec!["`href=` in `<a>`"]),
            ("<STYLE>p { color: red }</STYLE>a", "a", vec![]),
            ("&lt&eacute;<p class=a class=b>", "<é", vec!["an attribute twice in `<p>`"]),
        ] {
            let seen = read(page);
            assert_eq!(
                (seen.words.as_str(), seen.wrong),
                (words, wrong.into_iter().map(str::to_owned).collect()),
                "{page}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_fall_over(page: String, tags in "[<>a-z=\"'/! -]{0,60}") {
            drop(read(&page));
            drop(read(&tags));
        }
    }
}

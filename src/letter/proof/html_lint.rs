//! What the reader of a page sees, and what no page of ours may hold. Strict on purpose: a layout may use the few elements
//! and attributes that mail programs show alike; what could fetch, run, ask or hide something is named as a fault.

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

/// Reads a page.
pub(in crate::letter) fn read(html: &str) -> RenderedPage {
    let mut reader = HtmlReader { rest: html, open: Vec::new(), seen: RenderedPage::default() };
    while reader.step() {}
    let mut seen = reader.seen;
    seen.words = line(&seen.words);
    seen
}

/// One space between words, and no entities of ours.
pub(in crate::letter) fn line(text: &str) -> String {
    let pairs =
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let plain = pairs.into_iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign));
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct HtmlReader<'a> {
    rest: &'a str,
    /// Open elements, and whether what is in them is hidden.
    open: Vec<(String, bool)>,
    seen: RenderedPage,
}

impl<'a> HtmlReader<'a> {
    fn step(&mut self) -> bool {
        let at = self.rest.find('<').unwrap_or(self.rest.len());
        let (words, rest) = self.rest.split_at(at);
        if !self.open.last().is_some_and(|(_, hidden)| *hidden) {
            self.seen.words.push_str(words);
        }
        self.rest = rest;
        if rest.is_empty() {
            return false;
        }
        self.seen.words.push(' ');
        if rest.starts_with("<!--") {
            self.wrong("a comment; write {# … #}, which stays with you".to_owned());
            self.past("-->");
        } else if rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) {
            self.past(">");
        } else if let Some(name) = rest.strip_prefix("</") {
            self.close(&name[..name.find('>').unwrap_or(name.len())].trim().to_ascii_lowercase());
            self.past(">");
        } else if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.element();
        } else {
            self.wrong("a `<` that opens nothing".to_owned());
            self.past("<");
        }
        true
    }

    fn wrong(&mut self, what: String) {
        if !self.seen.wrong.contains(&what) {
            self.seen.wrong.push(what);
        }
    }

    fn past(&mut self, end: &str) -> &'a str {
        let at = self.rest.find(end).unwrap_or(self.rest.len());
        let skipped = &self.rest[..at];
        self.rest = self.rest.get(at + end.len()..).unwrap_or_default();
        skipped
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|(open, _)| open == name) {
            self.open.truncate(at);
        }
    }

    fn element(&mut self) {
        self.rest = &self.rest[1..];
        let name = self.word();
        if !among(ELEMENTS, &name) {
            self.wrong(format!("`<{name}>`"));
        }
        let mut hidden = name == "head" || self.open.last().is_some_and(|(_, hidden)| *hidden);
        while let Some((key, value)) = self.attribute() {
            hidden |= self.judge(&name, &key, &value);
        }
        match name.as_str() {
            "style" | "title" => {
                let inside = self.past(&format!("</{name}"));
                self.past(">");
                if name == "style" {
                    css_lint::wrong_in_sheet(inside).into_iter().for_each(|what| self.wrong(what));
                }
            }
            _ if among(EMPTY, &name) => {}
            _ => self.open.push((name, hidden)),
        }
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

    /// A name, in lower case.
    fn word(&mut self) -> String {
        let end = self.rest.find(|c: char| c.is_whitespace() || "/>=".contains(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_ascii_lowercase()
    }

    /// The next attribute of an open tag; `None` behind its end.
    fn attribute(&mut self) -> Option<(String, String)> {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if self.rest.is_empty() || self.rest.starts_with('>') {
            self.past(">");
            return None;
        }
        let key = self.word();
        let Some(value) = self.rest.trim_start().strip_prefix('=') else { return Some((key, String::new())) };
        let value = value.trim_start();
        let (inside, rest) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len())),
        };
        self.rest = rest;
        Some((key, line(inside)))
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

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_fall_over(page: String, tags in "[<>a-z=\"'/! -]{0,60}") {
            drop(read(&page));
            drop(read(&tags));
        }
    }
}

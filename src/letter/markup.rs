//! The little markup all patient texts are written in, so that text and HTML always say the same.
//!
//! Blank lines part paragraphs; `# ` opens a heading, `- ` a list item; `| Label | value` is a fact;
//! `=> address label` is a link on a line of its own (`https:`, `http:`, `tel:`, `mailto:`).
//! Everything is escaped on the way to HTML: no value can bring markup of its own.

/// One block of prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A line that begins with `# `, without that mark.
    Heading(String),
    /// Lines of prose that follow each other, joined by spaces.
    Paragraph(String),
    /// Lines that begin with `- `: one entry each, without that mark.
    List(Vec<String>),
    /// A labelled fact, e.g. when and where.
    Fact(String, String),
    /// An address and the words that say where it goes.
    Link(String, String),
}

/// The tags of each block with the style sheet already in them; made once at load.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Opening tag of a heading.
    pub heading: String,
    /// Opening tag of a paragraph.
    pub paragraph: String,
    /// Opening tag of a list.
    pub list: String,
    /// Opening tag of a list item.
    pub item: String,
    /// Opening tag of a fact.
    pub fact: String,
    /// Opening tag of a link, up to and without its `href`.
    pub link: String,
    /// The same for a phone number.
    pub phone: String,
}

impl Tags {
    /// Tags without styles, for pages that bring their own style sheet.
    #[must_use]
    pub fn plain() -> Self {
        let tag = |text: &str| text.to_owned();
        Self {
            heading: tag("<h2>"),
            paragraph: tag("<p>"),
            list: tag("<ul>"),
            item: tag("<li>"),
            fact: tag("<p class=\"fact\">"),
            link: tag("<a class=\"link\""),
            phone: tag("<a class=\"phone\""),
        }
    }
}

/// Reads the markup of a rendered template.
#[must_use]
pub fn parse(source: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open = false;
    for line in source.lines().map(str::trim) {
        if line.is_empty() {
            open = false;
        } else if let Some(block) = whole_line(line) {
            open = false;
            blocks.push(block);
        } else if let Some(item) = line.strip_prefix("- ") {
            add_item(&mut blocks, item.trim());
            open = true;
        } else if open {
            run_on(&mut blocks, line);
        } else {
            blocks.push(Block::Paragraph(line.to_owned()));
            open = true;
        }
    }
    blocks
}

fn whole_line(line: &str) -> Option<Block> {
    if let Some(title) = line.strip_prefix("# ") {
        return Some(Block::Heading(title.trim().to_owned()));
    }
    if let Some(rest) = line.strip_prefix("=> ") {
        let (address, label) = rest.trim().split_once(' ').unwrap_or((rest.trim(), rest.trim()));
        let safe =
            ["https://", "http://", "tel:", "mailto:"].iter().any(|scheme| address.starts_with(scheme));
        // Words for a number that is not known stand as words: behind them nothing rings.
        let safe = safe && address != "tel:";
        let label = label.trim().to_owned();
        return Some(if safe { Block::Link(address.to_owned(), label) } else { Block::Paragraph(label) });
    }
    let (label, value) = line.strip_prefix("| ")?.split_once(" | ")?;
    Some(Block::Fact(label.trim().to_owned(), value.trim().to_owned()))
}

fn add_item(blocks: &mut Vec<Block>, item: &str) {
    if let Some(Block::List(items)) = blocks.last_mut() {
        items.push(item.to_owned());
    } else {
        blocks.push(Block::List(vec![item.to_owned()]));
    }
}

fn run_on(blocks: &mut [Block], line: &str) {
    let text = match blocks.last_mut() {
        Some(Block::Paragraph(text)) => Some(text),
        Some(Block::List(items)) => items.last_mut(),
        _ => None,
    };
    if let Some(text) = text {
        text.push(' ');
        text.push_str(line);
    }
}

/// Writes blocks as plain text, a blank line between them. Lines are left unbroken: `compose` breaks those of a whole letter.
pub fn to_text(blocks: &[Block], out: &mut String) {
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        match block {
            Block::Heading(title) => push(out, &[title, "\n", &"-".repeat(title.chars().count()), "\n"]),
            Block::Paragraph(text) => push(out, &[text, "\n"]),
            Block::List(items) => items.iter().for_each(|item| push(out, &["- ", item, "\n"])),
            Block::Fact(label, value) => push(out, &[label, ": ", value, "\n"]),
            Block::Link(address, label) if address.starts_with("tel:") => push(out, &[label, "\n"]),
            Block::Link(address, label) => push(out, &[label, ":\n", address, "\n"]),
        }
    }
}

/// Writes blocks as HTML.
pub fn to_html(blocks: &[Block], tags: &Tags, out: &mut String) {
    for block in blocks {
        match block {
            Block::Heading(title) => element(out, &tags.heading, title, "</h2>\n"),
            Block::Paragraph(text) => element(out, &tags.paragraph, text, "</p>\n"),
            Block::List(items) => {
                push(out, &[&tags.list, "\n"]);
                items.iter().for_each(|item| element(out, &tags.item, item, "</li>\n"));
                out.push_str("</ul>\n");
            }
            Block::Fact(label, value) => {
                out.push_str(&tags.fact);
                element(out, "<b>", label, "</b><br>");
                escape(value, out);
                out.push_str("</p>\n");
            }
            Block::Link(address, label) => link(out, tags, address, label),
        }
    }
}

fn link(out: &mut String, tags: &Tags, address: &str, label: &str) {
    let tag = if address.starts_with("tel:") { &tags.phone } else { &tags.link };
    push(out, &[&tags.paragraph, tag, " href=\""]);
    escape(address, out);
    element(out, "\">", label, "</a></p>\n");
}

fn push(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
}

fn element(out: &mut String, open: &str, text: &str, close: &str) {
    out.push_str(open);
    escape(text, out);
    out.push_str(close);
}

/// Escapes text for HTML content and quoted attributes.
pub fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// The same as a text of its own.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

/// One line without control characters, so that a value can never open a block or a header of its own.
#[must_use]
pub fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "# Title\n\nOne\ntwo.\n- a\n  more\n- b\n\n| When | 3 | 4\n=> tel:+112 Call 112\n=> https://x.example/c Open\n=> javascript:alert(1) Bad\n";

    #[test]
    fn text_and_html_say_the_same() {
        let blocks = parse(SOURCE);
        let (mut text, mut html) = (String::new(), String::new());
        to_text(&blocks, &mut text);
        to_html(&blocks, &Tags::plain(), &mut html);
        assert_eq!(
            text,
            "Title\n-----\n\nOne two.\n\n- a more\n- b\n\nWhen: 3 | 4\n\nCall 112\n\nOpen:\nhttps://x.example/c\n\nBad\n"
        );
        assert!(html.contains("<a class=\"phone\" href=\"tel:+112\">Call 112</a>"));
        assert!(!html.contains("javascript"));
    }

    #[test]
    fn nothing_brings_markup_of_its_own() {
        let mut html = String::new();
        to_html(&parse("<b onclick='x'>&\"</b>"), &Tags::plain(), &mut html);
        assert_eq!(html, "<p>&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;&lt;/b&gt;</p>\n");
        assert_eq!(one_line(" a\r\n=> b\u{0}c "), "a => b c");
    }
}

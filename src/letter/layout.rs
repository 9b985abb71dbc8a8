//! The HTML page around a letter: rendered and styled once per language at load, then cut at its slots, so that a letter
//! only costs its own words.

use css_inline::CSSInliner;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use super::fault::{self, LetterFault};
use super::markup;
use crate::letter::limits::FUEL;
use crate::letter::markup::Tags;

/// Where a letter's own words go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayoutSlot {
    Subject,
    Body,
    Links,
}

impl LayoutSlot {
    const ALL: [Self; 3] = [Self::Subject, Self::Body, Self::Links];

    /// A private-use character that stands in the page until it is cut; words never hold it.
    const fn mark(self) -> char {
        match self {
            Self::Subject => '\u{E0A1}',
            Self::Body => '\u{E0A2}',
            Self::Links => '\u{E0A3}',
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Body => "body",
            Self::Links => "links",
        }
    }
}

/// A page cut at its slots.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    fixed: Vec<String>,
    slots: Vec<LayoutSlot>,
}

/// What stands in every letter of one language and audience.
pub(super) struct LayoutParts<'a> {
    /// BCP 47 language of the page, for its `lang`.
    pub(super) language: &'a str,
    /// Direction of its script: `ltr` or `rtl`.
    pub(super) dir: &'a str,
    /// The neutral line an inbox may preview.
    pub(super) preview: &'a str,
    /// Warning list as HTML; empty for staff.
    pub(super) warning: String,
    /// What stands below it, as HTML.
    pub(super) footer: String,
}

pub(super) const LAYOUT: &str = "letters/layout.html.j2";
pub(super) const CSS: &str = "letters/letter.css";

impl Layout {
    /// Renders the layout, puts the styles into its elements and cuts it.
    pub(super) fn compile(layout: &str, css: &str, standing: LayoutParts<'_>) -> Result<Self, LetterFault> {
        let for_patients = !standing.warning.is_empty();
        let (warning, footer) = (standing.warning.clone(), standing.footer.clone());
        let page = render(layout, css, standing)?;
        for (name, html) in [("warning", warning), ("footer", footer)] {
            if !page.contains(&html) {
                let problem = format!("the layout never says {{{{ {name} }}}}");
                return Err(LetterFault::new(LAYOUT, problem, "every letter to a patient must end with it"));
            }
        }
        let page = inliner().inline(&page).map_err(|error| css_fault(&error))?;
        let frame = Self::cut(&page);
        for slot in LayoutSlot::ALL {
            if !frame.slots.contains(&slot) && (for_patients || slot != LayoutSlot::Links) {
                let problem = format!("the layout never says {{{{ {} }}}}", slot.word());
                return Err(LetterFault::new(LAYOUT, problem, "put it where it belongs"));
            }
        }
        Ok(frame)
    }

    fn cut(page: &str) -> Self {
        let (mut fixed, mut slots, mut last) = (Vec::new(), Vec::new(), 0);
        for (at, mark) in page.char_indices() {
            if let Some(slot) = LayoutSlot::ALL.into_iter().find(|slot| slot.mark() == mark) {
                fixed.push(page[last..at].to_owned());
                slots.push(slot);
                last = at + mark.len_utf8();
            }
        }
        fixed.push(page[last..].to_owned());
        Self { fixed, slots }
    }

    /// The page with a letter's words in its slots; `body` and `links` are HTML already.
    pub(super) fn fill(&self, subject: &str, body: &str, links: &str) -> String {
        let size = self.fixed.iter().map(String::len).sum::<usize>();
        let mut out = String::with_capacity(size + body.len() + links.len() + 2 * subject.len());
        for (index, fixed) in self.fixed.iter().enumerate() {
            out.push_str(fixed);
            match self.slots.get(index) {
                Some(LayoutSlot::Subject) => markup::escape(subject, &mut out),
                Some(LayoutSlot::Body) => out.push_str(body),
                Some(LayoutSlot::Links) => out.push_str(links),
                None => {}
            }
        }
        out
    }
}

impl Tags {
    /// Tags with the style sheet already in them.
    ///
    /// # Errors
    /// When the style sheet cannot be read.
    pub(super) fn styled(css: &str) -> Result<Self, LetterFault> {
        let specimen = "<h2>.</h2><p>.</p><ul><li>.</li></ul><p class=\"fact\">.</p>\
                        <a class=\"link\">.</a><a class=\"phone\">.</a>";
        let html = inliner().inline_fragment(specimen, css).map_err(|error| css_fault(&error))?;
        let open = |needle: &str| {
            let at = html.find(needle).unwrap_or_default();
            let start = html[..=at].rfind('<').unwrap_or_default();
            let end = html[start..].find('>').map_or(html.len(), |length| start + length);
            html[start..end].to_owned()
        };
        let tag = |needle: &str| open(needle) + ">";
        Ok(Self {
            heading: tag("<h2"),
            paragraph: tag("<p"),
            list: tag("<ul"),
            item: tag("<li"),
            fact: tag("class=\"fact\""),
            link: open("class=\"link\""),
            phone: open("class=\"phone\""),
        })
    }
}

fn inliner() -> CSSInliner<'static> {
    CSSInliner::options().load_remote_stylesheets(false).keep_at_rules(true).build()
}

fn css_fault(error: &css_inline::InlineError) -> LetterFault {
    LetterFault::new(
        CSS,
        format!("the style sheet cannot be used: {error}"),
        "mend or remove your own letter.css",
    )
}

fn render(layout: &str, css: &str, standing: LayoutParts<'_>) -> Result<String, LetterFault> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    env.set_debug(true);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    let mark = |slot: LayoutSlot| slot.mark().to_string();
    let words = context! {
        language => standing.language,
        dir => standing.dir,
        preview => standing.preview,
        css => Value::from_safe_string(css.to_owned()),
        warning => Value::from_safe_string(standing.warning),
        footer => Value::from_safe_string(standing.footer),
        subject => mark(LayoutSlot::Subject),
        body => mark(LayoutSlot::Body),
        links => mark(LayoutSlot::Links),
    };
    env.add_template("layout.html", layout)
        .and_then(|()| env.get_template("layout.html")?.render(words))
        .map_err(|error| fault::from_template(LAYOUT, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> LayoutParts<'static> {
        LayoutParts {
            language: "en",
            dir: "ltr",
            preview: "p",
            warning: "<p>w</p>".into(),
            footer: String::new(),
        }
    }

    #[test]
    fn a_layout_without_a_slot_is_a_fault() {
        let compile = |layout: &str| Layout::compile(layout, "", standing()).unwrap_err().problem;
        assert!(compile("<p>{{ subject }}{{ links }}</p>{{ warning }}").contains("{{ body }}"));
        assert!(
            compile("{{ subject }}{{ body }}{{ links }}{% if warning %}{% endif %}")
                .contains("{{ warning }}")
        );
        let fault = Layout::compile(
            "{% for x in range(9000) %}{% for y in range(9000) %}{% endfor %}{% endfor %}",
            "",
            standing(),
        );
        assert!(fault.unwrap_err().problem.contains("does not come to an end"));
    }

    #[test]
    fn styles_go_into_the_elements_and_words_into_the_slots() {
        let layout = "<title>{{ subject }}</title><style>{{ css }}</style><div>{{ body }}</div>{{ warning }}{{ links }}";
        let css = "p { color: red } @media (prefers-color-scheme: dark) { p { color: blue !important } }";
        let html = Layout::compile(layout, css, standing()).unwrap().fill("a<b", "<p>x</p>", "");
        assert!(html.contains("<title>a&lt;b</title>"), "{html}");
        assert!(html.contains("<div><p>x</p></div>") && html.contains("@media"), "{html}");
        assert!(html.contains("<p style=\"color: red;\">w</p>"), "{html}");
        assert!(Tags::styled(css).unwrap().fact.starts_with("<p class=\"fact\" style="));
    }
}

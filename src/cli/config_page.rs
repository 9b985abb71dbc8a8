//! The manual page of `aftercare.toml`, made from the commented example that ships: what is explained once stays in step.

use roff::{Roff, bold, roman};

/// One piece of the example.
#[derive(Debug, PartialEq, Eq)]
enum ExamplePart<'a> {
    /// The head of a section, e.g. `[mail.smtp]`.
    Section(&'a str),
    /// `port = 587`, or one that is commented out.
    Key(&'a str),
    /// A line of the words above a section or a key.
    Words(&'a str),
    /// An empty line, which ends a block of words.
    Break,
}

/// The page, in the language of `man`.
#[must_use]
pub(super) fn aftercare_toml(example: &str) -> String {
    let mut page = Roff::new();
    page.control("TH", ["aftercare.toml", "5", "", concat!("aftercare ", env!("CARGO_PKG_VERSION")), ""]);
    page.control("SH", ["NAME"]);
    page.text([roman("aftercare.toml - what the clinic decides: the configuration of aftercare(1)")]);
    page.control("SH", ["DESCRIPTION"]);
    let mut words: Vec<&str> = Vec::new();
    for part in example.lines().map(part) {
        match part {
            ExamplePart::Words(line) => words.push(line),
            ExamplePart::Break => paragraph(&mut page, &mut words),
            ExamplePart::Section(name) => {
                page.control("SH", [name]);
                paragraph(&mut page, &mut words);
            }
            ExamplePart::Key(line) => {
                page.control("TP", []);
                page.text([bold(line)]);
                page.text([roman(words.join(" "))]);
                words.clear();
            }
        }
    }
    paragraph(&mut page, &mut words);
    page.control("SH", ["SEE ALSO"]);
    page.text([roman("aftercare-check(1), aftercare-init(1)")]);
    page.render()
}

fn part(line: &str) -> ExamplePart<'_> {
    let bare = line.strip_prefix("# ").unwrap_or(line);
    match bare {
        "" | "#" => ExamplePart::Break,
        section if section.starts_with('[') && section.ends_with(']') => ExamplePart::Section(section),
        key if is_key(key) => ExamplePart::Key(key),
        words => ExamplePart::Words(words),
    }
}

/// `name = value`: no sentence has an equals sign behind its first word.
fn is_key(line: &str) -> bool {
    line.split_once(" = ").is_some_and(|(name, _)| {
        name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
    })
}

fn paragraph(page: &mut Roff, words: &mut Vec<&str>) {
    if !words.is_empty() {
        page.control("PP", []);
        page.text([roman(words.join(" "))]);
        words.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_and_key_of_the_example_is_on_the_page() {
        let example = crate::config::embedded::text("aftercare.toml").unwrap();
        let page = aftercare_toml(&example);
        for (section, key) in
            [("[mail.smtp]", "port = 587"), ("[checklists.sign_off]", "role ="), ("[web]", "console_url =")]
        {
            assert!(page.contains(&format!(".SH {section}")), "{section}");
            assert!(page.replace("\\-", "-").contains(&format!("\\fB{key}")), "{key}");
        }
    }

    #[test]
    fn a_sentence_is_no_key() {
        assert_eq!(
            part("# with 1 an alert waits. Default: 4."),
            ExamplePart::Words("with 1 an alert waits. Default: 4.")
        );
        assert_eq!(part("# url = \"https://a.example\""), ExamplePart::Key("url = \"https://a.example\""));
        assert_eq!(part(""), ExamplePart::Break);
    }
}

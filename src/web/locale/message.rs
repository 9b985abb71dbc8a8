//! A sentence of the program with places to fill, e.g. `{} is due on {}`: known again when it is filled, said in another language.

/// How what fills a place is written in the other language.
pub(super) trait MessageValues {
    /// Words of the program.
    fn words(&self, text: &str) -> String;
    /// Anything else: a name, a number, a day.
    fn typed(&self, text: &str) -> String;
    /// What two words become that come to stand side by side, the second as the first of a value: in Spanish "de" and "el" are
    /// "del". `None` where they stay two.
    fn contracted(&self, before: &str, first: &str) -> Option<&'static str>;
}

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
enum MessagePart {
    /// Words that are always the same.
    Fixed(String),
    /// A place by the name it has in the key.
    Place {
        /// Its name; the number of its turn where it has none.
        name: String,
        /// Whether what fills it is the program's words too, written `{name|said}`.
        is_said: bool,
    },
}

/// A sentence with at least one place, in the program's words and in another language.
#[derive(Debug)]
pub(super) struct Message {
    key: Vec<MessagePart>,
    said: Vec<MessagePart>,
    /// How many of the key's bytes are fixed: the more, the surer it is.
    pub(super) weight: usize,
}

impl Message {
    /// The sentence and its words in the other language.
    ///
    /// # Errors
    /// The names of the places, when those of the two are not the same.
    pub(super) fn new(key: &str, said: &str) -> Result<Self, String> {
        let (key, said) = (parts(key), parts(said));
        let (asked, filled) = (names(&key), names(&said));
        if asked != filled {
            return Err(format!("{asked:?} in English, {filled:?} in its words"));
        }
        let weight =
            key.iter().map(|part| if let MessagePart::Fixed(text) = part { text.len() } else { 0 }).sum();
        Ok(Self { key, said, weight })
    }

    /// Whether a name may stand at its very begin, with a capital that is its own.
    pub(super) fn begins_with_place(&self) -> bool {
        matches!(self.key.first(), Some(MessagePart::Place { .. }))
    }

    /// The text in the other language, where it is this sentence and all that fills it may do so.
    pub(super) fn of(
        &self,
        text: &str,
        filling: &impl MessageValues,
        may_fill: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let values = matched(&self.key, text)?;
        if !values.iter().all(|(_, value)| may_fill(value)) {
            return None;
        }
        let value =
            |name: &str| values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
        let mut said = String::new();
        for part in &self.said {
            match part {
                MessagePart::Fixed(text) => said.push_str(text),
                MessagePart::Place { name, is_said: true } => {
                    append(&mut said, &filling.words(value(name)), filling)
                }
                MessagePart::Place { name, is_said: false } => said.push_str(&filling.typed(value(name))),
            }
        }
        Some(said)
    }
}

/// Appends words of the program as they are said behind what stands there already.
fn append(said: &mut String, words: &str, filling: &impl MessageValues) {
    let joined = said.strip_suffix(' ').zip(words.split_once(' ')).and_then(|(before, (first, rest))| {
        let start = before.rfind(' ').map_or(0, |at| at + 1);
        Some(format!("{}{} {rest}", &before[..start], filling.contracted(&before[start..], first)?))
    });
    match joined {
        Some(joined) => *said = joined,
        None => said.push_str(words),
    }
}

/// Whether a text has places to fill.
pub(super) fn has_places(text: &str) -> bool {
    parts(text).iter().any(|part| matches!(part, MessagePart::Place { .. }))
}

fn names(parts: &[MessagePart]) -> Vec<&str> {
    let mut all: Vec<&str> = parts
        .iter()
        .filter_map(
            |part| if let MessagePart::Place { name, .. } = part { Some(name.as_str()) } else { None },
        )
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn parts(text: &str) -> Vec<MessagePart> {
    let mut all = Vec::new();
    let mut rest = text;
    let mut unnamed = 0;
    while let Some((before, inside, after)) = next_place(rest) {
        if !before.is_empty() {
            all.push(MessagePart::Fixed(before.to_owned()));
        }
        let (name, filter) = inside.split_once('|').unwrap_or((inside, ""));
        let name = if name.is_empty() { unnamed.to_string() } else { name.to_owned() };
        unnamed += usize::from(inside.is_empty() || inside.starts_with('|'));
        all.push(MessagePart::Place { name, is_said: filter == "said" });
        rest = after;
    }
    if !rest.is_empty() {
        all.push(MessagePart::Fixed(rest.to_owned()));
    }
    all
}

/// What stands before the next place, in it and after it.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (inside, after) = rest.split_once('}')?;
    Some((before, inside, after))
}

/// What fills each place of the key in that text; the shortest filling that fits wins, from the left.
fn matched<'k, 't>(key: &'k [MessagePart], text: &'t str) -> Option<Vec<(&'k str, &'t str)>> {
    let Some((first, rest)) = key.split_first() else { return text.is_empty().then(Vec::new) };
    match first {
        MessagePart::Fixed(fixed) => matched(rest, text.strip_prefix(fixed.as_str())?),
        MessagePart::Place { name, .. } => {
            let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
            let fits = |end: usize| {
                let is_end = is_whole(&text[..end]) && begins(rest, &text[end..]);
                is_end.then(|| matched(rest, &text[end..])).flatten()
            };
            ends.into_iter()
                .find_map(|end| fits(end).map(|all| [vec![(name.as_str(), &text[..end])], all].concat()))
        }
    }
}

/// Whether every quotation in a value begins and ends in it: a place ends in the middle of none.
pub(super) fn is_whole(value: &str) -> bool {
    let step = |depth: usize, c| match c {
        '“' => Some(depth + 1),
        '”' => depth.checked_sub(1),
        _ => Some(depth),
    };
    value.chars().try_fold(0, step) == Some(0)
}

fn begins(key: &[MessagePart], text: &str) -> bool {
    match key.first() {
        Some(MessagePart::Fixed(fixed)) => text.starts_with(fixed.as_str()),
        Some(MessagePart::Place { .. }) => true,
        None => text.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Marked;

    impl MessageValues for Marked {
        fn words(&self, text: &str) -> String {
            format!("«{text}»")
        }

        fn typed(&self, text: &str) -> String {
            text.to_owned()
        }

        fn contracted(&self, _: &str, _: &str) -> Option<&'static str> {
            None
        }
    }

    #[test]
    fn a_filled_sentence_is_known_again() {
        let message =
            Message::new("{what} due on {}, asked by {who}", "{who} pide: {what|said}, el {}").unwrap();
        let said = message.of("Spine checklist due on 3 May, asked by Ana, her nurse", &Marked, |_| true);
        assert_eq!(said.as_deref(), Some("Ana, her nurse pide: «Spine checklist», el 3 May"));
        assert_eq!(message.of("Spine checklist", &Marked, |_| true), None);
    }

    #[test]
    fn a_quotation_is_never_cut_in_two() {
        let either = Message::new("“{}” or “{last}”", "«{0}» o «{last}»").unwrap();
        let said = |text: &str| either.of(text, &Marked, |_| true);
        assert_eq!(
            said("“A leg or an arm” or “Only a foot”").as_deref(),
            Some("«A leg or an arm» o «Only a foot»")
        );
        let one = Message::new("“{}”", "«{0|said}»").unwrap();
        assert_eq!(one.of("“A leg” or “A foot”", &Marked, |_| true), None);
    }

    #[test]
    fn a_place_that_is_missing_is_told() {
        assert!(Message::new("{a} and {b}", "{a}").is_err());
        assert!(Message::new("{} and {}", "{1} y {0}").is_ok());
        assert!(has_places("{} left") && !has_places("left"));
    }
}

//! The colours, sizes and distances of the style sheet as it ships, read from its custom properties, and how well each pair of
//! colours that stand on each other can be told apart (WCAG 2.2, 1.4.3 and 1.4.11).

/// A custom property: its name without the hyphens, its value in the light and in the dark. Both are the same where it does not
/// change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StyleToken {
    pub(super) name: &'static str,
    pub(super) light: &'static str,
    pub(super) dark: &'static str,
}

/// A colour that stands on another, and what for.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColourPair {
    pub(super) front: &'static str,
    pub(super) back: &'static str,
    /// 4.5 for words, 3 for borders and marks.
    pub(super) least: f64,
    pub(super) used_for: &'static str,
}

const fn words(front: &'static str, back: &'static str, used_for: &'static str) -> ColourPair {
    ColourPair { front, back, least: 4.5, used_for }
}

const fn marks(front: &'static str, back: &'static str, used_for: &'static str) -> ColourPair {
    ColourPair { front, back, least: 3.0, used_for }
}

/// Every pair that the style sheet puts on each other.
pub(super) const PAIRS: [ColourPair; 20] = [
    words("ink", "paper", "words"),
    words("dim", "paper", "hints, what is less important"),
    words("link", "paper", "links"),
    words("alarm", "paper", "what is late or wrong"),
    words("warn", "paper", "what has changed"),
    words("good", "paper", "what went well"),
    words("ink", "soft", "words on a quiet ground"),
    words("dim", "soft", "hints on a quiet ground"),
    words("link", "soft", "links on a quiet ground"),
    words("ink", "warn-paper", "banners"),
    words("link", "warn-paper", "links in banners"),
    words("warn", "warn-paper", "the badge for what is soon"),
    words("ink", "alarm-paper", "faults"),
    words("alarm", "alarm-paper", "the badge for what is urgent"),
    words("paper", "alarm", "the badge for an emergency"),
    words("ink", "good-paper", "what was saved"),
    words("on-act", "act", "buttons"),
    marks("line", "paper", "borders of fields and quiet buttons"),
    marks("act", "paper", "borders of buttons"),
    marks("link", "paper", "the mark of what has the focus"),
];

/// Every custom property of a style sheet, in its order.
pub(super) fn tokens(css: &'static str) -> Vec<StyleToken> {
    let light = block(css, ":root {");
    let dark = css.split_once("prefers-color-scheme: dark").map_or("", |(_, rest)| block(rest, ":root {"));
    let dark: Vec<(&str, &str)> = declared(dark).collect();
    let both = |(name, light)| {
        let dark = dark.iter().find(|(other, _)| *other == name).map_or(light, |(_, value)| *value);
        StyleToken { name, light, dark }
    };
    declared(light).map(both).collect()
}

fn block(css: &'static str, head: &str) -> &'static str {
    let rest = css.split_once(head).map_or("", |(_, rest)| rest);
    rest.split_once('}').map_or("", |(block, _)| block)
}

fn declared(block: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    block.split(';').filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().strip_prefix("--")?, value.trim()))
    })
}

/// How well two colours written as `#rgb` or `#rrggbb` can be told apart, from 1 to 21; `None` for any other text.
pub(super) fn ratio(front: &str, back: &str) -> Option<f64> {
    let (front, back) = (luminance(front)?, luminance(back)?);
    Some((front.max(back) + 0.05) / (front.min(back) + 0.05))
}

fn luminance(colour: &str) -> Option<f64> {
    let digits = colour.strip_prefix('#')?;
    let wide = match digits.len() {
        3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        6 => digits.to_owned(),
        _ => return None,
    };
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(wide.get(at..at + 2)?, 16).ok()?) / 255.0;
        Some(if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) })
    };
    Some(0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::console::layout::frame::SHEET;

    #[test]
    fn black_on_white_is_21_and_the_order_does_not_matter() {
        assert!((ratio("#000", "#ffffff").unwrap() - 21.0).abs() < 0.001);
        assert_eq!(ratio("#767676", "#fff"), ratio("#fff", "#767676"));
        assert!((ratio("#767676", "#fff").unwrap() - 4.54).abs() < 0.01);
        assert_eq!(ratio("red", "#fff"), None);
    }

    #[test]
    fn every_pair_of_colours_can_be_told_apart_in_the_light_and_in_the_dark() {
        let tokens = tokens(SHEET.css);
        let value =
            |name: &str| tokens.iter().find(|token| token.name == name).unwrap_or_else(|| panic!("{name}"));
        for ColourPair { front, back, least, .. } in PAIRS {
            let (front, back) = (value(front), value(back));
            for (light, dark) in [(front.light, back.light), (front.dark, back.dark)] {
                let found = ratio(light, dark).unwrap();
                assert!(found >= least, "{} on {}: {light} on {dark} is {found:.2}", front.name, back.name);
            }
        }
    }

    #[test]
    fn the_sheet_names_no_colour_but_its_own() {
        let tokens = tokens(SHEET.css);
        for token in &tokens {
            let used = format!("var(--{})", token.name);
            assert!(SHEET.css.contains(&used), "{} is used nowhere", token.name);
        }
        let begin = SHEET.css.find("* { box-sizing").unwrap();
        // A letter is shown on white, whatever the page is.
        let rules = SHEET.css[begin..].replace("background: #fff;", "");
        assert!(!rules.contains('#') || !rules.contains(": #"), "a colour without a name");
        assert!(tokens.iter().any(|token| token.light != token.dark));
    }
}

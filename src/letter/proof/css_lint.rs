//! What a style does to its reader: whether it hides words, and whether it fetches from elsewhere.

/// What would make a mail program ask another machine, or what could hide that it does.
pub(in crate::letter) fn reaching_out(style: &str) -> Vec<String> {
    let style = style.to_ascii_lowercase();
    let found = ["url(", "image(", "image-set(", "expression(", "@import", "@font-face", "\\"].into_iter();
    found.filter(|sign| style.contains(sign)).map(|sign| format!("`{sign}` in a style")).collect()
}

/// What a style sheet that stands in the page does wrong. Mail programs apply it or not: nothing may hang on it.
pub(in crate::letter) fn wrong_in_sheet(sheet: &str) -> Vec<String> {
    let mut wrong = reaching_out(sheet);
    if sheet.split(['{', '}']).any(hides) {
        wrong.push("a style sheet that hides something".to_owned());
    }
    wrong
}

/// Whether declarations hide their element.
pub(in crate::letter) fn hides(style: &str) -> bool {
    style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(name, value)| {
        let value = value.to_ascii_lowercase().replace("!important", "");
        hides_by(&name.trim().to_ascii_lowercase(), value.trim())
    })
}

fn hides_by(name: &str, value: &str) -> bool {
    match name {
        "display" => value == "none",
        "visibility" => matches!(value, "hidden" | "collapse"),
        "opacity" => number(value).is_some_and(|number| number < 0.5),
        "font-size" => is_tiny(value),
        "font" => value.split([' ', '/']).any(|part| is_size(part) && is_tiny(part)),
        "height" | "max-height" | "width" | "max-width" | "line-height" => number(value) == Some(0.0),
        "position" => matches!(value, "absolute" | "fixed"),
        "clip" | "clip-path" | "transform" | "filter" | "mask" => value != "none",
        "text-indent" => value.starts_with('-'),
        "color" | "-webkit-text-fill-color" => {
            value == "transparent" || value.replace(' ', "").ends_with(",0)")
        }
        "mso-hide" => value != "none",
        _ => false,
    }
}

fn is_size(part: &str) -> bool {
    part == "0" || ["px", "pt", "em", "%"].iter().any(|unit| part.ends_with(unit))
}

/// Smaller than anybody reads.
fn is_tiny(size: &str) -> bool {
    let least = if size.ends_with('%') {
        50.0
    } else if size.ends_with("em") {
        0.5
    } else {
        9.0
    };
    number(size).is_some_and(|number| number < least)
}

fn number(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(value.len());
    value.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_told_from_what_shows() {
        for style in [
            "display:none",
            "color: red; Display : None !important",
            "visibility: hidden",
            "opacity: 0",
            "opacity: .1",
            "font-size: 0",
            "font-size: 1px",
            "font-size: 10%",
            "font: 0/0 a",
            "max-height: 0; overflow: hidden",
            "position: absolute; left: -9999px",
            "text-indent: -9999px",
            "color: transparent",
            "mso-hide: all",
        ] {
            assert!(hides(style), "{style}");
        }
        for style in [
            "",
            "display: block",
            "font-size: 17px; line-height: 1.5",
            "font-size: 1em",
            "font: bold 17px/1.5 Arial",
            "max-width: 34em; margin: 0 auto",
            "color: #1f2328; opacity: 1",
            "width: 100%",
        ] {
            assert!(!hides(style), "{style}");
        }
    }
}

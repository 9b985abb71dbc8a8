//! The lines of a letter's text part: broken between words, as some mail programs break none. An address stays whole, so that it
//! can be opened; so does a telephone number. (`textwrap` breaks lines at words; which words are one number, and the mark of an item,
//! would still be these rules of ours, and no more than a loop is left.)

/// The text with every line broken that is longer than so many characters; what follows in an item of a list is indented.
#[must_use]
pub(super) fn broken(text: &str, width: usize) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| broken_line(line, width)).collect();
    lines.join("\n")
}

fn broken_line(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let indent = if line.starts_with("- ") { "  " } else { "" };
    let (mut out, mut column) = (String::with_capacity(line.len() + 16), 0);
    for piece in pieces(line) {
        let length = piece.chars().count();
        if column == 0 {
            column = length;
        } else if column + 1 + length <= width {
            out.push(' ');
            column += 1 + length;
        } else {
            out.push('\n');
            out.push_str(indent);
            column = indent.len() + length;
        }
        out.push_str(piece);
    }
    out
}

/// Words, each with what must not be parted from it: the mark of a list item, and the figures of one number.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    for (at, _) in line.match_indices(' ') {
        let (before, after) = (&line[begin..at], &line[at + 1..]);
        let is_number = before.ends_with(|c: char| c.is_ascii_digit() || c == ')')
            && after.starts_with(|c: char| c.is_ascii_digit() || c == '(');
        if before != "-" && !is_number {
            pieces.push(before);
            begin = at + 1;
        }
    }
    pieces.push(&line[begin..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_end_at_words_and_addresses_and_numbers_stay_whole() {
        let address = format!("https://letters.clinic.example/c/{}", "x".repeat(90));
        let text = format!("{address}\n- one two three\nCall us on +34 600 100 200 at once\n\nshort\n");
        assert_eq!(
            broken(&text, 12),
            format!("{address}\n- one two\n  three\nCall us on\n+34 600 100 200\nat once\n\nshort\n")
        );
        assert_eq!(broken("as it is\n", 78), "as it is\n");
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_line_is_too_long_that_could_be_parted(text in "(- )?([a-zé]{1,9} ?){0,40}", width in 12..80_usize) {
            let lines = broken(&text, width);
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&lines), words(&text));
            let whole = |line: &str| !line.trim().trim_start_matches("- ").contains(' ');
            prop_assert!(lines.lines().all(|line| line.trim_end().chars().count() <= width || whole(line)));
        }
    }
}

//! Words of the program as sentences of a page: a capital first, an end last, the marks of code as quotation marks, and no hint
//! that only whoever types commands can follow.

use crate::web::locale::catalog::capital;

/// A hint that holds one of these is meant for the command line.
const COMMANDS: [&str; 4] = ["aftercare ", "--", "command line", "` command"];

/// What a page offers in place of an option of a command.
const CHOICES: [(&str, &str); 1] = [(
    "say which: `--dates dmy` or `--dates mdy`",
    "choose under `Dates in it` whether day or month stands first, and send the file again",
)];

/// A text as a sentence; nothing stays nothing.
pub(in crate::web::console) fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches(['.', ':']);
    let end = if text.is_empty() || text.ends_with(['?', '!']) { "" } else { "." };
    format!("{}{end}", capital(&text.replace('`', "\"")))
}

/// A hint, unless it is about commands: that is of no use on a page, but where the page has a choice of its own for it.
pub(in crate::web::console) fn without_commands(hint: &str) -> &str {
    if let Some((_, choice)) = CHOICES.iter().find(|(option, _)| *option == hint) {
        return choice;
    }
    if COMMANDS.iter().any(|mark| hint.contains(mark)) { "" } else { hint }
}

/// What is wrong, and what to do next where that is of use on a page.
pub(in crate::web::console) fn with_hint(problem: &str, hint: &str) -> String {
    let (problem, hint) = (sentence(problem), sentence(without_commands(hint)));
    format!("{problem} {hint}").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_rule_says_becomes_a_sentence() {
        for (written, read) in [
            ("there is no such day", "There is no such day."),
            ("`source` is missing.", "\"source\" is missing."),
            ("did you mean `mon`?", "Did you mean \"mon\"?"),
            ("émail: is empty:", "Émail: is empty."),
            ("", ""),
        ] {
            assert_eq!(sentence(written), read);
        }
    }

    #[test]
    fn a_hint_about_commands_is_left_out() {
        let told = "There is no such day. Write it as 1970-03-27.";
        assert_eq!(with_hint("there is no such day", "write it as 1970-03-27"), told);
        for hint in
            ["say which: `--dates dmy`", "see `aftercare staff list`", "give NAME on the command line", ""]
        {
            assert_eq!(with_hint("there is no such day", hint), "There is no such day.");
        }
        let told = with_hint("could be either", "say which: `--dates dmy` or `--dates mdy`");
        assert!(told.contains("Choose under \"Dates in it\""), "{told}");
    }
}

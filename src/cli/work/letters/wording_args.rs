//! What `aftercare letters wording` is told.

use std::path::PathBuf;

use crate::letter::own::letter_texts;

/// The clinic's own words of letters: list, show, set, revert, history
///
/// A text that stands in a file of the operator's wins over what is set here; every other text is as shipped until somebody
/// words it. Nothing is saved that `check` would refuse. The daemon takes on at once what counts; letters that wait are
/// written when their turn comes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare letters wording show book --language es")]
pub struct WordingArgs {
    /// What to do with the words.
    #[command(subcommand)]
    pub verb: WordingCommand,
}

/// What to do with the words.
#[derive(Debug, clap::Subcommand)]
pub enum WordingCommand {
    /// List the letters that the clinic words itself, and those whose words do not prove any more
    #[command(after_help = "Example:\n  aftercare letters wording list")]
    List,
    /// Show the texts of a letter, as a file that `set` takes
    #[command(after_help = "Example:\n  aftercare letters wording show book --language es > book.toml")]
    Show(WordingOf),
    /// Word a letter: its texts from a file, proved before they are saved
    #[command(
        after_help = "Example:\n  aftercare letters wording set book --language es --file book.toml --dry-run"
    )]
    Set(WordingSetArgs),
    /// Put an older version back, or the shipped words
    #[command(
        after_help = "Example:\n  aftercare letters wording revert book --language es --to 3 --as lena"
    )]
    Revert(WordingRevertArgs),
    /// List the versions of a letter's words, newest first
    #[command(after_help = "Example:\n  aftercare letters wording history book --language es")]
    History(WordingOf),
}

/// Which letter, in which language.
#[derive(Debug, clap::Args)]
pub struct WordingOf {
    /// Name of the letter, as `list` shows it.
    #[arg(value_name = "LETTER", value_parser = letter_texts::letters().collect::<Vec<_>>())]
    pub letter: String,
    /// The language's short code; the clinic's first where it is left out.
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
}

/// Word a letter: its texts from a file, proved before they are saved
#[derive(Debug, clap::Args)]
pub struct WordingSetArgs {
    /// Which letter, in which language.
    #[command(flatten)]
    pub of: WordingOf,
    /// Its texts as `show` writes them; a text that is left out, or as shipped, is the shipped one. `-` is stdin.
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// Only prove it, and say which letters it would touch.
    #[arg(long)]
    pub dry_run: bool,
    /// Your sign-in name; needed as soon as an account may word letters.
    #[arg(long = "as", value_name = "NAME")]
    pub by: Option<String>,
}

/// Put an older version back, or the shipped words
#[derive(Debug, clap::Args)]
pub struct WordingRevertArgs {
    /// Which letter, in which language.
    #[command(flatten)]
    pub of: WordingOf,
    /// The version to put back; without it, the shipped words.
    #[arg(long, value_name = "VERSION")]
    pub to: Option<i64>,
    /// Your sign-in name; needed as soon as an account may word letters.
    #[arg(long = "as", value_name = "NAME")]
    pub by: Option<String>,
}

//! The arguments of `aftercare checklist try`, and why it cannot.

use std::path::PathBuf;

use jiff::civil::Date;

use crate::config::file::fault::Fault;

/// One set of answers to judge.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:\n  aftercare checklist try spine SP08=new\n  \
    aftercare checklist try spine --well SP01=same SP03=6 --previous may.toml --baseline enrolment.toml\n\n\
    What is left out counts as blank on a submitted form; --well answers it with no.")]
pub struct TryArgs {
    /// Name of the checklist.
    pub checklist: String,
    /// Answers, FIELD=WORD each; they win over those of a file.
    #[arg(value_name = "FIELD=WORD")]
    pub words: Vec<String>,
    /// A TOML file of answers: SP08 = "new", "SP10.site" = "body".
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// The last form as a TOML file: answered_on, reviewed, `[answers]`. What was new there and not reviewed counts as
    /// not looked at yet.
    #[arg(long, value_name = "FILE")]
    pub previous: Option<PathBuf>,
    /// The confirmed baseline as a TOML file: confirmed_by, confirmed_on, `[marks]`, `[answers]`.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Answer everything that is not given with no, 0 or the mildest.
    #[arg(long)]
    pub well: bool,
    /// Judge as a page that was saved, not as a finished form: blanks may still come.
    #[arg(long)]
    pub saved: bool,
    /// Judge as if bone spread were already known (K1).
    #[arg(long)]
    pub bone_spread: bool,
    /// A reason marked as known until a date (M1).
    #[arg(long, value_name = "S2=DATE")]
    pub known: Vec<String>,
    /// The day of the answers [default: today].
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// The language of the questions shown.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub language: String,
}

/// Why nothing was judged.
#[derive(Debug, thiserror::Error)]
pub enum TryError {
    /// There is no such checklist (exit 65).
    #[error("no checklist called `{name}`; there is: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names of those there are.
        known: String,
    },
    /// The checklist is faulty (exit 78).
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Checklist(Vec<Fault>),
    /// The answers or their files cannot be used (exit 65); one line each.
    #[error("{}", .0.join("\n"))]
    Answers(Vec<String>),
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
}

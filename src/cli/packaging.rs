//! Hidden commands that packagers call: manual pages and shell completions.

use std::path::PathBuf;

use clap_complete::Shell;

use super::exit::Failure;
use crate::cli::config_page;
use crate::config::embedded;

/// Write the manual pages
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare man docs/man")]
pub struct Man {
    /// Where to; one page for each command, and `aftercare.toml.5`.
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}

/// Print the completion script of a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  aftercare completions bash > /usr/share/bash-completion/completions/aftercare"
)]
pub struct Completions {
    /// The shell that is to read the script.
    pub shell: Shell,
}

/// Writes one page for each command, and one for the configuration file.
///
/// # Errors
/// The directory cannot be written.
pub fn man(args: &Man, tree: clap::Command) -> Result<(), Failure> {
    std::fs::create_dir_all(&args.directory)?;
    clap_mangen::generate_to(tree, &args.directory)?;
    let example = embedded::text("aftercare.toml").unwrap_or_default();
    Ok(std::fs::write(args.directory.join("aftercare.toml.5"), config_page::aftercare_toml(&example))?)
}

/// Writes the completion script for that shell to stdout.
///
/// # Errors
/// They cannot be written.
pub fn completions(args: &Completions, mut tree: clap::Command) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut tree, "aftercare", &mut script);
    Ok(std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?)
}

//! `aftercare init`: a complete, commented configuration to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::config::embedded;

/// Write a complete, commented configuration to start from
///
/// Puts aftercare.toml and copies of the shipped protocols, checklists, letters and leaflets into DIR. Nothing that is
/// there already is touched.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare init /etc/aftercare")]
pub struct InitArgs {
    /// Where to; it is created if need be.
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Where database, spool and backups go: DIR itself otherwise, or /var/lib/aftercare when DIR is under /etc.
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

/// Writes all the shipped files, or none when one of them is there already.
///
/// # Errors
/// 65 when something is there already.
pub fn run(args: &InitArgs, ctx: &Context) -> Result<(), Failure> {
    let mut files = embedded::list("");
    // No key of [paths] leads to them: a copy that somebody changes would count for nothing.
    files.retain(|path| !path.starts_with(embedded::CONSOLE));
    refuse_to_overwrite(&args.directory, &files)?;
    for path in &files {
        let text = embedded::text(path).unwrap_or_default();
        let text = if path == "aftercare.toml" { fitted(&text, args) } else { text };
        write_new(&args.directory.join(path), &text)?;
    }
    let config = args.directory.join("aftercare.toml");
    let document = json!({ "config": config.display().to_string(), "files": files });
    ctx.show(&document, |out| {
        writeln!(out, "wrote {} files into {}", files.len(), args.directory.display())?;
        writeln!(out, "\nNext:")?;
        writeln!(out, "  1. put your clinic's names and numbers into {}", config.display())?;
        writeln!(out, "  2. aftercare check --config {}", config.display())?;
        writeln!(
            out,
            "  3. have the database encrypted: `key_credential` in [database] (aftercare database new-key)"
        )?;
        writeln!(out, "  4. aftercare serve --config {}", config.display())
    })
}

fn refuse_to_overwrite(directory: &Path, files: &[String]) -> Result<(), Failure> {
    match files.iter().map(|f| directory.join(f)).find(|path| path.symlink_metadata().is_ok()) {
        None => Ok(()),
        Some(path) => Err(Failure::bad_input(format!("`{}` is there already", path.display()))
            .hint("name another directory, or move the old files away first")),
    }
}

/// The shipped text with its places set.
fn fitted(text: &str, args: &InitArgs) -> String {
    let Some(state) = state(args) else { return text.to_owned() };
    let places = [("path", "aftercare.db"), ("spool_dir", "spool"), ("directory", "backups")];
    places.iter().fold(text.to_owned(), |text, (key, name)| {
        let place = toml::Value::String(state.join(name).display().to_string());
        text.replace(&format!("\n{key} = \"{name}\"\n"), &format!("\n{key} = {place}\n"))
    })
}

/// However the directory is written: `cd /etc && aftercare init aftercare` is meant for the service, too.
fn state(args: &InitArgs) -> Option<PathBuf> {
    let whole = std::path::absolute(&args.directory).unwrap_or_else(|_| args.directory.clone());
    let there = whole.ancestors().find_map(|place| Some((place.canonicalize().ok()?, place)));
    let whole = there.map_or(whole.clone(), |(real, place)| {
        whole.strip_prefix(place).map_or(whole.clone(), |rest| real.join(rest))
    });
    let service = whole.starts_with("/etc").then(|| PathBuf::from("/var/lib/aftercare"));
    args.state.clone().or(service)
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let wrote = || -> std::io::Result<()> {
        path.parent().map(std::fs::create_dir_all).transpose()?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)?;
        file.write_all(text.as_bytes())
    };
    wrote().map_err(|error| {
        let failure = match error.kind() {
            ErrorKind::StorageFull => Failure::unavailable(format!("`{}`: {error}", path.display())),
            _ => Failure::failed(format!("cannot write `{}`: {error}", path.display())),
        };
        failure.hint("choose a directory you may write to, or run it as root")
    })
}

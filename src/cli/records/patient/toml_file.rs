//! `--from FILE`: what is recorded of a patient, given in a file instead of on the command line, which every process of the machine can
//! read, and which stays in the history of the shell and in sudo's log.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use clap::{Arg, ArgAction, Command};

use crate::cli::exit::Failure;

/// A patient is told in less.
const MOST: u64 = 64 * 1024;

/// The command line with what the file of `--from` says added to it, as if it had been typed. Only `patient add` and `patient set`
/// have such a file; every other line stays as it is.
///
/// # Errors
/// The file cannot be read, is no TOML, or has a key that is no option.
pub fn widened(mut line: Vec<OsString>, tree: &Command) -> Result<Vec<OsString>, Failure> {
    let at = |pair: &[OsString]| pair[0] == "patient" && (pair[1] == "add" || pair[1] == "set");
    let Some(verb) = line.windows(2).position(at).map(|place| line[place + 1].clone()) else {
        return Ok(line);
    };
    let Some(path) = file(&line) else { return Ok(line) };
    let patient = tree.find_subcommand("patient").and_then(|patient| patient.find_subcommand(verb));
    let Some(command) = patient else { return Ok(line) };
    let named = Path::new(&path).display().to_string();
    let text = text(&path).map_err(|error| {
        Failure::bad_input(format!("`{named}` cannot be read: {error}"))
            .hint("name a file of TOML, or `-` to give it on standard input")
    })?;
    let table: toml::Table = toml::from_str(&text).map_err(|fault| {
        let line = fault.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        // Never the line itself: it is about a patient.
        Failure::bad_input(format!("`{named}`, line {line}: {}", fault.message()))
            .hint("write one option of the command a line, e.g. `name = \"Ana\"`")
    })?;
    for (key, value) in &table {
        line.extend(
            words(command, key, value)
                .map_err(|fault| Failure { error: format!("`{named}`: {}", fault.error), ..fault })?,
        );
    }
    Ok(line)
}

/// What a command line names behind `--from`.
fn file(line: &[OsString]) -> Option<OsString> {
    let mut rest = line.iter().skip_while(|word| *word != "patient");
    while let Some(word) = rest.next() {
        if word == "--from" {
            return rest.next().cloned();
        }
        if let Some(path) = word.to_str().and_then(|word| word.strip_prefix("--from=")) {
            return Some(path.into());
        }
    }
    None
}

fn text(path: &OsString) -> std::io::Result<String> {
    let mut text = String::new();
    match path.to_str() {
        Some("-") => std::io::stdin().lock().take(MOST).read_to_string(&mut text)?,
        _ => std::fs::File::open(path)?.take(MOST).read_to_string(&mut text)?,
    };
    Ok(text)
}

/// A key and its value as they would be typed.
fn words(command: &Command, key: &str, value: &toml::Value) -> Result<Vec<OsString>, Failure> {
    let option = key.replace('_', "-");
    let is_it = |arg: &&Arg| arg.get_long() == Some(&option) && option != "from";
    if key == "reference" {
        return Ok(vec![plain(key, value)?.into()]);
    }
    let Some(arg) = command.get_arguments().find(is_it) else {
        let known = command.get_arguments().filter_map(Arg::get_long).filter(|name| *name != "from");
        let known: Vec<String> = known.map(|name| name.replace('-', "_")).collect();
        return Err(Failure::bad_input(format!("there is no key `{key}`"))
            .hint(format!("known are reference, {}", known.join(", "))));
    };
    let all = match value {
        toml::Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    if let (ArgAction::SetTrue, toml::Value::Boolean(is_wanted)) = (arg.get_action(), value) {
        return Ok(if *is_wanted { vec![format!("--{option}").into()] } else { Vec::new() });
    }
    all.into_iter().map(|one| Ok(format!("--{option}={}", plain(key, one)?).into())).collect()
}

/// A value as it would be typed.
fn plain(key: &str, value: &toml::Value) -> Result<String, Failure> {
    Ok(match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(is_so) => is_so.to_string(),
        toml::Value::Datetime(on) => on.to_string(),
        toml::Value::Float(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
            return Err(Failure::bad_input(format!("`{key}` is neither a text, a date nor a list of them"))
                .hint("write it in quotation marks"));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> Vec<OsString> {
        words.iter().map(Into::into).collect()
    }

    #[test]
    fn what_the_file_says_is_as_if_it_had_been_typed_and_other_lines_stay_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("her.toml");
        let path = path.to_str().unwrap();
        let tree = crate::cli::tree();
        let her = "name = \"Ana\"\nbirth_date = 1980-05-17\nadd_on = [\"a\", \"b\"]\nshared_inbox = true\nphone = 5\n";
        std::fs::write(path, her).unwrap();
        let added =
            widened(line(&["aftercare", "--json", "patient", "add", "R-1", "--from", path]), &tree).unwrap();
        let mut told: Vec<&str> = added.iter().skip(7).map(|word| word.to_str().unwrap()).collect();
        told.sort_unstable();
        let typed = [
            "--add-on=a",
            "--add-on=b",
            "--birth-date=1980-05-17",
            "--name=Ana",
            "--phone=5",
            "--shared-inbox",
        ];
        assert_eq!(told, typed);
        std::fs::write(path, "shared_inbox = false\nreference = \"R-1\"").unwrap();
        let from = format!("--from={path}");
        let set = widened(line(&["aftercare", "patient", "set", &from]), &tree).unwrap();
        assert!(set.contains(&"--shared-inbox=false".into()) && set.contains(&"R-1".into()), "{set:?}");
        for other in
            [&["aftercare", "patient", "list", "--from", path][..], &["aftercare", "patient", "add", "R-1"]]
        {
            assert_eq!(widened(line(other), &tree).unwrap(), line(other));
        }
        for (text, why) in [
            ("nmae = \"Ana\"", "no key `nmae`"),
            ("name = Ana", "line 1"),
            ("name = {}", "`name` is neither"),
        ] {
            std::fs::write(path, text).unwrap();
            let told = widened(line(&["aftercare", "patient", "set", &from]), &tree).unwrap_err();
            assert!(told.error.contains(why) && !told.error.contains("Ana"), "{}", told.error);
        }
    }
}

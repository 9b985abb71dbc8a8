//! `aftercare letters wording`: what the clinic words itself, as on the console's pages of letters.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::care::settings::own_wording::OwnWording;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::named_file;
use crate::cli::sign_in::stamp;
use crate::cli::work::letters::wording_args::{
    WordingArgs, WordingCommand, WordingOf, WordingRevertArgs, WordingSetArgs,
};
use crate::config::file::fault::Fault;
use crate::daemon::assembly::wording;
use crate::journey::settings::wording_change::{self, WordingChange};
use crate::letter::fault::LetterFault;
use crate::letter::own::layers::{SetAsideWording, WordingLayers};
use crate::letter::own::letter_texts;
use crate::store::database::{OpenMode, Store};
use crate::store::own_wordings::{NewOwnWording, OwnWordingVersion};

/// The words there are, and where they are kept.
struct WordingContext {
    layers: WordingLayers,
    store: Store,
    letter: String,
    language: String,
}

impl WordingContext {
    fn of(args: &WordingOf, ctx: &Context, how: OpenMode) -> Result<Self, Failure> {
        let (layers, store) = layers(ctx, how)?;
        let first = layers.files.languages.keys().next().cloned().unwrap_or_default();
        let first = ctx.config()?.sending.languages.first().cloned().unwrap_or(first);
        let language = args.language.clone().unwrap_or(first);
        if !layers.files.languages.contains_key(&language) {
            return Err(Failure::bad_input(format!("the clinic writes no letters in `{language}`"))
                .hint("name one of `sending.languages`"));
        }
        Ok(Self { layers, store, letter: args.letter.clone(), language })
    }

    fn newest(&self) -> Result<Option<OwnWordingVersion>, Failure> {
        Ok(self.store.read(|view| view.own_wording_newest(&self.letter, &self.language))?)
    }

    fn saying(&self, texts: BTreeMap<String, String>) -> OwnWording {
        OwnWording { letter: self.letter.clone(), language: self.language.clone(), version: 0, texts }
    }

    /// How many letters wait that would be written so.
    fn waiting(&self) -> Result<Vec<i64>, Failure> {
        let step = letter_texts::step(&self.letter);
        let found = self.store.read(|view| view.waiting_of(&self.language, step))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }
}

fn layers(ctx: &Context, how: OpenMode) -> Result<(WordingLayers, Store), Failure> {
    let store = ctx.store(how)?;
    let sources = ctx.sources()?;
    let named = |found| Failure::bad_configuration(wording::named_faults(found, &sources));
    let mut layers = wording::layers(ctx.config()?, &sources).map_err(named)?;
    layers.own = store.read(|view| view.own_wordings_in_force())?;
    Ok((layers, store))
}

/// Shows, changes or puts back the clinic's own words of a letter.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(args: &WordingArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        WordingCommand::List => list(ctx),
        WordingCommand::Show(of) => show(&WordingContext::of(of, ctx, OpenMode::AsItIs)?, ctx),
        WordingCommand::Set(args) => set(args, ctx),
        WordingCommand::Revert(args) => revert(args, ctx),
        WordingCommand::History(of) => history(&WordingContext::of(of, ctx, OpenMode::AsItIs)?, ctx),
    }
}

fn list(ctx: &Context) -> Result<(), Failure> {
    let (layers, _) = layers(ctx, OpenMode::AsItIs)?;
    let set_aside = layers.standing().set_aside;
    let documents: Vec<Value> = layers.own.iter().map(|own| listed(own, &set_aside)).collect();
    ctx.show(&documents, |out| {
        if documents.is_empty() {
            return writeln!(out, "every letter is as shipped, or as the operator's files say");
        }
        for one in &documents {
            let word = |key: &str| one[key].as_str().unwrap_or_default();
            let texts: Vec<&str> =
                one["texts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let (letter, language, state) = (word("letter"), word("language"), word("state"));
            writeln!(
                out,
                "{letter:<22}{language:<4}version {:<5}{state:<11}{}",
                one["version"],
                texts.join(", ")
            )?;
            for fault in one["faults"].as_array().into_iter().flatten() {
                writeln!(out, "  {}", fault.as_str().unwrap_or_default())?;
            }
        }
        Ok(())
    })
}

fn listed(own: &OwnWording, set_aside: &[SetAsideWording]) -> Value {
    let left = set_aside.iter().find(|one| one.own == *own);
    let faults = left.map(|one| one.faults.iter().map(ToString::to_string).collect::<Vec<_>>());
    json!({ "letter": own.letter, "language": own.language, "version": own.version,
        "texts": own.texts.keys().collect::<Vec<_>>(),
        "state": if left.is_some() { "set aside" } else { "counts" }, "faults": faults.unwrap_or_default() })
}

fn show(wording: &WordingContext, ctx: &Context) -> Result<(), Failure> {
    let own = wording.newest()?;
    let (version, own) = own.map(|one| (one.own.version, one.own.texts)).unzip();
    let own = own.unwrap_or_default();
    let (files, language) = (&wording.layers.files, &wording.language);
    let pack = files.languages.get(language).cloned().unwrap_or_default();
    let mut texts = Vec::new();
    for name in letter_texts::texts(&wording.letter, &pack) {
        let file = wording.layers.fixed(language, &name);
        let mine = own.get(&name).filter(|_| file.is_none());
        let says = mine.map(String::as_str).or_else(|| letter_texts::said(&pack, &name)).unwrap_or_default();
        let source = match (&file, mine) {
            (Some(_), _) => "operator",
            (None, Some(_)) => "clinic",
            (None, None) => "shipped",
        };
        texts.push(json!({ "name": name, "says": says, "source": source, "file": file }));
    }
    let document =
        json!({ "letter": wording.letter, "language": language, "version": version, "texts": texts });
    ctx.show(&document, |out| {
        for one in &texts {
            let word = |key: &str| one[key].as_str().unwrap_or_default();
            match word("source") {
                "operator" => writeln!(out, "# {} stands in {}", word("name"), word("file"))?,
                source => {
                    let table: toml::Table =
                        [(word("name").to_owned(), toml::Value::from(word("says")))].into_iter().collect();
                    let line = toml::to_string_pretty(&table).map_err(std::io::Error::other)?;
                    write!(out, "# {source}\n{line}")?;
                }
            }
        }
        Ok(())
    })
}

fn set(args: &WordingSetArgs, ctx: &Context) -> Result<(), Failure> {
    named_file::hold([&args.file]);
    let how = if args.dry_run { OpenMode::AsItIs } else { OpenMode::Create };
    let wording = WordingContext::of(&args.of, ctx, how)?;
    let own = wording.saying(read(&args.file, &wording)?);
    prove(&wording, &own)?;
    if args.dry_run {
        let waiting = wording.waiting()?;
        return ctx.show(&json!({ "proves": true, "waiting": waiting }), |out| {
            writeln!(out, "it proves; {}", touched(&waiting))
        });
    }
    save(&wording, NewOwnWording { own, again_of: None }, ctx, args.by.as_deref())
}

fn revert(args: &WordingRevertArgs, ctx: &Context) -> Result<(), Failure> {
    let wording = WordingContext::of(&args.of, ctx, OpenMode::Existing)?;
    let texts = match args.to {
        None => BTreeMap::new(),
        Some(id) => {
            let ask = |view: &crate::store::db::transaction::View<'_>| {
                view.own_wording_version(&wording.letter, &wording.language, id)
            };
            wording.store.read(ask)?.own.texts
        }
    };
    let own = wording.saying(texts);
    prove(&wording, &own)?;
    save(&wording, NewOwnWording { own, again_of: args.to }, ctx, args.by.as_deref())
}

fn prove(wording: &WordingContext, own: &OwnWording) -> Result<(), Failure> {
    for name in own.texts.keys() {
        if let Some(file) = wording.layers.fixed(&wording.language, name) {
            let problem = format!("`{name}` is the operator's: it stands in {file}");
            let hint = "whoever runs the program takes it out there first".to_owned();
            let file = format!("letter `{}`", wording.letter);
            return Err(Failure::bad_configuration(vec![Fault { file, line: 0, problem, hint }]));
        }
    }
    let faults: Vec<LetterFault> =
        if own.texts.is_empty() { Vec::new() } else { wording.layers.faults_of(own) };
    if faults.is_empty() { Ok(()) } else { Err(Failure::bad_configuration(wording::letter_faults(faults))) }
}

fn save(
    wording: &WordingContext,
    new: NewOwnWording,
    ctx: &Context,
    by: Option<&str>,
) -> Result<(), Failure> {
    let seen = wording.newest()?.map(|version| version.own.version);
    let waiting = wording.waiting()?;
    let ask = WordingChange { new, seen };
    let stamp = stamp(ctx, &wording.store, by)?;
    let version = wording.store.write_blocking(stamp, move |tx| wording_change::change(tx, &ask))?;
    ctx.wake(&wording.store);
    let id = version.own.version;
    let document =
        json!({ "letter": wording.letter, "language": wording.language, "version": id, "waiting": waiting });
    ctx.show(&document, |out| {
        writeln!(out, "saved as version {id}: it counts from now on; {}", touched(&waiting))
    })
}

fn touched(waiting: &[i64]) -> String {
    match waiting {
        [] => "no letter that waits says it".to_owned(),
        [one] => format!("letter {one} waits and will be written so"),
        all => format!("{} letters wait that will be written so", all.len()),
    }
}

/// The texts of a file that differ from what ships.
fn read(file: &Path, wording: &WordingContext) -> Result<BTreeMap<String, String>, Failure> {
    let named = |error: &dyn std::fmt::Display| {
        Failure::bad_input(format!("`{}` cannot be read: {error}", file.display()))
            .hint("name a file as `aftercare letters wording show` writes it")
    };
    let text = named_file::text(file).map_err(|error| named(&error))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let table: BTreeMap<String, String> = toml::from_str(text).map_err(|error| named(&error.message()))?;
    let shipped = wording.layers.shipped.languages.get(&wording.language).cloned().unwrap_or_default();
    let kept = table.into_iter().map(|(name, says)| {
        let says = letter_texts::kept(&name, &says);
        (name, says)
    });
    let is_own = |(name, says): &(String, String)| {
        !says.trim().is_empty()
            && letter_texts::said(&shipped, name).is_none_or(|ours| !letter_texts::same(says, ours))
    };
    Ok(kept.filter(is_own).collect())
}

fn history(wording: &WordingContext, ctx: &Context) -> Result<(), Failure> {
    let own = wording.saying(BTreeMap::new());
    let versions = wording.store.read(|view| view.own_wording_versions(&own, None))?;
    let newest = versions.rows.first().map(|version| version.own.version);
    let documents: Vec<Value> = versions.rows.iter().map(|one| told(one, newest)).collect();
    ctx.show(&documents, |out| {
        if documents.is_empty() {
            return writeln!(out, "nobody has worded it yet");
        }
        for one in &versions.rows {
            let texts: Vec<&str> = one.own.texts.keys().map(String::as_str).collect();
            let texts = if texts.is_empty() { "as shipped".to_owned() } else { texts.join(", ") };
            let state = if newest == Some(one.own.version) { "counts" } else { "counted" };
            writeln!(out, "{:>5}  {}  {state:<8}{}  {texts}", one.own.version, one.set_at, one.set_by)?;
        }
        match versions.next() {
            Some(_) => writeln!(out, "older versions are shown in the console"),
            None => Ok(()),
        }
    })
}

fn told(version: &OwnWordingVersion, newest: Option<i64>) -> Value {
    let state = if newest == Some(version.own.version) { "counts" } else { "counted" };
    json!({ "version": version.own.version, "set_at": version.set_at.to_string(), "set_by": version.set_by,
        "state": state, "again_of": version.again_of, "texts": version.own.texts })
}

//! Provers of what people wrote: protocols, checklists, letters and leaflets, and that they fit each other.

use std::path::Path;

use crate::care::plan::protocol::Protocol;
use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::config::centres as directory;
use crate::config::checklists::checklist as forms;
use crate::config::file::fault::Fault;
use crate::config::pages::wording as texts;
use crate::config::protocols::draft::{DraftRules, missing_faults};
use crate::config::protocols::{protocol as protocol_cache, remarks};
use crate::config::{embedded, load};
use crate::daemon::assembly::{forbidden_keys, protocol_files, wording};
use crate::letter::compose::Composer;
use crate::letter::own::layers::SetAsideWording;
use crate::letter::proof::prove::prove;
use crate::store::db::health::peek;

pub(super) fn protocols(context: &CheckContext) -> Vec<CheckFinding> {
    let languages = context.config.as_ref().map(protocol_files::languages).unwrap_or_default();
    match protocol_cache::library(&context.sources, &languages) {
        Err(faults) => faults.into_iter().map(CheckFinding::Fault).collect(),
        Ok(library) => library.iter().flat_map(|(id, own)| odd(context, id, own)).collect(),
    }
}

fn odd(context: &CheckContext, id: &str, own: &protocol_cache::ProtocolSource) -> Vec<CheckFinding> {
    let file = context.sources.name(&format!("protocols/{id}.toml"));
    remarks::remarks(&own.protocol, &file, &own.text).into_iter().map(CheckFinding::Remark).collect()
}

/// H7: a schedule that no clinician of this clinic has signed is remarked, all in one, once the clinic has it as a file
/// of its own or has put somebody on it.
pub(super) fn unsigned(context: &CheckContext) -> Vec<CheckFinding> {
    let Ok(library) = library(context) else { return Vec::new() };
    let in_use = in_use(context);
    let signed = signed_here(context, &library);
    let unsigned = library.iter().filter(|p| !p.verified && !signed.contains(&p.id));
    let unsigned = unsigned.filter(|p| concerns(context, &in_use, p));
    let names: Vec<&str> = unsigned.map(|p| p.id.as_str()).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let problem = format!("no clinician of yours has signed {}", names.join(", "));
    let hint = "look at each with one (`aftercare plan NAME --anchor DATE`), then sign it on its page of the console, or set `verified = true` in your own copy of its file";
    vec![context.remark_at("paths.protocols", &problem, hint)]
}

/// The schedules whose present version somebody signed in the console. A database of before has no such record.
fn signed_here(context: &CheckContext, library: &[Protocol]) -> Vec<String> {
    let Some(path) = context.database.as_deref().filter(|path| path.exists()) else { return Vec::new() };
    let signed = peek(path, |view| {
        let mut signed = Vec::new();
        for p in library {
            let version = view.protocol_version_id(&p.id, &p.version)?;
            if version.map(|id| view.sign_offs(id)).transpose()?.is_some_and(|by| !by.is_empty()) {
                signed.push(p.id.clone());
            }
        }
        Ok(signed)
    });
    signed.unwrap_or_default()
}

/// The schedules that somebody is on. What is wrong with the database itself is told by its own prover.
fn in_use(context: &CheckContext) -> Vec<String> {
    let there = context.database.as_deref().filter(|path| path.exists());
    there.and_then(|path| peek(path, |view| view.protocols_in_use()).ok()).unwrap_or_default()
}

fn concerns(context: &CheckContext, in_use: &[String], p: &Protocol) -> bool {
    in_use.contains(&p.id) || context.sources.is_own(&format!("protocols/{}.toml", p.id))
}

/// A leaflet that is switched on and not there; and one that is switched off although a schedule of the clinic's own, or
/// one that somebody is on, would send it.
pub(super) fn leaflets(context: &CheckContext) -> Vec<CheckFinding> {
    let (Some(config), Ok(library)) = (&context.config, library(context)) else { return Vec::new() };
    let Ok(composer) = wording::words(config, &context.sources).and_then(|wording| Composer::new(&wording))
    else {
        return Vec::new();
    };
    let (key, on) = ("learn.leaflets", &config.learn.leaflets);
    let lacks = |name: &&String| config.sending.languages.iter().any(|l| composer.leaflet(l, name).is_none());
    let gone = on.iter().filter(lacks).map(|name| {
        let hint = "write `leaflets/LANGUAGE/NAME.md` in each language, or take the name out";
        context.fault_at(key, &format!("`{name}` is no leaflet in every language"), hint)
    });
    let in_use = in_use(context);
    let sent = library
        .iter()
        .filter(|p| concerns(context, &in_use, p))
        .flat_map(|p| p.series.iter().map(move |series| (p, series)));
    let off = sent.filter_map(|(p, series)| Some((p, series.leaflet.as_ref().filter(|l| !on.contains(*l))?)));
    let off = off.map(|(p, leaflet)| {
        let problem = format!("`{}` sends the leaflet `{leaflet}`, which is switched off", p.id);
        context.remark_at(key, &problem, "read the leaflet, then name it here; until then that letter is withdrawn, and the ledger of promises says why")
    });
    gone.chain(off).collect()
}

pub(super) fn checklists(context: &CheckContext) -> Vec<CheckFinding> {
    let names = forms::names(&context.sources);
    let faults = names.iter().filter_map(|name| forms::load(name, &context.sources).err());
    faults.flatten().map(CheckFinding::Fault).collect()
}

/// The words of the pages, and texts that no page shows.
pub(super) fn pages(context: &CheckContext) -> Vec<CheckFinding> {
    let faults = texts::load(&context.sources).err().into_iter().flatten().map(CheckFinding::Fault);
    faults.chain(texts::remarks(&context.sources).into_iter().map(CheckFinding::Remark)).collect()
}

pub(super) fn centres(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let found = directory::in_force(config, &context.sources).err();
    found.into_iter().flatten().map(CheckFinding::Fault).collect()
}

pub(super) fn letters(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let (found, set_aside) = match wording::layers(config, &context.sources) {
        Ok(layers) => (prove(&layers.files), layers.standing().set_aside),
        Err(found) => (found, Vec::new()),
    };
    let named = |mut fault: Fault| {
        if fault.file == "aftercare.toml" {
            fault.file.clone_from(&context.file);
            // It names its key first.
            fault.line = load::line(&context.text, fault.problem.split('`').nth(1).unwrap_or_default());
        } else if !fault.file.is_empty() {
            if fault.line == 0 && fault.file.ends_with("/strings.toml") {
                let text = context.sources.text(&fault.file).unwrap_or_default();
                fault.line = load::line(&text, fault.problem.split('`').nth(1).unwrap_or_default());
            }
            fault.file = context.sources.name(&fault.file);
        }
        CheckFinding::Fault(fault)
    };
    let faults = wording::letter_faults(found).into_iter().map(named);
    faults.chain(set_aside.into_iter().flat_map(not_used)).collect()
}

/// Earlier versions of `init` wrote the console's words too, which are read from nowhere but the program.
pub(super) fn console(context: &CheckContext) -> Vec<CheckFinding> {
    let home = Path::new(&context.file).parent().unwrap_or(Path::new("."));
    let is_changed = |path: &String| {
        std::fs::read_to_string(home.join(path)).is_ok_and(|own| embedded::text(path) != Some(own))
    };
    let changed: Vec<String> = embedded::list(embedded::CONSOLE).into_iter().filter(is_changed).collect();
    let Some(first) = changed.first() else { return Vec::new() };
    vec![CheckFinding::Remark(Fault {
        file: home.join(first).display().to_string(),
        line: 0,
        problem: "the console's words come with the program alone: what was changed here counts for nothing"
            .to_owned(),
        hint:
            "take the directory `console` away, and tell whoever makes aftercare what should read otherwise"
                .to_owned(),
    })]
}

/// Words of staff that do not prove: their letters leave as shipped, so that the daemon runs.
fn not_used(set_aside: SetAsideWording) -> impl Iterator<Item = CheckFinding> {
    let SetAsideWording { own, faults } = set_aside;
    faults.into_iter().map(move |fault| {
        CheckFinding::Remark(Fault {
            file: format!("own words of `{}` ({}), version {}", own.letter, own.language, own.version),
            line: fault.line.unwrap_or(0),
            problem: format!("{}; the letter leaves as shipped", fault.problem),
            hint: fault.hint,
        })
    })
}

/// What everybody sees of a letter, beside its subject: who it comes from, and where its links lead (P10).
pub(super) fn outside(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let Ok(wording) = wording::words(config, &context.sources) else { return Vec::new() };
    let told = forbidden_keys::found(config, &wording).into_iter();
    told.map(|told| context.fault_at(told.key, &told.problem, forbidden_keys::HINT)).collect()
}

/// Every step has a letter in every language, every leaflet and checklist that is named exists.
pub(super) fn steps(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let Ok(library) = protocol_cache::library(&context.sources, &protocol_files::languages(config)) else {
        return Vec::new();
    };
    let Ok(wording) = wording::words(config, &context.sources) else { return Vec::new() };
    let Ok(composer) = Composer::new(&wording) else { return Vec::new() };
    let checklists = forms::names(&context.sources);
    let languages = &config.sending.languages;
    let rules = DraftRules { languages, composer: &composer, checklists: &checklists };
    let mut found = Vec::new();
    for (id, own) in &library {
        let file = context.sources.name(&format!("protocols/{id}.toml"));
        for series in &own.protocol.series {
            found
                .extend(missing_faults(series, &file, &own.text, rules).into_iter().map(CheckFinding::Fault));
        }
    }
    found
}

fn library(context: &CheckContext) -> Result<Vec<Protocol>, Vec<Fault>> {
    let languages = context.config.as_ref().map(protocol_files::languages).unwrap_or_default();
    let read = protocol_cache::library(&context.sources, &languages)?;
    Ok(read.into_values().map(|published| published.protocol).collect())
}

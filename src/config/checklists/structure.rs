//! The structure file: its shape, and from there to a [`Checklist`].

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::consistency;
use crate::care::checklist::definition::{Checklist, Thresholds};
use crate::care::checklist::item::{AnswerKind, Item, Need, Part, PartRole, Skip};
use crate::care::triage::tier::{Code, Tier};
use crate::config::checklists::source_file::{Listing, SourceFile, misread};
use crate::config::checklists::structure_reader::{KeyOffsets, StructureReader};
use crate::config::file::fault::Fault;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StructureFile {
    id: String,
    rules: Spanned<Vec<String>>,
    pages: Spanned<Vec<Vec<String>>>,
    thresholds: Spanned<ThresholdKeys>,
    #[serde(default)]
    raise: BTreeMap<String, Spanned<String>>,
    item: Vec<Spanned<ItemStructure>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThresholdKeys {
    severe: u8,
    moderate: u8,
    rise: u8,
    rise_floor: u8,
    tired: u8,
    tired_rise: u8,
    compare_days: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemStructure {
    id: Spanned<String>,
    skip: Option<SkipFile>,
    parts: Vec<Spanned<PartStructure>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkipFile {
    field: String,
    word: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PartStructure {
    name: Option<String>,
    r#type: TypeWord,
    role: String,
    #[serde(default)]
    need: NeedWord,
    #[serde(default)]
    choices: Vec<String>,
    #[serde(default)]
    red: Vec<String>,
    max: Option<u8>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum TypeWord {
    Change,
    Pain,
    Choice,
    Score,
    YesNo,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
enum NeedWord {
    #[default]
    Always,
    WhenNew,
    Never,
}

pub(in crate::config::checklists) fn read(
    source: SourceFile<'_>,
    listing: Listing,
    faults: &mut Vec<Fault>,
) -> Option<Checklist> {
    let file: StructureFile = match toml::from_str(source.text) {
        Ok(file) => file,
        Err(error) => {
            faults.push(misread(source, &error));
            return None;
        }
    };
    let before = faults.len();
    let mut proof = StructureReader { source, faults };
    let places = KeyOffsets {
        items: file.item.iter().map(|item| item.get_ref().id.span().start).collect(),
        pages: file.pages.span().start,
        thresholds: file.thresholds.span().start,
    };
    rules(&file.rules, listing, &mut proof);
    let raised = raised(&file.raise, &mut proof);
    let items = file.item.into_iter().filter_map(|item| self::item(item.into_inner(), &mut proof)).collect();
    let checklist = Checklist {
        id: file.id,
        version: String::new(),
        title: BTreeMap::new(),
        items,
        pages: file.pages.into_inner(),
        thresholds: limits(file.thresholds.get_ref()),
        raised,
    };
    // What the parts mean together can only be judged when each was readable.
    if proof.faults.len() == before {
        consistency::check(&checklist, &places, &mut proof);
    }
    Some(checklist)
}

fn limits(limits: &ThresholdKeys) -> Thresholds {
    Thresholds {
        severe: limits.severe,
        moderate: limits.moderate,
        rise: limits.rise,
        rise_floor: limits.rise_floor,
        tired: limits.tired,
        tired_rise: limits.tired_rise,
        compare_days: limits.compare_days,
    }
}

fn rules(rules: &Spanned<Vec<String>>, listing: Listing, proof: &mut StructureReader<'_>) {
    let at = rules.span().start;
    for word in rules.get_ref().iter().filter(|word| Code::parse(word).is_none()) {
        proof.note(at, &format!("no rule called `{word}`"), "use the codes of the shipped file");
    }
    let wanted = Code::ALL.iter().filter(|_| listing == Listing::Whole);
    for code in wanted.filter(|code| !rules.get_ref().iter().any(|word| word == code.word())) {
        let problem = format!("rule `{}` is not listed", code.word());
        proof.note(at, &problem, "every rule always runs; list them all, so that the signature covers them");
    }
}

fn raised(
    raise: &BTreeMap<String, Spanned<String>>,
    proof: &mut StructureReader<'_>,
) -> BTreeMap<Code, Tier> {
    let mut raised = BTreeMap::new();
    for (word, tier) in raise {
        let at = tier.span().start;
        let Some(code) = Code::parse(word).filter(|code| code.may_be_raised()) else {
            let able: Vec<&str> =
                Code::ALL.into_iter().filter(|code| code.may_be_raised()).map(Code::word).collect();
            proof.note(at, &format!("`{word}` cannot be raised"), &format!("these can: {}", able.join(", ")));
            continue;
        };
        match Tier::parse(tier.get_ref()) {
            Some(tier) if Some(tier) >= code.tier() => drop(raised.insert(code, tier)),
            Some(_) => {
                let problem = format!("`{word}` would become less urgent");
                proof.note(at, &problem, "a rule can only be made more urgent; leave the line out");
            }
            None => proof.note(at, &format!("no tier `{}`", tier.get_ref()), "use soon, urgent or emergency"),
        }
    }
    raised
}

fn item(file: ItemStructure, proof: &mut StructureReader<'_>) -> Option<Item> {
    let at = file.id.span().start;
    let id = file.id.into_inner();
    if !is_name(&id) {
        proof.note(at, &format!("`{id}` is not a good item id"), "use 1 to 32 letters, digits and hyphens");
        return None;
    }
    if file.parts.is_empty() {
        proof.note(at, &format!("item `{id}` has no parts"), "give it at least one part to answer");
        return None;
    }
    let parts = file.parts.into_iter().filter_map(|part| self::part(&id, part, proof)).collect();
    let skip = file.skip.map(|skip| Skip { field: skip.field, word: skip.word });
    Some(Item { id, parts, skip })
}

fn part(item: &str, file: Spanned<PartStructure>, proof: &mut StructureReader<'_>) -> Option<Part> {
    let at = file.span().start;
    let file = file.into_inner();
    if let Some(name) = file.name.as_deref().filter(|name| !is_name(name)) {
        let hint = "use 1 to 32 letters, digits and hyphens";
        proof.note(at, &format!("`{name}` is not a good name for a part"), hint);
        return None;
    }
    let Some(role) = PartRole::parse(&file.role) else {
        let roles: Vec<&str> = PartRole::ALL.iter().map(|(_, word)| *word).collect();
        proof.note(at, &format!("no role `{}`", file.role), &format!("use one of: {}", roles.join(", ")));
        return None;
    };
    let field = file.name.as_ref().map_or_else(|| item.to_owned(), |name| format!("{item}.{name}"));
    let need = match file.need {
        NeedWord::Always => Need::Always,
        NeedWord::WhenNew => Need::WhenNew,
        NeedWord::Never => Need::Never,
    };
    let kind = kind(file, at, proof)?;
    if !role.fits(&kind) {
        let problem = format!("`{field}` has a type that its role cannot use");
        proof.note(at, &problem, "compare with the shipped file: each role there has its type");
        return None;
    }
    Some(Part { field, kind, role, need })
}

fn kind(file: PartStructure, at: usize, proof: &mut StructureReader<'_>) -> Option<AnswerKind> {
    let choice = matches!(file.r#type, TypeWord::Choice);
    let has_choices = !file.choices.is_empty() || !file.red.is_empty();
    if has_choices && !choice {
        proof.note(
            at,
            "`choices` and `red` belong to type `choice` only",
            "take them away or change the type",
        );
        return None;
    }
    if file.max.is_some() != matches!(file.r#type, TypeWord::Score) {
        proof.note(at, "`max` belongs to type `score`, and a score needs it", "for example: max = 10");
        return None;
    }
    Some(match file.r#type {
        TypeWord::Change => AnswerKind::Change,
        TypeWord::Pain => AnswerKind::Pain,
        TypeWord::Score => AnswerKind::Score { max: file.max.unwrap_or(10) },
        TypeWord::YesNo => AnswerKind::YesNo,
        TypeWord::Choice => AnswerKind::Choice { words: file.choices, red: file.red },
    })
}

fn is_name(word: &str) -> bool {
    (1..=32).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

//! Whether the parts of a checklist make sense together. The rules and their proof lean on every line of this.

use std::collections::BTreeSet;

use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::{AnswerKind, Item, Need, Part, PartRole};
use crate::config::checklists::structure_reader::{KeyOffsets, StructureReader};

pub(in crate::config::checklists) fn check(
    checklist: &Checklist,
    places: &KeyOffsets,
    proof: &mut StructureReader<'_>,
) {
    names(checklist, places, proof);
    roles(checklist, places, proof);
    pages(checklist, places, proof);
    thresholds(checklist, places, proof);
    for (item, at) in checklist.items.iter().zip(&places.items) {
        skip(checklist, item, *at, proof);
        for part in &item.parts {
            if let Some((problem, hint)) = unsound(item, part) {
                proof.note(*at, &format!("`{}` {problem}", part.field), hint);
            }
        }
    }
}

fn names(checklist: &Checklist, places: &KeyOffsets, proof: &mut StructureReader<'_>) {
    let mut seen = BTreeSet::new();
    for (item, at) in checklist.items.iter().zip(&places.items) {
        let fields: BTreeSet<_> = item.parts.iter().map(|part| &part.field).collect();
        if !seen.insert(&item.id) || fields.len() < item.parts.len() {
            proof.note(
                *at,
                &format!("`{}` stands here twice", item.id),
                "give every item and part its own name",
            );
        }
    }
}

fn roles(checklist: &Checklist, places: &KeyOffsets, proof: &mut StructureReader<'_>) {
    let at = places.items.first().copied().unwrap_or(0);
    for (role, word) in PartRole::ALL {
        let count = checklist.in_role(role).count();
        let fits = match role {
            PartRole::Nerve => count >= 1,
            PartRole::Tired => (1..=2).contains(&count),
            _ => count == 1,
        };
        if !fits {
            let problem = format!("role `{word}` is taken by {count} parts");
            proof.note(at, &problem, "each role is needed once; nerve at least once, tired once or twice");
        }
    }
}

fn pages(checklist: &Checklist, places: &KeyOffsets, proof: &mut StructureReader<'_>) {
    let listed: Vec<&String> = checklist.pages.iter().flatten().collect();
    for id in &listed {
        if checklist.item(id).is_none() {
            proof.note(places.pages, &format!("pages name `{id}`, which is no item"), "correct the id");
        }
    }
    for (item, at) in checklist.items.iter().zip(&places.items) {
        if listed.iter().filter(|id| **id == &item.id).count() != 1 {
            let problem = format!("`{}` must stand on exactly one page", item.id);
            proof.note(*at, &problem, "name it once in `pages`");
        }
    }
    if checklist.pages.iter().any(Vec::is_empty) {
        proof.note(places.pages, "a page is empty", "take the page away or put an item on it");
    }
    let nerve = |id: &&&String| {
        let parts = checklist.item(id).map(|item| item.parts.as_slice()).unwrap_or_default();
        parts.iter().any(|part| matches!(part.role, PartRole::Nerve | PartRole::Sensation))
    };
    let first_other = listed.iter().position(|id| !nerve(&id)).unwrap_or(listed.len());
    if listed.iter().skip(first_other).any(|id| nerve(&id)) {
        let hint = "put the items of roles nerve and sensation on the first pages, before all others";
        proof.note(places.pages, "a nerve item comes after another item", hint);
    }
}

/// A skip hides only what the pain question makes needless, and only when pain was answered with no.
fn skip(checklist: &Checklist, item: &Item, at: usize, proof: &mut StructureReader<'_>) {
    let details = |part: &Part| {
        matches!(
            part.role,
            PartRole::PainSite
                | PartRole::PainScore
                | PartRole::PainWorse
                | PartRole::PainNight
                | PartRole::PainStrain
                | PartRole::PainMove
        )
    };
    let Some(skip) = &item.skip else {
        return;
    };
    let page_of = |id: &str| checklist.pages.iter().position(|page| page.iter().any(|other| other == id));
    let (asked, later) = match checklist.field(&skip.field) {
        Some((other, part)) => (part.role == PartRole::Pain, page_of(&other.id) < page_of(&item.id)),
        None => (false, false),
    };
    if !asked || skip.word != "no" || !item.parts.iter().all(details) {
        let hint = "only details of pain may be skipped, and only when the pain question was answered `no`";
        proof.note(at, &format!("`{}` may not be skipped like this", item.id), hint);
    } else if !later {
        let hint = "put it on a later page, so that the page works without script";
        proof.note(at, &format!("`{}` stands on or before the page that decides it", item.id), hint);
    }
}

fn unsound(item: &Item, part: &Part) -> Option<(&'static str, &'static str)> {
    let has_change = item.parts.iter().any(|other| other.role == PartRole::Sensation);
    let need = match part.role {
        PartRole::Call => true,
        PartRole::SensationSite => part.need != Need::Never && has_change,
        _ => part.need == Need::Always,
    };
    if !need {
        return Some((
            "must be required",
            "only the wish for a call may be optional; only a site may be `when-new`",
        ));
    }
    match &part.kind {
        AnswerKind::Choice { words, red } => {
            let distinct: BTreeSet<_> = words.iter().collect();
            let sound = words.len() >= 2 && distinct.len() == words.len() && !red.is_empty();
            let known = red.iter().all(|word| distinct.contains(word));
            let clean = words.iter().all(|w| (1..=32).contains(&w.len()) && w.bytes().all(is_plain));
            (!(sound && known && clean)).then_some((
                "has unsound choices",
                "give two or more different words of a-z and hyphens, and name at least one of them in `red`",
            ))
        }
        AnswerKind::Score { max } => {
            let fits = if part.role == PartRole::PainScore { *max == 10 } else { *max == 4 };
            (!fits).then_some(("has another scale than the rules", "pain goes to 10, tiredness to 4"))
        }
        AnswerKind::Change | AnswerKind::Pain | AnswerKind::YesNo => None,
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

fn thresholds(checklist: &Checklist, places: &KeyOffsets, proof: &mut StructureReader<'_>) {
    let limits = &checklist.thresholds;
    let pain = [limits.severe, limits.moderate, limits.rise, limits.rise_floor];
    let tired = [limits.tired, limits.tired_rise];
    let sound = pain.iter().all(|n| (1..=10).contains(n))
        && tired.iter().all(|n| (1..=4).contains(n))
        && limits.moderate <= limits.severe
        && (30..=400).contains(&limits.compare_days);
    if !sound {
        let hint = "pain from 1 to 10 with moderate up to severe, tiredness from 1 to 4, compare_days from 30 to 400";
        proof.note(places.thresholds, "a threshold is out of range", hint);
    }
}

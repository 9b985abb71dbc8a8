//! Of whom a death is told: the nearest word before it in its clause that names somebody or something; where nobody is named there,
//! the one behind it ("murió mi abuela").

use std::collections::HashMap;
use std::sync::LazyLock;

use super::people::{
    ACQUAINTANCES, ARTICLES, BEHIND_JE, CLAUSES, EMPTY, HERS, KIN, MINE, OF, OTHERS, PRONOUNS, SELF, THINGS,
};
use crate::mail::inbound::sentence::{self, END, PAUSE, TextPart, WordSet, is_listed};

/// Who has died, by how likely it is the one we write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DeathSubject {
    /// A limb, a thing, the living author.
    Nothing,
    /// A man, an animal.
    Other,
    /// A friend, a neighbour, a doctor.
    Acquaintance,
    /// Somebody or something of the author's that stands in no list.
    Own,
    /// A woman or a child of a family.
    Kin,
    /// Nobody is named near it.
    Unnamed,
    /// Somebody by a name or a word that may be hers.
    Named,
    /// She, the patient, the owner of the mailbox.
    Reader,
}

/// When it was, where a name stands before it.
const TIMES: &str = "time times day days week weeks month months year years hour hours date";
/// Words that join two clauses, or two names.
const JOINED: &str = "and y und et e en och og ja и";

/// So many words before a death still say whose it is.
const BEFORE: usize = 60;

static NAMES: LazyLock<HashMap<&str, DeathSubject>> = LazyLock::new(|| {
    let lists: [(&[&str], DeathSubject); 5] = [
        (&HERS, DeathSubject::Reader),
        (&KIN, DeathSubject::Kin),
        (&ACQUAINTANCES, DeathSubject::Acquaintance),
        (&OTHERS, DeathSubject::Other),
        (&THINGS, DeathSubject::Nothing),
    ];
    // A word of two lists is that of the later one.
    let words = |list: &'static str| list.split_whitespace();
    lists
        .iter()
        .flat_map(|(lists, who)| lists.iter().flat_map(move |list| words(list)).map(|word| (word, *who)))
        .collect()
});
static NOBODY: LazyLock<WordSet> = LazyLock::new(|| {
    let lists = EMPTY.iter().copied().chain([super::phrases::NEARLY, super::phrases::WOULD, "'s"]);
    sentence::words(&lists.collect::<Vec<_>>())
});
static BREAKS: LazyLock<WordSet> = LazyLock::new(|| sentence::words(&[CLAUSES, PAUSE]));

/// What a word names.
fn names(word: &str) -> Option<DeathSubject> {
    NAMES.get(word).copied()
}

/// Whether a word names nobody.
fn is_empty(word: &str) -> bool {
    NOBODY.contains(word) || word.chars().all(|c| c.is_numeric())
}

/// Of whom the phrase tells that stands at a place and has so many words.
pub(super) fn of(tokens: &[TextPart], at: usize, length: usize) -> DeathSubject {
    let near = tokens.get(at.saturating_sub(BEFORE)..at).unwrap_or_default();
    let sentence = near.rsplit(|token| token.text == END).next().unwrap_or_default();
    let clauses: Vec<&[TextPart]> = sentence.split(|token| is_break(&token.text)).collect();
    let own = clauses.last().copied().unwrap_or_default();
    let found = match in_clause(own) {
        // "My dear son, my only son, died": what was put between commas before belongs to it.
        None if is_apposition(&clauses) => {
            clauses.iter().rev().skip(1).filter_map(|clause| known(clause)).max()
        }
        found => found,
    };
    let told = found.or_else(|| behind(tokens, at + length));
    match told {
        Some(DeathSubject::Reader) if points_back(own) => before(tokens.get(..at).unwrap_or_default()),
        told => told.unwrap_or(DeathSubject::Unnamed),
    }
}

fn is_break(word: &str) -> bool {
    BREAKS.contains(word)
}

/// Whether the clause right before the death is empty, and the one before it ended at a comma.
fn is_apposition(clauses: &[&[TextPart]]) -> bool {
    clauses.len() > 1 && clauses.last().is_some_and(|own| own.iter().all(|token| is_empty(&token.text)))
}

fn known(clause: &[TextPart]) -> Option<DeathSubject> {
    let at = clause.iter().rposition(|token| names(&token.text).is_some())?;
    let who = names(&clause.get(at)?.text)?;
    // "Please note that Ana Perez, born in May, is deceased": there "that" stands for nothing, and a name behind it.
    let is_name = |token: &TextPart| token.is_capital && !is_empty(&token.text);
    let (head, tail) = (clause.get(..at)?, clause.get(at + 1..)?);
    let is_joint = clause.get(at)?.text == "that" && head.iter().all(|token| names(&token.text).is_none());
    Some(if is_joint && tail.iter().any(is_name) { DeathSubject::Named } else { who })
}

/// Whom a clause names last, the head of "the leg of my wife" before its owner, and the likelier of two joined by "and".
fn in_clause(clause: &[TextPart]) -> Option<DeathSubject> {
    let speaks = |(at, token): (usize, &TextPart)| {
        is_self(clause, at) || !is_empty(&token.text) || names(&token.text).is_some()
    };
    let last = clause.iter().enumerate().rev().find(|(at, token)| speaks((*at, token)))?.0;
    let token = clause.get(last)?;
    if is_self(clause, last) {
        return Some(DeathSubject::Nothing);
    }
    let Some(at) = clause.iter().rposition(|token| names(&token.text).is_some()) else {
        return Some(unknown(clause, last));
    };
    let named = clause.get(at)?;
    let who = names(&named.text)?;
    // "With her brother at her side Ana died": a thing has no name behind it.
    if who == DeathSubject::Nothing && last > at && token.is_capital && !named.is_capital {
        return Some(DeathSubject::Named);
    }
    let head = clause.get(..at).unwrap_or_default();
    // "The leg of my wife" is a leg; "after months of pain she died" tells of her.
    let is_hers = |of: &usize| {
        let between = clause.get(of + 1..at).unwrap_or_default();
        at - of <= 3 && between.iter().all(|token| is_determiner(&token.text) || is_empty(&token.text))
    };
    let owned = head.iter().rposition(|token| is_listed(OF, &token.text)).filter(is_hers);
    let owner = owned.and_then(|of| names(&head.get(of.checked_sub(1)?)?.text));
    let joined = head.iter().rposition(|token| is_listed(JOINED, &token.text));
    let beside = joined.filter(|and| at - and <= 3).and_then(|and| beside(head.get(..and)?));
    let who = owner.unwrap_or(who);
    // "Mom had no feeling in her legs and died", "my wife last week died": told of the one it began with.
    let goes_on =
        clause.last().is_some_and(|last| is_listed(JOINED, &last.text)) || is_listed(TIMES, &named.text);
    let began = || clause.iter().filter_map(|token| names(&token.text)).find(|who| *who >= DeathSubject::Kin);
    let who = if who == DeathSubject::Nothing && goes_on { began().unwrap_or(who) } else { who };
    Some(beside.map_or(who, |beside| beside.max(who)))
}

/// Whether the author names himself at a place.
fn is_self(clause: &[TextPart], at: usize) -> bool {
    let word = |at: usize| clause.get(at).map_or("", |token| token.text.as_str());
    is_listed(SELF, word(at)) || word(at) == "je" && is_listed(BEHIND_JE, word(at + 1))
}

/// Who is joined to another by "and": somebody known, or a bare name.
fn beside(words: &[TextPart]) -> Option<DeathSubject> {
    let is_name =
        words.len() <= 2 && words.iter().all(|token| token.is_capital && !is_listed(SELF, &token.text));
    let person = known(words).filter(|who| *who >= DeathSubject::Kin);
    person.or((is_name && !words.is_empty()).then_some(DeathSubject::Named))
}

/// What a word means that stands in no list: a name, something of the author's, or a thing.
fn unknown(clause: &[TextPart], at: usize) -> DeathSubject {
    // "The MRI": a capital behind an article of English is no name of a person.
    let is_thing = at
        .checked_sub(1)
        .and_then(|before| clause.get(before))
        .is_some_and(|token| is_listed("the a an", &token.text));
    let is_capital = !is_thing && clause.get(at).is_some_and(|token| token.is_capital);
    let head = clause.get(at.saturating_sub(3)..at).unwrap_or_default();
    let has = |list: &str| head.iter().any(|token| is_listed(list, &token.text));
    if is_capital {
        DeathSubject::Named
    } else if has(MINE) {
        DeathSubject::Own
    } else if has(ARTICLES) {
        DeathSubject::Nothing
    } else {
        DeathSubject::Named
    }
}

/// Who stands right behind a death, with no more than a few small words between.
pub(super) fn behind(tokens: &[TextPart], at: usize) -> Option<DeathSubject> {
    let rest = tokens.get(at..).unwrap_or_default();
    let clause = rest.split(|token| token.text == END || is_break(&token.text)).next().unwrap_or_default();
    let near = clause.iter().take(5);
    let mut named = near.skip_while(|token| names(&token.text).is_none() && is_determiner(&token.text));
    let token = named.next()?;
    let who = names(&token.text).or(token.is_capital.then_some(DeathSubject::Named));
    // "My wife's number".
    let owned = named.next().filter(|next| next.text == "'s").and_then(|_| named.next());
    owned.map_or(who, |owned| Some(names(&owned.text).unwrap_or(DeathSubject::Nothing)))
}

/// Whether the one who stands right behind is of the patient's own age and house: the late wife may be she.
pub(super) fn is_near_kin(tokens: &[TextPart], at: usize) -> bool {
    const NEAR: &str = "wife spouse partner daughter girlfriend esposa mujer hija pareja frau ehefrau tochter lebensgefährtin femme épouse \
        fille compagne moglie figlia compagna filha mulher companheira vrouw echtgenote dochter żona córka fru hustru kone dotter datter";
    tokens.iter().skip(at).take(2).any(|token| is_listed(NEAR, &token.text))
}

fn is_determiner(word: &str) -> bool {
    is_listed(MINE, word)
        || is_listed(ARTICLES, word)
        || is_listed("der die das le les il gli o os as of de del dear querida querido", word)
}

/// Whether only a pronoun says who.
fn points_back(clause: &[TextPart]) -> bool {
    let named = clause.iter().rfind(|token| names(&token.text).is_some());
    named.is_some_and(|token| is_listed(PRONOUNS, &token.text))
}

/// Whom a pronoun means: a woman of the family or an animal that was named before, else the reader.
fn before(tokens: &[TextPart]) -> DeathSubject {
    let pets = "dog cat hund katze hündin perra gata gatta chienne chatte kissa koira cachorra собака кошка";
    let mine = |at: usize| {
        tokens
            .get(at.saturating_sub(3)..at)
            .unwrap_or_default()
            .iter()
            .any(|token| is_listed(MINE, &token.text))
    };
    let named = tokens.iter().enumerate().rev().filter(|(_, token)| !is_listed(PRONOUNS, &token.text));
    let mut called = named.filter(|(at, _)| mine(*at)).filter_map(|(_, token)| match names(&token.text) {
        Some(DeathSubject::Other) if is_listed(pets, &token.text) => Some(DeathSubject::Other),
        Some(DeathSubject::Kin) => Some(DeathSubject::Kin),
        _ => None,
    });
    called.next().unwrap_or(DeathSubject::Reader)
}

//! Words by which a message says that somebody has died, or that nobody uses a mailbox any more. A letter to the home of somebody
//! who has died hurts those who open it, so where it may be she the safe side is to let letters wait and to have a person ask: a
//! pause is undone with one click. A leg, a link or a process that "died" is no death, and a woman who lives and tells of her own
//! body or asks for her own visit is answered, whomever she has lost.

mod request;
mod people;
mod phrases;
mod subject;
mod other_reader;
mod unsubscribe;
mod usual_absence;

use std::ops::Range;
use std::sync::LazyLock;

use crate::care::inbound::{Content, MessageNote, ReaderNews};
use crate::care::record::death_words;
use crate::mail::inbound::sentence::{self, PhraseSet, TextPart, is_listed};
use crate::mail::inbound::{auto_reply, signs};
use subject::DeathSubject;

/// The same in the words of whoever left, or of those who stay.
const GONE: [&str; 3] = [
    "has left the company|have left the company|left the company|no longer work at|no longer work for|no longer work here|no longer work with|i have retired|has retired|mailbox will be closed|moved to a new email|moved to a new e mail|\
     new email address is|new e mail address is",
    "ya no trabaja|ya no trabajo|dejó la empresa|dejo la empresa|ha dejado la empresa|he dejado la empresa|me he jubilado|cambiado de correo|cambié de correo|cambie de correo|mi nuevo email|mi nuevo mail|no leo este correo|\
     no reviso este correo|este buzón no se revisa|este correo no se revisa",
    "arbeite nicht mehr bei|arbeite nicht mehr für|arbeitet nicht mehr bei|arbeitet nicht mehr für|arbeite hier nicht mehr|nicht mehr im unternehmen|meine neue adresse|meine neue e mail|ne travaille plus chez|ne travaille plus à|ne travaille plus ici|\
     ne travaille plus pour|non lavoro più|non lavora più|já não trabalho|ja nao trabalho|não trabalho mais|werk hier niet meer|werk niet meer bij|werkt hier niet meer|werkt niet meer bij",
];
/// That a mailbox is left, in the words of programs.
const LEFT: [&str; 48] = [
    "no longer attended",
    "no longer employed",
    "no longer works",
    "no longer with the company",
    "changed my email address",
    "changed my e mail address",
    "have changed my email",
    "account will be closed",
    "wrong person",
    "you have reached the wrong",
    "remove this address",
    "changé d' adresse",
    "n' est plus consultée",
    "n' est plus consulté",
    "wordt niet meer gebruikt",
    "já não é utilizado",
    "não é mais utilizado",
    "no longer in use",
    "no longer used",
    "no longer monitored",
    "no longer being monitored",
    "no longer active",
    "no longer checked",
    "no longer valid",
    "no longer read",
    "not monitored",
    "not in use any more",
    "not in use anymore",
    "is not read",
    "unattended mailbox",
    "my new address is",
    "my new email is",
    "my new e mail address is",
    "my email address has changed",
    "ya no se usa",
    "ya no se utiliza",
    "ya no uso",
    "ya no utilizo",
    "ya no está activa",
    "ya no está en uso",
    "ya no está activo",
    "mi nueva dirección",
    "mi nuevo correo",
    "nicht mehr genutzt",
    "nicht mehr verwendet",
    "nicht mehr gelesen",
    "n' est plus utilisée",
    "non è più in uso",
];
static OF_PEOPLE: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&phrases::OF_PEOPLE));
static OF_THINGS: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&phrases::OF_THINGS));
static WITH_PERSON: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&phrases::WITH_PERSON));
static OF_HER: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&phrases::OF_HER));
static BEFORE_DATE: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&[phrases::BEFORE_DATE]));
static OF_NEXT: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&phrases::OF_NEXT));
static LATE: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&phrases::LATE));
static NONE: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&phrases::NONE));
static LEFT_WORDS: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&[&LEFT[..], &GONE[..]].concat()));

/// Of so many deaths nobody writes in one message.
const MOST: usize = 50;

/// What a message tells of its reader. Words in quotation marks of a reply are an older message's.
pub(in crate::mail::inbound) fn read(content: &Content, note: &MessageNote) -> Option<ReaderNews> {
    match content {
        Content::Complaint | Content::Invitation(_) => None,
        Content::Receipt => signs_of_hers(note),
        Content::Report(report) => by_program(&format!("{}\n\n{}", note.text, report.words)),
        Content::ServerNote | Content::Challenge => by_program(&note.text).or_else(|| signs_of_hers(note)),
        Content::Person => by_person(note).or_else(|| by_stranger(note)).or_else(|| unsubscribe::read(note)),
        Content::Absence => {
            let died = by_person(note).filter(|news| *news == ReaderNews::Died);
            let told = died.or_else(|| signs_of_hers(note)).or_else(|| left(&note.text));
            told.or_else(|| beyond_absence(note))
        }
    }
}

/// Words about somebody's body, where a program seems to have written.
fn signs_of_hers(note: &MessageNote) -> Option<ReaderNews> {
    signs::are_of_anyone(&note.subject, &note.text).then_some(ReaderNews::Signs)
}

/// Words of an absence note that are none of an absence: she may have written them about how she is.
fn beyond_absence(note: &MessageNote) -> Option<ReaderNews> {
    let is_usual = usual_absence::is_usual(
        &auto_reply::own_subject(&note.subject),
        &unsubscribe::above_copy(&note.text),
    );
    (!is_usual).then_some(ReaderNews::Unclear)
}

/// Words of a program by which a mailbox is left.
fn left(text: &str) -> Option<ReaderNews> {
    let tokens = sentence::tokens(text);
    (LEFT_WORDS.is_in(&tokens) || has_left(&tokens)).then_some(ReaderNews::MailboxLeft)
}

/// "I have left Acme.": a name and the end of the sentence; who has left for the day goes on.
fn has_left(tokens: &[TextPart]) -> bool {
    tokens.windows(5).any(|part| {
        let words = part.iter().map(|token| token.text.as_str());
        words.take(3).eq(["i", "have", "left"]) && part[3].is_capital && part[4].text == sentence::END
    })
}

/// Whether a mail server says so: of a process that died, or of what was passed on, nobody is told.
fn by_program(text: &str) -> Option<ReaderNews> {
    let is_of_person = |death: &FoundDeath| match death.who {
        DeathSubject::Kin | DeathSubject::Reader => death.kind != DeathPhrase::WithPerson,
        DeathSubject::Unnamed | DeathSubject::Named => death.kind == DeathPhrase::OfPeople,
        DeathSubject::Nothing | DeathSubject::Other | DeathSubject::Acquaintance | DeathSubject::Own => false,
    };
    deaths(&sentence::tokens(text)).iter().any(is_of_person).then_some(ReaderNews::Died)
}

/// What a person says, in the subject or in the text.
fn by_person(note: &MessageNote) -> Option<ReaderNews> {
    let all = format!("{}\n\n{}", note.subject, note.text);
    let tokens = sentence::tokens(&all);
    let told = deaths(&tokens).into_iter().map(|death| death.who).chain(unparted(&all)).max()?;
    // Whoever tells of her own body is alive: she needs the numbers to ring.
    let lives = || signs::are_of_author(&note.subject, &note.text);
    match told {
        DeathSubject::Nothing => None,
        DeathSubject::Other => Some(ReaderNews::OtherDied),
        DeathSubject::Acquaintance if !request::is_for_her(&tokens) => Some(ReaderNews::OtherDied),
        DeathSubject::Own | DeathSubject::Kin if request::is_by_patient(&tokens) => {
            Some(ReaderNews::OtherDied)
        }
        _ if lives() => Some(ReaderNews::OtherDied),
        _ => Some(ReaderNews::Died),
    }
}

/// Whether somebody says that she is not the one we write to. Who tells of her own body is.
fn by_stranger(note: &MessageNote) -> Option<ReaderNews> {
    let own = unsubscribe::own(&note.text);
    let is_stranger = other_reader::writes(&own) || other_reader::writes(&sentence::tokens(&note.subject));
    let lives = || signs::are_of_author(&note.subject, &note.text);
    (is_stranger && !lives()).then_some(ReaderNews::OtherReader)
}

/// Of what the phrase is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeathPhrase {
    OfPeople,
    OfThings,
    WithPerson,
    OfHer,
    BeforeDate,
    OfNext,
    Late,
}

/// A death that a text tells of.
struct FoundDeath {
    kind: DeathPhrase,
    who: DeathSubject,
    /// Where its words end.
    end: usize,
}

/// The deaths a text tells of.
fn deaths(tokens: &[TextPart]) -> Vec<FoundDeath> {
    let lists = [
        (&*OF_PEOPLE, DeathPhrase::OfPeople),
        (&*OF_THINGS, DeathPhrase::OfThings),
        (&*WITH_PERSON, DeathPhrase::WithPerson),
        (&*OF_HER, DeathPhrase::OfHer),
        (&*BEFORE_DATE, DeathPhrase::BeforeDate),
        (&*OF_NEXT, DeathPhrase::OfNext),
        (&*LATE, DeathPhrase::Late),
    ];
    let mut found: Vec<FoundDeath> = Vec::new();
    for at in 0..tokens.len() {
        if found.len() >= MOST {
            break;
        }
        for (list, kind) in &lists {
            let spelt = || tokens.get(at).filter(|_| *kind == DeathPhrase::OfPeople).and_then(by_stem);
            let Some(length) = list.at(tokens, at).or_else(spelt) else { continue };
            let end = at + length;
            if !happened(tokens, at..end) {
                continue;
            }
            let who = match kind {
                DeathPhrase::OfHer => DeathSubject::Reader,
                DeathPhrase::OfNext => subject::behind(tokens, end).unwrap_or(DeathSubject::Nothing),
                // A patient speaks so of her mother, who died long ago.
                DeathPhrase::Late => match subject::behind(tokens, end).unwrap_or(DeathSubject::Nothing) {
                    DeathSubject::Kin if !subject::is_near_kin(tokens, end) => DeathSubject::Acquaintance,
                    who => who,
                },
                _ => subject::of(tokens, at, length),
            };
            let death = FoundDeath { kind: *kind, who, end };
            found.extend(Some(death).filter(|death| fits(tokens, death)));
        }
    }
    found
}

/// How many words say so by how one begins, or in Spanish as it is heard: one, or none.
fn by_stem(token: &TextPart) -> Option<usize> {
    (death_words::is_stem(&token.text) || is_heard(token)).then_some(1)
}

/// Whether a word says so in Spanish as it is heard and not as it is written ("fayecio").
fn is_heard(token: &TextPart) -> bool {
    let mut heard = String::with_capacity(token.text.len());
    let mut letters = token.text.chars().filter(|c| *c != 'h').peekable();
    while let Some(letter) = letters.next() {
        let is_soft = matches!(letters.peek(), Some('e' | 'é' | 'i' | 'í'));
        heard.push(match letter {
            'l' if letters.next_if_eq(&'l').is_some() => 'y',
            'c' if is_soft => 's',
            'z' => 's',
            'v' => 'b',
            'á' => 'a',
            'é' | 'è' => 'e',
            'í' | 'ì' => 'i',
            'ó' | 'ò' => 'o',
            other => other,
        });
    }
    is_listed(phrases::BY_EAR, &heard)
}

/// Whether it happened: not nearly, not would have, and no death in name only.
fn happened(tokens: &[TextPart], place: Range<usize>) -> bool {
    let before = tokens.get(place.start.saturating_sub(3)..place.start).unwrap_or_default();
    let would = before.iter().any(|token| is_listed(phrases::WOULD, &token.text));
    let nearly = before.last().is_some_and(|token| is_listed(phrases::NEARLY, &token.text));
    let is_none = |from: usize| NONE.at(tokens, from).is_some_and(|length| from + length > place.start);
    !would && !nearly && !(place.start.saturating_sub(4)..place.end).any(is_none)
}

/// Whether a phrase that is said of much else is said of a person here.
fn fits(tokens: &[TextPart], death: &FoundDeath) -> bool {
    let next = tokens.get(death.end).map(|token| token.text.as_str());
    let ends = next.is_none_or(|next| {
        matches!(next, sentence::END | sentence::PAUSE)
            || is_listed(phrases::BEHIND, next)
            || next.chars().all(char::is_numeric)
    });
    let is_person = !matches!(death.who, DeathSubject::Nothing | DeathSubject::Own | DeathSubject::Unnamed);
    match death.kind {
        DeathPhrase::WithPerson => is_person && ends,
        DeathPhrase::BeforeDate => is_date(tokens, death.end),
        _ => true,
    }
}

/// Whether a number stands there, perhaps behind a colon.
fn is_date(tokens: &[TextPart], at: usize) -> bool {
    let mut rest = tokens.iter().skip(at).skip_while(|token| token.text == sentence::PAUSE);
    rest.next().is_some_and(|next| next.text.starts_with(|c: char| c.is_ascii_digit()))
}

/// Deaths in writing without gaps between words.
fn unparted(text: &str) -> Vec<DeathSubject> {
    let own: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('>')).collect();
    let sentences =
        own.iter().flat_map(|line| line.split(['。', '！', '？', '.', '!', '?', ',', '，', '、']));
    let holds = |sentence: &str, list: &str| list.split('|').any(|word| sentence.contains(word));
    let whose = |sentence: &str| match sentence {
        _ if holds(sentence, phrases::UNPARTED_THINGS) => DeathSubject::Nothing,
        _ if holds(sentence, phrases::UNPARTED_OTHERS) => DeathSubject::Other,
        _ => DeathSubject::Named,
    };
    sentences.filter(|sentence| holds(sentence, phrases::UNPARTED)).map(whose).collect()
}

#[cfg(test)]
mod tests;

//! Words by which a message says that somebody has died, or that nobody uses a mailbox any more. A letter to the home of somebody
//! who has died hurts those who open it, so the safe side is to let letters wait and to have a person ask: a pause is undone with one
//! click. Only where a person plainly speaks of a man or a thing of hers does the pause not follow; the task names it all the same.

use crate::care::inbound::{Content, ReaderNews};

/// That somebody has died, in plain words.
const DEATHS: [&str; 40] = [
    "passed away",
    "passed on",
    "has died",
    "had died",
    "died",
    "is dead",
    "deceased",
    "is no longer with us",
    "is no longer alive",
    "her funeral",
    "fallecida",
    "fallecido",
    "falleció",
    "fallecio",
    "ha muerto",
    "murió",
    "murio",
    "difunta",
    "ya no está con nosotros",
    "verstorben",
    "verstarb",
    "gestorben",
    "décédée",
    "décédé",
    "est morte",
    "nous a quittés",
    "deceduta",
    "deceduto",
    "è morta",
    "venuta a mancare",
    "faleceu",
    "falecida",
    "morreu",
    "overleden",
    "zmarła",
    "avled",
    "avliden",
    "gick bort",
    "døde",
    "kuollut",
];
/// That a mailbox is left, in the words of programs.
const LEFT: [&str; 31] = [
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
    "n'est plus utilisée",
    "non è più in uso",
];
/// Those who cannot be the one we write to, where the author calls them hers, and things that "die".
const OTHERS: [&str; 38] = [
    "husband",
    "father",
    "dad",
    "son",
    "brother",
    "grandfather",
    "grandpa",
    "uncle",
    "nephew",
    "grandson",
    "boyfriend",
    "dog",
    "cat",
    "phone",
    "car",
    "battery",
    "computer",
    "laptop",
    "marido",
    "esposo",
    "padre",
    "papá",
    "hijo",
    "hermano",
    "abuelo",
    "tío",
    "sobrino",
    "nieto",
    "novio",
    "suegro",
    "perro",
    "gato",
    "teléfono",
    "mann",
    "vater",
    "sohn",
    "bruder",
    "mari",
];
/// Words by which she calls them hers.
const MINE: [&str; 9] = ["my", "our", "mi", "mis", "nuestro", "mein", "unser", "mon", "meu"];
/// Words by which the sentence turns to somebody who may be the reader after all.
const HERS: [&str; 16] = [
    "she", "her", "ella", "sie", "elle", "lei", "ela", "wife", "mother", "mum", "mom", "sister", "daughter",
    "mujer", "esposa", "madre",
];
/// Before a death that did not happen.
const NEARLY: [&str; 8] = ["nearly", "almost", "not", "never", "casi", "no", "fast", "nicht"];
/// How many words before a death tell whose it is.
const BEFORE: usize = 8;

/// What a message tells of its reader. Words in quotation marks of a reply are an older message's.
pub(in crate::mail::inbound) fn read(content: &Content, text: &str) -> Option<ReaderNews> {
    let text = match content {
        Content::Report(report) => format!("{text}\n{}", report.words),
        _ => text.lines().filter(|line| !line.trim_start().starts_with('>')).collect::<Vec<_>>().join("\n"),
    };
    let words = words(&text);
    let deaths: Vec<usize> = DEATHS.iter().flat_map(|death| places(&words, death)).collect();
    let is_of_program = *content != Content::Person;
    match content {
        Content::Receipt | Content::Complaint | Content::Invitation(_) => None,
        _ if deaths.iter().any(|at| is_of_program || !is_of_other(&words, *at)) => Some(ReaderNews::Died),
        Content::Person if !deaths.is_empty() => Some(ReaderNews::OtherDied),
        Content::Absence if LEFT.iter().any(|left| !places(&words, left).is_empty()) => {
            Some(ReaderNews::MailboxLeft)
        }
        _ => None,
    }
}

/// In lower case; of all marks only the ends of sentences are left.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace('’', "'").replace(['.', '!', '?', ';'], " . ");
    lower
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '.'))
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Where a phrase begins, other than after a word by which it did not happen.
fn places(words: &[String], phrase: &str) -> Vec<usize> {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    let is_there = |at: &usize| words.get(*at..*at + phrase.len()).is_some_and(|found| found == phrase);
    let happened = |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        !before.is_some_and(|word| NEARLY.contains(&word.as_str()))
    };
    (0..words.len()).filter(is_there).filter(happened).collect()
}

/// Whether the words before a death call somebody hers who cannot be the reader of our letters.
fn is_of_other(words: &[String], at: usize) -> bool {
    let before = words.get(at.saturating_sub(BEFORE)..at).unwrap_or_default();
    let sentence = before.rsplit(|word| word == ".").next().unwrap_or_default();
    let is_in = |list: &[&str], word: &String| list.contains(&word.as_str());
    // "My only son", but not "my wife and son".
    let called = |from: usize| {
        let near = sentence.get(from + 1..).unwrap_or_default().iter().take(2);
        near.take_while(|word| !is_in(&HERS, word)).any(|word| is_in(&OTHERS, word))
    };
    let mut mine = sentence.iter().enumerate().filter(|(_, word)| is_in(&MINE, word));
    mine.any(|(from, _)| called(from)) && !sentence.iter().any(|word| is_in(&HERS, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_is_heard_in_every_language_and_from_programs_too() {
        for text in [
            "Ana Perez passed away on 12 October. Please direct messages to her husband.",
            "La titular de este correo ha fallecido.",
            "Ana falleció el martes",
            "Frau Perez ist leider verstorben.",
            "Mme Perez est décédée.",
            "Our mother has died.",
            "ACCOUNT HOLDER DECEASED",
        ] {
            assert_eq!(read(&Content::Absence, text), Some(ReaderNews::Died), "{text}");
            assert_eq!(read(&Content::Person, text), Some(ReaderNews::Died), "{text}");
        }
        let report = crate::care::inbound::NoticeReport {
            fate: crate::care::inbound::NoticeOutcome::Failed,
            status: None,
            words: "550 5.2.1 mailbox disabled: account holder deceased".into(),
        };
        assert_eq!(read(&Content::Report(report), "failed"), Some(ReaderNews::Died));
    }

    #[test]
    fn a_person_who_speaks_of_another_is_read_and_not_paused() {
        for text in [
            "My husband passed away in June, so I come alone.",
            "mi padre falleció ayer",
            "My phone died, ring me at home",
            "Since my dear son, my only son, died I sleep badly",
        ] {
            assert_eq!(read(&Content::Person, text), Some(ReaderNews::OtherDied), "{text}");
            assert_eq!(read(&Content::Absence, text), Some(ReaderNews::Died), "{text}");
        }
        // Who may be the one we write to is the safe side.
        for text in [
            "My wife Ana died last week. Please stop.",
            "my mother passed away",
            "My husband is ill. Ana died.",
            "my brother says she has died",
        ] {
            assert_eq!(read(&Content::Person, text), Some(ReaderNews::Died), "{text}");
        }
    }

    #[test]
    fn what_did_not_happen_or_is_quoted_is_no_death() {
        for text in ["I studied all day", "I nearly died of fright", "Ok.\n> my wife died", "no one is here"]
        {
            assert_eq!(read(&Content::Person, text), None, "{text}");
        }
    }

    #[test]
    fn a_mailbox_that_is_left_is_heard_from_its_program_alone() {
        let text = "This mailbox is no longer in use and is not read. Please write to ana.new@other.example";
        assert_eq!(read(&Content::Absence, text), Some(ReaderNews::MailboxLeft));
        assert_eq!(read(&Content::Person, text), None);
        assert_eq!(read(&Content::Absence, "Esta dirección ya no se usa."), Some(ReaderNews::MailboxLeft));
        assert_eq!(read(&Content::Absence, "I am away until Monday."), None);
    }
}

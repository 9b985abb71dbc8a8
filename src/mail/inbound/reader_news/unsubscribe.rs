//! Words by which somebody asks for no more letters. Where a message says nothing else, in plain words of two languages, it is an
//! opt-out like the link's; where it only may, a person asks her.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::care::inbound::{MessageNote, ReaderNews};
use crate::mail::inbound::sentence::{self, END, PAUSE, PhraseSet, TextPart, is_listed};

/// What is said beside it out of courtesy.
const COURTESY: &str = "please kindly hello hi dear all team clinic sir madam thanks thank you regards best kind yours sincerely now sorry \
    por favor gracias muchas hola buenas buenos días dias tardes estimados estimado estimada señores un cordial saludo saludos ya";
/// Messages that say nothing else.
const WHOLE: [&str; 6] = [
    "unsubscribe|unsubscribe me|stop|stop writing|stop writing to me|stop writing me|stop emailing me|stop mailing me|opt out|opt me out|i opt out|remove me|take me off",
    "i want to unsubscribe|i would like to unsubscribe|i'd like to unsubscribe|i wish to unsubscribe|i want to opt out|i would like to opt out|i'd like to opt out",
    "do not write to me|do not write to me again|do not write to me any more|do not write to me anymore|don't write to me|don't write to me again|don't write to me any more|don't write to me anymore|do not email me|don't email me|do not email me any more|don't email me anymore",
    "baja|darme de baja|quiero darme de baja|deseo darme de baja|quisiera darme de baja|me quiero dar de baja|dame de baja|deme de baja|denme de baja|cancelar suscripción|cancelen mi suscripción|cancele mi suscripción",
    "no me escriban|no me escriban más|no me escriban mas|no me escriba más|no me escriba mas|dejen de escribirme|deje de escribirme|dejen de enviarme correos|dejen de mandarme correos",
    "quítenme de la lista|quitenme de la lista|bórrenme de la lista|borrenme de la lista|sáquenme de la lista|saquenme de la lista|elimínenme de la lista",
];
/// Whole messages together with a word of [`LETTERS`] behind.
const BEFORE_LETTERS: [&str; 2] = [
    "stop|no more|stop the|stop these|stop your|stop sending|stop sending me|stop sending me these|stop sending me your|stop sending these|i want no more|i do not want|i don't want|i do not want any|i don't want any|i do not want any more|i don't want any more|\
     i do not want more|i don't want more|i do not want these|i don't want these|i do not want your|i don't want your|do not send me|don't send me|do not send me any more|don't send me any more|do not send me these|don't send me these|unsubscribe me from these|unsubscribe me from your|unsubscribe from these",
    "no más|no mas|no quiero más|no quiero mas|no quiero|no quiero recibir|no quiero recibir más|no quiero recibir mas|no deseo recibir más|no deseo recibir|no me envíen más|no me envien mas|no me envíen|no me manden más|no me manden mas|no me manden|dejen de enviarme|dejen de mandarme|no me envíe más",
];
const LETTERS: &str = "letters emails e-mails mails messages reminders mail email cartas correos mensajes recordatorios avisos emails";
/// Whole messages together with a word of [`LISTS`] behind.
const BEFORE_LISTS: [&str; 1] = [
    "take me off|remove me from|unsubscribe me from|take my name off|remove my name from|take me off of|i want off",
];
const LISTS: &str = "your the this";
/// Words that may mean it, among others.
const MAYBE: [&str; 3] = [
    "unsubscribe|opt out|opt me out|stop writing|stop sending|stop these|stop the letters|stop emailing|no more letters|no more emails|no more mails|no more reminders|take me off|remove me from|don't write to me|do not write to me|don't email me|do not email me",
    "don't want letters|don't want any more letters|don't want these letters|don't want your letters|do not want letters|do not want any more letters|do not want these letters|do not want your letters|don't want emails|do not want emails|don't want these emails",
    "darme de baja|darse de baja|dar de baja|de baja de la lista|no me escriban|no me escriba|dejen de escribirme|dejen de enviarme|dejen de mandarme|no quiero más cartas|no quiero mas cartas|no quiero cartas|no quiero recibir|no quiero más correos|no me envíen|no me envien|no me manden|cancelar mi suscripción",
];
/// So much of a message is its author's: behind it an older message may be copied, whose foot tells how to opt out.
const OWN: usize = 40;
/// So many words behind it, with capitals, are a name.
const SIGNATURE: usize = 3;
/// How the subject of an answer begins.
const ANSWERS: [&str; 5] = ["re:", "rv:", "aw:", "sv:", "r:"];

static PLAIN: LazyLock<HashSet<String>> = LazyLock::new(plain);
static PERHAPS: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&MAYBE));

/// Every whole message that is an opt-out, in small letters, without courtesies.
fn plain() -> HashSet<String> {
    let each = |lists: &'static [&'static str]| lists.iter().flat_map(|list| list.split('|')).map(bare);
    let mut all: HashSet<String> = each(&WHOLE).collect();
    for begin in each(&BEFORE_LETTERS) {
        all.extend(LETTERS.split_whitespace().map(|letters| bare(&format!("{begin} {letters}"))));
    }
    for begin in each(&BEFORE_LISTS) {
        for which in LISTS.split_whitespace() {
            all.extend(["list", "mailing list"].map(|list| bare(&format!("{begin} {which} {list}"))));
        }
    }
    all
}

/// A phrase as it is compared: its words as a text's are parted.
fn bare(phrase: &str) -> String {
    let words: Vec<String> = sentence::tokens(phrase).into_iter().map(|part| part.text).collect();
    words.join(" ")
}

/// Whether no more letters are asked for, and whether nothing else is said.
pub(super) fn read(note: &MessageNote) -> Option<ReaderNews> {
    let text = own(&note.text);
    let subject = note.subject.trim().to_lowercase();
    let is_answer = ANSWERS.iter().any(|mark| subject.starts_with(mark));
    let heading = if is_answer { Vec::new() } else { sentence::tokens(&note.subject) };
    let says = |parts: &[TextPart]| is_plain(parts);
    let is_whole = match (heading.is_empty(), text.is_empty()) {
        (true, _) => says(&text),
        (false, true) => says(&heading),
        (false, false) => says(&text) && says(&heading),
    };
    let near = text.get(..OWN).unwrap_or(&text);
    match () {
        () if is_whole => Some(ReaderNews::WantsNoLetters),
        () if is_plain(&text) || PERHAPS.is_in(near) || PERHAPS.is_in(&heading) => {
            Some(ReaderNews::MayWantNoLetters)
        }
        () => None,
    }
}

/// The author's own words.
pub(super) fn own(text: &str) -> Vec<TextPart> {
    sentence::tokens(&above_copy(text))
}

/// What stands above the line with which an answer begins to copy.
pub(super) fn above_copy(text: &str) -> String {
    let is_copy = |line: &&str| {
        let line = line.trim();
        let ends = ["wrote:", "escribió:", "escribio:"].iter().any(|end| line.ends_with(end));
        ends || line.starts_with("-----")
            || line.starts_with("_____")
            || line.starts_with("From: ")
            || line.starts_with("De: ")
    };
    text.lines().take_while(|line| !is_copy(line)).collect::<Vec<_>>().join("\n")
}

/// Whether words say nothing but that, with courtesies and a name at the end.
fn is_plain(parts: &[TextPart]) -> bool {
    let is_word =
        |part: &&TextPart| part.text != END && part.text != PAUSE && !is_listed(COURTESY, &part.text);
    let words: Vec<&TextPart> = parts.iter().filter(is_word).collect();
    let name = words.iter().rev().take(SIGNATURE).take_while(|part| part.is_capital).count();
    (0..=name).any(|name| {
        let said = words.get(..words.len() - name).unwrap_or_default();
        let said: Vec<&str> = said.iter().map(|part| part.text.as_str()).collect();
        PLAIN.contains(&said.join(" "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(subject: &str, text: &str) -> Option<ReaderNews> {
        read(&MessageNote { subject: subject.to_owned(), text: text.to_owned(), ..MessageNote::default() })
    }

    #[test]
    fn a_message_that_says_nothing_else_is_an_opt_out() {
        for text in [
            "unsubscribe me please",
            "Unsubscribe",
            "STOP",
            "Please stop sending me these letters. Thank you, Ana",
            "Hello,\n\nI do not want any more emails.\n\nBest regards\nAna Perez",
            "please take me off your list",
            "No more letters, please.",
            "Don’t write to me anymore",
            "No quiero más cartas, gracias",
            "Por favor, no me escriban más. Ana",
            "Quiero darme de baja",
            "Unsubscribe\n\nOn Mon, 3 May 2026, the clinic wrote:\nYou can opt out here",
        ] {
            assert_eq!(news("Re: A letter", text), Some(ReaderNews::WantsNoLetters), "{text}");
        }
        assert_eq!(news("unsubscribe", ""), Some(ReaderNews::WantsNoLetters));
        assert_eq!(news("Unsubscribe", "Unsubscribe"), Some(ReaderNews::WantsNoLetters));
    }

    #[test]
    fn anything_beside_it_is_for_a_person() {
        for (subject, text) in [
            ("Re: A letter", "Please stop sending me letters about visits, the forms are fine"),
            ("Re: A letter", "Stop writing, my legs are numb."),
            ("my legs", "stop"),
            ("Re: A letter", "Should I unsubscribe? I move to Boston."),
            ("Re: A letter", "No quiero recibir cartas en casa, llámenme"),
        ] {
            assert_eq!(news(subject, text), Some(ReaderNews::MayWantNoLetters), "{text}");
        }
    }

    #[test]
    fn what_only_sounds_like_it_is_none() {
        for text in [
            "The pain does not stop",
            "I stopped the pills, is that right?",
            "",
            "Estoy de baja desde mayo",
            "Ana",
            "Thank you",
            "I do not want to miss my visit",
        ] {
            assert_eq!(news("Re: A letter", text), None, "{text}");
        }
    }
}

//! The text that stands beside the yes of a calendar: what calendars write themselves, or words of hers that a person must read.
//! Whatever is not known to be a calendar's counts as hers.

use std::collections::HashSet;

use crate::mail::inbound::text::LONGEST;

/// How sentences of calendars end that say yes and nothing else (Google, Outlook, Thunderbird, Apple, Yahoo, Zimbra), their full
/// stop left out.
const ENDS: [&str; 30] = [
    "accepted this invitation",
    "accepted the invitation",
    "accepted your invitation",
    "accepted your event invitation",
    "accepted your meeting invitation",
    "accepted the following meeting",
    "accepted this event",
    "accepted the event",
    "answer to the invitation",
    "accepted this invitation with this note",
    "aceptado esta invitación",
    "aceptado la invitación",
    "aceptado su invitación",
    "aceptado tu invitación",
    "aceptado esta invitación con esta nota",
    "diese einladung angenommen",
    "die einladung angenommen",
    "ihre einladung angenommen",
    "deine einladung angenommen",
    "accepté cette invitation",
    "accepté l'invitation",
    "accepté votre invitation",
    "accettato questo invito",
    "accettato l'invito",
    "accettato il tuo invito",
    "aceitou este convite",
    "aceitou o convite",
    "aceitou o seu convite",
    "uitnodiging geaccepteerd",
    "zaproszenie",
];
/// How lines of theirs begin that go on with the entry, or say where the message comes from.
const BEGINNINGS: [&str; 31] = [
    "accepted:",
    "aceptada:",
    "aceptado:",
    "angenommen:",
    "accepté:",
    "accettato:",
    "when:",
    "where:",
    "title:",
    "organizer:",
    "calendar:",
    "cuándo:",
    "dónde:",
    "título:",
    "organizador:",
    "wann:",
    "wo:",
    "quand:",
    "où:",
    "quando:",
    "onde:",
    "dove:",
    "invitation from google calendar",
    "invitación de google calendar",
    "invitación desde google calendar",
    "you are receiving this",
    "sent from my",
    "get outlook for",
    "enviado desde mi",
    "von meinem",
    "envoyé de mon",
];
/// The most words that may stand before the end of such a sentence: who says yes.
const MOST_NAMES: usize = 8;
/// The words, beside numbers, of a line that only says when, in the languages of the sentences above.
const DATE_WORDS: [&str; 9] = [
    "am pm at to from until of the th st nd rd de del a las la el al du le um uhr bis von utc gmt cet cest pst pdt est edt cst cdt mst",
    "mdt time zone coordinated universal hora horas",
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov",
    "dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre ene abr ago dic lunes martes miércoles",
    "jueves viernes sábado domingo lun mié jue vie sáb dom",
    "januar februar märz mai juni juli oktober dezember okt dez montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do",
    "fr sa so janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi",
    "samedi dimanche gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre",
];

/// So many pieces of what the entry says itself are compared with a text, and so much of each: an entry names two people and a
/// place, and whatever lies beyond counts as hers.
const MOST_OWN: usize = 64;
/// The longest of those pieces, in characters.
const LONGEST_OWN: usize = 1_000;

/// What an entry says itself, as it is compared.
struct EntryWords(HashSet<String>);

impl EntryWords {
    fn of(own_words: &[String]) -> Self {
        let cut = |words: &String| plain(&words.chars().take(LONGEST_OWN).collect::<String>());
        Self(own_words.iter().take(MOST_OWN).map(cut).collect())
    }

    /// Whether a line is one of them.
    fn is(&self, line: &str) -> bool {
        self.0.contains(line)
    }

    /// Whether one of them holds these words.
    fn hold(&self, words: &str) -> bool {
        self.0.iter().any(|own| own.contains(words))
    }
}

/// Whether a text says more than a calendar that was told to accept; what the entry says itself is nothing more. No calendar
/// writes as much as is kept of a message.
pub(in crate::mail::inbound) fn says_more(text: &str, own_words: &[String]) -> bool {
    if text.chars().nth(LONGEST).is_some() {
        return true;
    }
    let own = EntryWords::of(own_words);
    text.lines().map(plain).any(|line| !is_calendars(&line, &own))
}

/// In lower case, blanks and marks at its ends taken off, blanks inside one each.
fn plain(line: &str) -> String {
    let lower = line.to_lowercase().replace('’', "'");
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.join(" ").trim_matches(|c: char| !c.is_alphanumeric() && c != '"').to_owned()
}

fn is_calendars(line: &str, own: &EntryWords) -> bool {
    if !line.chars().any(char::is_alphabetic) || own.is(line) {
        return true;
    }
    let is_link = !line.contains(' ') && (line.starts_with("http") || line.contains('@'));
    let is_yes = ENDS.iter().any(|end| {
        line.strip_suffix(end)
            .is_some_and(|who| who.split_whitespace().count() <= MOST_NAMES && !who.contains(','))
    });
    is_link || is_yes || is_labelled(line, own) || is_date(line)
}

/// A label with a date, a place or a title of the entry behind it, or a line that says where the message comes from.
fn is_labelled(line: &str, own: &EntryWords) -> bool {
    let Some(begin) = BEGINNINGS.iter().find(|begin| line.starts_with(**begin)) else { return false };
    let rest = plain(line.get(begin.len()..).unwrap_or_default());
    // What is no label names an address of the calendar, or a device of few words.
    let is_label = begin.ends_with(':');
    let is_known = rest.is_empty() || is_date(&rest) || own.hold(&rest);
    if is_label { is_known } else { rest.split_whitespace().count() <= 3 }
}

fn is_date(line: &str) -> bool {
    let is_word = |word: &str| DATE_WORDS.iter().any(|words| words.split(' ').any(|known| known == word));
    line.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_calendar_writes_by_itself_is_nothing_of_hers() {
        let own = ["Appointment".to_owned(), "Riverside clinic, room 4".to_owned(), "Ana Perez".to_owned()];
        for text in [
            "",
            "An answer to the invitation.",
            "Ana Perez has accepted this invitation.\n\nAppointment\nFriday Dec 4, 2026 ⋅ 10:30am – 11am\n\
             Coordinated Universal Time\nRiverside clinic, room 4\n\n\
             Invitation from Google Calendar: https://calendar.example/calendar/\n",
            "Ana Perez ha aceptado esta invitación.\n\nAppointment\nviernes 4 dic 2026 ⋅ 10:30 – 11:00\n",
            "Ana Perez <ana@home.example> has accepted your event invitation.",
            "Ana Perez hat diese Einladung angenommen.\nWann: Fr 4. Dez. 2026 10:30",
            "When: Friday, December 4, 2026 10:30 AM\nWhere: Riverside clinic\nSent from my iPhone",
        ] {
            assert!(!says_more(text, &own), "{text}");
        }
    }

    #[test]
    fn an_entry_without_end_is_compared_up_to_a_bound_and_the_rest_is_hers() {
        let own: Vec<String> = (0..5_000).map(|n| format!("Guest {n} {}", "x".repeat(2_000))).collect();
        let kept = EntryWords::of(&own);
        assert!(kept.0.len() <= MOST_OWN && kept.0.iter().all(|one| one.chars().count() <= LONGEST_OWN));
        let guests: Vec<String> = (0..MOST_OWN + 1).map(|n| format!("Guest {n}")).collect();
        assert!(!says_more("Guest 63", &guests) && says_more("Guest 64", &guests));
        assert!(says_more(&"When: Friday\n".repeat(LONGEST), &[]), "more than is kept of a message");
    }

    #[test]
    fn whatever_else_stands_there_is_hers() {
        for text in [
            "Ana Perez has accepted this invitation with this note:\n\n\"I come, but I cannot feel my legs since Tuesday\"",
            "I will come but my legs give way since yesterday and I cannot pee.",
            "I have pain, numb legs, and Ana accepted this invitation",
            "When: since Tuesday my legs are numb",
            "Sent from my bed, I cannot walk",
            "Numb.",
            "sí, pero no siento las piernas",
            "May 4 numb",
            "mareada",
        ] {
            assert!(says_more(text, &[]), "{text}");
        }
    }
}

//! Deaths in the words of families, and what only sounds like one.

use super::*;

/// What families wrote to other clinics, and what it took to hear it.
#[test]
fn deaths_said_in_other_words_are_heard() {
    for text in [
        "Mijn vrouw is vorige week overleden.",
        "My wife this month passed away",
        "After months of pain she died",
        "Mom had no feeling in her legs and died on Monday",
        "Sadly the cancer won. Ana is at peace now.",
        "The funeral was on Tuesday",
        "We held a memorial service for Ana",
        "Ana's obituary: https://paper.example/1",
        "she isn't alive anymore",
        "I write as executor of the estate of Ana Perez",
        "my wife is not with us any more",
        "Ana took her own life",
        "We said goodbye to Mom",
        "She has past away",
        "mi esposa perdio la vida",
        "ya esta descansando en paz",
        "mi mami ya esta con Dios",
        "Nous avons perdu maman",
        "Ana ist letzten Freitag eingeschlafen",
        "נפטרה לפני שבוע",
        "Preminula je u petak",
        "Ibu saya meninggal",
        "妈妈不行了，她走了",
        "my late wife Ana does not need reminders",
        "Le informo que la paciente expiró el 3 de marzo",
        "Ana expiró ayer",
        "Mi madre ha expirado en el hospital",
        "ana crossed over on sunday",
        "Mom has crossed over",
    ] {
        assert_eq!(person(text), Some(ReaderNews::Died), "{text}");
    }
    let memory = "In loving memory of Ana Perez 1970-2026. This account is no longer attended.";
    assert_eq!(of(&Content::Absence, memory), Some(ReaderNews::Died));
}

#[test]
fn time_limbs_and_the_late_of_long_ago_are_still_none() {
    for text in [
        "My leg fell asleep in an hour, it died on me",
        "the pain of last week died down",
        "Mein Bein ist eingeschlafen",
        "my late mother had the same illness, when is my visit?",
        "I passed on the second test of the month",
        "El enlace expiró el lunes",
        "Mi contraseña expiró ayer",
        "La sesión expiró en el formulario",
        "Sesión expiró en el teléfono",
        "I crossed over the bridge on sunday",
        "She crossed over the bridge with me",
        "We crossed over on the ferry",
    ] {
        assert_ne!(person(text), Some(ReaderNews::Died), "{text}");
    }
}

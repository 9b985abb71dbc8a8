//! Who writes, by what the message asks for: she herself, for her own visit and body, or somebody for her. In lower case, parted by bars.

use std::sync::LazyLock;

use crate::mail::inbound::sentence::{END, PhraseSet, TextPart, is_listed};

/// What a patient says of herself.
const HERSELF: [&str; 12] = [
    "my appointment|my visit|my date|my check|my checkup|my scan|my results|my result|my test|my treatment|my therapy|my surgery|my cancer|my tumour",
    "my tumor|my next visit|my next appointment|my follow|my doctor|my letter|my letters|my own|can i come|may i come|may i have|can i have|could i have|can i still|may i still",
    "shall i come|should i come|so i am afraid|so i'm afraid|i am afraid .|i'm afraid .|i am afraid of|i'm afraid of|i am scared|i'm scared|i have cancer",
    "i had cancer|i come alone|i live alone|i am away|i'm away|i am on leave|i'm on leave|out of the office|out of office|like me|as me|same as mine|give me another|give me a|another date please|new date please|another appointment please",
    "mi cita|mi visita|mi revisión|mi consulta|mi tratamiento|mis resultados|mi doctora|mi doctor|mi médico|otra fecha|otra cita|otro día|otro turno",
    "tengo que cambiar|quiero cambiar|quisiera cambiar|necesito cambiar|puedo cambiar|no puedo ir|no puedo venir|no puedo asistir|no puedo acudir|no pude ir|no pude venir|tengo miedo|podré ir",
    "mein termin|meinen termin|meinem termin|meine untersuchung|anderen termin|neuen termin|ich nicht kommen|nicht kommen kann|kam ich nicht|konnte ich nicht|ich habe angst|ich brauche",
    "mon rendez|mon traitement|mes résultats|mon cancer|autre rendez|autre date|peux pas venir|pourrai pas venir|pas pu venir|ai peur|il mio appuntamento|la mia visita",
    "altra data|altro appuntamento|posso venire|potuto venire|ho paura|minha consulta|meu exame|meu tratamento|outra data|outro dia|posso ir|pude ir|tenho medo|não posso",
    "mijn afspraak|andere afspraak|andere datum|kan niet komen|kon niet komen|ben bang|moja wizyta|moją wizytę|mojej wizyty|inny termin|nie mogę przyjść|nie mogłam przyjść|boję się",
    "min tid|mitt besök|annan tid|en ny tid|kan inte komma|är rädd|min time|annen time|anden tid|kan ikke komme|er redd|er bange|toinen aika|en pääse",
    "мой приём|мой прием|другую дату|другое время|не могу прийти|не смогла прийти|я боюсь|randevum|başka bir tarih|gelemem|gelemedim",
];
/// The same behind "I" or "we".
const BEHIND_I: &str = "cannot come|can't come|can not come|could not come|couldn't come|will not come|won't come|unable to come|not able to come|cannot \
    attend|can't attend|could not attend|couldn't attend|cannot make it|can't make it|could not make it|couldn't make it|cannot be there|can't be there|need another|need \
    a new|need a different|like another|like a new|like to move|like to change|want another|want to move|want to change|have to move|have to change|have to cancel|need to \
    move|need to change|need to cancel|need to reschedule|must cancel|must change|missed the|missed my|another date|another time|another day|another appointment|come on another|come later|been able to come|need to rearrange|to rearrange|won't be there|will not be there|want a new|want a different|move the visit|change the date|able to attend";
/// What somebody asks for her.
const FOR_HER: [&str; 4] = [
    "i write for|i am writing for|on behalf of|take her off|remove her|her name from|off your list|off the list|stop writing|stop sending|stop these|please stop|no more letters|no more emails|no more mails|do not write",
    "don't write|unsubscribe|your patient|your letters to her|her appointment|her appointments|her visits|her account|her mailbox|her email|cared for her|care of her|looked after her",
    "no escriban|dejen de|no envíen|darla de baja|dar de baja|su paciente|ihre patientin|schreiben sie nicht|keine briefe|keine mails|bitte streichen|plus de courrier|cessez",
    "votre patiente|non scrivete|vostra paziente|sua paciente|parem de|stop met|niet meer schrijven|proszę nie|sluta|inte skriva|прошу больше не|не пишите",
];

/// How far before the author may stand.
const WITHIN: usize = 12;

static OF_HERSELF: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&HERSELF));
static BY_I: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&[BEHIND_I]));
static ASKED_FOR_HER: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&FOR_HER));

/// Whether she asks something for herself, and nobody asks anything for her.
pub(super) fn is_by_patient(tokens: &[TextPart]) -> bool {
    let by_i = (0..tokens.len()).any(|at| BY_I.at(tokens, at).is_some() && is_said_by_i(tokens, at));
    (by_i || OF_HERSELF.is_in(tokens)) && !is_for_her(tokens)
}

/// Whether something is asked for her by another.
pub(super) fn is_for_her(tokens: &[TextPart]) -> bool {
    ASKED_FOR_HER.is_in(tokens)
}

/// Whether the nearest pronoun before is the author's own.
fn is_said_by_i(tokens: &[TextPart], at: usize) -> bool {
    let near = tokens.get(at.saturating_sub(WITHIN)..at).unwrap_or_default();
    let sentence = near.rsplit(|token| token.text == END).next().unwrap_or_default();
    let nearest =
        sentence.iter().rev().find(|token| is_listed("i we i'd we'd i'll she he they you it", &token.text));
    nearest.is_some_and(|token| is_listed("i we i'd we'd i'll", &token.text))
}

//! Words by which whoever reads her letters says that she is somebody else: the address on record is a stranger's, who learns with each
//! letter of a woman's illness. In lower case, parted by bars.

use std::sync::LazyLock;

use crate::mail::inbound::sentence::{END, PAUSE, PhraseSet, TextPart, is_listed};

/// What nobody says of anything else.
const PLAIN: [&str; 9] = [
    "sent to the wrong person|sent to the wrong address|sent to the wrong email|this is the wrong person|this is the wrong address|this is the wrong email|i am the wrong person|i'm the wrong person|reached the wrong person|wrong recipient|mistaken me for|not the person you|not who you think|\
     letters are not for me|letter is not for me|emails are not for me|email is not for me|message is not for me|messages are not for me|mail is not for me|letters aren't for me|emails aren't for me|email isn't for me|letter isn't for me",
    "i was never your patient|i am not your patient|i'm not your patient|i have never been your patient|i've never been your patient|never been a patient|i was never a patient|i am not a patient of|i'm not a patient of|i am not a patient at|i'm not a patient at|never been to your clinic|never heard of your clinic|not a patient of yours|was never treated there",
    "this email does not belong to|this address does not belong to|this is not her email|this is not her address|this isn't her email|this isn't her address|not her email address|nobody by that name|no one by that name|nobody of that name|no one of that name|nobody with that name|no one with that name|no such person here|\
     don't know anyone called|don't know anyone named|do not know anyone called|do not know anyone named|don't know any person|don't know this person|do not know this person|don't know this woman|do not know this woman",
    "not meant for me|not intended for me|isn't meant for me|received this by mistake|received this in error|received this email by mistake|received this email in error|received your email by mistake|received your email in error|receiving these by mistake|receiving these in error|sent to me by mistake|sent to me in error|get these by mistake",
    "se ha equivocado de persona|se han equivocado de persona|se equivocó de persona|se equivoco de persona|se equivocaron de persona|se ha equivocado de correo|se han equivocado de correo|se equivocó de correo|se equivocaron de correo|se ha equivocado de dirección|se han equivocado de dirección|\
     se ha equivocado de direccion|se han equivocado de direccion|persona equivocada|correo equivocado|dirección equivocada|direccion equivocada|destinatario equivocado|no soy la persona|no soy esa persona|no soy su paciente|no soy paciente suya|no soy paciente de ustedes|nunca fui su paciente|nunca he sido su paciente|nunca fui paciente|nunca he sido paciente",
    "no conozco a esa persona|no conozco a esta persona|no conozco a esa señora|no conozco a ninguna|este correo no es de|este correo no es suyo|este correo no pertenece|esta dirección no es de|esta direccion no es de|carta no es para mí|carta no es para mi|cartas no son para mí|cartas no son para mi|correo no es para mí|correo no es para mi|correos no son para mí|correos no son para mi|mensaje no es para mí|mensaje no es para mi|me llegó por error|me llego por error|me llegan por error|recibí este correo por error|he recibido este correo por error|recibo sus correos por error",
    "die falsche person|falsche adresse|falsche e mail|falschen empfänger|falsche empfängerin|nicht ihre patientin|nie ihre patientin|keine patientin von ihnen|nicht für mich bestimmt|kenne diese person nicht|kenne diese frau nicht|mauvaise personne|mauvaise adresse|vous vous trompez de personne|vous êtes trompé de personne|vous êtes trompés de personne|pas votre patiente|jamais été votre patiente|erreur de destinataire|ne connais pas cette personne",
    "persona sbagliata|indirizzo sbagliato|ha sbagliato persona|avete sbagliato persona|non sono la vostra paziente|non sono una vostra paziente|mai stata vostra paziente|non conosco questa persona|pessoa errada|endereço errado|email errado|não sou sua paciente|nunca fui sua paciente|não conheço essa pessoa|verkeerde persoon|verkeerde adres|niet uw patiënt|nooit uw patiënt",
    "niewłaściwa osoba|zły adres|pomylił się adres|nie jestem waszą pacjentką|nie jestem pani pacjentką|fel person|fel adress|inte er patient|forkert person|feil person|feil adresse|väärä henkilö|väärä osoite|не тот адрес|ошиблись адресом|я не ваша пациентка",
];
/// What somebody has, or writes to, and is wrong: with one of [`WRONG`] right behind.
const HAVE_WRONG: [&str; 1] = [
    "you have the wrong|you've got the wrong|you have got the wrong|you got the wrong|you are writing to the wrong|you're writing to the wrong|you wrote to the wrong|you are emailing the wrong|you're emailing the wrong|you sent this to the wrong|sent this to the wrong|you have reached the wrong|you've reached the wrong",
];
const WRONG: &str =
    "person email emails e mail address mailbox woman lady patient recipient individual contact inbox";
/// What says so where a short message says little else.
const SHORT: [&str; 1] = [
    "wrong person|wrong email|wrong e mail|wrong address|wrong mail|wrong woman|mistaken identity|equivocado|se equivocó|se equivocaron|por error|by mistake|falsche person|вы ошиблись",
];
/// Before a name: "I am not Ana".
const NOT_I: [&str; 1] = [
    "i am not|i'm not|im not|this is not|this isn't|yo no soy|no soy|ich bin nicht frau|je ne suis pas|non sono|não sou|ik ben niet|nie jestem|jag är inte|jeg er ikke|я не",
];
/// What one may not be, with a capital, and be she all the same.
const OTHERWISE: &str = "english spanish american mexican british german french italian catholic christian muslim jewish dr doctor frau herr sr sra mr mrs ms miss monday tuesday wednesday \
     thursday friday saturday sunday january february march april may june july august september october november december i covid ok sure";
/// So many words are a short message.
const FEW: usize = 20;

static SAID: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&PLAIN));
static SAID_OF_WRONG: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&HAVE_WRONG));
static SAID_SHORTLY: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&SHORT));
static DENIED: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&NOT_I));

/// Whether the author says that she is not the one we write to.
pub(super) fn writes(tokens: &[TextPart]) -> bool {
    let words = tokens.iter().filter(|token| !matches!(token.text.as_str(), END | PAUSE)).count();
    SAID.is_in(tokens)
        || words <= FEW && SAID_SHORTLY.is_in(tokens) && !is_of_hers(tokens)
        || (0..tokens.len()).any(|at| has_wrong(tokens, at) || denies_a_name(tokens, at))
}

/// "You have the wrong email": of a number or a date that is wrong somebody else tells.
fn has_wrong(tokens: &[TextPart], at: usize) -> bool {
    let behind = SAID_OF_WRONG.at(tokens, at).and_then(|length| tokens.get(at + length));
    behind.is_some_and(|next| is_listed(WRONG, &next.text))
}

/// Whether a short message tells of something of the author's own: a form, a date, a mistake of hers.
fn is_of_hers(tokens: &[TextPart]) -> bool {
    const HERS: &str = "my mine mi mis me i've date form visit appointment cita fecha formulario answer answered fecha nurse doctor button pressed clicked typed wrote escribí puse marqué";
    tokens.iter().any(|token| is_listed(HERS, &token.text))
}

/// Whether it says there that the author is not a person of some name, and the sentence ends with that name.
fn denies_a_name(tokens: &[TextPart], at: usize) -> bool {
    let Some(length) = DENIED.at(tokens, at) else { return false };
    let rest = tokens.get(at + length..).unwrap_or_default();
    let name = rest.iter().take_while(|token| token.is_capital).count();
    let is_name = rest.iter().take(name).all(|token| !is_listed(OTHERWISE, &token.text));
    let ends = rest.get(name).is_none_or(|next| {
        matches!(next.text.as_str(), END | PAUSE) || is_listed("and y und et e so but pero sino", &next.text)
    });
    (1..=4).contains(&name) && is_name && ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::inbound::sentence;

    #[test]
    fn a_stranger_says_so_in_many_words() {
        for text in [
            "I am not Ana. You have the wrong email address.",
            "Hi, I'm not Ana Perez.",
            "wrong person",
            "Wrong email!",
            "I was never your patient.",
            "Please stop, you've got the wrong person",
            "This email does not belong to Ana Perez.",
            "These letters are not for me.",
            "I keep receiving these by mistake",
            "Se ha equivocado de persona, yo no soy Ana",
            "Se equivocaron de correo.",
            "No conozco a esa persona",
            "Nunca fui su paciente.",
            "Sie schreiben an die falsche Person.",
            "Vous vous êtes trompés de personne.",
            "Avete sbagliato persona",
            "Verkeerde persoon",
        ] {
            assert!(writes(&sentence::tokens(text)), "{text}");
        }
    }

    #[test]
    fn who_is_she_and_tells_of_something_wrong_is_no_stranger() {
        for text in [
            "I am not well.",
            "I'm not English, please write in Spanish.",
            "You have the wrong date for my visit.",
            "You have the wrong phone number, mine is 555 0100.",
            "My nurse called the wrong person.",
            "I pressed the wrong button by mistake",
            "I answered the form by mistake twice",
            "This treatment is not for me",
            "No soy diabética",
            "Puse la fecha por error",
            "Ich bin nicht Zuhause.",
            "I am not sure what this is",
            "My name is not Anna, it is Ana.",
            "I am not Catholic",
        ] {
            assert!(!writes(&sentence::tokens(text)), "{text}");
        }
    }
}

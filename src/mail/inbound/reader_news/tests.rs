//! Tables of what people and programs write of deaths, with near misses on both sides.

mod phrases;
mod stems;

use super::*;
use crate::care::inbound::{NoticeOutcome, NoticeReport};

fn of(content: &Content, text: &str) -> Option<ReaderNews> {
    read(content, &MessageNote { text: text.to_owned(), ..MessageNote::default() })
}

fn person(text: &str) -> Option<ReaderNews> {
    of(&Content::Person, text)
}

fn report(words: &str) -> Content {
    Content::Report(NoticeReport { fate: NoticeOutcome::Failed, status: None, words: words.to_owned() })
}

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
        assert_eq!(of(&Content::Absence, text), Some(ReaderNews::Died), "{text}");
        assert_eq!(person(text), Some(ReaderNews::Died), "{text}");
    }
    for words in
        ["550 5.2.1 mailbox disabled: account holder deceased", "550 the user of this mailbox has died"]
    {
        assert_eq!(of(&report(words), "failed"), Some(ReaderNews::Died), "{words}");
    }
}

const DEATHS_OF_HERS: &[&str] = &[
    "She died last month.",
    "Ana died",
    "ana died",
    "Ana is dead",
    "With her brother at her side Ana died.",
    "she's dead",
    "Mum's gone.",
    "Mrs Perez is no longer living",
    "Please note that the addressee has passed.",
    "Ana passed in March",
    "Mom passed on Tuesday",
    "This is her son. Mum sadly passed",
    "Ana has left us",
    "Mom is gone. She left us on Tuesday.",
    "We lost her in May",
    "I lost my wife in May.",
    "Ana expired on 3 May",
    "Ana R.I.P.",
    "RIP Ana",
    "the late Ana Perez",
    "My late mother was your patient. Please stop writing.",
    "God took her on Sunday",
    "She's in a better place now",
    "Sie hat den Kampf verloren",
    "Dios se la llevó",
    "Ana è volata in cielo",
    "Elle n'est plus là",
    "Deus a levou",
    "Zij is er niet meer",
    "Hon har lämnat oss",
    "Её не стало",
    "Ana Perez † 3.5.2026",
    "Ana's funeral was on Monday.",
    "I have her death certificate.",
    "She is in heaven now",
    "Ana went home to Jesus",
    "My mother has gone to be with the Lord.",
    "Ana did not make it",
    "Ana lost her battle with cancer in September.",
    "We buried her last Friday.",
    "I am sorry to tell you about the death of my wife.",
    "I'm afraid Ana has passed away.",
    "I heard she died",
    "My husband is ill. Ana died.",
    "My brother says she has died",
    "My wife and son died",
    "Your patient died in hospital",
    "My friend Ana, your patient, died on Sunday. Please take her off your list.",
    "My mother died on 3 May",
    "my wife Ana died last week. Please stop.",
    "Her legs were numb for weeks. She died on Monday.",
    "Ella está muerta",
    "Mi esposa ya falleció",
    "Ayer murió mi madre",
    "Ana nos dejó el martes. Que en paz descanse.",
    "Que en paz descanse",
    "Ana se fue al cielo",
    "Ana ya no vive",
    "Mi mamá partió de este mundo",
    "Sie ist tot",
    "Ana ist tot",
    "Frau Perez lebt nicht mehr",
    "Sie ist von uns gegangen",
    "Meine Frau ist vor zwei Wochen gestorben.",
    "Meine Mutter ist friedlich eingeschlafen.",
    "Ma mère s'est éteinte mardi.",
    "Ma femme est décédée.",
    "Elle est morte",
    "Ana est partie rejoindre les anges",
    "Mia moglie è morta.",
    "Mia moglie è mancata il mese scorso.",
    "Ana si è spenta",
    "Ana non c'è più.",
    "Ela está morta",
    "A minha mãe faleceu.",
    "Ana não está mais entre nós",
    "Mijn vrouw is overleden.",
    "Ana is heengegaan",
    "Zij is dood",
    "Moja żona nie żyje.",
    "Ana zmarła",
    "Ana zmarla",
    "Ana har gått bort",
    "Hon är död",
    "Hun er død",
    "Min kone døde i maj",
    "Äitini on kuollut",
    "Ana умерла",
    "Моя жена умерла.",
    "Её больше нет",
    "Ana vefat etti",
    "Annem öldü",
    "توفيت زوجتي",
    "Mẹ tôi đã qua đời.",
    "Ana đã mất",
    "Namatay na siya",
    "我母亲已经去世了。",
    "去世",
    "アナは亡くなりました",
    "아나는 사망했습니다",
];

#[test]
fn a_death_of_hers_is_heard_whatever_words_a_family_finds() {
    for text in DEATHS_OF_HERS {
        assert_eq!(person(text), Some(ReaderNews::Died), "{text}");
    }
}

#[test]
fn the_subject_is_read_as_well() {
    for (subject, text) in [
        ("Ana Perez died on 3 May", "Please take her off your list."),
        ("Re: A note from your clinic - DECEASED", "Thanks."),
        ("Fallecimiento de Ana Perez", "Por favor, no escriban más."),
        ("Ana passed away", "Please call me."),
    ] {
        let note = MessageNote { subject: subject.into(), text: text.into(), ..MessageNote::default() };
        assert_eq!(read(&Content::Person, &note), Some(ReaderNews::Died), "{subject}");
    }
}

const NO_DEATHS: &[&str] = &[
    "The left leg is dead, I cannot move it. It is dead since Tuesday.",
    "My leg is dead",
    "my battery is dead, leg is dead too",
    "My nerve pain has died down.",
    "The pain has died down, thank you.",
    "The pain has passed",
    "I passed on your number to my sister",
    "I passed on your message to my doctor.",
    "Your letter was passed on to me by my sister.",
    "Your link is dead",
    "The phone number you gave is dead",
    "Your website died on me",
    "The line is dead",
    "My phone died, ring me at home",
    "My feet feel like they died, no feeling at all",
    "My card expired in May",
    "My big toe is dead and white",
    "Half of my face is dead",
    "The tumour is dead, they told me",
    "My old number is dead",
    "Your letter has been passed on to my husband",
    "The cramp passed in the night",
    "All feeling is gone from my feet",
    "I would have died without you",
    "Siento el pie como muerto",
    "Me he quedado muerta de susto",
    "Mein linkes Bein ist seit gestern tot",
    "Il telefono è morto",
    "Нога умерла",
    "The leg of my wife is dead",
    "I thought I had died when my legs gave way",
    "I thought I would have died, the pain in my spine",
    "I almost died from the pain in my back last night!",
    "I nearly died of fright",
    "I am dead tired",
    "She is dead tired",
    "No one died",
    "I studied all day",
    "no one is here",
    "Two years have passed",
    "I lost my letter",
    "We lost contact",
    "I did not make it to the appointment",
    "Tengo la pierna muerta, no la siento desde ayer.",
    "La pierna está muerta",
    "El enlace está muerto",
    "Estoy muerta de dolor de espalda",
    "Mein Fuss ist wie gestorben, ich spüre nichts",
    "Mein Bein ist tot",
    "Mein Bein ist eingeschlafen",
    "Ich bin fast gestorben vor Schmerzen",
    "Ma jambe est morte",
    "La gamba è morta",
    "A minha perna está morta",
    "Mijn been is dood",
    "Ok.\n> my wife died",
    "我的腿死了",
];

#[test]
fn no_limb_no_thing_and_no_process_has_died() {
    for text in NO_DEATHS {
        assert_eq!(person(text), None, "{text}");
    }
}

#[test]
fn a_patient_who_has_lost_somebody_is_read_and_not_paused() {
    for text in [
        "My husband passed away in June, so I come alone.",
        "My husband, Jorge, died",
        "mi padre falleció ayer",
        "Since my dear son, my only son, died I sleep badly",
        "My husband died last month and she, my daughter, helps me.",
        "My oncologist Dr. Lee died in May, who sees me now?",
        "I heard that Dr. Smith has died. So sad. Who will be my doctor now?",
        "My neighbour died of covid, may I still come?",
        "My best friend died of this last year. I am afraid.",
        "Meine Katze ist gestorben, deshalb kam ich nicht.",
        "Mon chien est mort",
        "My late mother had it too.",
        "I come with my late husband's sister.",
        "My cat was old. She died on Monday.",
        "My grandmother died, so I need another date",
        "My grandmother was ill. She died on Sunday, so I need another date.",
        "My aunt died so I cannot come on Monday.",
        "I lost my mother last week and cannot come on Monday",
        "I missed my appointment because my grandmother died",
        "Please cancel my visit, my mum died",
        "My nan has passed so I won't be there on Monday",
        "My mother-in-law died, funeral is on the day of my visit",
        "My sister died of the same cancer, so I am afraid.",
        "Mi suegra falleció y no pude ir",
        "Mi abuela falleció ayer, tengo que cambiar la cita",
        "Meine Oma ist gestorben, ich brauche einen anderen Termin",
        "Ma tante est décédée, je ne peux pas venir lundi",
        "My mother died on 3 May. My legs are numb.",
        "Ana died. I cannot feel my legs.",
    ] {
        assert_eq!(person(text), Some(ReaderNews::OtherDied), "{text}");
    }
}

#[test]
fn who_asks_something_for_her_is_no_patient() {
    for text in [
        "My mother died, please stop writing. I cannot come to terms with it.",
        "My wife died. I have to cancel her appointment.",
        "Please cancel the visit, mum died",
        "My wife died and she cannot come any more",
        "My sister died. Please take her off your list.",
    ] {
        assert_eq!(person(text), Some(ReaderNews::Died), "{text}");
    }
}

#[test]
fn what_a_mail_server_says_of_a_process_or_a_letter_is_no_death() {
    for words in [
        "x-unix; Command died with status 255: /usr/bin/procmail",
        "Command died with signal 6. Command output: dead",
        "smtp; delivery failed: connection died with host mx.home.example while sending end of data",
        "Your message has been passed on to another server and is waiting.",
        "Your message was passed on to mx.home.example.",
        "The peer is dead",
        "Message expired in the queue",
        "The queue runner died",
        "The connection to the recipient died",
        "The recipient's mail server is dead",
    ] {
        for content in [report(words), Content::ServerNote, Content::Challenge] {
            assert_eq!(of(&content, words), None, "{words}");
        }
    }
}

#[test]
fn an_absence_note_tells_of_the_owner_of_the_mailbox_only() {
    for text in [
        "I am on leave. Your message was passed on to my colleague.",
        "I am away to attend a funeral; my father passed away.",
        "I am away because my mother died.",
        "Your message has been passed on.",
    ] {
        assert_ne!(of(&Content::Absence, text), Some(ReaderNews::Died), "{text}");
    }
    assert_eq!(of(&Content::Absence, "Your message has been passed on."), None);
}

#[test]
fn signs_of_hers_are_told_of_what_looks_automatic() {
    let text = "I am in hospital since Monday, I cannot feel my legs.";
    for content in [Content::Absence, Content::Challenge, Content::ServerNote, Content::Receipt] {
        assert_eq!(of(&content, text), Some(ReaderNews::Signs), "{content:?}");
    }
    assert_eq!(person(text), None);
}

#[test]
fn a_mailbox_that_is_left_is_heard_from_its_program_alone() {
    let text = "This mailbox is no longer in use and is not read. Please write to ana.new@other.example";
    assert_eq!(of(&Content::Absence, text), Some(ReaderNews::MailboxLeft));
    assert_eq!(person(text), None);
    assert_eq!(of(&Content::Absence, "Esta dirección ya no se usa."), Some(ReaderNews::MailboxLeft));
    assert_eq!(of(&Content::Absence, "Cette adresse n'est plus utilisée."), Some(ReaderNews::MailboxLeft));
    let gone = "Ana has left the company. Please contact Bob.|I no longer work at Acme.\
         |I have left Acme. Your email is not forwarded.|I have retired. This mailbox will be closed.\
         |Ana ya no trabaja aquí.|Ana Perez dejó la empresa.\
         |He cambiado de correo, escríbanme a ana@nuevo.example|Mi nuevo email es ana@nuevo.example\
         |Me he jubilado y no leo este correo.|Ich arbeite nicht mehr bei Mail GmbH.\
         |Meine neue Adresse lautet ana@neu.example|Je ne travaille plus chez Mail SA.\
         |Non lavoro più in questa azienda.|Já não trabalho aqui.|Ik werk hier niet meer.\
         |I've moved to a new email: ana@new.example";
    for text in gone.split('|') {
        assert_eq!(of(&Content::Absence, text), Some(ReaderNews::MailboxLeft), "{text}");
    }
    for text in
        ["I am away until Monday.", "I have left for the day.", "I have left the office until Monday."]
    {
        assert_eq!(of(&Content::Absence, text), None, "{text}");
    }
}

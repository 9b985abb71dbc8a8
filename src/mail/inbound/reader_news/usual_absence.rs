//! Whether an absence note says no more than that: dates, office, holiday, who answers meanwhile, in the languages that are known. What
//! holds a word beyond that may be hers about how she is, in whatever language, and a person reads it.

use std::sync::LazyLock;

use crate::mail::inbound::sentence::{self, END, PAUSE, PhraseSet, TextPart, WordSet};

/// Words of such notes, language by language, in small letters and parted by blanks. None of them is of a body, an illness or a house
/// for the sick.
const WORDS: [&str; 16] = [
    "i i'm i've i'll i'd me my we we're we'll our us you your yours am is are be been being was were will would shall can cannot can't could may might do does don't not no have has had having a an the this that these those it it's its and or but if as so of off on in at to for from with without by until till \
     through during before after between about around over under up out away back next this last then than when while where who whom which what there here again also only very more most much any some all each every other another soon early late later currently present presently now today tomorrow",
    "office work working workplace desk home town country abroad leave holiday holidays vacation annual yearly public bank travel travelling traveling trip business conference meeting meetings training course event maternity paternity parental sabbatical weekend week weeks day days month months year years hour hours time times date dates period \
     morning afternoon evening night noon monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec am pm st nd rd th christmas easter thanksgiving summer winter spring autumn new year's",
    "'s left passed aujourd' hui thank thanks thankyou you hello hi dear sir madam colleague colleagues team all everyone best kind warm regards greetings sincerely cheers respectfully yours truly message messages email emails e-mail mail mails mailbox inbox letter note reply replies replying respond responding response responses answer answering answers read reading check checking checked \
     see seen receive received receiving forward forwarded access accessing limited intermittent internet sporadic delay delayed delays possible immediate immediately urgent urgently matters matter enquiries inquiries questions question request requests assistance please kindly contact contacting call phone telephone tel mobile cell number reach reached reachable available unavailable \
     availability return returning returned get getting attention automatic automatically automated auto out-of-office autoreply note notice noted person colleague deputy substitute cover covering manager assistant secretary department reception support service team company instead directly meantime meanwhile absence absent earliest convenience upon once able unable address wish wishing happy great good nice merry enjoy time off duty shift starting start starts inclusive including apologies apologise apologize sorry inconvenience patience understanding appreciate appreciated regularly occasionally daily ref re fw fwd sent",
    "yo me mi mis nos nuestro nuestra su sus usted ustedes le les lo la los las el un una unos unas de del al a en con sin por para hasta desde durante entre y e o u que quien quienes como cuando donde si no se es soy somos son está estoy estamos están estaré estaremos estará estar he ha hemos han haber sea sido fue será este esta esto estos estas ese esa eso mismo misma muy más pronto antes después luego ya también sólo solo todo todos toda todas otro otra",
    "fuera oficina despacho trabajo trabajando vacaciones vacacional permiso días día semana semanas mes meses año años lunes martes miércoles miercoles jueves viernes sábado sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre mañana tarde noche hora horas fecha fechas viaje viajando festivo festivos feriado navidad próximo próxima proximo proxima ausente ausencia maternidad paternidad temporal temporalmente reunión reuniones congreso curso formación disfrutando",
    "gracias hola buenos buenas estimado estimada estimados saludos saludo cordial cordiales atentamente atento un mensaje mensajes correo correos electrónico electronico email mail respuesta respuestas responder responderé respondere responderemos contestar contestaré contestare leer leeré leo revisar revisaré acceso limitado internet volver volveré volvere vuelvo regreso regresar regresaré regresare incorporo reincorporo disponible disponibles atender atenderé urgente urgentes caso asunto asuntos consulta contactar contacte contacten contacto pueden puede podré dirigirse diríjase llame llamar llamen teléfono telefono móvil número numero persona compañera compañero compañeros equipo automática automatica automático automaticamente automáticamente brevedad posible mayor lo antes recibido recibir escribir escribirme disculpe disculpen molestias favor comprensión dirección",
    "sich ich mich mir mein meine meinem meinen meiner wir uns unser unsere sie ihre ihren ihrer ihr ihnen bin bist ist sind war wird werde werden wurde habe haben hat hatte kann können könnte nicht kein keine keinen der die das den dem des ein eine einen einem einer und oder aber wenn als ab bis vom von zum zur zu im in am an auf aus bei mit nach seit über unter für durch während wieder da dort hier erst auch nur noch dann sehr so bitte danke vielen herzlichen dank hallo guten tag liebe lieber sehr geehrte geehrter geehrten damen herren grüße grüßen gruß freundlichen freundliche freundlichem mfg lg",
    "büro haus abwesend abwesenheit abwesenheitsnotiz nicht anwesend erreichbar erreichen urlaub ferien elternzeit dienstreise geschäftsreise reise unterwegs feiertag feiertage weihnachten ostern tag tage tagen woche wochen monat monate jahr jahre montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar jänner februar märz april mai juni juli august september oktober november dezember uhr zeit zeitraum datum einschließlich inklusive voraussichtlich ihre e-mail email mail mails mailbox nachricht nachrichten wird werden automatisch automatische gelesen lese lesen beantwortet beantworte beantworten antwort antworten antworte melde melden weitergeleitet weiterleitung zugriff eingeschränkt sporadisch dringend dringende dringenden dringlichen fällen fall angelegenheiten anliegen wenden kontaktieren kollege kollegin kollegen kolleginnen vertretung vertreten vertritt team telefon telefonisch handy nummer rufnummer rückkehr zurück zurückkehren schnellstmöglich möglichst bald meiner verständnis ersten letzten nächste nächsten kommenden außer",
    "je j' me m' mon ma mes nous notre nos vous votre vos il elle on ce cet cette ces c' ça qui que qu' quoi dont où si ne n' pas plus le la l' les un une des de d' du au aux à en dans sur sous par pour avec sans chez jusqu' jusqu'au jusqu'à depuis pendant entre et ou mais donc suis est sont étais était sera serai serons être ai as a avons ont avoir été fait absent absente absence bureau congé congés vacances déplacement déplacements formation réunion fermé fériés jour jours semaine semaines mois année ans lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre heure heures matin soir prochain prochaine inclus retour reviens reviendrai revenir rentre rentrerai joignable disponible actuellement maternité parental",
    "bonjour bonsoir madame monsieur merci cordialement salutations bien bonne journée message messages mail mails email courriel courriels e-mail réponse répondre répondrai réponds lire lirai lis consulter accès limité internet urgent urgents cas besoin contacter contactez veuillez pouvez pourrai téléphone portable numéro collègue collègues équipe remplaçant remplaçante automatique automatiquement dès mon possible plus tôt rapidement meilleurs délais reçu votre écrire adresse",
    "io mi mio mia miei mie noi nostro nostra voi lei suo sua vostro vostra il lo la i gli le un uno una di del della dei delle da dal dalla dai a al alla ai alle in nel nella con su sul per tra fra fino sino e ed o ma se che chi non sono è sarò sarà siamo ho ha abbiamo essere stato stata fuori ufficio sede ferie vacanza viaggio lavoro assente assenza congedo permesso maternità giorno giorni settimana mese mesi anno lunedì martedì mercoledì giovedì venerdì sabato domenica gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre ore prossimo prossima rientro rientrerò torno tornerò ritorno posso potrò disponibile raggiungibile \
     buongiorno salve gentile grazie cordiali saluti messaggio messaggi mail email posta risposta rispondere risponderò rispondo leggere leggerò accesso limitato urgente urgenti caso contattare contatti chiamare telefono cellulare numero collega colleghi automatica automatico appena possibile prima",
    "eu me meu minha meus minhas nós nosso nossa você vocês seu sua seus suas o a os as um uma de do da dos das em no na nos nas por pelo pela para com sem até desde durante entre e ou mas se que quem não sou estou está estamos estarei estará estaremos ser estar fui foi tenho tem férias escritório trabalho viagem folga licença maternidade ausente ausência fora dia dias semana semanas mês ano segunda terça quarta quinta sexta feira sábado domingo janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro horas próximo próxima retorno retornarei regresso regressarei volto voltarei voltar disponível \
     olá bom boa prezado prezada caro obrigado obrigada atenciosamente cumprimentos mensagem mensagens email e-mail correio resposta responder responderei ler lerei acesso limitado urgente urgentes caso assuntos contactar contatar contacte contate contacto contato telefone celular telemóvel número colega colegas automática automático assim possível brevidade favor",
    "ik mij me mijn wij we ons onze u uw je jouw jij de het een en of maar als dat die dit deze is ben bent zijn was waren wordt word zal zullen kan kunnen heb heeft hebben niet geen met van voor tot tot en met vanaf aan op in bij naar uit om te door over na tijdens weer terug afwezig afwezigheid aanwezig bereikbaar kantoor vakantie verlof vrij reis dag dagen week weken maand maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart april mei juni juli augustus september oktober november december uur volgende beste geachte bedankt dank hartelijk groet groeten vriendelijke bericht berichten mail e-mail email antwoord antwoorden beantwoorden beantwoord lezen lees beperkt toegang dringend dringende spoed geval gevallen contact opnemen neem bellen telefoon nummer collega automatisch zo snel mogelijk \
     jag mig min mitt mina vi oss du dig din ditt ni er han den det de en ett och eller men om att som är var blir kommer ska kan har hade inte ej till från för med utan på i av vid under efter mellan åter tillbaka frånvarande frånvaro semester ledig föräldraledig tjänsteresa resa kontoret kontor dag dagar vecka månad måndag tisdag onsdag torsdag fredag lördag söndag januari februari mars maj juni juli augusti oktober hej tack vänliga hälsningar mvh meddelande mejl svar svarar svara läser läsa begränsad tillgång brådskande ärenden kontakta ring telefon nummer kollega snart möjligt",
    "jeg meg mig min mitt mit mine vi oss os du deg dig din ditt han hun det den de en et ei og eller men om at som er var blir bliver kommer skal vil kan har hadde havde ikke til fra for med uten uden på i av af ved under etter efter mellom mellem igjen igen tilbake tilbage fravær fraværende borte ferie permisjon barsel orlov reise rejse kontoret kontor til stede dag dager dage uke uge måned mandag tirsdag onsdag torsdag fredag lørdag søndag januar februar marts mars april mai maj juni juli august oktober november desember december hei hej takk tak vennlig venlig hilsen mvh melding besked mail e-post epost svar svarer svare leser læser begrenset adgang haster kontakt kontakte ring telefon nummer kollega snart snarest mulig muligt \
     minä olen en ei ole olemme poissa lomalla loma lomani vuosilomalla toimistosta toimistolla matkalla työmatkalla palaan takaisin paikalla tavoitettavissa asti saakka viikko maanantaina tiistaina keskiviikkona torstaina perjantaina maanantaihin tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta kiitos viestistäsi viesti viestiin vastaan vastaus hei terveisin ystävällisin sähköposti kiireellisissä asioissa ota yhteyttä puhelin",
    "jestem nie ma mnie będę nieobecny nieobecna nieobecność poza biurem biurze urlop urlopie na do od w we z ze i oraz a o po przez dla jest są się mój moja wracam powrót wrócę dzień dni tydzień poniedziałku poniedziałek wtorku środy czwartku piątku stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia dziękuję za wiadomość wiadomości odpowiem odpowiedź pilnych sprawach proszę o kontakt telefon numer pozdrawiam pozdrowienia dzień dobry e-mail mail dostępu ograniczony \
     jsem nejsem budu není mimo kancelář kanceláři dovolené dovolená dovolenou do od v ve na z s se a i po přes pro je jsou můj pondělí úterý středy středu čtvrtka čtvrtek pátku pátek dne den dní týden ledna února března dubna května června července srpna září října listopadu prosince děkuji děkuji za zprávu zpráva odpovím odpověď vrátím zpět v naléhavých případech kontaktujte prosím telefon číslo dobrý hezký pozdravem přeji som mimo kancelárie dovolenke ďakujem správu pozdravom \
     na godišnjem odmoru sam nisam odsutan odsutna ured uredu izvan do od u i hvala poruku poruci odgovorit ću javit povratka ponedjeljka ponedjeljak nisem dopustu pisarni odsoten odsotna hvala sporočilo vagyok nem házon kívül szabadságon szabadság irodában hétfőig vissza köszönöm üzenetét levelét concediu birou revin până mulțumesc mesaj luni în sunt plecat plecată",
    "я мы вы ваш ваше ваши меня мне нет не в во на до с со по и или о от для за из к буду нахожусь отпуске отпуск отпуска командировке командировка офисе офиса вне отсутствую отсутствие отсутствовать вернусь возвращаюсь доступен доступна доступа понедельник понедельника вторник вторника среда среды четверг четверга пятница пятницы января февраля марта апреля мая июня июля августа сентября октября ноября декабря числа дня день дней неделю недели спасибо благодарю письмо сообщение отвечу ответ ответить прочитаю срочным срочно вопросам обращайтесь свяжитесь пожалуйста телефон телефону коллега уважением здравствуйте добрый автоматический автоответ я у відпустці до зі дякую лист повідомлення відповім повернуся понеділка відсутня відсутній офісі \
     izindeyim izinde izin ofis dışında dışındayım ofiste değilim tarihine kadar tarihinde döneceğim dönüş mesajınız için teşekkür ederim teşekkürler en kısa sürede yanıt cevap acil durumlarda lütfen iletişime geçin telefon saygılarımla merhaba pazartesi salı çarşamba perşembe cuma ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık yıllık tatildeyim tatilde είμαι εκτός γραφείου απουσιάζω άδεια με σε έως μέχρι θα επιστρέψω ευχαριστώ για το μήνυμά σας τη δευτέρα",
];
/// Pieces of such notes in writing without gaps between words, and in scripts whose words take others in.
const UNPARTED: &str = "休暇|休み|不在|出張|外出|夏季|年末年始|期間|中|いただいております|いただいて|おります|ております|しております|です|ます|まで|から|より|にて|には|では|ため|ので|は|が|を|に|の|と|も|で|へ|返信|返事|ご連絡|連絡|メール|確認|戻り|次第|後|以降|お急ぎ|急ぎ|場合|電話|お願い|いたします|します|申し訳|ございません|ありがとうございます|有難うございます|お世話になっております|\
     自動|応答|月|日|年|曜|火|水|木|金|土|時|分|午前|午後|週|来週|今週|明日|本日|会社|事務所|担当|代わり|休假|度假|出差|外出|办公室|辦公室|不在|回复|回復|邮件|郵件|返回|将|將|我|您|您好|你好|谢谢|謝謝|的|在|到|于|於|至|期间|号|號|星期|一|二|三|四|五|六|日|天|请|請|联系|聯繫|紧急|緊急|如有|电话|電話|尽快|盡快|\
     휴가|부재중|부재|출장|외근|까지|부터|입니다|합니다|드리겠습니다|답장|답변|메일|회신|감사합니다|안녕하세요|월|일|년|요일|연락|급한|용무|복귀|후|에|은|는|이|가|을|를|중|\
     أنا|خارج|المكتب|في|إجازة|حتى|من|إلى|سأعود|يوم|الاثنين|شكرا|شكراً|لرسالتك|على|سأرد|اني|אני|לא|במשרד|בחופשה|חופשה|עד|ליום|יום|שני|אחזור|תודה|על|הודעתך|פנייתך|מחוץ|למשרד|ב";
/// Words of such notes that say otherwise by themselves: "I need help" is no courtesy.
const COURTESIES: [&str; 1] = [
    "if you need|if you require|should you need|should you require|if you are in need of|in case you need|need immediate assistance|in an emergency|in case of emergency|en caso de urgencia|en cas d' urgence|em caso de urgência|in caso di urgenza|per urgenze",
];
/// Where such a word stands, who answers instead is named in the clause.
const CONTACTS: &str = "contact contacting call phone telephone email mail write reach ask colleague colleagues manager team cover covering substitute deputy assistant wenden kontaktieren vertritt vertretung \
    kollegin kollege contacte contacten contactar contacto dirigirse diríjase llame llamen compañera compañero colega contacter contactez collègue contattare contatti collega contate contacte contatar opnemen bellen kontakta ring kontakt kontakte kollega \
    kontakt kontaktujte prosím обращайтесь свяжитесь dear hello hi hallo hola liebe lieber estimado estimada";
/// Behind which the name stands.
const NAMERS: &str = "contact contacting call to with and or at an mit und oder frau herr herrn mr mrs ms miss dr prof señora señor sra sr a con y o mme madame monsieur m à et ou avec signora signor neem met \
    team colleague colleagues kollegin kollege collègue collega colega compañera compañero kollega phone email mail write ask dear hello hi hallo hola liebe lieber estimado estimada contacte contactez contactar kontakta kontakt";
/// Behind these a note is signed.
const REGARDS: &str = "regards greetings sincerely cheers thanks saludo saludos atentamente gracias cordiales grüße grüßen gruß danke lg mfg cordialement merci saluti grazie groet groeten hälsningar mvh hilsen \
    pozdrawiam pozdravem terveisin obrigada obrigado atenciosamente уважением best";
/// Behind a name with which a clause begins: it is the owner's.
const IS: &str = "is ist est está esta è is jest är er on je";
/// What no person is called, with whatever capital.
const NO_NAMES: &str = "cancer cancer's tumor tumour pain chemo chemotherapy radiotherapy surgery hospital hospice clinic cáncer tumor dolor quimio krebs krankenhaus hospiz klinik schmerz cancro tumore";
/// So many words with capitals that stand by themselves are a name or a place of work: a signature.
const SIGNATURE: usize = 6;

static KNOWN: LazyLock<WordSet> = LazyLock::new(|| sentence::words(&WORDS));
static EXCUSED: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&COURTESIES));
static NAME_IS_TOLD: LazyLock<WordSet> = LazyLock::new(|| sentence::words(&[CONTACTS, REGARDS]));
static NAME_FOLLOWS: LazyLock<WordSet> = LazyLock::new(|| sentence::words(&[CONTACTS, NAMERS, REGARDS]));

/// Whether an absence note says nothing but what such notes say. `subject` is what is its own of that.
pub(super) fn is_usual(subject: &str, text: &str) -> bool {
    [subject, text].iter().all(|part| are_usual(&sentence::tokens(&without_addresses(part))))
}

fn are_usual(tokens: &[TextPart]) -> bool {
    let mut is_signed = false;
    tokens.split(|token| matches!(token.text.as_str(), END | PAUSE)).filter(|clause| !clause.is_empty()).all(
        |clause| {
            let is_usual = is_usual_clause(clause) || is_signed && clause.iter().all(is_name);
            is_signed = clause.last().is_some_and(|last| sentence::is_listed(REGARDS, &last.text));
            is_usual
        },
    )
}

/// Addresses of mail and of the web are no words.
fn without_addresses(text: &str) -> String {
    let is_word = |word: &&str| !["@", "://", "www."].iter().any(|sign| word.contains(sign));
    let line = |line: &str| line.split(' ').filter(is_word).collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn is_usual_clause(clause: &[TextPart]) -> bool {
    let tells_name = clause.iter().any(|token| NAME_IS_TOLD.contains(token.text.as_str()));
    let names = clause.iter().take_while(|token| is_name(token)).count();
    let is_owner = clause.get(names).is_some_and(|next| sentence::is_listed(IS, &next.text));
    let is_signature = names == clause.len() && (2..=SIGNATURE).contains(&names);
    let mut at = if is_owner || is_signature || tells_name { names } else { 0 };
    let mut may_name = false;
    while let Some(token) = clause.get(at) {
        if let Some(length) = EXCUSED.at(clause, at) {
            (at, may_name) = (at + length, false);
            continue;
        }
        let is_named = is_name(token) && may_name && tells_name;
        if !is_known(&token.text) && !is_named {
            return false;
        }
        may_name = NAME_FOLLOWS.contains(token.text.as_str()) || is_named;
        at += 1;
    }
    true
}

/// Whether a word may be a name: it has a capital, and stands in no list.
fn is_name(token: &TextPart) -> bool {
    token.is_capital && !is_known(&token.text) && !sentence::is_listed(NO_NAMES, &token.text)
}

fn is_known(word: &str) -> bool {
    let is_number = word.starts_with(|c: char| !c.is_alphabetic()) && word != "'s";
    KNOWN.contains(word) || is_number || is_unparted(word)
}

/// Whether a run of a script without gaps is made of known pieces alone.
fn is_unparted(word: &str) -> bool {
    if !word.chars().any(|c| c >= '\u{590}') {
        return false;
    }
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let piece = UNPARTED.split('|').filter(|piece| rest.starts_with(*piece)).map(str::len).max();
        let Some(length) = piece.or((!first.is_alphabetic()).then_some(first.len_utf8())) else {
            return false;
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_note_says_no_more_than_that() {
        for text in [
            "I am away until Monday.",
            "Out.",
            "On holiday",
            "Back in a week.",
            "I will be out of the office starting 11/20 and will not return until 11/30.",
            "Thank you for your message. I am currently on annual leave with limited access to email, returning on 7 December.\n\nFor urgent matters please contact Bob Smith at bob.smith@work.example or on +1 555 0100.\n\nKind regards,\nAna Perez",
            "Estoy fuera de la oficina hasta el lunes. Para asuntos urgentes contacte con Luis Gómez.\n\nUn saludo,\nAna Perez",
            "Hello,\n\nI am currently out of office with limited access to email. I will respond to your message as soon as possible upon my return on Monday.\n\nIf you need immediate assistance, please contact my colleague Maria Lopez (maria.lopez@work.example, tel. +34 910 555 100).\n\nBest regards\nAna Perez",
            "Bonjour, je suis en congés jusqu'au 4 janvier inclus. En cas d'urgence, veuillez contacter Marie Dupont. Cordialement, Ana Perez",
            "Vuelvo el lunes.",
            "Estoy de vacaciones hasta el 7 de diciembre. Responderé a su correo lo antes posible.",
            "Ich bin nicht da.",
            "Ich bin bis zum 7. Dezember im Urlaub. In dringenden Fällen wenden Sie sich bitte an Frau Meier.\n\nMit freundlichen Grüßen\nAna Perez",
            "Je suis absente du bureau jusqu'au 7 décembre. Cordialement, Ana",
            "Sono fuori ufficio fino a lunedì.",
            "Estou de férias até segunda-feira.",
            "Ik ben afwezig tot maandag",
            "Jag är på semester till måndag.",
            "Olen lomalla maanantaihin asti.",
            "Jsem mimo kancelář do pondělí.",
            "Jestem na urlopie do poniedziałku.",
            "Я в отпуске до понедельника.",
            "12月5日まで休暇をいただいております。",
            "",
        ] {
            assert!(is_usual("", text), "{text}");
        }
    }

    #[test]
    fn a_word_beyond_that_has_it_read_whatever_the_language() {
        for text in [
            "I had emergency surgery on my spine on Friday",
            "I am in a hospice now",
            "I am away until Monday. I am on a palliative ward.",
            "I was taken to a nursing home and cannot use my legs",
            "I have fallen and broken my hip",
            "Necesité cirugía urgente de columna",
            "Estoy en cuidados paliativos",
            "Estoy en silla de ruedas",
            "Ich bin auf der Palliativstation",
            "Ich bin querschnittsgelähmt",
            "Necítím nohy",
            "Δεν νιώθω τα πόδια μου",
            "No sento les cames",
            "لا أستطيع تحريك ساقي",
            "אני לא מרגישה את הרגליים",
            "मैं अस्पताल में हूँ",
            "Я не відчуваю ніг",
            "Ne osjećam noge",
            "Sunt internată în spital",
            "脚が動きません",
            "Hospice",
            "In Hospice",
            "Palliativstation bis Montag",
            "I need help, please call me",
            "Please call me. Cancer is back.",
            "I can't go on.",
            "Je n'en peux plus",
            "Ich kann nicht mehr",
            "I am with St Mary's Hospice",
        ] {
            assert!(!is_usual("", text), "{text}");
        }
        assert!(is_usual("Jsem na dovolené", "Jsem mimo kancelář.") && !is_usual("In the hospice", "Away."));
    }
}

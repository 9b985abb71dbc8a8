//! Words about somebody's own body, by the signs that letters warn of (`config/checklists`). Nobody is judged by them, and no tier
//! comes of them: they only see to it that what looks automatic is read the same day, and that whoever is in trouble is answered.

use std::sync::LazyLock;

use crate::mail::inbound::sentence::{self, END, PhraseSet, TextPart, WordSet};

/// The author, by a pronoun or by a verb that needs none.
const AUTHOR: [&str; 4] = [
    "i i'm im i've i'd me my mine mi mis me yo tengo siento noto puedo estoy ich mir mich mein meine meinem meinen meiner",
    "je j' ai ma mon mes m' io mio mia mie miei ho sono sento riesco posso eu meu minha minhas meus tenho sinto consigo estou",
    "ik mijn mij ja mam mnie moje moja mój moich czuję mogę jag mig min mina mitt jeg meg mig mine mit minä minun minulla jalkani",
    "я мне меня мои моя мой мою моей моих benim bacaklarım bacağım ayaklarım sırtım",
];
/// Somebody of whom another tells.
const ANOTHER: &str = "she her hers mum mom mother wife daughter sister patient ella madre mamá esposa mujer hija hermana frau mutter tochter elle femme mère \
    fille lei moglie madre mamma figlia ela mãe mulher filha zij ze haar moeder vrouw ona żona mama hon hennes hun hennes она её ее у жена мама";
/// Who reads, in letters of ours: a line that speaks to her is none of hers.
const READER: &str = "you your yours usted su sus tu tus sie ihr ihre ihren vous votre vos lei suo sua você seu sua u uw pani du din dine deres вы ваш ваша ваши";
/// Parts of a body that letters ask about.
const BODY: [&str; 7] = [
    "leg legs foot feet toe toes arm arms hands hip hips groin bladder bowel bowels bottom knees thigh thighs saddle waist spine calf calves limbs neck",
    "pierna piernas pie pies brazo brazos manos espalda columna cuello cadera vejiga intestino nalgas rodilla rodillas muslo muslos cintura",
    "bein beine beinen fuß fuss füße füsse füßen arme armen hände händen rücken wirbelsäule nacken hüfte blase darm gesäß oberschenkel",
    "jambe jambes pied pieds bras mains dos colonne hanche vessie intestin cuisse cuisses gamba gambe piede piedi braccia mani schiena vescica coscia",
    "perna pernas pé pés braços mãos costas coluna bexiga coxa benen been voet voeten rug blaas handen bil billen noga nogi nóg nogach stopa stopy plecy \
     kręgosłup pęcherz ręce",
    "ben benen bena benet fot fötter fötterna føtter fødder rygg ryggen ryg händer hender blåsan blæren jalka jalat jalkani jalkoja selkä selkäni kädet",
    "нога ноги ногах ног ногу стопы спина спину спине руки позвоночник bacak bacaklarım bacağım ayak ayaklarım sırtım",
];
/// What may be wrong with one of them.
const TROUBLE: [&str; 7] = [
    "numb numbness weak weaker weakness dead tingle tingles tingling tingly paralysed paralyzed paralysis heavy limp pain pains painful hurt hurts hurting ache \
     aches aching swollen lame gone burning buckle buckles buckled unfeeling fail failing useless asleep",
    "dormida dormidas dormido dormidos entumecida entumecidas entumecido entumecidos adormecida adormecidas débil débiles debiles debilidad hormigueo muerta muertas muerto \
     paralizada paralizadas dolor duele duelen fallan falla pesadas flojas",
    "taub taube taubheit gefühllos schwach schwache schwäche kribbeln kribbelt tot gelähmt lähmung schmerz schmerzen weh schwer eingeschlafen",
    "engourdi engourdie engourdis engourdies faible faibles faiblesse fourmillements morte mortes mort paralysée paralysées douleur mal lourdes intorpidita intorpidite debole \
     deboli formicolio morta morte paralizzata dolore male pesanti",
    "dormente dormentes fraca fracas fraco fraqueza formigueiro formigamento mortas paralisada paralisadas dor dói doem gevoelloos doof slap slappe zwak zwakke tintelen \
     tintelingen dood verlamd pijn zdrętwiała zdrętwiałe drętwe drętwieją drętwieje słabe słaba sparaliżowane ból boli bolą bezwładne",
    "domnad domnade domnar bortdomnade bortdomnad svag svaga svage nummen numne følelsesløs følelsesløse lam lamme förlamad lammet smerter smärta smärtor ont vondt \
     ondt stikker puutunut puutuneet puutuvat tunnottomat heikko heikot kipu kipeä kipeät turrat",
    "онемели онемела онемение немеют немеет слабость слабые слабеют отнялись отнялась отказали боль болит болят uyuşuk uyuştu uyuşuyor güçsüz ağrıyor ağrı tutmuyor",
];
/// What says enough beside the author alone.
const ENOUGH: [&str; 17] = [
    "a new lump|another lump|sensation below|all sensation|no sensation|in a wheelchair|spinal compression|cord compression|wetting myself|wet the bed|can't poop|cannot poop|can not poop|can't pee or poop|feel down there|electric shocks|shocks down",
    "straciłam czucie|nie mam czucia|nu îmi simt|nu imi simt|nu pot merge|necítím|nemůžu chodit|nem érzem|nem tudok járni|kan inte röra|kan ikke bevege|kan ikke bevæge|jambes ne répondent|engourdissement",
    "لا أشعر|لا أستطيع المشي|không cảm thấy|không đi được|hindi ko maramdaman|hindi makalakad|pa ka santi|pa ka mache",
    "numbness|pins and needles|no feeling in|found a lump|feel a lump|have a lump|lost feeling|lost all feeling|lost the feeling|can't feel|cannot feel|can not feel|cannot move|can't move|can not move|could not move",
    "cannot walk|can't walk|can not walk|can hardly walk|can barely walk|could not walk|couldn't walk|unable to walk|cannot stand|can't stand up|hardly stand|trouble walking",
    "my urine|hold urine|pass urine|hold my water|my pee|cannot pee|can't pee|can not pee|cannot urinate|can't urinate|can not urinate|unable to urinate|wet myself|soiled myself",
    "incontinent|incontinence|my bladder|my bowels|bleeding|my back|back pain|gave way|give way|gives way|giving way|i fell|keep falling|feel weak|am weak|feel very weak|am so weak",
    "no siento|no puedo caminar|no puedo andar|no puedo orinar|no puedo mover|no puedo levantar|orinar|orina|sangrado|sangrando|debilidad|mi espalda|dolor de espalda|hormigueo|me caí|incontinencia",
    "gehen kann ich nicht|nicht gehen|nicht laufen|nicht mehr gehen|nicht mehr laufen|nicht stehen|spüre nichts|nicht spüren|nichts mehr|urin|wasser lassen|wasser halten|taubheit|gelähmt|rückenschmerzen|inkontinent|blutung|blute",
    "pas marcher|plus marcher|uriner|urines|sens plus|saigne|saignements|mal au dos|paralysée|tombée|retenir mes urines|incontinence",
    "non sento|non riesco a camminare|camminare|urinare|urina|sanguinamento|mal di schiena|caduta|incontinente",
    "não sinto|não consigo andar|não consigo urinar|caminhar|urinar|urina|sangramento|sangrando|dor nas costas|fraqueza",
    "niet lopen|niet meer lopen|plassen|urine|bloed|bloeding|rugpijn|gevallen|niet voelen",
    "nie mogę chodzić|nie czuję|mocz|moczu|sikać|krwawię|krwawienie|ból pleców",
    "inte gå|inte kissa|inte känna|känner inte|blöder|blödning|ryggont|ikke gå|ikke gange|kan ikke mærke|kan ikke tisse|kjenner ikke|blør|bløder|ryggsmerter|en tunne|en pysty kävelemään|virtsa|verenvuoto",
    "не могу ходить|не чувствую|моча|мочу|мочиться|кровотечение|кровь|онемение",
    "hissetmiyorum|yürüyemiyorum|idrar|kanama|idrarımı",
];
/// What is as urgent, and happens to those who mourn as well: it makes nobody a patient, and has an automatic message read.
const URGENT: [&str; 4] = [
    "want to die|kill myself|end my life|quiero morir|no quiero vivir|will sterben|veux mourir|voglio morire|quero morrer|in icu|to icu|intensive care",
    "in hospital|in the hospital|emergency room|chest pain|cannot breathe|can't breathe|short of breath|collapsed|unconscious|seizure|cannot get up|can't get up|high fever",
    "en el hospital|hospitalizada|hospitalizado|ingresada|urgencias|im krankenhaus|in der klinik|notaufnahme|à l' hôpital|hospitalisée|aux urgences|in ospedale|ricoverata|internada",
    "no hospital|in het ziekenhuis|opgenomen|w szpitalu|på sjukhus|på sjukhuset|på sykehus|på sykehuset|på hospitalet|sairaalassa|в больнице|hastanede|hastanedeyim",
];
/// The same in writing without gaps between words.
const UNPARTED: &str = "動きません|麻木|腿麻|脚麻|无力|無力|瘫|癱|尿失禁|走不了|没有知觉|しびれ|痺れ|麻痺|動かない|感覚がない|尿が|歩けない|마비|저리|저려|감각이 없|걸을 수 없|소변";
/// A message of so few words says without a pronoun whose body it means.
const FEW: usize = 40;

static AUTHORS: LazyLock<WordSet> = LazyLock::new(|| sentence::words(&AUTHOR));
static OTHERS: LazyLock<WordSet> = LazyLock::new(|| sentence::words(&[ANOTHER]));
static READERS: LazyLock<WordSet> = LazyLock::new(|| sentence::words(&[READER]));
/// Both lists, language by language: Dutch "ben" and "tot" are Swedish legs and a German death.
static BODIES_IN_TROUBLE: LazyLock<Vec<(WordSet, WordSet)>> = LazyLock::new(|| {
    let both = BODY.iter().zip(TROUBLE.iter());
    both.map(|(body, trouble)| (sentence::words(&[*body]), sentence::words(&[*trouble]))).collect()
});
/// English and Spanish, whose words many mix with their own language's.
const MIXED: usize = 2;
static ALONE: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&ENOUGH));
static URGENT_ALONE: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::of(&URGENT));

/// Whether the author tells of her own body.
pub(in crate::mail::inbound) fn are_of_author(subject: &str, text: &str) -> bool {
    let all = format!("{subject}\n\n{text}");
    let is_own = |sentence: &[TextPart]| has(sentence, &AUTHORS) && has_sign(sentence);
    sentence::tokens(&all).split(|token| token.text == END).any(is_own) || is_unparted(&all)
}

/// Whether somebody's body is spoken of, hers or the author's, other than in words to the reader of a letter.
pub(in crate::mail::inbound) fn are_of_anyone(subject: &str, text: &str) -> bool {
    let tokens = sentence::tokens(&format!("{subject}\n\n{text}"));
    let is_short = tokens.len() <= FEW;
    let is_told = |sentence: &[TextPart]| {
        has_sign(sentence) && (has(sentence, &OTHERS) || is_short && !has(sentence, &READERS))
    };
    let is_urgent = |sentence: &[TextPart]| {
        has(sentence, &AUTHORS) && !has(sentence, &READERS) && URGENT_ALONE.is_in(sentence)
    };
    let mut sentences = tokens.split(|token| token.text == END);
    are_of_author(subject, text) || sentences.any(|sentence| is_told(sentence) || is_urgent(sentence))
}

/// Whether the author speaks of himself at all.
pub(in crate::mail::inbound) fn has_author(text: &str) -> bool {
    has(&sentence::tokens(text), &AUTHORS)
}

fn has(sentence: &[TextPart], words: &WordSet) -> bool {
    sentence.iter().any(|token| words.contains(token.text.as_str()))
}

fn has_sign(sentence: &[TextPart]) -> bool {
    let both = BODIES_IN_TROUBLE.iter();
    let held: Vec<[bool; 2]> =
        both.map(|(body, trouble)| [has(sentence, body), has(sentence, trouble)]).collect();
    let is_one = held.iter().any(|[body, trouble]| *body && *trouble);
    let has_any = |which: usize| held.iter().any(|one| one[which]);
    let has_mixed = |which: usize| held.iter().take(MIXED).any(|one| one[which]);
    let is_mixed = has_mixed(0) && has_any(1) || has_any(0) && has_mixed(1);
    is_one || is_mixed || ALONE.is_in(sentence)
}

fn is_unparted(text: &str) -> bool {
    let mut own = text.lines().filter(|line| !line.trim_start().starts_with('>'));
    own.any(|line| UNPARTED.split('|').any(|sign| line.contains(sign)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_tells_of_her_own_body_is_heard_in_many_languages() {
        for text in [
            "My legs are numb.",
            "my left leg is dead, I cannot move it",
            "I have numbness in both feet",
            "Since this morning I cannot hold my urine.",
            "I can't walk any more",
            "my back hurts and I feel weak",
            "No siento las piernas.",
            "Tengo la pierna muerta",
            "Me duele mucho la espalda",
            "Meine Beine sind taub",
            "Ich kann nicht gehen",
            "Mes jambes sont engourdies",
            "Non sento le gambe",
            "Minhas pernas estão fracas",
            "Mijn benen zijn gevoelloos",
            "Nie czuję nóg, moje nogi są słabe",
            "Mina ben är domnade",
            "Jeg har ondt i benene, mine ben er svage",
            "У меня онемели ноги",
            "我的腿麻木",
            "足がしびれています",
            "Tengo mis legs dormidas",
            "mis piernas are numb",
        ] {
            assert!(are_of_author("Re: x", text) && are_of_author(text, ""), "{text}");
        }
    }

    #[test]
    fn what_letters_and_programs_say_is_of_nobody() {
        for text in [
            "Your arms or legs are weak, or your legs give way.",
            "I am away until Monday.",
            "I will be back on Monday and read my mail then.",
            "This message was created automatically by mail delivery software. I'm sorry.",
            "My mother died. I feel numb.",
            "> my legs are numb",
            "The skin is numb between your legs.",
            "Estoy fuera de la oficina hasta el lunes.",
            "Ich bin bis Montag nicht im Büro.",
            "Your message is being held because your address was not recognized.",
            "Ik ben afwezig tot maandag.",
            "Ik ben tot 7 december met vakantie.",
        ] {
            assert!(
                !are_of_author("Automatic reply", text) && !are_of_anyone("Automatic reply", text),
                "{text}"
            );
        }
    }

    #[test]
    fn another_may_tell_of_her() {
        for text in ["She cannot feel her legs.", "numb legs since Tuesday", "my wife has back pain"] {
            assert!(are_of_anyone("Automatic reply", text), "{text}");
        }
        assert!(!are_of_author("Re: x", "Her legs were numb for weeks."));
    }
}

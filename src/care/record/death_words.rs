//! Words by which languages say of a person, and of nothing else, that she has died: one list for whoever reads messages and for
//! whoever reads what mail servers say. Each is the beginning of a word, so that gender, number and tense need no line of their own.

/// What is said of people alone, language by language, in small letters and parted by blanks. What has many words, or is said of a
/// phone as well, stands with the readers.
const STEMS: [&str; 9] = [
    "deceas decesed deseased falleció fallecio fallecid fallecim falleciera falleco difunt falec décéd decede décès decedut decess overleden verstorben \
     verstarb sterbedatum todesdatum todesfall",
    "zmarł zmarla zmarl avlid avled avdød afdød kuoll menehtyn edesmen zemřel zomrel umrl umřel preminul preminuo preminuš elhuny elhalál decedat decedată",
    "умерл умерш померл скончал преминул преминуо умрл упокојил упокоена сахрањен похорон покойн почина почив почил",
    "απεβίω πέθαν απεβιω πεθαν κοιμήθηκ αποβίω",
    "נפטר פטירת المتوف المرحوم وافتها متوف وفاة درگذشت وفات",
    "vdiq vdek numir nomir velion mirusi mirė mūžībā anapilin surnud kadunuke manala andaðist andadist látin vefat",
    "մահացել մահացավ մահացած վախճան გარდაიცვალ გარდაცვლ",
    "amefariki alifariki geeriyoot dhimatay meninggal wafat",
    "defunción defuncion óbito obituar",
];
/// What is a word of another kind as well, or a limb's: beside a word for the owner of a mailbox it says the same.
const OF_OWNERS: &str = "has died|is dead|passed away|no longer alive|no longer living|умер|morreu|falleció|murió|murio|ha muerto|muerta|gestorven|gestorben|\
     est mort|est morte|morta|deceduta|umřel|umro|умро|är död|er død|død|död|on kuollut|kuollut|zemřel| hil da|öldü|vefat|a murit|meghalt|va morir|vdekur|lést";

/// Whether a word, in small letters, says so.
#[must_use]
pub fn is_stem(word: &str) -> bool {
    STEMS.iter().flat_map(|list| list.split_whitespace()).any(|stem| word.starts_with(stem))
}

/// Whether words in small letters say so of somebody, where it is known that they speak of the owner of a mailbox.
#[must_use]
pub fn are_of_owner(text: &str) -> bool {
    let is_part = |c: char| !c.is_alphanumeric() && !matches!(c, '\u{300}'..='\u{36f}');
    text.split(is_part).any(is_stem) || OF_OWNERS.split('|').any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_hears_every_form_of_a_word_and_no_neighbour() {
        for word in [
            "fallecida",
            "fallecimiento",
            "difunta",
            "verstorbene",
            "décédée",
            "faleceu",
            "zemřela",
            "kuollut",
            "avliden",
            "умерла",
            "преминула",
            "elhunyt",
            "נפטרה",
            "mirė",
            "nomira",
            "გარდაიცვალა",
            "մահացավ",
            "vdiq",
        ] {
            assert!(is_stem(word), "{word}");
        }
        for word in [
            "умеренный",
            "померить",
            "fallecer",
            "fallen",
            "decent",
            "descanso",
            "mirror",
            "miracle",
            "surname",
            "umriss",
        ] {
            assert!(!is_stem(word), "{word}");
        }
    }

    #[test]
    fn a_server_may_say_it_in_any_language() {
        for said in [
            "550 uživatel zemřel",
            "550 käyttäjä on kuollut",
            "550 mottagaren avliden",
            "550 пользователь умер",
            "550 o titular morreu",
            "mailbox owner has died",
        ] {
            assert!(are_of_owner(said), "{said}");
        }
        assert!(!are_of_owner("550 user unknown") && !are_of_owner("connection closed"));
    }
}

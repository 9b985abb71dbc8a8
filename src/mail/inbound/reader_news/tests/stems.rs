//! Deaths that are heard by the stem of a word, language by language.

use super::*;

/// Languages and turns of phrase in which a day or another small word stands behind, and which no list of phrases had.
#[test]
fn deaths_are_heard_by_the_stem_of_a_word_in_many_more_languages() {
    for text in [
        "L'Ana va morir dimarts.",
        "La meva mare va morir el 3 de novembre",
        "L'Ana és morta",
        "Ana hil egin da",
        "Ana fell asleep in the Lord on Sunday",
        "The cancer took her on Sunday",
        "I am her widower",
        "she past on friday",
        "Ana descansó el martes",
        "Ana goza de la presencia de Dios",
        "mi mama ya falleco",
        "Ana Perez, date of death 12.11.2026",
        "DOD: 12.11.2026",
        "Sterbedatum: 12.11.2026",
        "Fecha de defunción: 12/11/2026",
        "Ана је преминула у петак",
        "Моја мајка је умрла",
        "انا کا انتقال ہو گیا",
        "ਅਨਾ ਦੀ ਮੌਤ ਹੋ ਗਈ",
        "அனா இறந்துவிட்டார்",
        "Ana vdiq të premten",
        "Ana ndërroi jetë",
        "Ana mirė penktadienį",
        "Ana nomira piektdien",
        "Ana suri reedel",
        "Ana on surnud",
        "Ana lést á föstudaginn",
        "Ana er látin",
        "Անան մահացել է",
        "ანა გარდაიცვალა",
        "Mae Ana wedi marw",
        "Fuair bás Ana",
        "Ana mietet ilbieraħ",
    ] {
        assert_eq!(person(text), Some(ReaderNews::Died), "{text}");
    }
    for text in [
        "La meva cama és morta",
        "I had a restful night, descanso el lunes",
        "Necesito descanso el martes",
        "In the past on Mondays I came by bus",
        "Er mietet eine Wohnung",
        "Das Wetter war умеренный",
        "The phone va morir",
    ] {
        assert_eq!(person(text), None, "{text}");
    }
    for text in ["Mi esposo va morir", "Мой муж умер, я приду одна", "Burri im vdiq", "मेरे पति का निधन हो गया"]
    {
        assert_eq!(person(text), Some(ReaderNews::OtherDied), "{text}");
    }
}

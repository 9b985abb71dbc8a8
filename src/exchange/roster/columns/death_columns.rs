//! Columns of other lists that say of whom no letter is wanted any more: of a death, or of who is not to be written to. Here both stand
//! under `status`, and a column of deaths that is left out leaves the dead among those who get letters.

use crate::exchange::roster::cells;
use crate::exchange::roster::columns::column_names;

/// Names that ask for it in several words, in the spelling of [`column_names::plain`].
const OF_STATE: &str = "vital_status|vital_state|life_status|survival_status|alive|is_alive|living|living_status|viva|vive|estado_vital|situación_vital|situacion_vital|\
     vitalstatus|lebt|statut_vital|stato_vitale";
/// Names of a column of who is not to be written to.
const OF_CONTACT: &str = "do_not_contact|donotcontact|dnc|do_not_email|do_not_mail|do_not_write|no_contact|no_contactar|no_escribir|opt_out|opted_out|optout|unsubscribed|\
     baja|nicht_anschreiben|nicht_kontaktieren|ne_pas_contacter|no_letters|no_email|no_mail";
/// Of those, the ones under which "yes" says that she lives.
const OF_LIFE: &str = "alive|is_alive|living|viva|vive|lebt";
/// Words of people of whom another column may tell: their deaths are not hers.
const OF_OTHERS: &str =
    "mother|father|husband|madre|padre|marido|esposo|mutter|vater|mann|family|familia|parent|parents";

/// What a column of that name asks of each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exchange::roster) enum StateColumn {
    /// Whether, or when, she has died.
    Death,
    /// Whether she is still alive.
    Life,
    /// In a word whether she lives.
    Vital,
    /// Whether she is not to be written to.
    Contact,
}

/// What a name asks, if it is of this kind.
pub(in crate::exchange::roster) fn asked_by(name: &str) -> Option<StateColumn> {
    let plain = column_names::plain(name);
    let is_one = |list: &str| list.split('|').any(|known| known == plain);
    let is_of_other = || plain.split('_').any(|word| OF_OTHERS.split('|').any(|other| other == word));
    match () {
        () if is_one(OF_LIFE) => Some(StateColumn::Life),
        () if is_one(OF_STATE) => Some(StateColumn::Vital),
        () if is_one(OF_CONTACT) => Some(StateColumn::Contact),
        () if cells::is_death_of_column(&plain.replace('_', " ")) && !is_of_other() => {
            Some(StateColumn::Death)
        }
        () => None,
    }
}

impl StateColumn {
    /// What to do with a column that is not called `status`.
    pub(super) fn hint(self, name: &str) -> String {
        match self {
            Self::Death => format!(
                "who has died stands under `status`: read it so with `--map '{name}=status'` (`yes` or the date of the death is `deceased`, `no` is `active`)"
            ),
            Self::Life | Self::Vital => format!(
                "who has died stands under `status`: read it so with `--map '{name}=status'`, and write `deceased`, or `alive`"
            ),
            Self::Contact => "who wants no letters stands under `status`: write `opted_out_email` there for each of them, and `deceased` for who has died; \
                 then leave this column out"
                .to_owned(),
        }
    }

    /// The status that a cell of such a column says, where it does so beyond doubt.
    pub(super) fn said(self, text: &str) -> Option<&'static str> {
        let (dead, lives) = ("deceased", "active");
        match (self, cells::switch(text)) {
            (Self::Death, Some(true)) | (Self::Life, Some(false)) => Some(dead),
            (Self::Death, Some(false)) | (Self::Life, Some(true)) => Some(lives),
            (Self::Death, None) if is_date(text) => Some(dead),
            _ => None,
        }
    }
}

/// Whether nothing but a date stands there.
fn is_date(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | ':' | ' ' | 'T' | 'Z');
    (4..=14).contains(&digits) && text.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_deaths_is_known_by_its_name_and_others_are_not() {
        for (name, asked) in [
            ("deceased", Some(StateColumn::Death)),
            ("Date of death", Some(StateColumn::Death)),
            ("date_of_death", Some(StateColumn::Death)),
            ("DOD", Some(StateColumn::Death)),
            ("Fecha de defunción", Some(StateColumn::Death)),
            ("Fallecida", Some(StateColumn::Death)),
            ("Sterbedatum", Some(StateColumn::Death)),
            ("verstorben am", Some(StateColumn::Death)),
            ("vital status", Some(StateColumn::Vital)),
            ("Alive", Some(StateColumn::Life)),
            ("Do not contact", Some(StateColumn::Contact)),
            ("declined", None),
            ("status", None),
            ("detail", None),
            ("mother died", None),
            ("decision", None),
        ] {
            assert_eq!(asked_by(name), asked, "{name}");
        }
    }

    #[test]
    fn yes_no_and_a_date_say_it_under_such_a_name_and_a_doubt_does_not() {
        for (text, said) in [
            ("yes", Some("deceased")),
            ("Y", Some("deceased")),
            ("no", Some("active")),
            ("2026-11-03", Some("deceased")),
            ("3/11/2026", Some("deceased")),
            ("2026", Some("deceased")),
            ("deceased", None),
            ("?", None),
            ("", None),
            ("2", None),
        ] {
            assert_eq!(StateColumn::Death.said(text), said, "{text}");
        }
        assert_eq!(StateColumn::Life.said("no"), Some("deceased"));
        assert_eq!(StateColumn::Vital.said("no"), None);
        assert_eq!(StateColumn::Contact.said("yes"), None);
    }
}

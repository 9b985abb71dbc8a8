//! What a column is called in other words than ours: the same name written otherwise, or plainly translated. What could as well
//! mean something else ("name", "id") is no synonym; that a person matches.

/// Names that mean one column of ours and no other, in the spelling of [`plain`].
const SYNONYMS: [(&str, &str); 54] = [
    ("birthdate", "birth_date"),
    ("date_of_birth", "birth_date"),
    ("dob", "birth_date"),
    ("e_mail", "email"),
    ("e_mail_address", "email"),
    ("email_address", "email"),
    ("timezone", "time_zone"),
    ("anchor_date", "anchor_on"),
    ("end_of_treatment", "anchor_on"),
    ("referencia", "reference"),
    ("código", "reference"),
    ("codigo", "reference"),
    ("código_de_caso", "reference"),
    ("codigo_de_caso", "reference"),
    ("nombre", "preferred_name"),
    ("nombre_preferido", "preferred_name"),
    ("nombre_de_pila", "preferred_name"),
    ("nacimiento", "birth_date"),
    ("fecha_nacimiento", "birth_date"),
    ("fecha_de_nacimiento", "birth_date"),
    ("correo", "email"),
    ("correo_electrónico", "email"),
    ("correo_electronico", "email"),
    ("dirección_de_correo", "email"),
    ("direccion_de_correo", "email"),
    ("idioma", "language"),
    ("lengua", "language"),
    ("zona_horaria", "time_zone"),
    ("huso_horario", "time_zone"),
    ("protocolo", "protocol"),
    ("fecha_ancla", "anchor_on"),
    ("fecha_de_referencia", "anchor_on"),
    ("fecha_de_referencia_del_protocolo", "anchor_on"),
    ("fin_de_tratamiento", "anchor_on"),
    ("fin_del_tratamiento", "anchor_on"),
    ("fecha_de_fin_de_tratamiento", "anchor_on"),
    ("fecha_fin_de_tratamiento", "anchor_on"),
    ("estado", "status"),
    ("detalle", "detail"),
    ("buzón_compartido", "shared_inbox"),
    ("buzon_compartido", "shared_inbox"),
    ("correo_compartido", "shared_inbox"),
    ("próxima_visita", "next_visit_at"),
    ("proxima_visita", "next_visit_at"),
    ("próxima_cita", "next_visit_at"),
    ("proxima_cita", "next_visit_at"),
    ("lugar", "place"),
    ("teléfono", "phone"),
    ("telefono", "phone"),
    ("teléfono_2", "phone_2"),
    ("telefono_2", "phone_2"),
    ("mejor_hora", "best_time"),
    ("otro_contacto", "other_contact"),
    ("otro_teléfono", "other_phone"),
];

/// The column of ours that a name in the spelling of [`plain`] means beyond doubt.
pub(super) fn synonym(name: &str) -> Option<&'static str> {
    SYNONYMS.iter().find(|(other, _)| *other == name).map(|(_, column)| *column)
}

/// A name in small letters, its words joined by one underscore. `PreferredName` has two, and the form of a date in brackets behind a
/// name says nothing of whose it is.
pub(super) fn plain(name: &str) -> String {
    let bare = without_form(name.trim().trim_end_matches(['*', ':']).trim_end());
    let mut parted = String::with_capacity(bare.len() + 4);
    let mut last = ' ';
    for c in bare.chars() {
        if last.is_lowercase() && c.is_uppercase() {
            parted.push('_');
        }
        parted.extend(c.to_lowercase());
        last = c;
    }
    let words = parted.split(|c: char| c.is_whitespace() || matches!(c, '_' | '-' | '.'));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

/// Without the form of a date that stands in brackets behind it, as in `(dd/mm/yyyy)`.
fn without_form(name: &str) -> &str {
    let Some((front, form)) = name.strip_suffix(')').and_then(|name| name.rsplit_once('(')) else {
        return name;
    };
    let is_sign = |c: char| matches!(c, 'd' | 'm' | 'y' | 'a' | 'j' | 't' | '/' | '-' | '.' | ' ');
    let small = form.to_lowercase();
    let is_form = small.contains("mm") && small.chars().all(is_sign);
    if is_form { front.trim_end() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_written_otherwise_or_translated_is_understood_and_a_vague_one_is_not() {
        for (name, column) in [
            ("Date of birth", Some("birth_date")),
            (" TIMEZONE ", Some("time_zone")),
            ("E-mail:", Some("email")),
            ("Fecha de nacimiento", Some("birth_date")),
            ("Correo  electrónico *", Some("email")),
            ("Fin de tratamiento", Some("anchor_on")),
            ("name", None),
            ("id", None),
            ("fecha", None),
            ("fecha de inicio", None),
            ("langauge", None),
            ("", None),
        ] {
            assert_eq!(synonym(&plain(name)), column, "{name}");
        }
        for name in [" Birth-Date*", "BirthDate", "birth_date (dd/mm/yyyy)", "Birth date (TT.MM.JJJJ):"] {
            assert_eq!(plain(name), "birth_date", "{name}");
        }
        assert_eq!(plain("Phone (mobile)"), "phone_(mobile)");
        assert!(SYNONYMS.iter().all(|(name, _)| plain(name) == *name));
    }
}

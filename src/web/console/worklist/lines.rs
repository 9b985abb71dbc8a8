//! Alerts and tasks as lines of a list, and what tiers are called on screen.

use minijinja::{Value, context};

use crate::care::task_state::TaskState;
use crate::care::triage::tier::Tier;
use crate::store::alerts::lifecycle::Alert;
use crate::store::work::tasks::Task;
use crate::web::console::alerts::closure_words::found;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::locale::reader::ReaderWords;

/// How a tier is called on screen; education mode has none.
pub(in crate::web::console) fn tier(tier: Option<Tier>) -> &'static str {
    tier.map_or("unsorted", Tier::word)
}

/// One alert in a list.
pub(in crate::web::console) fn alert_line(alert: &Alert, times: &TimeFormat, reader: &ReaderWords) -> Value {
    let (left, overdue) = times.left(alert.due_at);
    context! {
        id => alert.id.0,
        code => alert.reference.clone(),
        tier => tier(alert.tier),
        state => alert.state.word(),
        left,
        overdue,
        last => (),
        day => times.date(alert.raised_at),
        outcome => alert.outcome.map(found),
        raised => times.ago(alert.raised_at),
        by => alert.acknowledged.as_ref().map(|(by, _)| reader.person(by)),
    }
}

/// One task in a list.
pub(in crate::web::console) fn task_line(task: &Task, times: &TimeFormat) -> Value {
    let (left, overdue) = times.left(task.due_at);
    context! {
        id => task.id,
        ask => prose(task.kind.ask()),
        reason => prose(&task.reason),
        code => task.patient.as_ref().map(|(_, code)| code.clone()),
        open => task.state == TaskState::Open,
        owner => task.owner.clone(),
        back => task.snoozed_until.filter(|until| *until > times.now).map(|until| times.moment(until)),
        due => times.date(task.due_at),
        left,
        overdue,
        last => (),
        way => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHY: &[(&str, &str)] = &[
        ("visit 2 was due on 2026-02-24.", "visita 2: vencía el 24 feb 2026."),
        (
            "spine-check due on 2026-02-24: no form could be offered.",
            "Cuestionario de la columna, previsto para el 24 feb 2026: no se pudo ofrecer ningún formulario.",
        ),
        (
            "Status is now opted_out_email: told by phone",
            "El estado es ahora «sin cartas por correo electrónico»: told by phone",
        ),
        (
            "Status is now opted_out_email: told by phone. No letter reminds her of what is booked: mri: 2027-01-15, visit: 2027-01-20.",
            "El estado es ahora «sin cartas por correo electrónico»: told by phone. Ninguna carta le recuerda sus citas: \
             Resonancia de columna: 15 ene 2027, visita: 20 ene 2027.",
        ),
        ("Status is now paused: alert 7 was closed", "El estado es ahora en pausa: se cerró el aviso 7"),
        (
            "Letter 12: its letter may have arrived; nobody knows",
            "Carta 12: su carta puede haber llegado; no se sabe",
        ),
        ("Letter 12: 550 5.1.1 no such user", "Carta 12: 550 5.1.1 no such user"),
        (
            "The letter `nudge-again` of 2026-02-24 could not leave in time.",
            "La carta «segundo recordatorio de un formulario» del 24 feb 2026 no pudo salir a tiempo.",
        ),
        (
            "mri would have been due 3 times from 2026-02-24 to 2026-08-24; no letter was sent for them.",
            "Resonancia de columna: habría vencido 3 veces del 24 feb 2026 al 24 ago 2026; no se envió ninguna carta.",
        ),
        (
            "Her calendar declined the appointment of 2026-02-24 10:30. It still stands: ring her. It answers letter 5.",
            "Su calendario rechazó la cita del 24 feb 2026 10:30. Sigue en pie: llame a la paciente. Responde a la carta 5.",
        ),
        (
            "mri 2 is due on 2027-01-15, and no letter asks her.",
            "Resonancia de columna 2: vence el 15 ene 2027, y ninguna carta se lo pide.",
        ),
        (
            "The date for mri 2 was on 2027-01-20, and nobody noted what became of it.",
            "La fecha de Resonancia de columna 2 era el 20 ene 2027, y nadie anotó qué fue de ella.",
        ),
        ("She does not want letters about: visits, leaflets.", "No quiere cartas sobre: visitas, folletos."),
        (
            "No answer to spine-check on 2026-02-24 and the one before.",
            "Sin respuesta: cuestionario de la columna del 24 feb 2026 y el anterior.",
        ),
        (
            "Tell her own doctor what was found (alert 7).",
            "Informe a su médico de cabecera de lo encontrado (aviso 7).",
        ),
        (
            "The clock is 3 days behind the last instant on record. It was marked as done and is still so.",
            "El reloj va 3 días por detrás del último instante registrado. Se dio por hecha y sigue igual.",
        ),
        ("The name is empty. Fill it in.", "El nombre: sin rellenar. Rellénelo."),
        (
            "Who else may be rung is empty beside a number. Say who may be rung there, e.g. Marta, her sister.",
            "A quién más se puede llamar: vacío junto a un número. Diga a quién se puede llamar ahí, p. ej. Marta, su hermana.",
        ),
        (
            "The time zone is not known. Did you mean Europe/Madrid?",
            "La zona horaria: no se conoce. ¿Quiso decir Europe/Madrid?",
        ),
    ];

    #[test]
    fn why_a_task_opened_is_said_in_spanish_and_what_was_typed_stays() {
        let reader = ReaderWords::of("es");
        for (reason, said) in WHY {
            assert_eq!(reader.said(&prose(reason)), *said, "{reason}");
        }
    }
}

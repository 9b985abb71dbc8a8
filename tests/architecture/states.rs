//! States in code = SQL's CHECKs = docs/flow.md. Three homes, one truth.

use std::collections::BTreeSet;

use crate::demand;
use crate::machines::{code_moves, code_words, drawn_moves, sql_lists, sql_words, touched};
use crate::source::{Source, sources};

/// One closed list of words: where code and SQL keep it, what SQL never stores, and what it still allows though nobody
/// writes it any more.
struct Words {
    file: &'static str,
    name: &'static str,
    column: (&'static str, &'static str),
    unstored: &'static [&'static str],
    retired: &'static [&'static str],
}

const fn words(file: &'static str, name: &'static str, column: (&'static str, &'static str)) -> Words {
    Words { file, name, column, unstored: &[], retired: &[] }
}

/// Every list that code and SQL share. A row whose file is not there yet waits for it.
const LISTS: &[Words] = &[
    Words {
        file: "src/care/plan/reminder.rs",
        name: "ReminderState",
        column: ("reminder", "state"),
        unstored: &["planned"],
        retired: &[],
    },
    words("src/care/delivery.rs", "DeliveryState", ("delivery", "state")),
    words("src/care/alert/lifecycle.rs", "AlertState", ("alert", "state")),
    words("src/care/plan/follow_up.rs", "FollowUpState", ("follow_up", "state")),
    words("src/care/plan/appointment.rs", "AppointmentState", ("appointment", "state")),
    words("src/care/task_state.rs", "TaskState", ("task", "state")),
    words("src/care/contact_kind.rs", "ContactKind", ("contact_log", "kind")),
    words("src/care/canary.rs", "CanaryState", ("canary_walk", "state")),
    words("src/care/publication/state.rs", "PublicationState", ("publication", "state")),
    words("src/care/record/erasure.rs", "ErasureState", ("erasure", "state")),
    words("src/care/record/reversal.rs", "ReversalState", ("death_reversal", "state")),
    words("src/care/alert/call.rs", "CallState", ("webhook_call", "state")),
    words("src/care/triage/case.rs", "FormStage", ("response", "state")),
    // `dead` is asked of her status since V008, `locked` of `form_lock` since V014: both rewrote every row that said so.
    Words {
        file: "src/care/link.rs",
        name: "LinkStatus",
        column: ("link", "state"),
        unstored: &[],
        retired: &["locked", "dead"],
    },
    words("src/care/patient.rs", "PatientStatus", ("patient", "status")),
    words("src/care/patient.rs", "Detail", ("patient", "detail")),
    words("src/care/record/suspected_death.rs", "SuspectedDeath", ("patient", "suspected_death")),
    words("src/care/record/suspected_death.rs", "SuspectedDeath", ("prior_status", "suspected_death")),
    words("src/care/permission.rs", "StaffRole", ("staff", "role")),
    words("src/care/plan/protocol.rs", "FollowUpKind", ("follow_up", "kind")),
    words("src/care/plan/protocol.rs", "Trigger", ("reminder", "trigger")),
];

/// Every machine and the heading in docs/flow.md under which it is drawn.
const MACHINES: &[Machine] = &[
    machine("src/care/plan/reminder.rs", "ReminderState", "Reminder: a promise"),
    machine("src/care/delivery.rs", "DeliveryState", "Delivery: one letter's trip"),
    machine("src/care/alert/lifecycle.rs", "AlertState", "Alert: until a person has acted"),
    machine("src/care/plan/follow_up.rs", "FollowUpState", "Follow-up: owed until it took place"),
    machine("src/care/plan/appointment.rs", "AppointmentState", "Appointment: a date at the clinic"),
    machine("src/care/task_state.rs", "TaskState", "Task: until somebody closes it"),
    machine("src/care/link.rs", "LinkStatus", "Link: a form's address"),
    machine("src/care/canary.rs", "CanaryState", "Canary: one day's walk"),
    machine(
        "src/care/publication/state.rs",
        "PublicationState",
        "Publication: a draft on its way to the patients",
    ),
    machine("src/care/record/erasure.rs", "ErasureState", "Erasure: a record whose time is over"),
    machine("src/care/record/reversal.rs", "ReversalState", "Reversal: a death recorded by mistake"),
    machine("src/care/alert/call.rs", "CallState", "Call: an alert told to another system"),
];

/// One machine: its file, its enum, and where it is drawn.
struct Machine {
    file: &'static str,
    state: &'static str,
    heading: &'static str,
}

const fn machine(file: &'static str, state: &'static str, heading: &'static str) -> Machine {
    Machine { file, state, heading }
}

/// States that SQL keeps and no enum in care does: they have one home, and move by hand. A row goes when it gets one.
const WITHOUT_ENUM: &[(&str, &str)] = &[("enrolment", "state")];

#[test]
fn every_state_that_sql_keeps_is_an_enum_or_known_to_be_none() {
    let faults = homeless(sql_lists().keys().cloned());
    demand("a state has its homes (LISTS, and MACHINES if it moves) or stands in WITHOUT_ENUM", &faults);
}

/// State columns without a row in either table, and rows that are no longer true.
fn homeless(columns: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let columns: Vec<_> = columns.filter(|(_, c)| matches!(c.as_str(), "state" | "status")).collect();
    let has_home = |t: &str, c: &str| LISTS.iter().any(|list| list.column == (t, c));
    let is_known = |t: &str, c: &str| WITHOUT_ENUM.contains(&(t, c));
    let lost = columns.iter().filter(|(t, c)| !has_home(t, c) && !is_known(t, c));
    let lost = lost.map(|(t, c)| format!("migrations: {t}.{c} has no enum"));
    let is_stale = |t: &str, c: &str| {
        has_home(t, c) || !columns.iter().any(|(tt, cc)| (tt.as_str(), cc.as_str()) == (t, c))
    };
    let stale = WITHOUT_ENUM.iter().filter(|(t, c)| is_stale(t, c));
    lost.chain(stale.map(|(t, c)| format!("WITHOUT_ENUM: {t}.{c} has its homes, or is gone"))).collect()
}

#[test]
fn a_planted_state_without_an_enum_is_seen() {
    let planted = ("parcel".to_owned(), "state".to_owned());
    let found = homeless(sql_lists().keys().cloned().chain([planted]));
    assert_eq!(found, ["migrations: parcel.state has no enum"]);
}

#[test]
fn sql_allows_exactly_the_words_of_the_code() {
    let mut faults = Vec::new();
    for list in LISTS {
        let Some(source) = source(list.file) else { continue };
        let Some(code) = code_words(source, list.name) else {
            faults.push(format!("{}: `impl {}` has no `fn word`", list.file, list.name));
            continue;
        };
        let stored: BTreeSet<_> = code.into_iter().filter(|w| !list.unstored.contains(&w.as_str())).collect();
        let (table, column) = list.column;
        let mut sql = sql_words(table, column).unwrap_or_default();
        for word in list.retired {
            if !sql.remove(*word) {
                faults.push(format!("{table}.{column} does not allow `{word}` any more: drop it here"));
            }
        }
        if stored != sql {
            faults.push(format!(
                "{}: `{}` has {stored:?}, but {table}.{column} allows {sql:?}",
                list.file, list.name
            ));
        }
    }
    demand("states in code = SQL's CHECKs", &faults);
}

#[test]
fn the_drawing_shows_exactly_the_moves_of_the_code() {
    let mut faults = Vec::new();
    for Machine { file, state, heading } in MACHINES {
        let Some(moves) = source(file).and_then(|s| code_moves(s, state)) else { continue };
        let drawn = drawn_moves(heading).unwrap_or_default();
        faults.extend(
            moves.difference(&drawn).map(|m| format!("docs/flow.md, \"{heading}\": not drawn: {m:?}")),
        );
        faults.extend(
            drawn.difference(&moves).map(|m| format!("docs/flow.md, \"{heading}\": not in {file}: {m:?}")),
        );
    }
    demand("the drawings of docs/flow.md are the matches of care", &faults);
}

#[test]
fn every_state_can_be_reached_or_left() {
    let mut faults = Vec::new();
    for Machine { file, state, .. } in MACHINES {
        let Some(source) = source(file) else { continue };
        let Some(moves) = code_moves(source, state) else { continue };
        let lonely: Vec<_> =
            code_words(source, state).unwrap_or_default().difference(&touched(&moves)).cloned().collect();
        faults.extend(lonely.iter().map(|state| format!("{file}: no move touches `{state}`")));
    }
    demand("no state stands alone", &faults);
}

#[test]
fn the_known_machines_are_really_read() {
    let moves =
        source("src/care/delivery.rs").and_then(|s| code_moves(s, "DeliveryState")).unwrap_or_default();
    let claim = ["pending", "claim", "claimed"].map(str::to_owned);
    assert!(moves.contains(&claim.into()), "{moves:?}");
    assert!(moves.len() > 8, "{moves:?}");
    assert!(sql_words("patient", "status").is_some_and(|w| w.contains("deceased")));
}

fn source(file: &str) -> Option<&'static Source> {
    sources().iter().find(|s| s.path == file)
}

/// Lists of two or more states of patients that are written out in SQL.
fn copied_lists(sources: &[Source], states: &BTreeSet<String>) -> Vec<String> {
    let lists = |source: &Source| {
        let parts =
            source.raw.match_indices("IN ('").map(|(at, head)| (at, at + head.len())).collect::<Vec<_>>();
        let found = parts.into_iter().filter(|(_, from)| {
            let words: Vec<_> =
                source.raw[*from..].split("')").next().unwrap_or_default().split("', '").collect();
            words.len() > 1 && words.iter().all(|word| states.contains(*word))
        });
        found.map(|(at, _)| source.at(at)).collect::<Vec<_>>()
    };
    sources.iter().flat_map(lists).collect()
}

#[test]
fn no_rule_about_states_of_patients_is_copied_into_sql() {
    let states = source("src/care/patient.rs").and_then(|file| code_words(file, "PatientStatus")).unwrap();
    demand(
        "which states a rule holds of says care; SQL asks store/people/patient_status for the list",
        &copied_lists(sources(), &states),
    );
    let planted = "const A: &str = \"p.status IN ('active', 'paused')\";\nconst B: &str = \"e.state IN ('active', 'ended')\";";
    let planted = [Source::new("src/store/people/x.rs", planted.to_owned())];
    assert_eq!(copied_lists(&planted, &states).len(), 1, "a planted list is seen");
}

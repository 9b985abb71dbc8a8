//! Inside the journey: sub-modules lean only downward, and no asynchronous step calls another.

use crate::demand;
use crate::imports::{Names, Ties, shipped_ties};
use crate::syntax::{Crate, File, Function};

/// The sub-modules from the top down; the files of `src/journey` itself lie below them all. This order needs the fewest
/// exceptions of all.
const ORDER: &[&str] = &[
    "commands",
    "forecast",
    "delivery",
    "settings",
    "operations",
    "roster",
    "patients",
    "answers",
    "protocols",
    "plan",
    "alerts",
    "outbox",
    "journey",
    "errors",
];

/// Who leans upward all the same: from, to, why. A row goes with its tie.
const UPWARD: &[(&str, &str, &str)] = &[
    (
        "operations/hold.rs",
        "delivery/failure/server_refusal.rs",
        "a clock believed anew ends the stall of a server",
    ),
    ("outbox/contents.rs", "plan/discharge.rs", "the closing letter says what the plan says"),
    ("outbox/retry.rs", "plan/discharge.rs", "a letter that goes again must still be owed"),
    ("outbox/retry.rs", "plan/fall_due.rs", "a letter that goes again must still be owed"),
    ("outbox/withdraw.rs", "alerts/unreachable_rung.rs", "a rung whose letter ends unsent was not reached"),
    ("patients/inbound.rs", "delivery/failure/bounce.rs", "a report about a letter ends as its outcome"),
    ("patients/status.rs", "delivery/failure/send_again.rs", "a good address frees what waited for it"),
    ("patients/status.rs", "operations/end_tasks.rs", "a death closes every task about her"),
    ("plan/enrol.rs", "patients/duplicates.rs", "whoever is taken in may be on record already"),
    ("plan/newcomer_check.rs", "patients/duplicates.rs", "a case code may be that of an erased record"),
    ("plan/enrol.rs", "patients/status/status_task.rs", "whoever is taken in may have left before"),
    ("plan/enrol.rs", "patients/status/death_pause.rs", "whoever is taken in may be on record as dead"),
];

/// Steps that do call another. `ClockWatch`, a value that loops hand to `deliver`, is asked by method and does not count.
/// Rows: from, to, function, why. A row goes with its call.
const CALLS: &[(&str, &str, &str, &str)] = &[
    ("operations/canary.rs", "answers/respond.rs", "respond", "the made-up patient walks the whole chain"),
    ("operations/canary.rs", "alerts/escalate.rs", "escalate", "the made-up patient walks the whole chain"),
    ("operations/clock_watch.rs", "operations/hold.rs", "begin", "the watch holds letters and lets them go"),
    ("operations/clock_watch.rs", "operations/hold.rs", "end", "the watch holds letters and lets them go"),
    ("operations/clock_watch.rs", "operations/hold.rs", "seen", "the watch holds letters and lets them go"),
    ("alerts/escalate.rs", "alerts/unreachable_rung.rs", "look", "what no rung can be told climbs at once"),
];

#[test]
fn the_sub_modules_of_the_journey_lean_only_downward() {
    demand(
        &format!("inside the journey: {}, each only on those behind it", ORDER.join(" → ")),
        &upward(shipped_ties(), UPWARD),
    );
}

#[test]
fn no_asynchronous_step_calls_another() {
    demand(
        "a step (a public `async fn` that takes `Deps`) is called from above the journey or by its commands: leave a row, a bell wakes the next",
        &calls(Crate::shipped(), CALLS),
    );
}

#[test]
fn the_steps_are_really_found() {
    let names: Vec<_> = Crate::shipped().files.iter().flat_map(steps).map(|f| f.name.as_str()).collect();
    assert!(names.len() > 25, "{names:?}");
    assert!(names.contains(&"fall_due") && names.contains(&"deliver"), "{names:?}");
}

/// The sub-module of a file of the journey.
fn sub_module(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("src/journey/")?;
    Some(inner.split_once('/').map_or("journey", |(module, _)| module))
}

/// Ties against the order that no row allows, and rows without a tie.
fn upward(ties: &Ties, rows: &[(&str, &str, &str)]) -> Vec<String> {
    let place = |path: &str| sub_module(path).map(|module| ORDER.iter().position(|r| *r == module));
    let (mut faults, mut met) = (Vec::new(), Vec::new());
    for (from, to, tie) in ties.iter().flat_map(|(from, to)| to.iter().map(move |(to, tie)| (from, to, tie)))
    {
        let (Some(above), Some(below)) = (place(from), place(to)) else { continue };
        if above.is_some() && below.is_some() && above <= below {
            continue;
        }
        let known = rows.iter().find(|row| is_in(from, row.0) && is_in(to, row.1));
        match known {
            Some(row) => met.push(row),
            None => faults.push(format!("{from}:{}: takes `{}` from {to}", tie.line, tie.name)),
        }
    }
    let stale = rows.iter().filter(|row| !met.contains(row));
    faults.extend(stale.map(|row| format!("UPWARD: {} no longer leans on {}", row.0, row.1)));
    faults
}

fn is_in(path: &str, inner: &str) -> bool {
    path.strip_prefix("src/journey/") == Some(inner)
}

/// The asynchronous steps that a file defines.
fn steps(file: &File) -> impl Iterator<Item = &Function> {
    let is_step = |f: &&Function| {
        f.is_public && f.is_async && !f.is_method && f.parameters.iter().any(|p| p.type_name == "Deps")
    };
    let is_journey = sub_module(&file.path).is_some_and(|module| module != "commands");
    file.functions.iter().filter(move |_| is_journey).filter(is_step)
}

/// Calls from step to step that no row allows, and rows without a call.
fn calls(code: &Crate, rows: &[(&str, &str, &str, &str)]) -> Vec<String> {
    let (mut faults, mut met) = (Vec::new(), Vec::new());
    for one in Names::of(code).uses(code) {
        let is_within = sub_module(&one.from.path).is_some_and(|module| module != "commands");
        let [name] = &one.rest[..] else { continue };
        // An import alone is no call; a file may put its own steps together.
        if !is_within
            || one.offset.is_none()
            || one.from.path == one.to.path
            || steps(one.to).all(|s| s.name != *name)
        {
            continue;
        }
        let known =
            rows.iter().find(|r| is_in(&one.from.path, r.0) && is_in(&one.to.path, r.1) && r.2 == name);
        match known {
            Some(row) => met.push(row),
            None => faults.push(format!("{}:{}: calls `{name}` of {}", one.from.path, one.line, one.to.path)),
        }
    }
    let stale = rows.iter().filter(|row| !met.contains(row));
    faults.extend(stale.map(|row| format!("CALLS: {} no longer calls `{}` of {}", row.0, row.2, row.1)));
    faults
}

#[test]
fn a_planted_tie_upward_and_a_planted_call_are_seen() {
    let code = Crate::of(&[
        ("src/journey/mod.rs", "pub mod plan; pub mod outbox; pub mod commands; pub mod new_module;"),
        ("src/journey/plan/mod.rs", "pub mod due;"),
        (
            "src/journey/plan/due.rs",
            "pub async fn due(deps: &Deps) { more(deps).await }\npub async fn more(deps: &Deps) {}",
        ),
        (
            "src/journey/outbox/mod.rs",
            "use super::plan::due;\nasync fn f(deps: &Deps) { due::due(deps).await }",
        ),
        (
            "src/journey/commands/mod.rs",
            "use crate::journey::plan::due;\nasync fn f(deps: &Deps) { due::due(deps).await }",
        ),
        ("src/journey/new_module/mod.rs", "fn f() { crate::journey::outbox::f() }"),
    ]);
    let ties = Names::of(&code).ties(&code);
    let (due, outbox) = ("src/journey/plan/due.rs", "src/journey/outbox/mod.rs");
    assert_eq!(
        upward(&ties, &[]),
        [
            format!("src/journey/new_module/mod.rs:1: takes `f` from {outbox}"),
            format!("{outbox}:2: takes `due` from {due}")
        ]
    );
    assert_eq!(calls(&code, &[]), [format!("{outbox}:2: calls `due` of {due}")]);
    assert!(upward(&ties, &[("outbox/mod.rs", "plan/due.rs", "")]).len() == 1);
    assert_eq!(upward(&Ties::new(), &[("a.rs", "b.rs", "")]), ["UPWARD: a.rs no longer leans on b.rs"]);
}

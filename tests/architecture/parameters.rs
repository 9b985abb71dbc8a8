//! What a function takes, counted honestly: a tuple is no way around the limit.

use crate::demand;
use crate::syntax::{Crate, Function};

/// Parameters, `self` among them, and every value of a tuple for itself.
const LIMIT: usize = 4;

/// How many functions still take a tuple. It only goes down, and ends at 0.
const WITH_TUPLES: usize = 0;
/// How many of them take more than the limit once its values are counted.
const OVER_LIMIT: usize = 0;

/// Functions whose tuple is a shape that somebody else gives: file, function, why.
const GIVEN: &[(&str, &str, &str)] = &[];

#[test]
fn no_parameter_is_a_tuple() {
    let faults = faults(Crate::shipped(), |f| f.parameters.iter().any(|p| p.values > 1));
    as_measured("no tuple as a parameter: name what belongs together", &faults, WITH_TUPLES);
}

#[test]
fn no_function_takes_too_many_values() {
    let faults = faults(Crate::shipped(), |f| values(f) > LIMIT);
    as_measured("a function takes at most 4 values, those in tuples counted", &faults, OVER_LIMIT);
}

#[test]
fn every_given_tuple_is_there() {
    let all = broken(Crate::shipped(), |f| f.parameters.iter().any(|p| p.values > 1));
    let lost = GIVEN.iter().filter(|(path, name, _)| !all.iter().any(|(p, f)| p == path && f.name == *name));
    let faults: Vec<_> = lost.map(|(path, name, why)| format!("{path}: `{name}` ({why})")).collect();
    demand("an exception that nobody needs goes", &faults);
}

/// The number may neither grow nor stay behind what was mended.
#[track_caller]
fn as_measured(rule: &str, faults: &[String], allowed: usize) {
    if faults.len() != allowed {
        demand(&format!("{rule} ({allowed} are known, {} found)", faults.len()), faults);
        assert_eq!(faults.len(), allowed, "{rule}: lower the number");
    }
}

fn faults(code: &Crate, is_fault: impl Fn(&Function) -> bool) -> Vec<String> {
    let found = broken(code, is_fault).into_iter();
    let found = found.filter(|(path, f)| !GIVEN.iter().any(|(p, name, _)| p == path && f.name == *name));
    found.map(|(path, f)| format!("{path}:{}: `{}` takes {} values", f.line, f.name, values(f))).collect()
}

fn broken(code: &Crate, is_fault: impl Fn(&Function) -> bool) -> Vec<(&str, &Function)> {
    let all = code.files.iter().flat_map(|file| file.functions.iter().map(|f| (file.path.as_str(), f)));
    all.filter(|(_, f)| !f.promised_by_trait && is_fault(f)).collect()
}

fn values(function: &Function) -> usize {
    function.parameters.iter().map(|p| p.values).sum()
}

#[test]
fn a_planted_tuple_is_seen() {
    let code = Crate::of(&[(
        "src/a.rs",
        "pub fn eight(a: (u8, u8), b: &(u8, (u8, u8)), c: &mut (u8, u8), d: u8) {}\n\
         struct S;\n\
         impl S {\n\
         async fn two(&self, (a, b): (&str, Option<(u8, u8)>)) {}\n\
         fn none(&self, pairs: &[(u8, u8)], unit: (), call: impl Fn((u8, u8))) {}\n\
         }\n\
         impl T for S { fn given(&self, pair: (u8, u8)) {} }\n\
         trait T { fn given(&self, pair: (u8, u8)); }\n\
         #[cfg(test)]\nmod tests { fn tested(pair: (u8, u8)) {} }",
    )]);
    assert_eq!(
        faults(&code, |f| f.parameters.iter().any(|p| p.values > 1)),
        [
            "src/a.rs:1: `eight` takes 8 values",
            "src/a.rs:4: `two` takes 3 values",
            "src/a.rs:8: `given` takes 3 values"
        ]
    );
    assert_eq!(faults(&code, |f| values(f) > LIMIT).len(), 1);
}

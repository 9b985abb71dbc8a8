//! What a function takes, counted honestly: a tuple is no way around the limit.

use crate::demand;
use crate::syntax::{Crate, Function};

/// Parameters, `self` among them, and every value of a tuple for itself.
const LIMIT: usize = 4;

#[test]
fn no_parameter_is_a_tuple() {
    let faults = faults(Crate::shipped(), |f| f.parameters.iter().any(|p| p.values > 1));
    demand("no tuple as a parameter: name what belongs together", &faults);
}

#[test]
fn no_function_takes_too_many_values() {
    let faults = faults(Crate::shipped(), |f| values(f) > LIMIT);
    demand("a function takes at most 4 values, those in tuples counted", &faults);
}

fn faults(code: &Crate, is_fault: impl Fn(&Function) -> bool) -> Vec<String> {
    let all = code.files.iter().flat_map(|file| file.functions.iter().map(|f| (file.path.as_str(), f)));
    let found = all.filter(|(_, f)| !f.promised_by_trait && is_fault(f));
    found.map(|(path, f)| format!("{path}:{}: `{}` takes {} values", f.line, f.name, values(f))).collect()
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

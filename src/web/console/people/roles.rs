//! What each role may do, made from the table of [`crate::care::permission`].

use axum::response::Response;
use minijinja::{Value, context};

use crate::care::permission::{Act, StaffRole};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;

/// The table: a row for each act, a column for each role.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    let roles = StaffRole::ALL.map(|role| {
        let own = role == signed_in.who.role;
        context! { name => role.name(), purpose => role.purpose(), own }
    });
    let acts: Vec<Value> = Act::ALL.into_iter().map(row).collect();
    page::render(&signed_in, "roles", context! { roles => roles.to_vec(), acts })
}

fn row(act: Act) -> Value {
    let may = StaffRole::ALL.map(|role| context! { name => role.name(), yes => role.may(act) });
    context! { deed => act.deed(), may => may.to_vec() }
}

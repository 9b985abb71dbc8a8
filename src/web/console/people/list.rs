//! Who has an account, who is invited, and the form that invites.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::address::EmailAddress;
use crate::care::permission::StaffRole;
use crate::journey::errors::step::StepError;
use crate::journey::operations::accounts::invitation::{self, InvitationRequest, IssuedInvitation};
use crate::store::accounts::invitation::StaffInvitation;
use crate::store::people::staff::Staff;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::people::session_lines;
use crate::web::locale::reader::ReaderWords;

/// The accounts and the open invitations.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| shown(signed_in, StatusCode::OK, &RefusedForm::default())).await
}

fn shown(signed_in: &SignedIn, status: StatusCode, refused: &RefusedForm) -> Response {
    let times = TimeFormat::from(signed_in);
    let found = signed_in
        .clinic()
        .store
        .read(|view| Ok::<_, StepError>((view.staff()?, view.invitations(signed_in.now)?)));
    match found {
        Ok((staff, invited)) => {
            let accounts: Vec<Value> = staff.iter().map(|one| account(one, &times)).collect();
            let reader = ReaderWords::of(&signed_in.language);
            let invited: Vec<Value> =
                invited.iter().map(|one| invitation_line(one, &times, &reader)).collect();
            let roles = StaffRole::ALL
                .map(|role| context! { word => role.word(), name => role.name(), purpose => role.purpose() });
            let words = context! { accounts, invited, roles => roles.to_vec(), refused => refused.words() };
            page::with_status(signed_in, status, "people", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// One account for the template.
pub(super) fn account(staff: &Staff, times: &TimeFormat) -> Value {
    context! {
        name => staff.name.clone(),
        role => staff.role.name(),
        role_word => staff.role.word(),
        email => staff.email.clone(),
        off => staff.disabled_at.map(|at| times.moment(at)),
        connected => staff.connection.is_some(),
        seen => staff.signed_in_at.map(|at| times.moment(at)),
    }
}

fn invitation_line(one: &StaffInvitation, times: &TimeFormat, reader: &ReaderWords) -> Value {
    context! {
        id => one.id,
        name => one.name.clone(),
        role => one.role.name(),
        back => one.staff.is_some(),
        by => reader.person(&one.invited_by),
        until => times.moment(one.expires_at),
    }
}

/// Invites a colleague and shows the link, once.
pub(in crate::web::console) async fn invite(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let ask = match wanted(&fields) {
        Ok(ask) => ask,
        Err(faults) => {
            let refused = RefusedForm::new(&fields, faults);
            return page::blocking(signed_in, move |signed_in| {
                shown(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &refused)
            })
            .await;
        }
    };
    let name = ask.name.clone();
    let open = signed_in.clinic().store.read(|view| view.invitations(signed_in.now));
    let is_anew = open.is_ok_and(|open| open.iter().any(|one| one.name.eq_ignore_ascii_case(&name)));
    // To load the page with the link once more must not make another link, which would end the one that was handed over.
    if let Some(page) = Some(&signed_in).filter(|_| is_anew).and_then(page::done_before) {
        return page;
    }
    let entropy = &*signed_in.app.deps.entropy;
    match invitation::invite(signed_in.clinic(), signed_in.stamp(), ask, entropy).await {
        Ok(issued) => link(&signed_in, &issued, context! { name, is_anew }),
        Err(fault) => match session_lines::refused(&fields, fault) {
            Ok(refused) => {
                page::blocking(signed_in, move |signed_in| {
                    shown(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &refused)
                })
                .await
            }
            Err(fault) => page::failed(&signed_in, &fault),
        },
    }
}

fn wanted(fields: &FormFields) -> Result<InvitationRequest, Vec<FieldFault>> {
    let (email, role) = (EmailAddress::parse(fields.get("email")), StaffRole::parse(fields.get("role")));
    let name = fields.get("name").to_owned();
    match (email, role) {
        (Ok(email), Some(role)) => Ok(InvitationRequest { name, email, role }),
        (email, role) => {
            let email = email.err().map(|_| {
                FieldFault::new("email", "Give one plain address, for example maria@clinic.example.")
            });
            let role = role.is_none().then(|| FieldFault::new("role", "Choose what the colleague may do."));
            Err(email.into_iter().chain(role).collect())
        }
    }
}

/// The page that shows a link: nothing but this page ever holds it.
pub(super) fn link(signed_in: &SignedIn, issued: &IssuedInvitation, whose: Value) -> Response {
    page::done(signed_in, "/people");
    let times = TimeFormat::from(signed_in);
    let url = format!("{}{}", signed_in.clinic().care.console_url, issued.path);
    page::render(signed_in, "link", context! { url, until => times.moment(issued.expires_at), ..whose })
}

/// Takes an invitation back.
pub(in crate::web::console) async fn withdraw(
    Path(id): Path<i64>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    match invitation::withdraw(signed_in.clinic(), signed_in.stamp(), id).await {
        Ok(()) => page::saved(&signed_in, "/people", Notice::InvitationWithdrawn),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

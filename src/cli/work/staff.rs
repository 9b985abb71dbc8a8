//! `aftercare staff`: console accounts.

pub mod args;

use serde_json::{Value, json};

use crate::care::address::EmailAddress;
use crate::care::permission::{Act, StaffRole};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::work::staff::args::{
    BROWSER, StaffAddArgs, StaffArgs, StaffCommand, StaffInvitationsArgs, StaffLanguageArgs, StaffRoleArgs,
    StaffSessionsArgs, StaffViewsArgs,
};
use crate::journey::errors::account::AccountError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::accounts::invitation::{self, InvitationRequest, IssuedInvitation};
use crate::journey::operations::accounts::own::{self, LanguageChoice};
use crate::journey::operations::accounts::secrets::Issued;
use crate::journey::operations::accounts::{self, NewAccount, administer, openid};
use crate::store::accounts::record_views::{ViewFilter, ViewPage};
use crate::store::database::OpenMode;
use crate::store::people::staff::Staff;
use crate::web::locale::shipped;

/// Carries out the command; `add` and `reset` show the new secrets, once.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(args: &StaffArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        StaffCommand::Add(args) => add(args, ctx),
        StaffCommand::List => list(ctx),
        StaffCommand::Invite(args) => invite(args, ctx),
        StaffCommand::Role(args) => role(args, ctx),
        StaffCommand::Language(args) => language(args, ctx),
        StaffCommand::Sessions(args) => sessions(args, ctx),
        StaffCommand::Disconnect(args) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            ctx.runtime()?.block_on(openid::disconnect(&clinic, ctx.stamp(), args.name.clone()))?;
            ctx.show(&json!({ "name": args.name, "disconnected": true }), |out| {
                writeln!(out, "{} signs in with password and authenticator only", args.name)
            })
        }
        StaffCommand::Invitations(args) => invitations(args, ctx),
        StaffCommand::Views(args) => views(args, ctx),
        StaffCommand::Roles => roles(ctx),
        StaffCommand::Disable(args) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            ctx.runtime()?.block_on(administer::turn_off(&clinic, ctx.stamp(), args.name.clone()))?;
            ctx.show(&json!({ "name": args.name, "disabled": true }), |out| {
                writeln!(out, "{} is off and signed out everywhere", args.name)
            })
        }
        StaffCommand::Reset(args) if args.link => {
            let (clinic, world) = (ctx.deps(OpenMode::Existing)?, ctx.world());
            let made = invitation::reset_by_link(&clinic, ctx.stamp(), args.name.clone(), &*world.entropy);
            let issued = ctx.runtime()?.block_on(made)?;
            link(ctx, &args.name, &issued)
        }
        StaffCommand::Reset(args) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            let password = password(ctx);
            let issued = accounts::reset(&clinic, ctx.stamp(), &args.name, &password)?;
            show(ctx, &args.name, &password, &issued)
        }
    }
}

fn email(args: &StaffAddArgs) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(&args.email).map_err(|fault| {
        Failure::bad_input(format!("`--email`: {fault}"))
            .hint("give one plain address, e.g. maria@clinic.example")
    })
}

fn parsed_role(word: &str) -> Result<StaffRole, Failure> {
    StaffRole::parse(word).ok_or_else(|| Failure::bad_input("unknown role"))
}

fn invite(args: &StaffAddArgs, ctx: &Context) -> Result<(), Failure> {
    let (email, role) = (email(args)?, parsed_role(&args.role)?);
    let (clinic, world) = (ctx.deps(OpenMode::Existing)?, ctx.world());
    let ask = InvitationRequest { name: args.name.clone(), email, role };
    let made = invitation::invite(&clinic, ctx.stamp(), ask, &*world.entropy);
    let issued = ctx.runtime()?.block_on(made)?;
    link(ctx, &args.name, &issued)
}

fn link(ctx: &Context, name: &str, issued: &IssuedInvitation) -> Result<(), Failure> {
    let link = format!("{}{}", ctx.deps(OpenMode::Existing)?.care.console_url, issued.path);
    let document = json!({ "name": name, "link": link, "expires_at": issued.expires_at.to_string() });
    ctx.show(&document, |out| {
        writeln!(out, "{link}")?;
        writeln!(
            out,
            "\nThis is shown once, opens once, and ends {}. Hand it over to {name} yourself.",
            issued.expires_at
        )
    })
}

fn role(args: &StaffRoleArgs, ctx: &Context) -> Result<(), Failure> {
    let (clinic, role) = (ctx.deps(OpenMode::Existing)?, parsed_role(&args.role)?);
    ctx.runtime()?.block_on(administer::change_role(&clinic, ctx.stamp(), args.name.clone(), role))?;
    ctx.show(&json!({ "name": args.name, "role": role.word() }), |out| {
        writeln!(out, "{} is {} from now on", args.name, role.word())
    })
}

fn language(args: &StaffLanguageArgs, ctx: &Context) -> Result<(), Failure> {
    let asked = args.language.as_str();
    let known: Vec<&str> = shipped::languages().collect();
    if asked != BROWSER && !known.contains(&asked) {
        return Err(Failure::bad_input(format!("the console has no words in `{asked}`"))
            .hint(format!("give one of {}, or `{BROWSER}`", known.join(", "))));
    }
    let language = (asked != BROWSER).then(|| asked.to_owned());
    let choice = LanguageChoice { name: args.name.clone(), language };
    let clinic = ctx.deps(OpenMode::Existing)?;
    ctx.runtime()?.block_on(own::choose_language(&clinic, ctx.stamp(), choice))?;
    ctx.show(&json!({ "name": args.name, "language": asked }), |out| {
        writeln!(out, "{} reads the console in `{asked}` from now on", args.name)
    })
}

fn sessions(args: &StaffSessionsArgs, ctx: &Context) -> Result<(), Failure> {
    if args.end {
        let clinic = ctx.deps(OpenMode::Existing)?;
        let ending = administer::end_sessions(&clinic, ctx.stamp(), args.name.clone());
        let ended = ctx.runtime()?.block_on(ending)?;
        return ctx.show(&json!({ "name": args.name, "ended": ended }), |out| {
            writeln!(out, "{ended} session(s) of {} ended", args.name)
        });
    }
    let now = ctx.stamp().at;
    let open = ctx.store(OpenMode::AsItIs)?.read(|view| match view.staff_named(&args.name)? {
        Some(staff) => Ok(view.sessions_of(staff.id, now)?),
        None => Err(StepError::Account(AccountError::Unknown)),
    })?;
    let documents: Vec<Value> = open
        .iter()
        .map(|one| {
            json!({ "opened_at": one.opened_at.to_string(), "seen_at": one.seen_at.to_string(),
                "from": one.opened_from, "browser": one.browser })
        })
        .collect();
    ctx.show(&documents, |out| {
        open.iter().try_for_each(|one| {
            let browser = if one.browser.is_empty() { "unknown browser" } else { &one.browser };
            writeln!(out, "{}  last used {}  from {}  {browser}", one.opened_at, one.seen_at, one.opened_from)
        })
    })
}

fn views(args: &StaffViewsArgs, ctx: &Context) -> Result<(), Failure> {
    let found = ctx.store(OpenMode::AsItIs)?.read(|view| -> Result<_, StepError> {
        let filter = match (&args.by, &args.patient) {
            (Some(name), _) => {
                let staff = view.staff_named(name)?.ok_or(AccountError::Unknown)?;
                ViewFilter::By(staff.id)
            }
            (None, Some(code)) => ViewFilter::Of(view.patient_by_reference(code)?.id),
            (None, None) => ViewFilter::Any,
        };
        Ok(view.record_views(ViewPage { filter, before: None, limit: args.limit })?.rows)
    })?;
    let documents: Vec<Value> = found
        .iter()
        .map(|one| {
            json!({ "seen_at": one.seen_at.to_string(), "name": one.name, "patient": one.reference,
                "page": one.page.word() })
        })
        .collect();
    ctx.show(&documents, |out| {
        found.iter().try_for_each(|one| {
            writeln!(out, "{}  {:<20}  {:<12}  {}", one.seen_at, one.name, one.reference, one.page.word())
        })
    })
}

fn invitations(args: &StaffInvitationsArgs, ctx: &Context) -> Result<(), Failure> {
    if let Some(id) = args.withdraw {
        let clinic = ctx.deps(OpenMode::Existing)?;
        ctx.runtime()?.block_on(invitation::withdraw(&clinic, ctx.stamp(), id))?;
        return ctx.show(&json!({ "id": id, "withdrawn": true }), |out| {
            writeln!(out, "invitation {id} opens nothing any more")
        });
    }
    let now = ctx.stamp().at;
    let open = ctx.store(OpenMode::AsItIs)?.read(|view| view.invitations(now))?;
    let documents: Vec<Value> = open
        .iter()
        .map(|one| {
            json!({ "id": one.id, "name": one.name, "role": one.role.word(), "invited_by": one.invited_by,
                "expires_at": one.expires_at.to_string() })
        })
        .collect();
    ctx.show(&documents, |out| {
        open.iter().try_for_each(|one| {
            writeln!(out, "{:>4}  {:<20}  {:<6}  until {}", one.id, one.name, one.role.word(), one.expires_at)
        })
    })
}

fn add(args: &StaffAddArgs, ctx: &Context) -> Result<(), Failure> {
    let (email, role) = (email(args)?, parsed_role(&args.role)?);
    let clinic = ctx.deps(OpenMode::Create)?;
    let password = password(ctx);
    let issued = accounts::add(
        &clinic,
        ctx.stamp(),
        NewAccount { name: &args.name, email, role, password: &password },
    )?;
    show(ctx, &args.name, &password, &issued)
}

/// 120 random bits in letters and digits that are hard to mix up.
fn password(ctx: &Context) -> String {
    let mut bytes = [0; 15];
    ctx.world().entropy.fill(&mut bytes);
    data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

fn show(ctx: &Context, name: &str, password: &str, issued: &Issued) -> Result<(), Failure> {
    let document = json!({ "name": name, "password": password, "totp_secret": issued.totp_secret,
        "otpauth": issued.otpauth });
    ctx.show(&document, |out| {
        writeln!(out, "Sign-in name:   {name}")?;
        writeln!(out, "Password:       {password}")?;
        writeln!(out, "Authenticator:  {}", issued.totp_secret)?;
        writeln!(out, "                {}", issued.otpauth)?;
        writeln!(out, "\nThis is shown once. Hand it over in person.")
    })
}

fn list(ctx: &Context) -> Result<(), Failure> {
    let all = ctx.store(OpenMode::AsItIs)?.read(|view| view.staff())?;
    let documents: Vec<Value> = all.iter().map(document).collect();
    ctx.show(&documents, |out| {
        if all.is_empty() {
            return writeln!(
                out,
                "There are no accounts yet: `aftercare staff add NAME --role ROLE --email ADDRESS`."
            );
        }
        all.iter().try_for_each(|s| {
            let state = if s.disabled_at.is_some() { "off" } else { "on" };
            let connected = if s.connection.is_some() { "  connected" } else { "" };
            writeln!(out, "{:<20}  {:<6}  {:<3}  {}{connected}", s.name, s.role.word(), state, s.email)
        })
    })
}

fn document(staff: &Staff) -> Value {
    json!({ "name": staff.name, "signed_in_at": staff.signed_in_at.map(|at| at.to_string()), "role": staff.role.word(), "email": staff.email,
        "language": staff.language,
        "disabled_at": staff.disabled_at.map(|at| at.to_string()),
        "connected_at": staff.connection.as_ref().map(|one| one.connected_at.to_string()),
        // Wrong tries keep no account out any more; the key stays for those who read it.
        "locked_until": Value::Null })
}

fn roles(ctx: &Context) -> Result<(), Failure> {
    let may = |role: StaffRole| Act::ALL.into_iter().filter(move |act| role.may(*act)).map(Act::deed);
    let documents: Vec<Value> = StaffRole::ALL
        .into_iter()
        .map(|role| json!({ "role": role.word(), "purpose": role.purpose(), "may": may(role).collect::<Vec<_>>() }))
        .collect();
    ctx.show(&documents, |out| {
        StaffRole::ALL.into_iter().try_for_each(|role| {
            writeln!(out, "{}: {}", role.word(), role.purpose())?;
            may(role).try_for_each(|deed| writeln!(out, "  {deed}"))
        })
    })
}

//! Signs a person in on the command line: what ends an alert is done in a name, not in the machine's (P6). Password and
//! code are read from the terminal without showing them, or from stdin, a line each.

use std::io::{BufRead, IsTerminal};

use nix::sys::termios::{self, LocalFlags, SetArg};

use super::context::Context;
use super::exit::Failure;
use crate::care::actor::Actor;
use crate::daemon::files::key_file;
use crate::journey::errors::step::StepError;
use crate::journey::operations::accounts::{self, Credentials, SignIn, SignInDeps};
use crate::store::database::Store;
use crate::store::db::transaction::Stamp;

/// Who acts: an account that was named signs in; where none is, whoever holds the machine acts.
///
/// # Errors
/// As [`sign_in`].
pub(super) fn stamp(ctx: &Context, store: &Store, by: Option<&str>) -> Result<Stamp, Failure> {
    by.map_or_else(|| Ok(ctx.stamp()), |name| sign_in(ctx, store, name))
}

/// Asks for password and code of that account and gives the stamp of whoever proved to hold it. The database is enough: a
/// configuration in which something is missing keeps nobody from setting just that.
///
/// # Errors
/// 65 when they are wrong; whatever the store says.
pub(super) fn sign_in(ctx: &Context, store: &Store, name: &str) -> Result<Stamp, Failure> {
    let password = hidden(ctx, "Password: ")?;
    let code = hidden(ctx, "Code of your authenticator: ")?;
    if password.is_empty() || code.is_empty() {
        // Nobody tried anything: this is no refused sign-in.
        return Err(Failure::bad_input("no password or no code was entered")
            .hint("type both, or give them on stdin, a line each"));
    }
    let world = ctx.world();
    let now = world.clock.now();
    let typed = Credentials {
        name: name.to_owned(),
        password,
        code,
        from: "this machine".to_owned(),
        browser: String::new(),
    };
    let key = key_file::open(store, &*world.entropy, now)?;
    let with = SignInDeps { store, key: &key, entropy: &*world.entropy };
    let answer = ctx.runtime()?.block_on(async {
        let answer = accounts::sign_in(&with, now, typed).await?;
        if let SignIn::Welcome(token, _) = &answer {
            accounts::sign_out(store, now, token).await?;
        }
        Ok::<_, StepError>(answer)
    })?;
    match answer {
        SignIn::Welcome(_, session) => Ok(Stamp { at: now, actor: Actor::Staff(session.name) }),
        SignIn::Wrong => Err(Failure::bad_input("name, password or code is wrong")
            .hint("wait for the next code and try again; `aftercare staff reset NAME` gives new ones")),
    }
}

/// One line that is not shown while it is typed.
fn hidden(ctx: &Context, prompt: &str) -> Result<String, Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return line(&stdin);
    }
    ctx.say(prompt);
    let shown = termios::tcgetattr(&stdin).map_err(std::io::Error::from)?;
    let mut silent = shown.clone();
    silent.local_flags.remove(LocalFlags::ECHO);
    silent.local_flags.insert(LocalFlags::ECHONL);
    termios::tcsetattr(&stdin, SetArg::TCSANOW, &silent).map_err(std::io::Error::from)?;
    let typed = line(&stdin);
    termios::tcsetattr(&stdin, SetArg::TCSANOW, &shown).map_err(std::io::Error::from)?;
    typed
}

fn line(stdin: &std::io::Stdin) -> Result<String, Failure> {
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

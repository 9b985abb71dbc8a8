//! `aftercare send-test`: a watermarked letter to try the way out.

use serde_json::json;

use crate::care::address::{AddressFault, EmailAddress};
use crate::care::delivery::AttemptVerdict;
use crate::care::patient::{Detail, PatientFault};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::daemon::assembly::{engine, sending_settings, wording};
use crate::journey::delivery::test_letter::{self, TestLetter};
use crate::letter::content::{Inputs, Letter, Links};
use crate::letter::proof::samples;

/// Send one watermarked letter to an allow-listed address
///
/// Only addresses in `[test] allow` are written to; the letter says that it is a test.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare send-test test@clinic.example --letter book --language es")]
pub struct SendTestArgs {
    /// The address to write to; one of `[test] allow`.
    #[arg(value_name = "ADDRESS", value_parser = address)]
    pub address: EmailAddress,
    /// Which letter, e.g. `book` or `invite`.
    #[arg(long, value_name = "NAME")]
    pub letter: String,
    /// In which language; the clinic's first otherwise.
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
    /// How much it says: `minimal`, `standard` or `full`.
    #[arg(long, value_name = "LEVEL", default_value = "standard", value_parser = detail)]
    pub detail: Detail,
}

/// Hands the letter to the courier at once; neither outbox nor ledger knows of it.
///
/// # Errors
/// 65 for an address that is not allowed or a letter that is not known; 69 when it did not go out.
pub fn run(args: &SendTestArgs, ctx: &Context) -> Result<(), Failure> {
    let config = ctx.config()?;
    if !config.test.allow.contains(&args.address) {
        return Err(Failure::bad_input("that address is not in `test.allow`")
            .hint("add it to `[test] allow` if it is yours; test letters go nowhere else"));
    }
    let world = ctx.world();
    let (name, letter) = (args.letter.clone(), letter(args, ctx)?);
    let test = TestLetter { to: args.address.clone(), name, letter, at: world.clock.now() };
    let outgoing = test.outgoing(&sending_settings::policy(config), &*world.entropy);
    let courier = engine::post(config, &world)?.courier;
    let runtime = ctx.runtime()?;
    let receipt = runtime.block_on(test_letter::carry(&*courier, &outgoing));
    // The look-up of a name may hang on: nobody waits for it.
    runtime.shutdown_background();
    let document = json!({ "letter": args.letter, "accepted": receipt.verdict == AttemptVerdict::Accepted,
        "message_id": outgoing.message_id, "code": receipt.code, "reply": receipt.reply });
    match receipt.verdict {
        AttemptVerdict::Accepted => ctx.show(&document, |out| writeln!(out, "accepted: {}", receipt.reply)),
        verdict => Err(not_taken(verdict, &receipt.reply).with_report(&document)),
    }
}

/// What is said of a letter that the server did not acknowledge.
fn not_taken(verdict: AttemptVerdict, reply: &str) -> Failure {
    match verdict {
        AttemptVerdict::Unknown => Failure::unavailable(format!("nobody knows whether the letter went out: {reply}")).hint(
            "look into that mailbox before it is sent again: the server had the whole letter, and broke off before it said whether it \
             takes it; its log says",
        ),
        _ => Failure::unavailable(format!("the letter did not go out: {reply}")).hint("run `aftercare check --online`"),
    }
}

/// The letter to somebody made up, with the clinic's own words.
fn letter(args: &SendTestArgs, ctx: &Context) -> Result<Letter, Failure> {
    let config = ctx.config()?;
    let Some((_, kinds)) = samples::STEPS.iter().find(|(step, _)| *step == args.letter) else {
        let known: Vec<&str> = samples::STEPS.iter().map(|(step, _)| *step).collect();
        return Err(Failure::bad_input(format!("there is no letter `{}`", args.letter))
            .hint(format!("known are {}", known.join(", "))));
    };
    let language = args.language.as_ref().or(config.sending.languages.first()).map_or("en", String::as_str);
    if !config.sending.languages.iter().any(|l| l == language) {
        let hint = format!("use one of {}", config.sending.languages.join(", "));
        return Err(Failure::bad_input(format!("the clinic does not write in `{language}`")).hint(hint));
    }
    let (_, composer) = wording::writing(config, &ctx.sources()?).map_err(Failure::bad_configuration)?;
    let item = samples::item(language, &args.letter, kinds.first().copied().unwrap_or("visit"));
    let inputs = Inputs { written_on: day(ctx), ..samples::inputs(language, args.detail.word(), item) };
    let links = Links { attendee: Some(args.address.expose().to_owned()), ..Links::default() };
    composer.compose(&inputs, &links).map_err(|fault| Failure::failed(fault.to_string()))
}

fn day(ctx: &Context) -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(ctx.stamp().at).date()
}

fn address(text: &str) -> Result<EmailAddress, AddressFault> {
    EmailAddress::parse(text)
}

fn detail(text: &str) -> Result<Detail, PatientFault> {
    Detail::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_a_server_had_whole_and_did_not_acknowledge_is_in_doubt() {
        let told = not_taken(AttemptVerdict::Unknown, "line lost at final dot").error;
        assert_eq!(told, "nobody knows whether the letter went out: line lost at final dot");
        assert!(not_taken(AttemptVerdict::Later, "x").error.starts_with("the letter did not go out"));
    }
}

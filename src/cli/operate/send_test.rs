//! `aftercare send-test`: a watermarked letter to try the way out.

use serde_json::json;

use crate::care::address::{AddressFault, EmailAddress};
use crate::care::delivery::AttemptVerdict;
use crate::care::patient::{Detail, PatientFault};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::daemon::assembly::{engine, sending_settings, wording};
use crate::letter::content::{Inputs, Letter, Links};
use crate::letter::proof::samples;
use crate::ports::{Courier, Entropy, LastLook, MessageBytes, Outgoing, Receipt, Transfer};

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

/// The header that marks a test.
const MARK: &str = "X-Aftercare-Test";

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
    let outgoing = outgoing(args, ctx, &*world.entropy)?;
    let courier = engine::post(config, &world)?.courier;
    let receipt = ctx.runtime()?.block_on(carry(&*courier, &outgoing));
    let document = json!({ "letter": args.letter, "accepted": receipt.verdict == AttemptVerdict::Accepted,
        "message_id": outgoing.message_id, "code": receipt.code, "reply": receipt.reply });
    match receipt.verdict {
        AttemptVerdict::Accepted => ctx.show(&document, |out| writeln!(out, "accepted: {}", receipt.reply)),
        _ => Err(Failure::unavailable(format!("the letter did not go out: {}", receipt.reply))
            .hint("run `aftercare check --online`")
            .with_report(&document)),
    }
}

/// Whoever types the command means it: it is about nobody.
struct Meant;

impl LastLook for Meant {
    fn may_leave(&self) -> bool {
        true
    }
}

async fn carry(courier: &dyn Courier, outgoing: &Outgoing) -> Receipt {
    let mut connection = courier.connection();
    let receipt = match connection.ready().await {
        Ok(_) => match connection.transfer(outgoing, &Meant).await {
            Transfer::Over(receipt) | Transfer::LineGone(receipt) => receipt,
            Transfer::Stopped => not_sent(),
        },
        Err(receipt) => receipt,
    };
    connection.rest().await;
    receipt
}

fn not_sent() -> Receipt {
    let reply = "nothing was sent".to_owned();
    Receipt { verdict: AttemptVerdict::Later, code: None, enhanced: None, reply, digest: None }
}

fn outgoing(args: &SendTestArgs, ctx: &Context, entropy: &dyn Entropy) -> Result<Outgoing, Failure> {
    let config = ctx.config()?;
    let policy = sending_settings::policy(config);
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    Ok(Outgoing {
        message_id: format!("test-{}@{}", data_encoding::HEXLOWER.encode(&bytes), policy.message_id_domain),
        date: ctx.world().clock.now(),
        return_path: policy.from.1.clone(),
        from: policy.from,
        reply_to: policy.reply_to,
        to: args.address.clone(),
        unsubscribe: None,
        headers: vec![(MARK, args.letter.clone())],
        letter: letter(args, ctx)?,
        wire: MessageBytes::default(),
    })
}

/// The letter to somebody made up, with the clinic's own words, marked as a test in every part.
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
    let letter = composer.compose(&inputs, &links).map_err(|fault| Failure::failed(fault.to_string()))?;
    Ok(marked(letter))
}

fn day(ctx: &Context) -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(ctx.stamp().at).date()
}

fn marked(mut letter: Letter) -> Letter {
    const NOTE: &str = "TEST: this letter was written to try the way out. It is about nobody.";
    letter.subject = format!("[TEST] {}", letter.subject);
    letter.text = format!("{NOTE}\n\n{}", letter.text);
    let body = letter.html.find("<body").and_then(|at| Some(at + letter.html[at..].find('>')? + 1));
    letter.html.insert_str(body.unwrap_or(0), &format!("<p>{NOTE}</p>"));
    // An invitation that is only tried must not land in a calendar.
    letter.calendar = None;
    letter
}

fn address(text: &str) -> Result<EmailAddress, AddressFault> {
    EmailAddress::parse(text)
}

fn detail(text: &str) -> Result<Detail, PatientFault> {
    Detail::parse(text)
}

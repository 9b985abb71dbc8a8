//! The arguments of `aftercare patient`.

use std::path::PathBuf;

use jiff::civil::Date;

use crate::care::address::EmailAddress;
use crate::care::patient::{Detail, PatientFault, PatientStatus, PreferredName, Reference};
use crate::care::record::field_check::{self, EntryFault};
use crate::cli::exit::Failure;
use crate::cli::records::patient::contact::ContactArgs;
use crate::cli::records::patient::proxy::ProxyArgs;
use crate::journey::patients::amend::{AddressChange, DetailChoice};
use crate::store::people::patient_group::PatientGroup;
use crate::store::people::preferences::LetterKind;

/// Take one patient in
#[derive(Debug, clap::Args)]
pub struct PatientAddArgs {
    /// The clinic's own reference; never a name.
    #[arg(value_name = "REF", value_parser = Reference::given)]
    pub reference: Reference,
    /// Read what follows from this file, or from standard input with `-`: TOML, one option a line, e.g. `birth_date = 1980-05-17`. What is
    /// typed here instead can be read by every program of the machine and stays in the shell's history.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// What she wants to be called.
    #[arg(long, value_parser = name)]
    pub name: PreferredName,
    /// Her date of birth; her pages may ask for it before a form opens.
    #[arg(long, value_name = "DATE")]
    pub birth_date: Date,
    /// Her address; without one, staff tasks take the letters' place.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub email: Option<EmailAddress>,
    /// Language code; the clinic's first otherwise.
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
    /// Her IANA time zone; the clinic's otherwise.
    #[arg(long, value_name = "ZONE", alias = "zone")]
    pub time_zone: Option<String>,
    /// The protocol to enrol her in; add-ons may be joined: `nccn+bone-health`.
    #[arg(long, requires = "anchor")]
    pub protocol: Option<String>,
    /// An add-on beside it; may be given several times.
    #[arg(long = "add-on", value_name = "NAME", requires = "anchor")]
    pub add_ons: Vec<String>,
    /// The date the protocol counts from.
    #[arg(long, value_name = "DATE", requires = "protocol")]
    pub anchor: Option<Date>,
    /// How much letters say: `minimal`, `standard` or `full`; as the clinic decides otherwise.
    #[arg(long, value_name = "LEVEL", value_parser = detail)]
    pub detail: Option<Detail>,
    /// Others read this inbox too: letters say less.
    #[arg(long)]
    pub shared_inbox: bool,
    /// How staff ring her; what is not given is not known.
    #[command(flatten)]
    pub contact: ContactArgs,
    /// Who acts for her and gets her letters in her place.
    #[command(flatten)]
    pub proxy: ProxyArgs,
}

/// Show the past and future of one patient
#[derive(Debug, clap::Args)]
pub struct PatientPlanArgs {
    /// The patient's reference: the clinic's own case code, e.g. `R-1042`.
    #[arg(value_name = "REF", value_parser = reference)]
    pub reference: Reference,
    /// The last day to show.
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// How many years ahead to show.
    #[arg(long, value_name = "N", default_value_t = 2, conflicts_with = "until", value_parser = clap::value_parser!(u8).range(0..=60))]
    pub years: u8,
}

/// Change what is recorded of a patient
#[derive(Debug, clap::Args)]
pub struct PatientSetArgs {
    /// The patient's reference: the clinic's own case code, e.g. `R-1042`.
    #[arg(value_name = "REF", value_parser = reference)]
    pub reference: Reference,
    /// Read what follows from this file, or from standard input with `-`: TOML, one option a line, e.g. `birth_date = 1980-05-17`. What is
    /// typed here instead can be read by every program of the machine and stays in the shell's history.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// New status, e.g. `paused`, `transferred`, `deceased`, `active`.
    #[arg(long, requires = "reason", value_parser = status)]
    pub status: Option<PatientStatus>,
    /// Why; needed with `--status`, `--end` and `--end-proxy`, and kept on record.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Until when she is paused.
    #[arg(long, value_name = "DATE", requires = "status")]
    pub until: Option<Date>,
    /// Your sign-in name; asks for your password and code. Undoing a recorded death takes two people who each give this.
    #[arg(long = "as", value_name = "NAME")]
    pub name_of_staff: Option<String>,
    /// The second person, as the first one names her; kept on record, and not enough.
    #[arg(long, value_name = "NAME", requires = "status")]
    pub confirmed_by: Option<String>,
    /// Her new address; if a bad or missing one had stopped her letters, they go on. Empty (`--email ''`) takes it away: what waits
    /// for her is withdrawn, and staff tasks take the letters' place.
    #[arg(long, value_name = "ADDRESS", value_parser = address_change)]
    pub email: Option<AddressChange>,
    /// What she wants to be called from now on.
    #[arg(long, value_parser = name)]
    pub name: Option<PreferredName>,
    /// Corrected date of birth.
    #[arg(long, value_name = "DATE")]
    pub birth_date: Option<Date>,
    /// The language of her letters from now on: a code the clinic writes in, e.g. `es`.
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
    /// Her new IANA time zone; letters to come leave at its hours.
    #[arg(long, value_name = "ZONE", alias = "zone")]
    pub time_zone: Option<String>,
    /// How much letters say: `minimal`, `standard`, `full`, or `clinic` for as the clinic decides.
    #[arg(long, value_name = "LEVEL", value_parser = detail_choice)]
    pub detail: Option<DetailChoice>,
    /// Whether others read this inbox too.
    #[arg(long, value_name = "BOOL")]
    pub shared_inbox: Option<bool>,
    /// How staff ring her; what is not given stays as it is.
    #[command(flatten)]
    pub contact: ContactArgs,
    /// Who acts for her from now on.
    #[command(flatten)]
    pub proxy: ProxyArgs,
    /// Nobody acts for her any more: letters go to her own address again.
    #[arg(long, requires = "reason", conflicts_with = "proxy_name")]
    pub end_proxy: bool,
    /// She wants letters of this kind again: `visits`, `checklists`, `leaflets` or `all`.
    #[arg(long, value_name = "KIND", value_parser = again)]
    pub wants_again: Option<AcceptedKinds>,
    /// Open her forms again that wrong birth dates have locked; speak with her first.
    #[arg(long)]
    pub unlock_forms: bool,
    /// Move her to this protocol, or enrol her in it; shows the difference first.
    #[arg(long)]
    pub protocol: Option<String>,
    /// An add-on beside what she is on, counted from a date of its own or from her anchor date; may be given several
    /// times. One that she is on already moves to that date; shows the difference first.
    #[arg(long = "add-on", value_name = "NAME[@DATE]")]
    pub add_ons: Vec<String>,
    /// End this protocol with nothing in its place; shows what falls away first.
    #[arg(long, value_name = "NAME", requires = "reason", conflicts_with_all = ["protocol", "anchor"])]
    pub end: Option<String>,
    /// New anchor date of her main plan; shows the difference first.
    #[arg(long, value_name = "DATE")]
    pub anchor: Option<Date>,
    /// Apply the difference that was shown.
    #[arg(long)]
    pub yes: bool,
}

/// List patients, all or a group of them
#[derive(Debug, clap::Args)]
pub struct PatientListArgs {
    /// Only in this status.
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub status: Option<PatientStatus>,
    /// Only who is `silent` (after every reminder), `unreachable` (cannot be written to), or `without-contact` (no next
    /// date and no task).
    #[arg(long, value_name = "GROUP", value_parser = group)]
    pub group: Option<PatientGroup>,
    /// Only who is on this protocol.
    #[arg(long, value_name = "NAME")]
    pub protocol: Option<String>,
    /// Only who fits a name, a birth date, a case code, a telephone number or an address, read from standard input,
    /// so that it stays in no history of the shell.
    #[arg(long)]
    pub find: bool,
}

/// Show one patient and what is open for her
#[derive(Debug, clap::Args)]
pub struct PatientShowArgs {
    /// The patient's reference: the clinic's own case code, e.g. `R-1042`.
    #[arg(value_name = "REF", value_parser = reference)]
    pub reference: Reference,
}

/// A check of one value as a failure that names its option.
pub(in crate::cli::records::patient) fn fits<T>(
    option: &str,
    checked: Result<T, EntryFault>,
) -> Result<T, Failure> {
    checked.map_err(|wrong| Failure::bad_input(format!("`{option}` {}", wrong.problem)).hint(wrong.hint))
}

pub(in crate::cli) fn reference(text: &str) -> Result<Reference, PatientFault> {
    Reference::parse(text)
}

/// Kinds of letters that a patient wants again.
#[derive(Debug, Clone)]
pub struct AcceptedKinds(pub Vec<LetterKind>);

pub(in crate::cli::records) fn address(text: &str) -> Result<EmailAddress, String> {
    let email = EmailAddress::parse(text).map_err(|fault| fault.to_string())?;
    field_check::hers(email).map_err(|wrong| format!("{}; {}", wrong.problem, wrong.hint))
}

fn address_change(text: &str) -> Result<AddressChange, String> {
    if text.trim().is_empty() {
        return Ok(AddressChange::TakenAway);
    }
    address(text).map(AddressChange::Replaced)
}

fn again(word: &str) -> Result<AcceptedKinds, String> {
    let one = LetterKind::parse(word).map(|kind| vec![kind]);
    let kinds = one.or_else(|| (word == "all").then(|| LetterKind::ALL.to_vec()));
    kinds.map(AcceptedKinds).ok_or_else(|| "one of: visits, checklists, leaflets, all".to_owned())
}

fn detail(text: &str) -> Result<Detail, PatientFault> {
    Detail::parse(text)
}

pub(in crate::cli::records) fn name(text: &str) -> Result<PreferredName, PatientFault> {
    PreferredName::parse(text)
}

fn detail_choice(text: &str) -> Result<DetailChoice, String> {
    let own = || Detail::parse(text).map(DetailChoice::Own);
    if text == "clinic" { Ok(DetailChoice::Clinics) } else { own().map_err(|_| LEVELS.to_owned()) }
}

const LEVELS: &str = "one of: minimal, standard, full, clinic";

fn group(text: &str) -> Result<PatientGroup, String> {
    let words = PatientGroup::MATTERS.map(PatientGroup::word).join(", ");
    PatientGroup::parse(text).ok_or_else(|| format!("no such group; use one of {words}"))
}

pub(in crate::cli::records) fn status(text: &str) -> Result<PatientStatus, PatientFault> {
    PatientStatus::parse(text)
}

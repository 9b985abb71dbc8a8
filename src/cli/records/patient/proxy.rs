//! The options of `patient add` and `patient set` about whoever acts for her.

use jiff::civil::Date;

use crate::care::address::EmailAddress;
use crate::care::patient::PreferredName;
use crate::care::record::field_check;
use crate::care::record::proxy::NewProxy;
use crate::cli::exit::Failure;

/// Who acts for her: letters go to the proxy in her place, and to nobody else.
#[derive(Debug, Clone, clap::Args)]
pub struct ProxyArgs {
    /// Name of whoever acts for her and gets her letters from now on, in the place of whoever did before.
    #[arg(long, value_name = "NAME", value_parser = PreferredName::parse,
        requires_all = ["proxy_relation", "proxy_email", "proxy_consent_by", "proxy_consent_on"])]
    pub proxy_name: Option<PreferredName>,
    /// What that person is to her, e.g. `daughter`.
    #[arg(long, value_name = "TEXT", requires = "proxy_name")]
    pub proxy_relation: Option<String>,
    /// Where letters about her go then; her own address stays on record.
    #[arg(long, value_name = "ADDRESS", value_parser = EmailAddress::parse, requires = "proxy_name")]
    pub proxy_email: Option<EmailAddress>,
    /// The language of those letters; hers otherwise.
    #[arg(long, value_name = "CODE", requires = "proxy_name")]
    pub proxy_language: Option<String>,
    /// Who agreed to it, e.g. `the patient herself`.
    #[arg(long, value_name = "TEXT", requires = "proxy_name")]
    pub proxy_consent_by: Option<String>,
    /// The day on which that was agreed.
    #[arg(long, value_name = "DATE", requires = "proxy_name")]
    pub proxy_consent_on: Option<Date>,
    /// The last day on which letters go there; until somebody ends it otherwise.
    #[arg(long, value_name = "DATE", requires = "proxy_name")]
    pub proxy_until: Option<Date>,
}

impl ProxyArgs {
    /// What was given, whole; `None` where nobody was named. `hers` is the patient's language.
    pub(in crate::cli::records::patient) fn given(
        &self,
        hers: &str,
        languages: &[String],
    ) -> Result<Option<NewProxy>, Failure> {
        let Some(name) = self.proxy_name.clone() else { return Ok(None) };
        let (Some(email), Some(consent_on)) = (self.proxy_email.clone(), self.proxy_consent_on) else {
            return Err(Failure::bad_input("who acts for her needs an address and the day of the consent"));
        };
        let language = self.proxy_language.as_deref().unwrap_or(hers);
        Ok(Some(NewProxy {
            name,
            relation: self.proxy_relation.clone().unwrap_or_default(),
            email,
            language: written(language, languages)?,
            consent_by: self.proxy_consent_by.clone().unwrap_or_default(),
            consent_on,
            until: self.proxy_until,
        }))
    }
}

fn written(language: &str, languages: &[String]) -> Result<String, Failure> {
    field_check::written(language, languages)
        .map_err(|wrong| Failure::bad_input(format!("`--proxy-language` {}", wrong.problem)).hint(wrong.hint))
}

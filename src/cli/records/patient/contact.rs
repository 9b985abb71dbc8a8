//! The options of `patient add` and `patient set` about the telephone.

use crate::care::contact::{ContactFault, ContactField, PatientContact};
use crate::cli::exit::Failure;

/// How she is reached by telephone; an empty text takes away what stands there.
#[derive(Debug, Clone, clap::Args)]
pub struct ContactArgs {
    /// Her telephone number; it stands in no letter. An empty text takes away what is on record, here and in the five below.
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// A second number of hers; like the first, it stands in no letter.
    #[arg(long, value_name = "NUMBER")]
    pub phone_2: Option<String>,
    /// When to ring her, in a few words.
    #[arg(long, value_name = "TEXT")]
    pub best_time: Option<String>,
    /// Who else may be rung: a name, or what that person is to her.
    #[arg(long, value_name = "WHO")]
    pub other_contact: Option<String>,
    /// The number of that person.
    #[arg(long, value_name = "NUMBER")]
    pub other_phone: Option<String>,
    /// The day on which she agreed to letters by e-mail. It is noted with who wrote it down and when; no letter waits for it.
    #[arg(long, value_name = "DATE")]
    pub mail_consent_on: Option<String>,
}

impl ContactArgs {
    fn given(&self, field: ContactField) -> Option<&str> {
        let text = match field {
            ContactField::Phone => &self.phone,
            ContactField::SecondPhone => &self.phone_2,
            ContactField::BestTime => &self.best_time,
            ContactField::OtherContact => &self.other_contact,
            ContactField::OtherPhone => &self.other_phone,
            ContactField::MailConsent => &self.mail_consent_on,
        };
        text.as_deref()
    }

    /// What stood there with what was given written over it; `None` when nothing was given.
    pub(in crate::cli::records::patient) fn over(
        &self,
        before: &PatientContact,
        country: Option<&str>,
    ) -> Result<Option<PatientContact>, Failure> {
        let (mut details, mut is_given) = (before.clone(), false);
        for field in ContactField::ALL {
            let Some(text) = self.given(field) else { continue };
            is_given = true;
            details.write(field, text, country).map_err(|fault| refused(field, fault))?;
        }
        details.check().map_err(|fault| refused(ContactField::OtherPhone, fault))?;
        Ok(is_given.then_some(details))
    }
}

/// Names the option, never what was written.
fn refused(field: ContactField, fault: ContactFault) -> Failure {
    Failure::bad_input(format!("`--{}` {fault}", field.word().replace('_', "-"))).hint(fault.hint())
}

//! Takes the sound rows of a roster in, and looks through it anew where another import was quicker.

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::import::report::{ImportReport, bar, changed, line, look, sound, unreadable};
use crate::exchange::admission::admit::{AdmitError, LOOKS, SurveyedRoster, admit};
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rows::Roster;
use crate::exchange::roster::survey::RecordOnFile;
use crate::journey::commands::roster::{ImportOutcome, ImportTerms, RejectedRow};
use crate::journey::deps::Deps;
use crate::journey::file_protocols::ProtocolsInForce;

/// What a roster is taken in with.
pub(super) struct RosterAdmission<'a> {
    pub(super) clinic: &'a Deps,
    pub(super) in_force: &'a ProtocolsInForce,
    pub(super) how: ImportTerms,
    pub(super) ctx: &'a Context,
}

impl RosterAdmission<'_> {
    /// Looks through the roster and takes it in.
    ///
    /// # Errors
    /// 65 when a row is faulty and all or nobody is to come, 75 when others import the same rows again and again.
    pub(super) fn run(
        &self,
        roster: &Roster,
        record: &RecordOnFile<'_>,
        report: &mut ImportReport,
    ) -> Result<(), Failure> {
        for _ in 0..LOOKS {
            let survey = look(roster, record, self.ctx, report)?;
            sound(report, &survey, self.how.terms)?;
            if survey.new == 0 && changed(&survey) == 0 {
                return Ok(());
            }
            let (roster, in_force) = (roster.clone(), self.in_force.clone());
            match self.take_in(SurveyedRoster { roster, survey, in_force, how: self.how }, report)? {
                Some(taken) => return self.note(&taken, report),
                None => self.ctx.say(
                    "remark: another import took some of these rows in; the file is looked through anew",
                ),
            }
            report.faults.clear();
            report.remarks.clear();
        }
        Err(Failure::try_later("another import is under way")
            .hint("run it again when that is done: it changes nothing that is taken in"))
    }

    /// What taking it in came to; `None` where somebody came in after the look.
    fn take_in(
        &self,
        surveyed: SurveyedRoster,
        report: &ImportReport,
    ) -> Result<Option<ImportOutcome>, Failure> {
        let bar = bar(self.ctx, &surveyed.roster, "taking in");
        let shown = bar.clone();
        let taken = admit(surveyed, self.clinic, self.ctx.stamp(), move |bytes| shown.set_position(bytes));
        bar.finish_and_clear();
        match taken {
            Ok(taken) => Ok(Some(taken)),
            Err(AdmitError::Overtaken) => Ok(None),
            Err(AdmitError::File(faults)) => Err(unreadable(&report.file, faults)),
            Err(AdmitError::Row(row)) if row.place == 0 => Err(Failure::from(row.why)),
            Err(AdmitError::Row(row)) => Err(unreadable(&report.file, vec![rejected(&row)])),
        }
    }

    fn note(&self, taken: &ImportOutcome, report: &mut ImportReport) -> Result<(), Failure> {
        for turned in &taken.rejected {
            let fault = rejected(turned);
            report.faulty += 1;
            if self.ctx.json {
                report.faults.push(fault);
            } else {
                self.ctx.say(&line(&report.file, &fault));
            }
        }
        (report.added, report.changed, report.to_book) = (taken.added, taken.changed, taken.to_book);
        self.ctx.changed()
    }
}

fn rejected(row: &RejectedRow) -> RowFault {
    RowFault::whole(row.place, row.why.to_string(), row.why.hint())
}

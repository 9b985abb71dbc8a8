//! Why letters are put off, for the log: each reason once per outage, however many letters meet it. Only numbers of ours and of the
//! server's reply; its words may name a person.

use std::time::Duration;

use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::classify::DialogueStage;
use crate::care::refusal::receipt::Receipt;
use crate::care::refusal::status::EnhancedStatus;

/// A reason that no letter met for so long is news again: letters that wait are tried more often.
const QUIET: Duration = Duration::from_secs(6 * 3600);
/// So many reasons are kept apart; a server that makes up a new code for each letter fills no log.
const MOST: usize = 20;

/// What was told, and when a letter last met it.
#[derive(Default)]
pub(in crate::journey::delivery) struct PutOffLog {
    told: Vec<(PutOffReason, Duration)>,
}

/// Where in the dialogue it was said, and in which codes.
#[derive(Clone, PartialEq, Eq)]
struct PutOffReason {
    stage: &'static str,
    code: Option<u16>,
    enhanced: Option<String>,
}

impl PutOffReason {
    fn of(report: &Receipt) -> Self {
        let enhanced = report.enhanced.clone().filter(|code| EnhancedStatus::parse(code).is_some());
        Self { stage: report.at.map_or("none", DialogueStage::word), code: report.code, enhanced }
    }

    fn sentence(&self) -> String {
        match (self.code, &self.enhanced) {
            (Some(code), Some(enhanced)) => format!("the mail server says {code} {enhanced}"),
            (Some(code), None) => format!("the mail server says {code}"),
            (None, _) => "no reply came".to_owned(),
        }
    }
}

impl PutOffLog {
    /// Tells it, unless it was told in this outage.
    pub(in crate::journey::delivery) fn hear(&mut self, report: &Receipt, monotonic: Duration) {
        let is_put_off = matches!(
            report.verdict,
            AttemptVerdict::Later
                | AttemptVerdict::Overloaded
                | AttemptVerdict::Unreached
                | AttemptVerdict::RefusesUs(_)
        );
        if !is_put_off {
            return;
        }
        let reason = PutOffReason::of(report);
        if self.is_news(&reason, monotonic) {
            let PutOffReason { stage, code, enhanced } = &reason;
            tracing::warn!(reason = reason.sentence(), stage, code, enhanced, "letters are put off");
        }
    }

    fn is_news(&mut self, reason: &PutOffReason, monotonic: Duration) -> bool {
        self.told.retain(|(_, met)| monotonic.saturating_sub(*met) < QUIET);
        if let Some((_, met)) = self.told.iter_mut().find(|(told, _)| told == reason) {
            *met = monotonic;
            return false;
        }
        let is_news = self.told.len() < MOST;
        if is_news {
            self.told.push((reason.clone(), monotonic));
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing_subscriber::Layer;
    use tracing_subscriber::layer::{Context, SubscriberExt};

    use super::*;

    #[derive(Default, Clone)]
    struct CaughtLines(Arc<Mutex<Vec<String>>>);

    #[derive(Default)]
    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.push_str(&format!("{}={value:?} ", field.name()));
        }
    }

    impl<S: tracing::Subscriber> Layer<S> for CaughtLines {
        fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
            let mut line = Line::default();
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }

    /// What the log says of reports that came in at those hours.
    fn log(reports: &[(u64, Receipt)]) -> Vec<String> {
        let caught = CaughtLines::default();
        let subscriber = tracing_subscriber::registry().with(caught.clone());
        tracing::subscriber::with_default(subscriber, || {
            let mut log = PutOffLog::default();
            for (hour, report) in reports {
                log.hear(report, Duration::from_secs(hour * 3600));
            }
        });
        caught.0.lock().unwrap().clone()
    }

    fn full(mailbox: &str) -> Receipt {
        Receipt {
            at: Some(DialogueStage::Recipient),
            code: Some(452),
            enhanced: Some("4.2.2".to_owned()),
            ..Receipt::unsaid(AttemptVerdict::Later, format!("<{mailbox}> is full"))
        }
    }

    #[test]
    fn a_day_in_which_a_server_puts_off_every_letter_is_one_line_that_names_nobody() {
        let letters: Vec<_> = (0..27 * 50).map(|n| (n / 50, full(&format!("ana{n}@mail.example")))).collect();
        let said = log(&letters);
        assert_eq!(said.len(), 1, "{said:?}");
        for part in
            ["letters are put off", "452 4.2.2", "stage=\"recipient\"", "code=452", "enhanced=\"4.2.2\""]
        {
            assert!(said[0].contains(part), "{part}: {}", said[0]);
        }
        assert!(!said[0].contains('@') && !said[0].contains("ana"), "{}", said[0]);
    }

    #[test]
    fn another_reason_and_another_outage_are_news_and_a_letter_that_left_is_none() {
        let busy = Receipt { code: Some(421), enhanced: None, at: Some(DialogueStage::Sender), ..full("") };
        let sent = Receipt { verdict: AttemptVerdict::Accepted, code: Some(250), ..full("") };
        let lost = Receipt::unsaid(AttemptVerdict::Later, "line lost at RCPT TO: no answer".to_owned());
        assert_eq!(log(&[(0, full("")), (0, sent), (1, busy), (2, full("")), (3, lost)]).len(), 3);
        assert_eq!(log(&[(0, full("")), (5, full("")), (12, full(""))]).len(), 2);
    }

    #[test]
    fn a_code_of_its_own_for_each_letter_fills_no_log() {
        let own = |n: u16| {
            (0, Receipt { code: Some(400 + n % 100), enhanced: Some(format!("4.7.{n}")), ..full("") })
        };
        assert_eq!(log(&(0..500).map(own).collect::<Vec<_>>()).len(), MOST);
    }
}

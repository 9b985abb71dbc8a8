//! Delivery status notifications (RFC 3464, RFC 6533): every group of fields counts, and the worst of them is the letter's fate.

use crate::care::address::EmailAddress;
use crate::care::inbound::{NoticeOutcome, NoticeReport, RecipientReport};
use crate::care::refusal::status::{self, EnhancedStatus};
use crate::care::refusal::status_codes;
use crate::mail::server_words::{others_by_host, without_address};

/// The fields of one group that tell something, by names in lower case, each once: it never has more than there are [`FIELDS`].
type Group = Vec<(String, String)>;

/// The status that says only that something failed (RFC 3463 §3.1).
const OTHER: EnhancedStatus = EnhancedStatus { class: 5, subject: 0, detail: 0 };
/// Fields of a group (RFC 3464 §2.3).
const FIELDS: [&str; 7] = [
    "original-recipient",
    "final-recipient",
    "action",
    "status",
    "remote-mta",
    "diagnostic-code",
    "last-attempt-date",
];
/// The longest value of a field that is read, in bytes; a line of a mail has a thousand.
const LONGEST_VALUE: usize = 8_000;
/// Of so many mailboxes a report tells; a letter of ours goes to one.
const MOST_REPORTS: usize = 500;

/// What a report says of the letter; `None` where no group says what became of anybody.
pub(in crate::mail::inbound) fn read(text: &str) -> Option<NoticeReport> {
    let mut reports: Vec<NoticeReport> = groups(text).iter().filter_map(one).collect();
    // Of two that failed, the one that tells most: a dead mailbox before whatever else.
    reports.sort_by_key(|report| (report.fate, !is_about_mailbox(report)));
    reports.into_iter().next()
}

/// What a report says mailbox by mailbox, marks of quotation taken off; groups that name none are left out.
pub(in crate::mail::inbound) fn each(text: &str) -> Vec<RecipientReport> {
    let named = |group: &Group| {
        let to: Vec<EmailAddress> = ["original-recipient", "final-recipient"]
            .iter()
            .filter_map(|name| group.iter().find(|(key, _)| key == name))
            .filter_map(|(_, value)| mailbox(value))
            .collect();
        (!to.is_empty()).then_some(to)
    };
    let told = |group: &Group| Some(RecipientReport { to: named(group)?, report: one(group)? });
    let bare: Vec<&str> = text.lines().map(unquoted).collect();
    groups(&bare.join("\n")).iter().filter_map(told).take(MOST_REPORTS).collect()
}

/// A line without marks of quotation; one that begins a field of a report stands at the edge.
fn unquoted(line: &str) -> &str {
    let bare = line.trim_start_matches(['>', '|']);
    let bare = if bare.len() < line.len() { bare.strip_prefix(' ').unwrap_or(bare) } else { bare };
    let begins = |name: &&str| {
        let head = bare.trim_start().split_once(':').map_or("", |(head, _)| head);
        head.eq_ignore_ascii_case(name)
    };
    if FIELDS.iter().any(begins) { bare.trim_start() } else { bare }
}

/// The mailbox a field of a report names, whatever kind it says it is (RFC 3464 §2.3.1).
pub(in crate::mail::inbound) fn mailbox(value: &str) -> Option<EmailAddress> {
    EmailAddress::parse(value.rsplit(';').next()?.trim().trim_matches(['<', '>'])).ok()
}

fn is_about_mailbox(report: &NoticeReport) -> bool {
    report.status.as_deref().and_then(EnhancedStatus::parse).is_some_and(status_codes::names_dead_mailbox)
}

fn one(group: &Group) -> Option<NoticeReport> {
    let find = |name: &str| group.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let status = find("status").and_then(|words| status::stated(words).next());
    let action = find("action").and_then(|words| words.split([' ', ';', '(']).next());
    let fate = match action.map(str::to_ascii_lowercase).as_deref() {
        Some("failed") => NoticeOutcome::Failed,
        Some("delayed") => NoticeOutcome::Delayed,
        Some("delivered" | "relayed" | "expanded") => NoticeOutcome::Delivered,
        _ => by_class(status?)?,
    };
    let to = find("final-recipient").or_else(|| find("original-recipient"));
    let to = to.and_then(mailbox);
    // GroupWise says why behind the status, and nowhere else.
    let beside = || find("status").filter(|_| status == Some(OTHER)).and_then(comment);
    let diagnosis = find("diagnostic-code").or_else(beside).unwrap_or_default();
    let status = status.map(|told| plainer(told, diagnosis).to_string());
    let words = to.as_ref().map_or_else(|| diagnosis.to_owned(), |to| others_by_host(diagnosis, to));
    Some(NoticeReport { fate, status, words: without_address(&words, to.as_ref()) })
}

/// Some servers leave the action out.
const fn by_class(status: EnhancedStatus) -> Option<NoticeOutcome> {
    match status.class {
        5 => Some(NoticeOutcome::Failed),
        4 => Some(NoticeOutcome::Delayed),
        2 => Some(NoticeOutcome::Delivered),
        _ => None,
    }
}

/// Groups of fields, parted by empty lines; folded lines joined. What no report has is left out, and what stands in a group for
/// the second time: else each line of a stranger's mail would be compared with all before it.
fn groups(text: &str) -> Vec<Group> {
    let mut groups = vec![Group::new()];
    // Whether the line above is kept, and what is folded with it.
    let mut is_kept = false;
    for line in text.lines() {
        let Some(last) = groups.last_mut() else { break };
        if line.trim().is_empty() {
            if !last.is_empty() {
                groups.push(Group::new());
            }
            is_kept = false;
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) =
                last.last_mut().filter(|(_, value)| is_kept && value.len() < LONGEST_VALUE)
            {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some(field) = field(line) {
            let is_again = last.iter().any(|(name, _)| *name == field.0);
            // Who copies reports one below the other may leave the empty line out.
            let is_next = is_again && field.0.ends_with("-recipient");
            is_kept = is_next || !is_again;
            if is_next {
                groups.push(vec![field]);
            } else if is_kept {
                last.push(field);
            }
        } else {
            is_kept = false;
        }
    }
    groups
}

/// A field that a report has, its name in lower case.
fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let name = FIELDS.iter().find(|known| name.trim().eq_ignore_ascii_case(known))?;
    Some(((*name).to_owned(), value.trim().to_owned()))
}

/// What stands between brackets behind a status.
fn comment(words: &str) -> Option<&str> {
    Some(words.split_once('(')?.1.rsplit_once(')')?.0.trim()).filter(|words| !words.is_empty())
}

/// Some servers say `5.0.0`, "other", where the one they asked was plain.
fn plainer(told: EnhancedStatus, diagnosis: &str) -> EnhancedStatus {
    if told == OTHER { status::refusing(diagnosis).unwrap_or(told) } else { told }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(groups: &[&str]) -> NoticeReport {
        read(&format!("Reporting-MTA: dns; mx.example\n\n{}", groups.join("\n\n"))).unwrap()
    }

    #[test]
    fn each_action_and_status_has_its_meaning() {
        for (action, status, told, fate) in [
            ("failed", "5.1.1 (bad destination)", Some("5.1.1"), NoticeOutcome::Failed),
            ("FAILED", "5.1.10", Some("5.1.10"), NoticeOutcome::Failed),
            ("failed", "nonsense", None, NoticeOutcome::Failed),
            ("failed", "4.4.7", Some("4.4.7"), NoticeOutcome::Failed),
            ("delayed", "4.4.1", Some("4.4.1"), NoticeOutcome::Delayed),
            ("delivered", "2.0.0", Some("2.0.0"), NoticeOutcome::Delivered),
            ("failed (undeliverable)", "550 5.1.1", Some("5.1.1"), NoticeOutcome::Failed),
            ("expanded", "2.0.0", Some("2.0.0"), NoticeOutcome::Delivered),
            ("", "5.2.2", Some("5.2.2"), NoticeOutcome::Failed),
        ] {
            let report = groups(&[&format!("Action: {action}\nStatus: {status}")]);
            assert_eq!((report.status.as_deref(), report.fate), (told, fate), "{action} {status}");
        }
        assert_eq!(read("Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@b.example\n"), None);
    }

    #[test]
    fn every_group_counts_and_the_worst_is_the_letters() {
        let (expanded, delayed) = ("Action: expanded\nStatus: 2.0.0", "Action: delayed\nStatus: 4.4.1");
        let (full, dead) = ("Action: failed\nStatus: 5.2.2", "Action: failed\nStatus: 5.1.1");
        for (order, status) in [
            (&[expanded, dead][..], "5.1.1"),
            (&[dead, expanded], "5.1.1"),
            (&[delayed, full], "5.2.2"),
            (&[full, dead], "5.1.1"),
            (&[expanded, delayed], "4.4.1"),
        ] {
            assert_eq!(groups(order).status.as_deref(), Some(status), "{order:?}");
        }
    }

    #[test]
    fn each_mailbox_of_a_copied_report_has_its_own_fate() {
        let text = "> Final-Recipient: rfc822; a@home.example\n> Action: delayed\n> Status: 4.4.1\n\
                    > Final-Recipient: rfc822; b@home.example\n> Action: failed\n> Status: 5.1.1\n";
        for text in [
            text.to_owned(),
            text.replace("> ", ""),
            text.replace("> ", "  "),
            text.replace("> Final", ">\n> Final"),
        ] {
            let told: Vec<_> = each(&text)
                .into_iter()
                .map(|one| (one.to[0].expose().to_owned(), one.report.fate, one.report.status))
                .collect();
            let right = [
                ("a@home.example".to_owned(), NoticeOutcome::Delayed, Some("4.4.1".to_owned())),
                ("b@home.example".to_owned(), NoticeOutcome::Failed, Some("5.1.1".to_owned())),
            ];
            assert_eq!(told, right, "{text}");
        }
    }

    #[test]
    fn a_group_keeps_no_more_than_the_fields_a_report_has_however_many_lines_it_is_of() {
        let odd: String = (0..2_000).map(|n| format!("X{n}-Recipient: a@b.example\n folded\n")).collect();
        let again = "Status: 5.1.1\n folded\n".repeat(2_000);
        let text = format!(
            "{odd}Final-Recipient: rfc822; a@b.example\nAction: failed\n{again}{odd}Diagnostic-Code: smtp; 550 no\n"
        );
        let [group] = super::groups(&text).try_into().unwrap();
        assert!(group.len() <= FIELDS.len(), "{}", group.len());
        let told = read(&text).unwrap();
        assert_eq!((told.status.as_deref(), told.words.as_str()), (Some("5.1.1"), "smtp; 550 no"));
        let endless =
            format!("Action: failed\nStatus: 5.1.1\nDiagnostic-Code: no\n{}", " and so on\n".repeat(5_000));
        let [group] = super::groups(&endless).try_into().unwrap();
        assert!(group.iter().all(|(_, value)| value.len() < LONGEST_VALUE + 80));
        let many = "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n"
            .repeat(MOST_REPORTS + 9);
        assert_eq!(each(&many).len(), MOST_REPORTS);
    }

    #[test]
    fn no_address_is_kept() {
        let report = groups(&[
            "Final-Recipient: rfc822; maria.lopez@home.example\nAction: failed\nStatus: 5.1.1\n\
                               Diagnostic-Code: smtp; 550 5.1.1 <maria.lopez@home.example>: Recipient address\n    rejected: maria.lopez unknown",
        ]);
        assert_eq!(report.words, "smtp; 550 5.1.1 <address>: Recipient address rejected: <address> unknown");
    }

    #[test]
    fn what_stands_behind_a_vague_status_is_the_reason() {
        for (status, words) in [
            ("5.0.0 (User not found)", "User not found"),
            ("5.0.0 (Host (mx) unknown)", "Host (mx) unknown"),
            ("5.0.0", ""),
            ("5.1.1 (bad destination)", ""),
        ] {
            assert_eq!(groups(&[&format!("Action: failed\nStatus: {status}")]).words, words, "{status}");
        }
    }

    #[test]
    fn a_plain_word_behind_a_vague_status_counts() {
        for (diagnosis, told) in [
            ("smtp; 550 5.1.1 <maria@home.example>: Recipient", "5.1.1"),
            ("smtp; 550 no such user at 10.1.1.5", "5.0.0"),
            ("smtp; 554 gone (#5.1.1)", "5.1.1"),
        ] {
            let report = groups(&[&format!("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: {diagnosis}")]);
            assert_eq!(report.status.as_deref(), Some(told), "{diagnosis}");
        }
    }
}

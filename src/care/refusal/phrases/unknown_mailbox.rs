//! That a mailbox is none, or none any more, as English servers say it: a word for her or her mailbox, what joins, and what is
//! said of it ("the recipient's account has been closed"), or the other way round ("no such user"). Word for word, with little
//! between: that a mailbox is mentioned and something is closed is not enough to believe it dead.

use crate::care::refusal::phrases::clause::Clause;
use crate::care::refusal::phrases::{sender, waiting};
use crate::care::refusal::reason::RefusalReason::{self, Disabled, UnknownDomain, UnknownMailbox};

/// Words for her mailbox.
const SUBJECTS: &str = " account accounts address addressee alias customer inbox maildrop mailbox member person recipient user username †  ";
/// Words for where it should be.
const DOMAINS: &str = " domain ";
/// What may stand between a word for her and what is said of it.
const JOINTS: &str = " ! a an are at been by currently did do does doesn't email error extended exist's had has have id is isn't it \
     it's local mail marked as name now permanently presently rejected rejecting s seems specified status that the this to was \
     wasn't were you ";
/// How many of them.
const MOST_JOINTS: usize = 6;

/// What is said of a mailbox that is none.
const ABSENT: &str = "no longer with|no longer employed|left the|left this|left our|ceased to exist|not in directory|not in the directory\
 |not listed|unknown|not found|not be found|not exist|not exists|exist not|no longer exist\
 |no longer exists|no longer here|no longer works|no longer work|no longer known|nonexistent|non existent\
 |non existant|not known|not recognized|not recognised|not in our|not listed in our|not a customer|not a valid\
 |not valid|not a known|not hosted here|not local or invalid|not registered|invalid|undeliverable|exist\
 |not in route list|not in route table|not in the routing table|not in routing table\
 |not a member of this post office";
/// What is believed of a domain: of one that is only not carried, not hosted or not listed here, nothing is known.
const NO_DOMAIN: &str = "not found|not be found|not exist|not exists|exist not|no longer exist|no longer exists|nonexistent\
 |non existent|non existant|ceased to exist|nxdomain|exist";
/// The same before a word for it.
const NO_SUCH: &str = "no such|nonexistent|non existent|inexistent";
/// What is said of one that was.
const CLOSED: &str = "obsolete|defunct|purged|not in use|disabled|closed|deleted|deactivated|de activated|terminated|inactive|inactivated\
 |not active|expired|retired|removed|discontinued|cancelled|canceled|abandoned|decommissioned|deprovisioned\
 |no longer active|no longer valid|no longer in use|no longer accept|no longer accepts|no longer available\
 |no longer a";
/// What stands before a word for her.
const BEFORE: &str = "bad|unknown|invalid|no such|nonexistent|non existent|illegal|inexistent|bad destination\
 |not a valid|unrecognized|knows no|know no";
/// The same of a mailbox that was.
const BEFORE_CLOSED: &str = "inactive|disabled|deactivated|closed|expired";
/// What may stand behind "no mailbox".
const NAMED: &str = "by that|by this|with that|with this|of that|here|named|called|found";
/// Clauses in which something of ours, or something else, is unknown or closed.
const OTHERS: &str = " ‡ | your account | your ip | your host| your server | your domain | helo | ehlo | client \
 | ip | hostname | password| credential| session | header | certificate | too many | maximum | limit\
 | for sending | spam| abuse | attach| error code | reply to | from address | connecting | dns server | connection| remote | source | peer | return address | address family | server address\
 | host address | unknown recipient domain | invalid recipient domain | token | license | licence | sending from ";
/// What is only so for now.
const FOR_NOW: &str = " temporar| maintenance | later | moment| migrat| being moved | busy | retry | try again \
 | lookup fail| not yet | for now | minutes ";

/// What a clause says of her mailbox; `None` where it says nothing that can be believed.
pub(super) fn read(clause: &Clause) -> Option<RefusalReason> {
    if speaks_of_others(clause) || is_for_now(clause) {
        return None;
    }
    if takes_no_mail(clause) {
        return Some(UnknownDomain);
    }
    // Haraka's, where nothing knows her.
    if clause.words.ends_with(" cannot deliver mail for † ") {
        return Some(UnknownMailbox);
    }
    let words: Vec<&str> = clause.words.split_whitespace().collect();
    let found = (0..words.len()).find_map(|at| forward(&words, at).or_else(|| backward(&words, at)));
    found.filter(|reason| *reason != UnknownDomain || !is_of_another_host(clause))
}

/// A host that is not hers may be ours, whatever we are called there.
pub(super) fn is_of_another_host(clause: &Clause) -> bool {
    clause.has(" ¤ ") && !clause.has(" † ")
}

/// A domain or host that takes none at all (RFC 7504, RFC 7505), or has no place for it; who goes on ("over 10 MB", "without
/// TLS") takes some.
fn takes_no_mail(clause: &Clause) -> bool {
    let all = [
        " does not accept mail ",
        " does not accept email ",
        " does not accept any mail ",
        " accepts no mail ",
    ];
    let is_person = clause.has(" user | recipient | mailbox | we | account ");
    let is_nowhere = clause.has(" no mx | no mail exchanger ") && clause.has(" † | recipient domain ");
    (all.iter().any(|said| clause.words.ends_with(said)) && !is_person) || is_nowhere
}

/// Whether a clause speaks of somebody or something that is not her mailbox.
pub(super) fn speaks_of_others(clause: &Clause) -> bool {
    clause.has(OTHERS) || sender::is_refused(&clause.words)
}

/// Whether it says so only of the moment.
pub(super) fn is_for_now(clause: &Clause) -> bool {
    clause.has(FOR_NOW) || waiting::is_for_now_abroad(&clause.words)
}

fn is_of(list: &str, word: &str) -> bool {
    list.contains(&format!(" {} ", word.strip_suffix("'s").unwrap_or(word)))
}

/// "The mailbox † has been closed".
fn forward(words: &[&str], at: usize) -> Option<RefusalReason> {
    // Of "domain †" the mark is the domain's.
    let is_named = words[at] == "†" && at.checked_sub(1).is_some_and(|before| is_of(DOMAINS, words[before]));
    let is_domain = is_named || is_of(DOMAINS, words[at]);
    if !is_domain && !is_of(SUBJECTS, words[at]) && !is_split_mailbox(words, at) {
        return None;
    }
    let joins = |word: &&&str| is_of(JOINTS, word) || is_of(SUBJECTS, word) || **word == "box";
    let count = words[at + 1..].iter().take_while(joins).count().min(MOST_JOINTS);
    let said = &words[at + 1 + count..];
    let denied = words[at + 1..at + 1 + count].iter().any(|word| word.ends_with("n't"));
    let is = |list: &str| list.split('|').any(|sign| begins(said, sign));
    match () {
        () if begins(said, "exist") && !denied => None,
        () if begins(said, "invalid") && said.len() > 1 && !is_of(SUBJECTS, said[1]) && said[1] != "in" => {
            None
        }
        () if is_domain => is(NO_DOMAIN).then_some(UnknownDomain),
        () if is(ABSENT) || (denied && is("known|valid|have an account|active")) => Some(UnknownMailbox),
        () if is(
            "no longer has an account|no longer has a mailbox|not have an account|has no account|no valid mailbox",
        ) =>
        {
            Some(UnknownMailbox)
        }
        () if is(CLOSED) => Some(Disabled),
        () if is("suspended") && !matches!(words[at], "account" | "accounts" | "customer") => Some(Disabled),
        () => None,
    }
}

/// Whether "mail box" is written as two words.
fn is_split_mailbox(words: &[&str], at: usize) -> bool {
    words[at] == "mail" && words.get(at + 1) == Some(&"box")
}

/// "No such user", "no mailbox by that name".
fn backward(words: &[&str], at: usize) -> Option<RefusalReason> {
    let behind = |length: usize| {
        let rest = words.get(at + length..)?;
        let rest = &rest
            [rest.iter().take_while(|word| matches!(**word, "email" | "mail" | "e" | "local")).count()..];
        let subject = rest.first()?;
        Some((*subject, rest.get(1..).unwrap_or_default()))
    };
    for (list, reason) in [(BEFORE, UnknownMailbox), (BEFORE_CLOSED, Disabled)] {
        for sign in list.split('|').filter(|sign| begins(&words[at..], sign)) {
            match behind(sign.split(' ').count()) {
                Some((subject, _))
                    if is_of(DOMAINS, subject) && NO_SUCH.split('|').any(|one| one == sign) =>
                {
                    return Some(UnknownDomain);
                }
                Some((subject, rest)) if is_of(SUBJECTS, subject) && !rest.starts_with(&["syntax"]) => {
                    return Some(reason);
                }
                _ => {}
            }
        }
    }
    if begins(&words[at..], "no one by that name") || begins(&words[at..], "nobody by that name") {
        return Some(UnknownMailbox);
    }
    let (subject, rest) = behind(1).filter(|_| words[at] == "no")?;
    let is_named = rest.is_empty() || NAMED.split('|').any(|sign| begins(rest, sign));
    (is_of(SUBJECTS, subject) && is_named).then_some(UnknownMailbox)
}

fn begins(words: &[&str], sign: &str) -> bool {
    let signs: Vec<&str> = sign.split(' ').collect();
    words.starts_with(&signs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_dead(said: &str) -> bool {
        Clause::all(said).iter().any(|clause| read(clause).is_some())
    }

    #[test]
    fn a_mailbox_that_is_none_or_was_one_is_believed_dead() {
        for said in [
            "user not exist",
            "user † unknown",
            "the recipient's mailbox has been closed",
            "this user's account was deleted",
            "mailbox † is no longer in use",
            "† is no longer a customer",
            "† does not exist",
            "no mailbox by that name",
            "no such email address",
            "unknown email address",
            "extended mail box inactive",
            "no such domain",
            "domain † does not exist",
            "host ¤ does not accept mail",
            "user unknown in relay recipient table",
        ] {
            assert!(is_dead(said), "{said}");
        }
    }

    #[test]
    fn something_else_that_is_unknown_or_closed_is_no_mailbox() {
        for said in [
            "user ‡ unknown",
            "your account is disabled",
            "client address not found",
            "unknown user or bad password",
            "sender address unknown",
            "too many unknown users",
            "user settings disabled this command",
            "recipient's server has disabled this command",
            "recipient rejected because the attachment is invalid",
            "invalid address in the to header",
            "invalid address syntax",
            "mailbox is closed for maintenance",
            "mailbox not found at the moment",
            "account suspended",
            "no mailbox takes this",
            "user has received too much",
            "recipient does not accept mail over 10 mb",
            "the user exists",
            "unknown domain",
            "unknown recipient domain",
            "the domain † is not hosted here",
            "recipient domain not in our routing table",
        ] {
            assert!(!is_dead(said), "{said}");
        }
    }
}

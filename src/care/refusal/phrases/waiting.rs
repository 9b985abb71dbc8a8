//! Words that tell how to take what a code says: that the same letter may pass later, or that somebody decided against it.

/// That it is so only now.
const LATER: [&str; 68] = [
    "at the moment",
    "at this time",
    "right now",
    "currently unavailable",
    "currently not available",
    "not available now",
    "load too high",
    "please wait",
    "try again",
    "try later",
    "try it later",
    "retry later",
    "retry in",
    "retry after",
    "please retry",
    "come back later",
    "again later",
    "resend later",
    "send again later",
    "later time",
    "later on",
    "temporar",
    "too busy",
    "is busy",
    "server busy",
    "system busy",
    "overloaded",
    "under maintenance",
    "for maintenance",
    "in maintenance",
    "maintenance mode",
    "being migrated",
    "being moved",
    "migration in progress",
    "frequency limited",
    "deferred",
    "in a few minutes",
    "essayer plus tard",
    "intente más tarde",
    "später erneut",
    "being rebuilt",
    "being synchroni",
    "essayez plus tard",
    "ultérieurement",
    "später noch",
    "spaeter",
    "más tarde",
    "mas tarde",
    "più tardi",
    "piu tardi",
    "mais tarde",
    "later opnieuw",
    "senere",
    "senare",
    "myöhemmin",
    "później",
    "pozniej",
    "později",
    "позже",
    "daha sonra",
    "稍后",
    "稍後",
    "나중에",
    "後でもう一度",
    "後ほど",
    "being updated",
    "nouveau plus tard",
    "もう一度お試し",
];
/// That it is so only now, whatever else is said: whoever says this of a mailbox that is none does not know.
const SURELY_LATER: [&str; 13] = [
    "try again later",
    "try later",
    "retry later",
    "temporarily",
    "temporary",
    "come back later",
    "again in a few",
    "under maintenance",
    "try again in ",
    "retry in ",
    "being rebuilt",
    "being synchroni",
    "being updated",
];
/// That it is not.
const NEVER: [&str; 16] = [
    "not a temporary",
    "no temporary",
    "not temporary",
    "not try again",
    "n't try again",
    "not try later",
    "not retry",
    "n't retry",
    "retrying will not",
    "retry will not",
    "permanently deferred",
    "permanent error",
    "permanent failure",
    "permanently rejected",
    "before trying again",
    "before you try again",
];
/// That somebody, or a rule, decided.
const DECIDED: [&str; 17] = [
    "message refused",
    "rejected by",
    "content",
    "filter",
    "access denied",
    "permission denied",
    "block",
    "denied",
    "policy",
    "policies",
    "banned",
    "prohibited",
    "not permitted",
    "not allowed",
    "administrative",
    "refused by",
    "message rejected",
];
/// Words for her mailbox: what is decided of it is said of it.
const HERS: [&str; 9] =
    ["recipient", "user", "mailbox", "account", "address", "alias", "addressee", "domain", "host not"];

/// Words for whoever writes, beside which those for her mailbox only tell where to.
const WRITERS: [&str; 5] = ["sender is", "sender has", "from sending", "your message", "message rejected"];

/// Whether words without names promise that waiting helps.
pub(in crate::care::refusal) fn promises_later(plain: &str) -> bool {
    let has = |signs: &[&str]| signs.iter().any(|sign| plain.contains(sign));
    has(&LATER) && !has(&NEVER)
}

/// Whether they promise it so plainly that no mailbox is believed dead.
pub(in crate::care::refusal) fn doubts_a_dead_mailbox(plain: &str) -> bool {
    promises_later(plain) && SURELY_LATER.iter().any(|sign| plain.contains(sign))
}

/// Whether they tell of a decision and of no mailbox, so that a code for a dead one is said of something else.
pub(in crate::care::refusal) fn tells_of_a_decision(plain: &str) -> bool {
    let has = |signs: &[&str]| signs.iter().any(|sign| plain.contains(sign));
    has(&DECIDED) && (!has(&HERS) || has(&WRITERS))
}

/// Whether they name her mailbox at all.
pub(in crate::care::refusal) fn names_a_mailbox(plain: &str) -> bool {
    HERS.iter().any(|sign| plain.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_is_promised_and_never_is_not() {
        for (said, later) in [
            ("please try again later", true),
            ("temporarily deferred: try again in 5 minutes", true),
            ("server is too busy", true),
            ("mailbox is under maintenance", true),
            ("ip frequency limited", true),
            ("this is a permanent error, do not try again", false),
            ("this is not a temporary failure", false),
            ("check the address before trying again", false),
            ("directory being rebuilt, try again in 10 minutes", true),
            ("réessayez plus tard", true),
            ("do not try again in 10 minutes", false),
            ("user unknown", false),
        ] {
            assert_eq!(promises_later(said), later, "{said}");
        }
    }

    #[test]
    fn a_decision_is_not_said_of_a_mailbox() {
        for (said, decided) in [
            ("access denied", true),
            ("administrative block", true),
            ("message rejected due to policy", true),
            ("recipient address rejected: access denied", false),
            ("this mailbox has been blocked due to inactivity", false),
            ("no", false),
        ] {
            assert_eq!(tells_of_a_decision(said), decided, "{said}");
        }
    }
}

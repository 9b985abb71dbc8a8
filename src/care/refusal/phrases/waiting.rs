//! Words that tell how to take what a code says: that the same letter may pass later, or that somebody decided against it.

use crate::care::record::death_words;

/// That it is so only now.
const LATER: [&str; 70] = [
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
    "maintenance window",
    "verification in progress",
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
const SURELY_LATER: [&str; 15] = [
    "try again later",
    "try later",
    "retry later",
    "temporarily",
    "temporary",
    "come back later",
    "again in a few",
    "under maintenance",
    "maintenance window",
    "verification in progress",
    "try again in ",
    "retry in ",
    "being rebuilt",
    "being synchroni",
    "being updated",
];
/// The same in a word of other languages, or in its beginning.
const ABROAD: &str = "temporal|temporaire|temporan|temporariamente|temporário|temporária|provisoirement|vorübergehend\
     |voruebergehend|zeitweilig|zeitweise|tijdelijk|временно|тимчасово|tymczasow|chwilowo|dočasn|docasne\
     |tillfällig|midlertidig|väliaikais|geçici olarak|gecici olarak|ideiglenes|προσωριν|privremen|tạm thời\
     |ชั่วคราว|暂时|暫時|临时|一時的|일시적|en mantenimiento";
/// Where a server looks somebody up.
const DIRECTORIES: &str = "lookup|look up|ldap|directory|database|backend|user store|servidor de directorio";
/// What may be wrong with that, within a few words.
const TROUBLES: &str = "error|down|unavailable|unreachable|offline|lost|timeout|timed|not respond|no responde|broken\
     |cannot connect|could not connect|disconnected";
/// So many letters behind it.
const NEAR: usize = 40;
/// That a server could not look, or that the mailbox takes nothing only now.
const NOT_KNOWN: &str = "unable to check|cannot check|could not check|unable to verify recipient\
     |unable to verify the recipient|cannot verify recipient|could not verify recipient\
     |verification in progress|internal error|maintenance|mantenimiento|not ready|not activated\
     |not yet activated|not been activated|during backup|read-only|read only|timeout|timed out\
     |rate control|not yet available|moved to another server|moved to a new server|moved to new server\
     |moved to a different server|moved to another host|moved to a new host";
/// How much, or whose mail, a mailbox takes that is there.
const CHOOSY: &str = "over limit|over the limit|over its limit|only receives|receives only|only accepted from\
     |accepted only from|only accepts|accepts only|not a contact|restricted|confirm at\
     |unknown to recipient";
/// That a name server gave no answer, or that no way leads to a domain that may well be.
const NO_ANSWER: &str = "servfail|server failure|serverfailure|timed out|timeout|did not complete|no route|noconnector\
     |right now";
/// What is said of a letter that was seen whole.
const OF_LETTER: &str = "message| script|sieve| url| link| attachment| header|virus|content";
/// That it was taken for something harmful: whoever says so of a letter has looked at it, and not for her mailbox.
const HARMFUL: &str = "spam message|classified as spam|message rejected as spam|score=|virus|malware";
/// Conditions and warnings: what will come to pass of whoever goes on writing to a mailbox that is none.
const WARNINGS: &str = "if you |if your |will get |will be |will lead |will result |may result |harms |harm your|hurts |damages \
     | for internal ";
/// Whose mailbox it is, in such words: a program or a connection can have died as well.
const OWNERS: &str = "user|owner|recipient|mailbox|account|person|holder|member|customer|addressee|usuari|titular|buzón|buzon|cuenta\
     |inhaber|konto|postfach|nutzer|utilisateur|compte|boîte|utente|casella|conta|gebruiker|skrzynk|uživatel|majitel|příjemc|schránk\
     |käyttäj|postilaatik|tilin|användar|mottag|kontoinne|bruker|bruger|modtag|kontoejer|eier|пользовател|получател|владел|ящик|адресат\
     |користувач|власник|destinat|utilizad|usuári|titolare|felhaszn|címzett|fiók|tulajdonos|utilizator|kullanıcı|hesap|χρήστη|παραλήπτη\
     |κάτοχος|korisnik|vlasnik|primatelj|używ|odbiorc|abonn|eigenaar|bústia";
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
const WRITERS: [&str; 7] = [
    "sender is",
    "sender has",
    "from sending",
    "your message",
    "message rejected",
    "your domain",
    "your server",
];

/// Whether words without names promise that waiting helps.
pub(in crate::care::refusal) fn promises_later(plain: &str) -> bool {
    let has = |signs: &[&str]| signs.iter().any(|sign| plain.contains(sign));
    (has(&LATER) || is_for_now_abroad(plain)) && !has(&NEVER)
}

/// Whether they promise it so plainly that no mailbox is believed dead.
pub(in crate::care::refusal) fn doubts_a_dead_mailbox(plain: &str) -> bool {
    let is_sure = SURELY_LATER.iter().any(|sign| plain.contains(sign)) || is_for_now_abroad(plain);
    promises_later(plain) && is_sure
}

/// Whether one of the signs stands in it, of which `|` divides one from the next.
fn says(plain: &str, signs: &str) -> bool {
    signs.split('|').any(|sign| plain.contains(sign))
}

/// Whether a clause only warns, or says what would be if.
pub(in crate::care::refusal) fn warns(clause: &str) -> bool {
    says(clause, WARNINGS)
}

/// Whether they say that the owner of a mailbox has died.
pub(in crate::care::refusal) fn tells_of_death(plain: &str) -> bool {
    death_words::are_of_owner(plain) && says(plain, OWNERS)
}

/// Whether words of another language say that it is so only for now.
pub(in crate::care::refusal) fn is_for_now_abroad(plain: &str) -> bool {
    says(plain, ABROAD)
}

/// Whether they say that a mailbox could not be looked up, or takes nothing just now: then none is known to be dead.
pub(in crate::care::refusal) fn could_not_look(plain: &str) -> bool {
    says(plain, NOT_KNOWN) || is_said_of_directory(plain, TROUBLES)
}

/// Whether they say only that it failed to find her, and not that there is nobody to be found.
pub(in crate::care::refusal) fn failed_to_find(plain: &str) -> bool {
    let names_her = ["no such", "unknown", "not found", "not exist"].iter().any(|sign| plain.contains(sign));
    is_said_of_directory(plain, "fail") && !names_her
}

fn is_said_of_directory(plain: &str, signs: &str) -> bool {
    let behind = |at: usize| plain.get(at..).unwrap_or_default().chars().take(NEAR).collect::<String>();
    let mut places = DIRECTORIES.split('|').flat_map(|name| plain.match_indices(name).map(|(at, _)| at));
    places.any(|at| says(&behind(at), signs))
}

/// Whether they say how much or whose mail a mailbox takes: it is there.
pub(in crate::care::refusal) fn is_choosy(plain: &str) -> bool {
    says(plain, CHOOSY)
}

/// Whether a domain was not found only because nobody answered, or no way led there.
pub(in crate::care::refusal) fn had_no_answer(plain: &str) -> bool {
    says(plain, NO_ANSWER)
}

/// Whether they speak of the letter rather than of a mailbox.
pub(in crate::care::refusal) fn speaks_of_letter(plain: &str) -> bool {
    says(plain, OF_LETTER)
}

/// Whether they call the letter harmful.
pub(in crate::care::refusal) fn calls_it_harmful(plain: &str) -> bool {
    says(plain, HARMFUL)
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
    fn who_could_not_look_knows_of_no_dead_mailbox() {
        for (said, could_not) in [
            ("recipient verification failed: ldap lookup error", true),
            ("directory server unavailable, cannot verify recipient", true),
            ("user unknown in local recipient table (database connection lost)", true),
            ("unable to check recipient: timeout", true),
            ("mailbox database offline", true),
            ("recipient lookup failed: no such recipient", false),
            ("user not found in database", false),
            ("user unknown (uid not in directory)", false),
            ("mailbox unavailable (not listed in ldap)", false),
            ("user unknown", false),
        ] {
            assert_eq!(could_not_look(said), could_not, "{said}");
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

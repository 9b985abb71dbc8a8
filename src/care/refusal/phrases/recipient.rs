//! Clauses that speak of her, though their words are those of a server that refuses us: what she, or who keeps her mailbox,
//! has chosen, and how much her mailbox takes.

use crate::care::refusal::phrases::clause::{ClauseRule, rule};
use crate::care::refusal::reason::RefusalReason::{Full, MailboxBusy, Moved, Refuses};

/// What is said of somebody who has had enough.
const ENOUGH: &str = " limit| quota|overquota| maximum | exceeded | max ";

/// A list of those who are not written to, or not heard.
const LISTS: &str =
    " blacklist| black list| black listed | blocklist| block list| block listed | denylist| deny list ";
/// Whoever writes, and lists of the world: what stands on those is a host of ours, or our name.
const WRITERS: &str = " ip | ips | ¶ | ¤ | ‡ | host | client | server | mta | network | sender| sending | you | your | using | source \
 | remote | peer | connecting | from address | from domain | return path | helo | ehlo | url | urls | uri | link | links | attachment ";

/// The rules; they stand before all that is about us.
pub(super) const RULES: &[ClauseRule] = &[
    // A list of who may hear from outside is no directory; who is away, or is spared letters of ours, is there.
    rule(
        " allowed to receive | permitted to receive | may receive | authorized to receive | authorised to receive ",
        " external | internet | outside | list of ",
        Refuses,
    )
    .unless(" relay| ¶ | client "),
    rule(
        " user | recipient | † | mailbox | owner | addressee ",
        " on holiday | on vacation | on leave | leave until | leave of absence | parental leave | maternity leave | paternity leave \
         | family leave | sick leave | medical leave | annual leave | study leave | on sabbatical | out of office \
         | out of the office | away until ",
        Refuses,
    ),
    // A relay that knows her address from before does not try it again: what it knows is old, so a person looks (RFC 3463 has no
    // code for it, and services borrow that of a mailbox that is none).
    rule(
        " suppression list | suppressed sending | address suppressed | was suppressed | been suppressed | is suppressed \
         | previously bounced | history of bouncing | marked your messages as spam | marked as inactive \
         | exclusion list | unsubscribed address | bounced address | spam reporting address ",
        "",
        Refuses,
    )
    .unless(" ‡ | your domain | your ip | your address | sender "),
    // Whom a relay, or the clinic's own organisation, writes to no more.
    rule(LISTS, " address | recipient | recipients | recipient's | to † | domain † | bounce| suppression ", Refuses)
        .unless(WRITERS),
    rule(
        " to † | to this domain | to that domain | to this recipient domain | to the recipient domain | to recipient domain ",
        " blocked | suspended | paused | on hold | blacklisted | blocklisted ",
        Refuses,
    )
    .unless(
        " ip | ¶ | ¤ | ‡ | host | client | server | sender| your account | your domain | relay| spf | dkim | dmarc | from \
         | account | mailbox | user ",
    ),
    rule(" recipients are blocked | recipient is blocked | recipients were blocked | recipient was blocked ", "", Refuses)
        .unless(" ‡ | ¶ | sender"),
    rule(
        " this contact | contact is | contact was | contact has ",
        " blocklisted | blacklisted | is blocked | was blocked | unsubscribed | has bounced | hard bounced ",
        Refuses,
    )
    .unless(" ‡ | ¶ | your ip | your domain "),
    // Her mailbox on another server is the same mailbox.
    rule(" † has moved | † moved ", "", Moved).unless(" server | retry | later "),
    rule(
        " † | recipient | recipient's | user | user's | mailbox ",
        " has a new address | new address is | new email address is ",
        Moved,
    ),
    // Her own list, and her own decision.
    rule(
        " by recipient| by the recipient| by †| by user| by the user| by this recipient| by the addressee",
        " block| blacklist| denylist| deny | denied | banned | filter",
        Refuses,
    )
    .unless(" user unknown | unknown user | no such | not exist | recipient unknown | unknown recipient "),
    rule(
        " user's | recipient's | user | recipient | addressee's | personal ",
        " denylist| deny list| safe sender| safe list| safelist| block list| blocklist| blacklist| preferences \
         | blocked senders | blocking ",
        Refuses,
    )
    .unless(" your ip | client | ¶ | ¤ | your host| your server| using "),
    rule(
        " † has | recipient has | user has | addressee has | owner has | † is | recipient is | user is ",
        " blocked ‡| blacklisted ‡| blocked this | blocked you| blocked mail| blacklisted | denylisted \
         | refused mail| banned ‡| rejected mail| blocking | blocked the sender| refuses mail",
        Refuses,
    ),
    // Who may write to her, or to her group.
    rule(
        " not authori|n't send | cannot send | may not send | not allowed | not permitted | permission | permissions | denied | blocked ",
        " to this recipient| to the recipient| to that recipient| to this user| to the user| to this mailbox\
         | to this address| to this group| to a group| to the group| to this list| to this distribution| to †\
         | this recipient ",
        Refuses,
    )
    .unless(" relay| dnsbl | rbl | error to †| from this address| from ¶| delivery is not allowed | plain| tls | encrypt"),
    rule(
        " members only | contacts only | from members | from contacts ",
        " accept| allow| only ",
        Refuses,
    ),
    rule(
        " mailbox | user | recipient | addressee | group | † | list ",
        " not accept mail from| not accept email from| not accept messages from| not accepting mail from| only accept\
         | accepts mail only | accepts messages only | rejects mail | rejects messages ",
        Refuses,
    )
    .unless(" dynamic | ip | ¶ | server | host | relay| unauthenticated | encrypt| tls | for local "),
    // Ours is to be brought up to date where she has moved.
    rule(
        " mailbox | user | user's | recipient | recipient's | addressee | group | † | list ",
        " contact list | address book ",
        Refuses,
    )
    .unless(
        " dynamic | ip | ¶ | server | host | relay| encrypt| tls | address book for | update| remove | correct \
         | your address book | your contact | not listed ",
    ),
    rule(
        " has blocked | has blacklisted | has banned ",
        " you | your | sender| ‡ | mail from ",
        Refuses,
    )
    .unless(" system | server | network | provider | ip | ¶ | host | administrator | company "),
    // How much her mailbox takes.
    rule(" user | mailbox | recipient | inbox ", " has too many messages ", Full),
    rule(
        " mailbox| inbox | maildir | user is over| recipient is over| user over| recipient over| storage | disk \
         | recipient's | user's ",
        " over quota | overquota | full | quota| storage| limit",
        Full,
    )
    .unless(" ‡ | your | you | sender| sending | send | outgoing | outbound | recipients | message size| rate \
     | ratelimit| size limit| temporar| insufficient | incoming | tenant| server"),
    rule(
        " recipient | recipient's | user's | user has | incoming | received | inbound | receiving | receive ",
        ENOUGH,
        MailboxBusy,
    )
    .unless(" ‡ | your | you | sender| sending | send | sent | outgoing | outbound | recipients | size | large \
     | recipient limit| recipient rate| rate | ratelimit| relay| invalid | bad | hops | your message \
     | external | connection| exceeded storage | tenant"),
];

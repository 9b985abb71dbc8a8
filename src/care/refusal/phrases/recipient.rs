//! Clauses that speak of her, though their words are those of a server that refuses us: what she, or who keeps her mailbox,
//! has chosen, and how much her mailbox takes.

use crate::care::refusal::phrases::clause::{ClauseRule, rule};
use crate::care::refusal::reason::RefusalReason::{Full, MailboxBusy, Refuses};

/// What is said of somebody who has had enough.
const ENOUGH: &str = " limit| quota|overquota| maximum | exceeded | max ";

/// The rules; they stand before all that is about us.
pub(super) const RULES: &[ClauseRule] = &[
    // Her own list, and her own decision.
    rule(
        " by recipient| by the recipient| by †| by user| by the user| by this recipient| by the addressee",
        " block| blacklist| denylist| deny | banned | filter",
        Refuses,
    ),
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
    .unless(" relay| from this address| plain| tls | encrypt"),
    rule(
        " members only | contacts only | from members | from contacts ",
        " accept| allow| only ",
        Refuses,
    ),
    rule(
        " mailbox | user | recipient | addressee | group | † | list ",
        " not accept mail from| not accept email from| not accept messages from| not accepting mail from| only accept\
         | accepts mail only | accepts messages only | rejects mail | rejects messages | contact list | address book ",
        Refuses,
    )
    .unless(" dynamic | ip | ¶ | server | host | relay| unauthenticated | encrypt| tls | address book for "),
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

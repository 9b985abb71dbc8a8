//! Clauses that speak of whoever writes: our account, our machine, how we greet, sign in and encrypt, how much we send. Rules
//! rather than sentences, because every server has its own words for them.

use crate::care::refusal::cause::Cause::{
    Authentication, HelloName, Limit, Listed, NotEncrypted, Relay, Reputation, ReverseDns, SenderAddress,
    SignIn, Suspended,
};
use crate::care::refusal::phrases::clause::{ClauseRule, rule};
use crate::care::refusal::reason::RefusalReason::{Busy, Us};

/// That something is not so, or not wanted.
const DENIED: &str = " off | disabled | attempt| not |n't | no | cannot | denied | deny| reject| refus| prohibit| disallow| forbid\
 | unauthori| unable | block| banned | invalid | never ";
/// That something is needed.
const NEEDED: &str = " need| requir| must | mandatory | first | please | before | not |n't | unable | fail\
 | invalid | incorrect | bad | wrong | unknown | expired | no longer ";
/// That an account is closed, for now or for good.
const CLOSED: &str = " disabled | suspended | suspension | blocked | locked | closed | expired | terminated \
 | banned | deactivated | inactive | not active | on hold | restricted | frozen | revoked | deleted | cancelled \
 | canceled | not allow| no longer | limited | not activated | not yet activated | not been activated \
 | not approved | awaiting approval | pending approval | under review ";
/// That a name leads nowhere.
const NOWHERE: &str = " not found | unknown | not resolve|n't resolve| unresolvable | does not exist \
 | not exist |n't exist | no such | not have |n't have | has no | not be found | lookup fail| name lookup \
 | must resolve ";
/// Words of her, and of what a letter says, beside which the machine is hers or a link's.
const HER_WORDS: &str =
    " user | recipient | mailbox | † | said | destination | url | uri | link | links | urls ";
/// Words of what a letter says: what is new or bad there is no host of ours.
const LINKS: &str = " url | urls | uri | link | links | website | attachment | contains | containing | body ";
/// Who refuses, and a relay that knows whom it relays to, says nothing of relaying.
const RELAY_SPEAKS: &str = " quota| limit| rate | by gateway | by the gateway | by our gateway | by mail gateway | by relay | by the relay \
 | by mail relay | knows no | has no mailbox | has no user | recipient table | no such user | user unknown | unknown user | uid | ldap ";
/// Words of one message, or of her mailbox, beside which a limit is not ours.
const OTHER_LIMITS: &str = " recipient | recipient's | mailbox | incoming | inbound | received | receive \
 | receiving | inbox | storage | user's | † | user has | size | large| hops | disk | mb | kb | bytes \
 | megabytes ";

/// Words of her, beside which what ran out was hers.
const HER_LEASE: &str = " recipient | recipient's | user | user's | † | mailbox | account | domain ";

/// What a relay calls the domains that it carries mail to, and where it writes them down.
const RELAYED: &str = " local domain| accepted domain| protected domain| relay domain| relayed domain| allowed domain| hosted domain\
 | permitted domain| authorized domain| authorised domain| served domain| list of domains | domain list | rcpthosts | list of relay ";
/// That something stands not among them.
const NOT_AMONG: &str = " not in | n't in | not on | not one of | not among | not listed | not part of | not a | not an | not my | not our \
 | outside ";

/// The rules, in the order in which they count.
pub(super) const RULES: &[ClauseRule] = &[
    rule(" ‡ ", " limit| quota| exceed", Us(Limit)).unless(" † | recipient | mailbox "),
    // Whom a server does not carry mail to may well be somewhere else.
    rule(RELAYED, NOT_AMONG, Us(Relay)).unless(" no such user | user unknown | unknown user | no mailbox | has no "),
    rule(" domain | domains ", " not in our routing | not in the routing | not in routing | not in route ", Us(Relay)),
    rule(" unknown recipient domain | unknown domain | unknown destination ", " for relay| to relay| relaying ", Us(Relay)),
    rule(
        " for local recipients | for local users | for local domains | to local recipients | to local users | to local domains ",
        " only ",
        Us(Relay),
    ),
    rule(" relay| gateway ", DENIED, Us(Relay)).unless(RELAY_SPEAKS),
    rule(" my list of allowed ", "", Us(Relay)),
    rule(
        " external recipients | external addresses | external domains | remote domains | remote recipients \
         | remote addresses | outside recipients | foreign domains ",
        DENIED,
        Us(Relay),
    )
    .unless(" quota| limit| rate | exceed"),
    // So many at one time.
    rule(" rcpt to commands | rcpt commands ", " exceed| too many | limit| maximum ", Busy).passes(),
    // Who tries many addresses that are none.
    rule(
        " too many | maximum | limit| excessive | number of ",
        " invalid | unknown | bad | nonexist| non exist| wrong recipient| undeliverable ",
        Busy,
    )
    .passes()
    .unless(" password| login| logon| mailbox full "),
    rule(" harvest| dictionary attack", "", Busy).passes(),
    rule(" helo | ehlo ", "", Us(HelloName)).unless(" spf | dkim | first | send helo | send ehlo "),
    rule(" domainkey| domainkeys | aligned | alignment ", NEEDED, Us(Authentication)),
    rule(" session ", " expired | no longer valid | invalid | timed out ", Us(SignIn)),
    rule(
        " authenticat| unauthenticat| smtp auth | auth | log in | login| logged in | sign in | signed in | log on | password\
         | passwd | credential| your session ",
        NEEDED,
        Us(SignIn),
    )
    .unless(
        " recipient | group | list | spf | dkim | dmarc | domain | header | encrypt| plaintext | tls \
     | challenge | auth user ",
    ),
    rule(
        " tls| ssl | secure connection | secured connection | secure channel | starttls | encrypt| plaintext | plain text | cleartext | clear text | unencrypted \
         | insecure | unsecured ",
        " need| requir| must | mandatory | not allow| not permit| not accept| refus| reject| only | not used \
         | without | prohibit| not support| denied | forbid| please use ",
        Us(NotEncrypted),
    )
    .unless(" attach| archive| file| zip | macro| content | certificate| message body | html "),
    rule(
        " ptr | rdns | reverse dns | reverse lookup| reverse hostname| reverse host | reverse name \
         | reverse record| reverse entry | no reverse | reverse zone | reverse address ",
        "",
        Us(ReverseDns),
    )
    .unless(" spf "),
    rule(
        " sending mta | sending host | sending server | sending mail server | your server's name | your server name \
         | your host name | your hostname ",
        " failed dns | dns fail| lookup fail| failed lookup | not exist in dns | not in dns | forward record ",
        Us(ReverseDns),
    )
    .unless(" † "),
    rule(" client | ip | ¶ | hostname | remote address | source address | peer address | your host | connecting host ", NOWHERE, Us(ReverseDns))
        .unless(HER_WORDS),
    rule(
        " client| host | ip | ¶ | your | connection| network | server | ‡ ",
        " blocked by ¤| blocked at ¤| blocked using | listed by | listed in | listed at | listed on \
         | rejected by ¤| refused by ¤| blacklisted | denied by ¤| blocklisted | is listed ",
        Us(Listed),
    )
    .unless(" user | recipient | not listed "),
    // What a whole network, or a domain as young as that, is thought of.
    rule(
        " spam source| source of spam | spam ip | spamming ip | spam network | spam host | known spammer | spam from ¶| spam detected from ¶",
        "",
        Us(Reputation),
    )
    .unless(" recipient "),
    rule(
        " too new | newly registered | recently registered | newly observed | domain age | registered less than \
         | too young | registered recently ",
        "",
        Us(Reputation),
    )
    .unless(LINKS),
    rule(
        " mail | email | messages | smtp | delivery | access | connection ",
        " not allowed from ¶| not accepted from ¶| not permitted from ¶| denied from ¶| refused from ¶\
         | rejected from ¶| from ¶ is denied | from ¶ is refused | from ¶ is not | from ¶ is blocked | from ¶ denied \
         | from ¶ refused | from ¶ rejected | from ¶ weren't | from ¶ were not | no mail accepted from ¶",
        Us(Reputation),
    ),
    // Of a whole country or network nothing of hers is told.
    rule(" geoip | geo ip | geoblock| geo block| geoblocked ", "", Us(Reputation)).unless(" † | recipient "),
    rule(" your country | asn | your asn ", DENIED, Us(Reputation)).unless(" † | recipient "),
    rule(" attack | brute force | bruteforce ", " your host | your ip | your server | ¶ ", Us(Reputation)),
    rule(" connection denied | connection is denied ", "", Us(Reputation)).unless(HER_WORDS),
    rule(
        " reputation | neighborhood | neighbourhood | dialup | dial up | dynamic | residential | broadband | dsl \
         | traffic not accepted ",
        "",
        Us(Reputation),
    ),
    rule(
        " your ip | your ip's | this ip | sending ip | client ip | your mail server | your server ",
        " not permitted | not allowed | banned | blocked | denied | refused | rejected ",
        Us(Reputation),
    ),
    // Our account.
    rule(
        " your account | sending account | smtp account | smtp user | submission account | account of ‡ \
         | account for ‡ | account ‡ | user ‡ | mailbox ‡ | sender's account | sender account \
         | outgoing account | submitting account | submitting mailbox | submitting user | sending user \
         | sending mailbox | submitter | submitter's account | submitter account | used for submission | originating account | originating user ",
        CLOSED,
        Us(Suspended),
    ),
    rule(" hosting account ", CLOSED, Us(Suspended)).unless(" † "),
    rule(" hpanel ", " disabled | suspended | blocked ", Us(Suspended)),
    // What is not paid for may be hers as well.
    rule(" license | licence ", " expired ", Us(Suspended)).unless(HER_LEASE).stays(),
    rule(" subscription ", CLOSED, Us(Suspended)).unless(HER_LEASE),
    rule(" payment | invoice ", " overdue | past due | unpaid ", Us(Suspended)).unless(HER_LEASE),
    rule(
        " for sending | sending spam | spamming | complaints | for spam | outbound spam ",
        " account | user | mailbox | suspended | disabled | blocked ",
        Us(Suspended),
    )
    .unless(" recipient | ip | ¶ | client host | message | † | this account | this user | this mailbox | user's \
     | mailbox blocked | mailbox is blocked | mailbox has been | mailbox suspended | mailbox disabled "),
    rule(" account | user ", " for abuse | due to abuse | because of abuse ", Us(Suspended))
        .unless(" recipient | † | this account | this user | user's "),
    rule(
        " sending from | you use to send | authenticated user | authenticated account | login account | trial account ",
        CLOSED,
        Us(Suspended),
    )
    .unless(" from sending to | recipient "),
    rule(
        " sending is disabled | sending is suspended | sending is blocked | sending is paused | sending has been \
         | sending disabled | sending suspended | sending paused ",
        "",
        Us(Suspended),
    ),
    rule(
        " outgoing | outbound ",
        " blocked | disabled | suspended | paused | restricted | not allowed | on hold ",
        Us(Suspended),
    )
    .unless(" recipient | recipient's | † | limit| quota| rate "),
    rule(" only send to | only send internally | send only to ", " account | user | you | mailbox ", Us(Relay))
        .unless(" † "),
    rule(" api key | apikey | api token ", CLOSED, Us(SignIn)),
    rule(" api key | apikey | api token ", " invalid | unknown | not found | missing ", Us(SignIn)),
    rule(" not authorized to perform | not authorised to perform ", "", Us(SignIn)),
    rule(
        " smtp auth | authenticated smtp | smtp authentication | client authentication ",
        " disabled | not enabled | turned off | switched off ",
        Us(SignIn),
    ),
    // How much we send.
    rule(" credit | credits ", " exhausted | used up | insufficient | not enough | no | left | expired | out of ", Us(Limit))
        .unless(" card | cards | recipient | † "),
    rule(
        " hourly | hour | daily | day | today | weekly | week | monthly | month | minute | per 24 ",
        " limit| quota| maximum | exceed| max | too much | too many | allowance ",
        Us(Limit),
    )
    .unless(OTHER_LIMITS),
    rule(
        " sending | send | sent | outgoing | outbound | submission | tenant | external recipients ",
        " limit| quota| exceed| maximum | too much mail ",
        Us(Limit),
    )
    .unless(OTHER_LIMITS),
    rule(" your account ", " quota | limit reached | limit exceeded ", Us(Limit)).unless(" storage | disk | size "),
    rule(" callout | callback | call back ", "", Us(SenderAddress)).unless(" recipient | † "),
    rule(" mail quota exceeded ", " this user ", Us(Limit)),
    // Our address.
    rule(" who you claim | who you say | forged | spoofed | spoofing | impersonat", "", Us(SenderAddress))
        .unless(" recipient "),
    rule(
        " ‡ ",
        " missing | malformed | callout | callback | not authori| not allowed to use | not permitted ",
        Us(SenderAddress),
    )
    .unless(" † "),
];

/// What "account" means before a recipient is named: ours.
pub(super) const BEFORE_HER: &[ClauseRule] = &[
    rule(" account ", CLOSED, Us(Suspended)).unless(" temporar"),
    rule(" mailbox full | mailbox is full | account full | account is full ", "", Us(Suspended)),
    rule(" mailbox | account ", " over quota | overquota | quota exceeded ", Us(Suspended)),
];

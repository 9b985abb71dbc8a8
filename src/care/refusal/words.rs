//! The words of the world's mail servers, in lower case, and what they mean. The first row that fits counts, so what is about
//! us stands before what is about her, and what is plain before what is vague. A new server's words are a new row, and a line
//! in `tests/corpus/replies.toml` that proves it.

use super::Cause::{
    Authentication, HelloName, Limit, Listed, NotEncrypted, Relay, Reputation, ReverseDns, SenderAddress,
    SignIn, Suspended,
};
use super::Permanence::{self, Lasting, Temporary};
use super::Reason::{
    self, BadSyntax, Busy, Content, Disabled, Full, Greylisted, Loop, MailboxBusy, Malformed, Moved, Refuses,
    TooBig, UnknownDomain, UnknownMailbox, Unreachable, Us,
};
use Server::{
    Amazon, Apple, Cisco, Dovecot, Exim, Gmail, Gmx, Lists, Many, Microsoft, Plesk, Postfix, Proofpoint,
    Qmail, Rspamd, Sendmail, Yahoo, Zoho,
};

/// Whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Server {
    /// Amazon SES.
    Amazon,
    /// iCloud.
    Apple,
    /// Cisco Secure Email (IronPort).
    Cisco,
    /// Dovecot's LMTP and submission.
    Dovecot,
    /// Exim.
    Exim,
    /// Gmail and Google Workspace.
    Gmail,
    /// GMX, WEB.DE, mail.com, IONOS.
    Gmx,
    /// Servers that quote a blocklist.
    Lists,
    /// Several say it so.
    Many,
    /// Microsoft 365, outlook.com, Exchange.
    Microsoft,
    /// Plesk and cPanel, as hosting companies run them.
    Plesk,
    /// Postfix.
    Postfix,
    /// Proofpoint.
    Proofpoint,
    /// qmail and its heirs.
    Qmail,
    /// Rspamd behind another server (mailcow and others).
    Rspamd,
    /// Sendmail.
    Sendmail,
    /// Yahoo, AOL.
    Yahoo,
    /// Zoho.
    Zoho,
}

/// Words and what they mean.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Who says so.
    pub by: Server,
    /// All of these stand in what was said.
    pub says: &'static [&'static str],
    /// What it means.
    pub reason: Reason,
    /// Whether waiting helps, where the code tells it wrongly.
    pub lasts: Option<Permanence>,
}

const fn row(by: Server, says: &'static [&'static str], reason: Reason) -> Row {
    Row { by, says, reason, lasts: None }
}

impl Row {
    /// Waiting helps, though the code says that it does not.
    const fn passes(self) -> Self {
        Self { lasts: Some(Temporary), ..self }
    }

    /// Waiting does not help, though the code says that it does.
    const fn stays(self) -> Self {
        Self { lasts: Some(Lasting), ..self }
    }
}

/// The table.
pub const ROWS: &[Row] = &[
    // Us: how we greet.
    row(Postfix, &["helo command rejected"], Us(HelloName)).stays(),
    row(Gmail, &["helo/ehlo argument"], Us(HelloName)).stays(),
    row(Microsoft, &["bad helo"], Us(HelloName)).stays(),
    row(Exim, &["helo", "invalid"], Us(HelloName)),
    row(Many, &["ehlo", "invalid"], Us(HelloName)),
    row(Many, &["invalid domain name", "helo"], Us(HelloName)),
    // Us: signing in.
    row(Microsoft, &["client not authenticated"], Us(SignIn)),
    row(Microsoft, &["client was not authenticated"], Us(SignIn)),
    row(Microsoft, &["authentication unsuccessful"], Us(SignIn)),
    row(Microsoft, &["smtpclientauthentication is disabled"], Us(SignIn)).stays(),
    row(Many, &["authentication required"], Us(SignIn)),
    row(Many, &["authentication is required"], Us(SignIn)),
    row(Many, &["must authenticate"], Us(SignIn)),
    row(Many, &["authenticate first"], Us(SignIn)),
    row(Many, &["not logged in"], Us(SignIn)),
    row(Many, &["username and password not accepted"], Us(SignIn)),
    row(Gmail, &["application-specific password required"], Us(SignIn)),
    row(Gmail, &["log in with your web browser"], Us(SignIn)),
    // Us: encryption.
    row(Many, &["must issue a starttls"], Us(NotEncrypted)),
    row(Many, &["tls required"], Us(NotEncrypted)),
    row(Many, &["tls is required"], Us(NotEncrypted)),
    row(Many, &["encryption required"], Us(NotEncrypted)),
    // Us: how much we may send.
    row(Gmail, &["daily user sending"], Us(Limit)),
    row(Gmail, &["smtp relay limit"], Us(Limit)),
    row(Microsoft, &["reached your daily limit"], Us(Limit)),
    row(Microsoft, &["submissionquotaexceeded"], Us(Limit)).passes(),
    row(Microsoft, &["sender thread limit"], Us(Limit)).passes(),
    row(Microsoft, &["exceeded the recipient rate limit"], Us(Limit)),
    row(Microsoft, &["tenant", "exceeded threshold"], Us(Limit)),
    row(Microsoft, &["message submission rate for this client has exceeded"], Us(Limit)).passes(),
    row(Amazon, &["daily message quota exceeded"], Us(Limit)),
    row(Amazon, &["maximum sending rate exceeded"], Us(Limit)),
    row(Amazon, &["throttling failure"], Us(Limit)),
    row(Plesk, &["number of allowed outgoing messages was exceeded"], Us(Limit)).passes(),
    row(Plesk, &["exceeded the max", "per hour"], Us(Limit)),
    row(Plesk, &["exceeded the max defers and failures"], Us(Limit)),
    row(Rspamd, &["ratelimit", "exceeded"], Us(Limit)),
    row(Many, &["outgoing", "limit", "exceeded"], Us(Limit)),
    row(Many, &["outgoing", "quota"], Us(Limit)),
    row(Many, &["outbound", "limit", "exceeded"], Us(Limit)),
    row(Many, &["sending limit"], Us(Limit)),
    row(Many, &["sending quota"], Us(Limit)),
    row(Many, &["sending rate"], Us(Limit)),
    row(Many, &["hourly limit"], Us(Limit)),
    row(Many, &["daily limit"], Us(Limit)),
    row(Many, &["daily quota"], Us(Limit)),
    row(Many, &["message rate limit"], Us(Limit)),
    row(Many, &["message count limit"], Us(Limit)),
    // Us: our account.
    row(Microsoft, &["bad outbound sender"], Us(Suspended)).stays(),
    row(Microsoft, &["banned sender"], Us(Suspended)),
    row(Microsoft, &["spam abuse detected"], Us(Suspended)),
    row(Microsoft, &["account", "submit", "disabled"], Us(Suspended)),
    row(Zoho, &["unusual sending activity"], Us(Suspended)).stays(),
    row(Amazon, &["sending paused"], Us(Suspended)).stays(),
    row(Plesk, &["account", "has been suspended", "outgoing"], Us(Suspended)),
    row(Many, &["outgoing", "suspended"], Us(Suspended)),
    row(Many, &["not permitted to send mail because", "suspended"], Us(Suspended)),
    row(Many, &["your account", "suspended"], Us(Suspended)),
    row(Many, &["your account", "disabled"], Us(Suspended)),
    row(Many, &["license", "expired"], Us(Suspended)).stays(),
    row(Many, &["licence", "expired"], Us(Suspended)).stays(),
    // Us: our sender address.
    row(Microsoft, &["sendasdenied"], Us(SenderAddress)).stays(),
    row(Microsoft, &["permissions to send as this sender"], Us(SenderAddress)).stays(),
    row(Postfix, &["sender address rejected"], Us(SenderAddress)).stays(),
    row(Exim, &["sender verify failed"], Us(SenderAddress)),
    row(Amazon, &["email address is not verified"], Us(SenderAddress)).stays(),
    row(Qmail, &["badmailfrom"], Us(SenderAddress)),
    row(Sendmail, &["domain of sender address"], Us(SenderAddress)).stays(),
    row(Many, &["mail from", "not owned by"], Us(SenderAddress)),
    row(Many, &["sender domain", "not"], Us(SenderAddress)),
    row(Many, &["unroutable sender"], Us(SenderAddress)),
    row(Many, &["sender rejected"], Us(SenderAddress)),
    row(Many, &["sender not allowed"], Us(SenderAddress)),
    row(Many, &["invalid sender"], Us(SenderAddress)),
    row(Many, &["not allowed to send as"], Us(SenderAddress)),
    row(Many, &["does not match the authenticated user"], Us(SenderAddress)),
    // Us: carrying our mail to others.
    row(Microsoft, &["tenantattribution"], Us(Relay)).stays(),
    row(Gmail, &["mail relay denied"], Us(Relay)).stays(),
    row(Gmail, &["credentials for relay"], Us(Relay)).stays(),
    row(Gmail, &["not authorized to send email directly"], Us(Relay)).stays(),
    row(Postfix, &["relay access denied"], Us(Relay)).stays(),
    row(Sendmail, &["relaying denied"], Us(Relay)).stays(),
    row(Exim, &["relay not permitted"], Us(Relay)).stays(),
    row(Qmail, &["list of allowed rcpthosts"], Us(Relay)).stays(),
    row(Qmail, &["in my rcpthosts"], Us(Relay)).stays(),
    row(Many, &["unable to relay"], Us(Relay)).stays(),
    row(Many, &["relay denied"], Us(Relay)).stays(),
    row(Many, &["relaying", "not allowed"], Us(Relay)).stays(),
    row(Many, &["relaying", "prohibited"], Us(Relay)).stays(),
    row(Many, &["not permitted to relay"], Us(Relay)).stays(),
    row(Many, &["not allowed to relay"], Us(Relay)).stays(),
    row(Many, &["we do not relay"], Us(Relay)).stays(),
    row(Many, &["open relay"], Us(Relay)).stays(),
    // Us: SPF, DKIM, DMARC.
    row(Gmail, &["sender is unauthenticated"], Us(Authentication)),
    row(Gmail, &["it is unauthenticated"], Us(Authentication)),
    row(Many, &["dmarc"], Us(Authentication)),
    row(Many, &["spf", "fail"], Us(Authentication)),
    row(Many, &["spf policy"], Us(Authentication)),
    row(Many, &["spf record"], Us(Authentication)),
    row(Many, &["sender policy framework"], Us(Authentication)),
    row(Many, &["/why?", "spf"], Us(Authentication)),
    row(Many, &["dkim", "not pass"], Us(Authentication)),
    row(Many, &["dkim", "fail"], Us(Authentication)),
    row(Many, &["required authentication level"], Us(Authentication)),
    // Us: blocklists.
    row(Lists, &["spamhaus"], Us(Listed)),
    row(Lists, &["spamcop"], Us(Listed)),
    row(Lists, &["barracudacentral"], Us(Listed)),
    row(Lists, &["sorbs"], Us(Listed)),
    row(Lists, &["blocked using"], Us(Listed)),
    row(Lists, &["in an rbl"], Us(Listed)),
    row(Lists, &["dnsbl"], Us(Listed)),
    row(Lists, &["block listed"], Us(Listed)),
    row(Lists, &["blocklisted"], Us(Listed)),
    row(Lists, &["blacklisted", "ip"], Us(Listed)),
    row(Microsoft, &["on our block list"], Us(Listed)),
    row(Microsoft, &["banned sending ip"], Us(Listed)),
    row(Microsoft, &["banned sending address"], Us(Listed)),
    row(Proofpoint, &["dnsbl-lookup"], Us(Listed)),
    row(Yahoo, &["[bl2"], Us(Listed)),
    row(Yahoo, &["permanently deferred"], Us(Listed)).stays(),
    row(Apple, &["mail from ip", "rejected"], Us(Listed)),
    // Us: our address in the DNS.
    row(Postfix, &["cannot find your"], Us(ReverseDns)).stays(),
    row(Gmx, &["bad dns ptr"], Us(ReverseDns)),
    row(Cisco, &["reverse dns"], Us(ReverseDns)),
    row(Gmail, &["ptr record"], Us(ReverseDns)),
    row(Many, &["rdns"], Us(ReverseDns)),
    // Us: how we are thought of.
    row(Gmail, &["unusual rate of"], Us(Limit)),
    row(Gmail, &["low reputation"], Us(Reputation)),
    row(Microsoft, &["due to ip reputation"], Us(Reputation)),
    row(Cisco, &["poor reputation"], Us(Reputation)),
    row(Cisco, &["senderbase"], Us(Reputation)),
    row(Yahoo, &["unexpected volume or user complaints"], Us(Reputation)),
    row(Yahoo, &["due to user complaints"], Us(Reputation)),
    row(Postfix, &["client host rejected"], Us(Relay)),
    // The moment: greylisting and load. Before her mailbox, because the same words can name it.
    row(Many, &["greylist"], Greylisted),
    row(Many, &["graylist"], Greylisted),
    row(Many, &["grey-list"], Greylisted),
    // Her mailbox takes too much just now.
    row(Microsoft, &["recipient thread limit"], MailboxBusy).passes(),
    row(Gmail, &["receiving mail too quickly"], MailboxBusy).passes(),
    row(Gmail, &["receiving mail at a rate"], MailboxBusy).passes(),
    // Her mailbox is full.
    row(Gmail, &["out of storage space"], Full),
    row(Many, &["over quota"], Full),
    row(Many, &["overquota"], Full),
    row(Many, &["over disk quota"], Full),
    row(Many, &["over storage quota"], Full),
    row(Many, &["over the allowed quota"], Full),
    row(Many, &["mailbox full"], Full),
    row(Many, &["mailbox is full"], Full),
    row(Many, &["mailbox has too many messages"], Full),
    row(Many, &["quota exceeded", "mailbox"], Full),
    row(Dovecot, &["quota exceeded (mailbox"], Full),
    row(Qmail, &["mailbox quota usage exceeded"], Full),
    row(Sendmail, &["disc quota exceeded"], Full),
    row(Exim, &["mailbox is over its quota"], Full),
    row(Many, &["exceeded storage allocation"], Full),
    row(Gmx, &["exhausted allowed storage space"], Full),
    row(Gmx, &["quota exceeded"], Full),
    // No such mailbox, or it is closed.
    row(Microsoft, &["5.4.1", "recipient address rejected: access denied"], UnknownMailbox),
    row(Microsoft, &["recipient address rejected: access denied", "as(2018"], UnknownMailbox),
    row(Microsoft, &["recipientnotfound"], UnknownMailbox),
    row(Gmail, &["account that you tried to reach is inactive"], Disabled),
    row(Gmail, &["account that you tried to reach is disabled"], Disabled),
    row(Gmail, &["account that you tried to reach does not exist"], UnknownMailbox),
    row(Yahoo, &["this user doesn't have"], UnknownMailbox),
    row(Yahoo, &["account has been disabled or discontinued"], Disabled),
    row(Yahoo, &["mailbox is disabled"], Disabled),
    row(Yahoo, &["is no longer valid"], Disabled),
    row(Many, &["account disabled"], Disabled),
    row(Many, &["account is disabled"], Disabled),
    row(Many, &["account closed"], Disabled),
    row(Many, &["account inactive"], Disabled),
    row(Many, &["mailbox disabled"], Disabled),
    row(Many, &["mailbox is inactive"], Disabled),
    row(Many, &["mailbox inactive"], Disabled),
    row(Many, &["user is inactive"], Disabled),
    row(Many, &["user suspended"], Disabled),
    row(Many, &["mailbox is frozen"], Disabled),
    row(Many, &["no longer on server"], Moved),
    row(Many, &["user has moved"], Moved),
    row(Many, &["mailbox has moved"], Moved),
    row(Postfix, &["user unknown"], UnknownMailbox),
    row(Postfix, &["undeliverable address"], UnknownMailbox),
    row(Exim, &["unrouteable address"], UnknownMailbox),
    row(Exim, &["unroutable address"], UnknownMailbox),
    row(Qmail, &["no mailbox here"], UnknownMailbox),
    row(Many, &["not find", "recipient"], UnknownMailbox),
    row(Many, &["mailbox not found"], UnknownMailbox),
    row(Many, &["mailbox unavailable"], UnknownMailbox),
    row(Many, &["mailbox unknown"], UnknownMailbox),
    row(Many, &["mailbox does not exist"], UnknownMailbox),
    row(Many, &["no such user"], UnknownMailbox),
    row(Many, &["no such recipient"], UnknownMailbox),
    row(Many, &["no such mailbox"], UnknownMailbox),
    row(Many, &["no such address"], UnknownMailbox),
    row(Many, &["no such local user"], UnknownMailbox),
    row(Many, &["unknown user"], UnknownMailbox),
    row(Many, &["unknown recipient"], UnknownMailbox),
    row(Many, &["unknown local part"], UnknownMailbox),
    row(Many, &["unknown local-part"], UnknownMailbox),
    row(Many, &["user not found"], UnknownMailbox),
    row(Many, &["user not known"], UnknownMailbox),
    row(Many, &["recipient not found"], UnknownMailbox),
    row(Many, &["recipient unknown"], UnknownMailbox),
    row(Many, &["invalid recipient"], UnknownMailbox),
    row(Many, &["invalid mailbox"], UnknownMailbox),
    row(Many, &["not a valid mailbox"], UnknownMailbox),
    row(Many, &["not a known user"], UnknownMailbox),
    row(Many, &["address unknown"], UnknownMailbox),
    row(Many, &["address does not exist"], UnknownMailbox),
    row(Many, &["user does not exist"], UnknownMailbox),
    row(Many, &["user doesn't exist"], UnknownMailbox),
    row(Many, &["recipient does not exist"], UnknownMailbox),
    row(Many, &["benutzer nicht bekannt"], UnknownMailbox),
    row(Many, &["no existe ese usuario"], UnknownMailbox),
    row(Many, &["utilisateur inconnu"], UnknownMailbox),
    // No such domain.
    row(Postfix, &["host or domain name not found", "try again"], Unreachable),
    row(Postfix, &["host or domain name not found"], UnknownDomain),
    row(Postfix, &["recipient address rejected: domain not found"], UnknownDomain),
    row(Postfix, &["malformed dns server reply"], Unreachable),
    row(Sendmail, &["host unknown (name server"], UnknownDomain),
    row(Many, &["nullmx"], UnknownDomain),
    row(Many, &["null mx"], UnknownDomain),
    row(Many, &["no such domain"], UnknownDomain),
    row(Many, &["domain does not exist"], UnknownDomain),
    row(Many, &["does not accept mail"], UnknownDomain),
    row(Many, &["bad recipient address syntax"], BadSyntax),
    row(Many, &["malformed address"], BadSyntax),
    // Her server does not want us or this.
    row(Microsoft, &["rst.notauthorized"], Refuses),
    row(Microsoft, &["notauthenticatedforgroup"], Refuses),
    row(Many, &["recipient", "only accept"], Refuses),
    row(Many, &["loops back to myself"], Loop),
    row(Many, &["mail loop"], Loop),
    row(Many, &["too many hops"], Loop),
    row(Many, &["hop count exceeded"], Loop),
    // This letter.
    row(Many, &["message too large"], TooBig),
    row(Many, &["message is too large"], TooBig),
    row(Many, &["message size exceeds"], TooBig),
    row(Many, &["too big"], TooBig),
    row(Many, &["size limit"], TooBig),
    row(Many, &["spam"], Content),
    row(Many, &["virus"], Content),
    row(Many, &["message content"], Content),
    row(Many, &["rfc 5322 compliant"], Malformed),
    row(Many, &["headers are not rfc compliant"], Malformed),
    row(Many, &["bare line feed"], Malformed),
    row(Many, &["bare lf"], Malformed),
    row(Many, &["missing", "header"], Malformed),
    // The moment.
    row(Microsoft, &["server busy"], Busy).passes(),
    row(Microsoft, &["insufficient system resources"], Busy).passes(),
    row(Many, &["too many"], Busy).passes(),
    row(Many, &["too fast"], Busy).passes(),
    row(Many, &["too much mail"], Busy).passes(),
    row(Many, &["rate limit"], Busy).passes(),
    row(Many, &["rate-limit"], Busy).passes(),
    row(Many, &["ratelimit"], Busy).passes(),
    row(Many, &["throttl"], Busy).passes(),
    row(Many, &["slow down"], Busy).passes(),
    row(Many, &["connection", "limit"], Busy).passes(),
];

/// The row for words in lower case.
#[must_use]
pub fn find(lower: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.says.iter().all(|sign| lower.contains(sign)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_found() {
        for row in ROWS {
            assert!(
                row.says.iter().all(|sign| !sign.is_empty() && *sign == sign.to_ascii_lowercase()),
                "{row:?}"
            );
            let said = row.says.join(" … ");
            let found = find(&said).unwrap();
            assert_eq!(found.reason.scope(), row.reason.scope(), "{row:?} is hidden by {found:?}");
        }
    }
}

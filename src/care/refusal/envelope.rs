//! Whom a letter was for and from: it tells of whom a server speaks that names an address or a host.

/// Whom the letter was for and from, as far as it is known: where a server names one, it tells whom it speaks of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Envelope<'a> {
    /// Her address, as the dialogue names it.
    pub to: Option<&'a str>,
    /// Our addresses: in the header and on the envelope.
    pub from: [Option<&'a str>; 2],
}

impl Envelope<'_> {
    fn her_domain(&self) -> &str {
        self.to.and_then(domain).unwrap_or_default()
    }

    /// Her local part, with or without what she put behind a plus sign.
    pub(in crate::care::refusal) fn is_her_name(&self, word: &str) -> bool {
        let local = self.to.and_then(|to| to.rsplit_once('@')).map_or("", |(local, _)| local);
        let (name, _) = local.split_once('+').unwrap_or((local, ""));
        !word.is_empty() && [local, name].iter().any(|own| own.eq_ignore_ascii_case(word))
    }

    pub(in crate::care::refusal) fn is_ours(&self, address: &str) -> bool {
        self.from.iter().flatten().any(|own| own.eq_ignore_ascii_case(address))
            || domain(address).is_some_and(|host| self.is_our_host(host))
    }

    /// Where she has her mailbox at our provider, a host tells nothing.
    pub(in crate::care::refusal) fn is_our_host(&self, host: &str) -> bool {
        let ours = self.from.iter().flatten().filter_map(|own| domain(own));
        let mut ours = ours.filter(|own| !own.eq_ignore_ascii_case(self.her_domain()));
        ours.any(|own| is_within(host, own))
    }

    /// Of a notice nobody tells whose it is: what it calls a domain, or has looked up, is where the letter went.
    pub(in crate::care::refusal) fn may_be_hers(&self, before: &str) -> bool {
        let before = before.trim_end_matches(|c: char| c.is_whitespace() || "(<:\"'".contains(c));
        self.to.is_none() && (before.ends_with("domain") || before.ends_with("lookup of"))
    }

    pub(in crate::care::refusal) fn is_her_host(&self, host: &str) -> bool {
        !self.her_domain().is_empty() && is_within(host, self.her_domain())
    }
}

fn domain(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain)
}

fn is_within(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_lowercase(), domain.to_lowercase());
    host.strip_suffix(&domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

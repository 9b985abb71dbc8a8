//! An email address that cannot leak by accident: redacted Debug, no Display (P10).

/// Why an address was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Line breaks, control characters or spaces: a header injection or a paste error.
    #[error("address holds a space, line break or control character")]
    Hidden,
    /// Not exactly one `@` with something on both sides.
    #[error("address must have exactly one @ with text on both sides")]
    Shape,
    /// The part before the @ has letters that only SMTPUTF8 (RFC 6531) could carry.
    #[error(
        "the part before the @ holds letters beyond a to z, which few mail servers carry; ask for another address of hers"
    )]
    LocalLetters,
    /// The domain is not written in its ASCII form (RFC 5890 A-labels).
    #[error(
        "the part after the @ holds letters beyond a to z; write its punycode form, as in xn--clnica-4va.example"
    )]
    DomainLetters,
    /// The part before the @ is too long, quoted, or has a misplaced dot.
    #[error("the part before the @ is not one we can deliver to")]
    Local,
    /// The domain has no dot, is a literal, or is not a valid host name.
    #[error("the part after the @ must be a full domain such as clinic.example")]
    Domain,
}

/// A deliverable address (RFC 5321 mailbox, narrowed: ASCII, dot-atom, full domain, no literals).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Parses an address; outer white space goes, the domain is lower-cased.
    ///
    /// # Errors
    /// [`AddressFault`] naming the part that does not fit.
    pub fn parse(text: &str) -> Result<Self, AddressFault> {
        let text = text.trim_matches([' ', '\t']);
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(AddressFault::Hidden);
        }
        let (local, domain) = text.split_once('@').ok_or(AddressFault::Shape)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(AddressFault::Shape);
        }
        if !local.is_ascii() {
            return Err(AddressFault::LocalLetters);
        }
        if !domain.is_ascii() {
            return Err(AddressFault::DomainLetters);
        }
        if !dot_atom(local) || local.len() > 64 {
            return Err(AddressFault::Local);
        }
        if !host_name(domain) {
            return Err(AddressFault::Domain);
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// The address as text, for the envelope and the staff's own screens only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

fn dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
    })
}

fn host_name(domain: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(label)
        && !domain.rsplit('.').next().is_some_and(|tld| tld.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_delivered_is_refused_with_its_reason() {
        for (text, fault) in [
            ("a@b.c\r\nBcc: d@e.f", AddressFault::Hidden),
            ("a b@c.d", AddressFault::Hidden),
            ("plain", AddressFault::Shape),
            ("a@b@c.d", AddressFault::Shape),
            ("@c.d", AddressFault::Shape),
            ("a..b@c.d", AddressFault::Local),
            ("\"a\"@c.d", AddressFault::Local),
            ("ä@c.d", AddressFault::LocalLetters),
            ("ana@clínica.example", AddressFault::DomainLetters),
            ("a@localhost", AddressFault::Domain),
            ("a@[127.0.0.1]", AddressFault::Domain),
            ("a@1.2.3.4", AddressFault::Domain),
            ("a@-x.example", AddressFault::Domain),
        ] {
            assert_eq!(EmailAddress::parse(text), Err(fault), "{text:?}");
        }
    }

    #[test]
    fn a_good_address_keeps_its_local_part() {
        assert_eq!(
            EmailAddress::parse(" Ana.B+x@Clinic.Example ").unwrap().expose(),
            "Ana.B+x@clinic.example"
        );
    }

    #[test]
    fn letters_beyond_a_to_z_are_told_what_to_write() {
        let said = EmailAddress::parse("ana@clínica.example").unwrap_err().to_string();
        assert!(said.contains("xn--clnica-4va.example"), "{said}");
        assert!(EmailAddress::parse("ana@xn--clnica-4va.example").is_ok());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", EmailAddress::parse("a@b.example").unwrap()), "EmailAddress(…)");
    }
}

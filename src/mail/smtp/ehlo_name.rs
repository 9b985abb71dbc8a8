//! The name said at EHLO: a full one (RFC 5321 §4.1.1.1), or many servers refuse every letter (`need fully-qualified hostname`).

use lettre::transport::smtp::extension::ClientId;

/// Last labels of names that mean something in one network only.
const AT_HOME: [&str; 8] =
    ["localhost", "localdomain", "local", "lan", "home", "internal", "intranet", "arpa"];

/// What this machine calls itself.
#[must_use]
pub fn host_name() -> Option<String> {
    match ClientId::default() {
        ClientId::Domain(name) if !name.is_empty() => Some(name),
        _ => None,
    }
}

/// Whether a name is a full one, which others can look up: two labels at least, letters, digits and
/// hyphens, and no suffix of a private network.
#[must_use]
pub fn is_full(name: &str) -> bool {
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels: Vec<&str> = name.split('.').collect();
    let last = labels.last().copied().unwrap_or_default().to_ascii_lowercase();
    let is_number = last.bytes().all(|b| b.is_ascii_digit());
    name.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(|label| fits(label))
        && !is_number
        && !AT_HOME.contains(&last.as_str())
}

/// The name to say: the one wished for, else this machine's if it is full, else the domain of our letters.
#[must_use]
pub fn choose(wish: Option<&str>, host: Option<&str>, domain: &str) -> String {
    wish.or(host.filter(|name| is_full(name))).unwrap_or(domain).to_ascii_lowercase()
}

/// The name as a command says it; this very machine's address where none can be said.
pub(in crate::mail) fn client_id(name: Option<&str>) -> ClientId {
    let own = host_name();
    match name.or(own.as_deref()).filter(|name| is_full(name)) {
        Some(name) => ClientId::Domain(name.to_owned()),
        None => ClientId::Ipv4([127, 0, 0, 1].into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_others_cannot_look_up_is_not_said() {
        for full in ["mail.clinic.example", "vm-3.hosting.example", "clinic.example"] {
            assert!(is_full(full), "{full}");
            assert_eq!(choose(None, Some(full), "letters.example"), full);
        }
        for short in [
            "vm",
            "",
            "localhost",
            "localhost.localdomain",
            "vm.local",
            "printer.lan",
            "my_vm.example",
            "192.0.2.9",
        ] {
            assert!(!is_full(short), "{short}");
            assert_eq!(choose(None, Some(short), "letters.example"), "letters.example");
        }
        assert_eq!(choose(Some("Mail.Clinic.Example"), Some("vm"), "letters.example"), "mail.clinic.example");
        assert_eq!(client_id(Some("mail.clinic.example")).to_string(), "mail.clinic.example");
        assert_eq!(choose(None, None, "letters.example"), "letters.example");
    }
}

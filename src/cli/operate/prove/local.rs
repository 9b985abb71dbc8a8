//! Proves that no letter mixes languages: what the clinic says of itself stands in each language it writes.

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::config::sections::clinic::LocalWords;

/// A language beside the first that lacks words of its own gets the first one's.
pub(super) fn words(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let none = LocalWords::default();
    let mut findings = Vec::new();
    for language in config.sending.languages.iter().skip(1) {
        let LocalWords { emergency_dept, opening_hours } = config.clinic.local.get(language).unwrap_or(&none);
        for (key, own) in [("emergency_dept", emergency_dept), ("opening_hours", opening_hours)] {
            if own.is_none() {
                let problem = format!("letters in `{language}` say this in another language");
                let hint = format!("write it in `{language}` too: `{key}` below `[clinic.in.{language}]`");
                findings.push(context.remark_at(&format!("clinic.{key}"), &problem, &hint));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;
    use crate::config::sources::Sources;

    fn context(text: &str) -> CheckContext {
        let config = load::parse("aftercare.toml", text).unwrap();
        let (sources, text) = (Sources::shipped(), text.to_owned());
        let file = "aftercare.toml".to_owned();
        CheckContext { file, text, config: Some(config), sources, database: None, online: false }
    }

    #[test]
    fn a_language_without_words_of_its_own_is_remarked_word_by_word() {
        let shipped = crate::config::embedded::text("aftercare.toml").unwrap();
        assert_eq!(words(&context(&shipped)), []);
        let hours = "opening_hours = \"de lunes a viernes, de 8 a 17 h\"\n";
        assert!(shipped.contains(hours));
        let found = words(&context(&shipped.replace(hours, "")));
        let [CheckFinding::Remark(remark)] = &found[..] else { panic!("{found:?}") };
        assert!(remark.problem.contains("clinic.opening_hours") && remark.hint.contains("[clinic.in.es]"));
        assert_eq!(remark.line, 1 + shipped.lines().position(|l| l.starts_with("opening_hours")).unwrap());
    }
}

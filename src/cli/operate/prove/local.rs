//! Proves that no letter mixes languages: what the clinic says of itself stands in each language it writes.

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::config::sections::clinic::LocalWords;

/// A language beside the first that lacks words of its own would get the first one's, in the text that says where to go in an
/// emergency. Figures are read in every language.
pub(super) fn words(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let (none, clinic) = (LocalWords::default(), &config.clinic);
    let mut findings = Vec::new();
    for language in config.sending.languages.iter().skip(1) {
        let LocalWords { emergency_dept, opening_hours } = clinic.local.get(language).unwrap_or(&none);
        for (key, plain, own) in [
            ("emergency_dept", &clinic.emergency_dept, emergency_dept),
            ("opening_hours", &clinic.opening_hours, opening_hours),
        ] {
            if own.is_none() && plain.chars().any(char::is_alphabetic) {
                let problem = format!("letters and pages in `{language}` would say this in another language");
                let hint = format!(
                    "write it in `{language}` too, in the section `[clinic.in.{language}]`: `{key} = \"...\"`; or take `{language}` out of `sending.languages`"
                );
                findings.push(context.fault_at(&format!("clinic.{key}"), &problem, &hint));
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
    fn a_language_without_words_of_its_own_is_a_fault_word_by_word() {
        let shipped = crate::config::embedded::text("aftercare.toml").unwrap();
        assert_eq!(words(&context(&shipped)), []);
        let own = "[clinic.in.es]\n# Where she should go in an emergency.\nemergency_dept = \"las urgencias más cercanas\"\n";
        let hours = "opening_hours = \"de lunes a viernes, de 8 a 17 h\"\n";
        assert!(shipped.contains(own) && shipped.contains(hours));
        let found = words(&context(&shipped.replace(hours, "")));
        let [CheckFinding::Fault(fault)] = &found[..] else { panic!("{found:?}") };
        assert!(fault.problem.contains("clinic.opening_hours") && fault.hint.contains("[clinic.in.es]"));
        assert_eq!(fault.line, 1 + shipped.lines().position(|l| l.starts_with("opening_hours")).unwrap());
        // The emergency block would hold an English phrase.
        let bare = shipped.replace(own, "[clinic.in.es]\n");
        let found = words(&context(&bare));
        let [CheckFinding::Fault(fault)] = &found[..] else { panic!("{found:?}") };
        assert!(fault.problem.contains("clinic.emergency_dept") && fault.hint.contains("emergency_dept = "));
        // Figures need no translation.
        let figures =
            bare.replace("emergency_dept = \"the nearest emergency room\"", "emergency_dept = \"112\"");
        assert_eq!(words(&context(&figures)), []);
    }
}

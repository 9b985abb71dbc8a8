//! The words in force: gathered, read by what writes with them, and their faults under the names of the clinic's files.

use std::sync::Arc;

use crate::config::file::fault::Fault;
use crate::config::sections::clinic::{EmergencyFirst, LocalWords};
use crate::config::sources::Sources;
use crate::config::{Config, embedded};
use crate::daemon::assembly::sending_settings;
use crate::journey::deps::Write;
use crate::letter::compose::Composer;
use crate::letter::fault::LetterFault;
use crate::letter::own::layers::{SetAsideWording, StandingWording, WordingLayers};
use crate::letter::sources::is_ours;
use crate::letter::wording::{self, Files, Wording};

/// The words in force and what writes with them.
///
/// # Errors
/// All faults of all files, each under the name its file has at the clinic.
pub(crate) fn writing(config: &Config, sources: &Sources) -> Result<(Wording, Composer), Vec<Fault>> {
    let wording = standing(config, sources)?.wording;
    let composer = Composer::new(&wording).map_err(|found| named_faults(found, sources))?;
    Ok((wording, composer))
}

/// Says in the log which letters are as shipped because their own words do not prove.
pub(in crate::daemon) fn tell(set_aside: &[SetAsideWording]) {
    for SetAsideWording { own, faults } in set_aside {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let (letter, language, version, faults) =
            (&own.letter, &own.language, own.version, faults.join("; "));
        tracing::error!(
            letter,
            language,
            version,
            faults,
            "the clinic's own words of a letter do not prove; it leaves as shipped"
        );
    }
}

/// The words in force, and which wordings of staff had to be left out of them.
///
/// # Errors
/// As [`writing`].
pub(crate) fn standing(config: &Config, sources: &Sources) -> Result<StandingWording, Vec<Fault>> {
    Ok(layers(config, sources).map_err(|found| named_faults(found, sources))?.standing())
}

/// A composer as the function that steps call; its fault becomes text that is safe to show.
#[must_use]
pub(crate) fn writer(composer: Arc<Composer>) -> Box<Write> {
    Box::new(move |inputs, links| composer.compose(inputs, links).map_err(|fault| fault.to_string()))
}

/// The words in force: the shipped ones, shadowed text by text by what staff word, and by the operator's files above both.
///
/// # Errors
/// All faults of all files.
pub fn words(config: &Config, sources: &Sources) -> Result<Wording, Vec<LetterFault>> {
    Ok(layers(config, sources)?.standing().wording)
}

/// The words there are, layer by layer.
///
/// # Errors
/// All faults of all files.
pub fn layers(config: &Config, sources: &Sources) -> Result<WordingLayers, Vec<LetterFault>> {
    let ours = |list: Vec<String>, text: &dyn Fn(&str) -> Option<String>| -> Files {
        let ours = list.into_iter().filter(|path| is_ours(path));
        ours.filter_map(|path| text(&path).map(|text| (path, text))).collect()
    };
    let (mut shipped, mut own) = (Files::new(), Files::new());
    for folder in ["letters/", "leaflets/"] {
        shipped.extend(ours(embedded::list(folder), &embedded::text));
        own.extend(ours(sources.list(folder), &|path| sources.text(path)));
    }
    let names = own.keys().filter(|path| sources.is_own(path));
    let names = names.map(|path| (path.clone(), sources.name(path))).collect();
    let said = |layers: &[&Files]| -> Result<Wording, Vec<LetterFault>> {
        let mut wording = Wording::from_layers(says(config), layers)?;
        wording.languages.retain(|language, _| config.sending.languages.contains(language));
        Ok(wording)
    };
    let own_words = config.origin.wordings.clone();
    Ok(WordingLayers { shipped: said(&[&shipped])?, files: said(&[&shipped, &own])?, own: own_words, names })
}

pub(crate) fn says(config: &Config) -> wording::ClinicFacts {
    let clinic = &config.clinic;
    let first = match clinic.emergency_first {
        EmergencyFirst::Hotline => "hotline",
        EmergencyFirst::EmergencyNumber => "emergency_number",
        EmergencyFirst::Both => "both",
    };
    wording::ClinicFacts {
        name: clinic.name.clone(),
        short_name: clinic.short_name.clone(),
        phone_office: clinic.phone_office.clone(),
        phone_24h: clinic.phone_24h.clone(),
        emergency_number: clinic.emergency_number.clone(),
        emergency_first: first.to_owned(),
        emergency_dept: clinic.emergency_dept.clone(),
        address: clinic.address.clone(),
        opening_hours: clinic.opening_hours.clone(),
        region: clinic.country.clone(),
        tel: Some(wording::Tel {
            office: clinic.dial.office.dial.clone(),
            day_and_night: clinic.dial.day_and_night.dial.clone(),
            emergency: clinic.dial.emergency.dial.clone(),
        }),
        public_url: sending_settings::policy(config).public_url,
        organizer: Some(config.mail.from.address.expose().to_owned()),
        organized_by: Some(
            config.mail.reply_to.as_ref().unwrap_or(&config.mail.from.address).expose().to_owned(),
        ),
        sender: Some(config.mail.from.name.clone()),
        reply_to: config.mail.reply_to.as_ref().map(|address| address.expose().to_owned()),
        page_language: Some(wording::PAGE_LANGUAGE.to_owned()),
        text_width: Some(wording::TEXT_WIDTH),
        emergency_numbers: clinic.emergency_numbers.clone(),
        clock_zone: Some(clinic.time_zone.clone()),
        local: clinic.local.iter().map(|(language, local)| (language.clone(), said(local))).collect(),
    }
}

fn said(local: &LocalWords) -> wording::LocalFacts {
    let LocalWords { emergency_dept, opening_hours } = local.clone();
    wording::LocalFacts { emergency_dept, opening_hours }
}

/// A letter's faults as faults of configuration.
#[must_use]
pub(crate) fn letter_faults(found: Vec<LetterFault>) -> Vec<Fault> {
    let fault =
        |f: LetterFault| Fault { file: f.file, line: f.line.unwrap_or(0), problem: f.problem, hint: f.hint };
    found.into_iter().map(fault).collect()
}

/// The same, each under the name its file has at the clinic.
pub(crate) fn named_faults(found: Vec<LetterFault>, sources: &Sources) -> Vec<Fault> {
    let mut faults = letter_faults(found);
    faults.iter_mut().filter(|f| is_ours(&f.file)).for_each(|f| f.file = sources.name(&f.file));
    faults
}

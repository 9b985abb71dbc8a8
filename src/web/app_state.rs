//! What pages are made of, put together once and replaced as a whole when the configuration is read again.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use minijinja::{Value, context};
use tokio::sync::watch;

use super::html::PageFault;
use crate::care::address::EmailAddress;
use crate::config::Config;
use crate::config::centres::Centres;
use crate::config::pages::wording::{FALLBACK, PageTexts as Texts};
use crate::config::sections::learn::Learn;
use crate::exchange::openid::provider::OpenIdProvider;
use crate::journey::deps::Deps;
use crate::letter::compose::Composer;
use crate::letter::dates::DateWords;
use crate::letter::leaflet::{Leaflet, neutral_name};
use crate::letter::own::layers::{SetAsideWording, WordingLayers};
use crate::letter::wording::{self, PAGE_COUNTRY};
use crate::ports::{Clock, Courier, Entropy, MessageDigest};
use crate::web::html::Templates;
use crate::web::page_words::{ChecklistWordings, PageAudience, PageLanguage, PageLocale, PageWords};

/// The state in force; a request works with the one it began with.
pub(crate) type CurrentState = watch::Receiver<Arc<AppState>>;

/// What the daemon gives the pages.
pub struct PageDeps {
    /// The store and what the clinic decided.
    pub clinic: Deps,
    /// The words of letters: warning list and leaflets.
    pub composer: Arc<Composer>,
    /// The same words layer by layer: shipped, staff's, the operator's files.
    pub wordings: Arc<WordingLayers>,
    /// Wordings of staff that do not prove; their letters are as shipped.
    pub set_aside: Vec<SetAsideWording>,
    /// The configuration in force, with the texts it was read from.
    pub config: Arc<Config>,
    /// Whether letters go to a mail server, and not into files.
    pub letters_leave: bool,
    /// What the clinic says of itself.
    pub says: wording::ClinicFacts,
    /// The words of the pages.
    pub words: Texts,
    /// Names of the checklists there are.
    pub checklist_names: Vec<String>,
    /// The clinic's list of centres; empty where it is switched off.
    pub centres: Centres,
    /// The list of the files, or of the setting in force, whether patients are shown it or not.
    pub listed: Centres,
    /// What the clinic lets patients read.
    pub learn: Learn,
    /// Languages the clinic writes in; the first serves strangers who name none of them.
    pub languages: Vec<String>,
    /// Proxies whose word on the visitor's address is believed.
    pub proxies: Vec<IpAddr>,
    /// The hospital's provider, through which staff may sign in.
    pub openid: Option<Arc<OpenIdProvider>>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness for the nonces of forms.
    pub entropy: Arc<dyn Entropy>,
    /// What proves that a letter shown is the letter that left.
    pub digest: MessageDigest,
    /// How letters are tried out.
    pub trial: LetterTrial,
}

/// How a letter is sent as a test.
pub struct LetterTrial {
    /// What carries it to the mail server.
    pub courier: Arc<dyn Courier>,
    /// The only addresses it may go to.
    pub allow: Vec<EmailAddress>,
}

/// What every handler works with.
pub struct AppState {
    pub(super) deps: PageDeps,
    pub(super) templates: Templates,
    /// Path of the style sheet of the patients' pages.
    sheet: String,
    /// Error pages, ready: hostile requests must cost little.
    error_pages: BTreeMap<(String, u16), Bytes>,
    /// Every language that has both its page texts and its warning list: a page never mixes languages.
    locales: BTreeMap<String, PageLanguage>,
    pub(super) checklists: ChecklistWordings,
}

/// What a page may be refused with, and its words.
const REFUSALS: [(u16, &str, &str); 10] = [
    (400, "error.missing_title", "error.missing"),
    (403, "error.missing_title", "error.missing"),
    (404, "error.missing_title", "error.missing"),
    (405, "error.missing_title", "error.missing"),
    (408, "error.stale_title", "error.stale"),
    (413, "error.too_big_title", "error.too_big"),
    (415, "error.missing_title", "error.missing"),
    (429, "error.busy_title", "error.busy"),
    (500, "error.server_title", "error.server"),
    (503, "error.server_title", "error.server"),
];

/// Minutes after which a client that asked too much is served again.
const RETRY_MINUTES: &str = "1";

impl AppState {
    /// Renders the pages that never change.
    ///
    /// # Errors
    /// [`PageFault`] when a page cannot be rendered, or a language has no warning list.
    pub(super) fn new(deps: PageDeps, templates: Templates, sheet: String) -> Result<Self, PageFault> {
        let locales = locales(&deps);
        let languages: Vec<String> = locales.keys().cloned().collect();
        let (error_pages, checklists) = (BTreeMap::new(), ChecklistWordings::default());
        let mut app = Self { deps, templates, sheet, error_pages, locales, checklists };
        for language in languages {
            for (status, _, _) in REFUSALS {
                let page = app.render_error(&language, status)?;
                app.error_pages.insert((language.clone(), status), Bytes::from(page));
            }
        }
        Ok(app)
    }

    fn render_error(&self, language: &str, status: u16) -> Result<String, PageFault> {
        let reader = PageAudience { language, country: None };
        let texts = self.words(language);
        let named = REFUSALS.into_iter().find(|(code, _, _)| *code == status);
        let (_, title, text) = named.unwrap_or((status, "error.server_title", "error.server"));
        let text = texts.filled(text, &[("minutes", RETRY_MINUTES)]);
        let words = context! { title => texts.text(title), text, warning => self.warning(reader) };
        self.render("fault.html", reader, words)
    }

    /// The page in place of a refused request, and its language.
    pub(super) fn error_page(&self, language: &str, status: StatusCode) -> (StatusCode, Bytes) {
        let code = if REFUSALS.iter().any(|(code, _, _)| *code == status.as_u16()) {
            status.as_u16()
        } else if status.is_server_error() {
            500
        } else {
            400
        };
        let body = self.error_pages.get(&(language.to_owned(), code)).cloned().unwrap_or_default();
        (StatusCode::from_u16(code).unwrap_or(status), body)
    }

    /// The text that says in an emergency whom to ring first, as the clinic wants it.
    pub(super) fn emergency_line(&self) -> &'static str {
        match self.deps.says.emergency_first.as_str() {
            "hotline" => "do_line",
            "emergency_number" => "do_number",
            _ => "do_both",
        }
    }

    /// Renders a page for a reader: the words, the clinic and the frame are given to every page.
    ///
    /// # Errors
    /// [`PageFault`] when the template names something that was not given.
    pub(super) fn render(
        &self,
        page: &str,
        reader: PageAudience<'_>,
        words: Value,
    ) -> Result<String, PageFault> {
        let says = &self.deps.says;
        let tel = says.tel();
        let PageLocale { words: texts, tree, tel_emergency } = self.locale(reader);
        let frame = context! {
            lang => texts.language.clone(),
            t => tree.clone(),
            sheet => self.sheet.clone(),
            // The pages that need no token are asked for in the same country.
            abroad => self.lives_abroad(reader).map(|country| format!("&{PAGE_COUNTRY}={country}")).unwrap_or_default(),
            clinic => context! {
                short_name => says.short_name.clone(),
                tel_24h => tel.day_and_night,
                tel_office => tel.office,
                tel_emergency => tel_emergency.clone(),
            },
        };
        self.templates.render(page, context! { ..words, ..frame })
    }

    /// The words of that language, or of the first one, with the number that the reader rings.
    pub(super) fn locale(&self, reader: PageAudience<'_>) -> &PageLocale {
        self.pages_in(reader.language).ringing(self.deps.says.rings_instead(reader.country))
    }

    /// The words of that language, or of the first one, with the clinic's own number.
    pub(super) fn words(&self, language: &str) -> &PageWords {
        &self.locale(PageAudience { language, country: None }).words
    }

    /// The country of a reader who rings another number than the clinic's.
    fn lives_abroad<'a>(&self, reader: PageAudience<'a>) -> Option<&'a str> {
        reader.country.filter(|country| self.deps.says.rings_instead(Some(country)).is_some())
    }

    /// The warning list and the numbers, as in every letter.
    pub(super) fn warning(&self, reader: PageAudience<'_>) -> String {
        let language = self.page_language(reader.language);
        self.deps.composer.warning_html_in(language, reader.country).unwrap_or_default()
    }

    /// The language itself where there are pages in it, or the first one: never two languages in one page.
    pub(super) fn page_language(&self, language: &str) -> &str {
        &self.pages_in(language).ringing(None).words.language
    }

    fn pages_in(&self, language: &str) -> &PageLanguage {
        let first = || self.deps.languages.iter().find_map(|code| self.locales.get(code));
        // A clinic without any words of pages is refused at load; the empty words only keep this total.
        let found = self.locales.get(language).or_else(first).or_else(|| self.locales.get(FALLBACK));
        found.or_else(|| self.locales.values().next()).unwrap_or(&EMPTY)
    }

    /// The leaflets that are switched on, by name, with their titles.
    pub(super) fn leaflets(&self, language: &str) -> impl Iterator<Item = (&str, &str)> {
        let all = self.deps.composer.leaflets(language);
        all.filter(|(name, _)| self.deps.learn.leaflets.contains(*name))
    }

    /// A leaflet, if it is switched on: by its name, or by the one that tells nothing of it.
    pub(super) fn leaflet(&self, reader: PageAudience<'_>, name: &str) -> Option<&Leaflet> {
        let is_meant = |known: &&str| *known == name || neutral_name(known) == name;
        let known = self.deps.composer.leaflets(reader.language).map(|(known, _)| known);
        let name = known.into_iter().find(is_meant)?;
        let is_on = self.deps.learn.leaflets.contains(name);
        self.deps.composer.leaflet_in(reader.language, reader.country, name).filter(|_| is_on)
    }

    /// Whether dates are written month first in that language where the clinic is.
    pub(super) fn is_month_first(&self, language: &str) -> bool {
        self.deps.composer.dates(self.page_language(language)).is_some_and(DateWords::is_month_first)
    }

    /// The language for somebody whose link names none: the one asked for, or what the browser likes best, or the first.
    pub(super) fn negotiate_language(&self, asked: Option<&str>, headers: &HeaderMap) -> String {
        let known = |code: &str| self.locales.contains_key(code);
        if let Some(code) = asked.filter(|code| known(code)) {
            return code.to_owned();
        }
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|line| line.to_str().ok()).unwrap_or("");
        let accepted = accepted_languages(accepted).into_iter().find(|code| known(code));
        accepted.unwrap_or_else(|| self.page_language("").to_owned())
    }

    /// The language of the console for somebody: the one chosen, or what the browser likes best, or English.
    pub(super) fn staff_language(&self, chosen: Option<&str>, headers: &HeaderMap) -> String {
        let known = |code: &str| self.templates.languages().any(|known| known == code);
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|line| line.to_str().ok()).unwrap_or("");
        let mut asked = chosen.map(str::to_owned).into_iter().chain(accepted_languages(accepted));
        asked.find(|code| known(code)).unwrap_or_else(|| FALLBACK.to_owned())
    }

    /// The other languages, for the links that switch.
    pub(super) fn other_languages(&self, language: &str) -> Value {
        Value::from_iter(self.languages_beside(language).map(|(code, name)| context! { code, name }))
    }

    /// The languages there are pages in besides one: code and name.
    pub(super) fn languages_beside(&self, language: &str) -> impl Iterator<Item = (&str, &str)> {
        let others = self.deps.languages.iter().filter(move |code| *code != language);
        others.filter_map(|code| {
            Some((code.as_str(), self.locales.get(code)?.ringing(None).words.text("language.name")))
        })
    }

    /// Whether there are pages in that language.
    pub(super) fn speaks(&self, language: &str) -> bool {
        self.locales.contains_key(language)
    }
}

static EMPTY: std::sync::LazyLock<PageLanguage> = std::sync::LazyLock::new(Default::default);

fn locales(deps: &PageDeps) -> BTreeMap<String, PageLanguage> {
    let pages = &deps.words;
    let both = |code: &&str| {
        deps.languages.iter().any(|own| own == code) && deps.composer.warning_html(code).is_some()
    };
    let filled = pages.languages().filter(both).map(|code| {
        let filled = PageLanguage::load(pages, code, &deps.says, &deps.composer);
        (code.to_owned(), filled)
    });
    filled.collect()
}

/// Primary languages of an `Accept-Language` line, best liked first.
fn accepted_languages(line: &str) -> Vec<String> {
    let mut accepted: Vec<(u32, String)> = line
        .split(',')
        .take(16)
        .filter_map(|part| {
            // Blanks may stand around the semicolon (RFC 9110 §12.4.2).
            let mut pieces = part.split(';').map(str::trim);
            let code = pieces.next()?.split('-').next()?.to_ascii_lowercase();
            let weight =
                pieces.find_map(|piece| piece.strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('='));
            let weight = thousandths(weight.unwrap_or("1").trim())?;
            let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphabetic());
            (weight > 0 && is_code).then_some((weight, code))
        })
        .collect();
    accepted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    accepted.into_iter().map(|(_, code)| code).collect()
}

fn thousandths(weight: &str) -> Option<u32> {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let part: String = format!("{part}000").chars().take(3).collect();
    Some(whole.parse::<u32>().ok()?.min(1) * 1000 + part.parse::<u32>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_comes_first() {
        assert_eq!(accepted_languages("fr;q=0.5, es-MX, en;q=0.9"), ["es", "en", "fr"]);
        assert_eq!(accepted_languages("en;q=0, es;q=0.001"), ["es"]);
        for blanks in
            ["es; q=0.1, en", "es ;q=0.1,en", "es;\tq=0.1 , en ; q=0.2", "es;Q=0.1,en;level=1;q=0.2"]
        {
            assert_eq!(accepted_languages(blanks), ["en", "es"], "{blanks}");
        }
        assert_eq!(accepted_languages(";;;,=,q=,\u{7f},*,es;q=x"), Vec::<String>::new());
    }
}

//! Where a letter leads: the addresses its words may name, and what stands below the list of signs: the way to tell of one, the
//! list on the web, and how to stop letters.

use std::collections::BTreeSet;

use minijinja::{Value, context};

use crate::care::patient::Detail;
use crate::letter::compose::Draft;
use crate::letter::content::{FORM, LetterItem};
use crate::letter::leaflet::neutral_name;
use crate::letter::markup::Block;
use crate::letter::wording::PAGE_COUNTRY;

impl Draft<'_> {
    /// How to stop letters, and where the list stands on the web.
    pub(super) fn foot(&self) -> Vec<Block> {
        if self.staff {
            return Vec::new();
        }
        let line = |key: &str| self.locale.string(key).to_owned();
        let mut blocks = Vec::new();
        // Below the list of signs: beside the words on an appointment it would read as a way to change that.
        if let Some(address) = self.links.changed.as_ref().filter(|_| self.offers_change()) {
            blocks.push(Block::Link(address.clone(), line("links.changed")));
        }
        if let Some(address) = &self.links.help {
            blocks.push(Block::Link(self.public_page(address), line("links.help")));
        }
        if self.inputs.items.iter().all(|item| item.template != "opt-out-done") {
            blocks.push(Block::Paragraph(line("lines.opt_out")));
            if let Some(address) = &self.links.opt_out {
                blocks.push(Block::Link(address.clone(), line("links.opt_out")));
            }
        }
        blocks
    }

    /// Whether "something changed" belongs here: not beside another form, not where a form would cost time.
    fn offers_change(&self) -> bool {
        let quiet = ["go-now", "opt-out-done"];
        let fits = |item: &LetterItem| item.kind != "checklist" && !quiet.contains(&item.template.as_str());
        !self.inputs.no_cover && self.inputs.items.iter().all(fits)
    }

    /// A page that anybody may open, asked for in the letter's own language: a browser may like another. Whoever lives abroad
    /// reads the emergency number of her country there too.
    fn public_page(&self, address: &str) -> String {
        // Of a wording kept before pages were asked for so: the address as it left.
        let Some(name) = &self.composer.clinic.page_language else { return address.to_owned() };
        let country = self.inputs.country.as_deref();
        let abroad = country.filter(|_| self.composer.clinic.rings_instead(country).is_some());
        let abroad = abroad.map(|country| format!("&{PAGE_COUNTRY}={country}")).unwrap_or_default();
        format!("{address}?{name}={}{abroad}", self.locale.language)
    }

    /// How many short texts the letter is about, and where they stand. At `full` each item brings its own; below that all stand
    /// in one, by names that tell nothing, and at `minimal` in the list of all there are: the page says what the letter keeps back.
    pub(super) fn texts(&self, item: &LetterItem) -> Value {
        let mut names: Vec<&str> = match self.detail {
            Detail::Full => item.leaflet.as_deref().into_iter().collect(),
            _ => self.inputs.items.iter().filter_map(|item| item.leaflet.as_deref()).collect(),
        };
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        let count = names.len();
        let base = self.links.learn.as_deref().map(|base| base.trim_end_matches('/'));
        let leaflet = |name: &str| match self.detail {
            Detail::Minimal => String::new(),
            Detail::Standard => format!("/{}", neutral_name(name)),
            Detail::Full => format!("/{name}"),
        };
        let page = |name: &str| base.map(|base| self.public_page(&format!("{base}{}", leaflet(name))));
        let mut links: Vec<String> = names.into_iter().filter_map(page).collect();
        links.dedup();
        context! { count, links }
    }

    /// The addresses a template may name; empty where there is none.
    pub(super) fn addresses(&self, item: &LetterItem) -> Value {
        let address = |link: &Option<String>| link.clone().unwrap_or_default();
        let page = |link: Option<&str>| link.map(|link| self.public_page(link)).unwrap_or_default();
        let learn = match (self.links.learn.as_deref(), &item.leaflet) {
            (Some(base), Some(name)) if self.detail == Detail::Full => {
                self.public_page(&format!("{}/{name}", base.trim_end_matches('/')))
            }
            (base, _) => page(base),
        };
        // While nobody can read an answer no letter may ask for one, whatever its words include.
        let asks = !(self.inputs.no_cover && item.kind == "checklist");
        context! {
            checklist => if !asks { String::new() } else { item.facts.get(FORM).and_then(|form| self.links.forms.get(form)).cloned()
                .unwrap_or_else(|| address(&self.links.checklist)) },
            console => address(&self.links.console),
            code => address(&self.links.code),
            help => page(self.links.help.as_deref()),
            learn,
        }
    }
}

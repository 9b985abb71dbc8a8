//! The design system, made from the style sheet and the macros that the pages are made of, so that it cannot say anything else
//! than they show.

mod contrast;

use axum::response::Response;
use minijinja::{Value, context};

use crate::care::triage::tier::Tier;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::filter_link::{FilterLink, filter_links};
use crate::web::console::layout::frame::SHEET;
use crate::web::console::layout::page;
use crate::web::console::layout::style_page::contrast::{ColourPair, PAIRS, StyleToken, ratio, tokens};

/// Shows the design system.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    let tokens = tokens(SHEET.css);
    let (colours, sizes): (Vec<StyleToken>, Vec<StyleToken>) =
        tokens.into_iter().partition(|token| token.light.starts_with('#'));
    let pairs = PAIRS.iter().map(|pair| told_apart(pair, &colours));
    let words = context! {
        colours => colours.iter().map(token).collect::<Vec<_>>(),
        sizes => sizes.iter().map(token).collect::<Vec<_>>(),
        pairs => pairs.collect::<Vec<_>>(),
        tiers => Tier::ALL.map(Tier::word).to_vec(),
        filters => samples_of_links(),
        ..samples()
    };
    page::render(&signed_in, "style", words)
}

fn token(token: &StyleToken) -> Value {
    context! { name => token.name, light => token.light, dark => token.dark }
}

fn told_apart(pair: &ColourPair, colours: &[StyleToken]) -> Value {
    let of = |name: &str| colours.iter().find(|token| token.name == name);
    let ratios = of(pair.front)
        .zip(of(pair.back))
        .and_then(|(front, back)| Some((ratio(front.light, back.light)?, ratio(front.dark, back.dark)?)));
    let (light, dark) = ratios.unwrap_or((0.0, 0.0));
    context! {
        front => pair.front,
        back => pair.back,
        used_for => pair.used_for,
        least => pair.least,
        light => format!("{light:.1}"),
        dark => format!("{dark:.1}"),
    }
}

fn samples_of_links() -> Value {
    let link = |text, on, count| FilterLink { text, href: "/style".to_owned(), on, count };
    filter_links([
        link("Chosen", true, Some(12)),
        link("Another", false, Some(3)),
        link("Without a number", false, None),
    ])
}

/// A made-up patient, an alert, a task and a form that was not taken.
fn samples() -> Value {
    let number = context! { dial => "+15550100", text => "+1 555 0100" };
    let who = context! {
        name => "Ana (made up)",
        contact => context! { numbers => vec![number], now => false, died => false, best_time => "after 5", other => (), other_number => (), hers => () },
    };
    let alert = context! {
        id => 0, code => "A-000", tier => "urgent", state => "raised", left => "40 min left", overdue => false,
        raised => "20 min ago", day => "23 Nov 2026, 08:32", outcome => (), by => "nora", last => (), who => who.clone(),
    };
    let task = context! {
        id => 0, code => "A-000", ask => "Ring her.", reason => "Her second form came back half-way.", open => true,
        owner => "nora", back => (), due => "23 Nov 2026, 08:32", left => "overdue by 2 h", overdue => true, last => (), way => (), who,
    };
    let fault = context! { field => "sample", text => "Give a day to come." };
    let refused = context! {
        sent => true,
        typed => context! { sample => "2019-01-01" },
        all => context! { sample => vec!["2019-01-01"] },
        wrong => context! { sample => "Give a day to come." },
        faults => vec![fault],
    };
    let counts = vec![
        context! { what => "Letters of the follow-up plan", today => 12, tomorrow => 31, kind => "due" },
    ];
    context! { alerts => vec![alert], tasks => vec![task], refused, counts }
}

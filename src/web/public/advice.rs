//! What she sees when it counts: what to do now. It needs nothing but words, and stands however badly the rest went.

use jiff::Timestamp;
use minijinja::{Value, context};

use crate::care::tier::Tier;
use crate::journey::policy::zone;
use crate::journey::respond::Outcome;
use crate::web::html::PageFault;
use crate::web::rooms::Rooms;

/// How far the form got.
pub(super) enum Standing {
    /// Sent and stored.
    Sent,
    /// A page is stored; the address of the next one.
    HalfWay(String),
    /// It could not be stored.
    Unsaved,
}

/// The page of an outcome.
pub(super) fn page(
    rooms: &Rooms,
    language: &str,
    at: Timestamp,
    what: (Outcome, &Standing),
) -> Result<String, PageFault> {
    let (outcome, standing) = what;
    let texts = rooms.words(language);
    let tier = match outcome {
        Outcome::Tier(tier) => tier.word(),
        Outcome::Unsorted => "education",
    };
    let emergency = outcome == Outcome::Tier(Tier::Emergency);
    let show = emergency.then(|| {
        context! { title => texts.text("tier.show.title"), text => texts.text("tier.show.text") }
    });
    let (go_on, unsaved) = match standing {
        Standing::Sent => (None, None),
        Standing::HalfWay(address) => (Some(address.as_str()), None),
        Standing::Unsaved => (None, Some(texts.text("tier.after.unsaved"))),
    };
    let words = context! {
        title => texts.text(&format!("tier.{tier}.title")),
        text => Value::from(texts.html(&format!("tier.{tier}.text"))),
        alarm => emergency,
        show,
        unsaved,
        go_on,
        go_on_text => texts.text("tier.after.go_on"),
        partial => texts.text("tier.after.partial"),
        when => texts.filled("tier.after.when", &[("date", &moment(rooms, at))]),
        print => texts.text("tier.after.print"),
        warning => rooms.warning(language),
    };
    rooms.write("tier.html", language, words)
}

/// Day and hour at the clinic, in figures, so that any doctor can read it.
fn moment(rooms: &Rooms, at: Timestamp) -> String {
    let name = &rooms.furniture.clinic.policy.zone;
    let local = zone(name).map(|zone| zone.to_datetime(at));
    local.map_or_else(
        |_| at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        |local| local.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

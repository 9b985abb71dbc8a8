//! What her page told her to do: whoever rings her knows what she has read.

use minijinja::{Value, context};

use crate::care::triage::tier::Tier;
use crate::journey::answers::advice::RespondOutcome;
use crate::store::answers::responses::Response;
use crate::web::console::auth::session::SignedIn;
use crate::web::page_words::PageAudience;

/// The heading and the first sentence of that page, in the reader's language and the words of now. It comes at the end of the
/// form, and before it only for an emergency; whoever left a form half-way finds it behind her link when she opens that again.
/// The emergency number is that of the country she lives in, as on her page.
pub(super) fn words(response: &Response, signed_in: &SignedIn, country: Option<&str>) -> Option<Value> {
    let outcome = RespondOutcome::of(response);
    let is_shown = response.is_sent() || outcome == RespondOutcome::Tier(Tier::Emergency);
    if !is_shown && !outcome.worries() {
        return None;
    }
    let emergency = format!("emergency.{}", signed_in.app.emergency_line());
    let (title, what) = match outcome {
        RespondOutcome::Tier(Tier::Emergency) => ("emergency.title", emergency.as_str()),
        RespondOutcome::Tier(Tier::Urgent) => ("urgent.title", "urgent.do"),
        RespondOutcome::Tier(Tier::Soon) => ("soon.title", "soon.do"),
        RespondOutcome::Tier(Tier::Routine) => ("routine.title", "routine.do"),
        RespondOutcome::Unsorted => ("education.now_title", "education.now"),
    };
    let texts = &signed_in.app.locale(PageAudience { language: &signed_in.language, country }).words;
    Some(context! { title => texts.text(title), what => texts.text(what), later => !is_shown })
}

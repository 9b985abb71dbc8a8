//! The patients' templates, as they ship.

use crate::web::html::TemplateSource;

/// What the patients' pages are rendered from.
pub(in crate::web) const TEMPLATES: &[TemplateSource] = &[
    TemplateSource { name: "layout.html", text: include_str!("../pages/public/layout.html") },
    TemplateSource { name: "parts.html", text: include_str!("../pages/public/parts.html") },
    TemplateSource { name: "help.html", text: include_str!("../pages/public/help.html") },
    TemplateSource { name: "learn.html", text: include_str!("../pages/public/learn.html") },
    TemplateSource { name: "leaflet.html", text: include_str!("../pages/public/leaflet.html") },
    TemplateSource { name: "centres.html", text: include_str!("../pages/public/centres.html") },
    TemplateSource { name: "fault.html", text: include_str!("../pages/public/fault.html") },
    TemplateSource { name: "start.html", text: include_str!("../pages/public/start.html") },
    TemplateSource { name: "questions.html", text: include_str!("../pages/public/questions.html") },
    TemplateSource { name: "review.html", text: include_str!("../pages/public/review.html") },
    TemplateSource { name: "tier.html", text: include_str!("../pages/public/tier.html") },
    TemplateSource { name: "birth.html", text: include_str!("../pages/public/birth.html") },
    TemplateSource { name: "closed.html", text: include_str!("../pages/public/closed.html") },
    TemplateSource { name: "stop.html", text: include_str!("../pages/public/stop.html") },
];

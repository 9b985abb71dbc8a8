//! The console's templates, as they ship.

use crate::web::html::TemplateSource;

/// What the console's pages are rendered from.
pub(in crate::web) const TEMPLATES: &[TemplateSource] = &[
    TemplateSource { name: "console/layout.html", text: include_str!("../pages/console/layout/layout.html") },
    TemplateSource { name: "console/parts.html", text: include_str!("../pages/console/layout/parts.html") },
    TemplateSource { name: "console/gate.html", text: include_str!("../pages/console/auth/gate.html") },
    TemplateSource { name: "console/sign-in.html", text: include_str!("../pages/console/auth/sign-in.html") },
    TemplateSource { name: "console/fault.html", text: include_str!("../pages/console/layout/fault.html") },
    TemplateSource {
        name: "console/worklist.html",
        text: include_str!("../pages/console/worklist/worklist.html"),
    },
    TemplateSource { name: "console/today.html", text: include_str!("../pages/console/worklist/today.html") },
    TemplateSource { name: "console/live.html", text: include_str!("../pages/console/worklist/live.html") },
    TemplateSource { name: "console/start.html", text: include_str!("../pages/console/worklist/start.html") },
    TemplateSource { name: "console/calls.html", text: include_str!("../pages/console/worklist/calls.html") },
    TemplateSource {
        name: "console/alerts.html",
        text: include_str!("../pages/console/worklist/alerts.html"),
    },
    TemplateSource {
        name: "console/silence.html",
        text: include_str!("../pages/console/worklist/silence.html"),
    },
    TemplateSource {
        name: "console/leaving.html",
        text: include_str!("../pages/console/worklist/leaving.html"),
    },
    TemplateSource { name: "console/alert.html", text: include_str!("../pages/console/alerts/alert.html") },
    TemplateSource {
        name: "console/answers.html",
        text: include_str!("../pages/console/patients/answers.html"),
    },
    TemplateSource {
        name: "console/contact-log.html",
        text: include_str!("../pages/console/worklist/contact-log.html"),
    },
    TemplateSource { name: "console/task.html", text: include_str!("../pages/console/worklist/task.html") },
    TemplateSource {
        name: "console/patients.html",
        text: include_str!("../pages/console/patients/patients.html"),
    },
    TemplateSource {
        name: "console/contact.html",
        text: include_str!("../pages/console/patients/contact.html"),
    },
    TemplateSource {
        name: "console/patient.html",
        text: include_str!("../pages/console/patients/patient.html"),
    },
    TemplateSource {
        name: "console/protocols.html",
        text: include_str!("../pages/console/protocols/protocols.html"),
    },
    TemplateSource {
        name: "console/protocol.html",
        text: include_str!("../pages/console/protocols/protocol.html"),
    },
    TemplateSource {
        name: "console/letter.html",
        text: include_str!("../pages/console/letters/letter.html"),
    },
    TemplateSource {
        name: "console/ledger.html",
        text: include_str!("../pages/console/letters/ledger.html"),
    },
    TemplateSource {
        name: "console/account.html",
        text: include_str!("../pages/console/people/account.html"),
    },
    TemplateSource { name: "console/join.html", text: include_str!("../pages/console/people/join.html") },
    TemplateSource { name: "console/link.html", text: include_str!("../pages/console/people/link.html") },
    TemplateSource { name: "console/own.html", text: include_str!("../pages/console/people/own.html") },
    TemplateSource { name: "console/people.html", text: include_str!("../pages/console/people/people.html") },
    TemplateSource {
        name: "console/recovery-codes.html",
        text: include_str!("../pages/console/people/recovery-codes.html"),
    },
    TemplateSource { name: "console/views.html", text: include_str!("../pages/console/people/views.html") },
    TemplateSource { name: "console/roles.html", text: include_str!("../pages/console/people/roles.html") },
    TemplateSource { name: "console/audit.html", text: include_str!("../pages/console/records/audit.html") },
    TemplateSource {
        name: "console/test-alert.html",
        text: include_str!("../pages/console/alerts/test-alert.html"),
    },
];

//! The console's templates, as they ship.

use crate::web::html::TemplateSource;

/// What the console's pages are rendered from.
pub(in crate::web) const TEMPLATES: &[TemplateSource] = &[
    TemplateSource { name: "console/layout.html", text: include_str!("../pages/console/layout/layout.html") },
    TemplateSource { name: "console/parts.html", text: include_str!("../pages/console/layout/parts.html") },
    TemplateSource {
        name: "console/same-site.html",
        text: include_str!("../pages/console/auth/same-site.html"),
    },
    TemplateSource { name: "console/sign-in.html", text: include_str!("../pages/console/auth/sign-in.html") },
    TemplateSource { name: "console/unsaved.html", text: include_str!("../pages/console/auth/unsaved.html") },
    TemplateSource { name: "console/style.html", text: include_str!("../pages/console/layout/style.html") },
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
    TemplateSource {
        name: "console/booking-list.html",
        text: include_str!("../pages/console/worklist/booking-list.html"),
    },
    TemplateSource { name: "console/held.html", text: include_str!("../pages/console/letters/held.html") },
    TemplateSource {
        name: "console/held-check.html",
        text: include_str!("../pages/console/letters/held-check.html"),
    },
    TemplateSource { name: "console/alike.html", text: include_str!("../pages/console/alerts/alike.html") },
    TemplateSource { name: "console/task.html", text: include_str!("../pages/console/worklist/task.html") },
    TemplateSource {
        name: "console/protocol-check.html",
        text: include_str!("../pages/console/protocols/check.html"),
    },
    TemplateSource {
        name: "console/patients.html",
        text: include_str!("../pages/console/patients/patients.html"),
    },
    TemplateSource { name: "console/proxy.html", text: include_str!("../pages/console/patients/proxy.html") },
    TemplateSource {
        name: "console/correct.html",
        text: include_str!("../pages/console/patients/correct.html"),
    },
    TemplateSource {
        name: "console/correct-check.html",
        text: include_str!("../pages/console/patients/correct-check.html"),
    },
    TemplateSource {
        name: "console/effect.html",
        text: include_str!("../pages/console/patients/effect.html"),
    },
    TemplateSource { name: "console/story.html", text: include_str!("../pages/console/patients/story.html") },
    TemplateSource {
        name: "console/story-parts.html",
        text: include_str!("../pages/console/patients/story-parts.html"),
    },
    TemplateSource { name: "console/plan.html", text: include_str!("../pages/console/patients/plan.html") },
    TemplateSource {
        name: "console/plan-check.html",
        text: include_str!("../pages/console/patients/plan-check.html"),
    },
    TemplateSource {
        name: "console/change-check.html",
        text: include_str!("../pages/console/patients/change-check.html"),
    },
    TemplateSource { name: "console/enrol.html", text: include_str!("../pages/console/patients/enrol.html") },
    TemplateSource {
        name: "console/enrol-check.html",
        text: include_str!("../pages/console/patients/enrol-check.html"),
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
        name: "console/checklists.html",
        text: include_str!("../pages/console/checklists/checklists.html"),
    },
    TemplateSource {
        name: "console/checklist.html",
        text: include_str!("../pages/console/checklists/checklist.html"),
    },
    TemplateSource {
        name: "console/checklist-trial.html",
        text: include_str!("../pages/console/checklists/trial.html"),
    },
    TemplateSource {
        name: "console/checklist-count.html",
        text: include_str!("../pages/console/checklists/count.html"),
    },
    TemplateSource {
        name: "console/checklist-sign.html",
        text: include_str!("../pages/console/checklists/sign.html"),
    },
    TemplateSource {
        name: "console/checklist-parts.html",
        text: include_str!("../pages/console/checklists/parts.html"),
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
        name: "console/protocol-parts.html",
        text: include_str!("../pages/console/protocols/parts.html"),
    },
    TemplateSource {
        name: "console/draft-begin.html",
        text: include_str!("../pages/console/protocols/draft-begin.html"),
    },
    TemplateSource {
        name: "console/draft.html",
        text: include_str!("../pages/console/protocols/draft.html"),
    },
    TemplateSource {
        name: "console/draft-text.html",
        text: include_str!("../pages/console/protocols/draft-text.html"),
    },
    TemplateSource {
        name: "console/draft-publish.html",
        text: include_str!("../pages/console/protocols/draft-publish.html"),
    },
    TemplateSource {
        name: "console/publication.html",
        text: include_str!("../pages/console/protocols/publication.html"),
    },
    TemplateSource {
        name: "console/protocol-compare.html",
        text: include_str!("../pages/console/protocols/compare.html"),
    },
    TemplateSource {
        name: "console/protocol-fields.html",
        text: include_str!("../pages/console/protocols/fields.html"),
    },
    TemplateSource {
        name: "console/draft-details.html",
        text: include_str!("../pages/console/protocols/draft-details.html"),
    },
    TemplateSource {
        name: "console/draft-series.html",
        text: include_str!("../pages/console/protocols/draft-series.html"),
    },
    TemplateSource {
        name: "console/letter.html",
        text: include_str!("../pages/console/letters/letter.html"),
    },
    TemplateSource {
        name: "console/letter-stops.html",
        text: include_str!("../pages/console/letters/letter-stops.html"),
    },
    TemplateSource {
        name: "console/letter-kinds.html",
        text: include_str!("../pages/console/letters/letter-kinds.html"),
    },
    TemplateSource {
        name: "console/letter-kind.html",
        text: include_str!("../pages/console/letters/letter-kind.html"),
    },
    TemplateSource {
        name: "console/letter-wording.html",
        text: include_str!("../pages/console/letters/letter-wording.html"),
    },
    TemplateSource {
        name: "console/letter-wording-compare.html",
        text: include_str!("../pages/console/letters/letter-wording-compare.html"),
    },
    TemplateSource {
        name: "console/ledger.html",
        text: include_str!("../pages/console/letters/ledger.html"),
    },
    TemplateSource {
        name: "console/import.html",
        text: include_str!("../pages/console/imports/import.html"),
    },
    TemplateSource {
        name: "console/import-columns.html",
        text: include_str!("../pages/console/imports/columns.html"),
    },
    TemplateSource {
        name: "console/import-progress.html",
        text: include_str!("../pages/console/imports/progress.html"),
    },
    TemplateSource {
        name: "console/import-check.html",
        text: include_str!("../pages/console/imports/check.html"),
    },
    TemplateSource {
        name: "console/import-record.html",
        text: include_str!("../pages/console/imports/record.html"),
    },
    TemplateSource {
        name: "console/setting-parts.html",
        text: include_str!("../pages/console/settings/setting-parts.html"),
    },
    TemplateSource {
        name: "console/setting-fields.html",
        text: include_str!("../pages/console/settings/setting-fields.html"),
    },
    TemplateSource {
        name: "console/settings.html",
        text: include_str!("../pages/console/settings/settings.html"),
    },
    TemplateSource {
        name: "console/setting.html",
        text: include_str!("../pages/console/settings/setting.html"),
    },
    TemplateSource {
        name: "console/account.html",
        text: include_str!("../pages/console/people/account.html"),
    },
    TemplateSource {
        name: "console/connect.html",
        text: include_str!("../pages/console/people/connect.html"),
    },
    TemplateSource {
        name: "console/to-provider.html",
        text: include_str!("../pages/console/people/to-provider.html"),
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
    TemplateSource { name: "console/merge.html", text: include_str!("../pages/console/records/merge.html") },
    TemplateSource {
        name: "console/export.html",
        text: include_str!("../pages/console/records/export.html"),
    },
    TemplateSource { name: "console/erase.html", text: include_str!("../pages/console/records/erase.html") },
    TemplateSource {
        name: "console/erased.html",
        text: include_str!("../pages/console/records/erased.html"),
    },
    TemplateSource {
        name: "console/retention.html",
        text: include_str!("../pages/console/records/retention.html"),
    },
    TemplateSource {
        name: "console/record.html",
        text: include_str!("../pages/console/records/record.html"),
    },
    TemplateSource { name: "console/audit.html", text: include_str!("../pages/console/records/audit.html") },
    TemplateSource {
        name: "console/reports.html",
        text: include_str!("../pages/console/reports/reports.html"),
    },
    TemplateSource {
        name: "console/overdue.html",
        text: include_str!("../pages/console/reports/overdue.html"),
    },
    TemplateSource {
        name: "console/what-if.html",
        text: include_str!("../pages/console/reports/what-if.html"),
    },
    TemplateSource {
        name: "console/test-alert.html",
        text: include_str!("../pages/console/alerts/test-alert.html"),
    },
];

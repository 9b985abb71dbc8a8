//! The console's templates.

/// The console's templates.
pub(in crate::web) const TEMPLATES: &[(&str, &str)] = &[
    ("console/layout.html", include_str!("../pages/console/layout/layout.html")),
    ("console/parts.html", include_str!("../pages/console/layout/parts.html")),
    ("console/gate.html", include_str!("../pages/console/auth/gate.html")),
    ("console/sign-in.html", include_str!("../pages/console/auth/sign-in.html")),
    ("console/fault.html", include_str!("../pages/console/layout/fault.html")),
    ("console/worklist.html", include_str!("../pages/console/worklist/worklist.html")),
    ("console/alert.html", include_str!("../pages/console/alerts/alert.html")),
    ("console/answers.html", include_str!("../pages/console/patients/answers.html")),
    ("console/task.html", include_str!("../pages/console/worklist/task.html")),
    ("console/patients.html", include_str!("../pages/console/patients/patients.html")),
    ("console/patient.html", include_str!("../pages/console/patients/patient.html")),
    ("console/protocols.html", include_str!("../pages/console/protocols/protocols.html")),
    ("console/protocol.html", include_str!("../pages/console/protocols/protocol.html")),
    ("console/letter.html", include_str!("../pages/console/letters/letter.html")),
    ("console/ledger.html", include_str!("../pages/console/letters/ledger.html")),
    ("console/audit.html", include_str!("../pages/console/records/audit.html")),
    ("console/test-alert.html", include_str!("../pages/console/alerts/test-alert.html")),
];

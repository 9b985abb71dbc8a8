//! The console's templates.

/// The console's templates.
pub(in crate::web) const TEMPLATES: &[(&str, &str)] = &[
    ("console/layout.html", include_str!("../pages/console/layout.html")),
    ("console/parts.html", include_str!("../pages/console/parts.html")),
    ("console/gate.html", include_str!("../pages/console/gate.html")),
    ("console/sign-in.html", include_str!("../pages/console/sign-in.html")),
    ("console/fault.html", include_str!("../pages/console/fault.html")),
    ("console/worklist.html", include_str!("../pages/console/worklist.html")),
    ("console/alert.html", include_str!("../pages/console/alert.html")),
    ("console/answers.html", include_str!("../pages/console/answers.html")),
    ("console/task.html", include_str!("../pages/console/task.html")),
    ("console/patients.html", include_str!("../pages/console/patients.html")),
    ("console/patient.html", include_str!("../pages/console/patient.html")),
    ("console/protocols.html", include_str!("../pages/console/protocols.html")),
    ("console/protocol.html", include_str!("../pages/console/protocol.html")),
    ("console/letter.html", include_str!("../pages/console/letter.html")),
    ("console/ledger.html", include_str!("../pages/console/ledger.html")),
    ("console/audit.html", include_str!("../pages/console/audit.html")),
    ("console/test-alert.html", include_str!("../pages/console/test-alert.html")),
];

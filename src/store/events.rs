//! Names of audit events that are told apart after they were written: when a backup is restored, those of the database that was
//! there before say what must be done again. The others stand where they are written.

/// `alert.acknowledged`.
pub const ALERT_ACKNOWLEDGED: &str = "alert.acknowledged";
/// `alert.closed`.
pub const ALERT_CLOSED: &str = "alert.closed";
/// `alert.joined`.
pub const ALERT_JOINED: &str = "alert.joined";
/// `alert.lifted`.
pub const ALERT_LIFTED: &str = "alert.lifted";
/// `alert.raised`.
pub const ALERT_RAISED: &str = "alert.raised";
/// `appointment.booked`.
pub const APPOINTMENT_BOOKED: &str = "appointment.booked";
/// `appointment.cancelled`.
pub const APPOINTMENT_CANCELLED: &str = "appointment.cancelled";
/// `appointment.carried-over`.
pub const APPOINTMENT_CARRIED_OVER: &str = "appointment.carried-over";
/// `appointment.moved`.
pub const APPOINTMENT_MOVED: &str = "appointment.moved";
/// `appointment.reason`.
pub const APPOINTMENT_REASON: &str = "appointment.reason";
/// `baseline.confirmed`.
pub const BASELINE_CONFIRMED: &str = "baseline.confirmed";
/// `booking.settled`.
pub const BOOKING_SETTLED: &str = "booking.settled";
/// `bone-spread.noted`.
pub const BONE_SPREAD_NOTED: &str = "bone-spread.noted";
/// `contact.logged`.
pub const CONTACT_LOGGED: &str = "contact.logged";
/// `database.restored`.
pub const DATABASE_RESTORED: &str = "database.restored";
/// `delivery.bounced`.
pub const DELIVERY_BOUNCED: &str = "delivery.bounced";
/// `delivery.claimed`.
pub const DELIVERY_CLAIMED: &str = "delivery.claimed";
/// `delivery.returned`.
pub const DELIVERY_RETURNED: &str = "delivery.returned";
/// `delivery.sent`.
pub const DELIVERY_SENT: &str = "delivery.sent";
/// `delivery.unknown`.
pub const DELIVERY_UNKNOWN: &str = "delivery.unknown";
/// `enrolment.ended`.
pub const ENROLMENT_ENDED: &str = "enrolment.ended";
/// `enrolment.opened`.
pub const ENROLMENT_OPENED: &str = "enrolment.opened";
/// `enrolment.replanned`.
pub const ENROLMENT_REPLANNED: &str = "enrolment.replanned";
/// `follow-up.done`.
pub const FOLLOW_UP_DONE: &str = "follow-up.done";
/// `key.replaced`.
pub const KEY_REPLACED: &str = "key.replaced";
/// `letters.accepted`.
pub const LETTERS_ACCEPTED: &str = "letters.accepted";
/// `letters.declined`.
pub const LETTERS_DECLINED: &str = "letters.declined";
/// `link.unlocked`.
pub const LINK_UNLOCKED: &str = "link.unlocked";
/// `patient.admitted`.
pub const PATIENT_ADMITTED: &str = "patient.admitted";
/// `patient.corrected`.
pub const PATIENT_CORRECTED: &str = "patient.corrected";
/// `patient.status`.
pub const PATIENT_STATUS: &str = "patient.status";
/// `reason.known`.
pub const REASON_KNOWN: &str = "reason.known";
/// `response.saved`.
pub const RESPONSE_SAVED: &str = "response.saved";
/// `response.submitted`.
pub const RESPONSE_SUBMITTED: &str = "response.submitted";
/// `roster.imported`.
pub const ROSTER_IMPORTED: &str = "roster.imported";
/// `staff.added`.
pub const STAFF_ADDED: &str = "staff.added";
/// `staff.disabled`.
pub const STAFF_DISABLED: &str = "staff.disabled";
/// `staff.reset`.
pub const STAFF_RESET: &str = "staff.reset";
/// `staff.signed-in`.
pub const STAFF_SIGNED_IN: &str = "staff.signed-in";
/// `task.done`.
pub const TASK_DONE: &str = "task.done";
/// `task.opened`.
pub const TASK_OPENED: &str = "task.opened";

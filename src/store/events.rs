//! Names of audit events that are told apart after they were written: when a backup is restored, those of the database that was
//! there before say what must be done again. The others stand where they are written.

/// A person took an alert on, or read its unsorted answer.
pub const ALERT_ACKNOWLEDGED: &str = "alert.acknowledged";
/// An alert was closed, with what was done and what it turned out to be.
pub const ALERT_CLOSED: &str = "alert.closed";
/// A further answer is covered by an alert that rings already.
pub const ALERT_JOINED: &str = "alert.joined";
/// An alert that rings was raised to a higher tier, and its ladder began anew.
pub const ALERT_LIFTED: &str = "alert.lifted";
/// An alert was raised for an answer.
pub const ALERT_RAISED: &str = "alert.raised";
/// A date was booked for a follow-up, the subject.
pub const APPOINTMENT_BOOKED: &str = "appointment.booked";
/// The date of a follow-up, the subject, was called off.
pub const APPOINTMENT_CANCELLED: &str = "appointment.cancelled";
/// A booked follow-up counts for another due date after a change of plan.
pub const APPOINTMENT_CARRIED_OVER: &str = "appointment.carried-over";
/// The date of a follow-up, the subject, was moved.
pub const APPOINTMENT_MOVED: &str = "appointment.moved";
/// Why a date was called off; follows `appointment.cancelled` where a reason was given.
pub const APPOINTMENT_REASON: &str = "appointment.reason";
/// A clinician confirmed a baseline of a patient.
pub const BASELINE_CONFIRMED: &str = "baseline.confirmed";
/// A person decided that no date is booked for somebody on an import's list.
pub const BOOKING_SETTLED: &str = "booking.settled";
/// A clinician noted that bone spread is known.
pub const BONE_SPREAD_NOTED: &str = "bone-spread.noted";
/// A clinician withdrew the note that bone spread is known; the reason stands with the note.
pub const BONE_SPREAD_WITHDRAWN: &str = "bone-spread.withdrawn";
/// An entry of the call log was written; its words are not in the event.
pub const CONTACT_LOGGED: &str = "contact.logged";
/// A backup was made ready to take the place of the database.
pub const DATABASE_RESTORED: &str = "database.restored";
/// News of a letter came back after it was handed over, as `what` says.
pub const DELIVERY_BOUNCED: &str = "delivery.bounced";
/// Letters were taken in hand; the detail lists them, the subject is the outbox.
pub const DELIVERY_CLAIMED: &str = "delivery.claimed";
/// A worker gave a claimed letter back to the outbox untouched.
pub const DELIVERY_RETURNED: &str = "delivery.returned";
/// The mail server took a letter.
pub const DELIVERY_SENT: &str = "delivery.sent";
/// Nobody knows whether the mail server took a letter.
pub const DELIVERY_UNKNOWN: &str = "delivery.unknown";
/// An enrolment ended: its plan has run out, or was stopped for a reason.
pub const ENROLMENT_ENDED: &str = "enrolment.ended";
/// A patient on record, the subject, was put on a further protocol.
pub const ENROLMENT_OPENED: &str = "enrolment.opened";
/// The anchor date or protocol of a patient, the subject, was changed.
pub const ENROLMENT_REPLANNED: &str = "enrolment.replanned";
/// A follow-up took place or was answered.
pub const FOLLOW_UP_DONE: &str = "follow-up.done";
/// Links are made with another key from now on.
pub const KEY_REPLACED: &str = "key.replaced";
/// A patient wants a kind of letters again.
pub const LETTERS_ACCEPTED: &str = "letters.accepted";
/// A patient does not want a kind of letters.
pub const LETTERS_DECLINED: &str = "letters.declined";
/// A person opened the locked forms of a patient, the subject, again.
pub const LINK_UNLOCKED: &str = "link.unlocked";
/// A patient was taken in, with her protocols and status.
pub const PATIENT_ADMITTED: &str = "patient.admitted";
/// Fields of a patient's record changed; the detail has their names only.
pub const PATIENT_CORRECTED: &str = "patient.corrected";
/// Two records became one: the one that ended tells into which, the one that stays from which.
pub const PATIENT_MERGED: &str = "patient.merged";
/// A patient's whole record was printed or taken along; why and as what is in the detail.
pub const PATIENT_EXPORTED: &str = "patient.exported";
/// The status of a patient changed; `from`, `to` and the reason are in the detail.
pub const PATIENT_STATUS: &str = "patient.status";
/// A clinician marked a reason as known until a day.
pub const REASON_KNOWN: &str = "reason.known";
/// A page of a form was saved and judged; the form goes on.
pub const RESPONSE_SAVED: &str = "response.saved";
/// A form was submitted and judged.
pub const RESPONSE_SUBMITTED: &str = "response.submitted";
/// Somebody whom an import brought was removed when it was undone.
pub const PATIENT_REMOVED: &str = "patient.removed";
/// A roster was taken in: how many were new, how many changed.
pub const ROSTER_IMPORTED: &str = "roster.imported";
/// An import was undone: how many were removed, how many stay.
pub const ROSTER_UNDONE: &str = "roster.undone";
/// A console account was made.
pub const STAFF_ADDED: &str = "staff.added";
/// A console account was turned off.
pub const STAFF_DISABLED: &str = "staff.disabled";
/// A console account was given new secrets, and is on again.
pub const STAFF_RESET: &str = "staff.reset";
/// A console account has another role; `from` and `to` are in the detail.
pub const STAFF_ROLE: &str = "staff.role";
/// The owner of a console account changed her password or authenticator.
pub const STAFF_SECRETS: &str = "staff.secrets";
/// Sessions of a console account were ended before their time.
pub const STAFF_SESSIONS_ENDED: &str = "staff.sessions-ended";
/// An account signed in at the console.
pub const STAFF_SIGNED_IN: &str = "staff.signed-in";
/// A task was closed, by a person or because its cause is gone.
pub const TASK_DONE: &str = "task.done";
/// A task was opened; the detail has its kind, cause and patient.
pub const TASK_OPENED: &str = "task.opened";

//! The calendar part of a booked visit (RFC 5545, RFC 5546): UTC times, a UID that survives a move, neutral words.

use std::sync::OnceLock;

use icalendar::{Calendar, Component, Event, Property};
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use super::fault::LetterFault;
use crate::letter::content::{Appointment, CalendarPart};

/// Shown length of an appointment. Clinics book starts, not ends; calendars hide events without a length.
const SHOWN: SignedDuration = SignedDuration::from_mins(30);

/// What the calendar part says.
pub(super) struct CalendarNotice<'a> {
    pub(super) appointment: &'a Appointment,
    /// Stamps the message, so that it comes out the same when replayed.
    pub(super) written_on: Date,
    /// What the calendar shows; tells others nothing (P10).
    pub(super) summary: &'a str,
    /// Where it is; empty at detail level `minimal`.
    pub(super) location: &'a str,
    pub(super) organizer: Option<&'a str>,
    pub(super) attendee: Option<&'a str>,
}

impl CalendarNotice<'_> {
    /// Writes the iTIP message.
    ///
    /// # Errors
    /// When the appointment's zone is unknown or its date lies outside of the calendar.
    pub(super) fn write(&self) -> Result<CalendarPart, LetterFault> {
        let starts_at = self.starts_at()?;
        let (method, status) =
            if self.appointment.cancelled { ("CANCEL", "CANCELLED") } else { ("REQUEST", "CONFIRMED") };
        let mut event = Event::new();
        event
            .add_property("UID", &self.appointment.uid)
            .add_property("SEQUENCE", self.appointment.sequence.to_string())
            .add_property("DTSTAMP", self.written_on.strftime("%Y%m%dT000000Z").to_string())
            .add_property("DTSTART", utc(starts_at))
            .add_property("DTEND", utc(starts_at.saturating_add(SHOWN).unwrap_or(starts_at)))
            .add_property("SUMMARY", self.summary)
            .add_property("STATUS", status)
            .add_property("CLASS", "PRIVATE")
            .add_property("TRANSP", "OPAQUE");
        if !self.location.is_empty() {
            event.add_property("LOCATION", self.location);
        }
        self.people(&mut event);
        let mut calendar = Calendar::empty();
        calendar.append_property(Property::new("VERSION", "2.0"));
        calendar.append_property(Property::new("PRODID", "-//aftercare//letters//EN"));
        calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
        calendar.append_property(Property::new("METHOD", method));
        calendar.push(event.done());
        Ok(CalendarPart { method: method.to_owned(), ics: calendar.to_string() })
    }

    fn people(&self, event: &mut Event) {
        if let Some(organizer) = self.organizer {
            event.add_property("ORGANIZER", format!("mailto:{organizer}"));
        }
        if let Some(attendee) = self.attendee {
            let mut property = Property::new("ATTENDEE", format!("mailto:{attendee}"));
            property
                .add_parameter("ROLE", "REQ-PARTICIPANT")
                .add_parameter("PARTSTAT", "NEEDS-ACTION")
                .add_parameter("RSVP", "FALSE");
            event.append_multi_property(property.done());
        }
    }

    fn starts_at(&self) -> Result<Timestamp, LetterFault> {
        let Appointment { on, at, zone, .. } = self.appointment;
        let found = zone_named(zone).and_then(|tz| tz.to_timestamp(on.to_datetime(*at)).ok());
        found.ok_or_else(|| {
            LetterFault::new(
                "inputs",
                format!("`{zone}` is no known time zone"),
                "use an IANA name, such as Europe/Madrid",
            )
        })
    }
}

/// The bundled zones, so that a letter comes out the same on every machine.
fn zone_named(name: &str) -> Option<TimeZone> {
    static ZONES: OnceLock<TimeZoneDatabase> = OnceLock::new();
    ZONES.get_or_init(TimeZoneDatabase::bundled).get(name).ok()
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn appointment() -> Appointment {
        Appointment {
            on: date(2026, 7, 7),
            at: time(10, 30, 0, 0),
            zone: "Europe/Madrid".into(),
            place: String::new(),
            uid: "a1@clinic.example".into(),
            sequence: 2,
            cancelled: false,
        }
    }

    fn write(appointment: &Appointment, location: &str) -> CalendarPart {
        CalendarNotice {
            appointment,
            written_on: date(2026, 7, 1),
            summary: "Appointment, Riverside",
            location,
            organizer: Some("letters@clinic.example"),
            attendee: Some("ana@mail.example"),
        }
        .write()
        .unwrap()
    }

    #[test]
    fn an_invitation_is_in_utc_and_names_both_people() {
        let part = write(&appointment(), "Ward 1; door 2");
        assert_eq!(part.method, "REQUEST");
        for line in [
            "DTSTART:20260707T083000Z\r\n",
            "DTSTAMP:20260701T000000Z\r\n",
            "UID:a1@clinic.example\r\n",
            "SEQUENCE:2\r\n",
            "SUMMARY:Appointment\\, Riverside\r\n",
            "LOCATION:Ward 1\\; door 2\r\n",
            "ORGANIZER:mailto:letters@clinic.example\r\n",
            "METHOD:REQUEST\r\n",
        ] {
            assert!(part.ics.contains(line), "{line}\n{}", part.ics);
        }
        assert!(part.ics.replace("\r\n ", "").contains("RSVP=FALSE"), "{}", part.ics);
    }

    #[test]
    fn calling_off_keeps_the_uid_and_cancels() {
        let mut gone = appointment();
        gone.cancelled = true;
        let part = write(&gone, "");
        assert_eq!(part.method, "CANCEL");
        assert!(part.ics.contains("STATUS:CANCELLED\r\n") && part.ics.contains("UID:a1@clinic.example\r\n"));
        assert!(!part.ics.contains("LOCATION"));
    }

    #[test]
    fn lines_are_folded_at_75_octets_and_a_place_cannot_forge_one() {
        let part = write(&appointment(), &format!("{}\nBEGIN:VALARM", "ñandú 🙂 ".repeat(30)));
        assert!(part.ics.split("\r\n").all(|line| line.len() <= 75), "{}", part.ics);
        assert!(!part.ics.contains("\nBEGIN:VALARM"));
    }

    #[test]
    fn an_unknown_zone_is_a_fault() {
        let mut lost = appointment();
        lost.zone = "Europe/Nowhere".into();
        let notice = CalendarNotice {
            appointment: &lost,
            written_on: lost.on,
            summary: "",
            location: "",
            organizer: None,
            attendee: None,
        };
        assert!(notice.write().unwrap_err().problem.contains("Nowhere"));
    }
}

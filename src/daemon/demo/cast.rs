//! The demo's people: synthetic, from several zones, in two languages, each with a course of her own.

use crate::care::contact::{ContactFault, ContactField, PatientContact};

/// What happens to someone besides her plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CourseEvent {
    /// Nothing: she books, comes and answers as most do.
    None,
    /// She seldom books and seldom comes.
    Forgets,
    /// Her address does not exist.
    DeadAddress,
    /// She has no e-mail.
    NoAddress,
    /// She shares a mailbox with the person before her.
    SharesMailbox,
    /// Every visit is moved once.
    Moves,
    /// She dies in this month of the story.
    Dies(i32),
    /// She is in hospital from this month for two months.
    Pauses(i32),
    /// She wants no more letters from this month on.
    OptsOut(i32),
    /// Another clinic takes over in this month.
    Leaves(i32),
    /// A recurrence is suspected in this month.
    Suspected(i32),
    /// A recurrence is confirmed in this month.
    Recurs(i32),
    /// She goes into palliative care in this month.
    Palliative(i32),
    /// The end of treatment is corrected in this month.
    Corrected(i32),
}

/// One of the demo's patients.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// What she wants to be called.
    pub name: &'static str,
    /// Language of her letters.
    pub language: &'static str,
    /// IANA name of her zone.
    pub zone: &'static str,
    /// Her protocols, joined by `+`.
    pub protocols: &'static str,
    /// Months from the end of her treatment to the start of the story.
    pub months_since: i32,
    /// What happens to her.
    pub course_event: CourseEvent,
}

const EAST: &str = "America/New_York";
const CHICAGO: &str = "America/Chicago";
const PHOENIX: &str = "America/Phoenix";
const WEST: &str = "America/Los_Angeles";
const MADRID: &str = "Europe/Madrid";
const SYDNEY: &str = "Australia/Sydney";

/// Somebody on no protocol yet, to whom nothing happens.
const fn person(name: &'static str, language: &'static str, zone: &'static str) -> Person {
    Person { name, language, zone, protocols: "", months_since: 0, course_event: CourseEvent::None }
}

impl Person {
    const fn follows(self, protocols: &'static str, months_since: i32) -> Self {
        Self { protocols, months_since, ..self }
    }

    const fn but(self, course_event: CourseEvent) -> Self {
        Self { course_event, ..self }
    }
}

/// Everyone, in the order of their case codes.
pub const CAST: [Person; 36] = [
    person("Alma", "es", EAST).follows("sgo2017-high", 1),
    person("Beth", "en", EAST).follows("sgo2017-high+response-pet-ct", 0),
    person("Carol", "en", CHICAGO).follows("sgo2017-low", 2),
    person("Dolores", "es", PHOENIX).follows("sgo2017-high", 3).but(CourseEvent::Moves),
    person("Edith", "en", WEST).follows("nccn", 5),
    person("Fátima", "es", MADRID).follows("esgo2023", 4),
    person("Grace", "en", SYDNEY).follows("au-ocp", 6),
    person("Hanna", "en", EAST).follows("figo", 8).but(CourseEvent::Forgets),
    person("Inés", "es", EAST).follows("cco2016+leaflets", 2),
    person("June", "en", EAST).follows("sgo2017-high+bone-health", 1),
    person("Kay", "en", CHICAGO).follows("sgo2017-high", 7).but(CourseEvent::DeadAddress),
    person("Lucía", "es", PHOENIX).follows("sgo2017-high", 9).but(CourseEvent::Dies(12)),
    person("Mary", "en", EAST).follows("sgo2017-low+cytology", 11),
    person("Nora", "en", EAST).follows("sgo2017-low+cytology", 11).but(CourseEvent::SharesMailbox),
    person("Olga", "en", WEST).follows("nccn", 12).but(CourseEvent::Pauses(5)),
    person("Paz", "es", MADRID).follows("esgo2023", 13).but(CourseEvent::OptsOut(8)),
    person("Quinn", "en", EAST).follows("fertility-sparing", 3),
    person("Rosa", "es", EAST).follows("sgo2017-high+dilator-review", 0),
    person("Sam", "en", CHICAGO).follows("bgcs-pifu", 14),
    person("Tere", "es", PHOENIX).follows("sgo2017-high", 15).but(CourseEvent::Leaves(10)),
    person("Una", "en", EAST).follows("sgo2017-high", 16).but(CourseEvent::Suspected(6)),
    person("Vera", "en", WEST).follows("figo", 18).but(CourseEvent::Recurs(9)),
    person("Wanda", "en", EAST).follows("nccn", 20).but(CourseEvent::Palliative(14)),
    person("Ximena", "es", MADRID).follows("esgo2023", 22),
    person("Yolanda", "es", EAST).follows("sgo2017-high", 24).but(CourseEvent::Corrected(3)),
    person("Zoe", "en", SYDNEY).follows("au-ocp", 26).but(CourseEvent::Forgets),
    person("Ada", "en", EAST).follows("sgo2017-low", 30),
    person("Bea", "es", CHICAGO).follows("cco2016", 33),
    person("Clara", "es", EAST).follows("sgo2017-high", 36).but(CourseEvent::NoAddress),
    person("Dot", "en", PHOENIX).follows("sgo2017-high", 40),
    person("Elena", "es", MADRID).follows("esgo2023", 44).but(CourseEvent::Dies(7)),
    person("Faye", "en", EAST).follows("nccn", 48),
    person("Gloria", "es", WEST).follows("figo", 52),
    person("Hope", "en", EAST).follows("sgo2017-low", 57).but(CourseEvent::Forgets),
    person("Iris", "en", CHICAGO).follows("au-ocp", 45),
    person("Joan", "en", EAST).follows("sgo2017-high", 70),
];

/// Numbers that are kept for stories (NANP 555-0100 to 555-0199); every ninth has none, every fourth a sister.
pub(in crate::daemon::demo) fn contact(index: usize) -> Result<PatientContact, ContactFault> {
    let mut contact = PatientContact::default();
    if index % 9 == 8 {
        return Ok(contact);
    }
    contact.write(ContactField::Phone, &format!("+1 212 555 01{index:02}"), None)?;
    if index.is_multiple_of(4) {
        contact.write(ContactField::BestTime, "after 5 in the afternoon", None)?;
        contact.write(ContactField::OtherContact, "her sister", None)?;
        contact.write(ContactField::OtherPhone, &format!("+1 212 555 01{:02}", index + 50), None)?;
    }
    Ok(contact)
}

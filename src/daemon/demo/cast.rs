//! The demo's people: synthetic, from several zones, in two languages, each with a course of her own.

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

/// One person.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// What she wants to be called.
    pub name: &'static str,
    /// Language of her letters.
    pub language: &'static str,
    /// Her zone.
    pub zone: &'static str,
    /// Her protocols, joined by `+`.
    pub protocols: &'static str,
    /// Months from the end of her treatment to the start of the story.
    pub months_since: i32,
    /// What happens to her.
    pub twist: CourseEvent,
}

const EAST: &str = "America/New_York";
const CHICAGO: &str = "America/Chicago";
const PHOENIX: &str = "America/Phoenix";
const WEST: &str = "America/Los_Angeles";
const MADRID: &str = "Europe/Madrid";
const SYDNEY: &str = "Australia/Sydney";

const fn person(
    name: &'static str,
    place: (&'static str, &'static str),
    plan: (&'static str, i32),
    twist: CourseEvent,
) -> Person {
    Person { name, language: place.0, zone: place.1, protocols: plan.0, months_since: plan.1, twist }
}

/// Everyone, in the order of their case codes.
pub const CAST: [Person; 36] = [
    person("Alma", ("es", EAST), ("sgo2017-high", 1), CourseEvent::None),
    person("Beth", ("en", EAST), ("sgo2017-high+response-pet-ct", 0), CourseEvent::None),
    person("Carol", ("en", CHICAGO), ("sgo2017-low", 2), CourseEvent::None),
    person("Dolores", ("es", PHOENIX), ("sgo2017-high", 3), CourseEvent::Moves),
    person("Edith", ("en", WEST), ("nccn", 5), CourseEvent::None),
    person("Fátima", ("es", MADRID), ("esgo2023", 4), CourseEvent::None),
    person("Grace", ("en", SYDNEY), ("au-ocp", 6), CourseEvent::None),
    person("Hanna", ("en", EAST), ("figo", 8), CourseEvent::Forgets),
    person("Inés", ("es", EAST), ("cco2016+leaflets", 2), CourseEvent::None),
    person("June", ("en", EAST), ("sgo2017-high+bone-health", 1), CourseEvent::None),
    person("Kay", ("en", CHICAGO), ("sgo2017-high", 7), CourseEvent::DeadAddress),
    person("Lucía", ("es", PHOENIX), ("sgo2017-high", 9), CourseEvent::Dies(12)),
    person("Mary", ("en", EAST), ("sgo2017-low+cytology", 11), CourseEvent::None),
    person("Nora", ("en", EAST), ("sgo2017-low+cytology", 11), CourseEvent::SharesMailbox),
    person("Olga", ("en", WEST), ("nccn", 12), CourseEvent::Pauses(5)),
    person("Paz", ("es", MADRID), ("esgo2023", 13), CourseEvent::OptsOut(8)),
    person("Quinn", ("en", EAST), ("fertility-sparing", 3), CourseEvent::None),
    person("Rosa", ("es", EAST), ("sgo2017-high+dilator-review", 0), CourseEvent::None),
    person("Sam", ("en", CHICAGO), ("bgcs-pifu", 14), CourseEvent::None),
    person("Tere", ("es", PHOENIX), ("sgo2017-high", 15), CourseEvent::Leaves(10)),
    person("Una", ("en", EAST), ("sgo2017-high", 16), CourseEvent::Suspected(6)),
    person("Vera", ("en", WEST), ("figo", 18), CourseEvent::Recurs(9)),
    person("Wanda", ("en", EAST), ("nccn", 20), CourseEvent::Palliative(14)),
    person("Ximena", ("es", MADRID), ("esgo2023", 22), CourseEvent::None),
    person("Yolanda", ("es", EAST), ("sgo2017-high", 24), CourseEvent::Corrected(3)),
    person("Zoe", ("en", SYDNEY), ("au-ocp", 26), CourseEvent::Forgets),
    person("Ada", ("en", EAST), ("sgo2017-low", 30), CourseEvent::None),
    person("Bea", ("es", CHICAGO), ("cco2016", 33), CourseEvent::None),
    person("Clara", ("es", EAST), ("sgo2017-high", 36), CourseEvent::NoAddress),
    person("Dot", ("en", PHOENIX), ("sgo2017-high", 40), CourseEvent::None),
    person("Elena", ("es", MADRID), ("esgo2023", 44), CourseEvent::Dies(7)),
    person("Faye", ("en", EAST), ("nccn", 48), CourseEvent::None),
    person("Gloria", ("es", WEST), ("figo", 52), CourseEvent::None),
    person("Hope", ("en", EAST), ("sgo2017-low", 57), CourseEvent::Forgets),
    person("Iris", ("en", CHICAGO), ("au-ocp", 45), CourseEvent::None),
    person("Joan", ("en", EAST), ("sgo2017-high", 70), CourseEvent::None),
];

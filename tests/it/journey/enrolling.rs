//! Taking someone in: what lies before today was never promised.

use crate::clinic::{Clinic, Person};

#[test]
fn letters_to_book_leave_28_and_14_days_before_at_nine_in_her_zone() {
    let mut clinic = Clinic::open("2026-01-05T10:00");
    for (reference, zone) in
        [("A-1", "Europe/Madrid"), ("A-2", "Pacific/Auckland"), ("A-3", "America/Bogota")]
    {
        clinic.enrol(&Person::new(reference).zone(zone).on("high", "2026-01-05"));
    }
    clinic.live_until("2026-04-20T00:00");
    for reference in ["A-1", "A-2", "A-3"] {
        // Due on Sunday 5 April: 28 days before is Sunday 8 March, moved back to Friday; 14 days before likewise.
        let expected = [("2026-03-06 09:00", "visit:book"), ("2026-03-20 09:00", "visit:book-again")];
        assert_eq!(
            clinic.post_of(reference),
            expected.map(|(a, b)| (a.to_owned(), b.to_owned())),
            "{reference}"
        );
    }
    clinic.is_sound();
}

//! Civil time: days and instants, zones, regions, and whether the wall clock may be believed.

pub mod calendar;
pub mod zone;
pub mod region;
pub mod clock_trust;
pub mod office_hours;
pub mod span;

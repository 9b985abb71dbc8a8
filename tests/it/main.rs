//! One integration binary around one fixture, the [`clinic`]: open it, set its date, live it forward, read its post.

#[cfg(test)]
mod clinic;
#[cfg(test)]
mod courier;
#[cfg(test)]
mod crash_points;
#[cfg(test)]
#[path = "../empty_database/mod.rs"]
mod empty_database;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod death_race;
#[cfg(test)]
mod people;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod unreadable;
#[cfg(test)]
mod doubles;

//! How many dates a person would have to book for those of a roster, told before anybody is taken in.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::care::plan::protocol::Protocol;
use crate::exchange::roster::row::RosterRow;
use crate::exchange::roster::rows::Roster;
use crate::exchange::roster::survey::Survey;
use crate::journey::plan::unbooked::{self, NewcomerDates};
use crate::journey::sending_policy::{Local, Policy, zone};

/// By what is told, before anybody is taken in, how many dates a person would have to book.
pub(super) struct DatesAhead<'d> {
    /// The protocols that rows may name.
    pub(super) protocols: &'d BTreeMap<String, Arc<Protocol>>,
    /// The hours at which letters ask.
    pub(super) policy: &'d Policy,
    /// The instant of the look.
    pub(super) now: Timestamp,
}

impl DatesAhead<'_> {
    /// How many dates that would be. Reads the file once more: which rows are sound is known only now.
    pub(super) fn of(&self, roster: &Roster, survey: &Survey) -> u64 {
        let Ok(rows) = roster.open() else { return 0 };
        let new = rows.flatten().filter(|row| !survey.passed_over.contains(&row.line));
        new.map(|row| u64::try_from(self.of_row(&row)).unwrap_or(u64::MAX)).sum()
    }

    fn of_row(&self, row: &RosterRow) -> usize {
        let (Some(anchor_on), Ok(zone)) = (row.anchor_on, zone(&row.newcomer.zone)) else { return 0 };
        let protocols: Vec<_> =
            row.protocols.iter().filter_map(|name| self.protocols.get(name).cloned()).collect();
        let (status, booked_on) = (row.newcomer.status, row.next_visit.as_ref().map(|slot| slot.on));
        let newcomer = NewcomerDates { protocols: &protocols, anchor_on, booked_on, status };
        unbooked::count(&newcomer, self.now, Local { policy: self.policy, zone: &zone })
    }
}

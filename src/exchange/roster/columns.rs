//! The header: which column stands where. A missing or unknown one is a fault, never a guess.

use crate::exchange::roster::row_fault::RowFault;

/// Columns that every roster has.
pub(super) const REQUIRED: [&str; 8] =
    ["reference", "preferred_name", "birth_date", "email", "language", "time_zone", "protocol", "anchor_on"];
/// Columns it may have.
pub(super) const OPTIONAL: [&str; 10] = [
    "status",
    "detail",
    "shared_inbox",
    "next_visit_at",
    "place",
    "phone",
    "phone_2",
    "best_time",
    "other_contact",
    "other_phone",
];

/// Where each known column stands.
#[derive(Debug, Clone, Default)]
pub(in crate::exchange::roster) struct Columns {
    places: [Option<usize>; REQUIRED.len() + OPTIONAL.len()],
    pub(in crate::exchange::roster) count: usize,
}

fn known() -> impl Iterator<Item = &'static str> {
    REQUIRED.into_iter().chain(OPTIONAL)
}

/// Whether a row names columns of ours rather than patients: half of those that must be there.
pub(in crate::exchange::roster) fn looks_like_header(texts: &[String]) -> bool {
    let named =
        REQUIRED.iter().filter(|name| texts.iter().any(|text| text.trim().eq_ignore_ascii_case(name)));
    named.count() * 2 >= REQUIRED.len()
}

impl Columns {
    pub(in crate::exchange::roster) fn read(
        header: &csv::ByteRecord,
        line: u64,
    ) -> Result<Self, Vec<RowFault>> {
        // Empty columns at the end are what a spreadsheet once held there.
        let is_named = |field: &&[u8]| !field.trim_ascii().is_empty();
        let count = header.iter().rposition(|field| is_named(&field)).map_or(0, |last| last + 1);
        let mut columns = Self { count, ..Self::default() };
        let mut faults = Vec::new();
        for (at, field) in header.iter().enumerate().take(count) {
            let name = String::from_utf8_lossy(field).trim().to_lowercase();
            match known().position(|k| k == name) {
                Some(place) if columns.places[place].is_none() => columns.places[place] = Some(at),
                Some(_) => faults.push(fault(
                    line,
                    format!("column `{name}` stands there twice"),
                    "keep one of them",
                )),
                None => faults.push(unknown(line, &name)),
            }
        }
        let missing: Vec<&str> = known()
            .zip(columns.places)
            .take(REQUIRED.len())
            .filter(|(_, at)| at.is_none())
            .map(|(name, _)| name)
            .collect();
        if !missing.is_empty() {
            let problem = format!("the header lacks `{}`", missing.join("`, `"));
            let hint = format!("the first line must name these columns: {}", REQUIRED.join(","));
            faults.push(RowFault::whole(line, problem, hint));
        }
        if faults.is_empty() { Ok(columns) } else { Err(faults) }
    }

    /// The place of a column that is known.
    pub(in crate::exchange::roster) fn place(&self, name: &str) -> Option<usize> {
        known().position(|k| k == name).and_then(|at| self.places[at])
    }

    /// Whether a row may end before this place: only columns that may be left out stand there.
    pub(in crate::exchange::roster) fn may_end_at(&self, length: usize) -> bool {
        (length..self.count).all(|place| self.name(place).is_some_and(|name| OPTIONAL.contains(&name)))
    }

    /// The name of the column at a place.
    pub(in crate::exchange::roster) fn name(&self, place: usize) -> Option<&'static str> {
        known().zip(self.places).find(|(_, at)| *at == Some(place)).map(|(name, _)| name)
    }
}

fn fault(line: u64, problem: String, hint: &str) -> RowFault {
    RowFault::whole(line, problem, hint)
}

fn unknown(line: u64, name: &str) -> RowFault {
    let near = known().map(|k| (strsim::osa_distance(name, k), k)).min().filter(|(far, _)| *far <= 4);
    let hint = match near {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None => format!("known are {},{}", REQUIRED.join(","), OPTIONAL.join(",")),
    };
    let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    RowFault::whole(line, format!("unknown column `{shown}`"), hint)
}

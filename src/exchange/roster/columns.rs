//! The header: which column stands where. A missing or unknown one is a fault, never a guess.

use super::RowFault;

/// Columns that every roster has.
pub const REQUIRED: [&str; 8] =
    ["reference", "preferred_name", "birth_date", "email", "language", "time_zone", "protocol", "anchor_on"];
/// Columns it may have.
pub const OPTIONAL: [&str; 5] = ["status", "detail", "shared_inbox", "next_visit_at", "place"];

/// Where each known column stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    places: [Option<usize>; REQUIRED.len() + OPTIONAL.len()],
    pub(super) count: usize,
}

fn known() -> impl Iterator<Item = &'static str> {
    REQUIRED.into_iter().chain(OPTIONAL)
}

impl Columns {
    pub(super) fn read(header: &csv::ByteRecord, line: u64) -> Result<Self, Vec<RowFault>> {
        let mut columns = Self { count: header.len(), ..Self::default() };
        let mut faults = Vec::new();
        for (at, field) in header.iter().enumerate() {
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
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        known().position(|k| k == name).and_then(|at| self.places[at])
    }

    /// The name of the column at a place.
    pub(super) fn name(&self, place: usize) -> Option<&'static str> {
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

//! Copies by their day, and which of them stay: the newest days, and of each week and month before them the newest one.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use nix::unistd::geteuid;

use crate::config::sections::backup::CopyRetention;
use crate::store::db::encryption::paths::key_path;
use crate::store::db::encryption::state::is_database;

/// The days whose copies stay, of those there are.
#[must_use]
fn kept(days: &BTreeSet<Date>, keep: CopyRetention) -> BTreeSet<Date> {
    let week = |day: Date| (day.iso_week_date().year(), day.iso_week_date().week());
    let month = |day: Date| (day.year(), day.month());
    let mut stay: BTreeSet<Date> = days.iter().rev().take(number(keep.daily)).copied().collect();
    stay.extend(newest_of(days, keep.weekly, week));
    stay.extend(newest_of(days, keep.monthly, month));
    stay
}

/// The newest day of each of the newest spans of which there is one.
fn newest_of<S: PartialEq>(days: &BTreeSet<Date>, spans: u32, of: impl Fn(Date) -> S) -> Vec<Date> {
    let mut found: Vec<Date> = Vec::new();
    for day in days.iter().rev() {
        if found.last().is_none_or(|last| of(*last) != of(*day)) {
            found.push(*day);
        }
    }
    found.truncate(number(spans));
    found
}

fn number(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// What stands behind a copy's name while it is made, and beside it where it is fetched back from the second place.
const UNFINISHED: [&str; 7] =
    [".part", ".part.key", ".part-journal", ".part-wal", ".part-shm", ".back", ".key.back"];

/// The day of a nightly copy that was never finished, by the name of what it left.
#[must_use]
pub fn unfinished_of(path: &Path) -> Option<Date> {
    let name = path.to_str()?;
    UNFINISHED.iter().find_map(|end| day(Path::new(name.strip_suffix(end)?)))
}

/// Removes what copies of earlier days left that were cut off by a power cut: the next one has another name. Whatever is somebody
/// else's, by its name or its owner, stays; so does what is no file.
fn clear_parts(directory: &Path, today: Date) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if unfinished_of(&path).is_none_or(|on| on >= today) {
            continue;
        }
        let found = std::fs::symlink_metadata(&path)?;
        if found.is_file() && found.uid() == geteuid().as_raw() {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Removes copies that do not stay, with their keys. Whatever has another name is somebody else's; a name of a day to come is no copy
/// of ours before that day, and what is no database takes no copy's place.
pub(in crate::daemon::backup) fn prune(
    directory: &Path,
    keep: CopyRetention,
    today: Date,
) -> std::io::Result<()> {
    clear_parts(directory, today)?;
    let copies = copies_in(directory, today)?;
    let stay = kept(&copies.keys().copied().collect(), keep);
    for (_, old) in copies.into_iter().filter(|(on, _)| !stay.contains(on)) {
        std::fs::remove_file(&old)?;
        drop(std::fs::remove_file(key_path(&old)));
    }
    Ok(())
}

/// The copies in a directory, by day; those of days to come are left out.
///
/// # Errors
/// The system's.
pub fn copies_in(directory: &Path, today: Date) -> std::io::Result<BTreeMap<Date, PathBuf>> {
    let mut copies = BTreeMap::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        copies.extend(day(&path).filter(|on| *on <= today && is_database(&path)).map(|on| (on, path)));
    }
    Ok(copies)
}

/// The name of a day's copy.
pub(in crate::daemon::backup) fn named(day: &str) -> String {
    format!("aftercare-{day}.db")
}

/// The day of a copy, by its name alone.
pub(in crate::daemon::backup) fn day(path: &Path) -> Option<Date> {
    let name = path.file_name()?.to_str()?;
    let day: Date = name.strip_prefix("aftercare-")?.strip_suffix(".db")?.parse().ok()?;
    (name == named(&day.to_string())).then_some(day)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::*;

    /// Lives so many days, a copy each, and removes what does not stay, as every night does.
    fn after(days: i32, keep: CopyRetention) -> Vec<Date> {
        let mut there = BTreeSet::new();
        for day in 0..days {
            there.insert(date(2026, 1, 1).saturating_add(day.days()));
            there = kept(&there, keep);
        }
        there.into_iter().collect()
    }

    #[test]
    fn after_a_year_there_are_days_weeks_and_months() {
        let all = after(365, CopyRetention { daily: 7, weekly: 4, monthly: 12 });
        let months: BTreeSet<_> = all.iter().map(|day| day.month()).collect();
        assert_eq!(months.len(), 12, "{all:?}");
        assert_eq!(all.last(), Some(&date(2026, 12, 31)));
        assert!(all.contains(&date(2026, 12, 25)) && all.contains(&date(2026, 12, 20)));
        // A month ends as it ended: its last copy is the one that stays.
        assert!(all.contains(&date(2026, 2, 28)) && all.contains(&date(2026, 11, 30)), "{all:?}");
        assert!(all.len() <= 7 + 4 + 12, "{all:?}");
    }

    #[test]
    fn what_an_unfinished_copy_of_ours_left_goes_and_anybody_elses_stays() {
        let dir = tempfile::tempdir().unwrap();
        let of = |name: &str| dir.path().join(name);
        let ours = UNFINISHED.map(|end| format!("aftercare-2027-03-01.db{end}"));
        let others =
            ["mine.db.part", "film.part", "aftercare-2027-03-02.db.part", "aftercare-2027-03-1.db.part"];
        for name in ours.iter().map(String::as_str).chain(others) {
            std::fs::write(of(name), "half").unwrap();
        }
        std::fs::create_dir(of("aftercare-2027-02-28.db.part")).unwrap();
        // Needs root, as CI has it.
        let foreign = of("aftercare-2027-02-27.db.part");
        std::fs::write(&foreign, "somebody else's").unwrap();
        let is_foreign = std::os::unix::fs::chown(&foreign, Some(4321), None).is_ok();
        clear_parts(dir.path(), date(2027, 3, 2)).unwrap();
        assert!(ours.iter().all(|name| !of(name).exists()));
        assert!(others.iter().all(|name| of(name).exists()));
        assert!(of("aftercare-2027-02-28.db.part").is_dir() && foreign.exists() == is_foreign);
    }

    #[test]
    fn days_alone_stay_where_nothing_else_is_wanted() {
        assert_eq!(after(40, CopyRetention { daily: 2, weekly: 0, monthly: 0 }).len(), 2);
        assert!(kept(&BTreeSet::new(), CopyRetention { daily: 1, weekly: 1, monthly: 1 }).is_empty());
    }
}

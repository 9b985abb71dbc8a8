//! Whether the tables, indexes and triggers of a database are those that the migrations make. Whoever can write the file (a copy on
//! another machine, say) can leave out the triggers that keep the audit, or add one that makes a lead of anybody.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::store::db::columns::rows;
use crate::store::db::migrate;
use crate::store::error::StoreError;

/// Who applied which migration: made by the crate that applies them, in its own words.
const HISTORY: &str = "refinery_schema_history";
/// Tables of others that may stand beside ours: SQLite's own figures, and Litestream's.
const OTHERS: [&str; 7] = [
    "_litestream_lock",
    "_litestream_seq",
    "sqlite_sequence",
    "sqlite_stat1",
    "sqlite_stat2",
    "sqlite_stat3",
    "sqlite_stat4",
];
/// SHA-256 over the schema that all migrations make ([`fingerprint`]). Made anew with each migration: the test at the foot says what
/// it is then. One that is out of date costs time and nothing else.
const NEWEST: &str = "fa3d6410de7704efd856654d74517529427b513099dc7c78a44b9f687c59360d";
/// So many differences are named.
const NAMED: usize = 10;

/// What stands in a schema: kind and name, and how it was made.
type Schema = BTreeMap<(String, String), String>;

/// In what a database's schema differs from that of a new one of the same version, in words; nothing where it does not, or
/// where there is none.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::store) fn of(sql: &Connection) -> Result<Vec<String>, StoreError> {
    let version = migrate::applied(sql)?;
    if version == 0 || version > migrate::known() {
        return Ok(Vec::new());
    }
    let found = schema(sql)?;
    // To live through all migrations takes a tenth of a second and memory that stays: only to name what differs.
    if version == migrate::known() && fingerprint(&found) == NEWEST {
        return Ok(Vec::new());
    }
    let ours = schema(&migrate::as_of(version)?)?;
    let told = |(kind, name): &(String, String), what| format!("schema: {kind} `{name}` {what}");
    let missing = ours.keys().filter(|key| !found.contains_key(*key)).map(|key| told(key, "is missing"));
    let extra = found.keys().filter(|key| !ours.contains_key(*key));
    let extra = extra.map(|key| told(key, "is none that aftercare makes"));
    let is_changed =
        |(key, made): &(&(String, String), &String)| found.get(*key).is_some_and(|now| now != *made);
    let changed = ours.iter().filter(is_changed).map(|(key, _)| told(key, "is not as aftercare makes it"));
    Ok(extra.chain(missing).chain(changed).take(NAMED).collect())
}

fn fingerprint(schema: &Schema) -> String {
    let mut hash = Sha256::new();
    for part in schema.iter().flat_map(|((kind, name), made)| [kind, name, made]) {
        // Its length first: no two schemas read alike.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

fn schema(sql: &Connection) -> Result<Schema, StoreError> {
    let ask = "SELECT type, name, coalesce(sql, ''), tbl_name FROM sqlite_schema";
    let found = rows(sql, ask, [], |row| {
        let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((kind, name, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
    })?;
    let ours = found.into_iter().filter(|(kind, name, made, table)| !is_anothers(kind, name, made, table));
    Ok(ours.map(|(kind, name, made, table)| made_as(kind, name, &made, &table)).collect())
}

fn made_as(kind: String, name: String, made: &str, table: &str) -> ((String, String), String) {
    let made = if name == HISTORY { String::new() } else { normal(made) };
    ((kind, name), format!("{table}: {made}"))
}

/// Indexes that SQLite makes for a key have no words of their own, and hang on those of their table.
fn is_anothers(kind: &str, name: &str, made: &str, table: &str) -> bool {
    match kind {
        "table" => OTHERS.contains(&name),
        "index" => made.is_empty() || OTHERS.contains(&table),
        _ => false,
    }
}

/// The words with white space that does not count made one blank.
fn normal(made: &str) -> String {
    made.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differing(change: &str) -> Vec<String> {
        let mut sql = Connection::open_in_memory().unwrap();
        migrate::up(&mut sql).unwrap();
        sql.execute_batch(change).unwrap();
        of(&sql).unwrap()
    }

    #[test]
    fn what_is_missing_extra_or_changed_is_named() {
        assert_eq!(differing("ANALYZE; CREATE TABLE _litestream_seq (id, seq)"), Vec::<String>::new());
        assert_eq!(differing("DROP TRIGGER alert_kept"), ["schema: trigger `alert_kept` is missing"]);
        let lead = "CREATE TRIGGER x AFTER INSERT ON session BEGIN UPDATE staff SET role = 'lead'; END";
        assert_eq!(differing(lead), ["schema: trigger `x` is none that aftercare makes"]);
        let blunt =
            "DROP TRIGGER alert_kept; CREATE TRIGGER alert_kept BEFORE DELETE ON alert BEGIN SELECT 1; END";
        assert_eq!(differing(blunt), ["schema: trigger `alert_kept` is not as aftercare makes it"]);
        let on_others = "CREATE TABLE _litestream_lock (id); CREATE TRIGGER y AFTER INSERT ON _litestream_lock BEGIN SELECT 1; END";
        assert_eq!(differing(on_others), ["schema: trigger `y` is none that aftercare makes"]);
        let wider = "ALTER TABLE staff ADD COLUMN more TEXT";
        assert_eq!(differing(wider), ["schema: table `staff` is not as aftercare makes it"]);
    }

    #[test]
    fn the_recorded_fingerprint_is_that_of_the_migrations() {
        let made = fingerprint(&schema(&migrate::as_of(migrate::known()).unwrap()).unwrap());
        assert_eq!(NEWEST, made, "a migration was added: set NEWEST in {} to what is made now", file!());
    }

    #[test]
    fn a_database_of_every_earlier_version_is_as_it_was_made() {
        let mut sql = Connection::open_in_memory().unwrap();
        for version in 1..=migrate::known() {
            migrate::to(&mut sql, version).unwrap();
            assert_eq!(of(&sql).unwrap(), Vec::<String>::new(), "{version}");
        }
    }
}

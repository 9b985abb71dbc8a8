//! A look over every record: whether each row can be read by whoever needs it. For `doctor`, once a day for the daemon, and
//! to find out whether a record that could not be read has been mended.

use rusqlite::types::{Type, ValueRef};
use rusqlite::{Row, params_from_iter};

use crate::care::address::EmailAddress;
use crate::care::time::zone;
use crate::letter::content::Inputs;
use crate::store::alerts::{lifecycle, webhook_calls};
use crate::store::answers::{links, responses};
use crate::store::db::row_location::RowLocation;
use crate::store::db::transaction::View;
use crate::store::db::unreadable::{self, of_row};
use crate::store::error::StoreError;
use crate::store::mail::{delivery, mail_refusal, refusals};
use crate::store::people::{clinical_history, contact, patients, preferences, staff};
use crate::store::plan::{appointments, enrolments, follow_ups, in_force, reminders};
use crate::store::work::{canary, tasks};

type RowRead = fn(&Row<'_>) -> Result<(), StoreError>;

/// How the rows of a table are read: the question without its condition, the column that numbers them, and the reader. The
/// reader's own columns come first.
struct TableReader {
    table: &'static str,
    key: &'static str,
    ask: String,
    read: RowRead,
}

fn reader(table: &'static str, key: &'static str, ask: &str, read: RowRead) -> TableReader {
    TableReader { table, key, ask: ask.to_owned(), read }
}

/// Everything that is more than plain columns.
fn readers() -> Vec<TableReader> {
    [of_patients(), of_everyone()].into_iter().flatten().collect()
}

/// What every letter, call or newcomer asks for.
fn of_everyone() -> Vec<TableReader> {
    let of = |columns: &str, from: &str| format!("SELECT {columns} FROM {from}");
    vec![
        reader("mail_refusal", "id", &of(mail_refusal::COLUMNS, "mail_refusal"), |r| {
            mail_refusal::refusal(r).map(drop)
        }),
        reader(
            "refused_alike_status",
            "delivery_id",
            &of(refusals::STANDINGS, "refused_alike_status"),
            |r| refusals::stood(r).map(drop),
        ),
        reader("webhook_call", "id", &of(webhook_calls::COLUMNS, "webhook_call"), |r| {
            webhook_calls::call(r).map(drop)
        }),
        reader("protocol_in_force", "f.protocol", in_force::IN_FORCE, |r| {
            in_force::version_in_force(r).map(drop)
        }),
        reader("staff", "id", &of(staff::COLUMNS, "staff"), account),
        reader("canary_walk", "on_date", &of(canary::COLUMNS, "canary_walk"), |r| canary::walk(r).map(drop)),
    ]
}

fn of_patients() -> Vec<TableReader> {
    let of = |columns: &str, from: &str| format!("SELECT {columns} FROM {from}");
    let letters = of(delivery::COLUMNS, delivery::TABLES);
    vec![
        reader("patient", "p.id", &of(patients::COLUMNS, "patient p"), patient),
        reader("enrolment", "e.id", &of(enrolments::COLUMNS, "enrolment e"), |r| {
            enrolments::enrolment(r, 0).map(drop)
        }),
        reader("follow_up", "f.id", &of(follow_ups::COLUMNS, "follow_up f"), |r| {
            follow_ups::follow_up(r, 0).map(drop)
        }),
        reader(
            "appointment",
            "id",
            &of("id, on_date, at_time, zone, place, uid, sequence, state, note", "appointment"),
            appointment,
        ),
        reader("delivery", "d.id", &letters, letter),
        reader("reminder", "r.id", &of(reminders::COLUMNS, "reminder r"), |r| {
            reminders::reminder(r).map(drop)
        }),
        reader(
            "task",
            "t.id",
            &of(tasks::COLUMNS, "task t LEFT JOIN patient p ON p.id = t.patient_id"),
            |r| tasks::task(r).map(drop),
        ),
        reader("link", "id", &of(links::COLUMNS, "link"), |r| links::link(r).map(drop)),
        reader("response", "id", &of(responses::COLUMNS, "response"), response),
        reader(
            "alert",
            "a.id",
            &of(lifecycle::COLUMNS, "alert a LEFT JOIN patient p ON p.id = a.patient_id"),
            |r| lifecycle::alert(r).map(drop),
        ),
        reader(
            "baseline",
            "id",
            &of("checklist_version_id, answers, marks, confirmed_by, confirmed_on, id", "baseline"),
            |r| clinical_history::baseline(r).map(drop),
        ),
        reader("known_mark", "id", &of("code, from_on, until_on, id, score", "known_mark"), |r| {
            clinical_history::known(r).map(drop)
        }),
        reader("opt_out", "patient_id", &of("kind, patient_id", "opt_out"), |r| {
            preferences::wish(r).map(drop)
        }),
        reader("contact", "patient_id", &of(contact::COLUMNS, "contact"), |r| contact::contact(r).map(drop)),
    ]
}

fn patient(row: &Row<'_>) -> Result<(), StoreError> {
    let read = patients::patient(row, 0)?;
    of_row("patient", row, 0, || {
        zone::find(&read.zone).map(drop).map_err(|_| StoreError::corrupt("time zone"))
    })
}

fn appointment(row: &Row<'_>) -> Result<(), StoreError> {
    let read = appointments::booked(row)?;
    of_row("appointment", row, 0, || {
        zone::find(&read.zone).map(drop).map_err(|_| StoreError::corrupt("appointment state or zone"))
    })
}

/// What a letter says matters as long as it can leave.
fn letter(row: &Row<'_>) -> Result<(), StoreError> {
    use crate::care::delivery::DeliveryState;
    let read = delivery::delivery(row)?;
    let waits =
        matches!(read.state, DeliveryState::Pending | DeliveryState::Claimed | DeliveryState::Unknown);
    let Some(inputs) = read.inputs.filter(|_| waits) else { return Ok(()) };
    of_row("delivery", row, 0, || {
        let said: Result<Inputs, _> = serde_json::from_str(&inputs);
        said.map(drop).map_err(|_| StoreError::corrupt("what the letter says"))
    })
}

fn response(row: &Row<'_>) -> Result<(), StoreError> {
    let read = responses::response(row)?;
    of_row("response", row, 0, || {
        let answers: Result<std::collections::BTreeMap<String, String>, _> =
            serde_json::from_str(&read.answers);
        answers.map(drop).map_err(|_| StoreError::corrupt("answers"))
    })
}

fn account(row: &Row<'_>) -> Result<(), StoreError> {
    let read = staff::staff(row)?;
    of_row("staff", row, 0, || {
        EmailAddress::parse(&read.email).map(drop).map_err(|_| StoreError::corrupt("address"))
    })
}

/// A column as its table declares it.
struct Column {
    name: String,
    kind: Type,
    may_be_null: bool,
}

impl View<'_> {
    /// Every row that cannot be read, and what is wrong with it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn census(&self) -> Result<Vec<(RowLocation, String)>, StoreError> {
        let mut found = std::collections::BTreeMap::new();
        for table in self.tables()? {
            for (row, why) in self.plain(&table, None)? {
                found.insert(RowLocation { table: table.clone(), row }, why);
            }
        }
        for reader in readers() {
            for (place, why) in self.sensible(&reader, None)? {
                found.entry(place).or_insert(why);
            }
        }
        Ok(found.into_iter().collect())
    }

    /// What is wrong with one row; `None` when it can be read, or is gone.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn why_unread(&self, place: &RowLocation) -> Result<Option<String>, StoreError> {
        if !self.tables()?.contains(&place.table) {
            return Ok(None);
        }
        let plain = self.plain(&place.table, Some(&place.row))?.pop().map(|(_, why)| why);
        if plain.is_some() {
            return Ok(plain);
        }
        let reader = readers().into_iter().find(|reader| reader.table == place.table);
        let found = reader.map(|reader| self.sensible(&reader, Some(&place.row))).transpose()?;
        Ok(found.unwrap_or_default().into_iter().find(|(met, _)| met == place).map(|(_, why)| why))
    }

    fn sensible(
        &self,
        reader: &TableReader,
        row: Option<&str>,
    ) -> Result<Vec<(RowLocation, String)>, StoreError> {
        let only = condition(reader.key, row);
        let mut statement = self.sql.prepare(&format!("{}{only}", reader.ask))?;
        let mut rows = statement.query(params_from_iter(row))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if let Err(fault) = (reader.read)(row)
                && let Some(place) = fault.place()
            {
                found.push((place.clone(), fault.why().to_owned()));
            }
        }
        Ok(found)
    }

    /// Rows with a value of another kind than their table declares, or a text that is none.
    fn plain(&self, table: &str, row: Option<&str>) -> Result<Vec<(String, String)>, StoreError> {
        let (key, columns) = self.columns(table)?;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let only = condition(&format!("\"{key}\""), row);
        let ask = format!("SELECT \"{key}\", \"{}\" FROM \"{table}\"{only}", names.join("\", \""));
        let mut statement = self.sql.prepare(&ask)?;
        let mut rows = statement.query(params_from_iter(row))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let wrong = columns
                .iter()
                .enumerate()
                .find(|(at, column)| !row.get_ref(at + 1).is_ok_and(|v| fits(v, column)));
            if let Some((_, column)) = wrong {
                found.push((unreadable::shown(row, 0)?, format!("an impossible value in `{}`", column.name)));
            }
        }
        Ok(found)
    }

    fn tables(&self) -> Result<Vec<String>, StoreError> {
        let ask = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                   AND name NOT LIKE 'refinery_%' AND name NOT LIKE 'patient_words%' ORDER BY name";
        self.all(ask, [], |r| Ok(r.get(0)?))
    }

    /// The first column of a table's key, and its columns.
    fn columns(&self, table: &str) -> Result<(String, Vec<Column>), StoreError> {
        let ask = "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?) ORDER BY cid";
        let read = |r: &Row<'_>| {
            let (name, kind, not_null, key): (String, String, bool, i64) =
                (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?);
            let kind = match kind.as_str() {
                "INTEGER" => Type::Integer,
                "BLOB" => Type::Blob,
                _ => Type::Text,
            };
            Ok((key == 1, Column { name, kind, may_be_null: !not_null }))
        };
        let all = self.all(ask, [table], read)?;
        let key = all
            .iter()
            .find(|(is_key, _)| *is_key)
            .map_or("rowid".to_owned(), |(_, column)| column.name.clone());
        Ok((key, all.into_iter().map(|(_, column)| column).collect()))
    }
}

/// Which rows are looked at: all, or the one that is named, by its number where it is one, so that its index finds it.
fn condition(key: &str, row: Option<&str>) -> String {
    match row {
        None => String::new(),
        Some(row) if row.parse::<i64>().is_ok() => format!(" WHERE {key} = CAST(? AS INTEGER)"),
        Some(_) => format!(" WHERE CAST({key} AS TEXT) = ?"),
    }
}

fn fits(value: ValueRef<'_>, column: &Column) -> bool {
    match value {
        ValueRef::Null => column.may_be_null,
        ValueRef::Text(bytes) => column.kind == Type::Text && std::str::from_utf8(bytes).is_ok(),
        value => value.data_type() == column.kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, sabotage, stamp};

    #[test]
    fn a_sound_database_has_no_row_that_cannot_be_read_and_each_reader_has_its_table() {
        let (_dir, store) = fresh();
        assert_eq!(store.read(|view| view.census()).unwrap(), []);
        let tables = store.read(|view| view.tables()).unwrap();
        for reader in readers() {
            assert!(tables.iter().any(|table| table == reader.table), "{}", reader.table);
            let read = store.read(|view| view.sensible(&reader, Some("1")));
            assert!(read.is_ok(), "{}", reader.table);
        }
    }

    #[test]
    fn a_row_is_named_until_it_is_mended() {
        let (_dir, store) = fresh();
        let does = |sql: &'static str| store.write_blocking(stamp(), move |tx| sabotage(tx, sql)).unwrap();
        does(
            "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status_at, created_at) \
              VALUES (7, 'A-1', 'Ana', '1970-13-01', 'en', 'UTC', 0, 0), (8, 'A-2', 'Bea', '1970-01-01', 'en', 'Mars/Base', 0, 0)",
        );
        let found = store.read(|view| view.census()).unwrap();
        let places: Vec<String> = found.iter().map(|(place, _)| place.to_string()).collect();
        assert_eq!(places, ["patient/7", "patient/8"]);
        let place = RowLocation::parse("patient/7").unwrap();
        assert!(store.read(|view| view.why_unread(&place)).unwrap().is_some());
        does("UPDATE patient SET birth_on = '1970-12-01' WHERE id = 7");
        assert_eq!(store.read(|view| view.why_unread(&place)).unwrap(), None);
    }
}

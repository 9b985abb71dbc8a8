//! Which roster is read, where it comes from, and what its rows are measured against.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;

use crate::care::address::EmailAddress;
use crate::care::patient::Detail;
use crate::care::plan::protocol::Protocol;
use crate::care::record::field_check;
use crate::care::time::zone::{self, FIXED_HINT};
use crate::exchange::roster::cells;
use crate::exchange::roster::columns::ColumnNames;
use crate::exchange::roster::dates::{Days, Order};
use crate::exchange::roster::row_fault::{CellFault, RowFault};

/// All that a clinic, and whoever hands a roster over, say of its rows. Nothing of it has a default: a way in that forgot one
/// would let in what the others refuse.
#[derive(Debug, Clone)]
pub struct RosterTerms {
    /// Languages in which the clinic writes.
    pub languages: Vec<String>,
    /// Protocols there are, by name.
    pub protocols: BTreeMap<String, Arc<Protocol>>,
    /// Add-ons for every row.
    pub add_ons: Vec<String>,
    /// Where numbers without a country code are rung from (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// The clinic's zone, which rows have that name none; without it such a row is at fault.
    pub home: Option<String>,
    /// How much letters say where a row does not say it.
    pub detail: Detail,
    /// Addresses of the clinic's own, which no patient has.
    pub clinics: Vec<EmailAddress>,
    /// The order of day, month and year, where it is stated.
    pub order: Option<Order>,
}

/// What rows are measured against.
#[derive(Debug, Clone)]
pub struct RosterRules {
    /// Languages in which the clinic writes.
    pub languages: Vec<String>,
    /// Protocols there are, by name.
    pub protocols: BTreeMap<String, Arc<Protocol>>,
    /// Add-ons for every row.
    pub add_ons: Vec<String>,
    /// The day it is at the clinic.
    pub today: Date,
    /// Where numbers without a country code are rung from (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// How much letters say where a row does not say it.
    pub detail: Detail,
    /// Addresses of the clinic's own, which no patient has.
    pub clinics: Vec<EmailAddress>,
    pub(in crate::exchange::roster) days: Days,
    /// What was written, and the zone that it means.
    zones: BTreeMap<String, String>,
    /// The clinic's zone, for rows that name none.
    home: Option<String>,
    /// How many rows name none, and the first and the last of them.
    unzoned: Option<(u64, u64, u64)>,
}

impl RosterRules {
    /// Rules of a clinic and a roster on this day.
    #[must_use]
    pub fn new(terms: RosterTerms, today: Date) -> Self {
        let RosterTerms { languages, protocols, add_ons, country, home, detail, clinics, order } = terms;
        let (days, zones) = (Days::new(order), BTreeMap::new());
        Self {
            languages,
            protocols,
            add_ons,
            today,
            country,
            detail,
            clinics,
            days,
            zones,
            home,
            unzoned: None,
        }
    }

    /// An address that can be hers, or that of whoever acts for her.
    pub(in crate::exchange::roster) fn address(
        &self,
        email: EmailAddress,
    ) -> Result<EmailAddress, CellFault> {
        if field_check::is_of(&email, &self.clinics) {
            return Err(CellFault::new("is the clinic's own", "write hers, or leave it empty"));
        }
        Ok(field_check::hers(email)?)
    }

    /// The language that is meant, among those in which the clinic writes.
    pub(in crate::exchange::roster) fn language(&self, written: &str) -> Result<String, CellFault> {
        let called = || cells::language_called(written).and_then(|tag| cells::look_up(tag, &self.languages));
        let meant = cells::look_up(written, &self.languages).or_else(called).map_or(written, String::as_str);
        Ok(field_check::written(meant, &self.languages)?)
    }

    /// The clinic's zone for a row that names none; a row that is read twice counts once.
    pub(in crate::exchange::roster) fn home(&mut self, line: u64) -> Option<String> {
        let home = self.home.clone()?;
        self.unzoned = Some(match self.unzoned {
            None => (1, line, line),
            Some((count, first, last)) => (count + u64::from(last != line), first, line),
        });
        Some(home)
    }

    /// What is told of rows that name no zone.
    pub(in crate::exchange::roster) fn remark(&self) -> Option<RowFault> {
        let ((count, first, _), home) = (self.unzoned?, self.home.as_ref()?);
        let problem = format!("{count} rows, the first in this line, name no zone");
        let hint =
            format!("they are taken in with the clinic's, `{home}`; write one where she lives in another");
        Some(RowFault::at(first, "time_zone", CellFault::new(problem, hint)))
    }

    /// The zone that is meant; each name is looked up once, and remarked then if it is a mere offset.
    pub(in crate::exchange::roster) fn zone(
        &mut self,
        written: &str,
    ) -> Result<(String, Option<CellFault>), CellFault> {
        if let Some(name) = self.zones.get(written) {
            return Ok((name.clone(), None));
        }
        let named =
            zone::resolve(written).map_err(|fault| CellFault::new(fault.to_string(), fault.hint()))?;
        self.zones.insert(written.to_owned(), named.name.clone());
        let remark = zone::is_fixed(&named)
            .then(|| CellFault::new(format!("`{}` is an offset, not a place", named.name), FIXED_HINT));
        Ok((named.name, remark))
    }
}

/// Where the rows come from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The file or stream that holds them.
    pub source: RosterSource,
    /// The sheet of a workbook, if it is said.
    pub sheet: Option<String>,
    /// What its columns stand for, where their names do not say it.
    pub names: ColumnNames,
}

/// What holds the rows of a roster.
#[derive(Debug, Clone)]
pub enum RosterSource {
    /// A CSV file or workbook.
    File(PathBuf),
    /// The bytes of such a file.
    Content(Arc<[u8]>),
    /// Rows that were read from one, with every column there is.
    Rows(Arc<[StagedCells]>),
}

/// A row that was read from a file: the text of every column there is, in the order of [`super::columns::known`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedCells {
    /// Its line in the file.
    pub line: u64,
    /// A text for each column; empty where the file has none. `None` where what was kept of the row cannot be read.
    pub cells: Option<Vec<String>>,
}

impl Origin {
    /// A source with one sheet, whose columns bear our names.
    #[must_use]
    pub fn of(source: RosterSource) -> Self {
        Self { source, sheet: None, names: ColumnNames::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::patient::PatientStatus;
    use crate::exchange::roster::leading_zeros::ReferenceWidths;
    use crate::exchange::roster::row::refused_row::RefusedRow;
    use crate::exchange::roster::row::{ColumnsGiven, RosterRow};
    use crate::exchange::roster::rows::{Lines, Roster};

    use jiff::civil::date;

    const HEAD: &str = "reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on";

    fn read(content: &[u8]) -> Result<Vec<Result<RosterRow, RefusedRow>>, Vec<RowFault>> {
        Ok(opened(content, rules())?.collect())
    }

    fn opened(content: &[u8], rules: RosterRules) -> Result<Lines, Vec<RowFault>> {
        let source = RosterSource::Content(Arc::from(content));
        Roster { origin: Origin::of(source), rules }.open()
    }

    fn rules() -> RosterRules {
        let sources = crate::config::sources::Sources::shipped();
        let known = ["nccn", "figo", "bone-health"].map(|id| {
            (
                id.to_owned(),
                Arc::new(crate::config::protocols::protocol::find(id, &sources, &["en", "es"]).unwrap()),
            )
        });
        let known = known.into();
        let terms = RosterTerms {
            languages: vec!["en".into(), "es".into()],
            protocols: known,
            add_ons: Vec::new(),
            country: None,
            home: None,
            detail: Detail::Standard,
            clinics: vec![EmailAddress::parse("doctor@clinic.example").unwrap()],
            order: None,
        };
        RosterRules::new(terms, date(2027, 1, 1))
    }

    fn rows(content: &[u8]) -> Vec<RosterRow> {
        read(content).unwrap().into_iter().map(Result::unwrap).collect()
    }

    /// The faults of one row, as `column: problem`.
    fn faults(row: &str) -> Vec<String> {
        let read = read(format!("{HEAD}\n{row}\n").as_bytes()).unwrap().remove(0).unwrap_err();
        read.faults.iter().map(|f| format!("{}: {}", f.column.unwrap_or("row"), f.problem)).collect()
    }

    const ROW: &str = "R1,Ana,1980-02-29,a@p.example,en,Europe/Madrid,nccn,2026-01-31";

    #[test]
    fn marks_separators_and_line_ends_are_read_as_meant() {
        let plain = format!("{HEAD}\n{ROW}\n");
        for variant in [
            plain.clone(),
            format!("\u{feff}{plain}"),
            plain.replace('\n', "\r\n"),
            plain.replace(',', ";"),
            plain.replace(',', "\t"),
            plain.trim_end().to_owned(),
            plain.replace("reference", " Reference "),
        ] {
            let read = rows(variant.as_bytes());
            assert_eq!(read.len(), 1, "{variant:?}");
            assert_eq!((read[0].line, read[0].newcomer.reference.as_str()), (2, "R1"), "{variant:?}");
        }
    }

    #[test]
    fn a_stated_separator_is_taken_and_its_line_is_no_header() {
        let plain = format!("{HEAD}\n{ROW}\n");
        for (line, sign) in
            [("sep=;\r\n", ";"), ("\u{feff}sep=,\n", ","), ("\"sep=|\"\n", "|"), ("SEP=\t\n", "\t")]
        {
            let text = format!("{line}{}", plain.replace(',', sign));
            let read = rows(text.as_bytes());
            assert_eq!((read.len(), read[0].line), (1, 3), "{text:?}");
        }
        assert_eq!(read(b"sep=;\nreference;nam\n").unwrap_err()[0].line, 2);
        assert_eq!(read(b"sep=;\n").unwrap_err()[0].problem, "the file is empty");
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for end in ["\n", "\r\n"] {
            let text = [HEAD, "", ROW, "", "R2,\"a", "b\",x,,en,UTC,nccn,x", ROW].join(end);
            let lines: Vec<u64> = read(text.as_bytes())
                .unwrap()
                .into_iter()
                .map(|row| row.map_or_else(|f| f.faults[0].line, |row| row.line))
                .collect();
            assert_eq!(lines, [3, 5, 7], "{end:?}");
        }
    }

    #[test]
    fn every_fault_of_a_row_is_told_with_its_column() {
        assert_eq!(
            faults("R 1,,1980-02-30,a@b@c.example,fr,Europe/Madird,ncn,soon"),
            [
                "reference: reference must be 1 to 64 of A-Z a-z 0-9 . _ / -",
                "preferred_name: preferred name must be 1 to 100 characters without line breaks, control or direction marks",
                "birth_date: there is no such day",
                "email: address must have exactly one @ with text on both sides",
                "language: the clinic does not write in `fr`",
                "time_zone: unknown time zone \"Europe/Madird\"",
                "protocol: there is no protocol `ncn`",
                "anchor_on: is not a date",
            ]
        );
        let part = faults("a/../b,,1980-02-30,a@b@c.example,fr,Europe/Madird,ncn,soon");
        assert_eq!(
            part[0],
            "reference: reference may have no part that is empty, `.` or `..` between its slashes"
        );
    }

    #[test]
    fn codes_that_all_end_like_fractions_are_remarked_and_a_single_one_is_not() {
        let told = |codes: [&str; 2]| {
            let [one, other] = codes.map(|code| ROW.replace("R1", code));
            let mut widths = ReferenceWidths::default();
            rows(format!("{HEAD}\n{one}\n{other}\n").as_bytes()).iter().for_each(|row| widths.note(row));
            widths.remark().map(|remark| (remark.line, remark.problem))
        };
        assert_eq!(told(["123.0", "124.0"]), Some((2, "all codes end in `.0`".to_owned())));
        assert_eq!(told(["123.0", "R4"]), None);
    }

    #[test]
    fn rows_without_a_zone_have_the_clinics_and_one_remark_counts_them() {
        let home = || RosterRules { home: Some("Europe/Madrid".to_owned()), ..rules() };
        let text = format!(
            "{HEAD}\n{}\n{ROW}\n{}\n",
            ROW.replace("Europe/Madrid", ""),
            ROW.replace("Europe/Madrid", " ")
        );
        let mut lines = opened(text.as_bytes(), home()).unwrap();
        let zones: Vec<String> = lines.by_ref().map(|row| row.unwrap().newcomer.zone).collect();
        assert_eq!(zones, ["Europe/Madrid"; 3]);
        let remark = lines.remarks().pop().unwrap();
        assert_eq!(
            (remark.line, remark.problem.as_str()),
            (2, "2 rows, the first in this line, name no zone")
        );
        assert!(faults(&ROW.replace("Europe/Madrid", ""))[0].starts_with("time_zone: "));
    }

    #[test]
    fn impossible_lives_and_forged_lines_are_refused() {
        for (row, fault) in [
            (ROW.replace("1980", "1880"), "birth_date: lies before 1900"),
            (ROW.replace("1980-02-29", "1900-01-01"), "birth_date: lies more than 120 years back"),
            (ROW.replace("a@p.example", "none@none.com"), "email: looks made up"),
            (ROW.replace("1980-02-29", "2027-02-01"), "birth_date: lies in the future"),
            (ROW.replace("2026-01-31", "1979-01-31"), "anchor_on: lies before the birth date"),
            (ROW.replace("2026-01-31", "2062-01-31"), "anchor_on: lies more than two years ahead"),
            (ROW.replace("a@p.example", "\"a@p.example\r\nBcc: b@p.example\""), "email: address holds"),
            (ROW.replace("Ana", "\"Ana\r\nBcc: b@p.example\""), "preferred_name: "),
            (ROW.replace("Ana", "A\u{202e}na"), "preferred_name: "),
            (format!("{ROW},more"), "row: the row has 9 fields, the header 8"),
        ] {
            let found = faults(&row);
            assert!(found[0].starts_with(fault), "{found:?}");
        }
    }

    #[test]
    fn what_a_refused_row_says_of_a_death_is_kept_where_it_names_her_for_certain() {
        let head = format!("{HEAD},status,phone");
        let said = |row: &str| {
            let found = read(format!("{head}\n{row}\n").as_bytes()).unwrap().remove(0).unwrap_err();
            assert!(!found.faults.is_empty(), "{row}");
            found.notice.map(|said| (said.reference.as_str().to_owned(), said.birth_on, said.status))
        };
        let hers = |status| Some(("R1".to_owned(), date(1980, 2, 29), status));
        let dead = hers(PatientStatus::Deceased);
        for row in [
            ROW.replace("a@p.example", "deceased") + ",deceased,",
            format!("{ROW},dead,n/a"),
            ROW.replace("en,Europe/Madrid", ",") + ",Died 2026-12-24,",
            ROW.replace("Ana", "") + ",DECEASED,",
        ] {
            assert_eq!(said(&row), dead, "{row}");
        }
        let no_letters = ROW.replace("nccn", "ncn") + ",opted_out_email,";
        assert_eq!(said(&no_letters), hers(PatientStatus::OptedOutEmail));
        for row in [
            ROW.replace("a@p.example", "-") + ",active,",
            ROW.replace("1980-02-29", "29") + ",deceased,",
            ROW.replace("R1", "R 1") + ",deceased,",
            format!("{ROW},deceased?,"),
        ] {
            assert_eq!(said(&row), None, "{row}");
        }
    }

    #[test]
    fn a_status_that_is_no_word_of_ours_is_told_with_all_of_them() {
        let text = format!("{HEAD},status\n{ROW},gone\n");
        let fault = read(text.as_bytes()).unwrap().remove(0).unwrap_err().faults.remove(0);
        assert!(fault.hint.contains("deceased") && fault.hint.contains("palliative"), "{fault:?}");
    }

    #[test]
    fn a_column_of_deaths_is_pointed_to_the_status_and_read_there_by_yes_and_by_date() {
        for name in ["deceased", "date_of_death", "Vital status", "do not contact", "Fallecida"] {
            let fault = read(format!("{HEAD},{name}\n{ROW},\n").as_bytes()).unwrap_err().remove(0);
            assert!(fault.hint.contains("stands under `status`"), "{name}: {fault:?}");
        }
        let said = |name: &str, cell: &str| {
            let content = format!("{HEAD},{name}\n{ROW},{cell}\n");
            let mut origin = Origin::of(RosterSource::Content(Arc::from(content.as_bytes())));
            origin.names.set(name, "status");
            let row = Roster { origin, rules: rules() }.open().unwrap().next().unwrap();
            row.map(|row| row.newcomer.status).ok()
        };
        let (dead, lives) = (Some(PatientStatus::Deceased), Some(PatientStatus::Active));
        for (name, cell, status) in [
            ("deceased", "Y", dead),
            ("deceased", "no", lives),
            ("deceased", "", lives),
            ("date_of_death", "2026-10-01", dead),
            ("date_of_death", "1/10/2026", dead),
            ("vital status", "Dead", dead),
            ("vital status", "Alive", lives),
            ("alive", "no", dead),
            ("vital status", "Y", None),
            ("do not contact", "yes", None),
        ] {
            assert_eq!(said(name, cell), status, "{name} {cell}");
        }
    }

    #[test]
    fn languages_bars_zeros_and_dates_in_words_are_read_as_meant() {
        for language in ["Spanish", "Español", "Castellano", "spa"] {
            let row = ROW.replace(",en,", &format!(",{language},"));
            assert_eq!(rows(format!("{HEAD}\n{row}\n").as_bytes())[0].newcomer.language, "es", "{language}");
        }
        let plain =
            format!("{HEAD}\n{}\n", ROW.replace("1980-02-29", "29-Feb-1980").replace(",en,", ",ENG,"));
        for text in [
            plain.replace(',', "|"),
            format!("{plain}\0\0\0\0"),
            plain.replace("preferred_name", "PreferredName").replace("birth_date", "birth_date (dd/mm/yyyy)"),
        ] {
            let read = rows(text.as_bytes());
            let new = &read[0].newcomer;
            assert_eq!(
                (read.len(), new.birth_on, new.language.as_str()),
                (1, date(1980, 2, 29), "en"),
                "{text:?}"
            );
        }
        let wide: Vec<u8> = plain.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        assert!(read(&wide).unwrap_err()[0].problem.contains("UTF-32"));
    }

    #[test]
    fn optional_columns_are_read_and_what_is_empty_is_not_stated() {
        let head = format!("{HEAD},status,detail,shared_inbox,next_visit_at,place");
        let read =
            rows(format!("{head}\n{ROW},paused,full,yes,2027-02-03 10:30,Room 4\n{ROW},,,,,\n").as_bytes());
        let slot = read[0].next_visit.clone().unwrap();
        assert_eq!(
            (slot.on, slot.at.to_string(), slot.place.as_str()),
            (date(2027, 2, 3), "10:30:00".to_owned(), "Room 4")
        );
        assert_eq!(read[0].stated, ColumnsGiven { status: true, detail: true, shared_inbox: true });
        assert_eq!((read[1].stated, read[1].next_visit.is_none()), (ColumnsGiven::default(), true));
    }

    #[test]
    fn add_ons_are_joined_by_a_plus() {
        let read = rows(format!("{HEAD}\n{}\n", ROW.replace("nccn", "nccn + bone-health")).as_bytes());
        assert_eq!(read[0].protocols, ["nccn", "bone-health"]);
    }

    #[test]
    fn two_whole_schedules_for_one_person_are_refused_with_what_may_stand_beside_one() {
        let read = read(format!("{HEAD}\n{}\n", ROW.replace("nccn", "nccn+figo")).as_bytes()).unwrap();
        let fault = &read[0].as_ref().unwrap_err().faults[0];
        assert_eq!(fault.problem, "`nccn` and `figo` are two whole schedules");
        assert_eq!(fault.hint, "keep one; an add-on may stand beside it: bone-health");
    }

    #[test]
    fn a_row_without_an_anchor_date_is_sound_and_one_with_a_date_and_no_protocol_is_not() {
        let nothing = ROW.replace("nccn", "");
        let read = rows(format!("{HEAD}\n{}\n", ROW.replace("2026-01-31", "")).as_bytes());
        assert_eq!((read[0].protocols.as_slice(), read[0].anchor_on), (&["nccn".to_owned()][..], None));
        let read = rows(format!("{HEAD}\n{}\n", nothing.replace("2026-01-31", "")).as_bytes());
        assert_eq!((read[0].protocols.len(), read[0].anchor_on), (0, None));
        assert_eq!(faults(&nothing), ["protocol: is empty"]);
    }

    #[test]
    fn a_wrong_header_names_what_is_missing_strange_and_double() {
        let found = read(b"reference,name,birth_date,email,language,time_zone,protocol,protocol,langauge\n")
            .unwrap_err();
        let told: Vec<_> = found.iter().map(|f| format!("{} / {}", f.problem, f.hint)).collect();
        assert!(told[0].starts_with("unknown column `name`"), "{told:?}");
        assert!(told[1].starts_with("column `protocol` stands there twice"), "{told:?}");
        assert_eq!(told[2], "unknown column `langauge` / did you mean `language`?");
        assert!(told[3].starts_with("the header lacks `preferred_name`, `anchor_on`"), "{told:?}");
    }

    #[test]
    fn a_list_in_an_older_encoding_of_windows_is_read_and_what_looks_like_no_name_is_told() {
        let plain = format!("{HEAD}\n{}\n", ROW.replace("Ana", "Inés Núñez"));
        let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(order).collect()
        };
        let tabs = format!("\u{feff}{}", plain.replace(',', "\t").replace('\n', "\r\n"));
        for file in [
            utf16(&tabs, u16::to_le_bytes),
            utf16(&tabs, u16::to_be_bytes),
            utf16(&plain, u16::to_le_bytes),
            utf16(&plain, u16::to_be_bytes),
            encoding_rs::WINDOWS_1252.encode(&plain.replace(',', ";")).0.into_owned(),
        ] {
            let read = rows(&file);
            assert_eq!(read[0].newcomer.name.expose(), "Inés Núñez", "{file:?}");
        }
        let macintosh = encoding_rs::MACINTOSH.encode(&plain).0.into_owned();
        let fault = read(&macintosh).unwrap().remove(0).unwrap_err().faults.remove(0);
        assert_eq!(
            (fault.line, fault.column, fault.problem.as_str()),
            (2, Some("preferred_name"), "is not UTF-8")
        );
    }

    #[test]
    fn a_header_in_other_words_or_below_a_title_is_found() {
        let spanish = "Referencia;Nombre;Fecha de nacimiento;Correo electrónico;Idioma;Zona horaria;Protocolo;Fin de tratamiento";
        let row = ROW.replace(',', ";");
        for (text, line) in [
            (format!("{spanish}\n{row}\n"), 2),
            (format!("Lista de pacientes;;;;;;;\n\nnoviembre de 2026\n{spanish}\n{row}\n"), 5),
            (format!("Patients, as of today\r\n{}\r\n{ROW}\r\n", HEAD.replace('_', " ")), 3),
        ] {
            let read = rows(text.as_bytes());
            assert_eq!((read.len(), read[0].line, read[0].newcomer.reference.as_str()), (1, line, "R1"));
        }
        let western = encoding_rs::WINDOWS_1252.encode(&format!("{spanish}\r\n{row}\r\n")).0.into_owned();
        assert_eq!(rows(&western).len(), 1);
    }

    #[test]
    fn a_table_of_a_page_is_read_as_a_workbook_and_what_is_no_table_says_what_to_do() {
        let cells = |row: &str, tag: &str| -> String {
            row.split(',').map(|cell| format!("<{tag}>{cell}</{tag}>")).collect()
        };
        let page = format!(
            "<html><head><style>td {{}}</style></head><body><table><tr><td colspan=8>Patients</td></tr><tr>{}</tr>\n<tr>{}</tr></table>",
            cells(HEAD, "th"),
            cells(&ROW.replace("Ana", "In&eacute;s"), "td")
        );
        let read_in = rows(page.as_bytes());
        assert_eq!((read_in.len(), read_in[0].newcomer.name.expose()), (1, "Inés"));
        for (file, kind) in [
            ("%PDF-1.7\n", "a PDF"),
            ("{\\rtf1 x}", "a text document"),
            ("[{\"reference\":\"R1\"}]", "JSON"),
            ("<?xml version=\"1.0\"?><Workbook><Table/></Workbook>", "XML"),
        ] {
            let fault = read(file.as_bytes()).unwrap_err().remove(0);
            assert_eq!(fault.problem, format!("the file is {kind}, and no table"));
            assert!(fault.hint.contains("CSV UTF-8"));
        }
    }

    #[test]
    fn a_field_without_end_stops_the_reading_and_not_the_machine() {
        let text = format!("{HEAD}\n{ROW}\nR2,\"{}\n", "x".repeat(10_000_000));
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(read.len(), 2);
        assert!(read[1].as_ref().unwrap_err().faults[0].problem.contains("longer than 256 kB"));
    }
}

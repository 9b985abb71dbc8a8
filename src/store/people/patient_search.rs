//! Patients by what is typed or chosen, a page at a time: each question goes through an index, however many patients there are.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::care::patient::{Patient, PatientId, Reference};
use crate::care::record::search_term::SearchTerm;
use crate::care::task::TaskKind;
use crate::store::db::columns::rows;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::people::patient_group::PatientGroup;
use crate::store::people::patient_status;
use crate::store::people::patients::{COLUMNS, patient};
use crate::store::row_page::RowPageReader;

/// Which patients a person looks at.
#[derive(Debug, Clone, Default)]
pub struct PatientFilter {
    /// Only those who fit what was typed.
    pub term: Option<SearchTerm>,
    /// Only those of this group.
    pub group: Option<PatientGroup>,
    /// Only those on this protocol.
    pub protocol: Option<String>,
    /// Only those taken in after her.
    pub after: Option<PatientId>,
    /// At most this many.
    pub limit: u32,
}

/// As many patients as were asked for, and where the list goes on.
#[derive(Debug, Clone)]
pub struct PatientPage {
    /// In the order in which they were taken in.
    pub patients: Vec<Patient>,
    /// After whom the next page begins; `None` on the last.
    pub next: Option<PatientId>,
}

/// Where a question looks first; each goes on in the order of the list, so that a page ends the search.
const PATIENTS: &str = "patient p";
const FOUND_WORDS: &str = "patient_words w CROSS JOIN patient p ON p.id = w.rowid";

/// Where numbers stand by which she, or who may be rung for her, is known; each has an index.
const NUMBERS: [&str; 3] = ["phone", "phone_2", "other_phone"];

/// A question under way: where it looks, its conditions, and what stands for their question marks.
struct PatientQuestion {
    from: &'static str,
    conditions: String,
    values: Vec<Value>,
}

impl PatientQuestion {
    fn of(filter: &PatientFilter) -> Self {
        let is_alone = filter.group.is_none() && filter.protocol.is_none();
        let after = filter.after.map_or(0, |id| id.0);
        let mut ask = Self { from: PATIENTS, conditions: String::new(), values: Vec::new() };
        match &filter.term {
            Some(SearchTerm::Words(words)) if is_alone => {
                ask.from = FOUND_WORDS;
                ask.and("patient_words MATCH ? AND w.rowid > ?", [phrase(words).into(), after.into()]);
            }
            term => {
                ask.and("p.id > ?", [after.into()]);
                if let Some(term) = term {
                    ask.term(term);
                }
            }
        }
        ask.and("p.reference <> ?", [Reference::CANARY.to_owned().into()]);
        ask.and("p.id NOT IN (SELECT patient_id FROM ended_record)", []);
        if let Some(group) = filter.group {
            ask.group(group);
        }
        if let Some(protocol) = &filter.protocol {
            let on_it = "p.id IN (SELECT patient_id FROM enrolment WHERE state = 'active' AND protocol = ?)";
            ask.and(on_it, [protocol.clone().into()]);
        }
        ask
    }

    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        if !self.conditions.is_empty() {
            self.conditions.push_str(" AND ");
        }
        self.conditions.push_str(condition);
        self.values.extend(values);
    }

    fn term(&mut self, term: &SearchTerm) {
        match term {
            SearchTerm::Mailbox(begins) => {
                let range = "p.email >= ? COLLATE NOCASE AND p.email < ? COLLATE NOCASE";
                self.and(range, [begins.clone().into(), format!("{begins}\u{10FFFF}").into()]);
            }
            SearchTerm::Born(days) => {
                let places = vec!["?"; days.len()].join(", ");
                let days = days.iter().map(|day| day.to_string().into());
                self.and(&format!("p.birth_on IN ({places})"), days);
            }
            SearchTerm::Number { dials, ending, words } => {
                let mut found =
                    vec!["SELECT rowid FROM patient_words WHERE patient_words MATCH ?".to_owned()];
                let mut values: Vec<Value> = vec![phrase(words).into()];
                for (dial, column) in dials.iter().flat_map(|dial| NUMBERS.map(|column| (dial, column))) {
                    found
                        .push(format!("SELECT patient_id FROM contact WHERE {column} >= ? AND {column} < ?"));
                    values.extend([dial.clone().into(), format!("{dial}\u{10FFFF}").into()]);
                }
                for column in NUMBERS {
                    // An extension stands behind the number.
                    let ends = format!("{column} IS NOT NULL AND ({column} LIKE ? OR {column} LIKE ?)");
                    found.push(format!("SELECT patient_id FROM contact WHERE {ends}"));
                    values.extend([format!("%{ending}").into(), format!("%{ending};%").into()]);
                }
                self.and(&format!("p.id IN ({})", found.join(" UNION ALL ")), values);
            }
            SearchTerm::Words(words) => {
                let found = "p.id IN (SELECT rowid FROM patient_words WHERE patient_words MATCH ?)";
                self.and(found, [phrase(words).into()]);
            }
        }
    }

    fn group(&mut self, group: PatientGroup) {
        match group {
            PatientGroup::Silent => {
                let asked = "p.id IN (SELECT patient_id FROM task WHERE state = 'open' AND kind = ?)";
                self.and(asked, [TaskKind::Silent.word().to_owned().into()]);
            }
            PatientGroup::Unreachable => {
                let nowhere = "p.id IN (SELECT id FROM patient WHERE status = 'address_bad' \
                               UNION ALL SELECT id FROM patient WHERE email IS NULL AND +status IN (ASKED_BY_LETTER))";
                self.and(&patient_status::with_lists(nowhere), []);
            }
            PatientGroup::Status(status) => self.and("p.status = ?", [status.word().to_owned().into()]),
            PatientGroup::WithoutContact => {
                let nothing_ahead = "p.status IN (KEEPS_PLAN) AND NOT EXISTS \
                    (SELECT 1 FROM follow_up f WHERE f.patient_id = p.id AND f.next_at IS NOT NULL) AND NOT EXISTS \
                    (SELECT 1 FROM delivery d WHERE d.patient_id = p.id AND d.state IN ('pending', 'claimed'))";
                self.and(&patient_status::with_lists(nothing_ahead), []);
            }
        }
    }

    fn count(&self) -> String {
        format!("SELECT count(*) FROM {} WHERE {}", self.from, self.conditions)
    }

    fn ids(&self, limit: u32) -> String {
        let Self { from, conditions, .. } = self;
        let order = if *from == FOUND_WORDS { "w.rowid" } else { "p.id" };
        format!("SELECT p.id FROM {from} WHERE {conditions} ORDER BY {order} LIMIT {limit}")
    }
}

/// Longer words are no names that somebody runs together.
const LONGEST_RUN: usize = 24;

/// Beginnings of words as FTS5 reads them; all must fit. An apostrophe, a hyphen or a blank may be left out where the record has
/// one, and stand where it has none: "ODonnell" is O'Donnell, "T 001" is T001. The words hold letters and digits only.
fn phrase(words: &[String]) -> String {
    let begins = |text: &str| format!("\"{text}\"*");
    let parted = |word: &String| {
        let cuts = word.char_indices().skip(1).filter(|_| word.len() <= LONGEST_RUN);
        let ways = cuts.map(|(at, _)| begins(&format!("{} {}", &word[..at], &word[at..])));
        format!("({})", std::iter::once(begins(word)).chain(ways).collect::<Vec<_>>().join(" OR "))
    };
    let all = |words: &[String]| words.iter().map(parted).collect::<Vec<_>>().join(" AND ");
    let joined = (1..words.len()).map(|at| {
        let pair = words[at - 1..=at].concat();
        [&words[..at - 1], &[pair], &words[at + 1..]].concat()
    });
    let ways = std::iter::once(words.to_vec()).chain(joined).map(|words| format!("({})", all(&words)));
    ways.collect::<Vec<_>>().join(" OR ")
}

/// Counted among the tasks: their patients need not be looked up.
const SILENT: &str = "SELECT count(DISTINCT t.patient_id) FROM task t WHERE t.state = 'open' AND t.kind = ? \
     AND t.patient_id NOT IN (SELECT patient_id FROM ended_record) \
     AND t.patient_id IS NOT (SELECT id FROM patient WHERE reference = ?)";

impl View<'_> {
    /// How many are in a group. Cheap for all but [`PatientGroup::WithoutContact`], which asks of everybody.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn patients_in(&self, group: PatientGroup) -> Result<u32, StoreError> {
        if group == PatientGroup::Silent {
            let values = (TaskKind::Silent.word(), Reference::CANARY);
            return Ok(self.sql.prepare_cached(SILENT)?.query_row(values, |r| r.get(0))?);
        }
        let ask = PatientQuestion::of(&PatientFilter { group: Some(group), ..PatientFilter::default() });
        Ok(self.sql.prepare_cached(&ask.count())?.query_row(params_from_iter(&ask.values), |r| r.get(0))?)
    }

    /// A page of the patients that fit. A record that cannot be read is left out and takes no other with it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn patient_page(&self, filter: &PatientFilter) -> Result<PatientPage, StoreError> {
        let ask = PatientQuestion::of(filter);
        let page = RowPageReader::new(filter.limit);
        let ids = ask.ids(page.asked());
        let ids = rows(self.sql, &ids, params_from_iter(&ask.values), |r| page.row(r.get::<_, i64>(0)))?;
        let ids = page.page(ids);
        let places = vec!["?"; ids.rows.len()].join(", ");
        let listed = format!("SELECT {COLUMNS} FROM patient p WHERE p.id IN ({places}) ORDER BY p.id");
        let patients = self.readable(&listed, params_from_iter(&ids.rows), |r| patient(r, 0))?;
        Ok(PatientPage { patients, next: ids.next().copied().map(PatientId) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::patient::PatientStatus;
    use crate::store::database::Store;
    use crate::store::database::tests::{fresh, sabotage, stamp};

    fn clinic() -> (tempfile::TempDir, Store) {
        let (dir, store) = fresh();
        let rows = "INSERT INTO patient (reference, preferred_name, birth_on, email, language, zone, status, status_at, created_at) \
             VALUES ('R-1042', 'María García', '1970-03-27', 'Maria@mail.example', 'es', 'UTC', 'active', 0, 0), \
             ('R-1043', 'Ana Gardner', '1970-04-03', NULL, 'en', 'UTC', 'active', 0, 0), \
             ('X-7', 'Bea', '1970-03-04', 'bea@mail.example', 'en', 'UTC', 'paused', 0, 0), \
             ('aftercare-canary', 'Canary', '1970-03-27', NULL, 'en', 'UTC', 'active', 0, 0); \
             INSERT INTO contact (patient_id, phone, other_contact, other_phone) VALUES \
             (1, '+12127365000;ext=12', NULL, NULL), (2, '+34910555100', 'Marta', '+12125550123'); \
             INSERT INTO task (kind, cause, patient_id, reason, opened_at, due_at, state) \
             VALUES ('silent', 'c', 2, 'r', 0, 0, 'open'); \
             INSERT INTO protocol_version VALUES (1, 'nccn', 'v', '', 0); \
             INSERT INTO enrolment (patient_id, protocol_version_id, protocol, anchor_on, state, opened_at) \
             VALUES (1, 1, 'nccn', '2026-01-01', 'active', 0), (3, 1, 'nccn', '2026-01-01', 'active', 0)";
        store.write_blocking(stamp(), move |tx| sabotage(tx, rows)).unwrap();
        (dir, store)
    }

    fn found(store: &Store, filter: &PatientFilter) -> String {
        let page = store.read(|view| view.patient_page(filter)).unwrap();
        page.patients
            .iter()
            .map(|patient| patient.reference.as_str().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn typed(text: &str) -> PatientFilter {
        PatientFilter { term: SearchTerm::parse(text, Some("US")), limit: 50, ..PatientFilter::default() }
    }

    #[test]
    fn she_is_found_by_name_code_birth_date_and_address() {
        let (_dir, store) = clinic();
        for (text, codes) in [
            ("garcia", "R-1042"),
            ("GAR", "R-1042 R-1043"),
            ("gar ana", "R-1043"),
            ("r-104", "R-1042 R-1043"),
            ("1042", "R-1042"),
            ("27/03/1970", "R-1042"),
            ("03/04/1970", "R-1043 X-7"),
            ("maria@", "R-1042"),
            ("BEA@mail.example", "X-7"),
            ("canary", ""),
            ("10 Mar 1961", ""),
            ("27 mar 1970", "R-1042"),
            ("212 736 5000", "R-1042"),
            ("+1 (212) 736-5000", "R-1042"),
            ("12127365000", "R-1042"),
            ("910555100", "R-1043"),
            ("+34 910 55 51 00", "R-1043"),
            ("34910555100", "R-1043"),
            ("212-555-0123", "R-1043"),
            ("212 736 5001", ""),
            ("5000", "R-1042"),
            ("5100", "R-1043"),
            ("0123", "R-1043"),
            ("555-0123", "R-1043"),
            ("R1042", "R-1042"),
            ("x7", "X-7"),
            ("mariagarcia", "R-1042"),
            ("Gard ner", "R-1043"),
            ("Ana Gard-ner", "R-1043"),
        ] {
            assert_eq!(found(&store, &typed(text)), codes, "{text}");
        }
    }

    #[test]
    fn a_name_is_found_without_its_apostrophe_and_with_one_it_has_not() {
        let (_dir, store) = clinic();
        let rename = "UPDATE patient SET preferred_name = 'Nora O''Donnell' WHERE id = 2; \
             UPDATE patient SET preferred_name = 'Bea DArcy' WHERE id = 3";
        store.write_blocking(stamp(), move |tx| sabotage(tx, rename)).unwrap();
        for text in ["ODonnell", "odon", "O'Donnell", "O Donnell", "nora odonnell", "Nora O’Donnell"] {
            assert_eq!(found(&store, &typed(text)), "R-1043", "{text}");
        }
        for text in ["d'arcy", "D Arcy", "bea d'arcy", "darcy"] {
            assert_eq!(found(&store, &typed(text)), "X-7", "{text}");
        }
    }

    #[test]
    fn a_corrected_name_is_found_and_the_old_one_no_more() {
        let (_dir, store) = clinic();
        let rename = "UPDATE patient SET preferred_name = 'Lucía' WHERE id = 2";
        store.write_blocking(stamp(), move |tx| sabotage(tx, rename)).unwrap();
        assert_eq!(found(&store, &typed("lucia")), "R-1043");
        assert_eq!(found(&store, &typed("gardner")), "");
    }

    #[test]
    fn groups_and_protocols_narrow_the_list() {
        let (_dir, store) = clinic();
        let of = |group| PatientFilter { group: Some(group), limit: 50, ..PatientFilter::default() };
        let count = |group| store.read(|view| view.patients_in(group)).unwrap();
        assert_eq!(PatientGroup::MATTERS.map(count), [1, 1, 1, 3]);
        let found = |filter: &PatientFilter| found(&store, filter);
        assert_eq!(found(&of(PatientGroup::Silent)), "R-1043");
        assert_eq!(found(&of(PatientGroup::Unreachable)), "R-1043");
        assert_eq!(found(&of(PatientGroup::Status(PatientStatus::Paused))), "X-7");
        // In a pause, too, something must lie ahead of her: letters stop, her plan does not.
        assert_eq!(found(&of(PatientGroup::WithoutContact)), "R-1042 R-1043 X-7");
        let on_it = PatientFilter { protocol: Some("nccn".to_owned()), ..typed("mar") };
        assert_eq!(found(&on_it), "R-1042");
        assert_eq!(
            found(&PatientFilter {
                protocol: Some("nccn".to_owned()),
                ..of(PatientGroup::Status(PatientStatus::Paused))
            }),
            "X-7"
        );
    }

    #[test]
    fn pages_hold_everybody_once() {
        let (_dir, store) = clinic();
        let first = store.read(|v| v.patient_page(&PatientFilter { limit: 2, ..typed("") })).unwrap();
        assert_eq!((first.patients.len(), first.next), (2, Some(PatientId(2))));
        let second = PatientFilter { limit: 2, after: first.next, ..typed("") };
        let second = store.read(|v| v.patient_page(&second)).unwrap();
        assert_eq!((second.patients.len(), second.next), (1, None));
    }

    #[test]
    fn no_question_looks_at_every_row() {
        let (_dir, store) = clinic();
        let of = |group| PatientFilter { group: Some(group), ..typed("") };
        let on_it = |filter| PatientFilter { protocol: Some("nccn".to_owned()), ..filter };
        for (filter, index) in [
            (typed("garcia"), "SCAN w VIRTUAL TABLE INDEX"),
            (on_it(typed("garcia")), "SCAN patient_words VIRTUAL TABLE INDEX"),
            (typed("03/04/1970"), "patient_alike"),
            (typed("maria@"), "patient_mailbox"),
            (typed("212 736 5000"), "contact_other_phone"),
            (typed("5000"), "SEARCH contact USING COVERING INDEX contact_phone"),
            (of(PatientGroup::Silent), "task_open_patient"),
            (of(PatientGroup::Unreachable), "patient_without_address"),
            (of(PatientGroup::Status(PatientStatus::Paused)), "patient_status"),
            (of(PatientGroup::WithoutContact), "follow_up_ahead"),
            (on_it(typed("")), "enrolment_protocol"),
        ] {
            let ask = PatientQuestion::of(&filter);
            let explain = format!("EXPLAIN QUERY PLAN {}", ask.ids(50));
            let values = || params_from_iter(&ask.values);
            let steps: Vec<String> =
                store.read(|view| rows(view.sql, &explain, values(), |r| r.get(3))).unwrap();
            assert!(steps.iter().any(|step| step.contains(index)), "{index}: {steps:?}");
            let scans = steps.iter().filter(|step| step.starts_with("SCAN") && !step.contains("INDEX"));
            assert_eq!(scans.count(), 0, "{index}: {steps:?}");
        }
    }
}

//! The figures of a period as the page shows them: each a chart, the same as a table, and as a file.

use jiff::civil::Date;
use minijinja::{Value, context};

use super::chart::{BarChart, ChartSeries};
use super::schedule_names::ScheduleNames;
use crate::care::delivery::DeliveryState;
use crate::care::triage::tier::Tier;
use crate::journey::forecast::clinic_figures::ClinicFigures;
use crate::store::work::report::checklist_months::ChecklistCounts;
use crate::web::console::layout::time_format::{day, span};
use crate::web::locale::reader::ReaderWords;

/// One figure of the report.
pub(in crate::web::console::reports) struct Figure {
    /// Its file is called so, and the place on the page.
    pub(in crate::web::console::reports) name: &'static str,
    title: &'static str,
    /// What is counted, and what is not.
    note: String,
    chart: Value,
    /// The table with its header.
    table: Vec<Vec<String>>,
    /// What its file holds, with a header for programs.
    pub(in crate::web::console::reports) file: Vec<Vec<String>>,
}

impl Figure {
    /// Every figure there is.
    pub(in crate::web::console::reports) const NAMES: [&'static str; 6] =
        ["answers", "schedules", "speed", "alerts", "letters", "load"];

    pub(in crate::web::console::reports) fn words(&self) -> Value {
        let (header, rows) = self.table.split_first().map_or((Vec::new(), &[][..]), |(h, r)| (h.clone(), r));
        context! {
            name => self.name,
            title => self.title,
            note => self.note.clone(),
            chart => self.chart.clone(),
            header,
            rows => rows.to_vec(),
        }
    }
}

/// The figures and what the schedules in them are called.
pub(in crate::web::console::reports) struct FigureWords<'a> {
    pub(in crate::web::console::reports) figures: &'a ClinicFigures,
    pub(in crate::web::console::reports) names: &'a ScheduleNames,
    pub(in crate::web::console::reports) reader: &'a ReaderWords,
}

fn texts(header: &[&str]) -> Vec<String> {
    header.iter().map(|cell| (*cell).to_owned()).collect()
}

fn row(label: String, counts: &[u32]) -> Vec<String> {
    std::iter::once(label).chain(counts.iter().map(u32::to_string)).collect()
}

/// A month as a person reads it, on one line.
fn month(of: Date, reader: &ReaderWords) -> String {
    reader.said(&of.strftime("%b %Y").to_string()).replace(' ', "\u{a0}")
}

/// The same for programs.
fn month_word(of: Date) -> String {
    of.strftime("%Y-%m").to_string()
}

fn percent(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) * 100.0 / f64::from(whole))
}

const fn tier_name(tier: Option<Tier>) -> &'static str {
    match tier {
        Some(tier) => tier.word(),
        None => "not sorted",
    }
}

/// What became of checklists, in the order of the columns.
const fn cells(counts: ChecklistCounts) -> [u32; 5] {
    [counts.asked, counts.answered, counts.half_done, counts.missed, counts.open]
}

fn share_row(label: String, counts: ChecklistCounts, reader: &ReaderWords) -> Vec<String> {
    let mut cells = row(label, &cells(counts));
    cells.push(
        percent(counts.answered, counts.asked)
            .map_or_else(|| reader.said("nobody asked"), |p| format!("{p:.0} %")),
    );
    cells
}

const SHARES: [&str; 6] =
    ["asked", "answered", "half done", "no answer", "still open", "answered in per cent"];

impl FigureWords<'_> {
    /// Every figure, in the order of the page.
    pub(in crate::web::console::reports) fn all(&self) -> Vec<Figure> {
        vec![self.answers(), self.schedules(), self.speed(), self.alerts(), self.letters(), self.load()]
    }

    fn month_labels(&self) -> Vec<String> {
        self.figures.months.iter().map(|of| month(*of, self.reader)).collect()
    }

    fn answers(&self) -> Figure {
        let title = "Checklists that were answered, by month";
        let of = |month: &Date| self.figures.checklists_where(|row| row.month == *month);
        let mut table = vec![texts(&[&["month"][..], &SHARES].concat())];
        table.extend(
            self.figures.months.iter().map(|m| share_row(month(*m, self.reader), of(m), self.reader)),
        );
        table.push(share_row(
            self.reader.said("together"),
            self.figures.checklists_where(|_| true),
            self.reader,
        ));
        let mut file = vec![texts(&["month", "asked", "answered", "half_done", "no_answer", "open"])];
        file.extend(self.figures.months.iter().map(|m| row(month_word(*m), &cells(of(m)))));
        let share = |counts: ChecklistCounts| percent(counts.answered, counts.asked).unwrap_or(f64::NAN);
        let values = self.figures.months.iter().map(|m| share(of(m))).collect();
        let series = vec![ChartSeries { name: "Answered, in per cent", values }];
        let chart = BarChart { title, labels: self.month_labels(), series }.svg(self.reader);
        let note = format!(
            "Of the checklists that came due in the month and that a letter asked for. What is still open can yet be \
             answered. Answers that came without being asked for: {}.",
            self.figures.period.answered.unasked
        );
        Figure { name: "answers", title, note, chart, table, file }
    }

    fn schedules(&self) -> Figure {
        let title = "Checklists that were answered, by schedule";
        let asked = self.figures.checklists.iter().map(|row| row.protocol.as_str());
        let mut all: Vec<&str> = self.figures.protocols.iter().map(String::as_str).chain(asked).collect();
        all.sort_unstable_by_key(|protocol| (self.names.title(protocol), *protocol));
        all.dedup();
        let of = |protocol: &str| self.figures.checklists_where(|row| row.protocol == protocol);
        let mut table = vec![texts(&[&["schedule"][..], &SHARES].concat())];
        table
            .extend(all.iter().map(|name| {
                share_row(format!("{} ({name})", self.names.title(name)), of(name), self.reader)
            }));
        let mut file =
            vec![texts(&["schedule", "month", "asked", "answered", "half_done", "no_answer", "open"])];
        for line in &self.figures.checklists {
            let mut cells = row(month_word(line.month), &cells(line.counts));
            cells.insert(0, line.protocol.clone());
            file.push(cells);
        }
        let asked: Vec<&&str> = all.iter().filter(|name| of(name).asked > 0).collect();
        let share = |name: &&&str| percent(of(name).answered, of(name).asked).unwrap_or(0.0);
        let values = asked.iter().map(share).collect();
        let series = vec![ChartSeries { name: "Answered, in per cent", values }];
        let labels = asked.iter().map(|name| (**name).to_owned()).collect();
        let chart = BarChart { title, labels, series }.svg(self.reader);
        let note = "All months together; the file has them one by one.".to_owned();
        Figure { name: "schedules", title, note, chart, table, file }
    }

    fn speed(&self) -> Figure {
        let title = "From the answer to the first human action";
        let speeds = &self.figures.period.speeds;
        let mut table = vec![texts(&[
            "tier",
            "raised",
            "taken on",
            "in time",
            "not taken on yet",
            "half within",
            "nine of ten within",
            "slowest",
        ])];
        let mut file =
            vec![texts(&["tier", "raised", "acted", "in_time", "waiting", "median_s", "p90_s", "max_s"])];
        let words = |seconds: Option<i64>| {
            let said = seconds.map_or("none yet".to_owned(), |s| span(jiff::SignedDuration::from_secs(s)));
            self.reader.said(&said)
        };
        for one in speeds {
            let waiting = one.raised - one.acted;
            let counts = [one.raised, one.acted, one.in_time, waiting].map(|n| n.to_string());
            let times = [one.median, one.p90, one.max];
            let cells = |label: &str, times: [String; 3]| -> Vec<String> {
                std::iter::once(label.to_owned()).chain(counts.clone()).chain(times).collect()
            };
            table.push(cells(&self.reader.said(tier_name(one.tier)), times.map(words)));
            let seconds = times.map(|s| s.map(|s| s.to_string()).unwrap_or_default());
            file.push(cells(one.tier.map_or("unsorted", Tier::word), seconds));
        }
        let hours = |seconds: Option<i64>| {
            seconds.and_then(|s| u32::try_from(s).ok()).map_or(f64::NAN, f64::from) / 3600.0
        };
        let half = speeds.iter().map(|s| hours(s.median)).collect();
        let most = speeds.iter().map(|s| hours(s.p90)).collect();
        let series = vec![
            ChartSeries { name: "Half within, in hours", values: half },
            ChartSeries { name: "Nine of ten within, in hours", values: most },
        ];
        let labels = speeds.iter().map(|s| self.reader.said(tier_name(s.tier))).collect();
        let note = "An alert that was left and raised again counts from the person who took it on first. One that nobody \
                    has taken on yet has no time so far."
            .to_owned();
        Figure {
            name: "speed",
            title,
            note,
            chart: BarChart { title, labels, series }.svg(self.reader),
            table,
            file,
        }
    }

    fn alerts(&self) -> Figure {
        let title = "Alerts against hands, by month";
        let found = &self.figures.alerts;
        let header = ["month", "emergency", "urgent", "soon", "not sorted", "together"];
        let rest = ["taken on in time", "late", "not yet", "people who took them on"];
        let words = [
            "month",
            "emergency",
            "urgent",
            "soon",
            "unsorted",
            "raised",
            "in_time",
            "late",
            "waiting",
            "people",
        ];
        let (mut table, mut file) = (vec![texts(&[&header[..], &rest].concat())], vec![texts(&words)]);
        for a in found {
            let counts = [
                a.emergency,
                a.urgent,
                a.soon,
                a.unsorted,
                a.raised(),
                a.in_time,
                a.late,
                a.waiting,
                a.people,
            ];
            table.push(row(month(a.month, self.reader), &counts));
            file.push(row(month_word(a.month), &counts));
        }
        let series = vec![
            ChartSeries { name: "Raised", values: found.iter().map(|a| f64::from(a.raised())).collect() },
            ChartSeries {
                name: "Taken on late or not yet",
                values: found.iter().map(|a| f64::from(a.late + a.waiting)).collect(),
            },
        ];
        let capacity = self.figures.period.capacity;
        let number = |written: String| self.reader.number(&written);
        let note = format!(
            "{} patients followed now, {} forms a patient and week in this period, {} % of forms ring: about {} alerts a \
             week to expect. Where late ones grow with the alerts, hands are too few.",
            capacity.patients,
            number(format!("{:.2}", capacity.forms_a_week)),
            number(format!("{:.1}", capacity.alert_rate * 100.0)),
            number(format!("{:.1}", capacity.alerts_a_week))
        );
        let chart = BarChart { title, labels: self.month_labels(), series }.svg(self.reader);
        Figure { name: "alerts", title, note, chart, table, file }
    }

    fn letters(&self) -> Figure {
        let title = "Letters by what became of them, by month";
        let of = |month: Date, states: &[DeliveryState]| -> u32 {
            let meant = self.figures.letters.iter().filter(|l| l.month == month && states.contains(&l.state));
            meant.map(|l| l.count).sum()
        };
        use DeliveryState::{Claimed, Failed, Lapsed, Pending, Sent, Skipped, Unknown};
        let fates: [&[DeliveryState]; 6] =
            [&[Sent], &[Pending, Claimed], &[Skipped], &[Lapsed], &[Failed], &[Unknown]];
        let header = [
            "month",
            "sent",
            "waiting",
            "withdrawn",
            "too late to be of use",
            "refused",
            "in doubt",
            "together",
        ];
        let words = ["month", "sent", "waiting", "skipped", "lapsed", "failed", "unknown", "all"];
        let (mut table, mut file) = (vec![texts(&header)], vec![texts(&words)]);
        for one in &self.figures.months {
            let counts = fates.map(|states| of(*one, states));
            let all = [&counts[..], &[counts.iter().sum()]].concat();
            table.push(row(month(*one, self.reader), &all));
            file.push(row(month_word(*one), &all));
        }
        let values = |states: &[DeliveryState]| -> Vec<f64> {
            self.figures.months.iter().map(|one| f64::from(of(*one, states))).collect()
        };
        let series = vec![
            ChartSeries { name: "Sent", values: values(&[Sent]) },
            ChartSeries { name: "Refused, too late or in doubt", values: values(&[Failed, Lapsed, Unknown]) },
        ];
        let chart = BarChart { title, labels: self.month_labels(), series }.svg(self.reader);
        let note = "Letters to patients, by the reader's own day. A letter is withdrawn when it is owed no more: she \
                    booked, answered, or letters to her stopped. Each stands in the ledger with its reason."
            .to_owned();
        Figure { name: "letters", title, note, chart, table, file }
    }

    fn load(&self) -> Figure {
        let title = "What is due in the next eight weeks";
        let weeks = &self.figures.weeks;
        let mut table =
            vec![texts(&["week from", "dates booked", "visits and tests not booked", "forms", "tasks"])];
        let mut file = vec![texts(&["week_from", "booked", "unbooked", "forms", "tasks"])];
        for w in weeks {
            let counts = [w.booked, w.unbooked, w.forms, w.tasks];
            table.push(row(day(w.from), &counts));
            file.push(row(w.from.to_string(), &counts));
        }
        let booked = weeks.iter().map(|w| f64::from(w.booked)).collect();
        let unbooked = weeks.iter().map(|w| f64::from(w.unbooked)).collect();
        let tasks = weeks.iter().map(|w| f64::from(w.tasks)).collect();
        let series = vec![
            ChartSeries { name: "Dates booked", values: booked },
            ChartSeries { name: "Visits and tests not booked", values: unbooked },
            ChartSeries { name: "Tasks", values: tasks },
        ];
        let labels = weeks.iter().map(|w| self.reader.said(&w.from.strftime("%-d %b").to_string())).collect();
        let note = "From today on, whatever the period above. Forms are those that the plans ask for; tasks that are \
                    overdue stand in the first week. Further ahead, and after a change: “Try a change”."
            .to_owned();
        Figure {
            name: "load",
            title,
            note,
            chart: BarChart { title, labels, series }.svg(self.reader),
            table,
            file,
        }
    }
}

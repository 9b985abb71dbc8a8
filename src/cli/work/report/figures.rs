//! The figures of a report by month, schedule and week, and who is overdue: the same that the console's page "Reports" shows.

use std::io::Write;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::care::delivery::DeliveryState;
use crate::cli::work::report::words::percent;
use crate::exchange::roster::cells::neutral;
use crate::journey::forecast::clinic_figures::ClinicFigures;
use crate::store::work::report::checklist_months::ChecklistCounts;
use crate::store::work::report::overdue::OverdueVisit;

/// So many of the overdue are named at most; how many there are is told in any case.
pub(in crate::cli::work::report) const OVERDUE: u32 = 10_000;

/// So many of the overdue are named in the text.
const OVERDUE_IN_TEXT: usize = 20;

/// What there is beside the sums.
pub(in crate::cli::work::report) struct ReportFigures {
    pub(in crate::cli::work::report) counted: ClinicFigures,
    pub(in crate::cli::work::report) overdue: Vec<OverdueVisit>,
}

fn month(of: Date) -> String {
    of.strftime("%Y-%m").to_string()
}

/// Every protocol that somebody is on or was asked under, once.
fn protocols(counted: &ClinicFigures) -> Vec<&str> {
    let asked = counted.checklists.iter().map(|row| row.protocol.as_str());
    let mut all: Vec<&str> = counted.protocols.iter().map(String::as_str).chain(asked).collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl ReportFigures {
    fn letters(&self, of: Date, state: DeliveryState) -> u32 {
        let meant = self.counted.letters.iter().filter(|l| l.month == of && l.state == state);
        meant.map(|l| l.count).sum()
    }

    /// The fields that the report's JSON gains.
    pub(in crate::cli::work::report) fn add_to(&self, document: &mut Value) {
        let counted = &self.counted;
        let by_month = |protocol: Option<&str>| -> Vec<Value> {
            let counts = |of: Date| {
                let is_meant = |p: &str| protocol.is_none_or(|meant| p == meant);
                counted.checklists_where(|row| row.month == of && is_meant(&row.protocol))
            };
            counted.months.iter().map(|of| share(json!({ "month": month(*of) }), counts(*of))).collect()
        };
        let protocol = |name: &str| {
            let mut all =
                share(json!({ "protocol": name }), counted.checklists_where(|row| row.protocol == name));
            all["months"] = Value::Array(by_month(Some(name)));
            all
        };
        let alerts = counted.alerts.iter().map(|a| {
            json!({ "month": month(a.month), "emergency": a.emergency, "urgent": a.urgent, "soon": a.soon,
                "unsorted": a.unsorted, "raised": a.raised(), "in_time": a.in_time, "late": a.late,
                "waiting": a.waiting, "people": a.people })
        });
        let letters = counted.months.iter().map(|of| {
            let mut row = json!({ "month": month(*of) });
            for state in DeliveryState::ALL {
                row[state.word()] = self.letters(*of, state).into();
            }
            row
        });
        let weeks = counted.weeks.iter().map(|w| {
            json!({ "from": w.from.to_string(), "booked": w.booked, "unbooked": w.unbooked, "forms": w.forms,
                "tasks": w.tasks })
        });
        let overdue = self.overdue.iter().map(|o| {
            json!({ "reference": o.reference, "series": o.series, "protocol": o.protocol,
                "status": o.status.word(), "due_on": o.due_on.to_string(), "closes_on": o.closes_on.to_string(),
                "passed_on": o.passed_on.map(|on| on.to_string()) })
        });
        document["months"] = Value::Array(by_month(None));
        document["protocols"] = protocols(counted).into_iter().map(protocol).collect();
        document["alerts_by_month"] = alerts.collect();
        document["letters_by_month"] = letters.collect();
        document["weeks_ahead"] = weeks.collect();
        document["overdue"] = json!({ "count": counted.overdue, "list": overdue.collect::<Vec<_>>() });
    }

    pub(in crate::cli::work::report) fn text(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let counted = &self.counted;
        let mut line = |label: &str, c: ChecklistCounts| {
            let share = percent(c.answered, c.asked);
            let rest = (c.half_done, c.missed, c.open);
            writeln!(
                out,
                "  {label:<20} {:>6} of {:>6} {share:>6}   {} half done, {} no answer, {} still open",
                c.answered, c.asked, rest.0, rest.1, rest.2
            )
        };
        line("\nAnswered, by month:", counted.checklists_where(|_| true))?;
        for of in &counted.months {
            line(&month(*of), counted.checklists_where(|row| row.month == *of))?;
        }
        for name in protocols(counted) {
            line(name, counted.checklists_where(|row| row.protocol == name))?;
        }
        self.text_of_alerts(out)?;
        self.text_of_letters(out)?;
        self.text_of_what_is_due(out)
    }

    fn text_of_alerts(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(
            out,
            "\nAlerts against hands: raised, taken on in time, late, not yet; people who took them on"
        )?;
        for a in &self.counted.alerts {
            let (raised, of) = (a.raised(), month(a.month));
            writeln!(
                out,
                "  {of:<20} {raised:>7} {:>7} {:>7} {:>7} {:>7}",
                a.in_time, a.late, a.waiting, a.people
            )?;
        }
        Ok(())
    }

    fn text_of_letters(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let states = DeliveryState::ALL.map(|state| format!("{:>8}", state.word())).join(" ");
        writeln!(out, "\n{:<22} {states}", "Letters, by month")?;
        for of in &self.counted.months {
            let counts = DeliveryState::ALL.map(|state| format!("{:>8}", self.letters(*of, state))).join(" ");
            writeln!(out, "  {:<20} {counts}", month(*of))?;
        }
        Ok(())
    }

    fn text_of_what_is_due(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "\nThe next weeks: dates booked, due and not booked, forms, tasks")?;
        for w in &self.counted.weeks {
            writeln!(
                out,
                "  from {:<15} {:>7} {:>7} {:>7} {:>7}",
                w.from, w.booked, w.unbooked, w.forms, w.tasks
            )?;
        }
        let count = self.counted.overdue;
        writeln!(out, "\nOverdue visits and tests: {count}")?;
        for o in self.overdue.iter().take(OVERDUE_IN_TEXT) {
            let passed =
                o.passed_on.map(|on| format!(", booked for {on}, not noted as kept")).unwrap_or_default();
            writeln!(out, "  {:<20} {} due on {}{passed}", o.reference, o.series, o.due_on)?;
        }
        let shown = u32::try_from(self.overdue.len().min(OVERDUE_IN_TEXT)).unwrap_or(u32::MAX);
        if count > shown { writeln!(out, "  and {} more", count - shown) } else { Ok(()) }
    }

    /// As topic, figure and value, like the other lines of the table.
    pub(in crate::cli::work::report) fn cells(&self) -> Vec<[String; 3]> {
        let counted = &self.counted;
        let mut cells = Vec::new();
        let mut add = |topic: String, figure: &str, value: u32| {
            cells.push([neutral(&topic).into_owned(), figure.to_owned(), value.to_string()]);
        };
        let mut checklists = |of: &str, c: ChecklistCounts| {
            let figures = [
                ("asked", c.asked),
                ("answered", c.answered),
                ("half_done", c.half_done),
                ("no_answer", c.missed),
                ("open", c.open),
            ];
            figures.into_iter().for_each(|(name, count)| add(format!("checklists {of}"), name, count));
        };
        for of in &counted.months {
            checklists(&month(*of), counted.checklists_where(|row| row.month == *of));
        }
        for name in protocols(counted) {
            checklists(name, counted.checklists_where(|row| row.protocol == name));
        }
        for a in &counted.alerts {
            let figures = [
                ("raised", a.raised()),
                ("in_time", a.in_time),
                ("late", a.late),
                ("waiting", a.waiting),
                ("people", a.people),
            ];
            figures.into_iter().for_each(|(name, n)| add(format!("alerts {}", month(a.month)), name, n));
        }
        for of in &counted.months {
            for state in DeliveryState::ALL {
                add(format!("letters {}", month(*of)), state.word(), self.letters(*of, state));
            }
        }
        for w in &counted.weeks {
            let figures =
                [("booked", w.booked), ("unbooked", w.unbooked), ("forms", w.forms), ("tasks", w.tasks)];
            figures.into_iter().for_each(|(name, count)| add(format!("week {}", w.from), name, count));
        }
        add("overdue".to_owned(), "visits", counted.overdue);
        cells
    }
}

/// A row with what became of its checklists.
fn share(mut row: Value, counts: ChecklistCounts) -> Value {
    let ChecklistCounts { asked, answered, half_done, missed, open, .. } = counts;
    for (name, count) in [
        ("asked", asked),
        ("answered", answered),
        ("half_done", half_done),
        ("no_answer", missed),
        ("open", open),
    ] {
        row[name] = count.into();
    }
    row
}

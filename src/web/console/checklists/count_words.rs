//! What a count found, for the page: sums, each rule, month by month, as charts, tables and a file.

use minijinja::{Value, context};

use crate::care::checklist::definition::Checklist;
use crate::care::triage::rule_text::{ChoiceNames, condition};
use crate::care::triage::tier::{Code, Tier};
use crate::journey::forecast::alert_count::{AlertCountMonth, RulesCount, TierCounts};
use crate::web::console::checklists::count_run::CountStage;
use crate::web::console::reports::chart::{BarChart, ChartSeries};
use crate::web::locale::reader::ReaderWords;

/// The rules that a count goes by, and who reads what it found.
pub(super) struct CountedRules<'a> {
    pub(super) rules: &'a Checklist,
    pub(super) names: &'a ChoiceNames<'a>,
    pub(super) reader: &'a ReaderWords,
}

/// How a count stands, with all that it found.
pub(super) fn stage(stage: &CountStage, by: &CountedRules<'_>) -> Value {
    let found = match stage {
        CountStage::Runs(done, all) => context! { runs => true, done, all => all.max(&1) },
        CountStage::Ended => context! { ended => true },
        CountStage::Failed(why) => context! { failed => why },
        CountStage::Done(counted) => done(counted, by),
    };
    let otherwise = context! { runs => false, ended => false, failed => "", done => 0, all => 1 };
    context! { ..found, ..otherwise }
}

fn done(counted: &RulesCount, by: &CountedRules<'_>) -> Value {
    let CountedRules { rules, names, reader } = by;
    let would = counted.would();
    let really = really(counted);
    let line = |name: &str, tiers: TierCounts, unsorted: u32| {
        let all = tiers.total() + unsorted;
        context! {
            name,
            emergency => tiers.emergency,
            urgent => tiers.urgent,
            soon => tiers.soon,
            unsorted,
            all,
            a_week => format!("{:.1}", counted.a_week(all)),
        }
    };
    let rule = |code: &Code| {
        let count = counted.rules.get(code).copied().unwrap_or_default();
        context! {
            code => code.word(),
            tier => rules.tier_of(*code).map(Tier::word),
            condition => condition(*code, rules, names),
            forms => count.forms,
            alerts => count.alerts,
            alone => count.alone,
        }
    };
    context! {
        is_done => true,
        forms => counted.forms,
        patients => counted.patients,
        ringing => counted.ringing.total(),
        read => counted.read,
        partly => counted.partly,
        unreadable => counted.unreadable,
        sums => [
            line("The rules would have raised", would, 0),
            line("Staff would have been asked to read", TierCounts::default(), counted.unsorted()),
            line("Really raised", really.0, really.1),
        ].to_vec(),
        rules => Code::ALL.iter().map(rule).collect::<Vec<_>>(),
        months => counted.months.iter().map(month).collect::<Vec<_>>(),
        charts => charts(counted, reader).to_vec(),
    }
}

/// The alerts that really were raised in all months: by tier, and unsorted.
fn really(counted: &RulesCount) -> (TierCounts, u32) {
    let (mut tiers, mut unsorted) = (TierCounts::default(), 0);
    for AlertCountMonth { really, .. } in &counted.months {
        tiers.emergency += really.emergency;
        tiers.urgent += really.urgent;
        tiers.soon += really.soon;
        unsorted += really.unsorted;
    }
    (tiers, unsorted)
}

fn label(month: &AlertCountMonth) -> String {
    month.month.strftime("%b %Y").to_string()
}

fn month(month: &AlertCountMonth) -> Value {
    context! {
        month => label(month),
        forms => month.forms,
        emergency => month.would.emergency,
        urgent => month.would.urgent,
        soon => month.would.soon,
        all => month.would.total(),
        unsorted => month.unsorted,
        really => month.really.raised(),
    }
}

fn charts(counted: &RulesCount, reader: &ReaderWords) -> [Value; 2] {
    let labels: Vec<String> = counted.months.iter().map(label).collect();
    let values =
        |of: fn(&AlertCountMonth) -> u32| counted.months.iter().map(|one| f64::from(of(one))).collect();
    let series =
        |name: &'static str, of: fn(&AlertCountMonth) -> u32| ChartSeries { name, values: values(of) };
    let compared = vec![
        series("By the rules", |one| one.would.total()),
        series("To be read by staff", |one| one.unsorted),
        series("Really raised", |one| one.really.raised()),
    ];
    let tiers = vec![
        series("Emergency", |one| one.would.emergency),
        series("Urgent", |one| one.would.urgent),
        series("Soon", |one| one.would.soon),
    ];
    let (first, second) = ("Alerts by month", "Alerts by the rules, by tier");
    [
        context! { name => first, svg => BarChart { title: first, labels: labels.clone(), series: compared }.svg(reader) },
        context! { name => second, svg => BarChart { title: second, labels, series: tiers }.svg(reader) },
    ]
}

/// The months as a table to take along.
pub(super) fn file(counted: &RulesCount) -> Vec<Vec<String>> {
    let header = [
        "month",
        "forms",
        "would_emergency",
        "would_urgent",
        "would_soon",
        "would_read",
        "raised_emergency",
        "raised_urgent",
        "raised_soon",
        "raised_unsorted",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for AlertCountMonth { month, forms, would, unsorted, really } in &counted.months {
        let counts = [
            *forms,
            would.emergency,
            would.urgent,
            would.soon,
            *unsorted,
            really.emergency,
            really.urgent,
            really.soon,
            really.unsorted,
        ];
        let mut row = vec![month.strftime("%Y-%m").to_string()];
        row.extend(counts.map(|count| count.to_string()));
        rows.push(row);
    }
    rows
}

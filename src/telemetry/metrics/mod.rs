//! What Prometheus is told at `/metrics`: one registry with every family of [`families`], whose series stand there from the
//! first scrape on. Whoever owns the values sets them; nothing is read here.

pub mod families;
pub mod read_histogram;

use std::time::Duration;

use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};

use crate::telemetry::metrics::families::{Counted, Gauge, MetricFamily, Timed};
use crate::telemetry::metrics::read_histogram::{HistogramReading, ReadHistogram};

/// Up to where the time of a request is counted, in seconds.
const REQUEST_LIMITS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// Why there are no metrics: a family that the registry does not take.
pub type MetricFault = prometheus::Error;

/// Every measurement of one daemon; cheap to share.
pub struct MetricSet {
    registry: Registry,
    gauges: Vec<GaugeVec>,
    counted: Vec<IntCounterVec>,
    requests: HistogramVec,
    commits: ReadHistogram,
    first_acts: ReadHistogram,
}

impl MetricSet {
    /// Every family of the catalogue, without a series.
    ///
    /// # Errors
    /// [`MetricFault`] for two families of one name, or a name that Prometheus does not allow.
    pub fn new() -> Result<Self, MetricFault> {
        let registry = Registry::new();
        let opts = |family: MetricFamily| Opts::new(family.name, family.help);
        let mut gauges = Vec::new();
        for family in Gauge::ALL.map(Gauge::family) {
            let gauge = GaugeVec::new(opts(family), family.labels)?;
            registry.register(Box::new(gauge.clone()))?;
            gauges.push(gauge);
        }
        let mut counted = Vec::new();
        for family in Counted::ALL.map(Counted::family) {
            let counter = IntCounterVec::new(opts(family), family.labels)?;
            registry.register(Box::new(counter.clone()))?;
            counted.push(counter);
        }
        let family = Timed::Requests.family();
        let buckets = HistogramOpts::from(opts(family)).buckets(REQUEST_LIMITS.to_vec());
        let requests = HistogramVec::new(buckets, family.labels)?;
        registry.register(Box::new(requests.clone()))?;
        let told = |timed: Timed| -> Result<ReadHistogram, MetricFault> {
            let histogram = ReadHistogram::new(timed.family())?;
            registry.register(Box::new(histogram.clone()))?;
            Ok(histogram)
        };
        let (commits, first_acts) = (told(Timed::Commits)?, told(Timed::FirstActs)?);
        Ok(Self { gauges, counted, requests, commits, first_acts, registry })
    }

    /// Sets a gauge; `labels` are the values of its labels, in their order.
    pub fn set(&self, gauge: Gauge, labels: &[&str], value: f64) {
        if let Some(gauge) = self.gauges.get(gauge as usize) {
            gauge.with_label_values(labels).set(value);
        }
    }

    /// Takes away every series of a gauge, for one whose labels change.
    pub fn forget(&self, gauge: Gauge) {
        self.gauges.get(gauge as usize).into_iter().for_each(GaugeVec::reset);
    }

    /// Counts so many more; 0 shows the series before the first.
    pub fn count(&self, counted: Counted, labels: &[&str], more: u64) {
        if let Some(counter) = self.counted.get(counted as usize) {
            counter.with_label_values(labels).inc_by(more);
        }
    }

    /// Sets a counter that is counted elsewhere, which never goes down.
    pub fn count_up_to(&self, counted: Counted, labels: &[&str], all: u64) {
        if let Some(counter) = self.counted.get(counted as usize) {
            let counter = counter.with_label_values(labels);
            counter.inc_by(all.saturating_sub(counter.get()));
        }
    }

    /// A request on that listener and route took so long.
    pub fn time_request(&self, labels: &[&str; 2], took: Duration) {
        self.requests.with_label_values(labels).observe(took.as_secs_f64());
    }

    /// Shows a route's durations before its first request.
    pub fn show_requests(&self, labels: &[&str; 2]) {
        drop(self.requests.with_label_values(labels));
    }

    /// Takes over what is counted elsewhere. Commits and first acts are; requests are counted here.
    pub fn tell(&self, timed: Timed, readings: Vec<HistogramReading>) {
        match timed {
            Timed::Commits => self.commits.tell(readings),
            Timed::FirstActs => self.first_acts.tell(readings),
            Timed::Requests => {}
        }
    }

    /// All of it in Prometheus' text format, version 0.0.4.
    ///
    /// # Errors
    /// [`MetricFault`] when a family cannot be written.
    pub fn render(&self) -> Result<String, MetricFault> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::telemetry::metrics::read_histogram::BucketReading;

    fn names() -> BTreeSet<&'static str> {
        let gauges = Gauge::ALL.map(|one| one.family().name).into_iter();
        let counted = Counted::ALL.map(|one| one.family().name);
        gauges.chain(counted).chain(Timed::ALL.map(|one| one.family().name)).collect()
    }

    #[test]
    fn the_manual_lists_every_metric_and_no_other() {
        let manual =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/monitoring.md")).unwrap();
        let listed: BTreeSet<&str> = manual
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split(['`', '{']).next())
            .filter(|name| name.starts_with("aftercare_"))
            .collect();
        assert_eq!(listed, names());
    }

    #[test]
    fn the_manual_names_the_labels_of_every_metric() {
        let manual =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/monitoring.md")).unwrap();
        let gauges = Gauge::ALL.map(Gauge::family).into_iter();
        let all = gauges.chain(Counted::ALL.map(Counted::family)).chain(Timed::ALL.map(Timed::family));
        for family in all.filter(|family| !family.labels.is_empty()) {
            let named = format!("| `{}{{{}}}`", family.name, family.labels.join(","));
            assert!(manual.contains(&named), "{named}");
        }
    }

    #[test]
    fn a_series_that_is_told_stands_in_the_text_with_help_and_type() {
        let set = MetricSet::new().unwrap();
        set.set(Gauge::Letters, &["reminders", "sent"], 7.0);
        set.count(Counted::Pages, &["200"], 0);
        set.show_requests(&["console", "/metrics"]);
        let took = HistogramReading {
            labels: vec!["urgent".to_owned()],
            buckets: vec![BucketReading { limit: 60.0, count: 1 }],
            count: 2,
            sum: 90.5,
        };
        set.tell(Timed::FirstActs, vec![took]);
        let text = set.render().unwrap();
        for line in [
            "# TYPE aftercare_letters gauge",
            "aftercare_letters{fate=\"sent\",kind=\"reminders\"} 7",
            "aftercare_pages_total{status=\"200\"} 0",
            "aftercare_http_request_duration_seconds_count{listener=\"console\",route=\"/metrics\"} 0",
            "aftercare_alert_first_act_seconds_bucket{tier=\"urgent\",le=\"60\"} 1",
            "aftercare_alert_first_act_seconds_bucket{tier=\"urgent\",le=\"+Inf\"} 2",
            "aftercare_alert_first_act_seconds_sum{tier=\"urgent\"} 90.5",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_histogram_that_is_counted_elsewhere_never_goes_down() {
        let set = MetricSet::new().unwrap();
        let reading =
            |count| HistogramReading { labels: vec!["soon".to_owned()], buckets: vec![], count, sum: 1.0 };
        set.tell(Timed::FirstActs, vec![reading(5)]);
        // An alert was lifted: its first act counts no more, and Prometheus would take that for a restart.
        set.tell(Timed::FirstActs, vec![reading(4)]);
        assert!(set.render().unwrap().contains("aftercare_alert_first_act_seconds_count{tier=\"soon\"} 5"));
    }
}

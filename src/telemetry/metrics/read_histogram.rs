//! A histogram that is counted elsewhere, by the database or by the writer, and told at each scrape.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto;

use crate::telemetry::metrics::families::MetricFamily;

/// A histogram that is counted elsewhere, as it stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramReading {
    /// The values of its labels, in their order.
    pub labels: Vec<String>,
    /// How many were no longer than each limit, in seconds, the limits rising.
    pub buckets: Vec<BucketReading>,
    /// How many there are in all.
    pub count: u64,
    /// All of them together, in seconds.
    pub sum: f64,
}

/// One bucket of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BucketReading {
    /// The longest that is counted here, in seconds.
    pub limit: f64,
    /// How many there are, those of the buckets before included.
    pub count: u64,
}

/// Holds what was told last; cheap to clone.
#[derive(Clone)]
pub(in crate::telemetry::metrics) struct ReadHistogram {
    family: MetricFamily,
    desc: Desc,
    told: Arc<Mutex<Vec<HistogramReading>>>,
}

impl ReadHistogram {
    pub(in crate::telemetry::metrics) fn new(family: MetricFamily) -> Result<Self, prometheus::Error> {
        let labels = family.labels.iter().map(|label| (*label).to_owned()).collect();
        let desc = Desc::new(
            family.name.to_owned(),
            family.help.to_owned(),
            labels,
            std::collections::HashMap::new(),
        )?;
        Ok(Self { family, desc, told: Arc::default() })
    }

    /// Takes over what was counted. What went down stays as it was: a counter that falls is a restart to Prometheus.
    pub(in crate::telemetry::metrics) fn tell(&self, readings: Vec<HistogramReading>) {
        let mut told = self.told();
        for mut reading in readings {
            match told.iter_mut().find(|before| before.labels == reading.labels) {
                None => told.push(reading),
                Some(before) => {
                    for (now, then) in reading.buckets.iter_mut().zip(&before.buckets) {
                        now.count = now.count.max(then.count);
                    }
                    reading.count = reading.count.max(before.count);
                    reading.sum = reading.sum.max(before.sum);
                    *before = reading;
                }
            }
        }
    }

    fn told(&self) -> MutexGuard<'_, Vec<HistogramReading>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for ReadHistogram {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }

    fn collect(&self) -> Vec<proto::MetricFamily> {
        let mut family = proto::MetricFamily::default();
        family.set_name(self.family.name.to_owned());
        family.set_help(self.family.help.to_owned());
        family.set_field_type(proto::MetricType::HISTOGRAM);
        family.set_metric(self.told().iter().map(|reading| series(self.family, reading)).collect());
        vec![family]
    }
}

fn series(family: MetricFamily, reading: &HistogramReading) -> proto::Metric {
    let labels = family.labels.iter().zip(&reading.labels).map(|(name, value)| {
        let mut pair = proto::LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value(value.clone());
        pair
    });
    let buckets = reading.buckets.iter().map(|one| {
        let mut bucket = proto::Bucket::default();
        bucket.set_upper_bound(one.limit);
        bucket.set_cumulative_count(one.count);
        bucket
    });
    let mut histogram = proto::Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(reading.count);
    histogram.set_sample_sum(reading.sum);
    let mut metric = proto::Metric::from_label(labels.collect());
    metric.set_histogram(histogram);
    metric
}

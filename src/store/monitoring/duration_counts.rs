//! How long things took, counted up to limits: what a histogram of Prometheus is made of.

/// Durations counted up to limits.
#[derive(Debug, Clone, PartialEq)]
pub struct DurationCounts {
    /// How many took no longer than each limit, the limits rising; each counts those before it too.
    pub up_to: Vec<BucketCount>,
    /// How many there are, those beyond the last limit included.
    pub all: u64,
    /// How long all of them took together, in seconds.
    pub seconds: f64,
}

/// How many took no longer than a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BucketCount {
    /// The longest that is counted here, in seconds.
    pub limit: f64,
    /// How many there are.
    pub count: u64,
}

impl DurationCounts {
    /// Nothing counted yet, up to these limits.
    #[must_use]
    pub fn none(limits: &[f64]) -> Self {
        let up_to = limits.iter().map(|limit| BucketCount { limit: *limit, count: 0 }).collect();
        Self { up_to, all: 0, seconds: 0.0 }
    }
}

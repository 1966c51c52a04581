//! Our histograms as the metrics registry wants them.

use std::collections::HashMap;
use std::fmt;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use crate::histogram::{Histogram, Reading};

/// What the registry takes for infinite.
const INFINITE: f64 = f64::MAX;

/// A histogram, read, with its labels.
#[derive(Debug)]
pub(super) struct Labelled {
    labels: Vec<(&'static str, &'static str)>,
    reading: Reading,
}

impl Labelled {
    pub(super) fn new(labels: Vec<(&'static str, &'static str)>, histogram: &Histogram) -> Self {
        Self {
            labels,
            reading: histogram.read(),
        }
    }
}

/// Histograms of one name.
#[derive(Debug)]
pub(super) struct Counted {
    histograms: Vec<Labelled>,
    /// So many of the unit counted in are one of the unit shown.
    per_unit: f64,
}

impl Counted {
    pub(super) const fn new(histograms: Vec<Labelled>, per_unit: f64) -> Self {
        Self {
            histograms,
            per_unit,
        }
    }

    fn shown(&self, value: u64) -> f64 {
        value as f64 / self.per_unit
    }
}

impl EncodeMetric for Counted {
    fn encode(&self, mut encoder: MetricEncoder) -> fmt::Result {
        for Labelled { labels, reading } in &self.histograms {
            let bound = |bound: Option<u64>| bound.map_or(INFINITE, |bound| self.shown(bound));
            let buckets = reading.buckets.iter();
            let buckets: Vec<(f64, u64)> = buckets
                .map(|(upper, count)| (bound(*upper), *count))
                .collect();
            let exemplars: Option<&HashMap<usize, _>> = None;
            encoder
                .encode_family(labels)?
                .encode_histogram::<NoLabelSet>(
                    self.shown(reading.sum),
                    reading.count(),
                    &buckets,
                    exemplars,
                )?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

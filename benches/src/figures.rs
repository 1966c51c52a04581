//! Samples, and the rows they end up in.

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// 10^9 bits of symbols for each processor second.
    GigabitsPerCpuSecond,
    /// 1024 octets.
    Kibibytes,
    /// 10^6 packets for each processor second.
    MegapacketsPerCpuSecond,
    /// Thousandths of a second.
    Milliseconds,
    /// Millionths of a second.
    Microseconds,
    /// Hundredths.
    Percent,
    /// Hundredths of the time of one processor.
    PercentOfCore,
    /// Submissions in a second.
    SubmissionsPerSecond,
}

impl Unit {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::GigabitsPerCpuSecond => "Gbit/cpu-s",
            Self::Kibibytes => "KiB",
            Self::MegapacketsPerCpuSecond => "Mpkt/cpu-s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Percent => "%",
            Self::PercentOfCore => "% of a core",
            Self::SubmissionsPerSecond => "1/s",
        }
    }
}

/// A figure with as many digits as it is worth.
pub(crate) fn brief(value: f64) -> String {
    match value.abs() {
        _ if value.fract() == 0.0 => format!("{value}"),
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// What a figure has to reach.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// Only shown for comparison.
    None,
}

impl Target {
    /// `None` where there is nothing to meet.
    pub(crate) fn is_met(self, figure: f64) -> Option<bool> {
        match self {
            Self::AtLeast(least) => Some(figure >= least),
            Self::AtMost(most) => Some(figure.abs() <= most),
            Self::None => None,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, ">= {}", brief(*least)),
            Self::AtMost(most) => write!(f, "<= {}", brief(*most)),
            Self::None => f.write_str("-"),
        }
    }
}

/// Figures of one kind from all rounds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, figure: f64) {
        let at = self.0.partition_point(|other| *other < figure);
        self.0.insert(at, figure);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match self.0.len() {
            0 => f64::NAN,
            len if len % 2 == 1 => self.0[middle],
            _ => (self.0[middle - 1] + self.0[middle]) / 2.0,
        }
    }

    /// The figure that so many of a hundred do not exceed.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let at = (last as f64 * percent / 100.0).round() as usize;
        self.0.get(at).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn least(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn most(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) work: String,
    pub(crate) unit: Unit,
    pub(crate) target: Target,
    pub(crate) ours: Samples,
    pub(crate) peer: Option<(&'static str, Samples)>,
    pub(crate) ceiling: Option<(&'static str, Samples)>,
}

impl Row {
    pub(crate) fn new(id: &'static str, work: impl Into<String>, unit: Unit) -> Self {
        Self {
            id,
            work: work.into(),
            unit,
            target: Target::None,
            ours: Samples::default(),
            peer: None,
            ceiling: None,
        }
    }

    pub(crate) const fn target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    pub(crate) fn ours(mut self, samples: Samples) -> Self {
        self.ours = samples;
        self
    }

    pub(crate) fn peer(mut self, name: &'static str, samples: Samples) -> Self {
        self.peer = Some((name, samples));
        self
    }

    pub(crate) fn ceiling(mut self, name: &'static str, samples: Samples) -> Self {
        self.ceiling = Some((name, samples));
        self
    }
}

/// A side of a comparison: each call gives one figure.
pub(crate) type Side<'a> = &'a mut dyn FnMut() -> anyhow::Result<f64>;

/// Lets the sides take turns for so many rounds.
pub(crate) fn interleaved<const N: usize>(
    rounds: usize,
    mut sides: [Side<'_>; N],
) -> anyhow::Result<[Samples; N]> {
    let mut samples = [const { Samples(Vec::new()) }; N];
    for _ in 0..rounds {
        for (side, samples) in sides.iter_mut().zip(&mut samples) {
            samples.push(side()?);
        }
    }
    Ok(samples)
}

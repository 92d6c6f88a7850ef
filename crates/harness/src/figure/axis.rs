//! Scales and their ticks.
//!
//! Ticks are chosen here and not by plotters, whose logarithmic axis writes
//! labels over each other.

/// How values become lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    Log,
}

/// An axis: a range of values, the labelled ticks, and what is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    /// Value and label.
    pub(crate) ticks: Vec<(f64, String)>,
    /// Ticks without labels.
    pub(crate) minor: Vec<f64>,
    /// The quantity and its unit.
    pub(crate) label: String,
}

impl Axis {
    /// A linear axis over exactly this range.
    pub(crate) fn linear(low: f64, high: f64, label: &str) -> Self {
        let (low, high) = if high > low {
            (low, high)
        } else {
            (low - 0.5, low + 0.5)
        };
        Self {
            scale: Scale::Linear,
            low,
            high,
            ticks: linear_ticks(low, high, 5),
            minor: Vec::new(),
            label: label.to_owned(),
        }
    }

    /// A logarithmic axis around all positive values, with some room at both
    /// ends; values that are not positive are drawn at its lower end.
    pub(crate) fn log(values: impl IntoIterator<Item = f64>, label: &str) -> Self {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for value in values.into_iter().filter(|&value| value > 0.0) {
            low = low.min(value);
            high = high.max(value);
        }
        if high == 0.0 {
            (low, high) = (1.0, 10.0);
        }
        // at least a third of a decade, so that noise does not look like a trend
        let span = (high / low).log10();
        let room = (0.07 * span).max((0.35 - span) / 2.0).max(0.03);
        low /= 10_f64.powf(room);
        high *= 10_f64.powf(room);
        let (ticks, minor) = log_ticks(low, high);
        Self {
            scale: Scale::Log,
            low,
            high,
            ticks,
            minor,
            label: label.to_owned(),
        }
    }

    /// The same axis, with a tick at each of these values only.
    pub(crate) fn with_ticks(self, values: &[usize]) -> Self {
        let ticks = values.iter().map(|&v| (v as f64, v.to_string())).collect();
        Self {
            ticks,
            minor: Vec::new(),
            ..self
        }
    }

    /// Where a value lies, from 0 at the lower to 1 at the upper end; values
    /// outside are at the ends.
    pub(crate) fn share(&self, value: f64) -> f64 {
        let share = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => {
                let value = value.max(self.low);
                (value / self.low).ln() / (self.high / self.low).ln()
            }
        };
        share.clamp(0.0, 1.0)
    }
}

/// About `count` round values in a range.
fn linear_ticks(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let rough = (high - low) / count as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|&step| step >= rough * 0.999)
        .unwrap_or(10.0 * power);
    let decimals = (0..6)
        .find(|&d| {
            let scaled = step * 10_f64.powi(d);
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .unwrap_or(6);
    let first = (low / step - 1e-9).ceil();
    // steps are at least a tenth of the range
    (0..=10 * count)
        .map(|i| (first + i as f64) * step)
        .take_while(|&value| value <= high + 1e-9 * step)
        // no "-0"
        .map(|value| if value == 0.0 { 0.0 } else { value })
        .map(|value| (value, label(value, decimals)))
        .collect()
}

/// Labelled ticks, three to seven where that is possible, and those between.
fn log_ticks(low: f64, high: f64) -> (Vec<(f64, String)>, Vec<f64>) {
    const CHOICES: [&[u32]; 4] = [&[1, 2, 3, 5, 7], &[1, 2, 5], &[1, 3], &[1]];
    let all = steps(low, high, &[1, 2, 3, 4, 5, 6, 7, 8, 9], 1);
    let chosen = CHOICES
        .into_iter()
        .map(|mantissas| steps(low, high, mantissas, 1))
        .find(|values| values.len() <= 6)
        .or_else(|| {
            // numbers span at most 616 decades
            (2..=616)
                .map(|stride| steps(low, high, &[1], stride))
                .find(|values| values.len() <= 6)
        })
        .unwrap_or_default();
    if chosen.len() < 2 {
        return (linear_ticks(low, high, 4), Vec::new());
    }
    let minor = all
        .into_iter()
        .filter(|value| chosen.iter().all(|tick| (tick / value - 1.0).abs() > 1e-9))
        .collect();
    let ticks = chosen
        .into_iter()
        .map(|value| (value, power_label(value)))
        .collect();
    (ticks, minor)
}

/// The values `m · 10ᵏ` in a range, for every `stride`-th `k`.
fn steps(low: f64, high: f64, mantissas: &[u32], stride: i32) -> Vec<f64> {
    // exponents of numbers are between -308 and 308
    #[allow(clippy::cast_possible_truncation)]
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    (first..=last)
        .filter(|exponent| exponent.rem_euclid(stride) == 0)
        .flat_map(|exponent| {
            mantissas.iter().map(move |&mantissa| {
                // parsed, since a product would be 0.30000000000000004
                format!("{mantissa}e{exponent}").parse().unwrap_or(f64::NAN)
            })
        })
        .filter(|value| (low..=high).contains(value))
        .collect()
}

/// As `0.01`, `200` or `3×10⁵`.
fn power_label(value: f64) -> String {
    let printed = format!("{value:e}");
    let (mantissa, exponent) = printed.split_once('e').unwrap_or((&printed, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-3..=3).contains(&power) {
        return label(value, usize::try_from(-power).unwrap_or(0));
    }
    let raised: String = exponent.chars().map(superscript).collect();
    if mantissa == "1" {
        format!("10{raised}")
    } else {
        format!("{mantissa}×10{raised}")
    }
}

/// A number with a true minus sign.
fn label(value: f64, decimals: impl TryInto<usize>) -> String {
    let decimals = decimals.try_into().unwrap_or(0);
    format!("{value:.decimals$}").replace('-', "−")
}

fn superscript(digit: char) -> char {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match digit.to_digit(10) {
        Some(digit) => RAISED[digit as usize],
        None => '⁻',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[(f64, String)]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.1.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(labels(&linear_ticks(-0.3, 1.1, 5)), ["0.0", "0.5", "1.0"]);
        assert_eq!(labels(&log_ticks(3.0, 60.0).0), ["5", "10", "20", "50"]);
        assert_eq!(labels(&log_ticks(0.5, 3e6).0), ["1", "100", "10⁴", "10⁶"]);
    }

    #[test]
    fn a_range_within_one_digit_still_has_ticks() {
        assert!(log_ticks(3.1, 3.9).0.len() >= 2);
    }

    #[test]
    fn values_beyond_the_axis_are_at_its_end() {
        let axis = Axis::log([1.0, 100.0], "x");
        approx::assert_relative_eq!(axis.share(10.0), 0.5, epsilon = 1e-12);
        approx::assert_relative_eq!(axis.share(0.0), 0.0);
        approx::assert_relative_eq!(axis.share(1e9), 1.0);
    }
}

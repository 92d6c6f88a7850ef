//! How often intervals hold the truth, and how often tests find what is not
//! there.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statistics::{
    Alternative, Continuity, Curve, LearningCurve, Outcome, PairedT, Repeats, bca_mean, crossover,
    wilcoxon,
};

/// A number with an exponential distribution of mean 1.
fn exponential(random: &mut ChaCha8Rng) -> f64 {
    -(1.0 - random.random::<f64>()).ln()
}

/// The sum of twelve uniform numbers: normal for all that matters here.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0
}

/// Of an interval of 95 %, few values of a skewed distribution make about 92 %.
/// One of 50 % has to cover half.
#[test]
fn bca_covers_the_mean_of_a_skewed_sample() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let (mut covered, mut half) = (0, 0);
    for repeat in 0..400 {
        let values: Vec<f64> = (0..20).map(|_| exponential(&mut random)).collect();
        let name = format!("repeat {repeat}");
        let holds = |level| bca_mean(&values, level, &name).unwrap().contains(1.0);
        covered += u32::from(holds(0.95));
        half += u32::from(holds(0.5));
    }
    let share = |count: u32| f64::from(count) / 400.0;
    assert!(
        (0.88..=0.97).contains(&share(covered)),
        "{}",
        share(covered)
    );
    // four standard deviations of a share of 400 are 0.1
    assert!((0.4..=0.6).contains(&share(half)), "{}", share(half));
}

/// The mean square error of the mean of some values on others.
fn error(values: &[f64], order: &[usize], train: usize) -> f64 {
    let (train, test) = order.split_at(train);
    let mean = train.iter().map(|i| values[*i]).sum::<f64>() / train.len() as f64;
    let squares: f64 = test.iter().map(|i| (values[*i] - mean).powi(2)).sum();
    squares / test.len() as f64
}

/// Two models that are equally good on average, on ten random splits of the same
/// hundred structures: what differs is the luck of the structures, which all
/// splits share.
fn differences(random: &mut ChaCha8Rng) -> Vec<f64> {
    let first: Vec<f64> = (0..100).map(|_| normal(random)).collect();
    let second: Vec<f64> = (0..100).map(|_| normal(random)).collect();
    let mut order: Vec<usize> = (0..100).collect();
    let mut split = || {
        for place in (1..100).rev() {
            order.swap(place, random.random_range(0..=place));
        }
        error(&first, &order, 80) - error(&second, &order, 80)
    };
    (0..10).map(|_| split()).collect()
}

#[test]
fn corrected_t_is_not_fooled_by_overlapping_splits() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let overlapping = Repeats::Overlapping {
        test_over_train: 0.25,
    };
    let (mut plain, mut corrected, mut ranked) = (0, 0, 0);
    for _ in 0..2000 {
        let differences = differences(&mut random);
        let finds = |repeats| {
            let test = PairedT::new(&differences, repeats).unwrap();
            test.p(0.0, Alternative::TwoSided) <= 0.05
        };
        let ranks = wilcoxon(&differences, Alternative::TwoSided, Continuity::Plain).unwrap();
        plain += u32::from(finds(Repeats::Independent));
        corrected += u32::from(finds(overlapping));
        ranked += u32::from(ranks.p <= 0.05);
    }
    let share = |count: u32| f64::from(count) / 2000.0;
    // four standard deviations of a share of 2000 at 0.05 are 0.02
    let rate = share(corrected);
    assert!((0.02..=0.08).contains(&rate), "corrected: {rate}");
    // the others find nothing four times as often as they should
    assert!(
        share(plain) > 0.2 && share(ranked) > 0.2,
        "{} {}",
        share(plain),
        share(ranked)
    );
}

/// Errors of ten seeds at five sizes: a curve times the luck of a seed, which all
/// sizes share, and that of a trial.
fn measured(curve: Curve, random: &mut ChaCha8Rng) -> Vec<Vec<f64>> {
    let shared: Vec<f64> = (0..10).map(|_| 0.05 * normal(random)).collect();
    let mut trial = |size: f64, seed: f64| {
        // the mean of the luck is 1
        let luck = seed + 0.1 * normal(random) - 0.5 * (0.05_f64.powi(2) + 0.1_f64.powi(2));
        curve.error(size) * luck.exp()
    };
    let mut row = |size: &f64| shared.iter().map(|seed| trial(*size, *seed)).collect();
    SIZES.iter().map(&mut row).collect()
}

const SIZES: [f64; 5] = [25.0, 50.0, 100.0, 200.0, 400.0];

/// A network that falls from above an equation which data do not improve: equal at
/// 100 structures.
#[test]
fn intervals_of_curves_hold_what_was_planted() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let curve = |asymptote, factor, exponent| Curve {
        asymptote,
        factor,
        exponent,
    };
    let (network, equation) = (curve(1.0, 40.0, 1.0), curve(1.4, 0.0, 1.0));
    let (mut exponent, mut error, mut size, mut crossing) = (0, 0, 0, 0);
    for repeat in 0..80 {
        let (first, second) = (
            measured(network, &mut random),
            measured(equation, &mut random),
        );
        let name = format!("repeat {repeat}");
        let fitted = LearningCurve::fit(&SIZES, &first, &name).unwrap();
        exponent += u32::from(fitted.exponent(0.9).unwrap().contains(1.0));
        error += u32::from(
            fitted
                .error(150.0, 0.9)
                .unwrap()
                .contains(network.error(150.0)),
        );
        let reach = fitted.size_for(network.error(150.0), 0.9).unwrap().unwrap();
        size += u32::from(reach.low <= 150.0 && reach.high.is_none_or(|high| high >= 150.0));
        let found = crossover(&SIZES, &first, &second, 0.9, &name).unwrap();
        let Outcome::At { low, high, .. } = found.outcome else {
            continue;
        };
        let holds = low.is_none_or(|low| low <= 100.0) && high.is_none_or(|high| high >= 100.0);
        crossing += u32::from(holds);
    }
    // four standard deviations of a share of 80 at 0.9 are 0.13
    for (what, held) in [
        ("c", exponent),
        ("error", error),
        ("size", size),
        ("at", crossing),
    ] {
        let share = f64::from(held) / 80.0;
        assert!((0.77..=0.99).contains(&share), "{what}: {share}");
    }
}

/// Ten subsamples of half a pool, and an error that moves with the mean of the
/// subsample: in proportion, or with its square.
fn subsampled(random: &mut ChaCha8Rng, luck: fn(f64) -> f64) -> Vec<f64> {
    let first: Vec<f64> = (0..60).map(|_| normal(random)).collect();
    let second: Vec<f64> = (0..60).map(|_| normal(random)).collect();
    let mut order: Vec<usize> = (0..60).collect();
    let mut draw = || {
        for place in (1..60).rev() {
            order.swap(place, random.random_range(0..=place));
        }
        let of = |values: &[f64]| luck(order[..30].iter().map(|i| values[*i]).sum::<f64>() / 30.0);
        of(&first) - of(&second)
    };
    (0..10).map(|_| draw()).collect()
}

#[test]
fn subsamples_of_one_pool_are_not_independent() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut rate = |luck: fn(f64) -> f64, repeats| {
        let found = (0..2000).filter(|_| {
            let test = PairedT::new(&subsampled(&mut random, luck), repeats).unwrap();
            test.p(0.0, Alternative::TwoSided) <= 0.05
        });
        found.count() as f64 / 2000.0
    };
    let half = Repeats::Subsamples { share: 0.5 };
    let linear = rate(|mean| mean, half);
    assert!((0.03..=0.07).contains(&linear), "{linear}");
    let square = rate(|mean| mean * mean, half);
    assert!(square <= 0.05, "{square}");
    let plain = rate(|mean| mean, Repeats::Independent);
    assert!(plain > 0.4, "{plain}");
}

/// On independent pairs, all three keep to their significance.
#[test]
fn independent_pairs_are_tested_at_the_stated_significance() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let (mut student, mut ranked, mut held) = (0, 0, 0);
    for _ in 0..2000 {
        let differences: Vec<f64> = (0..10).map(|_| normal(&mut random)).collect();
        let test = PairedT::new(&differences, Repeats::Independent).unwrap();
        let ranks = wilcoxon(&differences, Alternative::TwoSided, Continuity::Plain).unwrap();
        student += u32::from(test.p(0.0, Alternative::TwoSided) <= 0.05);
        ranked += u32::from(ranks.p <= 0.05);
        held += u32::from(test.interval(0.9).unwrap().contains(0.0));
    }
    let share = |count: u32| f64::from(count) / 2000.0;
    // four standard deviations again; the exact ranks of ten allow 0.0488
    assert!(
        (0.03..=0.07).contains(&share(student)),
        "{}",
        share(student)
    );
    assert!((0.03..=0.07).contains(&share(ranked)), "{}", share(ranked));
    assert!((0.873..=0.927).contains(&share(held)), "{}", share(held));
}

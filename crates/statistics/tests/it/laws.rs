//! What must not matter, and what must.

#![allow(clippy::float_cmp, reason = "what is exact in binary has to be equal")]

use approx::assert_relative_eq;
use proptest::prelude::*;
use statistics::{Alternative, Continuity, PairedT, Repeats, friedman, nemenyi, tost, wilcoxon};

/// Differences, ties and zeros among them now and then.
fn differences() -> impl Strategy<Value = Vec<f64>> {
    let coarse = (-6..7_i32).prop_map(f64::from);
    prop::collection::vec(prop_oneof![coarse, -6.0..6.0], 2..60)
}

fn rotated(values: &[f64], turn: usize) -> Vec<f64> {
    let (start, end) = values.split_at(turn % values.len());
    [end, start].concat()
}

proptest! {
    /// Order and unit of the differences do not matter; a change of sign
    /// exchanges the alternatives.
    #[test]
    fn signed_ranks(differences in differences(), turn in 0..60_usize) {
        let p = |d: &[f64], a| wilcoxon(d, a, Continuity::Corrected).unwrap().p;
        // by a power of two, so that ties stay ties
        let scaled: Vec<f64> = differences.iter().map(|d| d * 0.125).collect();
        let mirrored: Vec<f64> = differences.iter().map(|d| -d).collect();
        for (here, there) in [
            (Alternative::TwoSided, Alternative::TwoSided),
            (Alternative::Greater, Alternative::Less),
            (Alternative::Less, Alternative::Greater),
        ] {
            let expected = p(&differences, here);
            prop_assert!((0.0..=1.0).contains(&expected));
            prop_assert_eq!(p(&scaled, here), expected);
            // ranks are halves: their sums are exact in any order
            prop_assert_eq!(p(&rotated(&differences, turn), here), expected);
            assert_relative_eq!(p(&mirrored, there), expected, max_relative = 1e-12);
        }
    }

    /// A shift to the positive never makes "they are positive" less likely.
    #[test]
    fn signed_ranks_follow_a_shift(differences in differences(), shift in 0.0..3.0) {
        let sum = |d: &[f64]| {
            wilcoxon(d, Alternative::Greater, Continuity::Plain).unwrap()
        };
        // without zeros, that the number of differences stays
        let differences: Vec<f64> = differences.into_iter().filter(|d| *d != 0.0).collect();
        let shifted: Vec<f64> = differences.iter().map(|d| d + shift).collect();
        prop_assume!(!differences.is_empty() && shifted.iter().all(|d| *d != 0.0));
        prop_assert!(sum(&shifted).positive >= sum(&differences).positive);
    }

    #[test]
    fn student_does_not_see_unit_or_order(
        differences in differences(),
        turn in 0..60_usize,
        scale in 0.01..100.0,
        test_over_train in 0.0..1.0,
    ) {
        let overlapping = Repeats::Overlapping { test_over_train };
        let test = |d: &[f64]| PairedT::new(d, overlapping).unwrap();
        let here = test(&differences);
        prop_assume!(here.standard_error > 1e-3);
        let moved: Vec<f64> = rotated(&differences, turn).iter().map(|d| d * scale).collect();
        let there = test(&moved);
        // rounding of sums in another order
        assert_relative_eq!(there.t(0.0), here.t(0.0), max_relative = 1e-9, epsilon = 1e-9);
        let p = |test: PairedT| test.p(0.0, Alternative::TwoSided);
        assert_relative_eq!(p(there), p(here), max_relative = 1e-7, epsilon = 1e-9);
        let equivalent = |d: &[f64], margin| tost(d, margin, overlapping).unwrap().p();
        assert_relative_eq!(
            equivalent(&moved, 2.0 * scale),
            equivalent(&differences, 2.0),
            max_relative = 1e-7,
            epsilon = 1e-9
        );
    }

    /// The more the repeats overlap, the less is found.
    #[test]
    fn overlap_is_never_evidence(differences in differences(), test_over_train in 0.01..1.0) {
        let p = |repeats| {
            PairedT::new(&differences, repeats).unwrap().p(0.0, Alternative::TwoSided)
        };
        let overlapping = Repeats::Overlapping { test_over_train };
        prop_assert!(p(overlapping) >= p(Repeats::Independent));
        let none = Repeats::Overlapping { test_over_train: 0.0 };
        prop_assert_eq!(p(none), p(Repeats::Independent));
    }

    /// A data set counts by its order of the models alone; the data sets come in
    /// any order, and models only exchange their ranks.
    #[test]
    fn friedman_sees_orders_only(
        table in prop::collection::vec(prop::collection::vec(0..9_i32, 4), 2..15),
        turn in 1..15_usize,
    ) {
        let rows = |f: &dyn Fn(f64) -> f64| -> Vec<Vec<f64>> {
            table.iter().map(|row| row.iter().map(|e| f(f64::from(*e))).collect()).collect()
        };
        let here = friedman(&rows(&|e| e)).unwrap();
        prop_assert_eq!(&friedman(&rows(&|e| (e / 4.0).exp())).unwrap(), &here);
        let mut moved = rows(&|e| e);
        moved.rotate_left(turn % table.len());
        prop_assert_eq!(&friedman(&moved).unwrap(), &here);
        for row in &mut moved {
            row.rotate_left(1);
        }
        let there = friedman(&moved).unwrap();
        prop_assert_eq!(there.chi_squared, here.chi_squared);
        prop_assert_eq!(there.average_ranks, rotated(&here.average_ranks, 1));
        // the ranks of a data set sum to k(k + 1)/2
        assert_relative_eq!(here.average_ranks.iter().sum::<f64>(), 10.0, max_relative = 1e-12);
        prop_assert!((0.0..=1.0).contains(&here.p) && (0.0..=1.0).contains(&here.f_p));
    }

    /// Two models differ by the critical difference if, and only if, their p is
    /// at most the significance; and then no group holds both.
    #[test]
    fn nemenyi_agrees_with_itself(
        table in prop::collection::vec(prop::collection::vec(0.0..1.0, 5), 10..20),
        lead in 0.0..1.0,
        significance in 0.01..0.2,
    ) {
        let mut table = table;
        for row in &mut table {
            row[0] -= lead;
        }
        let tested = friedman(&table).unwrap();
        let compared = nemenyi(&tested, significance).unwrap();
        for a in 0..5 {
            for b in 0..5 {
                let apart = (tested.average_ranks[a] - tested.average_ranks[b]).abs();
                let differ = apart >= compared.critical_difference;
                prop_assert_eq!(differ, compared.p[a][b] <= significance);
                let together = compared.groups.iter().any(|g| g.contains(&a) && g.contains(&b));
                prop_assert!(a == b || together != differ);
            }
        }
    }
}

//! Columns that share a draw of noise, as `CatBoost` stores them.
//!
//! `CatBoost` keeps columns that are never both above their lowest bin as one
//! *bundle*, and up to eight columns of one border as one *pack*. That saves memory;
//! but noise on the scores of columns is drawn once for a group, so that
//! columns in large groups are chosen less often by luck.

use crate::settings::NoiseGroups;
use crate::table::Column;

/// Columns of one border that share a pack.
const PACK: usize = 8;

/// Bins of a bundle, the lowest left out, are fewer than this.
const MOST_BINS: usize = 1024;

/// Indices of columns, each in one group.
pub(crate) type ColumnGroups = Vec<Vec<usize>>;

/// The groups in which noise is drawn.
pub(crate) fn column_groups(columns: &[Column], kind: NoiseGroups) -> ColumnGroups {
    match kind {
        NoiseGroups::Columns => (0..columns.len()).map(|column| vec![column]).collect(),
        NoiseGroups::Packed => packed(columns, Vec::new()),
        NoiseGroups::Stored => packed(columns, best_bundles(columns)),
    }
}

/// The bundles, packs of what is in none, and the columns that are left.
fn packed(columns: &[Column], mut groups: ColumnGroups) -> ColumnGroups {
    let mut is_bundled = vec![false; columns.len()];
    groups.iter().flatten().for_each(|&c| is_bundled[c] = true);
    let left = (0..columns.len()).filter(|&column| !is_bundled[column]);
    let (binary, other): (Vec<usize>, Vec<usize>) =
        left.partition(|&column| columns[column].borders == 1);
    groups.extend(binary.chunks(PACK).map(<[usize]>::to_vec));
    groups.extend(other.into_iter().map(|column| vec![column]));
    groups
}

/// Of two ways to bundle, in the order of the columns and with those first that are
/// above their lowest bin most often, the one that leaves fewer.
fn best_bundles(columns: &[Column]) -> ColumnGroups {
    let sparse: Vec<Sparse> = columns.iter().map(Sparse::new).collect();
    let natural: Vec<usize> = (0..columns.len()).collect();
    let mut falling = natural.clone();
    falling.sort_by_key(|&column| std::cmp::Reverse(sparse[column].count));
    let saved = |bundles: &ColumnGroups| bundles.iter().map(|b| b.len() - 1).sum::<usize>();
    let [first, second] = [natural, falling].map(|order| bundles(columns, &sparse, &order));
    if saved(&second) > saved(&first) {
        second
    } else {
        first
    }
}

/// The rows in which a column is above its lowest bin.
struct Sparse {
    above: Vec<bool>,
    count: usize,
}

impl Sparse {
    fn new(column: &Column) -> Self {
        let above: Vec<bool> = column.bins.iter().map(|&bin| bin > 0).collect();
        let count = above.iter().filter(|&&above| above).count();
        Self { above, count }
    }
}

/// A bundle that grows.
struct Bundle {
    columns: Vec<usize>,
    bins: usize,
    above: Vec<bool>,
}

impl Bundle {
    fn takes(&self, borders: usize, column: &Sparse) -> bool {
        let mut rows = self.above.iter().zip(&column.above);
        self.bins + borders < MOST_BINS && !rows.any(|(&a, &b)| a && b)
    }

    fn add(&mut self, index: usize, borders: usize, column: &Sparse) {
        self.columns.push(index);
        self.bins += borders;
        for (above, &also) in self.above.iter_mut().zip(&column.above) {
            *above |= also;
        }
    }
}

/// Bundles of at least two columns: each column goes, in this order, to the bundle of
/// its left or right neighbour, else to the first that takes it.
fn bundles(columns: &[Column], sparse: &[Sparse], order: &[usize]) -> ColumnGroups {
    let mut bundles: Vec<Bundle> = Vec::new();
    let mut bundle_of = vec![None; columns.len()];
    let varying = order.iter().filter(|&&index| columns[index].borders > 0);
    for &index in varying {
        let (borders, column) = (columns[index].borders, &sparse[index]);
        let beside = |place: Option<usize>| place.and_then(|p| bundle_of.get(p).copied().flatten());
        let near = [beside(index.checked_sub(1)), beside(index.checked_add(1))];
        let mut all = near.into_iter().flatten().chain(0..bundles.len());
        let place = all.find(|&bundle| bundles[bundle].takes(borders, column));
        let place = place.unwrap_or_else(|| {
            bundles.push(Bundle {
                columns: Vec::new(),
                bins: 0,
                above: vec![false; column.above.len()],
            });
            bundles.len() - 1
        });
        bundles[place].add(index, borders, column);
        bundle_of[index] = Some(place);
    }
    let is_small = |bundle: &Bundle| {
        let binary = bundle.columns.iter().all(|&c| columns[c].borders == 1);
        binary && 2 * bundle.columns.len() < PACK
    };
    let small: Vec<&Bundle> = bundles.iter().filter(|b| is_small(b)).collect();
    let repacked: usize = small.iter().map(|bundle| bundle.columns.len()).sum();
    // else packs hold them better
    let keeps_small = repacked.div_ceil(PACK) >= 2 * small.len();
    bundles
        .iter()
        .filter(|bundle| bundle.columns.len() > 1 && (keeps_small || !is_small(bundle)))
        .map(|bundle| bundle.columns.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column that is 1 in the given rows of twelve, else 0; or has values of its own.
    fn column(rows: &[usize], values: &[f64], borders: &[f32]) -> Column {
        let mut column = vec![0.0; 12];
        for (&row, &value) in rows.iter().zip(values) {
            column[row] = value;
        }
        Column::new(&column, borders)
    }

    #[test]
    fn columns_that_are_never_both_above_their_lowest_bin_are_bundled() {
        let columns = [
            column(&[0, 1], &[1.0, 2.0], &[0.5, 1.5]),
            column(&[2, 3], &[1.0, 2.0], &[0.5, 1.5]),
            // in a row with the first: a bundle that its right neighbour joins
            column(&[1, 4], &[1.0, 2.0], &[0.5, 1.5]),
            column(&[5], &[1.0], &[0.5]),
        ];
        let groups = |kind| column_groups(&columns, kind);
        assert_eq!(groups(NoiseGroups::Stored), [[0, 1], [2, 3]]);
        assert_eq!(groups(NoiseGroups::Packed), [[3], [0], [1], [2]]);
        assert_eq!(groups(NoiseGroups::Columns), [[0], [1], [2], [3]]);
    }

    #[test]
    fn columns_of_one_border_are_packed_by_eights() {
        // all in the same row, so that none can be bundled
        let columns: Vec<Column> = (0..11).map(|_| column(&[0], &[1.0], &[0.5])).collect();
        for kind in [NoiseGroups::Stored, NoiseGroups::Packed] {
            let sizes: Vec<usize> = column_groups(&columns, kind).iter().map(Vec::len).collect();
            assert_eq!(sizes, [8, 3]);
        }
        let constant = [column(&[], &[], &[])];
        assert_eq!(column_groups(&constant, NoiseGroups::Stored), [[0]]);
    }
}

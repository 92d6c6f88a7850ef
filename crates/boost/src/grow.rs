//! The greedy search for a tree's splits.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::groups::ColumnGroups;
use crate::normal::{Normal, fraction};
use crate::score::{Level, Scratch, Statistics};
use crate::settings::ScoreFunction;
use crate::table::Column;
use crate::tree::{Split, redundant};

/// Noise beyond this many standard deviations is never drawn.
const FARTHEST: f64 = 9.0;

/// Rows times columns of a level from which it is worth to share it among threads.
const LEAST_CELLS: usize = 100_000;

/// How a tree is grown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth {
    pub(crate) depth: usize,
    pub(crate) function: ScoreFunction,
    /// Share of the columns tried at a level.
    pub(crate) rsm: f64,
    /// Standard deviation of the noise on a score.
    pub(crate) noise: f64,
}

/// Rows that give the scores; there is one such part in plain boosting, and one
/// per prefix in ordered boosting.
#[derive(Debug)]
pub(crate) struct Part<S> {
    /// `(n,)`, of every row; zero where it was not drawn.
    pub(crate) rows: Vec<S>,
    /// `λ` of the scores.
    pub(crate) l2: f64,
}

/// A source of noise for scores.
#[derive(Debug)]
pub(crate) struct Noise<'a> {
    pub(crate) normal: &'a Normal,
    pub(crate) random: &'a mut ChaCha8Rng,
}

/// A border of a column, with its score.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    border: usize,
    score: f64,
    /// The score with the noise that chose it.
    lifted: f64,
}

/// The best border of a column, by a score with noise.
///
/// Borders so far below the best that no noise could lift them are given none.
fn best_border(scores: &[f64], deviation: f64, noise: &mut Noise) -> Option<Candidate> {
    let mut best: Option<Candidate> = None;
    for (border, &score) in scores.iter().enumerate() {
        let highest = best.map_or(f64::NEG_INFINITY, |best| best.lifted);
        if score + FARTHEST * deviation <= highest {
            continue;
        }
        let lifted = with_noise(score, deviation, noise);
        if lifted > highest {
            best = Some(Candidate {
                border,
                score,
                lifted,
            });
        }
    }
    best
}

fn with_noise(score: f64, deviation: f64, noise: &mut Noise) -> f64 {
    if deviation > 0.0 {
        score + deviation * noise.normal.draw(noise.random)
    } else {
        score
    }
}

/// The columns tried at a level, each with the probability `rsm`; in their groups.
pub(crate) fn tried(groups: &ColumnGroups, rsm: f64, random: &mut ChaCha8Rng) -> ColumnGroups {
    let mut tried = groups.clone();
    if rsm < 1.0 {
        for group in &mut tried {
            group.retain(|_| fraction(random.next_u64()) <= rsm);
        }
    }
    tried
}

/// The best split of a level.
///
/// Noise is drawn twice, for the borders of a group of columns and for the groups,
/// as in `CatBoost`.
///
/// - `tried`: the columns to look at.
/// - `levels`: the rows; their scores are summed.
/// - returns: the split and its score, with noise.
pub(crate) fn best_split<S: Statistics>(
    columns: &[Column],
    tried: &ColumnGroups,
    levels: &[Level<S>],
    growth: &Growth,
    noise: &mut Noise,
    scratch: &mut Scratch<S>,
) -> Option<(Split, f64)> {
    let ahead = scores_ahead(columns, tried, levels, growth.function);
    let mut score = |feature: usize, noise: &mut Noise| {
        let scores = match &ahead {
            Some(ahead) => &ahead[feature],
            None => scratch.scores(levels, &columns[feature], growth.function),
        };
        best_border(scores, growth.noise, noise)
    };
    let mut best = (None, f64::NEG_INFINITY);
    for group in tried {
        let mut candidate: Option<(usize, Candidate)> = None;
        for &feature in group {
            let Some(found) = score(feature, noise) else {
                continue;
            };
            if candidate.is_none_or(|(_, best)| found.lifted > best.lifted) {
                candidate = Some((feature, found));
            }
        }
        let Some((feature, Candidate { border, score, .. })) = candidate else {
            continue;
        };
        let lifted = with_noise(score, growth.noise, noise);
        if lifted > best.1 {
            let border = u8::try_from(border).unwrap_or(u8::MAX);
            best = (Some(Split { feature, border }), lifted);
        }
    }
    best.0.map(|split| (split, best.1))
}

/// The scores of the tried columns, several columns at a time; those of others are
/// empty. Nothing for little work or a single thread.
///
/// Noise is drawn afterwards, in the order of the columns, so that a tree does not
/// depend on the number of threads.
fn scores_ahead<S: Statistics>(
    columns: &[Column],
    tried: &ColumnGroups,
    levels: &[Level<S>],
    function: ScoreFunction,
) -> Option<Vec<Vec<f64>>> {
    let rows: usize = levels.iter().map(|level| level.by_leaf.len()).sum();
    if rows * columns.len() < LEAST_CELLS || rayon::current_num_threads() == 1 {
        return None;
    }
    let mut is_tried = vec![false; columns.len()];
    tried.iter().flatten().for_each(|&c| is_tried[c] = true);
    let scores = columns.par_iter().zip(&is_tried).map_init(
        Scratch::default,
        |scratch: &mut Scratch<S>, (column, &is_tried)| {
            if is_tried {
                scratch.scores(levels, column, function).to_vec()
            } else {
                Vec::new()
            }
        },
    );
    Some(scores.collect())
}

/// Grows a symmetric tree: at every level, the split of the highest score.
///
/// A level that parts no row from another ends the tree, and the first
/// redundant split is dropped.
///
/// - `parts`: the rows as drawn; their scores are summed.
/// - returns: the splits, and the leaf of every row.
///
/// # Source
///
/// Prokhorenkova et al. 2018, arXiv:1706.09516, algorithm 2.
pub(crate) fn grow<S: Statistics>(
    columns: &[Column],
    column_groups: &ColumnGroups,
    parts: &[Part<S>],
    growth: &Growth,
    noise: &mut Noise,
) -> (Vec<Split>, Vec<u32>) {
    let mut splits = Vec::new();
    let mut leaf_of = vec![0_u32; columns[0].bins.len()];
    let mut groups: Vec<Groups<S>> = parts.iter().map(|part| Groups::new(&part.rows)).collect();
    let mut scratch = Scratch::default();
    while splits.len() < growth.depth {
        let levels: Vec<Level<S>> = parts
            .iter()
            .zip(&groups)
            .map(|(part, groups)| groups.level(part, &leaf_of))
            .collect();
        let tried = tried(column_groups, growth.rsm, noise.random);
        let best = best_split(columns, &tried, &levels, growth, noise, &mut scratch);
        let Some((split, _)) = best else {
            break;
        };
        apply(split, splits.len(), columns, &mut leaf_of);
        splits.push(split);
        if let Some(level) = redundant(&leaf_of, splits.len()) {
            splits.remove(level);
            drop_bit(level, &mut leaf_of);
            break;
        }
        if splits.len() < growth.depth {
            for (groups, part) in groups.iter_mut().zip(parts) {
                groups.regroup(&part.rows, &leaf_of, 1 << splits.len());
            }
        }
    }
    (splits, leaf_of)
}

/// Sends the rows above a border to the upper leaves of a level.
fn apply(split: Split, level: usize, columns: &[Column], leaf_of: &mut [u32]) {
    for (leaf, &bin) in leaf_of.iter_mut().zip(&columns[split.feature].bins) {
        *leaf |= u32::from(bin > split.border) << level;
    }
}

/// Takes a bit out of the indices of leaves.
fn drop_bit(bit: usize, leaf_of: &mut [u32]) {
    let low = (1_u32 << bit) - 1;
    for leaf in leaf_of {
        *leaf = (*leaf & low) | (*leaf >> 1 & !low);
    }
}

/// The drawn rows, leaf by leaf.
#[derive(Debug)]
struct Groups<S> {
    by_leaf: Vec<u32>,
    sorted: Vec<S>,
    starts: Vec<usize>,
    totals: Vec<S>,
}

impl<S: Statistics> Groups<S> {
    fn new(rows: &[S]) -> Self {
        let drawn = (0_u32..)
            .zip(rows)
            .filter(|(_, sums)| sums.drawn())
            .map(|(row, _)| row);
        let mut groups = Self {
            by_leaf: drawn.collect(),
            sorted: Vec::new(),
            starts: Vec::new(),
            totals: Vec::new(),
        };
        groups.regroup(rows, &vec![0; rows.len()], 1);
        groups
    }

    fn level<'a>(&'a self, part: &'a Part<S>, leaf_of: &'a [u32]) -> Level<'a, S> {
        Level {
            rows: &part.rows,
            leaf_of,
            by_leaf: &self.by_leaf,
            sorted: &self.sorted,
            starts: &self.starts,
            totals: &self.totals,
            l2: part.l2,
        }
    }

    /// Sorts the rows by leaf, stably.
    fn regroup(&mut self, rows: &[S], leaf_of: &[u32], leaves: usize) {
        self.starts.clear();
        self.starts.resize(leaves + 1, 0);
        for &row in &self.by_leaf {
            self.starts[leaf_of[row as usize] as usize + 1] += 1;
        }
        for leaf in 0..leaves {
            self.starts[leaf + 1] += self.starts[leaf];
        }
        let mut next = self.starts.clone();
        let mut by_leaf = vec![0; self.by_leaf.len()];
        for &row in &self.by_leaf {
            let place = &mut next[leaf_of[row as usize] as usize];
            by_leaf[*place] = row;
            *place += 1;
        }
        self.by_leaf = by_leaf;
        self.sorted.clear();
        let sums = self.by_leaf.iter().map(|&row| rows[row as usize]);
        self.sorted.extend(sums);
        self.totals.clear();
        for leaf in 0..leaves {
            let mut total = S::default();
            for &sums in &self.sorted[self.starts[leaf]..self.starts[leaf + 1]] {
                total.add(sums);
            }
            self.totals.push(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::groups::column_groups;
    use crate::score::Sums;
    use crate::settings::NoiseGroups;

    #[test]
    fn one_split_parts_the_signs() {
        let columns = [
            Column::new(&[1.0, 2.0, 1.0, 2.0], &[1.5]),
            Column::new(&[1.0, 1.0, 2.0, 3.0], &[1.5, 2.5]),
        ];
        let rows = [1.0, 1.0, -1.0, -1.0].map(|gradient| Sums {
            gradient,
            weight: 1.0,
        });
        let parts = [Part {
            rows: rows.to_vec(),
            l2: 3.0,
        }];
        let growth = Growth {
            depth: 1,
            function: ScoreFunction::Cosine,
            rsm: 1.0,
            noise: 0.0,
        };
        let mut noise = Noise {
            normal: &Normal::new(),
            random: &mut ChaCha8Rng::seed_from_u64(0),
        };
        let (splits, leaf_of) = grow(
            &columns,
            &column_groups(&columns, NoiseGroups::Columns),
            &parts,
            &growth,
            &mut noise,
        );
        let expected = Split {
            feature: 1,
            border: 0,
        };
        assert_eq!(splits, [expected]);
        assert_eq!(leaf_of, [0, 0, 1, 1]);
    }

    #[test]
    fn a_bit_is_taken_out() {
        let mut leaves = [0b101, 0b110, 0b011];
        drop_bit(1, &mut leaves);
        assert_eq!(leaves, [0b11, 0b10, 0b01]);
    }
}

//! Trees whose leaves have splits of their own.

use crate::groups::ColumnGroups;
use crate::grow::{Growth, Noise, Part, best_split, tried};
use crate::score::{Level, Scratch, Statistics, Sums, finish};
use crate::table::Column;
use crate::tree::{Child, Node, Shape, Split};

/// A split must raise a leaf's score by this.
const LEAST_GAIN: f64 = 1e-9;

/// Grows a tree level by level, every leaf by the split of its own highest
/// score, as long as that is above the score of the leaf.
///
/// - `part`: the rows as drawn.
/// - `least`: leaves with fewer drawn rows are not split.
/// - returns: the questions, and the leaf of every row.
pub(crate) fn grow_depthwise(
    columns: &[Column],
    column_groups: &ColumnGroups,
    part: &Part<Sums>,
    growth: &Growth,
    least: usize,
    noise: &mut Noise,
) -> (Shape, Vec<u32>) {
    let mut growing = Growing::new(part);
    let mut scratch = Scratch::default();
    for _ in 0..growth.depth {
        let tried = tried(column_groups, growth.rsm, noise.random);
        for open in std::mem::take(&mut growing.open) {
            if open.drawn.len() < least.max(1) {
                continue;
            }
            let leaf = Leaf::new(part, &open.drawn);
            if let Some(split) = leaf.split(columns, &tried, growth, noise, &mut scratch) {
                growing.split(&open, split, &columns[split.feature].bins);
            }
        }
    }
    (Shape::Branching(growing.nodes), growing.leaf_of)
}

/// A leaf that may be split.
#[derive(Debug)]
struct Open {
    leaf: u32,
    /// Its drawn rows.
    drawn: Vec<u32>,
    /// All of its rows.
    rows: Vec<u32>,
    /// The node and the answer that lead to it.
    from: Option<(usize, bool)>,
}

/// A tree that grows.
#[derive(Debug)]
struct Growing {
    nodes: Vec<Node>,
    open: Vec<Open>,
    leaf_of: Vec<u32>,
}

impl Growing {
    fn new(part: &Part<Sums>) -> Self {
        let rows: Vec<u32> = (0_u32..).take(part.rows.len()).collect();
        let drawn = rows.iter().copied();
        let drawn = drawn.filter(|&row| part.rows[row as usize].drawn());
        Self {
            nodes: Vec::new(),
            leaf_of: vec![0; rows.len()],
            open: vec![Open {
                leaf: 0,
                drawn: drawn.collect(),
                rows,
                from: None,
            }],
        }
    }

    /// Makes a node of a leaf: its lower half keeps the leaf's index.
    fn split(&mut self, open: &Open, split: Split, bins: &[u8]) {
        let index = self.nodes.len();
        let new = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if let Some((node, high)) = open.from {
            let node = &mut self.nodes[node];
            let child = if high { &mut node.high } else { &mut node.low };
            *child = Child::Node(index);
        }
        self.nodes.push(Node {
            split,
            low: Child::Leaf(open.leaf),
            high: Child::Leaf(new),
        });
        let above = |row: &u32| bins[*row as usize] > split.border;
        let (high_rows, low_rows): (Vec<u32>, _) = open.rows.iter().partition(|row| above(row));
        let (high_drawn, low_drawn): (Vec<u32>, _) = open.drawn.iter().partition(|row| above(row));
        for &row in &high_rows {
            self.leaf_of[row as usize] = new;
        }
        self.open.push(Open {
            leaf: open.leaf,
            drawn: low_drawn,
            rows: low_rows,
            from: Some((index, false)),
        });
        self.open.push(Open {
            leaf: new,
            drawn: high_drawn,
            rows: high_rows,
            from: Some((index, true)),
        });
    }
}

/// The drawn rows of one leaf and their sums.
struct Leaf<'a> {
    part: &'a Part<Sums>,
    drawn: &'a [u32],
    sorted: Vec<Sums>,
    total: Sums,
}

impl<'a> Leaf<'a> {
    fn new(part: &'a Part<Sums>, drawn: &'a [u32]) -> Self {
        let sorted: Vec<Sums> = drawn.iter().map(|&row| part.rows[row as usize]).collect();
        let mut total = Sums::default();
        for &sums in &sorted {
            total.add(sums);
        }
        Self {
            part,
            drawn,
            sorted,
            total,
        }
    }

    /// The best split, if it is better than none.
    fn split(
        &self,
        columns: &[Column],
        tried: &ColumnGroups,
        growth: &Growth,
        noise: &mut Noise,
        scratch: &mut Scratch<Sums>,
    ) -> Option<Split> {
        let levels = [Level {
            rows: &self.part.rows,
            leaf_of: &[],
            by_leaf: self.drawn,
            sorted: &self.sorted,
            starts: &[0, self.drawn.len()],
            totals: std::slice::from_ref(&self.total),
            l2: self.part.l2,
        }];
        let (split, score) = best_split(columns, tried, &levels, growth, noise, scratch)?;
        let before = finish(growth.function, self.total.parts(self.part.l2));
        (score - before >= LEAST_GAIN).then_some(split)
    }
}

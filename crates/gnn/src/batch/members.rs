//! Which rows of a matrix belong to a group.

use std::ops::Range;

use super::to_u32;

/// Groups of rows; a row may be in several, and so many times in each. What is counted
/// negatively is subtracted.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Members {
    /// Where the groups end, ascending.
    ends: Vec<usize>,
    rows: Vec<u32>,
    counts: Vec<f64>,
}

impl Members {
    /// Rows next to each other, so many in each group.
    #[cfg(test)]
    pub(crate) fn of_counts(counts: impl IntoIterator<Item = usize>) -> Self {
        let mut members = Self::default();
        let mut first = 0;
        for count in counts {
            members.push((first..first + count).map(|row| (to_u32(row), 1.0)));
            first += count;
        }
        members
    }

    /// Adds a group.
    ///
    /// - `members`: rows, and how often each is there.
    pub(crate) fn push(&mut self, members: impl IntoIterator<Item = (u32, f64)>) {
        for (row, count) in members {
            self.rows.push(row);
            self.counts.push(count);
        }
        self.ends.push(self.rows.len());
    }

    /// Number of groups.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The rows of all groups, one after the other.
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// How often each of these is there.
    pub(crate) fn counts(&self) -> &[f64] {
        &self.counts
    }

    /// The places of each group among these.
    pub(crate) fn places(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }

    /// Rows and counts of each group.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u32], &[f64])> {
        self.places()
            .map(|places| (&self.rows[places.clone()], &self.counts[places]))
    }

    /// The group of each member.
    pub(crate) fn groups(&self) -> Vec<u32> {
        self.places()
            .enumerate()
            .flat_map(|(group, places)| std::iter::repeat_n(to_u32(group), places.len()))
            .collect()
    }
}

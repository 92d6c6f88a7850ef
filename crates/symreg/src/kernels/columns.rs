//! Columns of numbers as the kernels want them: aligned, and filled up to whole
//! chunks, so that no loop needs an end of its own.

use super::CHUNK;

/// A cache line of numbers, the alignment of everything here.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Chunk(pub(crate) [f64; CHUNK]);

/// The numbers of chunks, one after the other.
pub(crate) fn flat(chunks: &[Chunk]) -> &[f64] {
    // SAFETY: a chunk is CHUNK numbers and nothing else.
    unsafe { std::slice::from_raw_parts(chunks.as_ptr().cast(), chunks.len() * CHUNK) }
}

/// Equally long columns, one after the other.
///
/// The places behind the last row of a column repeat that row: what is computed
/// there is nothing that is not computed elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Columns {
    chunks: Vec<Chunk>,
    rows: usize,
    count: usize,
}

impl Columns {
    pub(crate) fn new(rows: usize) -> Self {
        Self {
            chunks: Vec::new(),
            rows,
            count: 0,
        }
    }

    /// Adds a column.
    ///
    /// # Panics
    ///
    /// If it has another number of rows.
    pub(crate) fn push(&mut self, values: &[f64]) {
        assert_eq!(values.len(), self.rows, "columns are equally long");
        let last = values.last().copied().unwrap_or(0.0);
        for part in values.chunks(CHUNK) {
            let mut chunk = [last; CHUNK];
            chunk[..part.len()].copy_from_slice(part);
            self.chunks.push(Chunk(chunk));
        }
        self.count += 1;
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Numbers from the beginning of one column to that of the next.
    pub(crate) fn stride(&self) -> usize {
        self.rows.next_multiple_of(CHUNK)
    }

    /// The numbers of a column.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    pub(crate) fn column(&self, index: usize) -> &[f64] {
        &flat(&self.chunks)[index * self.stride()..][..self.rows]
    }

    pub(super) fn all(&self) -> &[f64] {
        flat(&self.chunks)
    }

    pub(super) fn start(&self) -> *const f64 {
        self.chunks.as_ptr().cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_filled_up_with_their_last_row() {
        let mut columns = Columns::new(9);
        let values: Vec<f64> = (0..9).map(f64::from).collect();
        columns.push(&values);
        columns.push(&values);
        assert_eq!(columns.column(1), values);
        assert_eq!(columns.column(1).as_ptr() as usize % 64, 0);
        assert_eq!(flat(&columns.chunks)[9..16], [8.0; 7]);
        assert_eq!(columns.count(), 2);
    }
}

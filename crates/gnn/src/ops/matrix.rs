//! Products of matrices where they lie in memory.

use std::ops::Range;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, Layout, Result, Shape, Storage};

use super::activation::Real;
use super::on_host;

/// A matrix, some rows of one, or a transpose.
#[derive(Clone)]
pub(super) struct Matrix<'a> {
    numbers: &'a CpuStorage,
    layout: Layout,
}

impl<'a> Matrix<'a> {
    pub(super) fn new(numbers: &'a CpuStorage, layout: &Layout) -> Self {
        let layout = layout.clone();
        Self { numbers, layout }
    }

    /// The same for a storage of any device, which must be the CPU.
    pub(super) fn of_host(storage: &'a Storage, layout: &Layout) -> Result<Self> {
        Ok(Self::new(on_host(storage)?, layout))
    }

    /// All numbers of a storage, row by row.
    pub(super) fn of_rows(numbers: &'a CpuStorage, shape: (usize, usize)) -> Self {
        let layout = Layout::contiguous(Shape::from(shape));
        Self { numbers, layout }
    }

    pub(super) fn shape(&self) -> Result<(usize, usize)> {
        self.layout.shape().dims2()
    }

    pub(super) fn rows(&self, rows: &Range<usize>) -> Result<Self> {
        let layout = self.layout.narrow(0, rows.start, rows.len())?;
        Ok(Self { layout, ..*self })
    }

    pub(super) fn transposed(&self) -> Result<Self> {
        let layout = self.layout.transpose(0, 1)?;
        Ok(Self { layout, ..*self })
    }

    /// The product, row by row.
    pub(super) fn times<T: Real>(&self, other: &Self) -> Result<Vec<T>> {
        let ((m, k), (_, n)) = (self.shape()?, other.shape()?);
        let size = (1, m, n, k);
        let (a, b) = (self.numbers, other.numbers);
        T::numbers(a.matmul(b, size, &self.layout, &other.layout)?)
    }
}

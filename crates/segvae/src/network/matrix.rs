//! Products of row-major matrices, on one thread.
//!
//! # Safety
//!
//! This is the one module with unsafe code: the product of `gemm` takes pointers.
//! It is sound because every slice is checked to have the length that the
//! numbers of rows and columns ask for, and because the borrow checker keeps the
//! result apart from the factors.

#![allow(unsafe_code, reason = "the product takes pointers, see above")]

use super::Real;

/// How a factor is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// As it is multiplied.
    Plain,
    /// With rows and columns exchanged.
    Transposed,
}

/// What becomes of what the result held before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onto {
    /// It is forgotten.
    Nothing,
    /// The product is added to it.
    Sum,
}

/// `out = a b` or `out += a b`.
///
/// - `out`: `(m, n)`; `a`: `(m, k)`; `b`: `(k, n)`; a transposed factor is stored
///   the other way round.
///
/// # Panics
///
/// If a slice has another length.
pub(crate) fn product<T: Real>(
    out: &mut [T],
    onto: Onto,
    (m, n, k): (usize, usize, usize),
    (a, a_stored): (&[T], Stored),
    (b, b_stored): (&[T], Stored),
) {
    assert_eq!(out.len(), m * n, "the result is (m, n)");
    assert_eq!(a.len(), m * k, "the first factor is (m, k)");
    assert_eq!(b.len(), k * n, "the second factor is (k, n)");
    let strides = |stored, rows: usize, columns: usize| {
        let (column, row) = match stored {
            Stored::Plain => (1, columns),
            Stored::Transposed => (rows, 1),
        };
        (signed(column), signed(row))
    };
    let (a_column, a_row) = strides(a_stored, m, k);
    let (b_column, b_row) = strides(b_stored, k, n);
    // SAFETY: the lengths were checked above, and strides stay within them; the
    // result is borrowed mutably, so that it overlaps no factor.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            signed(n),
            onto == Onto::Sum,
            a.as_ptr(),
            a_column,
            a_row,
            b.as_ptr(),
            b_column,
            b_row,
            T::ONE,
            T::ONE,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

fn signed(stride: usize) -> isize {
    isize::try_from(stride).expect("a slice is no longer than half the memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_in_every_way_of_storing() {
        let a = [1.0_f64, 2.0, 3.0, 4.0, 5.0, 6.0]; // (2, 3)
        let a_turned = [1.0, 4.0, 2.0, 5.0, 3.0, 6.0];
        let b = [1.0, 0.0, 0.0, 1.0, 2.0, -1.0]; // (3, 2)
        let b_turned = [1.0, 0.0, 2.0, 0.0, 1.0, -1.0];
        let expected = [7.0, -1.0, 16.0, -1.0];
        for a in [(&a, Stored::Plain), (&a_turned, Stored::Transposed)] {
            for b in [(&b, Stored::Plain), (&b_turned, Stored::Transposed)] {
                let mut out = [10.0; 4];
                let (a, b) = ((&a.0[..], a.1), (&b.0[..], b.1));
                product(&mut out, Onto::Nothing, (2, 2, 3), a, b);
                assert_eq!(out, expected);
                product(&mut out, Onto::Sum, (2, 2, 3), a, b);
                assert_eq!(out, expected.map(|x| 2.0 * x));
            }
        }
    }

    #[test]
    #[should_panic(expected = "the second factor is (k, n)")]
    fn a_slice_of_another_length_is_a_bug() {
        let plain = Stored::Plain;
        product(
            &mut [0.0_f32; 4],
            Onto::Nothing,
            (2, 2, 3),
            (&[0.0; 6], plain),
            (&[0.0; 5], plain),
        );
    }
}

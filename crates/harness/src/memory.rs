//! The memory that a fit holds: an allocator that counts it for each thread.
//!
//! A trial has one thread, so that what its thread holds is what the trial holds, whatever
//! runs beside it. The memory of the process cannot tell: it has the trials of all threads,
//! and is kept for the next step (`main.rs`).

#![allow(unsafe_code, reason = "an allocator is unsafe; see below")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Bytes that this thread has taken less those that it has given back.
    static HELD: Cell<isize> = const { Cell::new(0) };
    /// The most of them so far.
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, which counts.
#[derive(Debug)]
pub struct Counting;

fn count(bytes: isize) {
    // no layout is larger than `isize::MAX`; a thread that ends frees after its counters are gone
    let _ = HELD.try_with(|held| {
        let now = held.get() + bytes;
        held.set(now);
        let _ = MOST.try_with(|most| most.set(most.get().max(now)));
    });
}

// SAFETY: every call is handed on to the system's allocator as it came; counting neither
// allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: as the caller promises
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as the caller promises
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: as the caller promises
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.cast_signed());
        count(-layout.size().cast_signed());
        // SAFETY: as the caller promises
        unsafe { System.realloc(place, layout, size) }
    }
}

/// Does some work, and says how many bytes this thread held the most beyond what it held
/// before; `None` where nothing is counted, in programs with another allocator.
pub(crate) fn most_held<T>(work: impl FnOnce() -> T) -> (T, Option<u64>) {
    let before = HELD.get();
    let outside = MOST.replace(before);
    let result = work();
    let most = MOST.get();
    MOST.set(most.max(outside));
    let held = u64::try_from(most - before).unwrap_or(0);
    (result, (held > 0).then_some(held))
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[global_allocator]
    static COUNTING: Counting = Counting;

    #[test]
    fn the_most_is_what_was_held_at_one_time() {
        let list = |bytes: usize| black_box(vec![1_u8; bytes]);
        let ((), most) = most_held(|| {
            drop(list(1000));
            drop((list(3000), list(4000)));
            drop(list(2000));
        });
        assert_eq!(most, Some(7000));
        let ((), zeroed) = most_held(|| drop(black_box(vec![0_u8; 5000])));
        assert_eq!(zeroed, Some(5000));
        let ((), grown) = most_held(|| {
            let mut list = black_box(Vec::<u8>::with_capacity(100));
            list.resize(100, 1);
            list.reserve_exact(900);
        });
        assert!(grown.is_some_and(|most| (1000..=1100).contains(&most)));
    }

    #[test]
    fn what_is_nested_or_kept_counts_outside_too() {
        let (kept, outside) = most_held(|| {
            let (kept, inside) = most_held(|| black_box(vec![1_u8; 800]));
            assert_eq!(inside, Some(800));
            kept
        });
        assert_eq!((outside, kept.len()), (Some(800), 800));
        let ((), other) = most_held(|| {
            std::thread::scope(|scope| {
                scope.spawn(|| drop(black_box(vec![1_u8; 1_000_000])));
            });
        });
        assert!(other.is_none_or(|most| most < 500_000));
    }
}

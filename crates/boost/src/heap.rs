//! A priority queue with a defined order among equals.
//!
//! The bins of evenly spread values often tie, and which of them is split
//! decides the borders. The order among equals is then that of the textbook
//! binary heap whose hole sinks to a leaf before the last entry rises into it,
//! the greater child, or else the left one, going up (Floyd's variant: Knuth,
//! *The Art of Computer Programming* **3**, 5.2.3, exercise 18).

/// What a queue is ordered by.
pub(crate) trait Key {
    /// The greatest comes first.
    fn key(&self) -> f64;
}

/// A binary heap, the greatest key first.
#[derive(Debug, Clone)]
pub(crate) struct Heap<T>(Vec<T>);

impl<T> Default for Heap<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Key + Copy> Heap<T> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    pub(crate) fn push(&mut self, entry: T) {
        self.0.push(entry);
        self.rise(self.0.len() - 1);
    }

    /// Takes the first entry if it fits.
    pub(crate) fn pop_if(&mut self, fits: impl Fn(&T) -> bool) -> Option<T> {
        let top = *self.0.first()?;
        if !fits(&top) {
            return None;
        }
        let hole = self.sink();
        let last = self.0.pop()?;
        if hole < self.0.len() {
            self.0[hole] = last;
            self.rise(hole);
        }
        Some(top)
    }

    /// Lets a hole sink from the root to a leaf, and returns where it ends.
    fn sink(&mut self) -> usize {
        let mut hole = 0;
        loop {
            let mut child = 2 * hole + 1;
            if child >= self.0.len() {
                return hole;
            }
            if child + 1 < self.0.len() && self.0[child].key() < self.0[child + 1].key() {
                child += 1;
            }
            self.0[hole] = self.0[child];
            hole = child;
        }
    }

    fn rise(&mut self, mut place: usize) {
        let entry = self.0[place];
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.0[parent].key() >= entry.key() {
                break;
            }
            self.0[place] = self.0[parent];
            place = parent;
        }
        self.0[place] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Key for f64 {
        fn key(&self) -> f64 {
            *self
        }
    }

    #[test]
    fn entries_come_out_in_order() {
        let mut heap = Heap::default();
        for entry in [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0] {
            heap.push(entry);
        }
        let sorted: Vec<f64> = std::iter::from_fn(|| heap.pop_if(|_| true)).collect();
        assert_eq!(sorted, [9.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 1.0]);
    }
}

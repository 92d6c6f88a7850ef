//! How often each angle comes, weighted as `angles` says.

/// Thousandths of a degree in half a turn.
const HALF_TURN: usize = 180_000;

/// Number of bins of one degree; the first begins at 1°.
pub(super) const BINS: usize = 179;

/// How often each angle comes, and at how many atoms.
pub(super) struct Tally {
    times: Vec<u32>,
    atoms: Vec<u32>,
    /// One more than the atom at which an angle came last.
    last: Vec<usize>,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            times: vec![0; HALF_TURN + 1],
            atoms: vec![0; HALF_TURN + 1],
            last: vec![0; HALF_TURN + 1],
        }
    }

    /// Counts an angle; all of one atom come together.
    pub(super) fn count(&mut self, thousandths: u32, atom: usize) {
        let place = thousandths as usize;
        self.times[place] += 1;
        self.atoms[place] += u32::from(self.last[place] != atom + 1);
        self.last[place] = atom + 1;
    }

    pub(super) fn histogram(&self) -> Vec<f64> {
        let mut bins = vec![0.0; BINS];
        let angles = self.times.iter().zip(&self.atoms).enumerate();
        for (thousandths, (&times, &atoms)) in angles.filter(|(_, (times, _))| **times > 0) {
            let degree = (thousandths / 1000).min(BINS);
            if let Some(bin) = degree.checked_sub(1) {
                bins[bin] += f64::from(times) / f64::from(atoms);
            }
        }
        bins
    }
}

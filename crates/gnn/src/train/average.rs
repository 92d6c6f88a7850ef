//! A moving average of the weights, which predicts in their place.
//!
//! After step `n` the average becomes `w̄ + (1 - d) (w - w̄)` with
//! `d = min(decay, (1 + n) / (10 + n))`: short at first, so that it does not
//! drag the random weights along.
//!
//! Polyak & Juditsky, *SIAM J. Control Optim.* **30**, 838 (1992); the decay is
//! that of common implementations in PyTorch and TensorFlow.

use candle_core::Tensor;

use super::state::{State, count};
use crate::Result;
use crate::parameters::Parameters;

/// The average of a training in progress.
#[derive(Debug)]
pub(super) struct Average {
    decay: f64,
    steps: u32,
    weights: Vec<Tensor>,
}

impl Average {
    pub(super) fn new(decay: f64, parameters: &Parameters) -> Result<Self> {
        Ok(Self {
            decay,
            steps: 0,
            weights: parameters.snapshot()?,
        })
    }

    /// Looks at the weights after a step.
    pub(super) fn follow(&mut self, parameters: &Parameters) -> Result<()> {
        self.steps += 1;
        let steps = f64::from(self.steps);
        let decay = self.decay.min((1.0 + steps) / (10.0 + steps));
        for (average, (_, var)) in self.weights.iter_mut().zip(parameters.iter()) {
            let towards = (var.as_tensor().detach() - &*average)?;
            *average = (&*average + (towards * (1.0 - decay))?)?;
        }
        Ok(())
    }

    pub(super) fn keep(&self, state: &mut State) -> Result<()> {
        state.put("average", self.weights.iter().cloned());
        state.put_numbers("averaged", &[f64::from(self.steps)])
    }

    pub(super) fn recall(&mut self, state: &mut State) -> Result<()> {
        let weights = state.take("average", &self.weights)?;
        for (kept, weight) in weights.iter().zip(&mut self.weights) {
            *weight = kept.to_device(weight.device())?;
        }
        let [steps] = state.take_numbers("averaged")?;
        self.steps = u32::try_from(count(steps)).unwrap_or(u32::MAX);
        Ok(())
    }

    /// Exchanges the average and the weights; a second call undoes it.
    pub(super) fn exchange(&mut self, parameters: &Parameters) -> Result<()> {
        let weights = parameters.snapshot()?;
        parameters.restore(&self.weights)?;
        self.weights = weights;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use candle_core::DType;

    use super::*;
    use crate::parameters::Place;

    #[test]
    fn an_average_by_hand() {
        let mut parameters = Parameters::new(0, Place::cpu(DType::F64));
        let x = parameters.zeros("x".to_owned(), &[1]).unwrap();
        let mut average = Average::new(0.25, &parameters).unwrap();
        let read = || x.to_vec1::<f64>().unwrap()[0];
        for value in [1.0, 3.0] {
            parameters.set("x", &[value]).unwrap();
            average.follow(&parameters).unwrap();
        }
        average.exchange(&parameters).unwrap();
        // 0 → 0 + 9/11 · 1 (decay 2/11), then + 3/4 · (3 - 9/11) (decay 0.25 = 3/12)
        assert_relative_eq!(
            read(),
            9.0 / 11.0 + 0.75 * (3.0 - 9.0 / 11.0),
            epsilon = 1e-14
        );
        average.exchange(&parameters).unwrap();
        assert_relative_eq!(read(), 3.0);
    }
}

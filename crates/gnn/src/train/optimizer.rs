//! Adam, AdamW, and AdamW with a memory of the largest second moment.
//!
//! ```text
//! m ← β₁ m + (1 - β₁) g            v ← β₂ v + (1 - β₂) g²
//! θ ← θ (1 - η λ) - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
//! ```
//!
//! With `AMSGrad`, `v` under the root is the largest so far of every number, which
//! lets no step grow because a gradient was small for a while (Reddi, Kale &
//! Kumar, arXiv:1904.09237; corrected by the current `β₂ᵗ`, as in PyTorch).
//!
//! Here `β₁ = 0.9`, `β₂ = 0.999`, `ε = 10⁻⁸`. Kingma & Ba, arXiv:1412.6980;
//! the decay `λ` apart from the gradient is that of Loshchilov & Hutter,
//! arXiv:1711.05101.

use candle_core::{Device, Tensor, Var};

use super::state::{State, count};
use crate::parameters::Parameters;
use crate::{Error, Result};

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Which optimizer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Optimizer {
    /// Without weight decay.
    Adam,
    /// With the weight decay `λ`.
    AdamW {
        /// `λ`, at least 0.
        decay: f64,
    },
    /// The same with the largest second moment so far.
    AmsGrad {
        /// `λ`, at least 0.
        decay: f64,
    },
}

impl Optimizer {
    fn decay(self) -> f64 {
        match self {
            Self::Adam => 0.0,
            Self::AdamW { decay } | Self::AmsGrad { decay } => decay,
        }
    }

    pub(super) fn check(self) -> Result<()> {
        let value = self.decay();
        if value >= 0.0 && value.is_finite() {
            Ok(())
        } else {
            Err(Error::Setting {
                name: "the weight decay",
                expected: "at least 0 and finite",
                value,
            })
        }
    }
}

/// The moments of one parameter.
#[derive(Debug)]
struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
    /// Only for `AmsGrad`.
    largest: Option<Vec<f32>>,
}

/// Derivatives of a loss with respect to each parameter, where there is one.
pub(super) struct Gradients(Vec<Option<Vec<f32>>>);

impl Gradients {
    pub(super) fn of(loss: &Tensor, parameters: &Parameters) -> Result<Self> {
        let gradients = loss.backward()?;
        let of_all = parameters.iter().map(|(_, var)| {
            let gradient = gradients.get(var.as_tensor());
            let numbers = gradient.map(|g| g.flatten_all()?.to_vec1::<f32>());
            Ok(numbers.transpose()?)
        });
        of_all.collect::<Result<_>>().map(Self)
    }

    /// Adds those of another loss.
    pub(super) fn add(&mut self, others: Self) {
        for (own, other) in self.0.iter_mut().zip(others.0) {
            match (own, other) {
                (Some(own), Some(other)) => {
                    own.iter_mut()
                        .zip(other)
                        .for_each(|(own, other)| *own += other);
                }
                (own @ None, other) => *own = other,
                (Some(_), None) => {}
            }
        }
    }

    /// Euclidean norm over all parameters.
    fn length(&self) -> f64 {
        let numbers = self.0.iter().flatten().flatten();
        numbers.map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt()
    }
}

/// The optimizer's memory.
#[derive(Debug)]
pub(super) struct Adam {
    kind: Optimizer,
    moments: Vec<Moments>,
    steps: i32,
}

impl Adam {
    pub(super) fn new(kind: Optimizer, parameters: &Parameters) -> Self {
        let zeros = |var: &Var| Moments {
            first: vec![0.0; var.elem_count()],
            second: vec![0.0; var.elem_count()],
            largest: matches!(kind, Optimizer::AmsGrad { .. }).then(|| vec![0.0; var.elem_count()]),
        };
        Self {
            kind,
            moments: parameters.iter().map(|(_, var)| zeros(var)).collect(),
            steps: 0,
        }
    }

    /// Changes the parameters by one step.
    ///
    /// Parameters without a gradient stay as they are.
    pub(super) fn step(
        &mut self,
        parameters: &Parameters,
        gradients: &Gradients,
        rate: f64,
        clip_norm: Option<f64>,
    ) -> Result<()> {
        let scale = clip_norm.map_or(1.0, |norm| (norm / gradients.length()).min(1.0));
        self.steps += 1;
        let update = Update::new(self.steps, rate, self.kind.decay(), scale);
        let vars = parameters.iter().map(|(_, var)| var);
        for ((var, moments), gradient) in vars.zip(&mut self.moments).zip(&gradients.0) {
            if let Some(gradient) = gradient {
                let mut theta: Vec<f32> = var.flatten_all()?.to_vec1()?;
                update.apply(&mut theta, moments, gradient);
                var.set(&Tensor::from_vec(theta, var.shape(), var.device())?)?;
            }
        }
        Ok(())
    }
}

impl Adam {
    pub(super) fn keep(&self, state: &mut State) -> Result<()> {
        let all = self.moments.iter().flat_map(|m| {
            let all = [Some(&m.first), Some(&m.second), m.largest.as_ref()];
            all.into_iter().flatten()
        });
        let all = all.map(|numbers| Tensor::new(numbers.as_slice(), &Device::Cpu));
        state.put("moments", all.collect::<candle_core::Result<Vec<_>>>()?);
        state.put_numbers("steps", &[f64::from(self.steps)])
    }

    pub(super) fn recall(&mut self, state: &mut State) -> Result<()> {
        let all = self.moments.iter_mut().flat_map(|m| {
            let all = [Some(&mut m.first), Some(&mut m.second), m.largest.as_mut()];
            all.into_iter().flatten()
        });
        for (place, numbers) in all.enumerate() {
            let kept = state.take_one("moments", place, &[numbers.len()])?;
            *numbers = kept.to_vec1()?;
        }
        let [steps] = state.take_numbers("steps")?;
        self.steps = i32::try_from(count(steps)).unwrap_or(i32::MAX);
        Ok(())
    }
}

/// What one step does to one number.
struct Update {
    scale: f32,
    rate: f32,
    keep: f32,
    first: f32,
    second: f32,
}

impl Update {
    #[expect(clippy::cast_possible_truncation, reason = "the parameters are f32")]
    fn new(steps: i32, rate: f64, decay: f64, scale: f64) -> Self {
        Self {
            scale: scale as f32,
            rate: rate as f32,
            keep: (1.0 - rate * decay) as f32,
            first: (1.0 / (1.0 - f64::from(BETA_1).powi(steps))) as f32,
            second: (1.0 / (1.0 - f64::from(BETA_2).powi(steps))) as f32,
        }
    }

    fn apply(&self, theta: &mut [f32], moments: &mut Moments, gradient: &[f32]) {
        let both = moments.first.iter_mut().zip(&mut moments.second);
        for ((m, v), g) in both.zip(gradient) {
            let g = g * self.scale;
            *m = BETA_1 * *m + (1.0 - BETA_1) * g;
            *v = BETA_2 * *v + (1.0 - BETA_2) * g * g;
        }
        let under_root = match &mut moments.largest {
            None => &moments.second,
            Some(largest) => {
                for (largest, &v) in largest.iter_mut().zip(&moments.second) {
                    *largest = largest.max(v);
                }
                largest
            }
        };
        let both = moments.first.iter().zip(under_root);
        for (theta, (m, v)) in theta.iter_mut().zip(both) {
            let step = (m * self.first) / ((v * self.second).sqrt() + EPSILON);
            *theta = *theta * self.keep - self.rate * step;
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use candle_core::DType;

    use super::*;
    use crate::parameters::Place;

    /// One parameter of two numbers, and the gradient `(3, -4)`.
    fn one_step(kind: Optimizer, clip_norm: Option<f64>) -> Vec<f32> {
        let mut parameters = Parameters::new(0, Place::cpu(DType::F32));
        let x = parameters.zeros("x".to_owned(), &[2]).unwrap();
        parameters.set("x", &[1.0, 1.0]).unwrap();
        let slope = Tensor::new(&[3.0_f32, -4.0], &Device::Cpu).unwrap();
        let loss = (&x * slope).unwrap().sum_all().unwrap();
        let gradients = Gradients::of(&loss, &parameters).unwrap();
        Adam::new(kind, &parameters)
            .step(&parameters, &gradients, 0.1, clip_norm)
            .unwrap();
        x.to_vec1().unwrap()
    }

    #[test]
    fn the_first_step_is_the_learning_rate_along_the_sign() {
        let x = one_step(Optimizer::Adam, None);
        assert_relative_eq!(x[0], 0.9, epsilon = 1e-6);
        assert_relative_eq!(x[1], 1.1, epsilon = 1e-6);
        let x = one_step(Optimizer::AdamW { decay: 0.5 }, None);
        assert_relative_eq!(x[0], 0.85, epsilon = 1e-6);
    }

    #[test]
    fn clipping_makes_gradients_as_small_as_epsilon() {
        // norm 5 → 5e-8: the first step is then 3e-8 / (3e-8 + 1e-8) of the rate
        let x = one_step(Optimizer::Adam, Some(5e-8));
        assert_relative_eq!(x[0], 1.0 - 0.1 * 0.75, epsilon = 1e-5);
    }

    #[test]
    fn the_largest_second_moment_is_remembered() {
        let mut parameters = Parameters::new(0, Place::cpu(DType::F32));
        let x = parameters.zeros("x".to_owned(), &[1]).unwrap();
        let decay = 0.01;
        let path = |kind| {
            parameters.set("x", &[1.0]).unwrap();
            let mut adam = Adam::new(kind, &parameters);
            [4.0, 0.1, 0.1, -0.5].map(|slope: f64| {
                let loss = (&x * slope).unwrap().sum_all().unwrap();
                let gradients = Gradients::of(&loss, &parameters).unwrap();
                adam.step(&parameters, &gradients, 0.1, None).unwrap();
                x.to_vec1::<f32>().unwrap()[0]
            })
        };
        // torch.optim.AdamW(lr=0.1, weight_decay=0.01), with and without amsgrad
        let expected = [0.899, 0.829_268_34, 0.773_660_81, 0.735_560_8];
        for (x, expected) in path(Optimizer::AmsGrad { decay }).iter().zip(expected) {
            assert_relative_eq!(*x, expected, epsilon = 1e-6);
        }
        let expected = [0.899, 0.829_255_4, 0.773_627_37, 0.735_527_35];
        for (x, expected) in path(Optimizer::AdamW { decay }).iter().zip(expected) {
            assert_relative_eq!(*x, expected, epsilon = 1e-6);
        }
    }

    #[test]
    fn a_negative_decay_is_refused() {
        assert!(Optimizer::AdamW { decay: -1.0 }.check().is_err());
    }
}

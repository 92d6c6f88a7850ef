//! The gradient, the loss by hand, both precisions, and candle as a peer.

use rand::SeedableRng;

use super::*;
use crate::{Function, Grammar, grammar::Words};

/// Three words and the marks.
pub(super) fn tiny() -> Grammar {
    Grammar::new(Words {
        functions: vec![Function::Add, Function::Sin],
        numbers: vec![],
        ..Words::default()
    })
    .unwrap()
}

fn tiny_network(seed: u64) -> (Network<f64>, Batch) {
    let grammar = tiny();
    let shape = Shape {
        vocabulary: grammar.len(),
        embedding: 3,
        hidden: 2,
        latent: 2,
        condition: 2,
    };
    let layout = Layout::new(shape);
    let parameters = layout.draw(seed).iter().map(|&p| f64::from(p)).collect();
    let texts = ["sin x1", "x1", "add x1 sin x1"];
    let formulas: Vec<Vec<u8>> = texts.iter().map(|t| grammar.parse(t).unwrap()).collect();
    let formulas: Vec<&[u8]> = formulas.iter().map(Vec::as_slice).collect();
    let batch = Batch::new(&grammar, &formulas).told(vec![0.3, -0.2, 0.8, 0.1, 0.0, -0.5]);
    let mut network = Network::with(layout, shape, parameters);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    network
        .noise
        .draw((batch.rows(), batch.size), (3, 2, 2), true, &mut random);
    // A tenth of few numbers may be none at all.
    network.noise.encoder[1] = 0.0;
    network.noise.output[4] = 0.0;
    (network, batch)
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    let (mut network, batch) = tiny_network(3);
    let kl_coef = 0.3;
    network.forward(&batch);
    network.backward(&batch, kl_coef);
    let gradient = network.gradient.clone();
    let step = 1e-5;
    for (k, slope) in gradient.iter().enumerate() {
        let middle = network.parameters[k];
        let mut at = |value: f64| {
            network.parameters[k] = value;
            network.forward(&batch).total(kl_coef)
        };
        let difference = (at(middle + step) - at(middle - step)) / (2.0 * step);
        network.parameters[k] = middle;
        // truncation 1e-10, cancellation 1e-10
        approx::assert_relative_eq!(*slope, difference, epsilon = 1e-8, max_relative = 1e-6);
    }
}

#[test]
fn the_loss_by_hand_for_a_network_of_zeros() {
    let (mut network, batch) = tiny_network(3);
    network.parameters.fill(0.0);
    let loss = network.forward(&batch);
    // 2 + 1 + 4 tokens and three ends, each one of six words
    approx::assert_relative_eq!(
        loss.reconstruction,
        10.0 / 3.0 * 6.0_f64.ln(),
        max_relative = 1e-12
    );
    assert_eq!(loss.divergence, 0.0);
}

#[test]
fn the_divergence_by_hand() {
    let (mut network, batch) = tiny_network(3);
    network.parameters.fill(0.0);
    let bias = network.layout.code.bias.clone();
    network.parameters[bias].copy_from_slice(&[0.5, -1.0, 0.2, 0.0]);
    let expected = 0.5 * (0.25 + 1.0) - 0.5 * (1.0 + 0.2 - 0.2_f64.exp());
    approx::assert_relative_eq!(
        network.forward(&batch).divergence,
        expected,
        max_relative = 1e-12
    );
}

/// Single precision differs by its rounding.
#[test]
fn both_precisions_agree() {
    let (mut wide, batch) = tiny_network(8);
    let parameters = wide.parameters.iter().map(|&p| f32::of(p)).collect();
    let mut narrow = Network::<f32>::with(wide.layout.clone(), wide.shape, parameters);
    let rounded = |v: &[f64]| v.iter().map(|&x| f32::of(x)).collect::<Vec<f32>>();
    narrow.noise = Noise {
        encoder: rounded(&wide.noise.encoder),
        decoder: rounded(&wide.noise.decoder),
        output: rounded(&wide.noise.output),
        place: rounded(&wide.noise.place),
    };
    let (a, b) = (wide.forward(&batch), narrow.forward(&batch));
    approx::assert_relative_eq!(a.total(0.5), b.total(0.5), max_relative = 1e-6);
    wide.backward(&batch, 0.5);
    narrow.backward(&batch, 0.5);
    for (a, b) in wide.gradient.iter().zip(&narrow.gradient) {
        approx::assert_relative_eq!(*a, f64::from(*b), epsilon = 1e-5, max_relative = 1e-4);
    }
}

/// The same formulas by candle's plain operations and its own derivatives.
mod by_candle {
    use candle_core::{D, Device, Result, Tensor, Var};

    use super::*;

    struct Reference {
        vars: Vec<(&'static str, Var)>,
    }

    impl Reference {
        fn get(&self, name: &str) -> &Tensor {
            self.vars
                .iter()
                .find(|(known, _)| *known == name)
                .unwrap()
                .1
                .as_tensor()
        }

        fn lstm(&self, name: &str, xs: &[Tensor]) -> Result<Vec<Tensor>> {
            let get = |part: &str| self.get(&format!("{name}.{part}"));
            let bias = (get("bias") + get("bias2"))?;
            let (batch, hidden) = (xs[0].dim(0)?, get("recurrent").dim(1)?);
            let mut h = Tensor::zeros((batch, hidden), xs[0].dtype(), &Device::Cpu)?;
            let mut c = h.clone();
            let mut out = Vec::new();
            for x in xs {
                let sums = (x.matmul(&get("input").t()?)? + h.matmul(&get("recurrent").t()?)?)?;
                let gates = sums.broadcast_add(&bias)?.chunk(4, 1)?;
                let (i, f) = (
                    candle_nn::ops::sigmoid(&gates[0])?,
                    candle_nn::ops::sigmoid(&gates[1])?,
                );
                let (g, o) = (gates[2].tanh()?, candle_nn::ops::sigmoid(&gates[3])?);
                c = ((f * &c)? + (i * g)?)?;
                h = (o * c.tanh()?)?;
                out.push(h.clone());
            }
            Ok(out)
        }

        fn linear(&self, name: &str, x: &Tensor) -> Result<Tensor> {
            let product = x.matmul(&self.get(&format!("{name}.weight")).t()?)?;
            product.broadcast_add(self.get(&format!("{name}.bias")))
        }

        /// Tokens of each step, times the mask.
        fn embedded(&self, batch: &Batch, mask: &[f64]) -> Result<Vec<Tensor>> {
            let width = self.get("embedding").dim(1)?;
            let steps = batch
                .inputs
                .chunks(batch.size)
                .zip(mask.chunks(batch.size * width));
            let row = |(tokens, mask): (&[u8], &[f64])| {
                let tokens: Vec<u32> = tokens.iter().map(|&t| t.into()).collect();
                let tokens = Tensor::new(tokens, &Device::Cpu)?;
                let mask = Tensor::from_slice(mask, (batch.size, width), &Device::Cpu)?;
                self.get("embedding").index_select(&tokens, 0)? * mask
            };
            steps.map(row).collect()
        }

        fn loss(&self, batch: &Batch, noise: &Noise<f64>, kl_coef: f64) -> Result<Tensor> {
            let xs = self.embedded(batch, &noise.encoder)?;
            let forward = self.lstm("encoder.forward", &xs)?;
            let turned: Vec<Tensor> = xs.iter().rev().cloned().collect();
            let backward = self.lstm("encoder.backward", &turned)?;
            let last = Tensor::cat(&[forward.last().unwrap(), backward.last().unwrap()], 1)?;
            let code = self.linear("code", &last)?.chunk(2, 1)?;
            let (mean, variance) = (&code[0], &code[1]);
            let place = Tensor::from_slice(&noise.place, mean.shape(), &Device::Cpu)?;
            let z = (mean + ((variance * 0.5)?.exp()? * place)?)?;
            let told: Vec<f64> = batch.conditions.iter().map(|&c| c.into()).collect();
            let told = Tensor::from_vec(told, (batch.size, 2), &Device::Cpu)?;
            let z = self.linear("from_code", &Tensor::cat(&[z, told], 1)?)?;
            let xs = self.embedded(batch, &noise.decoder)?;
            let xs = xs.iter().map(|x| x + &z).collect::<Result<Vec<_>>>()?;
            let mut loss = (variance + 1.0)?
                .sub(&mean.sqr()?)?
                .sub(&variance.exp()?)?
                .sum_all()?;
            loss = (loss * (-0.5 * kl_coef))?;
            let hidden = self.get("decoder.recurrent").dim(1)?;
            let masks = noise.output.chunks(batch.size * hidden);
            let targets = batch.targets.chunks(batch.size);
            for ((h, mask), targets) in self.lstm("decoder", &xs)?.iter().zip(masks).zip(targets) {
                let mask = Tensor::from_slice(mask, (batch.size, hidden), &Device::Cpu)?;
                let logits = self.linear("output", &(h * mask)?)?;
                let chances = candle_nn::ops::log_softmax(&logits, D::Minus1)?;
                let width = chances.dim(1)?;
                let mut wanted = vec![0.0; batch.size * width];
                for (row, &target) in targets
                    .iter()
                    .enumerate()
                    .filter(|(_, t)| **t != batch.padding)
                {
                    wanted[row * width + usize::from(target)] = 1.0;
                }
                let wanted = Tensor::from_vec(wanted, (batch.size, width), &Device::Cpu)?;
                loss = (loss - (chances * wanted)?.sum_all()?)?;
            }
            loss / batch.size as f64
        }
    }

    #[test]
    fn loss_and_gradient_are_the_same() {
        let (mut network, batch) = tiny_network(21);
        let vars = network.layout.entries.iter().map(|entry| {
            let values = &network.parameters[entry.range.clone()];
            let tensor = Tensor::from_slice(values, &entry.shape[..], &Device::Cpu).unwrap();
            (entry.name, Var::from_tensor(&tensor).unwrap())
        });
        let reference = Reference {
            vars: vars.collect(),
        };
        let expected = reference.loss(&batch, &network.noise, 0.7).unwrap();
        let loss = network.forward(&batch).total(0.7);
        approx::assert_relative_eq!(
            loss,
            expected.to_scalar::<f64>().unwrap(),
            max_relative = 1e-12
        );
        network.backward(&batch, 0.7);
        let gradients = expected.backward().unwrap();
        for (entry, (_, var)) in network.layout.entries.iter().zip(&reference.vars) {
            let gradient = gradients
                .get(var.as_tensor())
                .unwrap()
                .flatten_all()
                .unwrap();
            let ours = &network.gradient[entry.range.clone()];
            for (a, b) in ours.iter().zip(gradient.to_vec1::<f64>().unwrap()) {
                // sums in another order
                approx::assert_relative_eq!(*a, b, epsilon = 1e-13, max_relative = 1e-10);
            }
        }
    }
}

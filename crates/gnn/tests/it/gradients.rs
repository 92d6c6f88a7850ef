//! Gradients of whole networks against finite differences, in double precision.

use approx::assert_relative_eq;
use candle_core::DType;
use gnn::{Batch, FlatGraph};

use crate::crystals::{graphs, lonely, one_atom, skewed};
use crate::networks;

#[test]
fn gradients_agree_with_differences() {
    for config in networks() {
        let network = config.build(3, DType::F64).unwrap();
        let graphs = graphs(&[skewed(), lonely(), one_atom()], 5.0);
        let flat: Vec<FlatGraph> = graphs
            .iter()
            .map(|graph| FlatGraph::new(graph, config.edge_geometry()))
            .collect();
        let batch = Batch::new(&flat.iter().collect::<Vec<_>>());
        let loss = || {
            network
                .forward(&batch)
                .unwrap()
                .sqr()
                .unwrap()
                .sum_all()
                .unwrap()
        };
        let gradients = loss().backward().unwrap();
        for (name, var) in network.parameters().iter() {
            let gradient: Vec<f64> = gradients
                .get(var.as_tensor())
                .map_or(vec![0.0; var.elem_count()], |g| {
                    g.flatten_all().unwrap().to_vec1().unwrap()
                });
            let values: Vec<f64> = var.flatten_all().unwrap().to_vec1().unwrap();
            // along the gradient itself: every entry takes part
            let length = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
            if length < 1e-12 {
                continue;
            }
            let shifted = |step: f64| {
                let moved = values
                    .iter()
                    .zip(&gradient)
                    .map(|(x, g)| x + step * g / length);
                network
                    .parameters()
                    .set(name, &moved.collect::<Vec<_>>())
                    .unwrap();
                loss().to_scalar::<f64>().unwrap()
            };
            let expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
            shifted(0.0);
            // truncation and cancellation, both about 1e-10; a maximum may switch
            assert_relative_eq!(length, expected, epsilon = 1e-8, max_relative = 1e-5);
        }
    }
}

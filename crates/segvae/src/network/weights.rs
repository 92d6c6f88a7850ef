//! Weights as bytes in the safetensors format, with a key that says what they
//! belong to.

use std::collections::HashMap;

use safetensors::{Dtype, SafeTensors, serialize, tensor::TensorView};

use super::{
    Adam, Network,
    layout::{Layout, Shape},
};
use crate::{Error, Result};

/// Name of the key among the metadata.
const KEY: &str = "segvae";

/// Name of the optimizer's steps among the metadata, and of its numbers.
const STEPS: &str = "adam.steps";
const FIRST: &str = "adam.first";
const SECOND: &str = "adam.second";

/// The weights, the memory of the optimizer, and the key of what they were
/// trained for.
///
/// # Panics
///
/// Never: shapes and numbers are those of the layout.
pub(crate) fn to_bytes(network: &Network, adam: &Adam, key: u64) -> Vec<u8> {
    let bytes =
        |numbers: &[f32]| -> Vec<u8> { numbers.iter().flat_map(|p| p.to_le_bytes()).collect() };
    let parameters = bytes(&network.parameters);
    let moments = [bytes(&adam.first), bytes(&adam.second)];
    let view = |shape: Vec<usize>, data| {
        TensorView::new(Dtype::F32, shape, data).expect("the numbers are those of the shape")
    };
    let weights = network.layout.entries.iter().map(|entry| {
        let data = &parameters[4 * entry.range.start..4 * entry.range.end];
        (entry.name, view(entry.shape.clone(), data))
    });
    let count = network.layout.len();
    let moments = [FIRST, SECOND].into_iter().zip(&moments);
    let moments = moments.map(|(name, data)| (name, view(vec![count], data)));
    let metadata = HashMap::from([
        (KEY.to_owned(), format!("{key:016x}")),
        (STEPS.to_owned(), adam.steps.to_string()),
    ]);
    serialize(weights.chain(moments), Some(metadata)).expect("names differ and shapes fit")
}

/// Reads weights and the memory of the optimizer.
///
/// # Errors
///
/// [`Error::Weights`] if they have another key or shape, or are none.
pub(crate) fn from_bytes(shape: Shape, bytes: &[u8], key: u64) -> Result<(Network, Adam)> {
    let refuse = |found: String| Error::Weights {
        expected: key,
        found,
    };
    let (_, header) =
        SafeTensors::read_metadata(bytes).map_err(|error| refuse(error.to_string()))?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let known = metadata.get(KEY);
    if known.is_none_or(|known| *known != format!("{key:016x}")) {
        return Err(refuse(
            known.map_or("no key".to_owned(), |k| format!("key {k}")),
        ));
    }
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| refuse(error.to_string()))?;
    let read = |name: &str, shape: &[usize]| {
        let tensor = tensors
            .tensor(name)
            .map_err(|error| refuse(error.to_string()))?;
        if tensor.shape() != shape || tensor.dtype() != Dtype::F32 {
            return Err(refuse(format!("`{name}` of shape {:?}", tensor.shape())));
        }
        let (numbers, _) = tensor.data().as_chunks::<4>();
        Ok(numbers
            .iter()
            .map(|four| f32::from_le_bytes(*four))
            .collect::<Vec<f32>>())
    };
    let layout = Layout::new(shape);
    let mut parameters = Vec::with_capacity(layout.len());
    for entry in &layout.entries {
        parameters.extend(read(entry.name, &entry.shape)?);
    }
    let steps = metadata.get(STEPS).and_then(|steps| steps.parse().ok());
    let adam = Adam {
        first: read(FIRST, &[layout.len()])?,
        second: read(SECOND, &[layout.len()])?,
        steps: steps.ok_or_else(|| refuse("no steps of the optimizer".to_owned()))?,
    };
    Ok((Network::with(layout, shape, parameters), adam))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_come_back_and_others_are_refused() {
        let shape = Shape {
            vocabulary: 6,
            embedding: 3,
            hidden: 2,
            latent: 2,
            condition: 1,
        };
        let mut network = Network::new(shape, 4);
        let mut adam = Adam::new(network.parameters().len());
        let gradient = vec![0.1; network.parameters().len()];
        adam.step(network.parameters_mut(), &gradient, 0.1, (0.5, 0.9));
        let bytes = to_bytes(&network, &adam, 17);
        let again = from_bytes(shape, &bytes, 17).unwrap();
        assert_eq!(network.parameters(), again.0.parameters());
        assert_eq!(adam, again.1);
        let other = from_bytes(shape, &bytes, 18);
        assert!(matches!(other, Err(Error::Weights { .. })));
        let wider = Shape { hidden: 3, ..shape };
        assert!(from_bytes(wider, &bytes, 17).is_err());
        assert!(from_bytes(shape, &bytes[..50], 17).is_err());
    }
}

//! Weights as bytes in the safetensors format, with a key that says what they
//! belong to.

use std::collections::HashMap;

use safetensors::{Dtype, SafeTensors, serialize, tensor::TensorView};

use super::{
    Network,
    layout::{Layout, Shape},
};
use crate::{Error, Result};

/// Name of the key among the metadata.
const KEY: &str = "segvae";

impl Network<f32> {
    /// The weights and the key of what they were trained for.
    ///
    /// # Panics
    ///
    /// Never: shapes and numbers are those of the layout.
    #[must_use]
    pub fn to_bytes(&self, key: u64) -> Vec<u8> {
        let bytes: Vec<u8> = self
            .parameters
            .iter()
            .flat_map(|p| p.to_le_bytes())
            .collect();
        let tensors = self.layout.entries.iter().map(|entry| {
            let data = &bytes[4 * entry.range.start..4 * entry.range.end];
            let view = TensorView::new(Dtype::F32, entry.shape.clone(), data);
            (
                entry.name,
                view.expect("the numbers are those of the shape"),
            )
        });
        let key = HashMap::from([(KEY.to_owned(), format!("{key:016x}"))]);
        serialize(tensors, Some(key)).expect("names differ and shapes fit")
    }

    /// Reads weights.
    ///
    /// # Errors
    ///
    /// [`Error::Weights`] if they have another key or shape, or are none.
    pub fn from_bytes(shape: Shape, bytes: &[u8], key: u64) -> Result<Self> {
        let refuse = |found: String| Error::Weights {
            expected: key,
            found,
        };
        let (_, header) =
            SafeTensors::read_metadata(bytes).map_err(|error| refuse(error.to_string()))?;
        let known = header.metadata().as_ref().and_then(|map| map.get(KEY));
        if known.is_none_or(|known| *known != format!("{key:016x}")) {
            return Err(refuse(
                known.map_or("no key".to_owned(), |k| format!("key {k}")),
            ));
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| refuse(error.to_string()))?;
        let layout = Layout::new(shape);
        let mut parameters = Vec::with_capacity(layout.len());
        for entry in &layout.entries {
            let tensor = tensors
                .tensor(entry.name)
                .map_err(|error| refuse(error.to_string()))?;
            if tensor.shape() != entry.shape || tensor.dtype() != Dtype::F32 {
                return Err(refuse(format!(
                    "`{}` of shape {:?}",
                    entry.name,
                    tensor.shape()
                )));
            }
            let (numbers, _) = tensor.data().as_chunks::<4>();
            parameters.extend(numbers.iter().map(|four| f32::from_le_bytes(*four)));
        }
        Ok(Self::with(layout, shape, parameters))
    }
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
        };
        let network = Network::new(shape, 4);
        let bytes = network.to_bytes(17);
        let again = Network::from_bytes(shape, &bytes, 17).unwrap();
        assert_eq!(network.parameters(), again.parameters());
        assert!(matches!(
            Network::from_bytes(shape, &bytes, 18),
            Err(Error::Weights { .. })
        ));
        let wider = Shape { hidden: 3, ..shape };
        assert!(Network::from_bytes(wider, &bytes, 17).is_err());
        assert!(Network::from_bytes(shape, &bytes[..50], 17).is_err());
    }
}

//! Weights of the autoencoder are taken whole or refused.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use segvae::{Grammar, Settings, Trainer};

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let mut settings = Settings::default();
    settings.model.token_embedding_dim = 2;
    settings.model.hidden_dim = 2;
    settings.model.latent_dim = 2;
    settings
});

static VALID: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let grammar = Grammar::new(SETTINGS.words.clone()).unwrap();
    Trainer::new(&grammar, &SETTINGS, 1).to_bytes(&SETTINGS)
});

/// A valid file with some bytes exchanged: the head of such a file must match in too
/// many places to be found by chance.
fn patched(patches: &[u8]) -> Vec<u8> {
    let mut bytes = VALID.clone();
    for patch in patches.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([patch[0], patch[1]]));
        match bytes.get_mut(place) {
            Some(byte) => *byte = patch[2],
            None => bytes.truncate(usize::from(patch[2]) * 16),
        }
    }
    bytes
}

fuzz_target!(|data: &[u8]| {
    for bytes in [data.to_vec(), patched(data)] {
        if let Ok(trainer) = Trainer::from_bytes(&SETTINGS, &bytes) {
            let again = trainer.to_bytes(&SETTINGS);
            assert!(Trainer::from_bytes(&SETTINGS, &again).is_ok());
        }
    }
});

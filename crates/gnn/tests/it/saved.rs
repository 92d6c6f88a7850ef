//! A trained network, written and read again.

use std::ops::ControlFlow;

use gnn::{
    Description, MegNetConfig, NetworkConfig, Recipe, Samples, Species, State, Trained, train,
};

use crate::crystals::{graphs, one_atom, skewed, with_vacancies};
use crate::networks;

fn trained(config: &NetworkConfig) -> Trained {
    let graphs = graphs(&[skewed(), one_atom(), with_vacancies(2, &[0])], 5.0);
    let samples = Samples {
        graphs: &graphs,
        targets: &[0.1, 1.0 / 3.0, -7.2],
    };
    let recipe = Recipe {
        epochs: 2,
        ..Recipe::default()
    };
    let mut go_on = |_: &_| ControlFlow::Continue(());
    train(config, &recipe, samples, None, 1, &mut go_on).unwrap()
}

#[test]
fn a_loaded_network_predicts_the_same_bits() {
    let unseen = graphs(&[with_vacancies(3, &[4]), skewed()], 5.0);
    for config in networks() {
        let trained = trained(&config);
        let text = toml::to_string(&trained.description()).unwrap();
        let description: Description = toml::from_str(&text).unwrap();
        assert_eq!(description, trained.description());
        let loaded = Trained::load(&description, &trained.weights().unwrap()).unwrap();
        let bits = |network: &Trained| {
            let predicted = network.predict(&unseen).unwrap();
            predicted.iter().map(|p| p.to_bits()).collect::<Vec<u64>>()
        };
        assert_eq!(bits(&loaded), bits(&trained));
        assert_eq!(loaded.epoch(), 2);
    }
}

#[test]
fn settings_that_are_not_written_are_those_of_the_small_network() {
    let config: NetworkConfig = toml::from_str("kind = 'megnet'\nwidth = 8").unwrap();
    let expected = MegNetConfig {
        width: 8,
        ..MegNetConfig::small()
    };
    assert_eq!(config, NetworkConfig::MegNet(expected));
    // networks saved before there were shells have none
    assert!(!MegNetConfig::small().shells);
    let text = "kind = 'megnet'\nspecies = { embedded = 4 }\nstate = 'elements'";
    let NetworkConfig::MegNet(config) = toml::from_str(text).unwrap() else {
        panic!("the kind is that of a MEGNet");
    };
    assert_eq!(config.species, Species::Embedded(4));
    assert_eq!(config.state, State::Elements);
    assert!(toml::from_str::<NetworkConfig>("kind = 'gemnet'\nwidht = 8").is_err());
}

#[test]
fn weights_of_another_network_are_refused_by_name() {
    let [megnet, schnet] = [0, 2].map(|index| trained(&networks()[index]));
    let refusal = |weights: &[u8]| {
        let loaded = Trained::load(&schnet.description(), weights);
        loaded.unwrap_err().to_string()
    };
    assert_eq!(
        refusal(&megnet.weights().unwrap()),
        "parameter `embedding.weight` has 800 numbers, got 1904"
    );
    assert!(refusal(b"not a file").starts_with("the weights cannot be read"));
    let weights = schnet.weights().unwrap();
    assert!(refusal(&weights[..weights.len() - 1]).starts_with("the weights cannot be read"));
}

//! Anyone's model: a program that is asked over a pipe.
//!
//! The program is started once a trial and speaks JSON, one object a line: what it
//! is asked comes on its standard input, its answers go to its standard output
//! ([`message`]). Structures and features lie in files whose paths it is given
//! ([`exchange`]). What it writes to its standard error is kept in the log of the
//! trial.
//!
//! # Invariants
//!
//! 1. Whatever the program does, the trial ends: at the latest when its time is
//!    over. It then is a row with the reason.
//! 2. Nothing of the program outlives the trial, its children included, as long as
//!    they stay in its process group ([`process`]).
//! 3. It never sees the target of a held-out structure.

mod exchange;
mod message;
mod process;

use std::cell::RefCell;
use std::time::Duration;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use self::exchange::Exchange;
use self::message::{Answer, Question, VERSION};
use self::process::Process;
use super::features::{Descriptor, Features};
use super::{Context, Input, Model, Regressor, Training};
use crate::refuse;
use crate::run::{Equation, Watch};

/// A program and what it is to be told.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalSettings {
    /// The program and its arguments; paths are taken from where `tycho` runs.
    pub command: Vec<String>,
    /// The user's mark: another one makes other trials. What the program does is
    /// not looked into.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// What the columns of the table are.
    #[serde(default, skip_serializing_if = "Descriptor::is_default")]
    pub descriptor: Descriptor,
    /// Handed to the program as they are.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub options: serde_json::Map<String, serde_json::Value>,
}

impl ExternalSettings {
    pub(super) fn checked(self) -> Result<Self> {
        if self.command.is_empty() {
            refuse!(
                "command: expected the program and its arguments, as [\"python3\", \"model.py\"]"
            );
        }
        Ok(self)
    }
}

impl Regressor for ExternalSettings {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let mut process = Process::start(&self.command, context.keep.log())?;
        let hello = Question::Hello { tycho: VERSION };
        let needs = match process.ask(&hello, context.watch)? {
            Answer::Hello { protocol, .. } if protocol != VERSION => {
                bail!("it speaks version {protocol} of the protocol, this tycho {VERSION}")
            }
            Answer::Hello { needs, .. } => needs,
            other => return other.unexpected("hello"),
        };
        // of both parts, as for models that fit on both in the end
        let features = Features::learn(self.descriptor, &training.all().inputs)?;
        let exchange = Exchange::new(features, needs)?;
        let question = Question::Fit {
            training: exchange.write("train", &training.fit.inputs, Some(&training.fit.targets))?,
            validation: exchange.write(
                "validation",
                &training.validation.inputs,
                Some(&training.validation.targets),
            )?,
            columns: exchange.columns(),
            target: &training.property.key,
            unit: &training.property.unit,
            // what most libraries take for a seed
            seed: context.seed % (1 << 31),
            threads: 1,
            seconds: context.watch.left().map(|time| time.as_secs_f64()),
            options: &self.options,
        };
        let (complexity, equation) = match process.ask(&question, context.watch)? {
            Answer::Fitted {
                complexity,
                equation,
            } => (complexity, equation),
            other => return other.unexpected("fitted"),
        };
        Ok(Box::new(External {
            process: RefCell::new(process),
            exchange,
            longest: context.watch.longest(),
            complexity,
            equation: equation.map(|text| Equation {
                latex: String::new(),
                text,
                unit: training.property.unit.clone(),
                columns: Vec::new(),
            }),
        }))
    }
}

/// A program that has learnt.
struct External {
    process: RefCell<Process>,
    exchange: Exchange,
    /// As long as the fit, a prediction may take.
    longest: Option<Duration>,
    complexity: Option<usize>,
    equation: Option<Equation>,
}

impl Model for External {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        let watch = self.longest.map_or_else(Watch::endless, Watch::start);
        let question = Question::Predict {
            structures: self.exchange.write("test", inputs, None)?,
        };
        let values = match self.process.borrow_mut().ask(&question, &watch)? {
            Answer::Predicted { values } => values,
            other => return other.unexpected("predicted"),
        };
        if values.len() != inputs.len() {
            bail!(
                "it predicted {} values for {} structures",
                values.len(),
                inputs.len()
            );
        }
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        Ok(values.into_iter().map(number).collect())
    }

    fn complexity(&self) -> Option<usize> {
        self.complexity
    }

    fn equation(&self) -> Option<Equation> {
        self.equation.clone()
    }
}

//! What is said over the pipe.
//!
//! ```text
//! tycho    {"type":"hello","tycho":1}
//! program  {"type":"hello","protocol":1,"needs":["table"]}
//! tycho    {"type":"fit","training":{"count":90,"table":"/tmp/…/train.csv"},"validation":{…},
//!           "columns":[["d1","Å"],…],"target":"homo_lumo_gap","unit":"eV","seed":7,"threads":1,
//!           "seconds":3600.0,"options":{}}
//! program  {"type":"fitted","complexity":12}
//! tycho    {"type":"predict","structures":{"count":500,"table":"/tmp/…/test.csv"}}
//! program  {"type":"predicted","values":[1.25,…]}
//! ```
//!
//! A program that cannot go on answers `{"type":"error","message":"…"}`. When its
//! standard input ends it is to end too. `needs` is any of `table` (a CSV file of
//! features, one row a structure, the target last as `target`) and `structures` (an
//! extended XYZ file, one frame a structure, with a `target`); the files of a
//! prediction have no targets. A value that is no number is `null`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

/// Version of what is said.
pub(super) const VERSION: u32 = 1;

/// What a program is asked.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(super) enum Question<'a> {
    /// Who is there.
    Hello {
        /// Version of the protocol.
        tycho: u32,
    },
    /// To learn.
    Fit {
        /// To fit on.
        training: Written,
        /// To select on.
        validation: Written,
        /// Names and units of the columns of the tables.
        columns: Vec<(String, String)>,
        /// Key of the property.
        target: &'a str,
        /// Its unit.
        unit: &'a str,
        /// Where random numbers are to start, below 2³¹.
        seed: u64,
        /// Threads that it may use.
        threads: usize,
        /// Time that it may take, if it is limited.
        seconds: Option<f64>,
        /// From the study.
        options: &'a serde_json::Map<String, serde_json::Value>,
    },
    /// To predict.
    Predict {
        /// Of what.
        structures: Written,
    },
}

/// Structures in files.
#[derive(Debug, Serialize)]
pub(super) struct Written {
    /// How many there are.
    pub(super) count: usize,
    /// Their features, if the program needs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<PathBuf>,
    /// The structures themselves, if the program needs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) structures: Option<PathBuf>,
}

/// A kind of file that a program may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Need {
    /// Features, as CSV.
    Table,
    /// Structures, as extended XYZ.
    Structures,
}

/// What a program answers; keys that are not known here are ignored.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(super) enum Answer {
    /// Itself.
    Hello {
        /// Version of the protocol.
        protocol: u32,
        /// What it needs.
        needs: Vec<Need>,
    },
    /// It has learnt.
    Fitted {
        /// Number of nodes of a formula, or of parameters.
        complexity: Option<usize>,
        /// The formula, for models that find one.
        equation: Option<String>,
    },
    /// One value a structure.
    Predicted {
        /// In the unit of the property.
        values: Vec<Option<f64>>,
    },
    /// It cannot go on.
    Error {
        /// Why.
        message: String,
    },
}

impl Answer {
    /// Refuses an answer to another question.
    pub(super) fn unexpected<T>(self, expected: &str) -> Result<T> {
        let found = match self {
            Self::Error { message } => bail!("{message}"),
            Self::Hello { .. } => "hello",
            Self::Fitted { .. } => "fitted",
            Self::Predicted { .. } => "predicted",
        };
        bail!("it answered `{found}` where `{expected}` was expected")
    }
}

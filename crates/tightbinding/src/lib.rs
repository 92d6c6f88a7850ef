mod basis;
mod bonds;
mod error;
mod missing;
mod model;
mod parameters;
mod slater_koster;

pub use error::{Error, Result};
pub use model::{Electronic, Model};

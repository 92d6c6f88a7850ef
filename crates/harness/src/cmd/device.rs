//! Where networks are trained.

use anyhow::Result;
use clap::{Args, ValueEnum};
use gnn::Device;

use crate::refuse;

/// The choice of a device.
#[derive(Debug, Args)]
pub(super) struct DeviceArgs {
    /// Where networks are trained; the numbers of one device are not those of another
    #[arg(long, value_enum, default_value_t = Name::Cpu, value_name = "DEVICE")]
    device: Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// One thread a network
    Cpu,
    /// The first graphics card, for a tycho that was built with the feature `cuda`
    Cuda,
}

impl DeviceArgs {
    /// Gets hold of it.
    ///
    /// # Errors
    ///
    /// If there is none, or this program was built without.
    pub(super) fn open(&self) -> Result<Device> {
        match self.device {
            Name::Cpu => Ok(Device::Cpu),
            Name::Cuda if !cfg!(feature = "cuda") => refuse!(
                "--device cuda: this tycho was built without it; `cargo build --release -p harness --features cuda` builds one that has it"
            ),
            Name::Cuda => match Device::new_cuda(0) {
                Ok(device) => Ok(device),
                Err(error) => refuse!("--device cuda: no graphics card can be used: {error}"),
            },
        }
    }
}

//! `tycho data generate`
use std::io::Write;
use anyhow::Result;
use super::GenerateArgs;
use crate::error::UserError;
/// x
pub(super) fn run(args: &GenerateArgs, _out: &mut dyn Write) -> Result<()> {
    Err(UserError::new(format!("no model `{}`", args.model)))
}

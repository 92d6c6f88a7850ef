//! `tycho completions` and `tycho man`: what a shell and a manual know of `tycho`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Command};
use clap_complete::Shell;

/// Print the completions of a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho completions bash > ~/.local/share/bash-completion/completions/tycho
  tycho completions fish > ~/.config/fish/completions/tycho.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Write the manual pages, one a verb
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho man ~/.local/share/man/man1 && man tycho-run")]
pub struct ManArgs {
    /// Folder of the pages; made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Prints completions.
///
/// # Errors
///
/// If they cannot be written.
pub fn completions(
    arguments: &CompletionsArgs,
    command: &mut Command,
    out: &mut dyn Write,
) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, command, "tycho", &mut script);
    Ok(out.write_all(&script)?)
}

/// Writes manual pages.
///
/// # Errors
///
/// If they cannot be written.
pub fn man(arguments: &ManArgs, command: Command, out: &mut dyn Write) -> Result<()> {
    let folder = &arguments.folder;
    let place = || folder.display().to_string();
    std::fs::create_dir_all(folder).with_context(place)?;
    clap_mangen::generate_to(command.disable_help_subcommand(true), folder).with_context(place)?;
    writeln!(out, "manual pages: {}", place())?;
    Ok(())
}

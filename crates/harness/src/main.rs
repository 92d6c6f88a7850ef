//! The `tycho` command line.

use std::process::ExitCode;

use clap::Parser as _;
use harness::cli::Cli;
use harness::error::exit_code;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = std::io::stdout();
    match cli.execute(&mut out) {
        Ok(()) => ExitCode::SUCCESS,
        // a closed pipe, as in `tycho data list | head -1`, is no failure
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

//! The `tycho` command line.

use std::process::ExitCode;

use clap::Parser as _;
use harness::cli::Cli;
use harness::error::exit_code;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(code) = one_thread_each(&cli) {
        return code;
    }
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

/// Starts the program again with the variables that make candle's matrix
/// products single-threaded, if they are not set: trials run side by side, one
/// thread each, and candle would start threads of its own in every one.
///
/// Results do not depend on it.
fn one_thread_each(cli: &Cli) -> Option<ExitCode> {
    let variables = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"];
    if !cli.fits()
        || variables
            .iter()
            .any(|name| std::env::var_os(name).is_some())
    {
        return None;
    }
    let mut again = std::process::Command::new(std::env::current_exe().ok()?);
    again
        .args(std::env::args_os().skip(1))
        .envs(variables.map(|name| (name, "1")));
    replace(&mut again)
}

/// Becomes the other program; returns only where that failed.
#[cfg(unix)]
fn replace(program: &mut std::process::Command) -> Option<ExitCode> {
    use std::os::unix::process::CommandExt;
    let failure = program.exec();
    eprintln!("warning: cannot start again with single-threaded products: {failure}");
    None
}

/// Runs the other program, and ends as it ended.
#[cfg(not(unix))]
fn replace(program: &mut std::process::Command) -> Option<ExitCode> {
    let code = program.status().ok()?.code()?;
    Some(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

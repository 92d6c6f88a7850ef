//! The `tycho` command line.

use std::process::ExitCode;

use clap::Parser as _;
use harness::cli::Cli;
use harness::error::exit_code;
use harness::memory::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(code) = set_up_fits(&cli) {
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

/// Candle's matrix products get one thread: trials run side by side, one thread each,
/// and candle would start threads of its own in every one.
const THREADS: [(&str, &str); 2] = [("RAYON_NUM_THREADS", "1"), ("CANDLE_NUM_THREADS", "1")];

/// glibc keeps the memory of large tensors for the next step of a training, and does
/// not give it back to the system to be cleared again; elsewhere nobody listens. A step
/// takes up to two fifths less time (`reports/networks-speed`).
const MEMORY: [(&str, &str); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TRIM_THRESHOLD_", "8589934592"),
];

/// Starts the program again with variables that are read when a program starts. What
/// the user has set is left as it is. Results do not depend on it.
fn set_up_fits(cli: &Cli) -> Option<ExitCode> {
    let is_free = |variables: &[(&str, &str)]| {
        let mut names = variables.iter().map(|(name, _)| name);
        names.all(|name| std::env::var_os(name).is_none())
    };
    let groups = [THREADS, MEMORY].into_iter();
    let free: Vec<(&str, &str)> = groups.filter(|group| is_free(group)).flatten().collect();
    if !cli.fits() || free.is_empty() {
        return None;
    }
    let mut again = std::process::Command::new(std::env::current_exe().ok()?);
    again.args(std::env::args_os().skip(1)).envs(free);
    replace(&mut again)
}

/// Becomes the other program; returns only where that failed.
#[cfg(unix)]
fn replace(program: &mut std::process::Command) -> Option<ExitCode> {
    use std::os::unix::process::CommandExt;
    let failure = program.exec();
    eprintln!("warning: cannot start again with one thread a trial: {failure}");
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

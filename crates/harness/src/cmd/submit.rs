//! `tycho submit`: a study on a cluster.

use std::fmt::Write as _;
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};

use super::run::read_study;
use crate::dataset::{Home, load};
use crate::run::{Shard, Store, prepare};
use crate::study::{PlannedTrial, plan};
use crate::{files, refuse};

/// Run a study in parts, on a cluster or here
///
/// The trials are dealt into tasks, and a manifest says which trial belongs to which.
/// A task skips what is recorded, so that it may be requeued or submitted again. When
/// all tasks have ended, well or not, `tycho merge` gathers, makes the report, lists
/// what is missing and fails if anything is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho submit --engine slurm study.toml --out result --dry-run      # print the script
  tycho submit --engine slurm study.toml --out result --option=--partition=short
  tycho submit --engine hyperqueue study.toml --out result --tasks 64
  tycho submit --engine parallel study.toml --out result             # prints the command
  tycho submit --engine local study.toml --out result --tasks 4 --at-once 2")]
pub struct SubmitArgs {
    /// The study
    #[arg(value_name = "STUDY.toml")]
    study: PathBuf,

    /// What runs the tasks
    #[arg(long, value_enum)]
    engine: Engine,

    /// Folder of the report
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Number of tasks (else one for each trial that is to run, at most 1000, as many
    /// sites allow in an array)
    #[arg(long, value_name = "N")]
    tasks: Option<NonZero<usize>>,

    /// Tasks that run at once
    #[arg(long, value_name = "N")]
    at_once: Option<NonZero<usize>>,

    /// Cores of a task, each of which runs one trial at a time
    #[arg(long, value_name = "N", default_value = "1")]
    cores: NonZero<usize>,

    /// An option passed on to `sbatch` or `hq submit`, as `--option=--time=2:00:00`
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    option: Vec<String>,

    /// Leave times and memory out of the records, as `tycho run --untimed`
    #[arg(long)]
    untimed: bool,

    /// Print what would be submitted, and submit nothing
    #[arg(long)]
    dry_run: bool,
}

/// What runs tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// An array job, and one after it that merges
    Slurm,
    /// `hq submit`, one task a line of a file
    Hyperqueue,
    /// A file of commands for GNU parallel
    Parallel,
    /// Processes on this machine
    Local,
}

/// Most tasks where nothing is said: Slurm's default largest array has 1001 places.
const MOST_TASKS: usize = 1000;

/// Runs the verb.
///
/// # Errors
///
/// If the study or its data cannot be read, or the engine refuses.
pub fn run(arguments: &SubmitArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let study = read_study(Some(&arguments.study))?;
    let dataset = load(&study.dataset, home)?;
    let prepared = prepare(&study, &dataset)?;
    let trials = plan(&study, &dataset, &prepared.splits);
    let store = Store::new(&arguments.out);
    let done = store.records()?;
    let open = trials
        .iter()
        .filter(|planned| !done.contains_key(&planned.hash));
    let open = open.count();
    if open == 0 {
        refuse!(
            "{}: all {} trials are recorded; `tycho report` makes the report",
            arguments.out.display(),
            trials.len()
        );
    }
    let asked = arguments.tasks.map_or(MOST_TASKS, NonZero::get);
    let tasks = asked.min(trials.len());
    let job = Job::new(arguments, home, tasks)?;
    writeln!(
        out,
        "{open} of {} trials are to run, in {tasks} tasks",
        trials.len()
    )?;
    if arguments.dry_run {
        return job.show(arguments.engine, out);
    }
    store.write_study(&study, Some(&arguments.study))?;
    store.write_splits(&prepared.splits)?;
    let manifest = job.folder.join("manifest.jsonl");
    files::write(&manifest, manifest_of(&trials, tasks)?.as_bytes())?;
    job.submit(arguments.engine, out)
}

/// One line a trial: its hash, its task and what it is.
fn manifest_of(trials: &[PlannedTrial<'_>], tasks: usize) -> Result<String> {
    let mut lines = String::new();
    for (position, planned) in trials.iter().enumerate() {
        let trial = &planned.trial;
        let line = serde_json::json!({
            "hash": planned.hash,
            "task": Shard::of(position, tasks).index,
            "subset": trial.subset,
            "target": trial.target,
            "model": trial.model,
            "n_train": trial.n_train,
            "seed": trial.seed,
        });
        writeln!(lines, "{line}")?;
    }
    Ok(lines)
}

/// Everything that a task's command is made of, with absolute paths.
#[derive(Debug)]
struct Job {
    program: PathBuf,
    data: PathBuf,
    study: PathBuf,
    folder: PathBuf,
    tasks: usize,
    at_once: Option<NonZero<usize>>,
    cores: NonZero<usize>,
    options: Vec<String>,
    untimed: bool,
}

impl Job {
    fn new(arguments: &SubmitArgs, home: &Home, tasks: usize) -> Result<Self> {
        let absolute =
            |path: &Path| std::path::absolute(path).with_context(|| path.display().to_string());
        Ok(Self {
            program: std::env::current_exe()?,
            data: absolute(home.root())?,
            study: absolute(&arguments.study)?,
            folder: absolute(&arguments.out)?,
            tasks,
            at_once: arguments.at_once,
            cores: arguments.cores,
            options: arguments.option.clone(),
            untimed: arguments.untimed,
        })
    }

    /// The words of a task's command; its number may be a variable of the shell.
    fn task(&self, number: &str) -> Vec<String> {
        let mut words = self.tycho("run");
        words.push(text(&self.study));
        words.extend(["--out".to_owned(), text(&self.folder)]);
        words.extend(["--shard".to_owned(), format!("{number}/{}", self.tasks)]);
        words.extend(["--threads".to_owned(), self.cores.to_string()]);
        words.extend(self.untimed.then(|| "--untimed".to_owned()));
        words
    }

    fn merge(&self) -> Vec<String> {
        let mut words = self.tycho("merge");
        words.push(text(&self.folder));
        words
    }

    fn tycho(&self, verb: &str) -> Vec<String> {
        let data = ["--data".to_owned(), text(&self.data), verb.to_owned()];
        std::iter::once(text(&self.program)).chain(data).collect()
    }

    /// The script of the array job.
    fn array_script(&self) -> String {
        let throttle = self.at_once.map_or(String::new(), |n| format!("%{n}"));
        let mut script = format!(
            "#!/bin/bash\n\
             #SBATCH --job-name=tycho\n\
             #SBATCH --array=1-{}{throttle}\n\
             #SBATCH --cpus-per-task={}\n\
             #SBATCH --requeue\n\
             #SBATCH --open-mode=append\n\
             #SBATCH --output={}\n",
            self.tasks,
            self.cores,
            text(&self.folder.join("logs").join("slurm-%a.txt")),
        );
        for option in &self.options {
            let _ = writeln!(script, "#SBATCH {option}");
        }
        let task = self.task("$SLURM_ARRAY_TASK_ID");
        let _ = writeln!(script, "exec {}", quoted(&task));
        script
    }

    fn merge_script(&self) -> String {
        let output = text(&self.folder.join("logs").join("slurm-merge.txt"));
        let mut script = format!(
            "#!/bin/bash\n\
             #SBATCH --job-name=tycho-merge\n\
             #SBATCH --output={output}\n"
        );
        for option in &self.options {
            let _ = writeln!(script, "#SBATCH {option}");
        }
        let _ = writeln!(script, "exec {}", quoted(&self.merge()));
        script
    }

    /// One command a line.
    fn commands(&self) -> String {
        let line = |number: usize| quoted(&self.task(&number.to_string())) + "\n";
        (1..=self.tasks).map(line).collect()
    }

    fn commands_file(&self) -> PathBuf {
        self.folder.join("commands.txt")
    }

    /// The command that gives `HyperQueue` all tasks.
    fn hyperqueue(&self) -> Vec<String> {
        let fixed = ["hq", "submit", "--wait", "--name=tycho"].map(str::to_owned);
        let mut words = fixed.to_vec();
        words.push(format!("--cpus={}", self.cores));
        words.push(format!("--each-line={}", text(&self.commands_file())));
        words.push("--stdout=none".to_owned());
        words.push(format!(
            "--stderr={}",
            text(&self.folder.join("logs/hq-%{TASK_ID}.txt"))
        ));
        words.extend(self.options.clone());
        words.extend(["bash", "-c", "eval \"$HQ_ENTRY\""].map(str::to_owned));
        words
    }

    fn parallel(&self) -> String {
        let jobs = self
            .at_once
            .map_or(String::new(), |n| format!("--jobs {n} "));
        let file = quoted(&[text(&self.commands_file())]);
        format!("parallel {jobs}< {file}; {}", quoted(&self.merge()))
    }

    /// Prints scripts and commands.
    fn show(&self, engine: Engine, out: &mut dyn Write) -> Result<()> {
        match engine {
            Engine::Slurm => {
                writeln!(out, "{}", self.array_script())?;
                write!(out, "{}", self.merge_script())?;
            }
            Engine::Hyperqueue => {
                write!(out, "{}", self.commands())?;
                writeln!(
                    out,
                    "{}; {}",
                    quoted(&self.hyperqueue()),
                    quoted(&self.merge())
                )?;
            }
            Engine::Parallel => {
                write!(out, "{}", self.commands())?;
                writeln!(out, "{}", self.parallel())?;
            }
            Engine::Local => {
                write!(out, "{}", self.commands())?;
                writeln!(out, "{}", quoted(&self.merge()))?;
            }
        }
        Ok(())
    }

    fn submit(&self, engine: Engine, out: &mut dyn Write) -> Result<()> {
        std::fs::create_dir_all(self.folder.join("logs"))?;
        match engine {
            Engine::Slurm => self.submit_slurm(out),
            Engine::Hyperqueue => {
                files::write(&self.commands_file(), self.commands().as_bytes())?;
                let submitted = call(&self.hyperqueue());
                call(&self.merge())?;
                submitted.map(drop)
            }
            Engine::Parallel => {
                files::write(&self.commands_file(), self.commands().as_bytes())?;
                writeln!(out, "run: {}", self.parallel())?;
                Ok(())
            }
            Engine::Local => self.run_here(),
        }
    }

    fn submit_slurm(&self, out: &mut dyn Write) -> Result<()> {
        let array = self.folder.join("slurm-array.sh");
        let merge = self.folder.join("slurm-merge.sh");
        files::write(&array, self.array_script().as_bytes())?;
        files::write(&merge, self.merge_script().as_bytes())?;
        let sbatch = |more: &[String]| {
            let words = ["sbatch", "--parsable"].map(str::to_owned);
            call(&[&words[..], more].concat())
        };
        let job = sbatch(&[text(&array)])?;
        // with a cluster's name behind a semicolon
        let job = job.trim().split(';').next().unwrap_or_default().to_owned();
        let after = format!("--dependency=afterany:{job}");
        let merging = sbatch(&[after, text(&merge)])?;
        writeln!(
            out,
            "submitted as job {job}; job {} merges after it",
            merging.trim()
        )?;
        Ok(())
    }

    /// Runs the tasks as processes of their own, so many at once, then merges.
    fn run_here(&self) -> Result<()> {
        let at_once = self.at_once.map_or(1, NonZero::get);
        let mut running = Vec::new();
        let mut failed = 0;
        let mut wait = |child: &mut std::process::Child| -> Result<()> {
            failed += usize::from(!child.wait()?.success());
            Ok(())
        };
        for number in 1..=self.tasks {
            if running.len() == at_once {
                wait(&mut running.remove(0))?;
            }
            let words = self.task(&number.to_string());
            let mut command = Command::new(&words[0]);
            command
                .args(&words[1..])
                .stdout(std::process::Stdio::null());
            running.push(command.spawn().with_context(|| words[0].clone())?);
        }
        for mut child in running {
            wait(&mut child)?;
        }
        if failed > 0 {
            eprintln!("warning: {failed} of {} tasks did not end well", self.tasks);
        }
        let words = self.merge();
        let status = Command::new(&words[0]).args(&words[1..]).status()?;
        if !status.success() {
            bail!("`tycho merge` did not end well");
        }
        Ok(())
    }
}

/// Runs a command and returns what it says.
fn call(words: &[String]) -> Result<String> {
    let output = Command::new(&words[0]).args(&words[1..]).output();
    let output = match output {
        Ok(output) => output,
        Err(error) => refuse!("{}: {error}; is it installed on this machine?", words[0]),
    };
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        bail!("{}: {}", words[0], reason.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Words as a shell reads them; variables of the engine are left to it.
fn quoted(words: &[String]) -> String {
    let quote = |word: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,%+@".contains(c);
        match word {
            word if word.contains("$SLURM_") => format!("\"{word}\""),
            word if !word.is_empty() && word.chars().all(plain) => word.clone(),
            word => format!("'{}'", word.replace('\'', r"'\''")),
        }
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            program: "/opt/tycho".into(),
            data: "/my data".into(),
            study: "/s/study.toml".into(),
            folder: "/s/result".into(),
            tasks: 3,
            at_once: NonZero::new(2),
            cores: NonZero::<usize>::MIN,
            options: vec!["--time=1:00:00".to_owned()],
            untimed: false,
        }
    }

    #[test]
    fn the_slurm_script_limits_the_array_and_can_be_requeued() {
        insta::assert_snapshot!(job().array_script(), @r#"
        #!/bin/bash
        #SBATCH --job-name=tycho
        #SBATCH --array=1-3%2
        #SBATCH --cpus-per-task=1
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --output=/s/result/logs/slurm-%a.txt
        #SBATCH --time=1:00:00
        exec /opt/tycho --data '/my data' run /s/study.toml --out /s/result --shard "$SLURM_ARRAY_TASK_ID/3" --threads 1
        "#);
    }

    #[test]
    fn commands_are_one_a_task_and_quoted() {
        let commands = job().commands();
        assert_eq!(commands.lines().count(), 3);
        assert!(commands.contains("'/my data' run /s/study.toml --out /s/result --shard 2/3"));
        assert_eq!(quoted(&["it's".to_owned()]), r"'it'\''s'");
    }
}

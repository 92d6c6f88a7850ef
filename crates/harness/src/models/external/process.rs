//! A program, its pipes, and its end.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use super::message::{Answer, Question};
use crate::refuse;
use crate::run::Watch;

/// Longest line that is read.
const LONGEST: u64 = 64 << 20;

/// Most bytes of the standard error that are kept.
const LOGGED: u64 = 1 << 20;

/// Characters of an answer that are shown in a reason.
const SHOWN: usize = 80;

/// Time that a program has to end by itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time between two looks at a program that does not answer.
const GLANCE: Duration = Duration::from_millis(50);

/// What comes from the standard output.
enum Line {
    Text(String),
    TooLong,
}

/// A program that is running.
pub(super) struct Process {
    child: Child,
    /// Nothing once it is closed.
    stdin: Option<ChildStdin>,
    lines: Receiver<Line>,
    log: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a program in a process group of its own.
    ///
    /// - `log`: the file for its standard error; there is none if it says nothing.
    ///
    /// # Errors
    ///
    /// If there is no such program.
    pub(super) fn start(command: &[String], log: Option<PathBuf>) -> Result<Self> {
        let mut starting = Command::new(&command[0]);
        starting
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut starting, 0);
        let mut child = match starting.spawn() {
            Ok(child) => child,
            Err(error) => refuse!("{}: cannot be started: {error}", command[0]),
        };
        let piped = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = piped else {
            bail!("the pipes to {} are lacking", command[0]);
        };
        let (sender, lines) = channel();
        // ends when the pipe does: at the latest when the group is killed
        std::thread::spawn(move || read_lines(stdout, &sender));
        let log = std::thread::spawn(move || keep(stderr, log));
        Ok(Self {
            child,
            stdin: Some(stdin),
            lines,
            log: Some(log),
        })
    }

    /// Asks, and waits for the answer as long as the watch allows.
    ///
    /// # Errors
    ///
    /// If the program has ended, does not answer in time, or answers what is no
    /// answer.
    pub(super) fn ask(&mut self, question: &Question<'_>, watch: &Watch) -> Result<Answer> {
        let mut line = serde_json::to_vec(question)?;
        line.push(b'\n');
        let stdin = self.stdin.as_mut().ok_or_else(|| anyhow!("it has ended"))?;
        if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
            return Err(self.gone());
        }
        match self.next_line(watch)? {
            Line::Text(text) => parse(&text),
            Line::TooLong => bail!("it answered a line of more than {} MiB", LONGEST >> 20),
        }
    }

    /// Waits for a line. A program may end and leave its output open to a child
    /// that says nothing: it is looked after from time to time.
    fn next_line(&mut self, watch: &Watch) -> Result<Line> {
        loop {
            match self.lines.recv_timeout(GLANCE) {
                Ok(line) => return Ok(line),
                Err(RecvTimeoutError::Disconnected) => return Err(self.gone()),
                Err(RecvTimeoutError::Timeout) if watch.must_stop() => {
                    bail!("it did not answer in time")
                }
                Err(RecvTimeoutError::Timeout) => {
                    if self.child.try_wait()?.is_some() {
                        return self.lines.try_recv().map_err(|_| self.gone());
                    }
                }
            }
        }
    }

    /// Why it does not answer any more.
    fn gone(&mut self) -> anyhow::Error {
        match wait(&mut self.child) {
            Some(status) => anyhow!("it ended without an answer ({status})"),
            None => anyhow!("it closed its standard output without an answer"),
        }
    }

    /// Kills the program and all that it has started.
    fn kill(&mut self) {
        #[cfg(unix)]
        if let Ok(group) = i32::try_from(self.child.id()) {
            use nix::sys::signal::{Signal, killpg};
            // fails if nothing of the group is left, which is what we want
            let _ = killpg(nix::unistd::Pid::from_raw(group), Signal::SIGKILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // the program is told by the end of its input that it is to end
        self.stdin = None;
        wait(&mut self.child);
        self.kill();
        if let Some(log) = self.log.take() {
            let _ = log.join();
        }
    }
}

/// Waits a little for a program that is about to end.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let end = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
            Ok(status) => return status,
            Err(_) => return None,
        }
    }
}

fn parse(text: &str) -> Result<Answer> {
    serde_json::from_str(text).map_err(|error| {
        let shown: String = text.trim_end().chars().take(SHOWN).collect();
        if text.contains("NaN") || text.contains("Infinity") {
            return anyhow!("JSON has no NaN and no Infinity, null stands for them: `{shown}`");
        }
        anyhow!("it answered `{shown}`, which is no answer: {error}")
    })
}

fn read_lines(stdout: impl Read, lines: &Sender<Line>) {
    let mut reader = BufReader::new(stdout);
    loop {
        let mut bytes = Vec::new();
        match (&mut reader).take(LONGEST).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let whole = bytes.ends_with(b"\n") || (bytes.len() as u64) < LONGEST;
        let line = if whole {
            Line::Text(String::from_utf8_lossy(&bytes).into_owned())
        } else {
            Line::TooLong
        };
        if lines.send(line).is_err() || !whole {
            return;
        }
    }
}

/// Writes the first part of what a program says to a file, and reads the rest so
/// that it does not stop at a full pipe.
fn keep(mut stderr: impl Read, log: Option<PathBuf>) {
    let mut head = Vec::new();
    let _ = stderr.by_ref().take(LOGGED).read_to_end(&mut head);
    if let Some(path) = log.filter(|_| !head.is_empty()) {
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| File::create(&path))
            .and_then(|mut file| file.write_all(&head));
        // a log that cannot be written is no reason to lose the trial
        drop(written);
    }
    let _ = std::io::copy(&mut stderr, &mut std::io::sink());
}

//! Disks that are full or cannot be written to: a small file system of its own, in a mount
//! name space, where the machine allows one.

use std::path::Path;
use std::process::{Command, Output};

use crate::run::{assert_same, says, study, tycho};

const STUDY: &str = r#"
title = "a small study"
dataset = "tb-mos2"
subsets = ["tb_MoS2"]
targets = ["formation_energy_per_site"]

[split]
seed = 3
test = 60
train_sizes = [10, 20]
seeds = 6

[[model]]
kind = "mean"

[[model]]
kind = "ridge"
"#;

/// Runs `sh` in a name space with a file system of `size` in `disk`.
///
/// `$TYCHO` is the program with its data folder. `None` where that is not allowed.
fn with_disk(folder: &Path, size: &str, script: &str) -> Option<Output> {
    std::fs::create_dir_all(folder.join("disk")).unwrap();
    let mount = format!("mount -t tmpfs -o size={size} tmpfs disk");
    let command = |script: &str| {
        let program = tycho(folder);
        let program = program.get_program().to_str().unwrap();
        let mut command = Command::new("unshare");
        let arguments = ["--user", "--map-root-user", "--mount", "sh", "-c", script];
        command.args(arguments).current_dir(folder);
        command.env("TYCHO", format!("{program} --data data"));
        command.env_remove("TYCHO_DATA").output()
    };
    if !command(&mount).is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no file system can be mounted here");
        return None;
    }
    Some(command(&format!("{mount} && {script}")).unwrap())
}

/// A full disk ends a run with a line that names the file; with room made, the run goes on
/// to the results of one that was never stopped.
fn full(size: &str) {
    let folder = study(STUDY);
    let folder = folder.path();
    let script = "\
        $TYCHO run study.toml --untimed --out disk/out; test $? = 1 || exit 10; \
        mount -o remount,size=64m disk || exit 11; \
        $TYCHO run study.toml --untimed --out disk/out || exit 12; \
        cp -r disk/out mended";
    let Some(output) = with_disk(folder, size, script) else {
        return;
    };
    let said = says(&output);
    assert!(output.status.success(), "{said}");
    let errors = said.lines().filter(|line| line.starts_with("error: "));
    let errors: Vec<&str> = errors.collect();
    assert_eq!(errors.len(), 1, "{said}");
    assert!(errors[0].starts_with("error: disk/out/"), "{said}");
    assert!(errors[0].contains("No space left on device"), "{said}");

    let mut whole = tycho(folder);
    whole.args(["run", "study.toml", "--untimed", "--out", "whole"]);
    assert!(whole.output().unwrap().status.success());
    assert_same(folder, "whole", "mended");
}

#[test]
fn a_disk_that_is_full_among_trials_loses_none() {
    full("80k");
}

#[test]
fn a_disk_that_is_full_when_records_are_gathered_loses_none() {
    full("300k");
}

#[test]
fn a_folder_that_is_read_only_is_one_line_and_exit_code_2() {
    let folder = study(STUDY);
    let folder = folder.path();
    let script = "\
        $TYCHO run study.toml --untimed --out disk/out --model mean || exit 10; \
        mount -o remount,ro disk || exit 11; \
        $TYCHO status disk/out || exit 12; \
        for verb in 'run study.toml --untimed --out disk/out' 'run study.toml --out disk/new' \
            'report disk/out' 'fit table.csv --target y --out disk/fit'; do \
            $TYCHO $verb; test $? = 2 || exit 13; \
        done";
    std::fs::write(folder.join("table.csv"), "x,y\n1,2\n2,3\n3,4\n4,5\n5,6\n").unwrap();
    let Some(output) = with_disk(folder, "64m", script) else {
        return;
    };
    let said = says(&output);
    assert!(output.status.success(), "{:?}: {said}", output.status);
    let errors = said.lines().filter(|line| line.starts_with("error: "));
    let errors: Vec<&str> = errors.collect();
    assert_eq!(errors.len(), 4, "{said}");
    let named = |line: &&str| line.contains("disk/") && line.contains("Read-only file system");
    assert!(errors.iter().all(named), "{said}");
}

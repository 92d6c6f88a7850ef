//! Embeds the data sets of the repository: every file below
//! `datasets/<name>/` becomes part of the program, so that a data set is added
//! by adding its folder. And, where there is a repository, its last commit.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let root = manifest.join("../../datasets").canonicalize()?;
    println!("cargo::rerun-if-changed={}", root.display());
    let mut code = String::from("&[\n");
    for folder in sorted(&root)?.iter().filter(|path| path.is_dir()) {
        let mut files = Vec::new();
        collect(folder, &mut files)?;
        let name = folder.strip_prefix(&root).map_err(io::Error::other)?;
        writeln!(code, "    ({:?}, &[", slashes(name)).map_err(io::Error::other)?;
        for file in files {
            let path = file.strip_prefix(folder).map_err(io::Error::other)?;
            let path = slashes(path);
            let file = slashes(&file);
            writeln!(
                code,
                "        ({path:?}, include_bytes!({file:?}).as_slice()),"
            )
            .map_err(io::Error::other)?;
        }
        code.push_str("    ]),\n");
    }
    code.push_str("]\n");
    let target = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    if let Some(commit) = commit() {
        println!("cargo::rustc-env=TYCHO_COMMIT={commit}");
    }
    fs::write(target.join("datasets.rs"), code)
}

/// The last commit, for programs that are measured with: others need not be built
/// anew after every commit.
fn commit() -> Option<String> {
    if env::var("PROFILE").ok()? != "release" {
        return None;
    }
    let git = |words: &[&str]| -> Option<String> {
        let output = Command::new("git").args(words).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo::rerun-if-changed={log}");
    git(&["rev-parse", "HEAD"])
}

/// All files below a folder, and a request to look again when one changes.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for path in sorted(folder)? {
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// What lies in a folder, in an order that does not depend on the machine.
fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = folder
        .read_dir()?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

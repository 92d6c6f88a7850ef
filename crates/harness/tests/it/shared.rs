//! Real data and the check of report folders, where they are at hand: they lie
//! in the folder that the variable `TYCHO_SHARED` names, as seen from the root
//! of the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder, or a line that says why nothing is tested.
pub(crate) fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("TYCHO_SHARED").map(|named| root.join(named));
    if shared.is_none() {
        eprintln!("skipped: no ../shared");
    }
    shared
}

/// Asserts that a report folder keeps its promises to readers.
pub(crate) fn keeps_the_contract(report: &Path, more: &[&str]) {
    let Some(shared) = folder() else { return };
    let check = shared.join("tools/contract.py");
    let called = Command::new("python3")
        .arg(check)
        .arg(report)
        .args(more)
        .output();
    let Ok(output) = called else {
        eprintln!("skipped: no python3");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

//! The pages of `docs/`, run as they are read.

use std::path::Path;
use std::process::Command;

/// A block of a page: its words behind the fence, and its lines.
struct Block {
    words: Vec<String>,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(words), None) => {
                let words = words.split_whitespace().map(str::to_owned).collect();
                let text = String::new();
                open = Some(Block { words, text });
            }
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks
}

/// Writes the files and runs the commands of a page, in its order.
fn follow(name: &str) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let page = std::fs::read_to_string(docs.join(name)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_tycho")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut ran = 0;
    for block in blocks(&page) {
        match &block.words[..] {
            [language, file] if language == "sh" && file == "run" => {
                let output = Command::new("bash")
                    .args(["-euo", "pipefail", "-c", &block.text])
                    .current_dir(folder.path())
                    .env("PATH", &path)
                    .env("TYCHO_DATA", folder.path().join("data"))
                    .output()
                    .unwrap();
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{name}:\n{}\n{said}", block.text);
                ran += 1;
            }
            [_, file] => {
                let file = folder.path().join(file);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, &block.text).unwrap();
            }
            _ => {}
        }
    }
    assert!(ran >= 1, "{name} has nothing to run");
}

#[test]
fn reproduce() {
    follow("reproduce.md");
}

#[test]
fn your_own_crystals() {
    follow("your-own-crystals.md");
}

#[test]
fn a_law_to_keep() {
    follow("a-law-to-keep.md");
}

#[test]
fn add_a_model() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: no python3");
        return;
    }
    follow("add-a-model.md");
}

#[test]
fn on_a_cluster() {
    follow("on-a-cluster.md");
}

#[test]
fn every_page_is_listed_and_followed() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let list = std::fs::read_to_string(docs.join("README.md")).unwrap();
    let pages = std::fs::read_dir(&docs).unwrap().map(|entry| {
        let name = entry.unwrap().file_name();
        name.to_string_lossy().into_owned()
    });
    let own = include_str!("docs.rs");
    for page in pages.filter(|page| page != "README.md") {
        assert!(list.contains(&page), "{page}");
        assert!(own.contains(&page), "{page} is not followed");
    }
}

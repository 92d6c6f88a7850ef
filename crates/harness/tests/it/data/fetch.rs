//! Fetching from servers that behave, and from some that do not.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use harness::dataset::fetch::{Options, Patience, fetch};
use harness::dataset::{Home, load, registry};
use harness::error::exit_code;

use super::server::{Reply, Server};
use super::synthetic::{ARCHIVE, archive};

/// A data folder and what fetching into it said.
struct Trial {
    folder: tempfile::TempDir,
    said: String,
    result: anyhow::Result<usize>,
}

impl Trial {
    fn run(folder: tempfile::TempDir, options: Options) -> Self {
        let known = registry::find("2dmd").unwrap();
        let mut out = Vec::new();
        let options = Options {
            patience: Patience {
                tries: 3,
                pause: Duration::from_millis(1),
            },
            ..options
        };
        let result = fetch(&known, &Home::at(folder.path()), &options, &mut out);
        Self {
            folder,
            said: String::from_utf8(out).unwrap(),
            result: result.map(|imported| imported.dataset.samples.len()),
        }
    }

    fn mirror(mirror: &str) -> Self {
        let options = Options {
            mirror: Some(mirror.to_owned()),
            ..Options::default()
        };
        Self::run(tempfile::tempdir().unwrap(), options)
    }

    fn error(&self) -> String {
        format!("{:#}", self.result.as_ref().unwrap_err())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("2dmd").join(name)
    }

    /// Names of the files that are left.
    fn left(&self) -> Vec<String> {
        let Ok(entries) = self.folder.path().join("2dmd").read_dir() else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

fn from_starts(server: &Server) -> Vec<Option<usize>> {
    server
        .requests()
        .iter()
        .map(|request| request.from)
        .collect()
}

#[test]
fn an_archive_is_fetched_verified_and_kept() {
    let bytes = archive(|_| ());
    let kept = bytes.clone();
    let server = Server::start(move |_, _| Reply::whole(&bytes));
    let trial = Trial::mirror(&format!("{}/some/where/", server.address));
    assert_eq!(*trial.result.as_ref().unwrap(), 4);
    assert_eq!(server.requests()[0].path, format!("/some/where/{ARCHIVE}"));
    assert!(trial.said.contains("licence: CC-BY-4.0"));
    assert!(trial.said.contains("please cite: Huang et al."));
    assert!(
        trial
            .said
            .contains("4 structures, every target computed again and equal")
    );
    assert!(
        trial
            .said
            .contains("note: 14866 structures are published, 4 are in this archive")
    );
    assert_eq!(trial.left(), [ARCHIVE, "data.tycho"]);
    assert_eq!(fs::read(trial.file(ARCHIVE)).unwrap(), kept);

    // nothing is asked for twice
    let again = Trial::run(trial.folder, Options::default());
    assert!(again.said.contains("2dmd is already here: 4 structures"));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_stopped() {
    let bytes = archive(|_| ());
    let half = bytes.len() / 2;
    let server = Server::start(move |number, request| match (number, request.from) {
        (0, None) => Reply::promising(bytes.len(), &bytes[..half]),
        (_, Some(from)) => Reply::rest(&bytes, from),
        (_, None) => Reply::only("500 Internal Server Error", "X: no Range"),
    });
    let trial = Trial::mirror(&server.address);
    assert_eq!(*trial.result.as_ref().unwrap(), 4);
    assert_eq!(from_starts(&server), [None, Some(half)]);
    assert_eq!(trial.left(), [ARCHIVE, "data.tycho"]);
}

#[test]
fn a_part_of_an_earlier_call_is_not_asked_for_again() {
    let bytes = archive(|_| ());
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("2dmd").join(format!("{ARCHIVE}.part"));
    fs::create_dir_all(part.parent().unwrap()).unwrap();
    fs::write(&part, &bytes[..100]).unwrap();
    let server = Server::start(move |_, request| Reply::rest(&bytes, request.from.unwrap()));
    let options = Options {
        mirror: Some(server.address.clone()),
        ..Options::default()
    };
    assert_eq!(*Trial::run(folder, options).result.as_ref().unwrap(), 4);
    assert_eq!(from_starts(&server), [Some(100)]);
}

#[test]
fn a_server_without_ranges_starts_anew() {
    let bytes = archive(|_| ());
    let server = Server::start(move |number, _| match number {
        0 => Reply::promising(bytes.len(), &bytes[..bytes.len() - 10]),
        _ => Reply::whole(&bytes),
    });
    let trial = Trial::mirror(&server.address);
    assert_eq!(*trial.result.as_ref().unwrap(), 4);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_wrong_piece_is_not_glued_on() {
    let bytes = archive(|_| ());
    let server = Server::start(move |number, _| match number {
        0 => Reply::promising(bytes.len(), &bytes[..100]),
        1 => Reply::rest(&bytes, 50),
        _ => Reply::whole(&bytes),
    });
    let trial = Trial::mirror(&server.address);
    assert_eq!(*trial.result.as_ref().unwrap(), 4);
    assert_eq!(from_starts(&server), [None, Some(100), None]);
}

#[test]
fn a_promise_that_is_never_kept_ends_in_one_line() {
    let bytes = archive(|_| ());
    let length = bytes.len();
    let server = Server::start(move |_, request| match request.from {
        None => Reply::promising(bytes.len() + 50, &bytes),
        Some(from) => Reply {
            status: "206 Partial Content",
            headers: vec![
                "Content-Length: 50".to_owned(),
                format!("Content-Range: bytes {from}-{}/{}", from + 49, from + 50),
            ],
            body: Vec::new(),
        },
    });
    let trial = Trial::mirror(&server.address);
    assert_eq!(
        trial.error(),
        format!(
            "{}/{ARCHIVE}: {} bytes were promised, {length} came; gave up after 3 tries, {length} bytes are kept in {}",
            server.address,
            length + 50,
            trial.file(&format!("{ARCHIVE}.part")).display()
        )
    );
    assert_eq!(exit_code(trial.result.as_ref().unwrap_err()), 1);
    assert_eq!(
        from_starts(&server),
        [None, Some(length), Some(length), Some(length)]
    );
    assert_eq!(trial.left(), [format!("{ARCHIVE}.part")]);
}

#[test]
fn a_length_that_is_too_short_gives_a_damaged_archive() {
    let bytes = archive(|_| ());
    let server = Server::start(move |_, _| Reply::promising(bytes.len() - 50, &bytes));
    let trial = Trial::mirror(&server.address);
    assert!(trial.error().contains("the archive is damaged"));
    assert_eq!(trial.left(), [""; 0]);
}

#[test]
fn a_missing_archive_is_not_asked_for_again() {
    let server = Server::start(|_, _| Reply::only("404 Not Found", "X: y"));
    let trial = Trial::mirror(&server.address);
    assert_eq!(
        trial.error(),
        format!(
            "{}/{ARCHIVE}: the server answered 404 Not Found",
            server.address
        )
    );
    assert_eq!(server.requests().len(), 1);
    assert_eq!(trial.left(), [""; 0]);
}

#[test]
fn a_busy_server_is_asked_again() {
    let bytes = archive(|_| ());
    let server = Server::start(move |number, _| match number {
        0 | 1 => Reply::only("503 Service Unavailable", "X: y"),
        _ => Reply::whole(&bytes),
    });
    assert_eq!(*Trial::mirror(&server.address).result.as_ref().unwrap(), 4);
}

#[test]
fn a_complete_part_is_taken_as_it_is() {
    let bytes = archive(|_| ());
    let length = bytes.len();
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("2dmd").join(format!("{ARCHIVE}.part"));
    fs::create_dir_all(part.parent().unwrap()).unwrap();
    fs::write(&part, &bytes).unwrap();
    let server = Server::start(move |_, _| {
        let header = format!("Content-Range: bytes */{length}");
        Reply::only("416 Range Not Satisfiable", &header)
    });
    let options = Options {
        mirror: Some(server.address.clone()),
        ..Options::default()
    };
    let trial = Trial::run(folder, options);
    assert_eq!(*trial.result.as_ref().unwrap(), 4);
    assert_eq!(trial.left(), [ARCHIVE, "data.tycho"]);
}

#[test]
fn damaged_or_wrong_data_are_thrown_away() {
    let mut bytes = archive(|_| ());
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    let server = Server::start(move |_, _| Reply::whole(&bytes));
    let trial = Trial::mirror(&server.address);
    assert!(trial.error().starts_with(&format!(
        "what came from {}/{ARCHIVE} was thrown away: ",
        server.address
    )));
    assert!(trial.error().contains("the archive is damaged"));
    assert_eq!(exit_code(trial.result.as_ref().unwrap_err()), 2);
    assert_eq!(trial.left(), [""; 0]);
    assert!(load("2dmd", &Home::at(trial.folder.path())).is_err());

    let wrong = archive(|texts| texts.targets = texts.targets.replace(",1.25\n", ",1.35\n"));
    let server = Server::start(move |_, _| Reply::whole(&wrong));
    let trial = Trial::mirror(&server.address);
    assert!(
        trial
            .error()
            .ends_with("aa01 (S17 Mo9): 1.350000 eV given, 1.250000 eV computed")
    );
    assert_eq!(trial.left(), [""; 0]);
}

#[test]
fn a_failed_fetch_leaves_the_earlier_data() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = folder.path().join("mirror");
    fs::create_dir(&mirror).unwrap();
    fs::write(mirror.join(ARCHIVE), archive(|_| ())).unwrap();
    let options = Options {
        mirror: Some(mirror.display().to_string()),
        offline: true,
        ..Options::default()
    };
    let first = Trial::run(folder, options);
    assert_eq!(*first.result.as_ref().unwrap(), 4);

    let server = Server::start(|_, _| Reply::whole(b"<html></html>"));
    let second = Trial::run(
        first.folder,
        Options {
            mirror: Some(server.address.clone()),
            again: true,
            ..Options::default()
        },
    );
    assert!(
        second
            .error()
            .contains("expected a folder, a .zip or a .tar.gz")
    );
    let home = Home::at(second.folder.path());
    assert_eq!(load("2dmd", &home).unwrap().samples.len(), 4);
}

#[test]
fn offline_never_uses_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("2dmd").join(ARCHIVE);
    let trial = Trial::run(
        folder,
        Options {
            offline: true,
            ..Options::default()
        },
    );
    assert!(trial.error().starts_with(&format!(
        "--offline, but {} is not there: put it there, give --mirror DIR, or download it from https://",
        place.display()
    )));
    assert_eq!(exit_code(trial.result.as_ref().unwrap_err()), 2);

    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(&place, archive(|_| ())).unwrap();
    let trial = Trial::run(
        trial.folder,
        Options {
            offline: true,
            ..Options::default()
        },
    );
    assert_eq!(*trial.result.as_ref().unwrap(), 4);
}

#[test]
fn a_mirror_that_is_nothing_is_refused() {
    assert_eq!(
        Trial::mirror("/no/such/folder").error(),
        format!(
            "--mirror /no/such/folder: neither an address (http://, https://) nor a folder with `{ARCHIVE}`"
        )
    );
}

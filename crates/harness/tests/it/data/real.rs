//! The real 2DMD, where it is at hand: `TYCHO_SHARED` is the folder that holds
//! `datasets/2dmd`.

use std::path::PathBuf;

use harness::dataset::{self, Home, Imported};

/// The folder of the data, or a line that says why nothing is tested.
fn shared() -> Option<PathBuf> {
    let shared = std::env::var_os("TYCHO_SHARED").map(PathBuf::from);
    if shared.is_none() {
        eprintln!("skipped: no ../shared");
    }
    shared.map(|path| path.join("datasets/2dmd"))
}

fn sizes(imported: &Imported) -> Vec<(String, usize)> {
    let samples = &imported.dataset.samples;
    samples
        .chunk_by(|a, b| a.subset == b.subset)
        .map(|part| (part[0].subset.to_string(), part.len()))
        .collect()
}

#[test]
fn all_of_it_is_read_and_comes_back_from_the_cache() {
    let Some(path) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let start = std::time::Instant::now();
    let imported = dataset::import(&path, None, &home).unwrap();
    eprintln!("import: {:.2} s", start.elapsed().as_secs_f64());
    let size = home.cache("2dmd").metadata().unwrap().len();
    eprintln!("cache: {:.1} MB", size as f64 / 1e6);
    let start = std::time::Instant::now();
    let loaded = dataset::load_imported("2dmd", &home).unwrap();
    eprintln!("load: {:.2} s", start.elapsed().as_secs_f64());

    let expected = [
        ("low_MoS2", 5933),
        ("low_WSe2", 5190),
        ("high_MoS2", 450),
        ("high_WSe2", 450),
        ("high_hBN", 450),
        ("high_GaSe", 450),
        ("high_InSe", 450),
        ("high_BP", 450),
    ];
    let expected: Vec<_> = expected.map(|(name, n)| (name.to_owned(), n)).into();
    assert_eq!(sizes(&imported), expected);
    assert_eq!(imported.dataset.select("low_MoS2/V3").len(), 743);
    assert!(size < 10_000_000);

    assert_eq!(loaded.evidence, imported.evidence);
    assert_eq!(loaded.dataset.content_hash, imported.dataset.content_hash);
    let hash = dataset::content_hash(&loaded.dataset.properties, &loaded.dataset.samples);
    assert_eq!(hash, imported.dataset.content_hash);
}

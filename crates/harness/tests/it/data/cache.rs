//! The file in the data folder.

use std::fs;
use std::sync::LazyLock;

use crystal::Structure;
use harness::dataset::{Home, Sample, cache, content_hash, import, load, load_imported};
use harness::error::exit_code;
use proptest::prelude::*;

use super::synthetic::write;

/// A data folder with the small set in it.
fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("set"), |_| ());
    let home = Home::at(folder.path().join("home"));
    import(&folder.path().join("set"), None, &home).unwrap();
    (folder, home)
}

#[test]
fn what_comes_back_is_what_was_read() {
    let (folder, home) = home();
    let fresh = harness::dataset::read_path(&folder.path().join("set"), None).unwrap();
    let kept = load_imported("2dmd", &home).unwrap();
    assert_eq!(kept.evidence, fresh.evidence);
    assert_eq!(kept.notes, fresh.notes);
    assert_eq!(kept.dataset.about, fresh.dataset.about);
    assert_eq!(kept.dataset.properties, fresh.dataset.properties);
    assert_eq!(kept.dataset.content_hash, fresh.dataset.content_hash);
    for (a, b) in kept.dataset.samples.iter().zip(&fresh.dataset.samples) {
        assert_eq!((&a.id, &a.subset, &a.kind), (&b.id, &b.subset, &b.kind));
        assert_eq!(a.structure, b.structure);
        assert_eq!(a.host, b.host);
        assert_eq!(a.targets, b.targets);
    }
    let hash = content_hash(&kept.dataset.properties, &kept.dataset.samples);
    assert_eq!(hash, kept.dataset.content_hash);
    assert_eq!(home.imported(), ["2dmd"]);
}

#[test]
fn a_file_that_cannot_be_used_is_refused_in_one_line() {
    let (_folder, home) = home();
    let path = home.cache("2dmd");
    let whole = fs::read(&path).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = load("2dmd", &home).unwrap_err();
        assert_eq!(exit_code(&error), 2);
        let line = format!("{error:#}");
        line.replace(&path.display().to_string(), "FILE")
    };
    assert_eq!(
        refused(&whole[..whole.len() - 7]),
        format!(
            "FILE: damaged, {} of {} bytes are there; import or fetch the data again",
            whole.len() - 52 - 7,
            whole.len() - 52
        )
    );
    assert_eq!(
        refused(b"PK\x03\x04"),
        "FILE: not a data set of tycho; import or fetch the data again"
    );
    let mut older = whole.clone();
    older[8] = 0;
    assert_eq!(
        refused(&older),
        "FILE: in layout 0, but this tycho reads layout 1; import or fetch the data again"
    );
    let mut flipped = whole.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    assert_eq!(
        refused(&flipped),
        "FILE: damaged, its checksum is wrong; import or fetch the data again"
    );
}

/// A body with a head that fits it: what gets past the checksum.
fn with_head(body: &[u8], whole: &[u8]) -> Vec<u8> {
    let mut file = whole[..12].to_vec();
    file.extend((body.len() as u64).to_le_bytes());
    file.extend(blake3::hash(body).as_bytes());
    file.extend(body);
    file
}

/// Relaxed structures share no coordinates; then indices need more than 16 bits.
#[test]
fn many_distinct_sites_come_back() {
    let (_folder, home) = home();
    let mut imported = load_imported("2dmd", &home).unwrap();
    let first = imported.dataset.samples[0].clone();
    let lattice = *first.structure.lattice();
    imported.dataset.samples = (0..800_u32)
        .map(|number| {
            let mut sites = first.structure.sites().repeat(4);
            for (place, site) in (0_u32..).zip(&mut sites) {
                site.fractional[2] = f64::from(1000 * number + place) * 1e-6;
            }
            Sample {
                id: format!("{number}"),
                structure: Structure::new(lattice, sites).unwrap(),
                host: None,
                ..first.clone()
            }
        })
        .collect();
    let sites = imported.dataset.samples.iter();
    let sites: usize = sites.map(|sample| sample.structure.sites().len()).sum();
    assert!(sites > 1 << 16);
    let path = home.cache("many");
    cache::write(&path, &imported).unwrap();
    let kept = cache::read(&path).unwrap();
    for (a, b) in kept.dataset.samples.iter().zip(&imported.dataset.samples) {
        assert_eq!((&a.id, &a.structure), (&b.id, &b.structure));
    }
}

/// The small set's file.
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let (_folder, home) = home();
    fs::read(home.cache("2dmd")).unwrap()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Whatever the bytes, the reader returns.
    #[test]
    fn no_bytes_make_the_reader_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
    ) {
        let whole = &*WHOLE;
        let mut body = whole[52..].to_vec();
        for (index, byte) in changes {
            let index = index.index(body.len());
            body[index] = byte;
        }
        body.truncate(end.index(2 * body.len()));
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), with_head(&body, whole)).unwrap();
        let _ = cache::read(file.path());
    }
}

//! Texts that are wrong: always an error with a line, never a panic.

use crystal::{DefectCluster, Error, Structure, cif, poscar, pymatgen, xyz};

const HEAD: &str = "data_test
_cell_length_a 4
_cell_length_b 4
_cell_length_c 4
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
";

type Reader = fn(&str) -> Result<Structure, Error>;

fn cif_error(text: &str) -> String {
    cif::read(text).unwrap_err().to_string()
}

#[test]
fn broken_atoms_are_refused_with_line_and_value() {
    for (rows, expected) in [
        ("Xx1 0 0 0 1", "line 14: `Xx1` is not a chemical element"),
        ("Mo1 0 abc 0 1", "line 14: expected a number, found `abc`"),
        ("Mo1 0 NaN 0 1", "line 14: expected a number, found `NaN`"),
        ("Mo1 0 ? 0 1", "line 14: expected a number, found `?`"),
        (
            "Mo1 0 1.2(3 0 1",
            "line 14: expected a number, found `1.2(3`",
        ),
        (
            "Mo1 0 0 0 1\nS1 0.5 0.5 0.5 0.75(2)",
            "line 15: site `S1` has occupancy 0.75; only fully occupied sites (1) are supported",
        ),
        (
            "Mo1 0 0 0 1\nS1 0.5 0.5 0.5",
            "line 15: a loop of 5 columns cannot be filled by 9 values",
        ),
        (
            "",
            "line 14: a loop of 5 columns cannot be filled by 0 values",
        ),
        (
            "Mo1 0 0 0 1\nS1 0.99 0 0 1",
            "line 15: sites 0 and 1 must be at least 0.5 Å apart, got 0.0400 Å",
        ),
        (
            "Mo1 0 0 0 1\n_tag",
            "line 15: expected a value after the tag, found `_tag`",
        ),
        (
            "Mo1 0 0 0 1\n_tag\n;never\nclosed",
            "line 16: expected a `;` at the start of a line to close the text that opens here, \
             but the text ended",
        ),
        (
            "Mo1 0 0 0 'open",
            "line 14: expected a closing quote on the same line, found `'open`",
        ),
        (
            "Mo1 0 0 0 1 save_frame",
            "line 14: expected a tag or `loop_`, found `save_frame`",
        ),
    ] {
        assert_eq!(cif_error(&format!("{HEAD}{rows}")), expected);
    }
}

#[test]
fn broken_cells_are_refused_with_their_line() {
    let atom = "Mo1 0 0 0 1\n";
    let with = |from: &str, to: &str| cif_error(&format!("{}{atom}", HEAD.replace(from, to)));
    assert_eq!(
        with("_cell_length_b 4", "_cell_length_b 0"),
        "line 7: b must be positive and finite, got 0 Å"
    );
    assert_eq!(
        with("_gamma 90", "_gamma 180"),
        "line 7: expected an angle between 0 and 180 degrees, found `180`"
    );
    assert!(with("_gamma 90", "_gamma 179.9999999").starts_with("line "));
    assert!(with("_gamma 90", "_gamma 1").contains("sites 0 and 0 must be at least 0.5 Å"));
    assert!(with("_alpha 90", "_alpha 179").contains("sites 0 and 0 must be"));
    // two angles of 30° cannot meet a third of 90°
    assert!(
        with(
            "_beta 90\n_cell_angle_gamma 90",
            "_beta 30\n_cell_angle_gamma 30"
        )
        .starts_with("line 7: the basis vectors must span space")
    );
    assert!(with("_cell_length_a 4\n", "").contains("`_cell_length_a`"));
    assert!(with("_cell_angle_beta 90\n", "").starts_with("line 14: expected `_cell_angle"));
    assert!(with("_atom_site_fract_y", "_atom_site_other").contains("line 8: expected columns"));
    assert!(with("_atom_site_label", "_atom_site_other").contains("_atom_site_label"));
    assert!(with("data_test\n", "").starts_with("line 1: expected a `data_` header"));
}

#[test]
fn images_that_symmetry_puts_too_close_are_refused_at_their_row() {
    let operations = "loop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'\n'-x,y,z'\n";
    let head = HEAD.replacen("loop_", &format!("{operations}loop_"), 1);
    assert_eq!(
        cif_error(&format!("{head}Mo1 0.5 0.5 0.5 1\nS1 0.05 0 0 1\n")),
        "line 19: sites 1 and 2 must be at least 0.5 Å apart, got 0.4000 Å"
    );
}

#[test]
fn texts_that_are_no_structure_at_all() {
    assert_eq!(
        cif_error(""),
        "line 1: expected a `data_` header, but the text ended"
    );
    assert!(cif_error("data_empty\n").starts_with("line 2: expected a loop with"));
    let garbage: String = (0..1_000_000_u32)
        .map(|i| char::from((i.wrapping_mul(2_654_435_761) >> 24) as u8))
        .collect();
    let readers: [Reader; 4] = [cif::read, poscar::read, pymatgen::read, |text| {
        xyz::read(text).map(|mut frames| frames.remove(0).structure)
    }];
    for read in readers {
        for text in [
            "",
            "\n",
            "data_x\nloop_\n",
            "{",
            "[[[[",
            "\u{feff}",
            &garbage,
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with("line "), "{error}");
            assert!(error.len() < 250, "{error}");
        }
    }
    let nested = "[".repeat(1_000_000);
    assert!(pymatgen::read(&nested).is_err());
}

#[test]
fn broken_json_members_are_named() {
    let site = r#"{"species": [{"element": "Po", "occu": 1}], "abc": [0, 0, 0]}"#;
    let lattice = r#"{"matrix": [[4, 0, 0], [0, 4, 0], [0, 0, 4]]}"#;
    let text =
        |lattice: &str, site: &str| format!("{{\"lattice\": {lattice},\n\"sites\": [\n{site}]}}");
    for (text, expected) in [
        (
            text("{}", site),
            "line 1: `lattice.a`: expected a number, or",
        ),
        (
            text(r#"{"matrix": [[1, 0, 0]]}"#, site),
            "line 1: `lattice.matrix`: expected three",
        ),
        (
            text(lattice, "{}"),
            "line 3: `sites[0].species`: expected a list",
        ),
        (
            text(lattice, &site.replace("Po", "Xx")),
            "line 3: `Xx` is not a chemical element",
        ),
        (
            text(lattice, &site.replace(": 1}", ": 0.5}")),
            "line 3: site `Po` has occupancy 0.5",
        ),
        (
            text(lattice, &site.replace("[0, 0", "[null, 0")),
            "line 3: `sites[0].abc`: expected",
        ),
        (
            text(lattice, &format!("{site},\n{site}")),
            "line 4: sites 0 and 1 must be at least",
        ),
        (
            text(lattice, ""),
            "line 2: a structure needs at least one site",
        ),
        (
            "{\"lattice\":\n1".into(),
            "line 2: expected the rest of a JSON document, but the",
        ),
        (
            "{\"a\":\n é}".into(),
            "line 2: expected valid JSON, found `",
        ),
    ] {
        let error = pymatgen::read(&text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

const READERS: [(&str, Reader); 4] = [
    ("cif", cif::read),
    ("poscar", poscar::read),
    ("pymatgen", pymatgen::read),
    ("xyz", |text| {
        xyz::read(text).map(|mut frames| frames.remove(0).structure)
    }),
];

/// One polonium atom in a cell of these lengths (numbers as text), in every format.
fn polonium(a: &str, b: &str, c: &str) -> [String; 4] {
    let cif = HEAD
        .replace("_a 4", &format!("_a {a}"))
        .replace("_b 4", &format!("_b {b}"))
        .replace("_c 4", &format!("_c {c}"));
    [
        format!("{cif}Po1 0 0 0 1\n"),
        format!("text\n1.0\n{a} 0 0\n0 {b} 0\n0 0 {c}\nPo\n1\nDirect\n0 0 0\n"),
        format!(
            "{{\"lattice\": {{\"matrix\": [[{a},0,0],[0,{b},0],[0,0,{c}]]}},\n\"sites\": [\n\
             {{\"species\": [{{\"element\": \"Po\"}}], \"abc\": [0, 0, 0]}}]}}\n"
        ),
        format!("1\nLattice=\"{a} 0 0 0 {b} 0 0 0 {c}\"\nPo 0 0 0\n"),
    ]
}

/// Reads every text by its reader; each must be refused in one clear line.
fn all_refused(texts: [String; 4]) {
    for ((name, read), text) in READERS.iter().zip(texts) {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.starts_with("line "), "{name}: {error}");
        assert!(error.len() < 250, "{name}: {error}");
        assert!(!error.contains(char::is_control), "{name}: {error}");
    }
}

#[test]
fn marks_and_line_ends_do_not_matter() {
    for ((name, read), text) in READERS.iter().zip(polonium("4", "5", "6")) {
        let plain = read(&text).unwrap();
        assert_eq!(read(&format!("\u{feff}{text}")).unwrap(), plain, "{name}");
        assert_eq!(read(&text.replace('\n', "\r\n")).unwrap(), plain, "{name}");
        assert_eq!(read(&text.replace('\n', "\r")).unwrap(), plain, "{name}");
    }
}

#[test]
fn cells_that_are_no_cells_are_refused_in_every_format() {
    for odd in [
        "NaN", "inf", "-inf", "1e999", "0", "1e-120", "1e200", "0x4", "4,0",
    ] {
        all_refused(polonium(odd, odd, odd));
        all_refused(polonium("4", odd, "4"));
    }
    all_refused(polonium("1e-9", "4", "4")); // an image in the same place
    all_refused(polonium("1e30", "4", "4")); // flat beside its length
}

#[test]
fn control_characters_do_not_reach_a_message() {
    for odd in ["\u{1b}[2J", "4\r5", "4\u{0}", "\u{7f}"] {
        all_refused(polonium("4", "4", odd));
    }
}

#[test]
fn numbers_that_are_declared_reserve_no_memory() {
    let count = usize::MAX.to_string();
    let [_, poscar_text, _, xyz_text] = polonium("4", "4", "4");
    let error = poscar::read(&poscar_text.replace("\n1\n", &format!("\n{count}\n")));
    assert_eq!(
        error.unwrap_err().to_string(),
        "line 9: expected a position for every atom, but the text ended"
    );
    let error = xyz::read(&xyz_text.replacen('1', &count, 1));
    assert_eq!(
        error.unwrap_err().to_string(),
        "line 3: expected a line for every atom, but the text ended"
    );
    let wide = format!("Properties=a:R:{count}:species:S:1:pos:R:3");
    let error = xyz::read(&xyz_text.replace("\"\n", &format!("\" {wide}\n")));
    assert!(error.unwrap_err().to_string().starts_with("line 2: "));
}

#[test]
fn a_million_columns_are_read_or_refused() {
    let many = " 0".repeat(1_000_000);
    let [cif_text, poscar_text, _, xyz_text] = polonium("4", "4", "4");
    assert!(
        poscar::read(&poscar_text.replace("Direct\n0 0 0", &format!("Direct\n0 0 0{many}")))
            .is_ok()
    );
    assert!(xyz::read(&xyz_text.replace("Po 0 0 0", &format!("Po 0 0 0{many}"))).is_ok());
    let tags = "\n_atom_site_other".repeat(1_000_000);
    let wide = cif_text.replace(
        "\n_atom_site_occupancy",
        &format!("{tags}\n_atom_site_occupancy"),
    );
    assert_eq!(
        cif_error(&wide),
        "line 1000015: a loop of 1000005 columns cannot be filled by 5 values"
    );
}

/// 1024 operations on every row, far apart in a huge cell.
#[test]
fn few_rows_do_not_make_many_sites() {
    let steps: Vec<String> = (0..1024)
        .map(|step| format!("'x,y,z+{step}/1024'\n"))
        .collect();
    let operations = format!("loop_\n_symmetry_equiv_pos_as_xyz\n{}", steps.concat());
    let head = HEAD
        .replacen("loop_", &format!("{operations}loop_"), 1)
        .replace("_b 4", "_b 4000")
        .replace("_c 4", "_c 4000");
    let rows: Vec<String> = (0..1000)
        .map(|row| format!("Po1 0 {} 0 1\n", f64::from(row) / 1000.0))
        .collect();
    let error = cif_error(&format!("{head}{}", rows.concat()));
    assert_eq!(
        error,
        "line 1137: expected at most 100000 sites made by symmetry, found `Po`"
    );
}

#[test]
fn a_host_that_is_said_to_be_enormous_takes_no_memory() {
    let [text, ..] = polonium("4", "4", "4");
    let cell = cif::read(&text).unwrap();
    let [text, ..] = polonium("4e9", "4e9", "4e9");
    let empty = cif::read(&text).unwrap();
    let billion = 1_000_000_000;
    assert_eq!(
        DefectCluster::find(&empty, &cell, [billion; 3]),
        Err(Error::ForeignHost {
            matched: 1,
            expected: usize::MAX
        })
    );
}

#[test]
fn brackets_are_not_followed_into_the_depth() {
    let [.., json, xyz_text] = polonium("4", "4", "4");
    for nested in ["[", "{\"a\":", "{\"sites\":["] {
        let deep = nested.repeat(1_000_000);
        assert!(pymatgen::read(&deep).is_err());
        assert!(pymatgen::read(&json.replace("\"abc\"", &format!("\"x\":{deep}"))).is_err());
    }
    let deep = format!("a={}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let text = xyz_text.replace("\"\n", &format!("\" {deep}\n"));
    assert_eq!(xyz::read(&text).unwrap()[0].info["a"].len(), 2_000_000);
}

/// What the fuzz targets found, each once.
#[test]
fn found_by_fuzzing() {
    for (index, (name, text)) in FOUND.into_iter().enumerate() {
        let read = READERS.iter().find(|(known, _)| *known == name).unwrap().1;
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with("line "), "{index}: {error}");
        assert!(!error.contains(char::is_control), "{index}: {error}");
    }
}

/// A reader and what it was given.
const FOUND: [(&str, &str); 4] = [
    // a message with a raw carriage return
    ("cif", "data_Mg\n_cell_length_a '-\rx, -y, z+1/2'\n"),
    ("poscar", "c\n1\n  3.1\r 0.3\n"),
    ("xyz", "fo\rrke\n"),
    ("pymatgen", "{\"lata\rtic\"::"),
];

//! The report of a study, from records to a folder.

// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::shared::keeps_the_contract;
use harness::report;
use harness::table::{PredictionPrecision, write_predictions};

use crate::report_study::{Made, made, made_at};

/// Every file of a folder by its path.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            files.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    files
}

fn write_records(folder: &Path, made: &Made) {
    let lines: Vec<String> = made
        .results
        .records
        .iter()
        .map(|record| serde_json::to_string(record).unwrap() + "\n")
        .collect();
    fs::write(folder.join("records.jsonl"), lines.concat()).unwrap();
    fs::write(folder.join("study.toml"), "title = \"synthetic\"\n").unwrap();
    write_predictions(
        &folder.join("predictions.parquet"),
        &made.results.predictions,
        PredictionPrecision::Exact,
    )
    .unwrap();
}

/// `TYCHO_REPORT_OUT=DIR` keeps the folders for a look at them.
fn folder(name: &str) -> (Option<tempfile::TempDir>, std::path::PathBuf) {
    if let Some(kept) = std::env::var_os("TYCHO_REPORT_OUT") {
        let path = Path::new(&kept).join(name);
        fs::create_dir_all(&path).unwrap();
        return (None, path);
    }
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().to_owned();
    (Some(temporary), path)
}

#[test]
fn a_folder_keeps_its_contract_and_can_be_made_again() {
    let made = made(&["low_MoS2"], 8, 300);
    let (_temporary, folder) = folder("one-subset");
    write_records(&folder, &made);
    report::write(&folder, &made.results, &made.dataset, &made.study).unwrap();
    keeps_the_contract(&folder, &[]);

    let before = contents(&folder);
    for gone in ["tables", "figures"] {
        fs::remove_dir_all(folder.join(gone)).unwrap();
    }
    for gone in ["leaderboard.csv", "learning_curve.csv", "index.html"] {
        fs::remove_file(folder.join(gone)).unwrap();
    }
    // in another order, as another number of threads would leave them
    let mut results = made.results;
    results.records.reverse();
    report::write(&folder, &results, &made.dataset, &made.study).unwrap();
    let after = contents(&folder);
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    for (path, bytes) in &before {
        assert!(after[path] == *bytes, "{path} differs");
    }
}

#[test]
fn several_subsets_become_small_multiples() {
    let made = made(&["low_MoS2", "low_WSe2", "hBN/V2", "InSe"], 6, 60);
    let (_temporary, folder) = folder("four-subsets");
    write_records(&folder, &made);
    report::write(&folder, &made.results, &made.dataset, &made.study).unwrap();
    keeps_the_contract(&folder, &[]);
    let parity = folder.join("figures/parity-homo_lumo_gap-hBN-V2.svg");
    let svg = fs::read_to_string(parity).unwrap();
    assert!(svg.contains("HOMO-LUMO gap (eV)"));
    let page = fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(page.contains("Model data, not DFT."));
    assert!(page.contains("column `n_V &amp; n_Se` &lt;is 0&gt;"));
}

/// With five subsets models have ranks; the planted errors at 100 structures are
/// those of `cluster-expansion` 0.21, `symbolic` 0.25, `ridge` 0.36, `megnet` 0.48,
/// `mean` about 1.
#[test]
fn what_is_said_is_what_was_planted() {
    let subsets = ["low_MoS2", "low_WSe2", "hBN", "InSe", "BP"];
    let made = made(&subsets, 7, 60);
    let (_temporary, folder) = folder("five-subsets");
    write_records(&folder, &made);
    report::write(&folder, &made.results, &made.dataset, &made.study).unwrap();
    keeps_the_contract(&folder, &[]);
    let outcomes = report::outcomes(&made.results, &made.dataset).unwrap();
    let rows = report::rows(outcomes, &made.study);
    let compared = report::comparisons(&rows, &made.study);
    // of `symbolic` one seed of three failed: nothing is said of it; every other model,
    // on five subsets, for two targets
    assert_eq!(compared.len(), 5 * 5 * 2);
    let against = |model: &'static str| compared.iter().filter(move |c| c.other.model == model);
    for comparison in &compared {
        assert!(["cluster-expansion", "megnet-sparse"].contains(&comparison.best.model));
        assert_eq!(comparison.best.n_train, 100);
        let ratio = comparison.paired.ratio.unwrap();
        assert!(ratio.estimate > 1.0 && ratio.low <= ratio.estimate);
    }
    assert!(against("mean").all(|c| c.p < 0.05 && c.paired.ratio.unwrap().low > 2.0));
    let findings = report::findings(&rows, &compared, &made.study).join("\n");
    assert!(findings.contains("has the lowest error"), "{findings}");
    assert!(findings.contains("`mean` by a factor of"), "{findings}");
    assert!(!findings.contains("equivalent to"), "{findings}");

    let ranks = fs::read_to_string(folder.join("figures/ranks-homo_lumo_gap.csv")).unwrap();
    let last = ranks.lines().last().unwrap();
    assert!(last.starts_with("mean,"), "{ranks}");
    assert!(folder.join("figures/subsets-homo_lumo_gap.svg").exists());
}

/// One subsample is too little to be compared, and too much to be passed over.
#[test]
fn a_lower_error_on_one_subsample_is_said_but_not_compared() {
    let mut made = made(&["low_MoS2"], 7, 60);
    made.results
        .records
        .retain(|record| record.trial.model != "cluster-expansion" || record.trial.seed == 0);
    let outcomes = report::outcomes(&made.results, &made.dataset).unwrap();
    let rows = report::rows(outcomes, &made.study);
    let compared = report::comparisons(&rows, &made.study);
    assert!(compared.iter().all(|c| c.best.model != "cluster-expansion"));
    let findings = report::findings(&rows, &compared, &made.study);
    let said = "lower, but on fewer than 3 subsamples and so not compared: `cluster-expansion`";
    let lines = findings.iter().filter(|line| line.contains(said));
    assert_eq!(lines.count(), 2, "{findings:?}");
}

/// Four sizes make a curve. `megnet-sparse` takes 8 s from 25 structures and holds 18 MiB.
#[test]
fn what_an_error_costs_is_said_in_seconds_and_memory() {
    let made = made_at(&[25, 50, 100, 200], &["low_MoS2"], 7, 60);
    let outcomes = report::outcomes(&made.results, &made.dataset).unwrap();
    let rows = report::rows(outcomes, &made.study);
    let compared = report::comparisons(&rows, &made.study);
    let findings = report::findings(&rows, &compared, &made.study);
    let cost = findings.iter().filter(|line| {
        line.contains("by its learning curve; from ")
            && line.contains(" a fit takes ")
            && line.contains(" and holds ")
            && line.contains(" MiB instead of ")
    });
    assert_eq!(cost.count(), 2, "{findings:?}");
}

/// Nothing is planted between these two: they are one model under two names.
#[test]
fn a_model_is_equivalent_to_itself() {
    let mut made = made(&["all"], 1, 60);
    let twins: Vec<_> = made
        .results
        .records
        .iter()
        .filter(|record| record.trial.n_train > 25)
        .cloned()
        .collect();
    for mut record in twins {
        let old = record.hash.clone();
        record.trial.model = "ridge".to_owned();
        record.hash = blake3::hash(old.as_bytes()).to_hex().to_string();
        let mut predicted = made.results.predictions.clone();
        predicted.retain(|predictions| predictions.hash == old);
        for predictions in &mut predicted {
            predictions.hash.clone_from(&record.hash);
            // a little off, up or down by the structure and the seed
            let seed = usize::try_from(record.trial.seed).unwrap();
            let values = predictions.values.iter_mut().enumerate();
            values.for_each(|(i, value)| {
                *value += if (i + seed) % 2 == 0 { 1e-3 } else { -1e-3 };
            });
        }
        made.results.predictions.extend(predicted);
        made.results.records.push(record);
    }
    let outcomes = report::outcomes(&made.results, &made.dataset).unwrap();
    let rows = report::rows(outcomes, &made.study);
    let compared = report::comparisons(&rows, &made.study);
    let findings = report::findings(&rows, &compared, &made.study).join("\n");
    assert!(findings.contains("is equivalent to"), "{findings}");
}

#[test]
fn errors_by_kind_are_those_of_its_structures() {
    let mut made = made(&["low_MoS2"], 3, 60);
    for (index, sample) in made.dataset.samples.iter_mut().enumerate() {
        sample.kind = ["V1", "V2", "X1"][index % 3].into();
    }
    // `mean` errs by exactly 1 eV on the first kind, and not on the others
    for predictions in &mut made.results.predictions {
        let of_mean = |hash: &str| {
            let mut records = made.results.records.iter();
            records.any(|record| record.hash == hash && record.trial.model == "mean")
        };
        if of_mean(&predictions.hash) {
            let record = made
                .results
                .records
                .iter()
                .find(|r| r.hash == predictions.hash);
            let key = record.unwrap().trial.target.clone();
            let property = made.dataset.property(&key).unwrap();
            let samples = &made.dataset.samples;
            predictions.values = samples
                .iter()
                .map(|sample| {
                    let off = if &*sample.kind == "V1" { 1.0 } else { 0.0 };
                    sample.targets[property].unwrap() + off
                })
                .collect();
        }
    }
    let (_temporary, folder) = folder("kinds");
    report::write(&folder, &made.results, &made.dataset, &made.study).unwrap();
    let csv = fs::read_to_string(folder.join("figures/kinds-homo_lumo_gap.csv")).unwrap();
    assert!(csv.contains("V1,mean,100,20,1000,meV"), "{csv}");
    assert!(csv.contains("X1,mean,100,20,0,meV"), "{csv}");
}

#[test]
fn a_run_without_a_clock_has_no_times_and_no_figure_of_them() {
    let mut made = made(&["all"], 3, 20);
    let (_temporary, folder) = folder("untimed");
    report::write(&folder, &made.results, &made.dataset, &made.study).unwrap();
    assert!(folder.join("figures/cost-homo_lumo_gap.svg").exists());
    for record in &mut made.results.records {
        record.seconds = None;
    }
    report::write(&folder, &made.results, &made.dataset, &made.study).unwrap();
    assert!(!folder.join("figures/cost-homo_lumo_gap.svg").exists());
    let board = fs::read_to_string(folder.join("leaderboard.csv")).unwrap();
    let mean = board
        .lines()
        .find(|line| line.contains(",mean,25,"))
        .unwrap();
    assert!(mean.ends_with(",,,1"), "{mean}");
}

#[test]
fn tables_say_what_failed() {
    let made = made(&["low_MoS2"], 4, 40);
    let outcomes = report::outcomes(&made.results, &made.dataset).unwrap();
    let rows = report::rows(outcomes, &made.study);
    let first: Vec<_> = rows
        .iter()
        .filter(|row| row.property.key == "homo_lumo_gap")
        .collect();
    let table = report::table(&first, &made.study);
    let caption = "Mean absolute error of the HOMO-LUMO gap in meV for data set synthetic: mean \
        over subsamples (seeds: 3) and, in brackets, their standard deviation in units of the \
        last digit. n structures to learn from, 40 held-out structures to score, the same for \
        every model, size and seed. The best of a line is bold; in square brackets, how many \
        trials ended well where not all did.";
    assert_eq!(table.caption, caption);
    insta::assert_snapshot!(table.markdown().replace(caption, "…"), @r"
    …

    | subset   | n   | mean | ridge          | symbolic       | megnet  |
    | -------- | --: | ---: | -------------: | -------------: | ------: |
    | low_MoS2 | 25  | 449  | 127(26)        | **91.6(23)**   | – [0/3] |
    | low_MoS2 | 50  | 449  | 83.3(46) [2/3] | **66.0(31)**   | 154(28) |
    | low_MoS2 | 100 | 449  | **78(22)**     | 54.9(81) [2/3] | 122(21) |
    ");
    insta::assert_snapshot!(table.latex().replace(caption, "…"), @r"
    % needs \usepackage{booktabs,siunitx}
    \begin{table}
      \centering
      \caption{…}
      \label{tab:homo-lumo-gap}
      \begin{tabular}{lrcccc}
        \toprule
        subset & n & mean & ridge & symbolic & megnet \\
        \midrule
        low\_MoS2 & 25 & \num{449} & \num{127(26)} & \textbf{91.6(23)} & -- [0/3] \\
         & 50 & \num{449} & \num{83.3(46)} [2/3] & \textbf{66.0(31)} & \num{154(28)} \\
         & 100 & \num{449} & \textbf{78(22)} & \num{54.9(81)} [2/3] & \num{122(21)} \\
        \bottomrule
      \end{tabular}
    \end{table}
    ");
}

#[test]
fn records_of_other_data_are_refused() {
    let mut made = made(&["all"], 2, 5);
    made.dataset.content_hash = "0ther".to_owned();
    let error = report::outcomes(&made.results, &made.dataset).unwrap_err();
    insta::assert_snapshot!(format!("{error:#}"), @"trial megnet on all, formation_energy_per_site, n = 25, seed 0: was made from other data: `synthetic` with hash d474, but here is `synthetic` with hash 0ther");
}

#[test]
fn two_records_of_one_trial_are_refused() {
    let mut made = made(&["all"], 2, 5);
    let mut twin = made.results.records[0].clone();
    twin.hash = "twin".to_owned();
    made.results.records.push(twin);
    let error = report::outcomes(&made.results, &made.dataset).unwrap_err();
    assert!(format!("{error:#}").starts_with("two records of megnet on all"));
}

#[test]
fn a_trial_that_ended_well_needs_its_predictions() {
    let mut made = made(&["all"], 2, 5);
    made.results.predictions.pop();
    let error = report::outcomes(&made.results, &made.dataset).unwrap_err();
    insta::assert_snapshot!(format!("{error:#}"), @"trial mean on all, homo_lumo_gap, n = 100, seed 2: ended well but has no predictions");
}

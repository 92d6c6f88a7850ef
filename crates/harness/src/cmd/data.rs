//! `tycho data`: get data sets, look at them, check them, make them.

mod generate;
mod show;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::dataset::fetch::{self, Options, Patience};
use crate::dataset::{self, Home, registry, verify};
use crate::error::UserError;

/// Get data sets, look at them, check them, make them
///
/// Data sets are kept in one folder (--data DIR, else the variable `TYCHO_DATA`,
/// else ~/.local/share/tycho), each in a compact file that loads in a moment.
/// Small sets of our own are part of the program and need no folder.
#[derive(Debug, Args)]
pub struct DataArgs {
    /// What to do with the data
    #[command(subcommand)]
    pub command: DataCommand,
}

// The verbs, in the order in which one uses them. The variants bear no doc
// comment: clap would print it in place of the longer one on the arguments.
#[expect(
    missing_docs,
    reason = "clap would print the comments instead of those on the arguments"
)]
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    List(ListArgs),
    Fetch(FetchArgs),
    Import(ImportArgs),
    Info(InfoArgs),
    Verify(VerifyArgs),
    Generate(GenerateArgs),
}

/// List the data sets that are here, and those that can be fetched
///
/// One line each: its name, whether its data are here, its size, licence and
/// title.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho data list
  tycho --data /scratch/tycho data list")]
pub struct ListArgs {}

/// Download a known data set, verify it and keep it
///
/// A download that breaks off goes on where it stopped, now or with the next
/// call. There is no published checksum to compare with: what came is verified
/// by reading every structure and computing every target again, and thrown away
/// if anything is wrong with it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho data fetch 2dmd
  tycho data fetch 2dmd --mirror https://mirror.example.org/tycho
  tycho data fetch 2dmd --mirror ~/Downloads --offline     # the archive is there already")]
pub struct FetchArgs {
    /// Name of the data set, as `tycho data list` shows it
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Where to get the archive instead: an address before its name, or a folder
    #[arg(long, value_name = "URL|DIR")]
    pub mirror: Option<String>,

    /// Never use the network: fail if the archive is not on this machine
    #[arg(long)]
    pub offline: bool,

    /// Fetch even if the data are here already
    #[arg(long)]
    pub again: bool,
}

/// Import a data set from a folder or an archive
///
/// PATH is the authors' layout of 2DMD (a folder, or the .zip or .tar.gz as
/// downloaded), or a folder of your own with a `dataset.toml` that says which
/// files hold the structures (CIF, POSCAR, extended XYZ, pymatgen JSON) and which
/// column of which table holds what is to be predicted. Nothing is kept if
/// anything in it cannot be read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho data import ~/Downloads/2d-materials-point-defects-all.zip
  tycho data import my-crystals/                      # has a dataset.toml:

    title = \"My crystals\"
    licence = \"CC-BY-4.0\"
    citation = \"unpublished\"
    structures = \"cif/*.cif\"      # or one .xyz, .json, .tar.gz
    table = \"targets.csv\"
    id = \"name\"                   # its column with the stem of the file
    [[target]]
    key = \"formation_energy\"
    column = \"e_form\"
    unit = \"eV\"
    report_unit = \"meV\"
    label = \"formation energy\"")]
pub struct ImportArgs {
    /// Folder, .zip or .tar.gz
    #[arg(value_name = "PATH")]
    pub path: PathBuf,

    /// What to call it; by default the name of its folder, or 2dmd
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// Show what a data set holds, and how to cite it
///
/// Subsets with their sizes, properties with their units and ranges, licence and
/// citation.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho data info 2dmd
  tycho data info 2dmd --bibtex >> paper.bib")]
pub struct InfoArgs {
    /// Name of the data set
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Print the citation as BibTeX and nothing else
    #[arg(long)]
    pub bibtex: bool,
}

/// Compute every target again and look at every structure
///
/// Formation energies from total energies and chemical potentials, energies per
/// site, gaps over spin channels, kinds of defect complex from the structures,
/// shortest distances, ids. Something that cannot be is an error (exit code 1);
/// something that one should know, as a label that disagrees with its structure,
/// is a warning.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho data verify            # all data sets that are here
  tycho data verify 2dmd")]
pub struct VerifyArgs {
    /// Name of the data set; by default all that are here
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// Make model data: structures with defects, solved by tight binding
///
/// Model data, not DFT: a Slater-Koster Hamiltonian of `MoS2` whose supercells
/// with defects are diagonalised one by one. The same seed gives the same
/// structures; a larger N continues the list of a smaller one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho data generate tb-mos2 -n 600 --seed 1 --out datasets/tb-mos2
  tycho data generate tb-mos2 -n 5000 --seed 7 --out big && tycho data import big")]
pub struct GenerateArgs {
    /// Which model; there is one, `tb-mos2`
    #[arg(value_name = "MODEL")]
    pub model: String,

    /// How many structures
    #[arg(short, long, value_name = "N", default_value_t = 600)]
    pub number: usize,

    /// Which structures: the same seed draws the same ones
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,

    /// Folder to make; it must be new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Runs one of the verbs, writing what it has to say to `out`.
///
/// # Errors
///
/// [`UserError`] for wrong input; see the verbs of [`dataset`].
pub fn run(args: DataArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    match args.command {
        DataCommand::List(_) => show::list(home, out),
        DataCommand::Fetch(args) => run_fetch(args, home, out),
        DataCommand::Import(args) => import(&args, home, out),
        DataCommand::Info(args) if args.bibtex => show::bibtex(&args.name, home, out),
        DataCommand::Info(args) => show::info(&args.name, home, out),
        DataCommand::Verify(args) => run_verify(args.name.as_deref(), home, out),
        DataCommand::Generate(args) => generate::run(&args, out),
    }
}

fn run_fetch(args: FetchArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let options = Options {
        mirror: args.mirror,
        offline: args.offline,
        again: args.again,
        patience: Patience::default(),
    };
    fetch::fetch(&registry::find(&args.name)?, home, &options, out)?;
    Ok(())
}

fn import(args: &ImportArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let imported = dataset::import(&args.path, args.name.as_deref(), home)?;
    let dataset = &imported.dataset;
    writeln!(
        out,
        "{}: {} structures imported into {}",
        dataset.name,
        dataset.samples.len(),
        home.cache(&dataset.name).display()
    )?;
    for note in &imported.notes {
        writeln!(out, "note: {note}")?;
    }
    writeln!(out, "licence: {}", dataset.about.licence)?;
    writeln!(out, "please cite: {}", dataset.about.citation)?;
    Ok(())
}

fn run_verify(name: Option<&str>, home: &Home, out: &mut dyn Write) -> Result<()> {
    let names = match name {
        Some(name) => vec![name.to_owned()],
        None => show::here(home)?,
    };
    if names.is_empty() {
        return Err(UserError::new(format!(
            "no data set in {}",
            home.root().display()
        )));
    }
    let (mut errors, mut warnings) = (0, 0);
    for name in names {
        let imported = dataset::load_imported(&name, home)?;
        show::heading(&imported.dataset, out)?;
        for verdict in verify::verify(&imported) {
            errors += verdict.errors();
            warnings += verdict.warnings();
            write!(out, "{}", verdict.print())?;
        }
    }
    writeln!(out, "{errors} errors, {warnings} warnings")?;
    if errors > 0 {
        anyhow::bail!("{errors} values or structures cannot be what they claim to be");
    }
    Ok(())
}

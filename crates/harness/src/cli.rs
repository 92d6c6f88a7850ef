//! The verbs of `tycho`, in the order in which one uses them.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::cmd::{
    compare, data, equation, explain, fit, law, merge, predict, report, rerun, run, shell, status,
    submit, train,
};
use crate::dataset::Home;

/// Compare equations with networks on crystal properties when data are few
///
/// Tycho fits symbolic regression, graph networks and classical models on the
/// same subsamples of a few hundred crystal structures, scores them on
/// structures that none of them has seen, and writes a report with intervals,
/// learning curves and the found equation.
#[derive(Debug, Parser)]
#[command(
    name = "tycho",
    version,
    after_help = "\
Examples:
  tycho run                                    # the embedded study, no data needed
  tycho data import 2d-materials-point-defects-all.zip
  tycho run reports/2dmd-low-mos2/study.toml   # a study on real data
  tycho status reports/2dmd-low-mos2
  tycho fit table.csv --target y               # formulas for any table"
)]
pub struct Cli {
    /// Folder of the data sets (else `TYCHO_DATA`, else the user's data folder)
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

// The variants bear no doc comment: clap would print it in place of the longer
// one on the arguments.
#[derive(Debug, Subcommand)]
enum Command {
    Data(data::DataArgs),
    Run(run::RunArgs),
    Status(status::StatusArgs),
    Report(report::ReportArgs),
    Submit(submit::SubmitArgs),
    Merge(merge::MergeArgs),
    Rerun(rerun::RerunArgs),
    Compare(compare::CompareArgs),
    Fit(fit::FitArgs),
    Equation(equation::EquationArgs),
    Law(law::LawArgs),
    Train(train::TrainArgs),
    Explain(explain::ExplainArgs),
    Predict(predict::PredictArgs),
    Completions(shell::CompletionsArgs),
    Man(shell::ManArgs),
}

impl Cli {
    /// Whether this call fits models.
    #[must_use]
    pub fn fits(&self) -> bool {
        match self.command {
            Command::Run(_) | Command::Rerun(_) | Command::Train(_) => true,
            Command::Data(_)
            | Command::Status(_)
            | Command::Report(_)
            | Command::Submit(_)
            | Command::Merge(_)
            | Command::Compare(_)
            | Command::Fit(_)
            | Command::Equation(_)
            | Command::Law(_)
            | Command::Explain(_)
            | Command::Predict(_)
            | Command::Completions(_)
            | Command::Man(_) => false,
        }
    }

    /// Does what was asked for; what is to be read goes to `out`.
    ///
    /// # Errors
    ///
    /// A [`crate::error::UserError`] if the user can put it right, any other
    /// error if not.
    pub fn execute(self, out: &mut dyn Write) -> Result<()> {
        match self.command {
            Command::Completions(arguments) => {
                shell::completions(&arguments, &mut Self::command(), out)
            }
            Command::Man(arguments) => shell::man(&arguments, Self::command(), out),
            command => command.execute(&Home::find(self.data.as_deref())?, out),
        }
    }
}

impl Command {
    fn execute(self, home: &Home, out: &mut dyn Write) -> Result<()> {
        match self {
            Command::Data(arguments) => data::run(arguments, home, out),
            Command::Run(arguments) => run::run(&arguments, home, out),
            Command::Status(arguments) => status::run(&arguments, home, out),
            Command::Report(arguments) => report::run(&arguments, home, out),
            Command::Submit(arguments) => submit::run(&arguments, home, out),
            Command::Merge(arguments) => merge::run(&arguments, home, out),
            Command::Rerun(arguments) => rerun::run(&arguments, home, out),
            Command::Compare(arguments) => compare::run(&arguments, out),
            Command::Fit(arguments) => fit::run(&arguments, out),
            Command::Equation(arguments) => equation::run(&arguments, out),
            Command::Law(arguments) => law::run(&arguments, home, out),
            Command::Train(arguments) => train::run(&arguments, home, out),
            Command::Explain(arguments) => explain::run(&arguments, home, out),
            Command::Predict(arguments) => predict::run(&arguments, out),
            Command::Completions(_) | Command::Man(_) => Ok(()),
        }
    }
}

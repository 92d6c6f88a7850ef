//! Finding the functions of a law, one after the other.
//!
//! Levels are searched in the order in which they come: what pairs can explain is not
//! left to triples. Several populations look for each function, apart and side by
//! side; the one that is worth most beyond its description is taken, until none is.
//!
//! Levels are searched twice: with normal noise, to which a large effect in a few
//! structures is a reason for a new function; then with Student's noise, to which what
//! is still far off is no reason to bend the rest. Those with subtle effects have to wait
//! for the second round.

use std::ops::ControlFlow;

use super::{
    Known, Law, Level, Parts, Rise, Term,
    data::Data,
    fit::{Block, Model},
    functions::{Proposers, STEPS, Search},
    gain::Worth,
    sharing::Sharing,
};
use crate::{
    Expr, Interval, Op, Proposer, Result,
    evaluate::Machine,
    settings::{Operators, Safety},
    terms::constants,
};

/// Nats beyond their description that new functions must be worth: thousands were
/// looked at.
const LEAST: f64 = 3.0;

/// Largest effect on an item, in standard deviations of the noise, of a coefficient that
/// is left out.
const NEGLIGIBLE: f64 = 1e-3;

/// Standard deviation to start from of shrunk coefficients that are there from the start, in
/// root mean squares of the target times the divisor.
const KNOWN: f64 = 0.1;

/// A coupling to start from where distances are zero, in root mean squares of the target.
const COUPLING: f64 = 0.3;

/// Rounds of the fit of shrinkage and noise.
const ROUNDS: usize = 60;

/// How a law is searched for.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LawSettings {
    /// Functions that are looked at for one term.
    pub evaluations: u64,
    /// Populations that look for it, side by side.
    pub populations: usize,
    /// Largest complexity of one function.
    pub max_complexity: usize,
    /// Most functions of one level.
    pub max_terms: usize,
    /// Degrees of freedom of Student's distribution, that of the noise; infinite for
    /// normal noise.
    pub degrees: f64,
    /// Largest value far out of a function of a level whose functions decay, beside its
    /// largest anywhere.
    pub far: f64,
    /// What a nat of description costs in nats of evidence: 1 for the shortest
    /// description of all, less for more functions.
    pub thrift: f64,
    /// Whether it is chosen for every function, by its evidence less its description, what
    /// the channels of a level share of it: all but a coefficient, all but a property of
    /// theirs, all, or nothing. Else each has a coefficient.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sharing: bool,
    /// What functions are made of. No wave or exponential may stand inside of another,
    /// and no power inside of one.
    pub operators: Operators,
    /// Where functions must have a value.
    pub safety: Safety,
}

impl Default for LawSettings {
    fn default() -> Self {
        Self {
            evaluations: 20_000,
            populations: 4,
            max_complexity: 25,
            max_terms: 8,
            degrees: 4.0,
            far: 0.05,
            thrift: 1.0,
            sharing: false,
            operators: Operators {
                used: vec![
                    Op::Add,
                    Op::Sub,
                    Op::Mul,
                    Op::Mul,
                    Op::Div,
                    Op::Exp,
                    Op::Cos,
                    Op::Sin,
                    Op::Inv,
                    Op::Square,
                    Op::Cube,
                ],
                ..Operators::default()
            },
            safety: Safety {
                margin: 0.02,
                ..Safety::default()
            },
        }
    }
}

/// What a term has brought.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Stage {
    /// Name of the level.
    pub level: String,
    /// The function as it was found.
    pub shape: String,
    /// Complexity of the law with it, all channels counted.
    pub complexity: usize,
    /// Nats of evidence beyond its description.
    pub gain: f64,
    /// Mean absolute error on what the law was fitted to, after this term.
    pub error: f64,
}

/// Finds a law by genetic programming: [`discover_with`] that.
///
/// # Errors
///
/// As there.
pub fn discover(
    parts: &Parts,
    target: &[f64],
    rise: Rise,
    settings: &LawSettings,
    seed: u64,
    watch: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<(Law, Vec<Stage>)> {
    let genetic = |asked| -> Box<dyn Proposer> { Box::new(settings.genetic(asked)) };
    discover_with(parts, target, rise, settings, &genetic, seed, watch)
}

/// Finds a law.
///
/// - `parts`: levels without columns and those of a given function have one term each,
///   from the start; divisors are
///   the number of sites, for a target that is a total divided by it, else ones.
/// - `target`: `(structures,)`, finite.
/// - `rise`: how the target follows from the members of a structure.
/// - `proposers`: where functions come from.
/// - `watch`: is asked before every term; a search that it breaks off returns what it
///   has.
///
/// Equal arguments give equal laws at any number of threads.
///
/// # Errors
///
/// [`crate::Error::NoRows`], and those of [`crate::Table::new`] for the columns.
pub fn discover_with(
    parts: &Parts,
    target: &[f64],
    rise: Rise,
    settings: &LawSettings,
    proposers: &Proposers<'_>,
    seed: u64,
    watch: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<(Law, Vec<Stage>)> {
    let levels = &parts.levels;
    let data = Data::new(parts, target, rise, settings.safety.margin)?;
    let mut model = Model::new(&data);
    let strength = (KNOWN * data.scale).powi(2);
    for (index, level) in levels.iter().enumerate() {
        if level.channels.is_empty() {
            continue;
        }
        if let Some(given) = &level.given {
            model.push((index, Sharing::Shape), given.clone(), strength)?;
        } else if level.columns.is_empty() {
            let one = Expr::new(vec![Op::Integer(1)])?;
            model.push((index, Sharing::Shape), one, strength)?;
        }
    }
    if rise != Rise::Sum {
        model.start();
    }
    refit(&mut model);
    let mut stages = vec![stage("sites", "1", 0.0, &model)];
    for degrees in [f64::INFINITY, settings.degrees] {
        model.degrees = degrees;
        refit(&mut model);
        model = readjusted(model, settings)?;
        for (index, level) in levels.iter().enumerate() {
            if degrees.is_infinite() && level.subtle {
                continue;
            }
            let grown = Growth {
                level: index,
                seed: seed ^ degrees.to_bits(),
                settings,
                proposers,
                stages: &mut stages,
            };
            model = grown.run(model, level, watch)?;
        }
    }
    Ok((law(&model, levels), stages))
}

/// Adds functions of one level as long as they are worth it.
struct Growth<'a> {
    level: usize,
    seed: u64,
    settings: &'a LawSettings,
    proposers: &'a Proposers<'a>,
    stages: &'a mut Vec<Stage>,
}

impl Growth<'_> {
    fn run<'m>(
        self,
        mut model: Model<'m>,
        level: &Level,
        watch: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Model<'m>> {
        if !level.is_searched() || level.items.is_empty() {
            return Ok(model);
        }
        model.guess(self.level);
        if model.data.couples[self.level] {
            model = coupled(model, self.level)?;
        }
        // a function may be dropped again: their number alone says nothing of an end
        for attempt in 0..self.settings.max_terms {
            let blocks = model.blocks.iter();
            let count = blocks.filter(|block| block.level == self.level).count();
            if count >= self.settings.max_terms || watch().is_break() {
                break;
            }
            let search = Search {
                worth: Worth::new(&model, self.level),
                model: &model,
                level: self.level,
                sharing: Sharing::Shape,
                settings: self.settings,
            };
            let seed = self.seed ^ ((self.level as u64) << 32) ^ ((attempt as u64) << 40);
            let Some(found) = search
                .run(self.proposers, seed)
                .filter(|found| found.worth > LEAST)
            else {
                break;
            };
            let names: Vec<&str> = level.columns.iter().map(|c| c.name.as_str()).collect();
            let text = found.expr.rounded(4).text(&names);
            let mut next = model.clone();
            for (code, strength) in found.terms.into_iter().zip(found.gain.strengths) {
                next.push((self.level, found.sharing), Expr::new(code)?, strength)?;
            }
            if next.fit(ROUNDS).is_none() {
                break;
            }
            model = readjusted(next, self.settings)?;
            self.stages
                .push(stage(&level.name, &text, found.worth, &model));
        }
        Ok(model)
    }
}

/// With a first function of a level of couplings, as where there is none, nothing is seen
/// of them; as it was where that fails.
fn coupled(model: Model<'_>, level: usize) -> Result<Model<'_>> {
    if model.blocks.iter().any(|block| block.level == level) {
        return Ok(model);
    }
    let start = COUPLING * model.data.scale;
    let decay = vec![Op::Const(-0.5), Op::Column(0), Op::Mul, Op::Exp];
    let mut next = model.clone();
    next.push((level, Sharing::Shape), Expr::new(decay)?, start * start)?;
    next.begin(next.blocks.len() - 1, -start);
    Ok(if next.fit(ROUNDS).is_some() {
        next
    } else {
        model
    })
}

/// Fits all that is not a shape; as it was where that fails.
fn refit(model: &mut Model) {
    let mut next = model.clone();
    if next.fit(ROUNDS).is_some() {
        *model = next;
    }
}

fn stage(level: &str, shape: &str, gain: f64, model: &Model) -> Stage {
    let sum: f64 = model.residual.iter().map(|r| r.abs()).sum();
    let term = |block: &Block| block.shape.complexity() + 4 * block.mean.len();
    Stage {
        complexity: model.blocks.iter().map(term).sum(),
        level: level.to_owned(),
        shape: shape.to_owned(),
        gain,
        error: sum / model.residual.len() as f64,
    }
}

/// Fits the constants of every function again, beside the others; drops a function
/// that is no longer worth its description.
///
/// A coupling is looked at with the others' derivatives where it is: without it, it may
/// have none.
fn readjusted<'a>(mut model: Model<'a>, settings: &LawSettings) -> Result<Model<'a>> {
    let mut k = 0;
    while k < model.blocks.len() {
        let Block { level, sharing, .. } = model.blocks[k];
        let shape = model.blocks[k].shape.clone();
        if constants(shape.code()).count() == 0 {
            k += 1;
            continue;
        }
        let mut rest = model.clone();
        rest.blocks.remove(k);
        let solved = if model.data.couples[level] {
            rest.relax()
        } else {
            rest.fit(1)
        };
        if solved.is_none() {
            break;
        }
        let search = Search {
            worth: Worth::new(&rest, level).shared(sharing),
            model: &rest,
            level,
            sharing,
            settings,
        };
        let machine = &mut Machine::default();
        let found = search.improved(vec![shape.code().to_vec()], machine, STEPS.1);
        let found = found.and_then(|found| search.found(found, machine));
        match found {
            Some(found) if found.worth > 0.0 => {
                rest.push((level, sharing), found.expr, found.gain.strengths[0])?;
                let block = rest.blocks.pop();
                rest.blocks.splice(k..k, block);
                k += 1;
            }
            _ => {}
        }
        if rest.fit(ROUNDS).is_none() {
            break;
        }
        model = rest;
    }
    Ok(model)
}

/// The values that a function may take.
fn range(block: &Block, level: &Level) -> Interval {
    held(block.extremes, level)
}

/// What was seen, widened; of both signs where the other may come.
fn held(seen: (f64, f64), level: &Level) -> Interval {
    let widened = widened(seen);
    if level.signed > 0 {
        widened.mirrored()
    } else {
        widened
    }
}

/// The values that the sum of the functions of each channel of a level may take: a
/// channel may be seen at one distance alone, and add nothing farther out.
fn bounds(model: &Model, index: usize, level: &Level) -> Vec<Interval> {
    if !level.is_searched() {
        return Vec::new();
    }
    let mut seen = vec![(0.0_f64, 0.0_f64); level.channels.len()];
    for (channel, effect) in model.effects(index) {
        let (low, high) = seen[channel];
        seen[channel] = (low.min(effect), high.max(effect));
    }
    let held = |seen: (f64, f64)| held(seen, level);
    seen.into_iter().map(held).collect()
}

/// The range and half its width on either side.
fn widened((low, high): (f64, f64)) -> Interval {
    let margin = 0.5 * (high - low);
    Interval {
        low: low - margin,
        high: high + margin,
    }
}

/// The coefficients of a term; zero where no item would miss it.
fn significant(block: &Block, noise: f64) -> Vec<f64> {
    let (low, high) = block.extremes;
    let largest = low.abs().max(high.abs());
    let missed = |a: &f64| a.abs() * largest > NEGLIGIBLE * noise;
    let kept = |a: &f64| if missed(a) { *a } else { 0.0 };
    block.mean.iter().map(kept).collect()
}

/// The law that a model stands for.
fn law(model: &Model, levels: &[Level]) -> Law {
    let terms = model.blocks.iter().map(|block| {
        let spread = |own: &[f64]| {
            let channels = levels[block.level].channels.len();
            block.sharing.spread(own, channels)
        };
        Term {
            level: block.level,
            shape: block.shape.clone(),
            range: range(block, &levels[block.level]),
            coefficients: spread(&significant(block, model.noise())),
            errors: spread(&block.deviation),
        }
    });
    let known = levels.iter().zip(&model.data.domains).enumerate();
    Law {
        levels: known
            .map(|(index, (level, domain))| Known {
                name: level.name.clone(),
                columns: level.columns.clone(),
                channels: level.channels.clone(),
                gather: level.gather,
                domain: domain.clone(),
                bounds: bounds(model, index, level),
            })
            .collect(),
        terms: terms.collect(),
        rise: model.data.rise,
        temperature: model.temperature,
        noise: model.noise(),
    }
}

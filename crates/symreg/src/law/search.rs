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

use std::{collections::HashMap, ops::ControlFlow};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{
    Known, Law, Level, Term,
    fit::{Block, Data, Model, extremes},
    gain::{Gain, Worth},
};
use crate::{
    Candidate, Expr, Interval, Op, Proposer, Result, Settings,
    evaluate::Machine,
    genetic::Genetic,
    least_squares::dot,
    mdl::structure,
    normal,
    settings::{Operators, Safety},
    terms::{Terms, constants, join, split},
    variation::Builder,
};

/// Looks at one skeleton, each with other constants, before it is passed over.
const LOOKS: u32 = 4;

/// Steps that fit the constants of any function, and of one that may be the best.
const STEPS: (usize, usize) = (3, 25);

/// Nats below the best within which a function may still become it.
const NEAR: f64 = 15.0;

/// Nats beyond their description that new functions must be worth: thousands were
/// looked at.
const LEAST: f64 = 3.0;

/// Most functions that are looked for together: some are worth nothing alone.
const TOGETHER: usize = 3;

/// Most coefficients of functions that are looked for together.
const COEFFICIENTS: usize = 45;

/// Rounds of the fit of shrinkage and noise.
const ROUNDS: usize = 60;

/// Nats per unit of complexity, typically, when functions compete.
const PARSIMONY: f64 = 1.0;

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

/// Finds a law.
///
/// - `levels`: in the order in which they are searched; those without columns have
///   one term each, from the start.
/// - `target`: `(structures,)`, finite.
/// - `divisors`: `(structures,)`, positive: the number of sites, for a target that is a
///   total divided by it; else ones.
/// - `watch`: is asked before every term; a search that it breaks off returns what it
///   has.
///
/// Equal arguments give equal laws at any number of threads.
///
/// # Errors
///
/// [`crate::Error::NoRows`], and those of [`crate::Table::new`] for the columns.
pub fn discover(
    levels: &[Level],
    target: &[f64],
    divisors: &[f64],
    settings: &LawSettings,
    seed: u64,
    watch: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<(Law, Vec<Stage>)> {
    let data = Data::new(levels, target, divisors, settings.safety.margin)?;
    let mut model = Model::new(&data);
    for (index, level) in levels.iter().enumerate() {
        if level.columns.is_empty() && !level.channels.is_empty() {
            model.push(index, Expr::new(vec![Op::Integer(1)])?, 1.0)?;
        }
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
    stages: &'a mut Vec<Stage>,
}

impl Growth<'_> {
    fn run<'m>(
        self,
        mut model: Model<'m>,
        level: &Level,
        watch: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Model<'m>> {
        if level.columns.is_empty() || level.items.is_empty() {
            return Ok(model);
        }
        model.guess(self.level);
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
                settings: self.settings,
            };
            let seed = self.seed ^ ((self.level as u64) << 32) ^ ((attempt as u64) << 40);
            let Some(found) = search.run(seed).filter(|found| found.worth > LEAST) else {
                break;
            };
            let names: Vec<&str> = level.columns.iter().map(|c| c.name.as_str()).collect();
            let text = found.expr.rounded(4).text(&names);
            let mut next = model.clone();
            for (code, strength) in found.terms.into_iter().zip(found.gain.strengths) {
                next.push(self.level, Expr::new(code)?, strength)?;
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

/// Fits all that is not a shape; as it was where that fails.
fn refit(model: &mut Model) {
    let mut next = model.clone();
    if next.fit(ROUNDS).is_some() {
        *model = next;
    }
}

fn stage(level: &str, shape: &str, gain: f64, model: &Model) -> Stage {
    let sum: f64 = model.residual.iter().map(|r| r.abs()).sum();
    let channels = &model.data.channels;
    let term = |block: &Block| block.shape.complexity() + 4 * channels[block.level];
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
fn readjusted<'a>(mut model: Model<'a>, settings: &LawSettings) -> Result<Model<'a>> {
    let mut k = 0;
    while k < model.blocks.len() {
        let (level, shape) = (model.blocks[k].level, model.blocks[k].shape.clone());
        if constants(shape.code()).count() == 0 {
            k += 1;
            continue;
        }
        let mut rest = model.clone();
        rest.blocks.remove(k);
        if rest.fit(1).is_none() {
            break;
        }
        let search = Search {
            worth: Worth::new(&rest, level),
            model: &rest,
            level,
            settings,
        };
        let machine = &mut Machine::default();
        let found = search.improved(vec![shape.code().to_vec()], machine, STEPS.1);
        let found = found.and_then(|found| search.found(found, machine));
        match found {
            Some(found) if found.worth > 0.0 => {
                rest.push(level, found.expr, found.gain.strengths[0])?;
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

/// The range and half its width on either side.
fn widened((low, high): (f64, f64)) -> Interval {
    let margin = 0.5 * (high - low);
    Interval {
        low: low - margin,
        high: high + margin,
    }
}

/// The law that a model stands for.
fn law(model: &Model, levels: &[Level]) -> Law {
    let mut first = 0;
    let terms = model.blocks.iter().map(|block| {
        let own = first..first + model.data.channels[block.level];
        first = own.end;
        Term {
            level: block.level,
            shape: block.shape.clone(),
            range: widened(block.extremes),
            coefficients: model.mean[own.clone()].to_vec(),
            errors: model.deviation[own].to_vec(),
        }
    });
    let terms = terms.collect();
    let known = levels.iter().zip(&model.data.domains);
    Law {
        levels: known
            .map(|(level, domain)| Known {
                name: level.name.clone(),
                columns: level.columns.clone(),
                channels: level.channels.clone(),
                domain: domain.clone(),
            })
            .collect(),
        terms,
        noise: model.noise(),
    }
}

/// Functions that were found.
struct Found {
    /// Their sum.
    expr: Expr,
    terms: Terms,
    gain: Gain,
    /// Nats beyond their description.
    worth: f64,
}

/// The search for one more function of a level, or a few.
struct Search<'a> {
    worth: Worth,
    model: &'a Model<'a>,
    level: usize,
    settings: &'a LawSettings,
}

impl Search<'_> {
    /// The best of all populations; the first of equals.
    fn run(&self, seed: u64) -> Option<Found> {
        let populations = 0..self.settings.populations as u64;
        let best: Vec<Option<Found>> = populations
            .into_par_iter()
            .map(|stream| self.population(seed, stream))
            .collect();
        let better = |a: Found, b: Found| if b.worth > a.worth { b } else { a };
        best.into_iter().flatten().reduce(better)
    }

    fn population(&self, seed: u64, stream: u64) -> Option<Found> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        let columns = self.model.data.uniques[self.level].table.columns().len();
        let mut settings = Settings::default();
        settings.search.max_complexity = self.settings.max_complexity;
        settings.search.parsimony = PARSIMONY / self.model.data.rows() as f64;
        settings.operators = self.settings.operators.clone();
        let columns = u32::try_from(columns).unwrap_or(u32::MAX);
        let builder = Builder::new(&self.settings.operators.used, columns);
        let mut genetic = Genetic::new(builder, &settings, suggestions(columns));
        let mut machine = Machine::default();
        let mut looks: HashMap<u64, u32> = HashMap::new();
        let mut best: Option<Found> = None;
        let share = self.settings.evaluations / self.settings.populations.max(1) as u64;
        for _ in 0..share {
            let expr = genetic.propose(&mut random);
            let least = best.as_ref().map_or(f64::NEG_INFINITY, |b| b.worth - NEAR);
            let found = self.attempt(&expr, &mut looks, &mut machine, least);
            let candidate = found.as_ref().map(|found| self.candidate(found));
            genetic.learn(candidate.as_ref(), &mut random);
            if let Some(found) = found
                && best.as_ref().is_none_or(|best| found.worth > best.worth)
            {
                best = Some(found);
            }
        }
        best
    }

    /// Most functions that are looked for together.
    fn together(&self) -> usize {
        let channels = self.model.data.channels[self.level].max(1);
        (COEFFICIENTS / channels).clamp(1, TOGETHER)
    }

    fn attempt(
        &self,
        expr: &Expr,
        looks: &mut HashMap<u64, u32>,
        machine: &mut Machine,
        least: f64,
    ) -> Option<Found> {
        let code = normal::shape(expr.code())?;
        let count = looks.entry(normal::skeleton(&code)).or_insert(0);
        *count += 1;
        let has_constants = constants(&code).next().is_some();
        if *count > if has_constants { LOOKS } else { 1 } {
            return None;
        }
        let terms = split(&code, self.together());
        if !terms.iter().all(|code| self.is_tame(code)) {
            return None;
        }
        let found = self.found(self.improved(terms, machine, STEPS.0)?, machine)?;
        if found.worth < least || !has_constants {
            return Some(found);
        }
        let better = self.improved(found.terms.clone(), machine, STEPS.1)?;
        let better = self.found(better, machine);
        let better = better.filter(|b| b.worth > found.worth);
        Some(better.unwrap_or(found))
    }

    fn candidate(&self, found: &Found) -> Candidate {
        Candidate {
            complexity: self.settings.operators.complexity(&found.expr),
            expr: found.expr.clone(),
            error: (-found.gain.nats / self.model.data.rows() as f64).exp(),
            fingerprint: found.gain.nats.to_bits(),
        }
    }

    fn is_tame(&self, code: &[Op]) -> bool {
        let domain = &self.model.data.domains[self.level];
        let periods = self.settings.safety.periods;
        is_readable(code) && domain.tame_bounds(code, periods).is_some()
    }

    /// Whether a function is between the items much as it is there.
    fn swings_little(&self, code: &[Op], values: &[f64]) -> bool {
        let domain = &self.model.data.domains[self.level];
        let safety = self.settings.safety;
        let bounds = domain.tame_bounds(code, safety.periods);
        let (low, high) = extremes(values);
        bounds.is_some_and(|b| b.high - b.low <= safety.swing * (high - low))
    }

    /// Whether a function is small far out, beside its largest value.
    fn decays(&self, values: &[f64]) -> bool {
        let far = &self.model.data.farthest[self.level];
        let largest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        let small = |item: &usize| values[*item].abs() <= self.settings.far * largest;
        far.iter().all(small)
    }

    /// What is known of functions, if they are short and tame.
    fn found(&self, (terms, gain): (Terms, Gain), machine: &mut Machine) -> Option<Found> {
        let values = self.values(&terms, machine).0;
        let mut each = values.chunks(values.len() / terms.len());
        if !each.all(|values| self.decays(values)) {
            return None;
        }
        let each = values.chunks(values.len() / terms.len());
        let tame = |(code, values): (&Vec<Op>, &[f64])| self.swings_little(code, values);
        if !terms.iter().zip(each).all(tame) {
            return None;
        }
        let expr = join(&terms, std::iter::repeat(1.0), 0.0)?;
        let short = self.settings.operators.complexity(&expr) <= self.settings.max_complexity;
        if !short {
            return None;
        }
        let rows = self.model.data.rows() as f64;
        let inner = constants(expr.code()).count() as f64 * (0.5 * rows.ln() + 2_f64.ln());
        let worth = gain.nats - self.settings.thrift * (structure(&expr) + inner);
        Some(Found {
            expr,
            terms,
            gain,
            worth,
        })
    }

    /// The functions with better constants, by at most so many steps of the method of
    /// Broyden, Fletcher, Goldfarb and Shanno at fixed strengths.
    fn improved(&self, terms: Terms, machine: &mut Machine, steps: usize) -> Option<(Terms, Gain)> {
        let first = self.worth.best(&self.values(&terms, machine).0)?;
        let start: Vec<f64> = terms.iter().flat_map(|code| constants(code)).collect();
        if start.is_empty() {
            return Some((terms, first));
        }
        let ascent = Ascent {
            search: self,
            strengths: first.strengths,
            units: start.iter().map(|c| c.abs().max(0.1)).collect(),
        };
        let terms = ascent.run(terms, machine, steps)?;
        let gain = self.worth.best(&self.values(&terms, machine).0)?;
        Some((terms, gain))
    }

    /// Values of functions at the items, `(functions, items)`, and derivatives by their
    /// constants, `(constants, items)`.
    fn values(&self, terms: &Terms, machine: &mut Machine) -> (Vec<f64>, Vec<f64>) {
        let table = &self.model.data.uniques[self.level].table;
        let rows = table.rows();
        let count: usize = terms.iter().map(|code| constants(code).count()).sum();
        let mut values = vec![0.0; rows * terms.len()];
        let mut jacobian = vec![0.0; rows * count];
        let mut rest = jacobian.as_mut_slice();
        for (code, out) in terms.iter().zip(values.chunks_mut(rows)) {
            let (own, after) = rest.split_at_mut(rows * constants(code).count());
            machine.derivatives(code, table, out, own);
            rest = after;
        }
        (values, jacobian)
    }
}

/// A walk of constants uphill, each in its own unit.
struct Ascent<'a> {
    search: &'a Search<'a>,
    strengths: Vec<f64>,
    units: Vec<f64>,
}

/// Worth and its slope in the constants, these in their units.
struct Point {
    nats: f64,
    slope: Vec<f64>,
}

impl Ascent<'_> {
    fn run(&self, mut terms: Terms, machine: &mut Machine, steps: usize) -> Option<Terms> {
        let size = self.units.len();
        let mut here = self.point(&terms, machine)?;
        let steepness = dot(&here.slope, &here.slope).sqrt();
        let mut inverse = vec![0.0; size * size];
        for k in 0..size {
            inverse[k * size + k] = 0.1 / steepness.max(0.1);
        }
        for _ in 0..steps {
            let rows = inverse.chunks(size);
            let direction: Vec<f64> = rows.map(|row| dot(row, &here.slope)).collect();
            let Some((next, there, length)) = self.along(&terms, &here, &direction, machine) else {
                break;
            };
            let moved: Vec<f64> = direction.iter().map(|d| d * length).collect();
            let both = here.slope.iter().zip(&there.slope);
            let turned: Vec<f64> = both.map(|(a, b)| a - b).collect();
            bend(&mut inverse, &moved, &turned);
            let gained = there.nats - here.nats;
            (terms, here) = (next, there);
            if gained < 1e-3 {
                break;
            }
        }
        Some(terms)
    }

    /// The first point along a direction that is better enough.
    fn along(
        &self,
        terms: &Terms,
        here: &Point,
        direction: &[f64],
        machine: &mut Machine,
    ) -> Option<(Terms, Point, f64)> {
        let rise = dot(direction, &here.slope);
        let mut length = if rise > 1e-4 { 1.0 } else { return None };
        for _ in 0..8 {
            let mut steps = direction.iter().zip(&self.units);
            let mut moved = terms.clone();
            for op in moved.iter_mut().flatten() {
                if let Op::Const(value) = op
                    && let Some((d, unit)) = steps.next()
                {
                    *value += d * unit * length;
                }
            }
            let finite = moved
                .iter()
                .flat_map(|code| constants(code))
                .all(f64::is_finite);
            if finite
                && let Some(there) = self.point(&moved, machine)
                && there.nats > here.nats + 1e-4 * rise * length
            {
                return Some((moved, there, length));
            }
            length *= 0.3;
        }
        None
    }

    fn point(&self, terms: &Terms, machine: &mut Machine) -> Option<Point> {
        let (values, jacobian) = self.search.values(terms, machine);
        let gain = self.search.worth.at(&values, &self.strengths)?;
        let by_value = self.search.worth.slope(&gain);
        let items = values.len() / terms.len();
        let mut derivatives = jacobian.chunks(items).zip(&self.units);
        let mut slope = Vec::with_capacity(self.units.len());
        for (code, by_value) in terms.iter().zip(by_value.chunks(items)) {
            for (d, unit) in derivatives.by_ref().take(constants(code).count()) {
                slope.push(dot(d, by_value) * unit);
            }
        }
        let finite = slope.iter().all(|s| s.is_finite());
        finite.then_some(Point {
            nats: gain.nats,
            slope,
        })
    }
}

/// Whether no wave or exponential stands inside of another, and no power inside of one.
fn is_readable(code: &[Op]) -> bool {
    let mut stack: Vec<(bool, bool)> = Vec::new();
    for op in code {
        let operands = stack.split_off(stack.len() - op.arity());
        let any = |of: fn(&(bool, bool)) -> bool| operands.iter().any(of);
        let (curved, power) = (any(|o| o.0), any(|o| o.1));
        let is_curved = matches!(
            op,
            Op::Exp | Op::Log | Op::Sin | Op::Cos | Op::Tanh | Op::Pow | Op::Sqrt | Op::Cbrt
        );
        let is_power = matches!(op, Op::Square | Op::Cube | Op::Powi(_));
        if (is_curved && curved) || (is_power && power) {
            return false;
        }
        stack.push((curved || is_curved, power || is_power));
    }
    true
}

/// The update of the inverse second derivatives.
///
/// - `moved`: the step, `turned`: how much the slope has fallen on it.
fn bend(inverse: &mut [f64], moved: &[f64], turned: &[f64]) {
    let size = moved.len();
    let curvature = dot(moved, turned);
    if curvature.is_nan() || curvature <= 1e-12 {
        return;
    }
    let rows = inverse.chunks(size);
    let product: Vec<f64> = rows.map(|row| dot(row, turned)).collect();
    let factor = 1.0 + dot(turned, &product) / curvature;
    for i in 0..size {
        for j in 0..size {
            let both = product[i] * moved[j] + moved[i] * product[j];
            inverse[i * size + j] += (factor * moved[i] * moved[j] - both) / curvature;
        }
    }
}

/// Functions that interactions often are: decay, alone and with a wave.
fn suggestions(columns: u32) -> Vec<Expr> {
    let mut all = Vec::new();
    for column in 0..columns {
        let x = Op::Column(column);
        let decay = [Op::Const(-0.5), x, Op::Mul, Op::Exp];
        let wave = |op: Op| [Op::Const(2.0), x, Op::Mul, op, Op::Mul];
        let codes = [
            vec![x, Op::Inv, Op::Cube],
            decay.to_vec(),
            [&decay[..], &wave(Op::Cos)].concat(),
            [&decay[..], &wave(Op::Sin)].concat(),
        ];
        all.extend(codes.into_iter().filter_map(|code| Expr::new(code).ok()));
    }
    all
}

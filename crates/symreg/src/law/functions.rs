//! The search for one more function of a level, or a few together.

use std::{collections::HashMap, ops::Range};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{
    LawSettings,
    ascent::Ascent,
    data::extremes,
    fit::Model,
    gain::{Gain, Worth},
    sharing::Sharing,
};
use crate::{
    Candidate, Expr, Op, Proposer, Settings,
    evaluate::Machine,
    genetic::Genetic,
    mdl::structure,
    normal,
    terms::{Terms, constants, join, split},
    variation::Builder,
};

/// Looks at one skeleton, each with other constants, before it is passed over.
const LOOKS: u32 = 4;

/// Steps that fit the constants of any function, and of one that may be the best.
pub(super) const STEPS: (usize, usize) = (3, 25);

/// Nats below the best within which a function may still become it.
const NEAR: f64 = 15.0;

/// Most functions that are looked for together: some are worth nothing alone.
const TOGETHER: usize = 3;

/// Most coefficients of functions that are looked for together.
const COEFFICIENTS: usize = 45;

/// Nats per unit of complexity, typically, when functions compete.
const PARSIMONY: f64 = 1.0;

/// What functions are asked of a [`Proposer`].
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Columns of the level.
    pub columns: u32,
    /// How many of them are distances, the first ones.
    pub distances: usize,
    /// Structures that the law is fitted to.
    pub rows: usize,
}

/// Makes a source of functions for each population that looks for one.
///
/// What it proposes may have any constants: they are fitted. What it learns is a candidate
/// whose error is `exp(-nats/rows)`, with the nats of evidence of the function.
pub type Proposers<'a> = dyn Fn(Asked) -> Box<dyn Proposer> + Sync + 'a;

impl LawSettings {
    /// The genetic programme, which begins with functions that interactions often are.
    #[must_use]
    pub fn genetic(&self, asked: Asked) -> Genetic {
        let mut settings = Settings::default();
        settings.search.max_complexity = self.max_complexity;
        settings.search.parsimony = PARSIMONY / asked.rows as f64;
        settings.operators = self.operators.clone();
        let builder = Builder::new(&self.operators.used, asked.columns);
        let suggested = suggestions(asked.distances, asked.columns);
        Genetic::new(builder, &settings, suggested)
    }
}

/// Functions that were found.
pub(super) struct Found {
    /// Their sum.
    pub(super) expr: Expr,
    pub(super) terms: Terms,
    pub(super) sharing: Sharing,
    pub(super) gain: Gain,
    /// Nats beyond their description.
    pub(super) worth: f64,
}

/// The search for one more function of a level, or a few.
pub(super) struct Search<'a> {
    pub(super) worth: Worth,
    pub(super) model: &'a Model<'a>,
    pub(super) level: usize,
    /// What the channels share of a function; the worth is that of such functions.
    pub(super) sharing: Sharing,
    pub(super) settings: &'a LawSettings,
}

impl Search<'_> {
    /// The best of all populations; the first of equals.
    pub(super) fn run(&self, proposers: &Proposers<'_>, seed: u64) -> Option<Found> {
        let populations = 0..self.settings.populations as u64;
        let best: Vec<Option<Found>> = populations
            .into_par_iter()
            .map(|stream| self.population(proposers, seed, stream))
            .collect();
        let better = |a: Found, b: Found| if b.worth > a.worth { b } else { a };
        best.into_iter().flatten().reduce(better)
    }

    fn population(&self, proposers: &Proposers<'_>, seed: u64, stream: u64) -> Option<Found> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        let mut proposer = proposers(Asked {
            columns: u32::try_from(self.properties().start).unwrap_or(u32::MAX),
            distances: self.model.data.distances[self.level],
            rows: self.model.data.rows(),
        });
        let mut machine = Machine::default();
        let mut looks: HashMap<u64, u32> = HashMap::new();
        let mut best: Option<Found> = None;
        // of functions with a coefficient a channel; others are looked at where one is better
        let mut plain = f64::NEG_INFINITY;
        let better = |best: &Option<Found>, found: &Found| {
            best.as_ref().is_none_or(|best| found.worth > best.worth)
        };
        let share = self.settings.evaluations / self.settings.populations.max(1) as u64;
        for _ in 0..share {
            let expr = proposer.propose(&mut random);
            let found = self.attempt(&expr, &mut looks, &mut machine, plain - NEAR);
            let candidate = found.as_ref().map(|found| self.candidate(found));
            proposer.learn(candidate.as_ref(), &mut random);
            let Some(found) = found.filter(|found| found.worth > plain) else {
                continue;
            };
            plain = found.worth;
            for found in self
                .otherwise(&found, &mut machine)
                .into_iter()
                .chain([found])
            {
                if better(&best, &found) {
                    best = Some(found);
                }
            }
        }
        best
    }

    /// The columns that are properties.
    fn properties(&self) -> Range<usize> {
        let columns = self.model.data.uniques[self.level].table.columns().len();
        columns - self.model.data.properties[self.level]..columns
    }

    /// The same functions with more and with less that is shared, if that may be chosen.
    fn otherwise(&self, found: &Found, machine: &mut Machine) -> Vec<Found> {
        if !self.settings.sharing {
            return Vec::new();
        }
        let times = |column: usize| -> Terms {
            let column = Op::Column(u32::try_from(column).unwrap_or(u32::MAX));
            let times = |code: &Vec<Op>| [&code[..], &[column, Op::Mul]].concat();
            found.terms.iter().map(times).collect()
        };
        let alone = self.worth.loudest(&self.values(&found.terms, machine).0);
        let properties = self.properties().map(times);
        let all = properties.chain([found.terms.clone()]);
        let all = all.map(|terms| (Sharing::Everything, terms));
        let alone = alone.map(|channel| (Sharing::Nothing(channel), found.terms.clone()));
        let worth = |(sharing, terms)| {
            let search = Search {
                worth: self.worth.shared(sharing),
                sharing,
                ..*self
            };
            let improved = search.improved(terms, machine, STEPS.1)?;
            search.found(improved, machine)
        };
        all.chain(alone).filter_map(worth).collect()
    }

    /// A function without the property that multiplies it: the choice says which.
    fn bare(&self, code: &[Op]) -> Vec<Op> {
        match code {
            [bare @ .., Op::Column(column), Op::Mul]
                if self.properties().contains(&(*column as usize)) =>
            {
                bare.to_vec()
            }
            _ => code.to_vec(),
        }
    }

    /// Nats that it takes to say what the channels share.
    fn choice(&self) -> f64 {
        if !self.settings.sharing {
            return 0.0;
        }
        let ways = (3 + self.properties().len()) as f64;
        let which = match self.sharing {
            Sharing::Shape | Sharing::Everything => 1.0,
            Sharing::Nothing(_) => self.model.data.channels[self.level] as f64,
        };
        ways.ln() + which.ln()
    }

    /// Most functions that are looked for together.
    fn together(&self) -> usize {
        if self.model.data.uniques[self.level].is_grouped() {
            // the extreme of a sum is no sum of extremes
            return 1;
        }
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
        let found = if self.model.data.uniques[self.level].is_one_sided() {
            let negative = |code: &Vec<Op>| [&code[..], &[Op::Neg]].concat();
            let both = [terms.iter().map(negative).collect(), terms];
            let both =
                both.map(|terms| self.found(self.improved(terms, machine, STEPS.0)?, machine));
            let better = |a: Found, b: Found| if b.worth > a.worth { b } else { a };
            both.into_iter().flatten().reduce(better)?
        } else {
            self.found(self.improved(terms, machine, STEPS.0)?, machine)?
        };
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
    pub(super) fn found(
        &self,
        (terms, gain): (Terms, Gain),
        machine: &mut Machine,
    ) -> Option<Found> {
        let values = self.at_items(&terms, machine).0;
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
        let bare: Terms = terms.iter().map(|code| self.bare(code)).collect();
        let bare = join(&bare, std::iter::repeat(1.0), 0.0)?;
        let description = structure(&bare) + inner + self.choice();
        let worth = gain.nats - self.settings.thrift * description;
        Some(Found {
            expr,
            terms,
            sharing: self.sharing,
            gain,
            worth,
        })
    }

    /// The functions with better constants, by at most so many steps of the method of
    /// Broyden, Fletcher, Goldfarb and Shanno at fixed strengths.
    pub(super) fn improved(
        &self,
        terms: Terms,
        machine: &mut Machine,
        steps: usize,
    ) -> Option<(Terms, Gain)> {
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

    /// Values of functions at the items, or of groups, `(functions, items)`, and derivatives by
    /// their constants, `(constants, items)`.
    pub(super) fn values(&self, terms: &Terms, machine: &mut Machine) -> (Vec<f64>, Vec<f64>) {
        let unique = &self.model.data.uniques[self.level];
        if !unique.is_grouped() {
            return self.at_items(terms, machine);
        }
        let (mut values, mut jacobian) = (Vec::new(), Vec::new());
        for code in terms {
            let one = vec![code.clone()];
            let (own, mut derivatives) = self.at_items(&one, machine);
            values.extend(unique.gathered(own, &mut derivatives));
            jacobian.extend(derivatives);
        }
        (values, jacobian)
    }

    /// The same at the items, whatever their groups.
    fn at_items(&self, terms: &Terms, machine: &mut Machine) -> (Vec<f64>, Vec<f64>) {
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

/// Functions that interactions often are: decay, alone and with a wave; and those of the
/// first distance times a column that is none.
///
/// - `distances`: how many of the columns are such, the first ones.
fn suggestions(distances: usize, columns: u32) -> Vec<Expr> {
    let mut all = Vec::new();
    for column in 0..columns {
        let x = Op::Column(column);
        let is_distance = (column as usize) < distances;
        let codes = decaying(if is_distance { x } else { Op::Column(0) });
        for mut code in codes {
            if !is_distance {
                code.extend([x, Op::Mul]);
            }
            all.extend(Expr::new(code).ok());
        }
    }
    all
}

/// Functions of a distance that vanish far out.
fn decaying(x: Op) -> [Vec<Op>; 4] {
    let decay = [Op::Const(-0.5), x, Op::Mul, Op::Exp];
    let wave = |op: Op| [Op::Const(2.0), x, Op::Mul, op, Op::Mul];
    [
        vec![x, Op::Inv, Op::Cube],
        decay.to_vec(),
        [&decay[..], &wave(Op::Cos)].concat(),
        [&decay[..], &wave(Op::Sin)].concat(),
    ]
}

//! The autoencoder as a proposer of formulas for a search that scores them in its own way.

use rand_chacha::ChaCha8Rng;
use symreg::{Candidate, Expr, Proposer};

use crate::{
    Error, Grammar, Result, Settings, Trainer,
    elite::{Graded, Pool, Ranking},
    network::normal,
    predicate::Compiled,
    source::Source,
};

/// Rounds of sampling without any formula after which a column is proposed.
const PATIENCE: usize = 20;

/// Standard deviation of the constants that a formula is proposed with.
const SPREAD: f64 = 2.0;

/// An autoencoder that proposes formulas and learns from the best of them.
///
/// What [`Search`](crate::Search) does in epochs is done here in rounds: so many formulas
/// are sampled, decoded near others and bred; once all are scored, the network learns from
/// the queue of the best, by the error of the candidates and the settings' `parsimony`.
/// Constants are drawn at random: fitting them is the search's.
///
/// # Examples
///
/// ```
/// use std::ops::ControlFlow;
/// use rand::SeedableRng;
/// use segvae::{Generator, Settings, pretrain};
/// use symreg::Proposer;
///
/// let mut settings = Settings::better();
/// settings.model.hidden_dim = 16;
/// settings.training.train_size = 500;
/// settings.training.n_pretrain_steps = 1;
/// let trainer = pretrain(&settings, 1, &mut |_, _, _| ControlFlow::Continue(()))?;
/// let mut generator = Generator::new(settings, trainer, 100)?;
/// let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
/// let formula = generator.propose(&mut random);
/// generator.learn(None, &mut random);
/// assert!(formula.columns() <= 1);
/// # Ok::<(), segvae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Generator {
    settings: Settings,
    grammar: Grammar,
    predicate: Compiled,
    trainer: Trainer,
    ranking: Ranking,
    pool: Pool,
    /// To be proposed.
    waiting: Vec<Vec<u8>>,
    /// Scored since the network learnt last.
    graded: Vec<Graded>,
    /// Proposed last.
    asked: Vec<u8>,
}

impl Generator {
    /// - `trainer`: a network for the grammar of the settings, as from
    ///   [`crate::pretrain`].
    /// - `rows`: `n`, where complexity has a cost beside `n ln error`.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`], also for what needs the data or the scores of a whole search:
    /// `polynomials`, `polished`, `walks` and `simplification`; [`Error::Vocabulary`],
    /// [`Error::Word`]; [`Error::Weights`] for a network of another shape.
    pub fn new(settings: Settings, trainer: Trainer, rows: usize) -> Result<Self> {
        settings.check()?;
        let extras = &settings.extras;
        for (name, value) in [
            ("polynomials", extras.polynomials),
            ("polished", extras.polished),
            ("walks", extras.walks),
            (
                "simplification",
                usize::from(settings.search.simplification),
            ),
        ] {
            if value > 0 {
                return Err(Error::Setting {
                    name,
                    expected: "0 for a proposer",
                    value: value as f64,
                });
            }
        }
        let grammar = Grammar::new(settings.words.clone())?;
        trainer.check(&settings, &grammar)?;
        Ok(Self {
            predicate: settings.compile(&grammar)?,
            ranking: Ranking {
                cost: settings.extras.parsimony,
                rows,
            },
            settings,
            grammar,
            trainer,
            pool: Pool::new(),
            waiting: Vec::new(),
            graded: Vec::new(),
            asked: Vec::new(),
        })
    }

    /// Learns from what was scored, and writes new formulas.
    fn round(&mut self, random: &mut ChaCha8Rng) {
        self.pool
            .take(std::mem::take(&mut self.graded), &self.settings.search);
        let pool = self.pool.formulas();
        let before = self.trainer.clone();
        let mut source = Source {
            trainer: &mut self.trainer,
            grammar: &self.grammar,
            settings: &self.settings,
            told: &[],
        };
        if source.learn(&pool, random).is_err() {
            // it ran away: it goes on with what it knew
            *source.trainer = before;
        }
        let mut formulas = source.sample(&pool, random);
        formulas.sort_unstable();
        formulas.dedup();
        let (grammar, predicate) = (&self.grammar, &self.predicate);
        formulas.retain(|tokens| grammar.is_formula(tokens) && predicate.holds(grammar, tokens));
        self.waiting = formulas;
    }
}

impl Proposer for Generator {
    fn propose(&mut self, random: &mut ChaCha8Rng) -> Expr {
        for _ in 0..PATIENCE {
            while let Some(tokens) = self.waiting.pop() {
                let constants = self.grammar.constants(&tokens);
                let constants: Vec<f64> = (0..constants).map(|_| SPREAD * normal(random)).collect();
                if let Ok(expr) = self.grammar.expr(&tokens, &constants) {
                    self.asked = tokens;
                    return expr;
                }
            }
            self.round(random);
        }
        self.asked.clear();
        Expr::column(0)
    }

    fn learn(&mut self, outcome: Option<&Candidate>, _random: &mut ChaCha8Rng) {
        let tokens = std::mem::take(&mut self.asked);
        if let Some(candidate) = outcome
            && !tokens.is_empty()
        {
            let squared = candidate.error * candidate.error;
            let rank = self.ranking.rank(squared, self.grammar.complexity(&tokens));
            self.graded.push((tokens, rank));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use rand::SeedableRng;
    use symreg::{Column, Table, search_with};

    use super::*;

    fn small() -> Settings {
        let mut settings = Settings::better();
        settings.model.hidden_dim = 32;
        settings.training.train_size = 2000;
        settings.training.val_size = 100;
        settings.training.n_pretrain_steps = 3;
        settings.training.learning_rate = 4e-3;
        settings.search.n_formulas_to_sample = 200;
        settings.search.max_len = 11;
        settings.extras.bred = 50;
        settings.extras.neighbours = 50;
        settings
    }

    fn generator() -> Generator {
        let settings = small();
        let trainer = pretrain(&settings);
        Generator::new(settings, trainer, 30).unwrap()
    }

    fn pretrain(settings: &Settings) -> Trainer {
        crate::pretrain(settings, 1, &mut |_, _, _| ControlFlow::Continue(())).unwrap()
    }

    #[test]
    fn networks_and_settings_that_it_cannot_use_are_refused() {
        let mut settings = small();
        let trainer = Trainer::new(&Grammar::new(settings.words.clone()).unwrap(), &settings, 1);
        let refused = |settings: &Settings| {
            let new = Generator::new(settings.clone(), trainer.clone(), 30);
            new.map(|_| ()).unwrap_err()
        };
        settings.model.hidden_dim = 33;
        assert!(matches!(refused(&settings), Error::Weights { .. }));
        let changes: [fn(&mut Settings); 4] = [
            |settings| settings.extras.polynomials = 2,
            |settings| settings.extras.polished = 2,
            |settings| settings.extras.walks = 2,
            |settings| settings.search.simplification = true,
        ];
        for change in changes {
            settings = small();
            settings.search.strategy = crate::settings::Strategy::Queue;
            change(&mut settings);
            assert!(matches!(refused(&settings), Error::Setting { .. }));
        }
    }

    /// The mean of the target has an error of half of one.
    #[test]
    fn symreg_searches_among_what_it_proposes() {
        let x: Vec<f64> = (0..30).map(|i| 0.5 + 0.1 * f64::from(i)).collect();
        let y: Vec<f64> = x.iter().map(|x| (-1.3 * x).exp() + 0.2 * x * x).collect();
        let table = Table::new(vec![(Column::new("x", ""), x)]).unwrap();
        let mut settings = symreg::Settings::default();
        settings.search.evaluations = 3_000;
        let mut go_on = |_: &symreg::Progress| ControlFlow::Continue(());
        let mut proposer = generator();
        let front = search_with(&mut proposer, &table, &y, &settings, 1, &mut go_on).unwrap();
        assert!(front.best().error < 0.02, "{:?}", front.best());
    }

    /// The formulas that it heard were good come more often.
    #[test]
    fn it_learns_what_is_asked_for() {
        let mut generator = generator();
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut shares = Vec::new();
        for _ in 0..4 {
            let mut waves = 0;
            for _ in 0..500 {
                let expr = generator.propose(&mut random);
                let is_wave = expr.code().contains(&symreg::Op::Cos);
                waves += usize::from(is_wave);
                let candidate = Candidate {
                    complexity: expr.complexity(),
                    error: if is_wave { 0.1 } else { 1.0 },
                    fingerprint: 0,
                    expr,
                };
                generator.learn(Some(&candidate), &mut random);
            }
            shares.push(waves);
        }
        assert!(shares[3] > 2 * shares[0], "{shares:?}");
    }
}

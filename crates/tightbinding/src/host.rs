//! The perfect supercell, and what a defect complex in it costs.

use crystal::{Site, Structure, Vec3};

use crate::{Complex, Configuration, Electronic, Model, PointDefect, Result, Symmetry};

/// A point defect in a structure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedDefect {
    /// What is wrong.
    pub kind: PointDefect,
    /// With which site of the perfect supercell.
    pub site: usize,
    /// Where that is, in units of the vectors of the supercell.
    pub fractional: Vec3,
}

/// A structure and what the model says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// Unique within one supercell, as `V3-000-041-077`.
    pub id: String,
    /// Which complex it holds.
    pub complex: Complex,
    /// Its defects, in the order of [`Complex::defects`].
    pub defects: Vec<PlacedDefect>,
    /// The atoms that are there.
    pub structure: Structure,
    /// Total energy, eV.
    pub energy: f64,
    /// Highest occupied level, eV.
    pub homo: f64,
    /// Lowest unoccupied level, eV.
    pub lumo: f64,
    /// Their difference, eV.
    pub gap: f64,
    /// The lowest level of all, eV.
    pub lowest: f64,
    /// `E_f = E_D − E_pristine + Σ n_i μ_i (removed) − Σ m_i μ_i (added)`, eV.
    pub formation_energy: f64,
    /// `E_f` over the number of defects, eV.
    pub formation_energy_per_site: f64,
}

/// The perfect supercell that defects are put into.
///
/// # Examples
///
/// ```
/// use tightbinding::{Configuration, Host, Model};
///
/// let host = Host::new(Model::mos2(), [3, 3])?;
/// let vacancy = Configuration { complex: "X1".parse()?, sites: vec![9] };
/// let generated = host.evaluate(&vacancy)?;
/// assert_eq!(generated.structure.formula(), "S17 Mo9");
/// assert!((2.0..4.0).contains(&generated.formation_energy)); // eV
/// # Ok::<(), tightbinding::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    model: Model,
    repeats: [usize; 2],
    symmetry: Symmetry,
    structure: Structure,
    electronic: Electronic,
}

impl Host {
    /// A supercell without defects, and its energy.
    ///
    /// # Errors
    ///
    /// [`EmptySupercell`](crate::Error::EmptySupercell), and those of [`Model::energy`].
    pub fn new(model: Model, repeats: [usize; 2]) -> Result<Self> {
        let symmetry = Symmetry::new(repeats)?;
        let structure = model.unit_cell().supercell([repeats[0], repeats[1], 1]);
        let electronic = model.energy(&structure)?;
        Ok(Self {
            model,
            repeats,
            symmetry,
            structure,
            electronic,
        })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Cells along the two vectors in the plane.
    #[must_use]
    pub fn repeats(&self) -> [usize; 2] {
        self.repeats
    }

    /// Its symmetries.
    #[must_use]
    pub fn symmetry(&self) -> &Symmetry {
        &self.symmetry
    }

    /// The perfect supercell.
    #[must_use]
    pub fn structure(&self) -> &Structure {
        &self.structure
    }

    /// Levels and energies of the perfect supercell.
    #[must_use]
    pub fn electronic(&self) -> &Electronic {
        &self.electronic
    }

    /// Structure and energies of one configuration: one diagonalisation.
    ///
    /// A caller with many configurations and several cores may call this from
    /// all of them.
    ///
    /// # Errors
    ///
    /// [`WrongSites`](crate::Error::WrongSites), and those of [`Model::energy`].
    ///
    /// # Panics
    ///
    /// Never: the model knows every element that a defect can bring.
    pub fn evaluate(&self, configuration: &Configuration) -> Result<Generated> {
        self.symmetry.check(configuration)?;
        let structure = self.with_defects(configuration)?;
        let electronic = self.model.energy(&structure)?;
        let energy = electronic.total_energy();
        let formation_energy = energy - self.electronic.total_energy()
            + self.exchanged(configuration.complex.defects());
        let defects = placed(configuration, &self.structure);
        Ok(Generated {
            id: configuration.id(),
            complex: configuration.complex,
            formation_energy_per_site: formation_energy / defects.len() as f64,
            defects,
            structure,
            energy,
            homo: electronic.homo(),
            lumo: electronic.lumo(),
            gap: electronic.gap(),
            lowest: electronic.lowest(),
            formation_energy,
        })
    }

    /// The supercell with the defects put in.
    fn with_defects(&self, configuration: &Configuration) -> Result<Structure> {
        let defects = configuration.complex.defects();
        let changed = |site: usize| {
            let position = configuration.sites.iter().position(|&other| other == site);
            position.map(|position| defects[position].after())
        };
        let keep = |(index, site): (usize, &Site)| match changed(index) {
            None => Some(*site),
            Some(after) => after.map(|element| Site { element, ..*site }),
        };
        let sites = self.structure.sites().iter().enumerate();
        let structure =
            Structure::new(*self.structure.lattice(), sites.filter_map(keep).collect())?;
        Ok(structure.with_periodic(self.structure.periodic()))
    }

    /// `Σ n_i μ_i (removed) − Σ m_i μ_i (added)`, eV.
    fn exchanged(&self, defects: &[PointDefect]) -> f64 {
        let potential = |element| {
            self.model
                .chemical_potential(element)
                .expect("the model knows every element of a defect")
        };
        defects
            .iter()
            .map(|defect| potential(defect.before()) - defect.after().map_or(0.0, potential))
            .sum()
    }
}

fn placed(configuration: &Configuration, host: &Structure) -> Vec<PlacedDefect> {
    let kinds = configuration.complex.defects().iter();
    kinds
        .zip(&configuration.sites)
        .map(|(&kind, &site)| PlacedDefect {
            kind,
            site,
            fractional: host.sites()[site].fractional,
        })
        .collect()
}

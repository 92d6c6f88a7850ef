//! The powder diffraction pattern, for X-rays of copper Kα.
//!
//! `xrd_0` to `xrd_127`, in 1/degree: the pattern at 2θ = 0°, 1°, … 127°, as a
//! density that integrates to one. Lines (reflections of equal 2θ together) have
//! the intensity
//!
//! I = Σ |F|² (1 + cos² 2θ) / (sin² θ cos θ),
//!
//! with scattering factors of neutral atoms at rest. They are scaled to 100 for
//! the strongest and cut to whole numbers, so that a line below 1 % does not
//! count; the density is that of a sample in which each angle comes so many
//! times, by Gaussians of 0.05 standard deviations of the sample.
//!
//! The cell is repeated along all three vectors, be it periodic along them or
//! not: the pattern of a layer is that of a stack of layers with its vacuum.
//!
//! # Source
//!
//! The intensity is in De Graef & `McHenry`, *Structure of Materials* (2012),
//! ch. 12; width, bins and whole percents are those of matminer's
//! `XRDPowderPattern`, whose scattering factors are of another fit. A pattern of
//! one line, which has no deviation, is 0.1° wide here.

use std::f64::consts::PI;

use super::super::column;
use super::reflections::Reflections;
use crate::{Column, Result, Structure};

/// The largest 2θ, degrees.
const MOST: u8 = 127;

/// Width of a line in standard deviations of the pattern.
const WIDTH: f64 = 0.05;

/// No line is narrower, degrees.
const NARROWEST: f64 = 0.1;

pub(super) fn columns() -> Vec<Column> {
    let name = |angle| column(format!("xrd_{angle}"), "1/degree");
    (0..=MOST).map(name).collect()
}

/// The reflections of the lattice that was seen last: supercells of one data set
/// share theirs.
#[derive(Default)]
pub(super) struct Known(Option<Reflections>);

pub(super) fn describe(structure: &Structure, known: &mut Known) -> Result<Vec<f64>> {
    let lattice = structure.lattice();
    let reflections = known.0.take().filter(|known| known.are_of(lattice));
    let mut reflections = reflections.unwrap_or_else(|| Reflections::of(lattice, f64::from(MOST)));
    let intensities = reflections.intensities(structure)?;
    let strongest = intensities.iter().copied().fold(0.0, f64::max);
    let lines = reflections.lines.iter().zip(&intensities);
    let counts: Vec<(f64, f64)> = lines
        // a whole number is not to be lost by rounding
        .map(|(line, intensity)| (line.angle, (100.0 * intensity / strongest + 1e-6).floor()))
        .filter(|(_, count)| *count > 0.0)
        .collect();
    known.0 = Some(reflections);
    Ok(smeared(&counts))
}

/// The density of a sample of angles, each with how often it comes.
fn smeared(counts: &[(f64, f64)]) -> Vec<f64> {
    let total: f64 = counts.iter().map(|(_, count)| count).sum();
    let mean = counts.iter().map(|(x, count)| x * count).sum::<f64>() / total;
    let squares = counts.iter().map(|(x, count)| count * (x - mean).powi(2));
    let width = WIDTH * (squares.sum::<f64>() / (total - 1.0)).sqrt();
    let width = width.max(NARROWEST);
    let norm = 1.0 / (total * width * (2.0 * PI).sqrt());
    let at = |angle: u8| {
        let gaussians = counts.iter().map(|(x, count)| {
            let z = (f64::from(angle) - x) / width;
            count * (-0.5 * z * z).exp()
        });
        norm * gaussians.fold(0.0, |sum, part| sum + part)
    };
    (0..=MOST).map(at).collect()
}

//! Crystallographic information files (CIF 1.1).
//!
//! [`read`] takes the first data block that has atoms and returns *every* site
//! of the cell: the listed symmetry operations are applied and images that
//! coincide are merged. It refuses rather than guesses: a space group whose
//! operations are not listed, a partly occupied site, a label that can mean two
//! elements, two atoms in one place.
//!
//! # What is kept
//!
//! - Lengths and angles of the cell, elements and fractional coordinates; `a`
//!   then lies along x and `b` in the xy plane.
//! - Sites of a P 1 file stay as they are, in order, inside the cell or not.
//!   Sites made by symmetry are in the cell, those of one row together.
//! - Charges, uncertainties and displacement parameters are dropped.
//!
//! A CIF cannot say that a structure is not periodic, nor how its cell lies in
//! space; [`crate::xyz`] can.
//!
//! # Where to start
//!
//! `lexer` turns text into words without copying, `block` collects what a
//! structure needs, `symmetry` multiplies sites, `species` reads element names.

mod block;
mod lexer;
mod species;
mod symmetry;
mod write;

pub use write::write;

use crate::text::{ended, syntax};
use crate::{Result, Structure};
use block::Block;
use lexer::{Lexer, Token};

/// Reads the first structure of a CIF.
///
/// # Errors
///
/// All carry the line, as [`crate::Error::At`] or themselves:
/// [`crate::Error::Syntax`], [`crate::Error::Missing`],
/// [`crate::Error::LoopValues`] where the text is not CIF or lacks something;
/// [`crate::Error::UnknownElement`], [`crate::Error::PartialOccupancy`],
/// [`crate::Error::NoOperations`], [`crate::Error::SitesTooClose`] (closer than
/// 0.5 Å) and those of [`crate::Lattice::from_parameters`] where the structure
/// cannot be.
///
/// # Examples
///
/// ```
/// let text = "
/// data_CsCl
/// _cell_length_a 4.123(1)
/// _cell_length_b 4.123(1)
/// _cell_length_c 4.123(1)
/// _cell_angle_alpha 90
/// _cell_angle_beta  90
/// _cell_angle_gamma 90
/// loop_
/// _atom_site_label
/// _atom_site_fract_x
/// _atom_site_fract_y
/// _atom_site_fract_z
/// Cs1 0 0 0
/// Cl1 0.5 0.5 0.5
/// ";
/// let structure = crystal::cif::read(text)?;
/// assert_eq!(structure.formula(), "Cl1 Cs1");
/// # Ok::<(), crystal::Error>(())
/// ```
pub fn read(text: &str) -> Result<Structure> {
    let mut lexer = Lexer::new(text);
    let mut block: Option<Block<'_>> = None;
    while let Some(token) = lexer.next()? {
        let line = lexer.line();
        match (token, &mut block) {
            (Token::Data(_), Some(block)) if block.has_atoms() => break,
            (Token::Data(_), _) => block = Some(Block::default()),
            (_, None) => return Err(syntax(line, "a `data_` header", token.text())),
            (Token::Loop, Some(block)) => block.read_loop(&mut lexer)?,
            (Token::Tag(tag), Some(block)) => {
                let value = lexer.next_value()?;
                let value = value.ok_or_else(|| syntax(line, "a value after the tag", tag))?;
                block.set(lexer.line(), tag, value)?;
            }
            (_, Some(_)) => return Err(syntax(line, "a tag or `loop_`", token.text())),
        }
    }
    match block {
        Some(block) => block.into_structure(lexer.line()),
        None => Err(ended(lexer.line(), "a `data_` header")),
    }
}

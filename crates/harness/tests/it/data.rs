//! Data sets from files.

mod real;

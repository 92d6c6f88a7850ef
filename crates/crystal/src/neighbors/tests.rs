//! Neighbours by hand and by definition.

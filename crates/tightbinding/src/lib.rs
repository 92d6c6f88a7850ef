//! tightbinding

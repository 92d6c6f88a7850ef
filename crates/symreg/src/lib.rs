//! symreg

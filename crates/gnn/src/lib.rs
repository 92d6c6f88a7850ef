//! gnn

//! Data sets from files, archives, servers and the command line.

mod broken;
mod cache;
mod command;
mod fetch;
mod generic;
mod hostile;
mod layout;
mod real;
mod server;
mod synthetic;

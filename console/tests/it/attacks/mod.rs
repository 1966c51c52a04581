//! Attacks on the whole program, each with its number: what is promised is what is seen from
//! outside. The table in README.md names them.

mod accounts;
mod documents;
mod outbound;
mod requests;
mod system;

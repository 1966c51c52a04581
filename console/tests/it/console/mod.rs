//! The console from outside, without a browser: who gets where.

mod access;
mod areas;
mod visitor;
